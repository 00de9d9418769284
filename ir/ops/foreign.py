"""Calls of C and Fortran functions in libraries that this process has loaded, as those of linear algebra."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, Effect, OpDef, expect, register
from ir.types import Array, Boolean, Complex, NoneType, Scalar, Type, class_of, dtype_of

ADDRESSES: dict[str, int] = {}
"""Where the functions are in this process. Whoever finds a library enters them; a graph names them only."""

PASSING = ("value", "reference", "character", "data", "status")


def _rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type | None:
    parameters, to = attributes["parameters"], attributes["to"]
    expect(all(how in PASSING for how in parameters), f"parameters are passed as {', '.join(PASSING)}")
    taken = [how for how in parameters if how != "status"]
    expect(len(taken) == len(operands), f"takes {len(taken)} operands, got {len(operands)}")
    for how, type in zip(taken, operands):
        if how == "data":
            expect(isinstance(type, Array), f"passes the data of an array, not of {type}")
        else:
            number = isinstance(type, Scalar) and not (how == "value" and isinstance(type, (Boolean, Complex)))
            expect(number, f"does not pass {type} by {how}")
    count = parameters.count("status")
    expect(count <= 1, "has one status at most")
    expect(isinstance(to, Scalar if count else (Scalar, NoneType)), "gives a number")
    expect(not isinstance(to, (Boolean, Complex)), f"does not give {to}")
    return None if isinstance(to, NoneType) else to


def _call(attributes: dict[str, Any], *operands: Any) -> Any:
    """The call itself, through ctypes."""
    to, given = attributes["to"], iter(operands)
    status = None if isinstance(to, NoneType) else np.zeros(1, dtype_of(to))
    arguments, lengths, kept = [], [], []
    for how in attributes["parameters"]:
        operand = status if how == "status" else next(given)
        if how == "value":
            arguments.append(np.ctypeslib.as_ctypes_type(np.asarray(operand).dtype)(operand))
            continue
        if how == "character":
            lengths.append(ctypes.c_size_t(1))
        kept.append(operand if isinstance(operand, np.ndarray) else np.array([operand]))
        arguments.append(ctypes.c_void_p(kept[-1].__array_interface__["data"][0]))
    returns = status is not None and "status" not in attributes["parameters"]
    result = np.ctypeslib.as_ctypes_type(status.dtype) if returns else None
    made = ctypes.CFUNCTYPE(result, *map(type, arguments + lengths))(ADDRESSES[attributes["symbol"]])(*arguments, *lengths)
    return None if status is None else class_of(to)(made if returns else status[0])


foreign = register(
    OpDef(
        "foreign",
        "call the function `symbol` of a loaded library. `parameters` says how each operand is passed: a number by `value`, by "
        "`reference` to a copy, as a Fortran `character`, whose length follows behind the other arguments, or the `data` of an "
        "array by the address of its first item. A `status` among the parameters stands for no operand: it is the address of a "
        "number, 0 at first, which is the result. Without one the result is what the function returns, if `to` is not none. The "
        "function keeps no address, raises nothing and does not run Python",
        _rule, Effect.READS | Effect.WRITES, attributes=("symbol", "parameters", "to"), reference=_call,
        lowering=Custom("foreign"),
    )
)  # fmt: skip
