"""What can be proved about integers, and what must not be: each claim is tried on a graph of a few lines."""

from __future__ import annotations

import itertools

import pytest

from ir import types
from ir.builder import constant
from ir.cfg import ControlFlow
from ir.graph import Graph, Value
from ir.inequalities import Inequalities
from ir.interp import run
from ir.parser import parse


def claims(params: str, body: str, *inequalities: str) -> list[bool]:
    """Whether each `u <= v + c` is proved at the end of a straight piece of code, or below `when: condition`."""
    lines = [line.strip() for line in body.strip().splitlines()]
    text = f"graph f({params}) -> int64\n  entry0:\n"
    for number, line in enumerate(lines):
        if line.startswith("when "):
            text += f"    condition{number}: bool = {line[5:]}\n    branch condition{number}, then{number}, else9\n"
            text += f"  then{number}:\n"
        else:
            text += f"    {line}\n"
    text += "    return 0\n" + ("  else9:\n    return 1\n" if "else9" in text else "")
    graph = parse(text)
    return [holds_at_end(graph, claim) for claim in inequalities]


def holds_at_end(graph: Graph, claim: str) -> bool:
    left, _, right = claim.partition("<=")
    values = {v.name: v for block in graph.blocks for v in (*block.params, *(op.result for op in block.ops if op.result))}
    at = next(block for block in graph.blocks if block.ops[-1].operands and is_zero(block.ops[-1].operands[0]))
    (u, a), (v, b) = (linear(side.split(), values) for side in (left, right))
    known = Inequalities(ControlFlow(graph))
    known.passed.update(at.ops)
    return known.less_equal(u, v, b - a, at)


def is_zero(value: Value) -> bool:
    return getattr(value, "value", None) == 0


def linear(words: list[str], values: dict[str, Value]) -> tuple[Value, int]:
    value = values[words[0]] if words[0] in values else constant(int(words[0]), types.int64)
    return value, int("".join(words[1:]) or 0)


LAST, FIRST = 2**63 - 1, -(2**63)


def test_constants_and_lengths() -> None:
    body = "n: int64 = shape a {axis=0}\nm: int64 = shape a {axis=0}"
    assert claims("a: float64[:]", body, "3 <= 4", "4 <= 3", "0 <= n", "1 <= n", "n <= m", "m <= n", "m <= n - 1") == [
        True, False, True, False, True, True, False,
    ]  # fmt: skip
    assert claims("a: float64[:]", body, f"n <= {LAST // 8}", f"n <= {LAST // 8 - 1}") == [True, False]
    assert claims("a: int8[:]", body, f"n <= {LAST}", f"n <= {LAST - 1}") == [True, False]
    assert claims("a: int8[::1]", body, f"n <= {2**62}", f"n <= {2**62 - 1}") == [True, False]


def test_sums_that_may_wrap() -> None:
    body = "up: int64 = add x, 1\ndown: int64 = sub x, 1"
    assert claims("x: int64", body, "up <= x + 1", "x + 1 <= up", "x - 1 <= down", "down <= x - 1") == [
        True, False, True, False,
    ]  # fmt: skip
    bounded = f"when lt x, {LAST}\nwhen gt x, {FIRST}\n{body}"
    assert claims("x: int64", bounded, "x + 1 <= up", "down <= x - 1") == [True, True]
    assert claims("x: int64", f"when le x, {LAST - 1}\nup: int64 = add x, 2", "x + 2 <= up") == [False]
    small = "s: int8 = add x, 100:int8\nwide: int64 = cast s"
    assert claims("x: int8", small, "wide <= x + 100", "x + 100 <= wide", "wide <= 127", "-128 <= wide") == [
        True, False, True, True,
    ]  # fmt: skip


def test_sums_of_two_variables() -> None:
    body = "s: int64 = add x, y"
    assert claims("x: int64, y: int64", body, "x <= s") == [False]
    assert claims("x: int64, y: int64", f"when ge y, 0\n{body}", "x <= s") == [False]
    both_small = f"when ge y, 0\nwhen le x, {2**62 - 1}\nwhen le y, {2**62 - 1}\n{body}"
    assert claims("x: int64, y: int64", both_small, "x <= s", "y <= s") == [True, False]
    assert claims("x: uint64, y: uint64", body, "x <= s") == [False]


def test_differences() -> None:
    body = "d: int64 = sub x, y"
    assert claims("x: int64, y: int64", body, "d <= x", "0 <= d") == [False, False]
    assert claims("x: int64, y: int64", f"when le y, x\n{body}", "0 <= d") == [False]  # LAST - FIRST wraps
    assert claims("x: int64, y: int64", f"when ge y, 0\nwhen le y, x\n{body}", "0 <= d", "d <= x") == [True, True]
    assert claims("x: uint64, y: uint64", f"when le x, 5:uint64\n{body.replace('int64', 'uint64')}", "d <= x") == [False]
    for lowest, expected in ((0, True), (-1, True), (-2, False)):  # -2 - LAST wraps
        assert claims("x: int64, y: int64", f"when ge x, {lowest}\nwhen lt x, y\n{body}", "d <= -1") == [expected]


def test_conditions() -> None:
    for condition, proved in {
        "lt x, y": "x + 1 <= y", "le x, y": "x <= y", "gt x, y": "y + 1 <= x", "ge x, y": "y <= x", "eq x, y": "x <= y",
    }.items():  # fmt: skip
        assert claims("x: int64, y: int64", f"when {condition}", proved) == [True]
        assert claims("x: uint8, y: uint8", f"when {condition}", proved) == [True]
    assert claims("x: int64, y: int64", "when ne x, y", "x <= y", "y <= x") == [False, False]
    assert claims("x: float64, y: int64", "when lt x, 1.0", "y <= 1") == [False]
    assert claims("x: uint8, y: int64", "when ne x, 0:uint8\nwhen ne x, 255:uint8", "1 <= x", "x <= 254") == [True, True]
    assert claims("x: int64, y: int64", "a: bool = lt x, y\nb: bool = lt y, 9\nwhen and a, b", "x <= 7") == [True]
    assert claims("x: int64, y: int64", "a: bool = lt x, y\nb: bool = lt y, 9\nwhen or a, b", "x <= 7") == [False]
    assert claims("x: int64, y: int64", "a: bool = lt x, y\nwhen not a", "y <= x", "x <= y") == [True, False]
    chain = "when lt x, y\nwhen lt y, z"
    assert claims("x: int64, y: int64, z: int64", chain, "x + 2 <= z", "x + 3 <= z") == [True, False]


@pytest.mark.parametrize(
    ("ops", "claim", "expected"),
    [
        ("r: int64 = mod x, 7", "0 <= r", True),
        ("r: int64 = mod x, 7", "r <= 6", True),
        ("r: int64 = mod x, 7", "r <= 5", False),
        ("r: int64 = mod x, -7", "0 <= r", False),
        ("r: int64 = mod x, y", "0 <= r", False),
        ("when gt y, 0\nr: int64 = mod x, y", "r + 1 <= y", True),
        ("r: int64 = and x, 15", "0 <= r", True),
        ("r: int64 = and x, 15", "r <= 15", True),
        ("r: int64 = and x, -15", "0 <= r", False),
        ("r: int64 = floordiv x, 2", "0 <= r", False),
        ("when ge x, 0\nr: int64 = floordiv x, 2", "0 <= r", True),
        ("when ge x, 0\nr: int64 = floordiv x, 2", "r <= x", True),
        ("when ge x, 0\nr: int64 = floordiv x, -2", "0 <= r", False),
        ("when ge x, 0\nr: int64 = shr x, 3", "r <= x", True),
        ("when ge x, 0\nr: int64 = mul x, 2", "0 <= r", False),
        (f"when ge x, 0\nwhen le x, {LAST // 2}\nr: int64 = mul x, 2", "x <= r", True),
        (f"when ge x, 0\nwhen le x, {LAST // 2 + 1}\nr: int64 = mul x, 2", "0 <= r", False),
        ("when ge x, 0\nwhen le x, 3037000499\nr: int64 = mul x, x", "0 <= r", True),
        ("when ge x, 0\nwhen le x, 3037000500\nr: int64 = mul x, x", "0 <= r", False),
        ("r: int64 = min x, y", "r <= x", True),
        ("r: int64 = min x, y", "x <= r", False),
        ("r: int64 = max x, 0", "0 <= r", True),
        ("when ge x, 0\nr: int64 = min x, 5", "0 <= r", True),
        ("when le x, 8\nr: int64 = max x, 5", "r <= 8", True),
        ("c: bool = lt x, y\nr: int64 = select c, 3, 9", "3 <= r", True),
        ("c: bool = lt x, y\nr: int64 = select c, 3, 9", "r <= 9", True),
        ("c: bool = lt x, y\nr: int64 = select c, 3, 9", "r <= 8", False),
        ("r: int64 = check_index x, y {axis=0}", "0 <= r", True),
        ("r: int64 = check_index x, y {axis=0}", "r + 1 <= y", True),
        ("r: int64 = check_index x, y {axis=0}", "x + 1 <= y", True),
        ("r: int64 = check_index x, y {axis=0}", "r <= x", False),
        ("r: int64 = check_index x, y {axis=0}", "x <= r", True),
        ("r: int64 = wrap_index x, y {axis=0}", "0 <= r", False),
        ("when ge x, 0\nr: int64 = wrap_index x, y {axis=0}", "r <= x", True),
        ("%0: int8 = cast x\nr: int64 = cast %0", "r <= 127", True),
        ("%0: int8 = cast x\nr: int64 = cast %0", "r <= x", False),
        ("%0: uint64 = cast x\nr: int64 = cast %0", "0 <= r", False),
        ("%0: np.int64 = cast x\nr: int64 = cast %0", "r <= x", True),
        ("s: int64 = add x, y\nr: int64 = floordiv s, 2", "r <= y", False),
        ("when lt x, y\nwhen ge x, 0\nwhen lt y, 1000\ns: int64 = add x, y\nr: int64 = floordiv s, 2", "r + 1 <= y", True),
        ("when lt x, y\nwhen ge x, 0\nwhen lt y, 1000\ns: int64 = add x, y\nr: int64 = shr s, 1", "x <= r", True),
        ("when lt x, y\nwhen ge x, 0\ns: int64 = add x, y\nr: int64 = shr s, 1", "r <= y", False),
        ("when lt x, y\nwhen lt y, 1000\ns: int64 = add x, y\nr: int64 = floordiv s, 2", "r <= y", False),
        ("r: uint64 = cast x", "r <= x", False),
        ("r: uint64 = cast x", "0 <= x", False),
    ],
)
def test_results_of_ops(ops: str, claim: str, expected: bool) -> None:
    assert claims("x: int64, y: int64", ops, claim) == [expected]


LOOP = """
graph f(n: int64, m: int64) -> int64
  entry0:
    jump loop1({start}, 0)
  loop1(i: int64, j: int64):
    more: bool = {condition}
    branch more, body2, exit3
  body2:
    next: int64 = {step}
    after: int64 = add j, 1
    jump loop1(next, {other})
  exit3:
    return i
"""


@pytest.mark.parametrize(
    ("start", "condition", "step", "other", "claim", "expected"),
    [
        ("0", "lt i, n", "add i, 1", "i", "0 <= i", True),
        ("0", "lt i, n", "add i, 2", "i", "0 <= i", False),  # may wrap around when n is large
        ("5", "lt i, n", "add i, 1", "i", "6 <= i", False),
        ("n", "gt i, 0", "sub i, 1", "i", "i <= n", True),
        ("n", "gt i, 0", "sub i, 1", "i", "1 <= i", True),
        ("m", "lt i, n", "add i, 1", "i", "m <= i", True),
        ("0", "ne i, n", "add i, 1", "i", "0 <= i", False),
        ("0", "lt i, n", "add i, 1", "after", "0 <= j", False),  # nothing keeps j from wrapping
        ("0", "lt i, n", "add i, 1", "i", "j <= i", True),
        ("0", "lt i, n", "add i, 1", "i", "i <= j", False),
        ("1", "lt i, n", "add i, 1", "i", "j + 1 <= i", True),
        ("0", "lt i, n", "add i, 1", "n", "j <= n", False),
        ("n", "lt i, 100", "add i, 1", "i", "0 <= i", False),
        ("0", "lt i, n", "max i, m", "i", "0 <= i", True),
        ("0", "lt i, n", "min i, m", "i", "0 <= i", False),
    ],
)
def test_loops(start: str, condition: str, step: str, other: str, claim: str, expected: bool) -> None:
    graph = parse(LOOP.format(start=start, condition=condition, step=step, other=other))
    left, _, right = claim.partition("<=")
    values = {v.name: v for block in graph.blocks for v in (*block.params, *(op.result for op in block.ops if op.result))}
    (u, a), (v, b) = (linear(side.split(), values) for side in (left, right))
    assert Inequalities(ControlFlow(graph)).less_equal(u, v, b - a, graph.blocks[2]) is expected


def test_the_length_of_an_array_that_changes_in_the_loop_is_not_invariant() -> None:
    graph = parse("""
graph f(a: float64[:], b: float64[:], n: int64) -> int64
  entry0:
    jump loop1(a, 0)
  loop1(c: float64[:], i: int64):
    size: int64 = shape c {axis=0}
    more: bool = lt i, size
    branch more, body2, exit3
  body2:
    next: int64 = add i, 1
    jump loop1(b, next)
  exit3:
    return i
""")
    known = Inequalities(ControlFlow(graph))
    size, i = graph.blocks[1].ops[0].result, graph.blocks[1].params[1]
    assert not known.less_equal(i, size, 0, graph.blocks[1])
    assert known.less_equal(i, size, -1, graph.blocks[2])


def test_what_was_proved_under_an_assumption_is_forgotten_with_it() -> None:
    graph = parse("""
graph f(m: int64, a: bool, b: bool) -> int64
  entry0:
    jump loop1(0, 0)
  loop1(i: int64, j: int64):
    branch a, body2, exit5
  body2:
    branch b, swap3, other4
  swap3:
    jump loop1(j, i)
  other4:
    jump loop1(m, i)
  exit5:
    return j
""")
    i, j = graph.blocks[1].params
    known, three = Inequalities(ControlFlow(graph)), constant(3, types.int64)
    assert [known.less_equal(v, three, 0, graph.blocks[1]) for v in (i, j, i, j)] == [False] * 4


def test_facts_hold_below_their_branch_only() -> None:
    graph = parse("""
graph f(x: int64, c: bool) -> int64
  entry0:
    small: bool = lt x, 5
    branch small, then1, else2
  then1:
    jump join3
  else2:
    jump join3
  join3:
    return x
""")
    known = Inequalities(ControlFlow(graph))
    five, x = constant(5, types.int64), graph.params[0]
    assert [known.less_equal(x, five, -1, block) for block in graph.blocks] == [False, True, False, False]
    assert [known.less_equal(five, x, 0, block) for block in graph.blocks] == [False, False, True, False]


def test_both_edges_of_a_branch_to_one_block_tell_nothing() -> None:
    graph = parse("""
graph f(x: int64) -> int64
  entry0:
    small: bool = lt x, 5
    branch small, next1, next1
  next1:
    return x
""")
    known = Inequalities(ControlFlow(graph))
    assert not known.less_equal(graph.params[0], constant(5, types.int64), 0, graph.blocks[1])


@pytest.mark.parametrize("relation", ("lt", "le", "gt", "ge", "eq", "ne"))
def test_decided_comparisons(relation: str) -> None:
    """Of a value that is known to be from 3 to 5, against all numbers around it."""
    for number in range(1, 8):
        graph = parse(f"""
graph f(x: int64) -> bool
  entry0:
    %0: int64 = max x, 3
    y: int64 = min %0, 5
    result: bool = {relation} y, {number}
    return result
""")
        decision = Inequalities(ControlFlow(graph)).decide(graph.entry.ops[2], graph.entry)
        possible = {run(graph, x) for x in range(8)}
        assert decision == (possible.pop() if len(possible) == 1 else None), number


def test_proofs_agree_with_running() -> None:
    """Every bound that is proved for the ops of a small graph holds for all inputs near the limits."""
    numbers = (0, 1, 2, -1, -2, LAST, LAST - 1, FIRST, FIRST + 1, 2**62, -(2**62))
    graphs = [
        parse(f"graph f(x: int64, y: int64) -> int64\n  entry0:\n    a: int64 = {first}\n    b: int64 = {second}\n"
              f"    return b\n")
        for first in ("add x, 1", "sub x, 2", "max x, 0", "min x, y", "mod x, 3", "and x, 7", "sub x, y")
        for second in ("add a, y", "sub a, 1", "sub y, a", "max a, y", "mul a, 2", "shr a, 1", "add a, 3")
    ]  # fmt: skip
    proved = 0
    for graph in graphs:
        known = Inequalities(ControlFlow(graph))
        params = [*graph.params, constant(0, types.int64)]
        result = graph.entry.ops[1].result
        for position, other in enumerate(params):
            for offset in (-3, -1, 0, 1, 3, 7):
                for u, v in ((result, other), (other, result)):
                    if known.less_equal(u, v, offset, graph.entry):
                        proved += 1
                        for inputs in itertools.product(numbers, repeat=2):
                            r, o = run(graph, *inputs), (*inputs, 0)[position]
                            assert (r <= o + offset) if u is result else (o <= r + offset)
    assert proved > 30
