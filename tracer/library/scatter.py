"""Stores through arrays of indices."""

from __future__ import annotations

from typing import Any

from ir.types import Array
from tracer.typeof import typeof


def scatter(target: Any, lengths: Any, places: Any, sources: Any, item: Any, index: Any = ()) -> None:
    """`target[...] = item` at each point of an index space, in C order.

    `places` has for each axis of the target the number of the space's axis that runs over it, or -1 where `sources` has
    an index array of the space's shape, or an index. `item` is a number or an array of the space's shape.
    `index` are the indices on the first axes of the space, which are being run over.
    """
    if len(index) < len(lengths):
        for i in range(lengths[len(index)]):
            scatter(target, lengths, places, sources, item, (*index, i))
    else:
        target[_position(places, sources, index)] = _item(item, index)


def _position(places: Any, sources: Any, index: Any) -> Any:
    if len(places) == 0:
        return ()
    here = index[places[0]] if places[0] >= 0 else _item(sources[0], index)
    return (here, *_position(places[1:], sources[1:], index))


def _item(source: Any, index: Any) -> Any:
    return source[index] if isinstance(typeof(source), Array) else source
