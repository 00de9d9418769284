"""The reference interpreter on whole graphs; each op alone is tested in test_ir_ops."""

from __future__ import annotations

import numpy as np
import pytest

from ir.errors import DomainError, IRError, StepLimitError
from ir.graph import Block, ExceptionTemplate, Graph, Op, Placeholder
from ir.interp import run
from ir.ops import arithmetic, control
from ir.parser import parse


def test_a_loop_over_an_array() -> None:
    graph = parse("""
graph total(a: float64[:]) -> np.float64
  entry0:
    n: int64 = shape a {axis=0}
    jump loop1(0, 0.0:np.float64)
  loop1(i: int64, s: np.float64):
    more: bool = lt i, n
    branch more, body2, exit3
  body2:
    %0: int64 = check_index i, n {axis=0}
    %1: np.float64 = load a, %0
    %2: np.float64 = add s, %1
    %3: int64 = add i, 1
    jump loop1(%3, %2)
  exit3:
    return s
""")
    result = run(graph, np.arange(10.0)[::3])
    assert result == 18.0 and result.__class__ is np.float64
    assert run(graph, np.zeros(0)) == 0.0


def test_parameters_are_set_at_once() -> None:
    graph = parse("""
graph swap(n: int64) -> int64
  entry0:
    jump loop1(1, 2, 0)
  loop1(a: int64, b: int64, i: int64):
    more: bool = lt i, n
    branch more, body2, exit3
  body2:
    %0: int64 = add i, 1
    jump loop1(b, a, %0)
  exit3:
    return a
""")
    assert [run(graph, n) for n in range(4)] == [1, 2, 1, 2]


def test_calls_and_recursion() -> None:
    graph = parse("""
graph factorial(n: int64) -> int64
  entry0:
    small: bool = le n, 1
    branch small, one1, more2
  one1:
    return 1
  more2:
    %0: int64 = sub n, 1
    %1: int64 = call factorial(%0)
    %2: int64 = mul n, %1
    return %2
""")
    assert run(graph, 10) == 3628800
    assert run(graph, 21) == 51090942171709440000 - 3 * 2**64
    with pytest.raises(StepLimitError):
        run(graph, 100, step_limit=200)


def test_exceptions_and_python_calls(capsys: pytest.CaptureFixture[str]) -> None:
    graph = parse("""
graph f(n: int64) -> int64
  entry0:
    python_call print(n, true)
    bad: bool = lt n, 0
    branch bad, raise1, next2
  raise1:
    raise ValueError(f"{$0} < 0", $0) from KeyError($0) n
  next2:
    unreachable
""")
    with pytest.raises(ValueError, match="-3 < 0") as caught:
        run(graph, -3)
    assert caught.value.args == ("-3 < 0", -3) and caught.value.__cause__.args == (-3,)
    assert capsys.readouterr().out == "-3 True\n"
    with pytest.raises(DomainError, match="unreachable"):
        run(graph, 1)


def test_an_existing_exception_is_raised_as_it_is() -> None:
    error = OSError(2, "gone")
    template = ExceptionTemplate(OSError, (Placeholder(0),), instance=error)
    graph = Graph("f", blocks=[Block("entry", [], [Op(control.raise_, [], {"exception": template}, None, None)])])
    with pytest.raises(OSError) as caught:
        run(graph)
    assert caught.value is error


def test_arguments() -> None:
    graph = parse("graph f(n: int64, x: float32) -> float32\n  entry0:\n    return x\n")
    assert run(graph, np.int8(3), 2).__class__ is np.float32
    with pytest.raises(TypeError, match="f takes 2 arguments, got 1"):
        run(graph, 1)


def test_operands_outside_of_the_domain() -> None:
    graph = parse("graph f(n: int64) -> int64\n  entry0:\n    %0: int64 = mod 1, n\n    return %0\n")
    assert run(graph, -3) == -2
    with pytest.raises(DomainError, match="mod is not defined for 1, 0"):
        run(graph, 0)


def test_a_block_that_does_not_end() -> None:
    graph = parse("graph f(n: int64) -> int64\n  entry0:\n    return n\n")
    graph.entry.ops[0] = Op(arithmetic.neg, [graph.params[0]], {}, None, None)
    with pytest.raises(IRError, match="a block ends with neg"):
        run(graph, 0)
