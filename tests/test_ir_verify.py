"""The verifier finds each planted fault, all of them at once, and shows them at their place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ir import types
from ir.builder import Builder, constant
from ir.errors import VerificationError
from ir.graph import Block, Constant, Edge, ExceptionTemplate, Graph, Op, Placeholder, Value
from ir.ops import arithmetic, control, convert
from ir.parser import parse
from ir.verify import verify

TEXT = """
graph f(n: int64, x: float64) -> int64
  entry0:
    a: int64 = add n, 1
    jump loop1(0)
  loop1(i: int64):
    more: bool = lt i, a
    branch more, body2, exit3
  body2:
    b: int64 = call g(i)
    next: int64 = add i, b
    jump loop1(next)
  exit3:
    return i
graph g(k: int64) -> int64
  entry0:
    bad: bool = lt k, 0
    branch bad, raise1, next2
  raise1:
    raise ValueError(f"not {$0}") k
  next2:
    return 1
"""


def op(graph: Graph, block: int, position: int) -> Op:
    return graph.blocks[block].ops[position]


def callee(graph: Graph) -> Graph:
    return op(graph, 2, 0).attributes["callee"]


def set_result(graph: Graph) -> None:
    op(graph, 0, 0).result.type = types.float64


def use_before_definition(graph: Graph) -> None:
    first, second = graph.blocks[2].ops[:2]
    graph.blocks[2].ops[:2] = second, first


def use_itself(graph: Graph) -> None:
    made = op(graph, 2, 1)
    made.operands[0] = made.result


def use_what_does_not_dominate(graph: Graph) -> None:
    op(graph, 3, 0).operands[0] = op(graph, 2, 1).result


def use_a_stranger(graph: Graph) -> None:
    op(graph, 3, 0).operands[0] = Value(types.int64, "stranger")


def use_a_value_of_another_graph(graph: Graph) -> None:
    op(graph, 3, 0).operands[0] = callee(graph).params[0]


def define_twice(graph: Graph) -> None:
    graph.blocks[2].ops.insert(0, op(graph, 2, 0))


def share_a_parameter(graph: Graph) -> None:
    graph.blocks[3].params.append(graph.blocks[1].params[0])
    op(graph, 1, 1).targets[1].arguments.append(constant(1, types.int64))


def forget_the_op_of_a_result(graph: Graph) -> None:
    op(graph, 0, 0).result.op = None


def give_a_parameter_an_op(graph: Graph) -> None:
    graph.blocks[1].params[0].op = op(graph, 0, 0)


def drop_the_terminator(graph: Graph) -> None:
    graph.blocks[3].ops.pop()


def terminate_in_the_middle(graph: Graph) -> None:
    graph.blocks[3].ops.insert(0, Op(control.return_, [constant(1, types.int64)], {}, None, None))


def pass_too_few(graph: Graph) -> None:
    op(graph, 0, 1).targets[0].arguments.clear()


def pass_a_wrong_type(graph: Graph) -> None:
    op(graph, 0, 1).targets[0].arguments[0] = graph.params[1]


def jump_twice(graph: Graph) -> None:
    jump = op(graph, 0, 1)
    jump.targets = (*jump.targets, Edge(graph.blocks[3]))


def jump_out(graph: Graph) -> None:
    op(graph, 0, 1).targets = (Edge(callee(graph).blocks[2]),)


def jump_to_the_entry(graph: Graph) -> None:
    op(graph, 2, 2).targets = (Edge(graph.entry, list(graph.params)),)


def leave_a_block_unreachable(graph: Graph) -> None:
    graph.blocks.append(Block("lost", [], [Op(control.return_, [constant(1, types.int64)], {}, None, None)]))


def register_a_block_twice(graph: Graph) -> None:
    graph.blocks.append(graph.blocks[3])


def return_a_wrong_type(graph: Graph) -> None:
    op(graph, 3, 0).operands[0] = graph.params[1]


def forget_the_result_type(graph: Graph) -> None:
    callee(graph).result_type = None


def give_operands_of_two_types(graph: Graph) -> None:
    op(graph, 0, 0).operands[1] = graph.params[1]


def pass_a_wrong_argument_to_a_callee(graph: Graph) -> None:
    op(graph, 2, 0).operands[0] = graph.params[1]


def a_value_as_attribute(graph: Graph) -> None:
    op(graph, 0, 0).attributes["name"] = graph.params[0]


def forget_an_attribute(graph: Graph) -> None:
    value = Value(types.float64)
    value.op = Op(convert.cast, [graph.params[0]], {}, value, None)
    graph.entry.ops.insert(0, value.op)


def put_a_numpy_number_in_a_python_constant(graph: Graph) -> None:
    op(graph, 0, 0).operands[1] = Constant(types.int64, value=np.int64(1))


def put_a_long_integer_in_a_constant(graph: Graph) -> None:
    op(graph, 0, 0).operands[1] = Constant(types.int64, value=2**63)


def refer_to_a_missing_operand(graph: Graph) -> None:
    op(callee(graph), 1, 0).attributes["exception"] = ExceptionTemplate(ValueError, ((Placeholder(1),),))


def raise_a_string(graph: Graph) -> None:
    op(callee(graph), 1, 0).attributes["exception"] = "error"


def callee_without_blocks() -> Graph:
    return Graph("empty", result_type=types.int64)


FAULTS: dict[Callable[[Graph], None], str] = {
    set_result: "add gives int64, not float64",
    use_before_definition: "uses b before its definition",
    use_itself: "uses next before its definition",
    use_what_does_not_dominate: "uses next, whose definition does not dominate this place",
    use_a_stranger: "uses stranger, which is not defined in this graph",
    use_a_value_of_another_graph: "uses k, which is not defined in this graph",
    define_twice: "this value has another definition already",
    share_a_parameter: "this value has another definition already",
    forget_the_op_of_a_result: "the result does not know the op that makes it",
    give_a_parameter_an_op: "a parameter claims to be made by an op",
    drop_the_terminator: "the block does not end with a terminator",
    terminate_in_the_middle: "a terminator stands before the end of the block",
    pass_too_few: "loop takes 1 arguments, not 0",
    pass_a_wrong_type: "argument 0 of loop is int64, not float64",
    jump_twice: "jump has 2 targets, not 1",
    jump_out: "leads to 'next', which is not a block of this graph",
    jump_to_the_entry: "an edge leads to the first block",
    leave_a_block_unreachable: "control cannot reach this block",
    register_a_block_twice: "a block stands in the graph twice",
    return_a_wrong_type: "returns float64, but the graph returns int64",
    forget_the_result_type: "the graph has no result type",
    give_operands_of_two_types: "add: operands differ in type: int64, float64",
    pass_a_wrong_argument_to_a_callee: "call: g takes (int64)",
    a_value_as_attribute: "the attribute name is a value of run time",
    forget_an_attribute: "cast lacks the attribute 'to'",
    put_a_numpy_number_in_a_python_constant: "is not a int64",
    put_a_long_integer_in_a_constant: "the constant 9223372036854775808 is not a int64",
    refer_to_a_missing_operand: "the exception refers to an operand beyond the 1 there are",
    raise_a_string: "raises something that is not an ExceptionTemplate",
}


def test_a_sound_graph_passes() -> None:
    verify(parse(TEXT))


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_planted_fault(plant: Callable[[Graph], None]) -> None:
    graph = parse(TEXT)
    plant(graph)
    with pytest.raises(VerificationError) as caught:
        verify(graph)
    notes = [line for line in str(caught.value).splitlines() if line.lstrip().startswith("# ^")]
    assert any(FAULTS[plant] in note for note in notes), str(caught.value)


def test_a_graph_without_blocks() -> None:
    with pytest.raises(VerificationError, match="the graph has no blocks"):
        verify(callee_without_blocks())


def test_all_faults_are_shown_at_their_places() -> None:
    graph = parse(TEXT)
    set_result(graph)
    return_a_wrong_type(graph)
    with pytest.raises(VerificationError) as caught:
        verify(graph)
    lines = str(caught.value).splitlines()
    assert lines[0] == "f has 3 faults"
    at = lines.index("    a: float64 = add n, 1")
    assert lines[at + 1] == "    # ^ add gives int64, not float64"
    at = lines.index("    more: bool = lt i, a")
    assert lines[at + 1] == "    # ^ lt: operands differ in type: int64, float64"
    at = lines.index("    return x")
    assert lines[at + 1] == "    # ^ returns float64, but the graph returns int64"


def test_the_builder_makes_sound_graphs() -> None:
    x = Value(types.int64, "x")
    graph = Graph("f", blocks=[Block("entry", [x])], result_type=types.int64)
    builder = Builder(graph)
    builder.return_(builder.emit(arithmetic.add, x, constant(1, types.int64)))
    verify(graph)
