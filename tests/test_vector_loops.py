"""Loops over arrays that are written with vectors: all lengths, all widths of items, branches, calls for some lanes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from codegen_harness import compiled

from codegen.engine import Engine, engine
from codegen.vector_buffers import BufferedLoop
from codegen.vector_text import split_blocks
from ir.interp import run
from ir.parser import parse
from tracer import njit, trace

LENGTHS = (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 129)
DTYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


compiled_once = functools.cache(njit)


@pytest.fixture(autouse=True, scope="module", params=("masks", "buffers"))
def form(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both forms of a loop of vectors; the one with buffers is for any CPU."""
    if request.param == "masks" and not engine().has_masks:
        pytest.skip("this CPU has no masks for the lanes of vectors")
    compiled_once.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "has_masks", request.param == "masks")
        yield


def vectors_in(function: Callable, *arguments: Any) -> int:
    """How many loops of the compiled function are written with vectors."""
    return trace(function)(*arguments).text("llvm-input").count(".vectors:")


def items(dtype: str, length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2 if dtype == "?" else 50, length).astype(dtype)


def same(function: Callable, *arguments: Any) -> None:
    """Compiled code gives the same array, and writes the same into its arguments, with what lies around them untouched."""
    ours = [np.copy(a) for a in arguments]
    expected, result = function(*arguments), compiled_once(function)(*ours)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)
    for one, other in zip(ours, arguments):
        np.testing.assert_array_equal(one, other)


def twice(a):
    return a + a


def less(a, b):
    return a < b


def widened(a, b):
    return a * 0.5 + b


def chosen(a, b):
    return np.where(a > b, a, b - a)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.quick_cases(None)
def test_lengths_and_widths(dtype: str) -> None:
    a = items(dtype, 5)
    assert vectors_in(twice, a) == 1
    if dtype != "?":
        assert vectors_in(less, a, a) == vectors_in(chosen, a, a) == 1
    for length in LENGTHS:
        a, b = items(dtype, length), items(dtype, length, 1)
        same(twice, a)
        same(less, a, b)
        same(widened, a, items("f4", length, 2))
        if dtype != "?":
            same(chosen, a, b)


def add_into(a, b):
    a += b
    return a


def shift_into(a):
    a[1:] = a[:-1] * 2
    return a


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.quick_cases(2)
def test_in_place(length: int) -> None:
    for dtype in ("u1", "f8"):
        around = items(dtype, length + 70)
        before = around.copy()
        compiled_once(add_into)(around[33 : 33 + length], items(dtype, length, 1))
        add_into(before[33 : 33 + length], items(dtype, length, 1))
        np.testing.assert_array_equal(around, before)
        same(add_into, items(dtype, length), items(dtype, length, 1))
    if length:
        same(shift_into, items("f8", length))


def numbered(n, x):
    return np.arange(n) * x


def first_taken(a, b):
    return a * b[0] + b[-1]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.quick_cases(2)
def test_what_is_the_same_in_all_lanes(length: int) -> None:
    np.testing.assert_array_equal(compiled_once(numbered)(length, 3), numbered(length, 3))
    np.testing.assert_array_equal(compiled_once(numbered)(length, 2.5), numbered(length, 2.5))
    same(first_taken, items("f8", length), items("f8", 3, 1))


BRANCHES = """
graph branches(a: float64[::1], b: float64[::1], n: int64) -> none
  entry0:
    jump loop1(0)
  loop1(i: int64):
    %0: bool = lt i, n
    branch %0, body2, exit9
  body2:
    %1: np.float64 = load a, i {parallel=1}
    %2: np.bool = gt %1, 0.5:np.float64
    %3: bool = cast %2
    branch %3, then3, else4
  then3:
    %4: np.float64 = mul %1, %1
    %5: np.bool = gt %4, 0.5:np.float64
    %6: bool = cast %5
    branch %6, inner5, join7(%4, %1)
  inner5:
    %7: np.float64 = neg %4
    jump join7(%7, %4)
  else4:
    %8: np.float64 = add %1, 1.0:np.float64
    %9: bool = lt i, 20
    branch %9, join7(%8, %8), other6
  other6:
    %10: np.float64 = cast i
    jump join7(%10, %1)
  join7(x: np.float64, y: np.float64):
    %11: np.float64 = sub x, y
    store b, i, %11 {parallel=1}
    %12: int64 = add i, 1
    jump loop1(%12) {parallel=1}
  exit9:
    return none
"""


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.quick_cases(3)
def test_branches_become_selections(length: int) -> None:
    graph = parse(BRANCHES)
    a = np.random.default_rng(length).random(length)
    expected, result = np.zeros(length), np.zeros(length)
    run(graph, a, expected, length)
    machine_code = compiled(graph)
    assert ".vectors:" in machine_code.executable.llvm
    machine_code(a, result, length)
    np.testing.assert_array_equal(result, expected)


STORED_AND_LOADED = """
graph stored(a: float64[::1], b: float64[::1], n: int64) -> none
  entry0:
    jump loop1(0)
  loop1(i: int64):
    %0: bool = lt i, n
    branch %0, body2, exit3
  body2:
    %1: np.float64 = load a, i {parallel=1}
    store b, i, %1 {parallel=1}
    %2: np.float64 = load b, i {parallel=1}
    %3: np.float64 = add %1, %2
    store a, i, %3 {parallel=1}
    %4: int64 = add i, 1
    jump loop1(%4) {parallel=1}
  exit3:
    return none
"""
LAST_ITEM = """
graph last(a: float64[::1], b: float64[::1], n: int64) -> none
  entry0:
    jump loop1(0)
  loop1(i: int64):
    %0: bool = lt i, n
    branch %0, body2, exit3
  body2:
    %1: int64 = sub n, 1
    %2: np.float64 = load a, %1 {parallel=1}
    %3: np.float64 = load a, i {parallel=1}
    %4: np.float64 = mul %2, %3
    store b, i, %4 {parallel=1}
    %5: int64 = add i, 1
    jump loop1(%5) {parallel=1}
  exit3:
    return none
"""


STORED_IN_A_BRANCH = """
graph chosen(a: float64[::1], b: float64[::1], n: int64) -> none
  entry0:
    jump loop1(0)
  loop1(i: int64):
    %0: bool = lt i, n
    branch %0, body2, exit5
  body2:
    %1: np.float64 = load a, i {parallel=1}
    %2: bool = lt %1, 0.5:np.float64
    branch %2, store3, next4
  store3:
    %3: np.float64 = mul %1, %1
    store b, i, %3 {parallel=1}
    jump next4
  next4:
    %4: int64 = add i, 1
    jump loop1(%4) {parallel=1}
  exit5:
    return none
"""


@pytest.mark.parametrize(
    ("text", "needs_masks"), [(STORED_AND_LOADED, True), (STORED_IN_A_BRANCH, True), (LAST_ITEM, False)], ids=("stored", "branch", "last")
)
@pytest.mark.quick_cases(None)
def test_items_of_other_rounds(text: str, needs_masks: bool) -> None:
    """What is loaded behind a store would not be in its buffer; an index that does not change is no index of a lane."""
    machine_code = compiled(parse(text))
    assert machine_code.executable.llvm.count(".vectors:") == (engine().has_masks or not needs_masks)
    for length in LENGTHS:
        a, b = np.random.default_rng(length).random((2, length))
        expected = a.copy(), b.copy()
        run(parse(text), *expected, length)
        machine_code(a, b, length)
        np.testing.assert_array_equal((a, b), expected)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.quick_cases(3)
def test_rare_arguments_in_some_lanes(length: int) -> None:
    """The functions of the library have branches with calls, for huge, tiny and special arguments."""
    rng = np.random.default_rng(length)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e-310, 1e300, -1e22, 2.0**60])
    for scale in (0.0, 0.1, 1.0):
        a = np.where(rng.random(length) < scale, rng.choice(special, length), rng.random(length) * 10)
        for function in (sine, logarithm, power):
            fast = compiled_once(function)
            single = np.array([fast(a[i : i + 1])[0] for i in range(length)])
            np.testing.assert_array_equal(fast(a), single)
            with np.errstate(all="ignore"):
                np.testing.assert_allclose(single, function(a), rtol=1e-15)


def sine(a):
    return np.sin(a)


def logarithm(a):
    return np.log(a)


def power(a):
    return a**1.75


def test_the_functions_of_the_library_are_vectors() -> None:
    a = np.ones(3)
    for function in (np.exp, np.log, np.sin, np.cos, np.tanh, np.sqrt, np.cbrt, np.arctan, np.expm1):
        assert vectors_in(lambda a, function=function: function(a), a) == 1, function
    assert vectors_in(power, a) == 1


def product(a, b):
    return a * b


def test_layouts() -> None:
    a = np.arange(60.0).reshape(3, 4, 5)
    for one, other in ((a, a), (np.asfortranarray(a), np.asfortranarray(a)), (a[:, :, :4:2], a[:, :, 1::2]), (a, a[0]), (a, a.T.copy().T)):
        np.testing.assert_array_equal(compiled_once(product)(one, other), product(one, other))
    unaligned = np.frombuffer(b"x" + np.arange(19.0).tobytes(), dtype=np.float64, offset=1)
    np.testing.assert_array_equal(compiled_once(product)(unaligned, unaligned), unaligned**2)
    readonly = np.arange(19.0)
    readonly.flags.writeable = False
    np.testing.assert_array_equal(njit(twice)(readonly), readonly * 2)


def cube(a):
    return a * a * a


@pytest.mark.parametrize("argument", [np.ones(3, complex), np.ones(6)[::2], np.ones((4, 4))[:, 1:]], ids=["complex", "strided", "rows"])
def test_items_that_do_not_lie_side_by_side(argument: np.ndarray) -> None:
    assert vectors_in(cube, argument) == (engine().has_masks and argument.dtype != complex)
    np.testing.assert_array_equal(njit(cube)(argument), cube(argument))


def totals(a):
    return a.sum(), a.prod(), a.max(initial=0), a.min(initial=60)


def truths(a):
    return (a > 3).any(), (a < 60).all(), np.count_nonzero(a), (a == 1).sum()


def bits(a):
    return np.bitwise_or.reduce(a), np.bitwise_xor.reduce(a), np.bitwise_and.reduce(a)


def chosen_count(a, low):
    count = 0
    for x in a:
        if x > low:
            count += 1
    return count


def chosen_total(a, low):
    total = 0
    for x in a:
        total = total + 2 if x > low else total
    return total


def chosen_sums(a):
    even, odd = 0, 0
    for x in a:
        if x % 2 == 0:
            even += x
        else:
            odd += x
    return even, odd


def by_rows(a):
    return a.sum(axis=1), a.max(axis=1, initial=-1), (a > 2).sum(axis=1)


def assert_same_results(function: Callable, *arguments: Any) -> None:
    expected, result = function(*arguments), compiled_once(function)(*arguments)
    for one, other in zip(expected, result) if isinstance(expected, tuple) else [(expected, result)]:
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.quick_cases(None)
def test_reductions(dtype: str) -> None:
    """Numbers whose sums are exact: the order of the rounds must not show in other ways either."""
    assert (vectors_in(truths, items("i8", 9)) >= 4) is engine().has_masks
    for length in LENGTHS:
        a = items(dtype, length)
        assert_same_results(truths, a.astype("u1") if dtype == "?" else a)
        if dtype in ("f4", "f8"):
            a = a % 3 + 1
        if dtype != "?":
            assert_same_results(totals, np.minimum(a, 2) if dtype in ("f4", "f8") else a)
        if dtype[0] in "iu":
            assert_same_results(bits, a)
        if length:
            assert_same_results(chosen_sums, a.astype("i8"))
            assert_same_results(chosen_count, a.astype("f8"), 2.5)
            assert_same_results(chosen_total, a.astype("f8"), 2.5)
            assert_same_results(by_rows, items(dtype, 3 * length).reshape(3, length).astype("i8"))
    assert (vectors_in(chosen_count, np.ones(3), 2.5) == 1) is engine().has_masks


BLOCKS = """
graph blocks(a: int64[::1]) -> np.int64
  entry0:
    jump loop1(0, 0:np.int64)
  loop1(i: int64, state: np.int64):
    %0: bool = lt i, {rounds}
    branch %0, body2, exit3
  body2:
    %1: np.int64 = load a, i
    %2: np.int64 = add state, %1
    %3: int64 = add i, 1
    jump loop1(%3, %2)
  exit3:
    return state
"""


@pytest.mark.parametrize("rounds", (8, 16, 48, 64, 128, 24, 20))
def test_reductions_of_a_known_number_of_rounds(rounds: int) -> None:
    graph = parse(BLOCKS.replace("{rounds}", str(rounds)))
    a = items("i8", rounds)
    machine_code = compiled(graph)
    assert (".vectors:" in machine_code.executable.llvm) is (engine().has_masks or rounds != 20)
    assert machine_code(a) == a.sum() == run(graph, a)


@pytest.mark.parametrize("special", [np.nan, -0.0, np.inf, -np.inf])
@pytest.mark.quick_cases(None)
def test_reductions_of_special_numbers(special: float) -> None:
    def ends(a):
        return a.max(), a.min(), np.nanmax(a), np.fmin.reduce(a)

    for place in range(40):
        a = np.arange(1.0, 41.0)
        a[place] = special
        for one, other in zip(njit(ends)(a), ends(a)):
            assert repr(one) == repr(other)


def test_what_a_loop_reduces_is_no_vector_elsewhere() -> None:
    """A state that is used in another way, or combined in an order that matters, goes round by round."""

    def running(a):
        seen, total = 0, 0
        for x in a:
            seen |= x
            total += seen
        return seen, total

    def alternating(a):
        total = 0
        for x in a:
            total = x - total
        return total

    for function in (running, alternating):
        for length in LENGTHS:
            a = items("i8", length) - 20
            assert njit(function)(a) == function(a)


SHIFTED = [
    ("b1", ["  %i = phi i64 [0, %b0], [%next, %b2]", "  %more = icmp slt i64 %i, %stop", "  br i1 %more, label %b2, label %b3"]),
    ("b2", [
        "  %k = load i64, ptr %shift, align 8", "  %j = add i64 %i, %k", "  %p = getelementptr inbounds [8 x i8], ptr %a, i64 %j",
        "  %x = load double, ptr %p, align 8", "  %q = getelementptr inbounds [8 x i8], ptr %b, i64 %i",
        "  store double %x, ptr %q, align 8", "  %next = add i64 %i, 1", "  br label %b1",
    ]),
]  # fmt: skip


def test_nothing_is_loaded_where_no_round_comes() -> None:
    lines = BufferedLoop(SHIFTED, 8).around("", "")
    blocks = split_blocks(lines)
    assert not [line for label in ("b1", "b1.start", "b1.rest") for line in blocks[label] if " load " in line]
    assert all(any("load i64, ptr %shift" in line for line in blocks[label]) for label in ("b1.begin", "b1.fill", "b1.back"))
