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


@implements(np.generic.copy, np.generic.squeeze)
def itself(x: Any) -> Any:
    """The number."""
    return x
