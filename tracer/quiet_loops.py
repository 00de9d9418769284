"""Loops in which nothing of Python's runs: shared variables stay out of their cells (tracer.cells) there, since nobody else looks.

What inner functions assign is read once, before such a loop, and gets its type there as objects do (tracer.resuming). What compiled code assigns
is written to the cell on all ways out of the loop. Whether a loop is quiet shows when it has been traced as one: if it is not, it is traced again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from ir.graph import Graph, Op
from ir.opdef import Effect
from ir.ops import control, python
from tracer.checkpoints import Checkpoint, checkpoint, restore
from tracer.continuations import jumps_of
from tracer.python_code import names_read
from tracer.scope import stored_names, walk
from tracer.values import UNBOUND, is_object

_LOUD = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Try, ast.With, ast.AsyncWith, ast.AsyncFor, ast.Await, ast.Yield,
    ast.YieldFrom, ast.Import, ast.ImportFrom, ast.Global, ast.Delete, ast.Match, ast.Dict, ast.Set, ast.DictComp, ast.SetComp, ast.JoinedStr,
)  # fmt: skip
_HARMLESS = (control.raise_, python.unbox)  # cells are written before the one, and the other stands before the loop


class QuietLoops:
    """Traces the loops of a function in object mode that may be quiet. `loud` are those that turned out not to be."""

    def __init__(self, mode: Any) -> None:
        self.mode, self.cells = mode, mode.cells
        self.loud: set[ast.stmt] = set()

    def trace(self, t: Any, node: ast.For | ast.While, handler: Callable[[Any, Any], None]) -> bool:
        """Trace a loop as a quiet one; False where it is none, or where there is nothing to be had from that."""
        cells = self.cells
        if not cells.names or cells.kept or cells.deferred or node in self.loud or not self.mode.applies(t):
            return False
        kept, deferred = cells.assigned_inside & names_read([node]), (cells.names - cells.assigned_inside) & stored_names([node])
        if not (kept or deferred) or not self._may_be_quiet(t, node, bool(deferred)):
            return False
        before, loops, failed = checkpoint(t), len(self.mode.loops), dict(self.mode.segments.failed)
        t.at(node)
        cells.keep(t, kept, deferred)
        try:
            self.mode.execute(t, node, handler)
            quiet = not any(_is_loud(op, bool(deferred)) for op in _since(t.graph, before))
            if quiet and t.alive:
                t.at(node)
                cells.flush(t)
        finally:
            cells.keep_no_longer(t)
        if not quiet:
            self.loud.add(node)
            restore(t, before)
            del self.mode.loops[loops:]
            self.mode.segments.failed = failed
        return quiet

    def _may_be_quiet(self, t: Any, node: ast.For | ast.While, writes: bool) -> bool:
        """Whether the form of a loop leaves the possibility."""
        if writes and any(jumps_of(node.orelse)):  # they leave the loop around it
            return False
        if not self.cells.assigned_inside.isdisjoint(stored_names([node])) or self.cells.perhaps_unbound(node):
            return False
        return not any(isinstance(inner, _LOUD) or _calls_object(t, inner) for inner in walk(node))


def _calls_object(t: Any, node: ast.AST) -> bool:
    """Whether a node calls a variable of the function, or a method of one that is an object."""
    if not isinstance(node, ast.Call):
        return False
    is_method = isinstance(node.func, ast.Attribute)
    root = node.func.value if is_method else node.func
    if not isinstance(root, ast.Name) or t.frame.owner(root.id) is None:
        return isinstance(root, ast.Name) and t.object_mode.assigns_outside(t.frame, root.id)
    return not is_method or is_object(t.frame.variables.get(root.id, UNBOUND))


def _since(graph: Graph, before: Checkpoint) -> Iterable[Op]:
    """The ops that were traced since."""
    yield from before.state.block.ops[before.ops :]
    for block in graph.blocks[before.blocks :]:
        yield from block.ops


def _is_loud(op: Op, writes: bool) -> bool:
    """Whether an op runs Python code that may look into cells; where compiled code has not written to them yet, whether it raises, too."""
    if op.opdef is python.interpret and getattr(op.attributes["function"], "is_quiet", False):
        return False
    if writes and op.opdef not in _HARMLESS and op.effects & (Effect.RAISES | Effect.ALLOCATES):
        return True
    if op.opdef is control.call:
        graphs = [op.attributes["callee"], *op.attributes["callee"].callees()]
        return any(each.opdef is not control.call and each.effects & Effect.PYTHON for graph in graphs for each in graph.ops())
    return bool(op.effects & Effect.PYTHON)
