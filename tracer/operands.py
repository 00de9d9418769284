"""What a piece of source takes when the interpreter does it: values and constants as parameters, shared variables as cells."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable
from typing import Any

from ir import types
from ir.graph import Constant, Value
from ir.on_demand import OnDemand
from tracer import errors
from tracer.python_code import names_read
from tracer.unbound import NOT_BOUND, UNBOUND_NAME, forgetting, local, perhaps_unbound
from tracer.values import UNBOUND, Maybe

callees = OnDemand("tracer.callees")
captures = OnDemand("tracer.captures")


class Operands:
    """The run-time values and constants that a piece of source takes as parameters."""

    def __init__(self, segments: Any, t: Any) -> None:
        self.segments, self.t = segments, t
        self.names: list[str] = []
        self.values: list[Value] = []
        self.constant_names: list[str] = []
        self.constants: list[Any] = []
        self.calls_compiled = self.calls_outer = False
        self.perhaps: list[str] = []  # the names that may be unbound
        self.missing: list[str] = []  # those that certainly are

    def prologue(self) -> list[ast.stmt]:
        """What a function of the operands begins with, so that variables are bound in it as they are where it stands."""
        if self.perhaps:
            self.constant(UNBOUND_NAME, NOT_BOUND)
        return [*local(self.missing), *forgetting(self.perhaps)]

    def constant(self, name: str, value: Any) -> None:
        self.constant_names.append(name)
        self.constants.append(value)

    def parameter(self, binding: Any) -> ast.expr:
        """A name for the binding, which becomes a parameter."""
        name = f"$v{len(self.values) + len(self.constants)}"
        self._bind(name, binding)
        return ast.Name(name, ast.Load())

    def _bind(self, name: str, binding: Any) -> None:
        binding = self.segments.as_object(self.t, binding)
        if isinstance(binding, Value):
            self.names.append(name)
            self.values.append(binding)
        else:
            self.constant(name, binding)

    def read(self, names: Iterable[str], optional: bool = False) -> None:
        """Make parameters of the local variables among the names, under their own names."""
        frame = self.t.frame
        for name in names:
            if name in frame.scope.locals and name not in self.segments.cells.names:
                binding = frame.variables.get(name, UNBOUND)
                if binding is UNBOUND and optional:
                    self.missing.append(name)
                    continue
                if isinstance(binding, Maybe) and optional:
                    self.perhaps.append(name)
                    self._bind(name, perhaps_unbound(self.t, binding))
                    continue
                self._bind(name, self.t.read(name))

    def replaced_whole(self, node: ast.expr) -> ast.expr:
        """The expression as it is, on the variables that it reads."""
        self.read(sorted(names_read([ast.copy_location(ast.Expr(node), node)])), optional=True)
        self.check_captures(node)
        return node

    def check_captures(self, node: ast.AST) -> None:
        """Share the variables that functions which are made here see change."""
        cells = self.segments.cells
        changing = captures.changing_captures(self.segments.source.node, node, self.t.frame.scope.locals) - cells.names
        if changing:
            cells.share(self.t, changing)
        name = cells.perhaps_unbound(node)
        if name is not None:
            raise self.t.fail(errors.PerhapsUnbound, name)

    def replaced(self, node: Any) -> Any:
        """The node with its operands evaluated, and parameters in their places."""
        made = copy.copy(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(made, field, [self.operand(item) for item in value])
            elif isinstance(value, ast.AST):
                setattr(made, field, self.operand(value, is_callee=field == "func"))
        return made

    def given(self, part: ast.expr) -> Value | None:
        """The value that a part of the source, as `operand` makes it, has; None for one that has to be evaluated."""
        if isinstance(part, ast.Constant):
            return Constant(types.object_, value=part.value)
        known = dict(zip(self.names, self.values)) | {n: Constant(types.object_, value=v) for n, v in zip(self.constant_names, self.constants)}
        return known.get(part.id) if isinstance(part, ast.Name) and part.id.startswith("$v") else None

    def operand(self, node: ast.AST, is_callee: bool = False) -> ast.AST:
        """The node as it is, where it is looked up when it runs, or a parameter for what it gives."""
        if isinstance(node, (ast.Slice, ast.Starred, ast.keyword)) or (isinstance(node, ast.Tuple) and _has_slice(node)):
            return self.replaced(node)
        if not isinstance(node, ast.expr) or isinstance(node, ast.Constant):
            return node
        if self._is_outer(node):
            self.calls_outer = self.calls_outer or (is_callee and not callees.is_native(self.t, node))
            compiled = self.segments.compiled_callee(self.t, node) if is_callee else None
            if compiled is None:
                return node
            self.calls_compiled = True
            return ast.copy_location(self.parameter(compiled), node)
        if is_callee and isinstance(node, ast.Attribute):
            return self.replaced(node)  # a method is looked up where it is called
        return ast.copy_location(self.parameter(self.t.evaluate(node)), node)

    def _is_outer(self, node: ast.expr) -> bool:
        """Whether an expression is a global, a cell or a builtin, or an attribute of one: looked up when it runs."""
        while isinstance(node, ast.Attribute):
            node = node.value
        t = self.t
        if not isinstance(node, ast.Name) or t.frame.owner(node.id) is not None:
            return False
        return t.object_mode is None or not t.object_mode.assigns_outside(t.frame, node.id)  # what changes is looked up in its turn


def _has_slice(node: ast.Tuple) -> bool:
    return any(isinstance(element, (ast.Slice, ast.Starred)) for element in node.elts)
