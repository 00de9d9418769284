"""The record that describes an op completely: everything else is derived from it.

Folding, printing, verifying, interpreting, testing and lowering ask the record; no other file lists ops.
Lowering is inert data that `codegen` interprets, so that `ir` knows nothing of LLVM's library.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ir.errors import IRTypeError
from ir.types import Type


class Effect(enum.Flag):
    """What an op does besides computing its result. Passes ask for effects, never for names."""

    NONE = 0
    READS = enum.auto()  # memory that others can write
    WRITES = enum.auto()
    RAISES = enum.auto()  # may leave the function with an exception
    PYTHON = enum.auto()  # may run the interpreter, which may do anything
    TERMINATES = enum.auto()  # ends a block
    ALLOCATES = enum.auto()  # makes memory of its own, or raises where there is none


class Opcode(NamedTuple):
    """One LLVM instruction, by the kind of operand: signed, unsigned, float."""

    signed: str | None = None
    unsigned: str | None = None
    float: str | None = None


class Intrinsic(NamedTuple):
    """An LLVM intrinsic overloaded on the operand type, as `llvm.sqrt` -> `llvm.sqrt.f64`."""

    name: str


class LibraryCall(NamedTuple):
    """A function of the C mathematics library: its name for double, and for float (None: through double)."""

    double: str
    single: str | None = None


class Custom(NamedTuple):
    """A lowering that codegen implements under this name."""

    name: str


_NO_CLASS: Mapping[type, float] = {}


class Expanded(NamedTuple):
    """No lowering: a pass makes other ops of it, so that code generation never meets it."""


class Laws(NamedTuple):
    """Algebraic laws, exact for every operand (signed zeros and NaN too), by which an op needs no computing.

    The mappings go from a class of number types to a number, which stands for its two's complement in the type
    at hand (so -1 has all bits set). A law for a class that is missing does not hold for it.

    Attributes:
        neutral: the right operand that gives the left one, as 0 in `a + 0`.
        absorbing: the right operand that is always the result, as 0 in `a * 0`.
        on_equal: the result when both operands are the same value, as 0 in `a - a`.
        idempotent: two operands that are the same value give that value, as in `a & a`.
        involution: applied twice, it gives its operand, as in `-(-a)`.
    """

    neutral: Mapping[type, float] = _NO_CLASS
    absorbing: Mapping[type, float] = _NO_CLASS
    on_equal: Mapping[type, float] = _NO_CLASS
    idempotent: bool = False
    involution: bool = False


Lowering = Opcode | Intrinsic | LibraryCall | Custom | Expanded
TypeRule = Callable[[Sequence[Type], dict[str, Any]], "Type | None"]


class OpDef:
    """One primitive operation.

    `type_rule(operand types, attributes)` gives the result type (None: no result) or raises IRTypeError.
    `reference(attributes, *operands)` computes the result in plain Python for ops without control flow;
    operands and results are Python and NumPy scalars, tuples and arrays.
    `samples` lists operand type tuples that tests draw values for; `domain` says which operand values are
    defined (a precondition that the tracer guards), as a predicate over the operands. The reference also gets
    the type of the result, as the attribute `type`.

    The answers about the effects are computed once, as arithmetic on flags is too slow for passes: `pure` ops have
    neither effects nor a position (may be removed, merged and moved), `removable` ones may be removed when their result
    is not used, `repeatable` ones do the same each time on the same operands (where one was done before, it need not
    be done again), `allocates` are those whose result is memory that nothing else knows, `writes` those that may change
    memory that other ops read, `can_fail` those that may leave the function with an exception.
    """

    __slots__ = (
        "name", "doc", "type_rule", "effects", "attributes", "reference", "lowering", "samples", "domain", "commutative",
        "laws", "pure", "removable", "repeatable", "allocates", "writes", "can_fail", "terminator",
    )  # fmt: skip

    def __init__(
        self, name: str, doc: str, type_rule: TypeRule, effects: Effect = Effect.NONE, attributes: tuple[str, ...] = (),
        reference: Callable[..., Any] | None = None, lowering: Lowering | None = None,
        samples: tuple[tuple[Type, ...], ...] = (), domain: Callable[..., bool] | None = None, commutative: bool = False,
        laws: Laws | None = None,
    ) -> None:  # fmt: skip
        self.name, self.doc, self.type_rule, self.effects, self.attributes = name, doc, type_rule, effects, attributes
        self.reference, self.lowering, self.samples, self.domain = reference, lowering, samples, domain
        self.commutative, self.laws = commutative, laws
        self.pure = effects is Effect.NONE
        self.removable = not effects & ~(Effect.READS | Effect.ALLOCATES)
        self.repeatable = not effects & ~Effect.RAISES
        self.allocates = bool(effects & Effect.ALLOCATES)
        self.writes = bool(effects & (Effect.WRITES | Effect.PYTHON))
        self.can_fail = bool(effects & (Effect.RAISES | Effect.ALLOCATES))
        self.terminator = bool(effects & Effect.TERMINATES)

    def __repr__(self) -> str:
        return f"<op {self.name}>"


REGISTRY: dict[str, OpDef] = {}


def register(op: OpDef) -> OpDef:
    """Enter the record under its name. One that says the same comes of the same module, whose import was interrupted before."""
    if op.name in REGISTRY and REGISTRY[op.name].doc != op.doc:
        raise ValueError(f"the op {op.name!r} is registered twice")
    REGISTRY[op.name] = op
    return op


def expect(condition: bool, message: str) -> None:
    """Raise IRTypeError with the message unless the condition holds."""
    if not condition:
        raise IRTypeError(message)


def same_types(operands: Sequence[Type], count: int, accepted: type | tuple[type, ...]) -> Type:
    """The common type of `count` operands of exactly one accepted type."""
    if len(operands) != count:
        raise IRTypeError(f"takes {count} operands, got {len(operands)}")
    first = operands[0]
    for other in operands:
        if other is not first:
            raise IRTypeError(f"operands differ in type: {', '.join(map(str, operands))}")
    if not isinstance(first, accepted):
        raise IRTypeError(f"does not take {first}")
    return first
