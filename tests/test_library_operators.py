"""Operators of the library against CPython and NumPy: all kinds, edge values, exceptions."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest
from library_harness import FLOATS, INTS, MODES, check, pairs, random_floats, random_ints, singles, wrapped

from tracer import njit
from tracer.extending import OPERATORS

BINARY = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "truediv": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b, "pow": lambda a, b: a**b, "divmod": lambda a, b: divmod(a, b),
    "lshift": lambda a, b: a << b, "rshift": lambda a, b: a >> b, "and": lambda a, b: a & b, "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}  # fmt: skip
UNARY = {"neg": lambda a: -a, "pos": lambda a: +a, "invert": lambda a: ~a, "abs": lambda a: abs(a)}
CONVERSIONS = {
    "bool": lambda a: bool(a),
    "int": lambda a: int(a),
    "float": lambda a: float(a),
    "complex": lambda a: complex(a),
}
ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod")
BITWISE = ("and", "or", "xor")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def implementation(name: str, kind: str, mode: str) -> Any:
    """The operator's rule as plain Python, or a compiled function of the operator."""
    if mode == "plain":
        return OPERATORS[name, kind]
    return njit({**BINARY, **UNARY, **CONVERSIONS}[name])


def python(name: str) -> Any:
    """What Python does, with ints wrapped."""
    return lambda *arguments: wrapped({**BINARY, **UNARY, **CONVERSIONS}[name](*arguments))


# --- Python's numbers

INT_PAIRS = pairs(INTS) + list(zip(random_ints(300, 1), random_ints(300, 2)))
FLOAT_PAIRS = pairs(FLOATS) + list(zip(random_floats(300, 3), random_floats(300, 4))) + list(
    zip(random_floats(300, 5, -50, 50), random_floats(300, 6, -9, 9)))  # fmt: skip
PARTS = [0.0, -0.0, 1.0, -2.5, 3.0, 1e-3, 1e160, 1e308, 5e-324, np.inf, -np.inf, np.nan]
COMPLEXES = [complex(a, b) for a in PARTS for b in PARTS]
FINITE_COMPLEXES = [complex(a, b) for a, b in zip(random_floats(60, 7, -9, 9)[:60], random_floats(60, 8, -9, 9)[:60])]
COMPLEX_PAIRS = pairs(COMPLEXES[::3], COMPLEXES[::2]) + pairs(FINITE_COMPLEXES[:30])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [*ARITHMETIC, *BITWISE, *COMPARISONS])
def test_int(name, mode):
    check(implementation(name, "int", mode), python(name), INT_PAIRS, mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["lshift", "rshift"])
def test_int_shift(name, mode):
    cases = [(a, b) for a, b in INT_PAIRS if abs(b) < 1000] + [(5, 2**62)] * (name == "rshift")
    check(implementation(name, "int", mode), python(name), cases, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_int_pow(mode):
    cases = [(a, b) for a, b in pairs(INTS, range(70))]
    check(implementation("pow", "int", mode), python("pow"), cases, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_int_pow_of_negative_exponent_raises(mode):
    power = implementation("pow", "int", mode)
    for base in (2, 1, -1, 0):
        with pytest.raises(ValueError, match="negative power"):
            power(base, -1)


def test_large_int_truediv_is_correctly_rounded():
    large = [x for x in random_ints(800, 11) if abs(x) > 2**50]
    check(OPERATORS["truediv", "int"], operator.truediv, zip(large, reversed(large)))
    check(OPERATORS["truediv", "int"], operator.truediv, [(a, b + 1) for a in large[:20] for b in range(20)])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["neg", "pos", "invert", "abs", "bool", "int", "float", "complex"])
def test_int_unary(name, mode):
    check(implementation(name, "int", mode), python(name), singles(INTS + random_ints(100)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [*BITWISE, *COMPARISONS])
def test_bool(name, mode):
    check(implementation(name, "bool", mode), python(name), pairs([False, True]), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["bool", "int", "float", "complex"])
def test_bool_conversions(name, mode):
    check(implementation(name, "bool", mode), python(name), singles([False, True]), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [*ARITHMETIC, *COMPARISONS])
def test_float(name, mode):
    check(implementation(name, "float", mode), python(name), FLOAT_PAIRS, mode=mode)


def real_power(a: float, b: float) -> Any:
    """Python's power, but ValueError for complex results."""
    if -math.inf < a < 0.0 and math.isfinite(b) and b != math.floor(b):
        raise ValueError(
            "a negative number to a fractional power is complex in Python; write complex(base) ** exponent"
        )
    return a**b


@pytest.mark.parametrize("mode", MODES)
def test_float_pow(mode):
    check(implementation("pow", "float", mode), real_power, FLOAT_PAIRS, ulps=0 if mode == "compiled" else 1, mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["neg", "pos", "abs", "bool", "float", "complex"])
def test_float_unary(name, mode):
    check(implementation(name, "float", mode), python(name), singles(FLOATS + random_floats(50)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_int_of_float(mode):
    def integer(a):
        result = int(a)
        if not -(2**63) <= result < 2**63:
            raise OverflowError("the result does not fit in a 64-bit integer")
        return result

    near_limits = [2.0**63 - 1024, -(2.0**63) - 2048, 4.5, -4.5]
    check(implementation("int", "float", mode), integer, singles(FLOATS + near_limits + random_floats(200)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", COMPARISONS)
def test_int_with_float(name, mode):
    floats = FLOATS + [float(i) for i in INTS] + [2.0**63 - 1024, -(2.0**63) - 2048]
    actual = OPERATORS[f"{name}_int_float", "int"] if mode == "plain" else njit(BINARY[name])
    check(actual, BINARY[name], pairs(INTS, floats), mode=mode)
    if mode == "compiled":
        check(actual, BINARY[name], pairs(floats, INTS), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "eq", "ne"])
def test_complex(name, mode):
    check(implementation(name, "complex", mode), python(name), COMPLEX_PAIRS, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_complex_pow(mode):
    exponents = [complex(n) for n in (0, 1, 2, 3, 7, 100, -1, -2, -7, -100, 101, 0.5, -0.5, 2.5)] + [1j, -1j, 2 - 3j]
    cases = pairs(COMPLEXES + FINITE_COMPLEXES, exponents)
    check(
        implementation("pow", "complex", mode), python("pow"), cases, ulps=0 if mode == "compiled" else 2e4, mode=mode
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["neg", "pos", "abs", "bool", "complex"])
def test_complex_unary(name, mode):
    cases = singles(COMPLEXES + FINITE_COMPLEXES + [complex(1.7e308, 1.7e308)])
    check(implementation(name, "complex", mode), python(name), cases, ulps=0 if mode == "compiled" else 1, mode=mode)


# --- NumPy's scalars

SIGNED = [np.int8, np.int16, np.int32, np.int64]
UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]


def numpy_ints(dtype: Any) -> list[Any]:
    """Edge values and random ones."""
    info = np.iinfo(dtype)
    candidates = [
        0, 1, -1, 2, -2, 3, -3, 5, 7, -7, 8, 9, 31, 32, 63, 64, info.max, info.max - 1, info.min, info.min + 1,
    ]  # fmt: skip
    inside = [v for v in candidates if info.min <= v <= info.max]
    generated = np.random.default_rng(5).integers(info.min, info.max, size=12, dtype=dtype, endpoint=True)
    return [dtype(v) for v in inside] + list(generated)


def numpy_floats(dtype: Any) -> list[Any]:
    """Edge values and random ones."""
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        return (
            [dtype(v) for v in FLOATS]
            + [info.max, info.smallest_subnormal, -info.tiny]
            + [dtype(v) for v in random_floats(20, 9, -50, 50)[:20]]
        )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", SIGNED + UNSIGNED)
@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "floordiv", "mod", "divmod", "lshift", "rshift", *BITWISE, *COMPARISONS]
)
def test_numpy_int(name, dtype, mode):
    kind = "np.int" if dtype in SIGNED else "np.uint"
    check(implementation(name, kind, mode), BINARY[name], pairs(numpy_ints(dtype)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", SIGNED + UNSIGNED)
def test_numpy_int_pow(dtype, mode):
    kind = "np.int" if dtype in SIGNED else "np.uint"
    check(implementation("pow", kind, mode), BINARY["pow"], pairs(numpy_ints(dtype)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", SIGNED + UNSIGNED)
@pytest.mark.parametrize("name", ["neg", "pos", "invert", "abs", "bool", "int", "float", "complex"])
def test_numpy_int_unary(name, dtype, mode):
    kind = "np.int" if dtype in SIGNED else "np.uint"
    values = [v for v in numpy_ints(dtype) if name != "int" or int(v) < 2**63]
    check(implementation(name, kind, mode), {**UNARY, **CONVERSIONS}[name], singles(values), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_int_of_large_uint64_raises(mode):
    with pytest.raises(OverflowError, match="64-bit"):
        implementation("int", "np.uint", mode)(np.uint64(2**63))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", COMPARISONS)
def test_numpy_signed_with_unsigned(name, mode):
    cases = pairs(numpy_ints(np.int64), numpy_ints(np.uint64))
    if mode == "plain":
        check(OPERATORS[f"{name}_int_uint", "np.int"], BINARY[name], cases, mode=mode)
    else:
        check(njit(BINARY[name]), BINARY[name], cases + [(b, a) for a, b in cases], mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["add", "mul", *BITWISE, *COMPARISONS])
def test_numpy_bool(name, mode):
    check(implementation(name, "np.bool", mode), BINARY[name], pairs([np.False_, np.True_]), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["invert", "abs", "bool", "int", "float", "complex"])
def test_numpy_bool_unary(name, mode):
    check(
        implementation(name, "np.bool", mode), {**UNARY, **CONVERSIONS}[name], singles([np.False_, np.True_]), mode=mode
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["sub", "neg"])
def test_numpy_bool_refusals(name, mode):
    arguments = [np.True_] * (2 if name == "sub" else 1)
    with pytest.raises(Exception, match="boolean"):
        implementation(name, "np.bool", mode)(*arguments)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*ARITHMETIC, *COMPARISONS])
def test_numpy_float(name, dtype, mode):
    check(implementation(name, "np.float", mode), BINARY[name], pairs(numpy_floats(dtype)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpy_float_pow(dtype, mode):
    check(implementation("pow", "np.float", mode), BINARY["pow"], pairs(numpy_floats(dtype)), ulps=1, mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["neg", "pos", "abs", "bool", "float", "complex"])
def test_numpy_float_unary(name, dtype, mode):
    check(
        implementation(name, "np.float", mode), {**UNARY, **CONVERSIONS}[name], singles(numpy_floats(dtype)), mode=mode
    )


def numpy_complexes(dtype: Any) -> list[Any]:
    """Edge values and random ones."""
    with np.errstate(all="ignore"):
        return [dtype(z) for z in COMPLEXES[::3] + FINITE_COMPLEXES[:25]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", *COMPARISONS])
def test_numpy_complex(name, dtype, mode):
    check(implementation(name, "np.complex", mode), BINARY[name], pairs(numpy_complexes(dtype)), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("name", ["neg", "pos", "abs", "bool", "complex"])
def test_numpy_complex_unary(name, dtype, mode):
    cases = singles(numpy_complexes(dtype))
    check(implementation(name, "np.complex", mode), {**UNARY, **CONVERSIONS}[name], cases, ulps=1, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_numpy_complex_integer_pow(mode):
    exponents = [np.complex128(n) for n in (0, 1, 2, 3, 7, 50, -1, -2, -7)]
    values = [np.complex128(z) for z in FINITE_COMPLEXES if abs(z) < 100] + [np.complex128(0)]
    check(implementation("pow", "np.complex", mode), BINARY["pow"], pairs(values, exponents), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_numpy_complex_pow(mode):
    exponents = [np.complex128(w) for w in (0.5, -0.5, 2.5, 1j, 1 - 2j)]
    values = [np.complex128(z) for z in FINITE_COMPLEXES if abs(z) < 100]
    power = implementation("pow", "np.complex", mode)
    for base, exponent in pairs(values, exponents):
        assert abs(power(base, exponent) - base**exponent) <= 1e-14 * abs(base**exponent)
    zeros = pairs([np.complex128(0)], [np.complex128(w) for w in (0.5, -0.5, 1j, 0, 1.5 - 2j, -1 + 1j)])
    check(power, BINARY["pow"], zeros, mode=mode)
