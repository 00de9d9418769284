"""Functions for loops in compiled code, which are ordinary functions outside of it."""

from __future__ import annotations


def prange(*args: int) -> range:
    """`range`, for loops whose rounds are independent. They run one after another in this version."""
    return range(*args)


def static_range(*args: int) -> tuple[int, ...]:
    """A range known while tracing: a loop over it is unrolled."""
    return tuple(range(*args))


def literal_unroll(items: tuple) -> tuple:
    """The tuple itself: loops over tuples are unrolled anyway."""
    return items
