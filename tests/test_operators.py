"""Every operator on every pair of number types, against CPython and NumPy on edge values.

Compared are value, sign of zero, exact type, and class and text of exceptions. Operators that raise for the same
operands are compiled together, where Python has all of them for the pair of types. A pair that Python refuses with a
TypeError must be refused when it is compiled. The default values are few; `--slow` takes many more.
"""

from __future__ import annotations

import cmath
import inspect
import itertools
import linecache
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from library_harness import random_floats, random_ints, same, wrapped

from ir import interp, types
from ir.types import Scalar
from tracer import Graph, NopythonError, trace
from tracer.library.messages import FLOAT_POW_COMPLEX, NEGATIVE_EXPONENT, TOO_LARGE

Function = Callable[..., Any]


def _arithmetic(a, b):
    return a + b, a - b, a * b


def _add(a, b):
    return a + b


def _subtract(a, b):
    return a - b


def _multiply(a, b):
    return a * b


def _divide(a, b):
    return a / b


def _floor_divide(a, b):
    return a // b


def _remainder(a, b):
    return a % b


def _divmod(a, b):
    return divmod(a, b)


def _power(a, b):
    return a**b


def _shift_left(a, b):
    return a << b


def _shift_right(a, b):
    return a >> b


def _bitwise(a, b):
    return a & b, a | b, a ^ b


def _equality(a, b):
    return a == b, a != b


def _order(a, b):
    return a < b, a <= b, a > b, a >= b


def _negative(a):
    return -a


def _positive(a):
    return +a


def _inverted(a):
    return ~a


def _absolute(a):
    return abs(a)


def _not(a):
    return not a


def _bool(a):
    return bool(a)


def _int(a):
    return int(a)


def _float(a):
    return float(a)


def _complex(a):
    return complex(a)


BINARY = (
    _arithmetic, _divide, _floor_divide, _remainder, _divmod, _power, _shift_left, _shift_right, _bitwise, _equality, _order,
)  # fmt: skip
UNARY = (_negative, _positive, _inverted, _absolute, _not, _bool, _int, _float, _complex)
MEMBERS = {_arithmetic: (_add, _subtract, _multiply)}  # a type may have some of these and not the others


# --- values

INF, NAN = math.inf, math.nan
SMALL = [0, 1, -1, 2, 3, -7, 63, 64]
INTS = [*SMALL, 300, -300, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-320, 1e300, 2.0**53, 2.0**63, INF, -INF, NAN]
PARTS = [0.0, -0.0, 1.0, -2.5, 1e300, INF, NAN]
COMPLEXES = [0j, -0.0 + 0j, 1 + 0j, 1j, -1.5 + 2j, 3 - 0.5j, 2 + 0j, complex(1e300, -1), complex(INF, 0), complex(NAN, 1)]


def values(kind: Scalar, many: bool) -> list[Any]:
    """Edge values of a type, as objects of its class."""
    cls = types.class_of(kind)
    if isinstance(kind, types.Boolean):
        return [cls(False), cls(True)]
    if isinstance(kind, types.Integer):
        candidates = INTS + [kind.maximum, kind.maximum - 1, kind.minimum, kind.minimum + 1] + (random_ints(60, 1) + [5, 10, 127, 128] if many else [])
        return [cls(i) for i in dict.fromkeys(candidates) if kind.minimum <= i <= kind.maximum]
    if isinstance(kind, types.Float):
        extra = random_floats(25, 2, -60, 60) + [1.5, 7.25, 1e15, 5e-324, 1.7e308, 1e38, 1e-40] if many else []
        return [cls(x) for x in FLOATS + extra]
    extra = [complex(a, b) for a in PARTS for b in PARTS] + list(map(complex, random_floats(15, 3, -9, 9), random_floats(15, 4, -9, 9)))
    return [cls(z) for z in COMPLEXES + (extra if many else [])]


def operands(function: Function, kinds: tuple[Scalar, ...], many: bool) -> Iterator[tuple[Any, ...]]:
    """All combinations of the values of these types that Python can compute with."""
    for arguments in itertools.product(*(values(kind, many) for kind in kinds)):
        if function is not _shift_left or not kinds[1].weak or kinds[0].weak is False or abs(arguments[1]) < 1000:
            yield arguments


# --- what Python does, and what is deliberately different


def _negative_exponent(function: Function, arguments: tuple) -> Any:
    """An integer to a negative power is a float in Python; here it is an integer, so it raises."""
    if function is _power and all(type(x) in (int, bool) for x in arguments) and arguments[1] < 0:
        return ValueError(NEGATIVE_EXPONENT)


def _large_integer_power(function: Function, arguments: tuple) -> Any:
    """Integers have 64 bits and wrap; Python would take for ever."""
    if function is _power and all(type(x) in (int, bool) for x in arguments) and arguments[1] >= 0:
        return wrapped(pow(int(arguments[0]), int(arguments[1]), 2**64))


def _complex_power(function: Function, arguments: tuple) -> Any:
    """A fractional power of a negative number is complex in Python; here it is a float, so it raises."""
    if function is not _power or not all(type(x) in (bool, int, float) for x in arguments):
        return None
    base, exponent = arguments
    if -INF < base < 0 and math.isfinite(exponent) and exponent != math.floor(exponent):
        return ValueError(FLOAT_POW_COMPLEX)


def _integer_out_of_range(function: Function, arguments: tuple) -> Any:
    """A number too large for 64 bits does not wrap when it is converted."""
    if function is not _int:
        return None
    try:
        result = int(*arguments)
    except (OverflowError, ValueError, TypeError):
        return None
    return None if -(2**63) <= result < 2**63 else OverflowError(TOO_LARGE)


def _complex_order(function: Function, arguments: tuple) -> Any:
    """NumPy orders complex numbers with NaN parts in two ways, by the path a scalar takes; here it is always that of arrays."""
    if function is _order and any(isinstance(x, (complex, np.complexfloating)) for x in arguments):
        return tuple(compare(*arguments) for compare in (np.less, np.less_equal, np.greater, np.greater_equal))


DIFFERENCES = (_complex_order, _negative_exponent, _large_integer_power, _complex_power, _integer_out_of_range)


def expected(function: Function, arguments: tuple) -> Any:
    """The result or the exception that compiled code must give."""
    for difference in DIFFERENCES:
        found = difference(function, arguments)
        if found is not None:
            return found
    return wrapped(outcome(function, arguments))


def outcome(function: Function, arguments: tuple) -> Any:
    """The result, or the exception that was raised."""
    try:
        return function(*arguments)
    except (ArithmeticError, ValueError, TypeError) as error:
        return error


REFUSED = {
    (_int, types.complex64), (_int, types.np_complex128), (_float, types.complex64), (_float, types.np_complex128),
}  # fmt: skip
"""NumPy only warns that the imaginary part is lost; Python raises TypeError for its own complex, and so it is here."""


# --- the comparison


def agree(function: Function, kinds: tuple[Scalar, ...], arguments: tuple, actual: Any, wanted: Any) -> bool:
    """Whether the two are alike. Functions of the C library may differ in the last place."""
    if function is _power and isinstance(wanted, (complex, np.complexfloating)):
        return _complex_powers_agree(arguments, actual, wanted)
    if function in (_arithmetic, _multiply) and _is_complex_of_numpy(kinds):
        # NumPy fuses a multiplication with an addition on some paths and processors: products that underflow keep a sign then.
        return same(actual, wanted, zero_signs=False)
    inexact = function in (_power, _absolute) and not all(kind.weak for kind in kinds)
    return same(actual, wanted, ulps=1 if inexact else 0)


def _is_complex_of_numpy(kinds: tuple[Scalar, ...]) -> bool:
    return any(isinstance(kind, types.Complex) for kind in kinds) and not all(kind.weak for kind in kinds)


def _complex_powers_agree(arguments: tuple, actual: Any, wanted: Any) -> bool:
    """Within the error that the problem's own condition, |exponent * log(base)|, makes of a rounding.

    For infinite and NaN operands NumPy gives what the C library gives, which differs from one to the next: then
    only the type counts, as for results without any exact digit.
    """
    if type(actual) is not type(wanted):
        return False
    base, exponent = (complex(type(wanted)(x)) for x in arguments)  # complex64 makes infinities of large numbers
    if not (cmath.isfinite(base) and cmath.isfinite(exponent)):
        return True
    condition = 0.0 if base == 0 else abs(exponent) * abs(cmath.log(base))
    error = 16 * float(np.finfo(type(wanted)).eps) * (1 + condition)
    if error > 0.1:
        return True
    if not cmath.isfinite(wanted) or not cmath.isfinite(actual):
        return not cmath.isfinite(wanted) and not cmath.isfinite(actual)
    return abs(complex(actual) - complex(wanted)) <= error * abs(wanted) + float(np.finfo(type(wanted)).tiny)


def compiled(function: Function, kinds: tuple[Scalar, ...]) -> Graph | None:
    """The compiled graph, or None where it is refused."""
    try:
        return trace(function)(*kinds)
    except NopythonError:
        return None


def differences(function: Function, kinds: tuple[Scalar, ...], many: bool) -> list[str]:
    """Where machine code, and for some values the interpreter, does not do what Python does."""
    cases = list(operands(function, kinds, many))
    signature = f"{function.__name__[1:]}({', '.join(map(str, kinds))})"
    graph = compiled(function, kinds)
    if (function, kinds[0]) in REFUSED or isinstance(outcome(function, cases[-1]), TypeError):
        if function in MEMBERS:
            return [text for member in MEMBERS[function] for text in differences(member, kinds, many)]
        return [f"{signature}: is compiled"] if graph else []
    if graph is None:
        return [f"{signature}: is not compiled"]
    found = []
    step = max(1, len(cases) // (64 if many else 8))
    for number, arguments in enumerate(cases):
        wanted = expected(function, arguments)
        routes = {"machine code": graph}
        if number % step == 0:
            routes["the interpreter"] = lambda *a: interp.run(graph.ir, *a)
        for route, run in routes.items():
            actual = outcome(run, arguments)
            if not agree(function, kinds, arguments, actual, wanted):
                found.append(f"{signature}{arguments!r}: {route} gives {actual!r}, Python {wanted!r}")
    return found


def check(function: Function, signatures: list[tuple[Scalar, ...]], many: bool) -> None:
    """Compare for all these types and fail with some of the differences of each."""
    report, count = [], 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for kinds in signatures:
            found = differences(function, kinds, many)
            count += len(found)
            report += found[:4]
    assert not report, f"{count} differences:\n" + "\n".join(report[:40])


QUICK = {*types.SCALARS[:4], types.np_bool, types.int8, types.uint64, types.np_int64, types.float32, types.np_float64, types.np_complex128}
LEFT = [pytest.param(kind, marks=[pytest.mark.slow] * (kind not in QUICK)) for kind in types.SCALARS]


def some_pairs(function: Function, left: Scalar) -> list[tuple[Scalar, Scalar]]:
    """Python's types with each other, each type with itself, and every other pair: all pairs with one function or the next."""
    start = types.SCALARS.index(left) + BINARY.index(function)
    pairs = [(left, right, start + number) for number, right in enumerate(types.SCALARS)]
    return [(a, b) for a, b, number in pairs if number % 2 == 0 or a is b or (a.weak and b.weak)]


@pytest.mark.parametrize("left", LEFT, ids=str)
@pytest.mark.parametrize("function", BINARY, ids=lambda f: f.__name__[1:])
def test_binary_operator(function: Function, left: Scalar) -> None:
    check(function, some_pairs(function, left), many=False)


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__[1:])
def test_unary_operator(function: Function) -> None:
    check(function, [(kind,) for kind in types.SCALARS], many=True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("left", types.SCALARS, ids=str)
@pytest.mark.parametrize("function", BINARY, ids=lambda f: f.__name__[1:])
def test_binary_operator_on_many_values(function: Function, left: Scalar) -> None:
    check(function, [(left, right) for right in types.SCALARS], many=True)


# --- literals, whose value the compiler sees

LITERALS = (2, -1, 300, 0.5, 1j, True)
KINDS_BESIDE_LITERALS = (
    types.boolean, types.int64, types.float64, types.complex128, types.np_bool, types.int8, types.uint8, types.np_int64, types.uint64,
    types.float32, types.np_float64, types.complex64,
)  # fmt: skip


def with_literal(function: Function, literal: Any, on_the_left: bool) -> Function:
    """The same operators between a parameter and a literal, from source that the compiler can read."""
    expression = inspect.getsource(function).partition("return ")[2].strip()
    operand_texts = {"a": f"({literal!r})", "b": "x"} if on_the_left else {"a": "x", "b": f"({literal!r})"}
    text = "def beside_literal(x):\n    return " + re.sub(r"\b[ab]\b", lambda m: operand_texts[m[0]], expression) + "\n"
    filename = f"<{expression} with {literal!r} {'left' if on_the_left else 'right'}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), namespace)
    return namespace["beside_literal"]


def expected_beside_literal(function: Function, arguments: tuple, exponent_is_literal: bool) -> Any:
    """As for two run-time operands, but a negative literal exponent gives the float that Python gives."""
    if exponent_is_literal and _negative_exponent(function, arguments) is not None:
        return outcome(function, arguments)
    return expected(function, arguments)


def literal_differences(function: Function, kind: Scalar, literal: Any, on_the_left: bool) -> list[str]:
    """Where an operator on a literal does not do what Python does."""
    cases = [(literal, x) if on_the_left else (x, literal) for x in values(kind, many=False)]
    if on_the_left and function is _shift_left and kind.weak:
        cases = [(a, b) for a, b in cases if abs(b) < 1000]
    if isinstance(outcome(function, cases[-1]), TypeError):
        members = MEMBERS.get(function, ())
        return [text for member in members for text in literal_differences(member, kind, literal, on_the_left)]
    beside = with_literal(function, literal, on_the_left)
    graph = compiled(beside, (kind,))
    if graph is None:
        return [f"{function.__name__[1:]} of {kind} and {literal!r} is not compiled"]
    found = []
    kinds = (kind, types.from_dtype(np.result_type(literal)))
    for arguments in cases:
        wanted = expected_beside_literal(function, arguments, exponent_is_literal=not on_the_left)
        actual = outcome(graph, (arguments[on_the_left],))
        if not agree(function, kinds, arguments, actual, wanted):
            found.append(f"{function.__name__[1:]}{arguments!r}: machine code gives {actual!r}, Python {wanted!r}")
    return found


def check_literals(operations: Iterable[tuple[Function, Any]], kind: Scalar, on_the_left: bool) -> None:
    """Compare operators beside literals and fail with some of the differences."""
    report = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for function, literal in operations:
            report += literal_differences(function, kind, literal, on_the_left)[:4]
    assert not report, f"{len(report)} differences:\n" + "\n".join(report[:40])


def some_literals(kind: Scalar, on_the_left: bool) -> list[tuple[Function, Any]]:
    """Every second operator with each literal, and on the other side, or beside the next type, the other operators."""
    start = KINDS_BESIDE_LITERALS.index(kind) + on_the_left
    numbered = itertools.product(enumerate(BINARY), enumerate(LITERALS))
    return [(function, literal) for (i, function), (j, literal) in numbered if (start + i + j) % 2 == 0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS_BESIDE_LITERALS, ids=str)
@pytest.mark.parametrize("on_the_left", [False, True], ids=["literal right", "literal left"])
def test_operator_with_literal(kind: Scalar, on_the_left: bool) -> None:
    check_literals(some_literals(kind, on_the_left), kind, on_the_left)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS_BESIDE_LITERALS, ids=str)
@pytest.mark.parametrize("on_the_left", [False, True], ids=["literal right", "literal left"])
def test_all_operators_with_all_literals(kind: Scalar, on_the_left: bool) -> None:
    check_literals(itertools.product(BINARY, LITERALS), kind, on_the_left)


# --- the table of differences is true of Python


def test_what_is_deliberately_different() -> None:
    assert _power(2, -1) == 0.5
    assert _power(3, 41) > 2**63
    assert isinstance(_power(-4.0, 0.5), complex)
    assert _int(1e20) == 10**20
    with pytest.raises(ValueError, match="negative power"):
        trace(_power)(2, -1)(2, -1)
    with pytest.raises(ValueError, match="fractional power"):
        trace(_power)(-4.0, 0.5)(-4.0, 0.5)
    with pytest.raises(OverflowError, match="64-bit"):
        trace(_int)(1e20)(1e20)
    assert trace(_power)(3, 41)(3, 41) == 3**41 - 2 * 2**64
    for function, kind in REFUSED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
            assert function(types.class_of(kind)(2.5 + 1j)) in (2, 2.5)
        assert compiled(function, (kind,)) is None
