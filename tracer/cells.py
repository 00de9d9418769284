"""Variables that live in cells: functions that the interpreter makes see them change.

A segment has copies of the variables that it reads. That does for the functions that it makes, too, unless a variable changes that
they see (tracer.captures). Such a variable is *shared*: each call makes a cell for it, as Python does, and in the functions of the segments it
is a free variable with this cell. Where compiled code alone assigns it, that code keeps the value, with its type, and writes it to the cell
as well. Where inner functions assign it, it is in its cell only. What is left of a function gets the cells as arguments.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Sequence
from types import CellType, FunctionType
from typing import Any

from ir import types
from ir.graph import Constant, Value
from ir.ops import python
from tracer import errors
from tracer.frames import ObjectNeeded
from tracer.interpreted import Reason, Segment, c_function
from tracer.python_code import all_names, fresh_name
from tracer.scope import FunctionNode, function_scope, walk
from tracer.source import function_source
from tracer.unbound import NOT_BOUND, perhaps_unbound_in, unbound_error
from tracer.values import UNBOUND, Maybe

_NOTHING: frozenset[Any] = frozenset()
_EMPTY = CellType()
OUTSIDE = Reason("the function assigns this variable from outside", "return the value, or keep it in an array")
_READ = Reason("an inner function assigns this variable", "return the value, or keep it in an array")
_WRITTEN = Reason("an inner function sees this variable change", "give the inner function its own: `lambda x, {name}={name}: ...`")


class Sharing:
    """Which variables of a function, and of all that continues it, are shared.

    `assigned_inside` are those that inner functions assign; `perhaps_unbound` has for each place where the function itself reads a
    shared variable that may be unbound there the name, the line and the column.
    """

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        self.names = self.assigned_inside = _NOTHING
        self.perhaps_unbound: frozenset[tuple[str, int, int]] = _NOTHING

    @functools.cached_property
    def node(self) -> FunctionNode:
        """The definition of the function. SourceNotFound where it has none."""
        return function_source(self.function).node

    @functools.cached_property
    def taken(self) -> set[str]:
        """Every name in it."""
        return all_names(self.node)

    def add(self, names: set[str]) -> None:
        """From now on, these variables are shared."""
        self.names |= names
        self.assigned_inside = self.names & function_scope(self.node).rebound_inside
        self.perhaps_unbound = perhaps_unbound_in(self.node, self.names)

    def cell_parameter(self, name: str) -> str:
        """The parameter for the cell of a variable, in what is left of the function."""
        return fresh_name(self.taken, f"{name}_cell")

    def value_parameter(self, name: str) -> str:
        """The parameter for its value, where compiled code keeps that."""
        return fresh_name(self.taken, f"{name}_value")

    def with_cells(self, function: FunctionType, arguments: Sequence[Any]) -> FunctionType:
        """The function with the cells among its arguments as its closure: what the interpreter is to run."""
        code = function.__code__
        given = dict(zip(code.co_varnames, arguments))
        cells = zip(code.co_freevars, function.__closure__ or ())
        closure = tuple(given.get(self.cell_parameter(name), cell) if name in self.names else cell for name, cell in cells)
        return FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)

    def needs_cells(self, function: FunctionType) -> bool:
        """Whether the function is what is left of one, with cells among its parameters."""
        code = function.__code__
        return any(self.cell_parameter(name) in code.co_varnames[: code.co_argcount] for name in self.names)


class Closing:
    """Makes the function of a segment in each call, with the call's own cells."""

    def __init__(self, function: FunctionType, constants: Sequence[Any]) -> None:
        self.cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        self.constants = [Constant(types.object_, value=value) for value in constants]
        made = functools.partial(FunctionType, function.__code__, function.__globals__, function.__name__, None)
        self.make = c_function(made, "its function", function.__code__.co_firstlineno)

    def call(self, t: Any, segment: Segment, values: Sequence[Value], cells: Cells) -> Value:
        """The result of the segment, whose target calls what it is given."""
        closure = tuple(cells.cell(t, name) if name in cells.names else cell for name, cell in self.cells.items())
        function = t.emit(python.interpret, t.lift(closure), function=self.make)
        return t.emit(python.interpret, function, *self.constants, *values, function=segment)


class Cells:
    """The shared variables of one function while it is traced. `names` are those that occur in it. In a loop that may be quiet
    (tracer.quiet_loops), `kept` are those whose values were read before it, `deferred` those that are written to their cells behind it.
    `outside` are globals, and variables of enclosing functions, that the function assigns."""

    def __init__(self, segments: Any, sharing: Sharing | None) -> None:
        self.segments, self.sharing = segments, sharing
        self.names = self.assigned_inside = self.outside = _NOTHING
        self.kept = self.deferred = _NOTHING

    def share(self, t: Any, names: set[str]) -> None:
        """Start the trace again with these variables in cells."""
        if self.sharing is None:
            raise t.fail(errors.CaptureChanges, min(names))
        self.sharing.add(names)
        raise ObjectNeeded

    def take(self, t: Any) -> None:
        """The parameters are bound: make the cells, or take those that were passed."""
        frame = t.frame
        self.kept = self.deferred = _NOTHING
        self.names = self.sharing.names & all_names(frame.node)
        self.assigned_inside = self.names & self.sharing.assigned_inside
        self.outside = (frame.scope.globals | frame.scope.nonlocals) - self.names
        if self.names:
            frame.scope = frame.scope.shared(self.names - self.assigned_inside, self.assigned_inside)
        for name in sorted(self.names):
            self._take(t, name)

    def _take(self, t: Any, name: str) -> None:
        variables = t.frame.variables
        cell = variables.pop(self.sharing.cell_parameter(name), None)
        value = variables.pop(self.sharing.value_parameter(name), UNBOUND)
        if cell is None:
            value = variables.pop(name, UNBOUND)
            given = [] if value is UNBOUND else [self._object(t, value)]
            cell = t.emit(python.interpret, *given, function=c_function(CellType, f"cell of {name}", t.node.lineno))
        elif value is UNBOUND and name not in self.assigned_inside:
            value = self._perhaps(t, name, cell)
        variables = t.frame.variables  # others, where paths have met
        variables[_hidden(name)] = cell
        if name not in self.assigned_inside and value is not UNBOUND:
            variables[name] = value

    def _perhaps(self, t: Any, name: str, cell: Value) -> Maybe:
        """What compiled code keeps of a variable that may be unbound where it takes over."""
        bound = t.negate(self._is_empty(t, cell))
        nothing = Constant(types.object_, value=NOT_BOUND)
        return Maybe(t.conditional(bound, lambda: self._contents(t, name, cell), lambda: nothing), bound)

    def cell(self, t: Any, name: str) -> Value:
        """The cell of a variable."""
        return t.frames[0].variables[_hidden(name)]

    def read(self, t: Any, name: str) -> Value:
        """The contents of a cell, after a check that raises UnboundLocalError where there may be none."""
        if name in self.kept:
            return t.frame.variables[name]
        cell, node = self.cell(t, name), t.node
        certain = isinstance(node, ast.Name) and node.id == name and _place(node) not in self.sharing.perhaps_unbound
        if not certain:
            t.raise_if(self._is_empty(t, cell), *unbound_error(name, True))
        return self._contents(t, name, cell)

    def _contents(self, t: Any, name: str, cell: Value) -> Value:
        segment = Segment(_CONTENTS, name, t.node.lineno, *_READ, False)
        segment.is_quiet = True
        return t.emit(python.interpret, cell, function=segment)

    def _is_empty(self, t: Any, cell: Value) -> Value:
        """Cells are compared by their contents, and an empty one is equal to nothing but an empty one."""
        same = c_function(operator.eq, "is it empty", t.node.lineno)
        return t.emit(python.object_truth, t.emit(python.interpret, cell, Constant(types.object_, value=_EMPTY), function=same))

    def write(self, t: Any, name: str, binding: Any) -> None:
        """Write a value that is assigned to the cell."""
        if name in self.outside:
            self._write_outside(t, name, self._object(t, binding))
            return
        is_quiet = name in self.deferred
        told = ("", "") if is_quiet else (_WRITTEN.message, _WRITTEN.hint.format(name=name))
        segment = Segment(_DESCRIPTOR.__set__, f"{name} = ...", t.node.lineno, *told, False)
        segment.runtime, segment.is_quiet = "rt.set_cell", is_quiet
        t.emit(python.interpret, self.cell(t, name), self._object(t, binding), function=segment)

    def _write_outside(self, t: Any, name: str, value: Value) -> None:
        function = self.segments.function
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        target, place = (_DESCRIPTOR.__set__, (cells[name],)) if name in cells else (dict.__setitem__, (function.__globals__, name))
        segment = Segment(target, f"{name} = ...", t.node.lineno, *OUTSIDE, False)
        t.emit(python.interpret, *(Constant(types.object_, value=part) for part in place), value, function=segment)

    def keep(self, t: Any, kept: frozenset[str], deferred: frozenset[str]) -> None:
        """A loop begins that may be quiet."""
        for name in sorted(kept):
            t.frame.variables[name] = self._contents(t, name, self.cell(t, name))
        self.kept, self.deferred = kept, deferred

    def keep_no_longer(self, t: Any) -> None:
        """It is behind."""
        for name in self.kept:
            t.frame.variables.pop(name, None)
        self.kept = self.deferred = _NOTHING

    def flush(self, t: Any) -> None:
        """Control leaves such a loop: write to the cells what was not written yet."""
        for name in sorted(self.deferred):
            binding = t.frames[0].variables.get(name, UNBOUND)
            if isinstance(binding, Maybe):
                t.conditional(binding.bound, functools.partial(self.write, t, name, binding.value), lambda: None)
            elif binding is not UNBOUND:
                self.write(t, name, binding)

    def empty(self, t: Any, name: str) -> None:
        """Empty the cell, as `del` does."""
        t.emit(python.interpret, self.cell(t, name), function=c_function(_DESCRIPTOR.__delete__, f"del {name}", t.node.lineno))

    def _object(self, t: Any, binding: Any) -> Value:
        made = self.segments.as_object(t, binding)
        return made if isinstance(made, Value) else Constant(types.object_, value=made)

    def perhaps_unbound(self, node: ast.AST) -> str | None:
        """A shared variable that a piece of source reads where it may be unbound. In a function made of the piece it would be a variable from
        outside of that, and Python has another exception for those."""
        for inner in walk(node) if self.names else ():
            if isinstance(inner, ast.Name) and _place(inner) in self.sharing.perhaps_unbound:
                return inner.id
        return None


_CONTENTS = operator.attrgetter("cell_contents")
_DESCRIPTOR: Any = vars(CellType)["cell_contents"]


def _place(node: ast.Name) -> tuple[str, int, int]:
    return node.id, node.lineno, node.col_offset


def _hidden(name: str) -> str:
    """Where the trace keeps the cell of a variable."""
    return f"$cell.{name}"
