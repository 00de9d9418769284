"""Lowering of calls of C and Fortran functions: their names are symbols, their addresses are not in the text."""

from __future__ import annotations

from codegen import abi
from codegen.emit import GraphText, Parts, lowers
from ir.graph import Op, Value
from ir.ops.foreign import ADDRESSES


@lowers("foreign")
def _foreign(f: GraphText, op: Op) -> Parts | None:
    operands = iter(op.operands)
    passed: list[tuple[str, str]] = []
    status, lengths = "", 0
    for how in op.attributes["parameters"]:
        if how == "status":
            component = abi.components(op.result.type)[0]
            status = f.allocate(component)
            f.do(f"store {component} {abi.zero(component)}, ptr {status}")
            passed.append(("ptr", status))
        else:
            passed.append(_passed(f, how, next(operands)))
            lengths += how == "character"
    passed += [("i64", "1")] * lengths
    returned = "void" if op.result is None or status else abi.components(op.result.type)[0]
    name = "foreign." + op.attributes["symbol"]
    # Each call has its own parameters, so the function is declared without any: a pointer is called.
    function = f.module.symbol(name, ADDRESSES[op.attributes["symbol"]])
    call = f"call {returned} {function}({', '.join(f'{kind} {part}' for kind, part in passed)}) nounwind"
    if op.result is None:
        f.do(call)
        return None
    if not status:
        return [f.value(call)]
    f.do(call)
    return [f.value(f"load {abi.components(op.result.type)[0]}, ptr {status}")]


def _passed(f: GraphText, how: str, operand: Value) -> tuple[str, str]:
    """The type and the text of an argument."""
    parts, kinds = f.parts(operand), abi.components(operand.type)
    if how == "data":
        return "ptr", parts[1]
    if how == "value":
        return kinds[0], parts[0]
    slot = f.allocate(f"[{len(kinds)} x {kinds[0]}]", 16)
    f.store_each(slot, kinds, parts, step={"float": 4, "double": 8, "i32": 4}.get(kinds[0], 8))
    return "ptr", slot
