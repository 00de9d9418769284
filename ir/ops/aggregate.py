"""Complex numbers, tuples, optional values and undefined values: taken apart and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ir.opdef import Custom, OpDef, expect, register, same_types
from ir.types import Complex, Float, NoneType, Optional, Tuple, Type, boolean, class_of, slice_parts


def _complex_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    part = same_types(operands, 2, Float)
    return Complex(part.bits * 2, part.weak)


def _part_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    return same_types(operands, 1, Complex).part


def _make_complex(attributes: dict[str, Any], real: Any, imag: Any) -> Any:
    return class_of(attributes["type"])(complex(real, imag))


complex_make = register(
    OpDef("complex", "real + imag * 1j", _complex_rule, reference=_make_complex, lowering=Custom("concatenate"))
)
complex_real = register(
    OpDef(
        "real", "the real part", _part_rule, lowering=Custom("complex_part"),
        reference=lambda attributes, z: class_of(attributes["type"])(z.real),
    )
)  # fmt: skip
complex_imag = register(
    OpDef(
        "imag", "the imaginary part", _part_rule, lowering=Custom("complex_part"),
        reference=lambda attributes, z: class_of(attributes["type"])(z.imag),
    )
)  # fmt: skip


def _tuple_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    to = attributes["to"]
    expect(isinstance(to, Tuple) and tuple(operands) == to.items, f"the items do not make a {to}")
    return to


def _make_tuple(attributes: dict[str, Any], *items: Any) -> Any:
    instance_class = getattr(attributes["to"], "instance_class", None)
    return instance_class(*items) if instance_class else items


def _item(attributes: dict[str, Any], value: Any) -> Any:
    return (slice_parts(value) if isinstance(value, slice) else value)[attributes["index"]]


def _item_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    t = same_types(operands, 1, Tuple)
    expect(0 <= attributes["index"] < len(t.items), f"{t} has no item {attributes['index']}")
    return t.items[attributes["index"]]


tuple_make = register(
    OpDef(
        "tuple", "a tuple or slice of the operands, of the type `to`", _tuple_rule, attributes=("to",),
        reference=_make_tuple, lowering=Custom("concatenate"),
    )
)  # fmt: skip
tuple_item = register(
    OpDef(
        "item", "the item of a tuple or the part of a slice at a fixed index", _item_rule, attributes=("index",),
        reference=_item, lowering=Custom("tuple_item"),
    )
)  # fmt: skip


def _some_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 1 and not isinstance(operands[0], (NoneType, Optional)), "takes one value that is not None")
    return Optional(operands[0])


def _nothing_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(not operands and isinstance(attributes["to"], Optional), "takes no operand and an optional type")
    return attributes["to"]


optional_some = register(
    OpDef(
        "some", "an optional that holds the value", _some_rule, lowering=Custom("optional_some"),
        reference=lambda attributes, value: value,
    )
)  # fmt: skip
optional_nothing = register(
    OpDef(
        "nothing", "the optional None of the type `to`", _nothing_rule, attributes=("to",),
        lowering=Custom("optional_nothing"), reference=lambda attributes: None,
    )
)  # fmt: skip
optional_has = register(
    OpDef(
        "has_value", "whether an optional is not None", lambda operands, attributes: same_types(operands, 1, Optional) and boolean,
        lowering=Custom("optional_has"), reference=lambda attributes, value: value is not None,
    )
)  # fmt: skip
optional_value = register(
    OpDef(
        "value", "the value of an optional that is not None",
        lambda operands, attributes: same_types(operands, 1, Optional).value,
        lowering=Custom("optional_value"), reference=lambda attributes, value: value,
    )
)  # fmt: skip


def _undefined_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(not operands, "takes no operand")
    return attributes["to"]


undefined = register(
    OpDef(
        "undefined", "some value of the type `to`, for a variable that is unbound on this path; never used", _undefined_rule,
        attributes=("to",), lowering=Custom("undefined"), reference=lambda attributes: None,
    )
)  # fmt: skip
