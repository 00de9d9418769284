"""Graphs become machine code: `compile_graph(graph, options)` gives an `Executable`."""

from __future__ import annotations

from typing import Any

from codegen.options import Options
from ir.on_demand import OnDemand

__all__ = ["Executable", "Options", "compile_graph"]

_compile = OnDemand("codegen.compile")


def __getattr__(name: str) -> Any:
    """The lowerings are loaded when the first graph is compiled, not by every import of what names their options."""
    if name not in ("Executable", "compile_graph"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_compile, name)
