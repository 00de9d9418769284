"""Numbers: literals, conversions, builtins, and variables whose type changes."""

from __future__ import annotations

import math

import numpy as np

from language.registry import each, program

INF, NAN = float("inf"), float("nan")
BIG = 2**53


@each(0)
def literals(x):
    return 1, -1, 0x7F, 0b101, 0o17, 1_000, 1e3, 1e-320, -0.0, 2j, True, None, 9223372036854775807, -9223372036854775808


@each(1)
def static_arithmetic_is_exact(x):
    return 2**100 // 2**98 + x, (10**30 + 1) % 10**10, 1 << 62, 2**200 > x, 7 // 2 * 0.5


@each(3)
def literals_take_part_in_their_own_type(n):
    return n + 1, n + 1.0, n + 1j, n + True, 1 - n, 2.0 ** n, n * -0.0


@program((7, 2), (-7, 2), (7, -2), (-7, -2), (0, 5), (6, 3), (2**62, 3), (-(2**63) + 1, 1))
def integer_arithmetic(a, b):
    return a + b, a - b, a // b, a % b, a / b, divmod(a, b)


@program((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (-0.0, 3.0), (0.0, -3.0), (INF, 2.0), (5.0, INF), (-5.0, INF), (NAN, 1.0))
def float_arithmetic(a, b):
    return a + b, a - b, a * b, a / b, a // b, a % b, divmod(a, b), -a, +b, abs(a)


@program((1 + 2j, 3 - 4j), (0j, 1j), (-0.0 + 0j, 1 + 1j))
def complex_arithmetic(a, b):
    return a + b, a - b, a * b, a / b, -a, +a, abs(b), a.real, b.imag, a.conjugate()


@program((12, 10), (-12, 10), (0, -1), (-1, 63))
def bit_operations(a, b):
    return a & b, a | b, a ^ b, ~a, a << 3, a >> 2, a >> b if b >= 0 else 0


@program((True, False), (True, True), (False, False))
def bool_arithmetic(a, b):
    return a + b, a - b, a * b, a & b, a | b, a ^ b, -a, +b, a << 2, a == b, a < b


@program((2, 10), (2, 0), (0, 0), (-3, 3), (10, 18), (1, 1000000), (-1, 999999))
def integer_power(a, b):
    return a**b


@each(2, -3, 10, 0.5)
def literal_powers(x):
    return x**2, x**3, x**0, x**1, x**-1, x**-2, x**0.5 if x > 0 else 0.0


@program((2.0, 0.5), (2.0, -1.0), (-2.0, 3.0), (0.0, 0.0), (INF, -1.0), (2, 0.5), (2.5, 3))
def float_power(a, b):
    return a**b


@program((7, 3), (7, 2.5), (2.5, 7), (True, 2), (2.5, True), (1 + 1j, 2), (2, 1 + 1j))
def mixed_arithmetic(a, b):
    return a + b, a - b, a * b, a / b, b - a


@each(5, -5, 2.9, -2.9, True, -0.0, 1e15)
def conversions(x):
    return int(x), float(x), bool(x), complex(x)


@program((1, 2), (1.5, -0.0), (True, 2.5), (-0.0, 0.0))
def complex_of_parts(a, b):
    return complex(a, b), complex(a), complex(), complex(real=a, imag=b)


@each(np.float32(2.75), np.int8(-3), np.uint64(2**63 - 1), np.bool_(True), np.float64(-0.0))
def conversions_of_numpy_scalars(x):
    return int(x), float(x), bool(x), complex(x)


@each(7, 2.5, -3, 1e10)
def numpy_conversions(x):
    return np.float64(x), np.float32(x), np.complex64(x), np.bool_(x), np.complex128(x)


@each(7, 100, -1, 127)
def numpy_integer_conversions(x):
    return np.int64(x), np.int8(x), np.int32(x)


@each(300, -129, 128)
def numpy_integer_conversion_out_of_range(x):
    return np.int8(x)


@each(3, -3, 0, 2.5, -2.5, -0.0, True, 3 + 4j, NAN, -INF)
def absolute(x):
    return abs(x)


@program((1, 2), (2.5, 1.0), (NAN, 1.0), (1.0, NAN), (0.0, -0.0), (-0.0, 0.0), (True, False))
def minimum_and_maximum(a, b):
    return min(a, b), max(a, b)


@program((3, 1, 2), (1, 1, 1), (2.5, NAN, 0.5), (NAN, 2.5, 0.5))
def minimum_and_maximum_of_three(a, b, c):
    return min(a, b, c), max(a, b, c), min((a, b, c)), max((c, b, a))


@program((3, -5), (-2, 2))
def minimum_by_key(a, b):
    return min(a, b, key=abs), max(a, b, key=lambda x: -x), max((a, b), key=abs)


@each(np.array([3, 1, 2]), np.array([2.5, -1.0]), np.zeros(0))
def minimum_of_array_with_default(a):
    return float(min(a, default=-1)), float(max(a, default=7))


@each(2.5, 3.5, -2.5, 0.5, -0.5, 2.675, 1e20 if False else 1e10, -0.2)
def rounding(x):
    return round(x), round(x, 1), round(x, 0), round(x, 2), round(x, -1)


@each(1234, -1250, 15, 25, 0)
def rounding_of_integers(n):
    return round(n), round(n, -1), round(n, -2), round(n, 3), round(n, 0)


@program((2, 10, 1000), (3, -1, 7), (7, 0, 1), (-2, 3, 5), (2, 3, -5), (2, 5, 0), (2, -1, 4))
def modular_power(a, b, m):
    return pow(a, b, m)


@program((2, 3), (2.0, 0.5))
def pow_of_two_arguments(a, b):
    return pow(a, b)


@each((1, 2, 3), (1.5, 2, True), ())
def sum_with_start(t):
    return sum(t), sum(t, 10), sum(t, start=0.5)


@each(2.0, 0.25, 10.0)
def mathematical_functions(x):
    return math.sqrt(x), math.floor(x), math.ceil(x), math.exp(-x), math.log(x), math.sin(x), math.pi * x, math.hypot(x, 1)


@each(-1.0, 4.0)
def mathematical_domain_error(x):
    return math.sqrt(x)


@each(2.0, -1.5)
def float_methods(x):
    return x.is_integer(), x.real, x.imag, x.conjugate()


@each(12, -1, 0)
def integer_methods(n):
    return n.bit_length(), n.real, n.imag, n.numerator, n.denominator, n.conjugate()


# --- variables whose type changes


@each(5)
def integer_then_float(n):
    x = n
    y = x
    x = x / 2
    x = x + 1
    return y, x


@each(5)
def integer_float_complex(n):
    x = n
    a = x
    x = x * 0.5
    b = x
    x = x + 1j
    return a, b, x


@each(0, 3, 6)
def integer_becomes_float_in_a_loop(n):
    x = 1.0
    y = 1
    for i in range(n):
        y = y / 2
        x = x * y
    return x


@each(1, 4)
def integer_becomes_complex_in_a_loop(n):
    z = 0
    for i in range(n):
        z = z * z + (0.1 + 0.2j)
    return z


@each(1, 4)
def widens_twice_in_a_loop(n):
    z = 1
    for i in range(n):
        if i % 2:
            z = z + 1j
        else:
            z = z * 0.5
    return z * (1 + 0j)


@each(3)
def widens_through_another_variable(n):
    a, b, c = 0, 0, 0.5
    for _ in range(n):
        a, b, c = b, c, c + 1
    return c


@each(4)
def widens_in_an_inner_loop(n):
    s = 0
    for i in range(n):
        for j in range(i):
            s += j / 2
    return float(s)


@each(np.float32(2.5), np.int16(7), np.uint8(200))
def numpy_accumulator(x):
    total = x
    for _ in range(3):
        total = total + x
    return total


@each(np.float32(1.5))
def literal_accumulator_takes_the_numpy_type(x):
    total = 0.0
    for _ in range(3):
        total += x
    return total


@each(np.arange(3, dtype=np.int8), np.arange(3, dtype=np.float32), np.arange(3, dtype=np.uint64))
def literal_accumulator_of_items(a):
    total = 0
    for x in a:
        total += x
    return total


@each(5)
def bool_accumulator(n):
    seen = False
    for i in range(n):
        seen |= i == 3
        seen = seen or i > 10
    return seen


@program((3, 4.5), (2, 0.5))
def argument_is_rebound_with_another_type(a, b):
    a = a * b
    b = int(b)
    return a, b


@each(10)
def large_integers_keep_their_bits(n):
    a = BIG + 1
    return a + n, (a * 2 + 1) % 4, a / 3, a == float(BIG), float(a)


# --- integers wrap at 64 bits: within them the results are Python's


@program((2**62, 2**61), (-(2**62), -(2**62)), (2**31, 2**31 - 1), (3037000499, 3037000499))
def no_overflow_close_to_the_limits(a, b):
    return a + b, a * 1, a - b, a // 3 * 3 + a % 3


@program((2**31, 2**30))
def products_close_to_the_limits(a, b):
    return a * b, a * -b, a * b * 2 - 1


@each(5, 1.5, 1j)
def unary_operators(x):
    return -x, +x, - -x, -(-x + 1)


@each(0, -1, 2**63 - 1, -(2**63))
def inverted(n):
    return ~n, ~~n, -(~n) - 1


@each(7)
def operator_precedence(n):
    return -n**2, 2**-1 * n, n - -n, not n == 3, n & 3 == 3, 1 + 2 * n % 5, (1, n)[n > 3], -n // 2, ~n & 15, n << 1 + 1


@each(0.1)
def float_operations_are_not_reassociated(x):
    return x + x + x, x + (x + x), x * 3, (x + 1e16) - 1e16, x * 1e308 * 10 / 10


@each(1.5)
def arithmetic_with_infinity(x):
    return x / INF, INF - x, -INF * x, INF * 0.0, INF - INF, x < INF


@each(*map(np.uint64, (0, 5, 2**63, 2**64 - 1)))
def masks_of_64_bits(x):
    return x & 0xFFFFFFFFFFFFFFFF, x ^ 0x8000000000000000, 0xF000000000000000 | x


@each(*map(np.uint64, (0, 5, 2**63, 2**64 - 1)))
def literals_of_64_bits(x):
    return x * 0x9E3779B97F4A7C15, 2**64 - 1 - x, x // 2**63, x >= 2**63, 2**64 - 1 == x, (x + 2**63) >> 60


@each(-(2**63), -1, 0, 2**63 - 1, True, np.int64(-1), np.int64(2**63 - 1), np.uint8(255), np.uint64(2**63))
def compared_with_literals_of_64_bits(x):
    return x < 2**63, x >= 2**63, 2**64 - 1 == x, 2**63 != x, -(2**63) <= x, x > 2**63 - 1
