"""Names for the values, blocks and graphs of a dump: short, unique and the same on every run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ir.graph import Block, Constant, Graph, Value

RESERVED = frozenset({"true", "false", "none", "nan", "inf", "nanj", "infj"})  # these words are literals
_PRINTABLE = re.compile(r"[^\W\d][\w.]*")
_SUFFIX = re.compile(r"(\.\d+)+$")


class NamePool:
    """Hands out names, each only once: `s`, `s.1`, `s.2`."""

    __slots__ = ("_taken",)

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = dict.fromkeys(reserved, 1)

    def unique(self, name: str) -> str:
        """`name`, with a number behind it when it was given out before."""
        count = self._taken.get(name, 0)
        self._taken[name] = count + 1
        return f"{name}.{count}" if count else name


def base_name(name: str) -> str:
    """The name without the number that made it unique."""
    return _SUFFIX.sub("", name)


def value_names(graph: Graph) -> dict[Value, str]:
    """A name for each block parameter and op result: the variable it was bound to, else `%N` counted in order."""
    pool = NamePool(RESERVED)
    names: dict[Value, str] = {}
    unnamed = 0

    def add(value: Value) -> None:
        nonlocal unnamed
        if value.name and _PRINTABLE.fullmatch(value.name):
            names[value] = pool.unique(base_name(value.name))
        else:
            names[value] = f"%{unnamed}"
            unnamed += 1

    for block in graph.blocks:
        for param in block.params:
            add(param)
        for op in block.ops:
            if op.result is not None and not isinstance(op.result, Constant):
                add(op.result)
    return names


def block_names(graph: Graph) -> dict[Block, str]:
    """The label of each block with its position in the graph: `loop1`, `body2`."""
    return {block: f"{block.label.rstrip('0123456789')}{i}" for i, block in enumerate(graph.blocks)}


def graph_names(graphs: Iterable[Graph]) -> dict[Graph, str]:
    """The name of each graph, numbered where several share it."""
    pool = NamePool()
    return {graph: pool.unique(base_name(graph.name)) for graph in graphs}
