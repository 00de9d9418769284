"""Ops that run the interpreter, and the values that only it understands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ir.errors import IRError
from ir.opdef import Custom, Effect, OpDef, expect, register, same_types
from ir.types import Object, Tuple, Type, boolean, object_

LONGEST_UNPACKED = 4  # tuples for which the runtime has functions that take them apart: `rt.unpack1`, `rt.item0` and on


class PythonCode:
    """What an op calls that has more to it than a callable: `target` is called. `has_frame` says that it runs as Python
    code of the user's own line, so that tracebacks need no other entry for the op; `calls_compiled` that it calls a
    function in its compiled form, where Python itself would call the function. Where `target` does nothing but call a
    method of the first operand with the others, `method` is its name: one that is written in C needs no frame. `runtime` is the
    name of a function of the runtime that does what `target` does, in less time."""

    __slots__ = ("target", "has_frame", "calls_compiled", "method", "runtime")

    def __init__(self, target: Any, has_frame: bool, calls_compiled: bool = False, method: str = "", runtime: str = "") -> None:
        self.target, self.has_frame, self.calls_compiled = target, has_frame, calls_compiled
        self.method, self.runtime = method, runtime

    def __call__(self, *operands: Any) -> Any:
        return self.target(*operands)


_EVERYTHING = Effect.READS | Effect.WRITES | Effect.RAISES | Effect.PYTHON


def _no_result(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    return None


def _call(attributes: dict[str, Any], *operands: Any) -> None:
    attributes["function"](*operands)


python_call = register(
    OpDef(
        "python_call",
        "call the Python object `function` with the operands boxed, under the interpreter's lock, for its side effects",
        _no_result, _EVERYTHING, attributes=("function",), reference=_call, lowering=Custom("python_call"),
    )
)  # fmt: skip


def _object_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    return object_


interpret = register(
    OpDef(
        "interpret",
        "the object that calling the Python object `function` gives, with the operands boxed, under the interpreter's lock",
        _object_rule, _EVERYTHING | Effect.ALLOCATES, attributes=("function",), lowering=Custom("interpret"),
        reference=lambda attributes, *operands: attributes["function"](*operands),
    )
)  # fmt: skip


def _box_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 1 and not isinstance(operands[0], Object), "takes one value that is not an object")
    return object_


box = register(
    OpDef(
        "box", "the value as a Python object", _box_rule, Effect.ALLOCATES, lowering=Custom("box"),
        reference=lambda attributes, value: value,
    )
)  # fmt: skip


def _unbox_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    same_types(operands, 1, Object)
    expect(not isinstance(attributes["to"], Object), "gives a value that is not an object")
    return Tuple((boolean, attributes["to"]))


def _unbox(attributes: dict[str, Any], value: Any) -> tuple[bool, Any]:
    raise IRError("which type an object has is the business of the compiler's front end")


unbox = register(
    OpDef(
        "unbox",
        "whether an object has exactly the type `to`, and if so its value. Integers must have 64 bits at most",
        _unbox_rule, Effect.READS | Effect.ALLOCATES, attributes=("to",), reference=_unbox, lowering=Custom("unbox"),
    )
)  # fmt: skip


unbox_like = register(
    OpDef(
        "unbox_like", "as unbox, and arrays that promise more than the type `to` does are taken for it", _unbox_rule,
        Effect.READS | Effect.ALLOCATES, attributes=("to",), reference=_unbox, lowering=Custom("unbox_like"),
    )
)  # fmt: skip


def _truth_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    same_types(operands, 1, Object)
    return boolean


object_truth = register(
    OpDef(
        "object_truth", "bool(object), under the interpreter's lock", _truth_rule, _EVERYTHING, lowering=Custom("object_truth"),
        reference=lambda attributes, value: bool(value),
    )
)  # fmt: skip


def _same_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    same_types(operands, 2, Object)
    return boolean


same_object = register(
    OpDef(
        "same_object", "whether two objects are one: a is b", _same_rule, lowering=Custom("same_object"),
        reference=lambda attributes, a, b: a is b,
    )
)  # fmt: skip
