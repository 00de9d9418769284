"""Graphs become machine code: `compile_graph(graph, options)` gives an `Executable`."""

from codegen.compile import Executable, compile_graph, forward
from codegen.options import Options

__all__ = ["Executable", "Options", "compile_graph", "forward"]
