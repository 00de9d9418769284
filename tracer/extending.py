"""The extension interface: how an ordinary Python function becomes the native form of a callable.

Everything that is not a primitive op is written in the DSL itself and registered here, our own library and
a user's extension in the same way:

    @implements(np.hypot)
    def hypot(x, y):
        return primitive.hypot(float(x), float(y))

When traced, `np.hypot(a, b)` then traces the body of `hypot` in its place. The functions stay ordinary
Python: called without tracing they run, primitives included, which is how they are tested.
"""

from __future__ import annotations

import keyword
import operator
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from types import FrameType, SimpleNamespace
from typing import Any, NoReturn, TypeVar

import numpy as np

import ir.ops  # noqa: F401  (fills the registry)
from ir.errors import IRTypeError
from ir.on_demand import OnDemand
from ir.opdef import REGISTRY, OpDef
from ir.types import Float, Integer, Scalar, Time, class_of, float64, int64
from tracer.typeof import typeof

library = OnDemand("tracer.library")

Function = TypeVar("Function", bound=Callable[..., Any])

IMPLEMENTATIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""The DSL function that stands for a callable when it is traced."""

OPERATORS: dict[tuple[str, str], Callable[..., Any]] = {}
"""How an operator works on operands of one kind: `OPERATORS["mod", "int"]`. See `operator_rule`."""

UFUNCS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {}
"""What a ufunc computes from operands of one kind: `UFUNCS[np.exp, "np.float"]`. See `ufunc_rule`."""

OPERATOR_FUNCTIONS: dict[Callable[..., Any], str] = {
    abs: "abs", divmod: "divmod", operator.abs: "abs", operator.neg: "neg", operator.pos: "pos",
    operator.invert: "invert", operator.and_: "and", operator.or_: "or", operator.xor: "xor",
    operator.iand: "and", operator.ior: "or", operator.ixor: "xor",
    **{getattr(operator, prefix + name): name for prefix in ("", "i") for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "matmul",
    )},
    **{getattr(operator, name): name for name in ("eq", "ne", "lt", "le", "gt", "ge")},
}  # fmt: skip
"""Functions that do what an operator does."""

OUT_OF_LINE: set[Callable[..., Any]] = set()
"""Functions that are called as graphs of their own, where other library functions are traced inline."""

KERNELS: set[Callable[..., Any]] = set()
"""Rules of ufuncs for which there is code over arrays. See `kernel`."""

STATIC_FUNCTIONS: dict[Callable[..., Any], bool] = {}
"""Functions that are simply called while tracing. See `static_function`."""

KINDS = (
    "bool", "int", "float", "complex", "np.bool", "np.int", "np.uint", "np.float", "np.complex", "np.datetime64", "np.timedelta64",
)  # fmt: skip
"""The kinds of operands that operators distinguish: Python's own numbers, then NumPy's."""


def _library_first(caller: FrameType) -> None:
    """Load all of the library before anyone else registers something, so that clashes with it are found there and then."""
    if not caller.f_globals.get("__name__", "").startswith("tracer.library"):
        library.load_rest()


_PLACES: dict[Hashable, tuple[str, int]] = {}  # file and line of what registered a key


def _taken(table: Mapping[Any, Any], keys: Iterable[Any], caller: FrameType, replace: bool) -> list[Any]:
    """The keys that were registered from elsewhere; if there are none, they belong to the place of the caller.

    What the same line registered is replaced: its module is imported again, after an import that was interrupted maybe.
    """
    place = caller.f_code.co_filename, caller.f_lineno
    taken = [key for key in keys if key in table and _PLACES.get(key) != place and not replace]
    if not taken:
        _PLACES.update(dict.fromkeys(keys, place))
    return taken


def implements(*callables: Callable[..., Any], replace: bool = False) -> Callable[[Function], Function]:
    """Make the decorated function the implementation of `callables` in compiled code.

    A traced call to one of the callables traces the function inline with the same arguments, keyword
    arguments and defaults. Raises ValueError if a callable has an implementation already, unless `replace`.
    """
    caller = sys._getframe(1)
    _library_first(caller)
    if taken := _taken(IMPLEMENTATIONS, callables, caller, replace):
        raise ValueError(f"{taken[0]!r} is implemented already; pass replace=True to replace that")

    def register(function: Function) -> Function:
        IMPLEMENTATIONS.update(dict.fromkeys(callables, function))
        return function

    return register


def operator_rule(name: str, *kinds: str, replace: bool = False) -> Callable[[Function], Function]:
    """Make the decorated function (or primitive) the meaning of an operator on operands of `kinds`.

    Names: add sub mul truediv floordiv mod pow divmod lshift rshift and or xor neg pos invert abs,
    eq ne lt le gt ge, and the conversions bool int float complex. Both operands have been converted to one
    type before. Mixed comparisons have names of their own: `lt_int_float` (kind "int") compares a Python int
    with a float, `lt_int_uint` (kind "np.int") a signed with an unsigned integer, exactly. `add_checked` (kind "int") and the
    like are what operators are with the option `overflow="raise"`.
    """
    caller = sys._getframe(1)
    _library_first(caller)
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is not one of the kinds {', '.join(KINDS)}")
    if taken := _taken(OPERATORS, [(name, kind) for kind in kinds], caller, replace):
        raise ValueError(f"the operator {name!r} on {taken[0][1]!r} is registered already; pass replace=True to replace that")

    def register(function: Function) -> Function:
        OPERATORS.update({(name, kind): function for kind in kinds})
        return function

    return register


def ufunc_rule(ufunc: np.ufunc, *kinds: str, replace: bool = False) -> Callable[[Function], Function]:
    """Make the decorated function what a ufunc computes from one item of each operand.

    `kinds` are those of the first operand: "np.bool", "np.int", "np.uint", "np.float", "np.complex". The operands have
    been converted to the types of the loop that NumPy chooses, and the result is converted to that loop's.
    Raises ValueError if there is a rule already, unless `replace`.
    """
    caller = sys._getframe(1)
    _library_first(caller)
    if _taken(UFUNCS, [(ufunc, kind) for kind in kinds], caller, replace):
        raise ValueError(f"{ufunc.__name__} has a rule for {' and '.join(kinds)} already; pass replace=True to replace that")

    def register(function: Function) -> Function:
        UFUNCS.update({(ufunc, kind): function for kind in kinds})
        return function

    return register


def kind_of(type: Scalar) -> str:
    """The kind under which operators on values of this type are registered."""
    if type.weak:
        return type.kind
    return f"np.{type.kind}"


def common_kind(kinds: Sequence[Scalar]) -> str:
    """The kind of an operation on operands that are not all of one type: that of the first, or of the first time."""
    return kind_of(next((each for each in kinds if isinstance(each, Time)), kinds[0]))


def out_of_line(function: Function) -> Function:
    """Mark a function for rare, long paths: calls to it are calls to a graph of its own, not traced inline."""
    OUT_OF_LINE.add(function)
    return function


def kernel(function: Function) -> Function:
    """Mark the rule of a ufunc as one that is compiled once for arrays, not in each program, where nothing else is done with the
    items. Its module must say ROUNDS_AS_WRITTEN, as programs with and without fast arithmetic share the code, and it must depend on
    nothing but its operands, as they share it whatever else is registered."""
    KERNELS.add(function)
    return function


def static_function(function: Function) -> Function:
    """Mark a function of what is known while tracing, as types, axes and dtypes: calls to it are done then, by Python.

    A TypeError or ValueError that it raises is a compile error at the user's line.
    """
    STATIC_FUNCTIONS[function] = True
    return function


def reject(reason: str, hint: str = "") -> NoReturn:
    """Refuse the call that is being traced: a compile error at the user's line, with this reason and hint.

    In plain Python it raises TypeError.
    """
    raise TypeError(f"{reason} ({hint})" if hint else reason)


def typed_by_values() -> None:
    """Said where the types of NumPy's results depend on values: machine code takes one of them, and fails for values that
    would give another, and so `jit` leaves the call that is being traced to the interpreter."""


def known(x: Any) -> Any:
    """A number that is known while tracing, as the 2 in `x ** 2`; None for a run-time value.

    In plain Python nothing is traced and nothing is known: None.
    """
    return None


class Primitive:
    """A primitive op as a function: traced, a call emits the op; in plain Python it evaluates the op's reference.

    Operands are exactly typed, there is no promotion; only a number that is known while tracing takes the type
    of the other operands. Attributes of the op are keyword arguments: `primitive.cast(x, to=types.float32)`.
    """

    __slots__ = ("opdef",)

    def __init__(self, opdef: OpDef) -> None:
        self.opdef = opdef

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        if self.opdef.reference is None:
            raise NotImplementedError(f"{self!r} has no meaning outside of compiled code")
        if set(attributes) != set(self.opdef.attributes):
            raise TypeError(f"{self!r} takes the attributes {', '.join(self.opdef.attributes) or 'none'}")
        operands = _lift(operands)
        try:
            type = self.opdef.type_rule([typeof(x) for x in operands], attributes)
        except IRTypeError as error:
            raise TypeError(f"{self!r} {error}") from None
        return self.opdef.reference({**attributes, "type": type}, *operands)

    def __repr__(self) -> str:
        return f"primitive.{_attribute_name(self.opdef.name)}"


_BUILTIN_NAMES = {"min", "max", "complex", "tuple"}


def _lift(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands with Python's ints and floats in the type of the others, as numbers known while tracing are."""
    found = [typeof(x) for x in operands if isinstance(x, (int, float)) or hasattr(x, "dtype")]
    target = next((t for t in found if isinstance(t, (Integer, Float)) and not t.weak), None)
    if target is None and int64 in found and float64 in found:
        target = float64
    if target is None:
        return operands
    accepted = {int, float} if isinstance(target, Float) else {int}
    return tuple(class_of(target)(x) if type(x) in accepted else x for x in operands)


def _attribute_name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or name in _BUILTIN_NAMES else name


primitive = SimpleNamespace(
    **{_attribute_name(op.name): Primitive(op) for op in REGISTRY.values() if not op.terminator}
)
"""Every primitive op as a function: `primitive.sqrt(x)`, `primitive.and_(a, b)`."""
