"""Strategies of Hypothesis for arrays: any shape and memory of a given type, so that one compiled form meets many of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as extra

from array_harness import sample

LAYOUTS = ("C", "F", "A", "A", "readonly", "unaligned")
"""What the type of an array tells: its order, or that it is any view (twice as likely), read-only, or not aligned."""


class Signature(NamedTuple):
    """What decides which code is compiled: all else about an array is drawn."""

    dtype: str
    ndim: int
    layout: str


def shapes(ndim: int, longest: int = 4) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of so many axes; one axis may be long, so that blocks of a loop and what is left over both occur."""
    most = 70 if ndim == 1 else longest
    return st.tuples(*[st.integers(0, most)] * ndim)


@st.composite
def arrays(draw: st.DrawFn, signature: Signature, shape: tuple[int, ...] | None = None, longest: int = 4) -> np.ndarray:
    """An array of this signature."""
    dtype, ndim, layout = signature
    shape = draw(shapes(ndim, longest)) if shape is None else shape
    items = plain_numbers(np.array(sample(dtype, shape, draw(st.integers(0, 99)))))
    if layout == "F":
        return np.asfortranarray(items) if ndim else items
    made = draw(views(items)) if layout == "A" else items
    if layout == "unaligned":
        made = np.ndarray(shape, dtype, np.zeros(items.nbytes + 1, np.uint8), 1)
        made[...] = items
    if layout == "readonly":
        made.flags.writeable = False
    return made


def plain_numbers(items: np.ndarray) -> np.ndarray:
    """Without infinities, which no two orders of rounding treat alike; NaN and both zeros stay."""
    if items.dtype.kind == "f":
        items[np.isinf(items)] = 2
    elif items.dtype.kind == "c":
        plain_numbers(items.real), plain_numbers(items.imag)
    return items


@st.composite
def views(draw: st.DrawFn, items: np.ndarray) -> np.ndarray:
    """The same items with gaps, backwards, with other orders of axes, or one row for all."""
    order = draw(st.permutations(range(items.ndim)))
    steps = draw(st.tuples(*[st.sampled_from((1, 2, -1, -3))] * items.ndim))
    wide = np.zeros([max(1, items.shape[axis]) * abs(steps[axis]) for axis in order], items.dtype)
    back = wide.transpose(np.argsort(order)) if items.ndim else wide
    made = back[(..., *(slice(None, None, step) for step in steps))]
    made = made[(..., *(slice(0, length) for length in items.shape))]
    made[...] = items
    if items.ndim and items.shape[0] and draw(st.integers(0, 5)) == 0:
        return np.broadcast_to(made[0], items.shape)
    return made


def stretched(dimensions: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Shapes of so many axes each, which broadcast together, or mostly do."""
    fitting = extra.mutually_broadcastable_shapes(num_shapes=len(dimensions), min_dims=max(dimensions), max_dims=max(dimensions), min_side=0, max_side=4)
    trimmed = fitting.map(lambda found: tuple(s[len(s) - n :] for s, n in zip(found.input_shapes, dimensions)))
    return st.one_of(trimmed, trimmed, trimmed, st.tuples(*map(shapes, dimensions)))
