"""Faults in the library: operators, functions of `math`, elementary functions and functions of arrays."""

from __future__ import annotations

from tests.mutants import Mutant

_OPERATORS = "tests/test_library_operators.py"
_MATH = "tests/test_library_math.py"
_ELEMENTARY = "tests/test_elementary.py"
_SORT = "tests/test_arrays_sort.py"
_SEARCH = "tests/test_arrays_search.py"
_REDUCTIONS = "tests/test_arrays_reductions.py"
_SHAPES = "tests/test_arrays_shapes.py"
_OVERFLOW = "tests/test_overflow.py"

LIBRARY: tuple[Mutant, ...] = (
    # --- operators
    Mutant("tracer/library/operators_int.py", "primitive.select(primitive.lt(count, 64), shifted, 0)", "primitive.select(primitive.le(count, 64), shifted, 0)",
           "n << 64 is n", (f"{_OPERATORS}::test_int_shift",)),
    Mutant("tracer/library/operators_int.py", "primitive.shr(a, primitive.min_(count, 63))", "primitive.shr(a, primitive.min_(count, 64))",
           "a shift by 64 places or more is undefined", (f"{_OPERATORS}::test_int_shift",)),
    Mutant("tracer/library/operators_int.py", "return primitive.and_(primitive.ge(count, 0), primitive.lt(count, bits))", "return primitive.lt(count, bits)",
           "NumPy's shifts by negative counts", (f"{_OPERATORS}::test_numpy_int",)),
    Mutant("tracer/library/operators_int.py", "    if b == 0:\n        raise ZeroDivisionError(messages.INT_MOD)\n", "",
           "n % 0 raises nothing", (f"{_OPERATORS}::test_int",)),
    Mutant("tracer/library/operators_int.py", "primitive.floordiv(a, primitive.select(zero, 1, b))", "primitive.floordiv(a, b)",
           "NumPy's division by zero traps or is undefined", (f"{_OPERATORS}::test_numpy_int",)),
    Mutant("tracer/library/operators_int.py", "less = primitive.or_(_as_floats(primitive.lt, a, b), primitive.ge(b, _LIMIT))", "less = _as_floats(primitive.lt, a, b)",
           "2**63 - 1 < 2.0**63 is false", (f"{_OPERATORS}::test_int_with_float",)),
    Mutant("tracer/library/operators_int.py", 'name in ("ne", "lt", "le")', 'name in ("lt", "le")',
           "a negative number equals a large unsigned one", (f"{_OPERATORS}::test_numpy_signed_with_unsigned",)),
    Mutant("tracer/library/operators_int.py", "if primitive.ge(primitive.cast(sums, to=uint64), 2**54):", "if primitive.ge(primitive.cast(sums, to=uint64), 2**55):",
           "quotients of large integers are rounded twice", (_OPERATORS,)),
    Mutant("tracer/library/operators_int.py", "primitive.or_(quotient, inexact)", "quotient", "ties of integer quotients ignore the bits beyond",
           (f"{_OPERATORS}::test_large_int_truediv_is_correctly_rounded",)),
    Mutant("tracer/library/operators_int.py", "        if result < 0:\n            raise OverflowError(messages.TOO_LARGE)\n", "        pass\n",
           "int(np.uint64(2**63)) is negative", (f"{_OPERATORS}::test_int_of_large_uint64_raises",)),
    Mutant("tracer/library/operators_float.py", "primitive.select(primitive.eq(remainder, 0.0), primitive.copysign(0.0, b), adjusted)", "adjusted",
           "the zero of a remainder has the wrong sign", (_OPERATORS,)),
    Mutant("tracer/library/operators_float.py", "away = primitive.gt(primitive.sub(quotient, floor), 0.5)", "away = primitive.gt(primitive.sub(quotient, floor), 1.0)",
           "a // b of large quotients is one too low", (_OPERATORS, _MATH)),
    # --- math
    Mutant("tracer/library/exact_sum.py", "while place <= highest + 3:", "while place <= highest:", "the carry of math.fsum is lost", (f"{_MATH}::test_fsum",)),
    Mutant("tracer/library/exact_sum.py", "sticky = primitive.or_(sticky, first)", "sticky = first", "math.fsum rounds ties that are none",
           (f"{_MATH}::test_fsum", f"{_MATH}::test_fsum_of_random_arrays")),
    Mutant("tracer/library/math_integers.py", "    if primitive.gt(primitive.mul(root, root), limit):\n        root = primitive.sub(root, 1)\n", "",
           "math.isqrt of numbers below large squares is one too high", (f"{_MATH}::test_isqrt",)),
    Mutant("tracer/library/rounding.py", "(twice == unit and primitive.ne(primitive.and_(quotient, 1), 0))", "twice == unit",
           "round(25, -1) is 30", ("tests/test_library_builtins.py::test_round_int_to_digits",)),
    Mutant("tracer/library/floating.py", "step = primitive.select(up, 1023, primitive.select(down, -1022 + 53, 0))", "step = primitive.select(up, 1023, primitive.select(down, -1022, 0))",
           "math.ldexp rounds subnormal numbers twice", (f"{_MATH}::test_ldexp",)),
    # --- elementary functions
    Mutant("tracer/library/elementary_exp.py", "    0.1666666666666667,\n", "    0.1666666666666664,\n", "a digit of a coefficient of exp", (_ELEMENTARY,)),
    Mutant("tracer/library/elementary_hyperbolic.py", "-0.023529411764705882,", "-0.023529411764705872,", "a digit of a coefficient of tanh", (_ELEMENTARY,)),
    Mutant("tracer/library/elementary_power.py", "y * _HALF_LOG2_E, high + low, HALF_SHIFT))", "2.0 * y * _HALF_LOG2_E, high + low, SHIFT))",
           "powers of 1 overflow on the way, and exponents are twice too large", (_ELEMENTARY,)),
    Mutant("tracer/library/elementary_power.py", "primitive.select(primitive.or_(whole, primitive.gt(x, 0.0)), result, math.nan)", "result",
           "negative numbers have powers with broken exponents", (_ELEMENTARY,)),
    Mutant("tracer/library/elementary_trig.py", "1.6446256936324258e-26)", "1.6446256936324258e-25)", "the third part of pi/2",
           (f"{_ELEMENTARY}::test_angles_next_to_multiples_of_a_right_angle",)),
    Mutant("tracer/library/elementary_trig.py", "return primitive.select(primitive.eq(x, 0.0), x, _sine_of(*_reduced(x)))", "return _sine_of(*_reduced(x))",
           "the sine of -0.0 is 0.0", (f"{_ELEMENTARY}::test_special_values",)),
    Mutant("tracer/library/elementary_log.py", "_LOG2_E_LOW = 2.0355273740931033e-17", "_LOG2_E_LOW = 2.0355273740931033e-16",
           "the low part of the factor of log2", (f"{_ELEMENTARY}::test_accuracy",)),
    Mutant("tracer/library/elementary_log.py", "primitive.select(primitive.lt(x, math.inf), result, x)", "result", "log2(inf) is a number",
           (f"{_ELEMENTARY}::test_special_values",)),
    Mutant("tracer/library/elementary_exp.py", "primitive.select(primitive.lt(primitive.fabs(x), 2.0**-54), x, result)", "result",
           "expm1 of tiny numbers loses their last digits or their sign", (f"{_ELEMENTARY}::test_special_values", f"{_ELEMENTARY}::test_subnormal_arguments_and_results")),
    Mutant("tracer/library/elementary_exp.py", "half = primitive.shr(bits_of(shifted), 1)", "half = primitive.shr(bits_of(shifted), 2)",
           "exp overflows where its result does not", (_ELEMENTARY,)),
    Mutant("tracer/library/complex_functions.py", "return other, primitive.copysign(size, y)", "return other, size",
           "the square root has one value on both sides of its branch cut", ("tests/test_library_cmath.py", "tests/test_elementary_complex.py")),
    Mutant("tracer/library/complex_functions.py", "        return 0.0, y\n    if a < _SMALLEST_NORMAL and b < _SMALLEST_NORMAL:\n", "        return 0.0, y\n    if False:\n",
           "square roots of subnormal complex numbers lose digits", ("tests/test_library_cmath.py", "tests/test_elementary_complex.py")),
    # --- sorting and searching
    Mutant("tracer/library/sort_keys.py", "bits = primitive.select(ordered, bits, primitive.and_(bits, sign - 1))", "pass",
           "a NaN with a sign is sorted to the front", (_SORT,)),
    Mutant("tracer/library/sort_keys.py", "return primitive.xor(bits, 1 << (kind.bits - 1))", "return bits", "negative integers are sorted behind positive ones", (_SORT,)),
    Mutant("tracer/library/sort_keys.py", "            if before[0] <= moved[0]:\n", "            if before[0] < moved[0]:\n",
           "a stable sort swaps equal items", (_SORT,)),
    Mutant("tracer/library/sort_keys.py", "    if stop - start > 2 * half:\n", "    if stop - start > 2 * half + 1:\n", "merging drops the last item of odd runs", (_SORT,)),
    Mutant("tracer/library/sort_keys.py", "        if not _is_constant(records, places, count, shift, first):\n", "        if not _is_constant(records, places, count - 1, shift, first):\n",
           "a digit that all but one key have is skipped", (_SORT,)),
    Mutant("tracer/library/array_sort.py", "primitive.cast(primitive.lt(x, 0.0), to=int64)", "primitive.cast(primitive.le(x, 0.0), to=int64)",
           "zeros of both signs are put behind their place", (_SORT,)),
    Mutant("tracer/library/array_search.py", "primitive.lt(item, x) if is_left else primitive.le(item, x)", "primitive.le(item, x) if is_left else primitive.lt(item, x)",
           "the sides of searchsorted are swapped", (_SEARCH,)),
    Mutant("tracer/library/array_search.py", "primitive.sub(len(a), _count_nan(a, at, kind)) if is_left else len(a)", "len(a)",
           "NaN is inserted behind other NaNs", (_SEARCH,)),
    # --- reductions
    Mutant("tracer/library/array_extremes.py", "    if count_along(a, axes) == 0:\n        raise ValueError(f\"zero-size", "    if False:\n        raise ValueError(f\"zero-size",
           "the largest item of an empty array is minus infinity", (_REDUCTIONS,)),
    Mutant("tracer/library/array_extremes.py", "if primitive.and_(primitive.not_(same_item(found, best)), same_item(choose(best, found), found)):", "if same_item(choose(best, found), found):",
           "argmax gives the last block that has the largest item", (_REDUCTIONS,)),
    Mutant("tracer/library/array_extremes.py", "return primitive.or_(x == extreme, primitive.and_(is_nan(x), is_nan(extreme)))", "return x == extreme",
           "argmax does not find NaN", (_REDUCTIONS,)),
    Mutant("tracer/library/array_ufuncs.py", "return primitive.fmaximum(a, b)", "return primitive.select(primitive.gt(a, b), a, b)",
           "the largest item is NaN only if it comes last", (_REDUCTIONS, "tests/test_arrays_ufuncs.py")),
    # --- BLAS, indices, times
    Mutant("tracer/library/array_blas.py", "across >= itemsize * length and across % itemsize == 0", "across % itemsize == 0",
           "matrices with overlapping or reversed rows go to BLAS", ("tests/test_arrays_products.py",)),
    Mutant("tracer/library/array_blas.py", "    if stride > 0 and stride % vector.itemsize == 0:\n", "    if stride % vector.itemsize == 0:\n",
           "reversed vectors go to BLAS", ("tests/test_arrays_products.py",)),
    Mutant("tracer/library/array_blas.py", "_UPPER, _flag(not by_rows)", "_UPPER, _flag(by_rows)", "a @ a.T is computed as a.T @ a", ("tests/test_arrays_products.py",)),
    Mutant("tracer/library/index_arrays.py", "        if found >= count:\n", "        if found > count:\n", "a mask stores behind its last item",
           ("tests/test_arrays_take.py", "tests/test_arrays_indexing.py")),
    Mutant("tracer/library/times.py", "return primitive.eq(count_of(x), NOT_A_TIME)", "return primitive.eq(count_of(x), 0)", "the epoch is no time", ("tests/test_datetime.py",)),
    Mutant("tracer/library/times.py", "primitive.or_(overflows, primitive.eq(count, NOT_A_TIME)), primitive.not_(nat))", "overflows, primitive.not_(nat))",
           "a sum of times that is the count of NaT passes for one", ("tests/test_datetime.py",)),
    Mutant("tracer/library/times.py", "if FROM_2_5 and _is_lost(primitive.sub_overflows", "if FROM_2_5 and _is_lost(primitive.add_overflows",
           "differences of times are checked as sums", ("tests/test_datetime.py",)),
    Mutant("tracer/library/array_elementwise.py", "return type is types.int64 and isinstance(kind, Integer)", "return isinstance(kind, Integer)",
           "np.where refuses numbers that are not Python's", ("tests/test_arrays_ufuncs.py",)),
    # --- overflow="raise"
    Mutant("tracer/library/operators_checked.py", "if primitive.sub_overflows(a, b):", "if primitive.add_overflows(a, b):",
           "differences are checked as sums", (_OVERFLOW,)),
    Mutant("tracer/library/operators_checked.py", "    if primitive.mul_overflows(a, b):\n", "    if False:\n", "products wrap", (_OVERFLOW,)),
    Mutant("tracer/library/operators_checked.py", "return operators_int.int_floordiv(a, b)", "return operators_int.int_floordiv(b, a)",
           "a quotient that fits is the wrong way round", (_OVERFLOW,)),
    Mutant("tracer/library/operators_checked.py", "operators_int.int_rshift(shifted, count), a)", "operators_int.int_rshift(shifted, count), shifted)",
           "bits that are shifted out are not missed", (_OVERFLOW,)),
    Mutant("tracer/library/operators_checked.py", "    if exponent < 0:\n", "    if exponent < 1:\n", "the power of 0 raises", (_OVERFLOW,)),
)
