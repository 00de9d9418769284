"""Methods that NumPy's numbers share with arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.extending import implements
from tracer.library.array_attributes import as_python


@implements(np.generic.item, np.generic.tolist)
def item(x: Any) -> Any:
    """The number as one of Python's."""
    return as_python(x)


@implements(np.generic.ravel, np.generic.flatten)
def ravel(x: Any, order: Any = "C") -> Any:
    """An array of the number."""
    return np.asarray(x).ravel(order)


@implements(np.generic.reshape)
def reshape(x: Any, *shape: Any, order: Any = "C") -> Any:
    """An array of the number, whose axes have the length 1."""
    return np.asarray(x).reshape(*shape, order=order)


@implements(np.generic.repeat)
def repeat(x: Any, repeats: Any, axis: Any = None) -> Any:
    """An array of the number several times."""
    return np.repeat(np.asarray(x), repeats, axis)


@implements(np.generic.byteswap)
def byteswap(x: Any, inplace: Any = False) -> Any:
    """The number with its bytes in the other order."""
    return np.asarray(x).byteswap()[()]


@implements(np.generic.conj)
def conjugate(x: Any) -> Any:
    """The complex conjugate."""
    return np.conjugate(x)


@implements(np.generic.copy, np.generic.squeeze, np.generic.transpose)
def itself(x: Any) -> Any:
    """The number."""
    return x
