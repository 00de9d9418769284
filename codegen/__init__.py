"""Graphs become machine code: `compile_graph(graph, options)` gives an `Executable`."""

from __future__ import annotations

import importlib
from typing import Any

from codegen.options import Options

__all__ = ["Executable", "Options", "compile_graph"]


def __getattr__(name: str) -> Any:
    """The lowerings are loaded when the first graph is compiled, not by every import of what names their options."""
    if name not in ("Executable", "compile_graph"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("codegen.compile"), name)
