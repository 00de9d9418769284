"""Calls of foreign functions: how operands are passed, what comes back, in machine code and in the interpreter."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen import blas
from ir import types
from ir.errors import IRTypeError
from ir.interp import run
from ir.ops import foreign
from ir.parser import parse
from ir.printer import print_graph
from tracer import njit
from tracer.extending import primitive
from tracer.options import Options
from tracer.session import trace_function
from tracer.typeof import typeof

POINTER = ctypes.c_void_p


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Makes a Python function a foreign one."""
    kept = []

    def enter(name: str, signature: Any, function: Callable) -> None:
        kept.append(signature(function))
        monkeypatch.setitem(foreign.ADDRESSES, name, ctypes.cast(kept[-1], POINTER).value)

    return enter


def both_ways(function: Callable, *arguments: Any) -> list[Any]:
    """What the interpreter and machine code return."""
    graph = trace_function(function, tuple(map(typeof, arguments)), {}, Options())
    again = parse(print_graph(graph))
    return [run(graph, *arguments), run(again, *arguments), njit(function)(*arguments)]


def halved(x: float, n: int) -> float:
    return primitive.foreign(x, n, symbol="halved", parameters=("value", "value"), to=types.float64)


def test_numbers_by_value(define: Callable) -> None:
    define("halved", ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_int64), lambda x, n: x / 2 + n)
    assert both_ways(halved, 3.0, -4) == [-2.5, -2.5, -2.5]


def by_reference(x: complex, letter: Any, n: Any, y: Any) -> int:
    return int(
        primitive.foreign(
            x, letter, n, y, symbol="fortran", parameters=("reference", "character", "reference", "reference", "status"), to=types.int32
        )
    )


def test_numbers_by_reference(define: Callable) -> None:
    seen = []

    def fortran(x: int, letter: int, n: int, y: int, status: int, length: int) -> None:
        pair = (ctypes.c_double * 2).from_address(x)
        single = (ctypes.c_float * 2).from_address(y)
        seen.append((*pair, ctypes.c_char.from_address(letter).value, ctypes.c_int16.from_address(n).value, *single, length))
        assert ctypes.c_int32.from_address(status).value == 0
        ctypes.c_int32.from_address(status).value = -7
        pair[0] = 99.0  # its own copy

    define("fortran", ctypes.CFUNCTYPE(None, *(POINTER,) * 5, ctypes.c_size_t), fortran)
    assert both_ways(by_reference, 1 + 2j, np.uint8(ord("N")), np.int16(-3), np.complex64(3 - 4j)) == [-7, -7, -7]
    assert seen == [(1.0, 2.0, b"N", -3, 3.0, -4.0, 1)] * 3


def fill(array: Any, n: int) -> float:
    before = array[1]
    primitive.foreign(array, n, symbol="fill", parameters=("data", "value"), to=types.none)
    return float(array[1] - before)


def test_arrays_are_read_again_after_a_call(define: Callable) -> None:
    def write(address: int, n: int) -> None:
        (ctypes.c_double * n).from_address(address)[1] += 5.0

    define("fill", ctypes.CFUNCTYPE(None, POINTER, ctypes.c_int64), write)
    array = np.ones(3)
    assert both_ways(fill, array, 3) == [5.0, 5.0, 5.0]
    assert array.tolist() == [1.0, 16.0, 1.0]
    backwards = np.ones(4)[::-1][:3]
    assert njit(fill)(backwards[::-1], 3) == 5.0


@pytest.mark.parametrize(
    ("operands", "parameters", "to", "message"),
    [
        ((1.0,), ("pointer",), types.none, "are passed as"), ((1.0,), ("value", "value"), types.none, "takes 2 operands"),
        ((1.0,), ("data",), types.none, "the data of an array"), ((1j,), ("value",), types.none, "does not pass"),
        ((np.ones(1),), ("reference",), types.none, "does not pass"), ((1.0,), ("value", "status"), types.none, "gives a number"),
        ((1.0,), ("status", "value", "status"), types.int32, "one status"), ((1.0,), ("value",), types.complex128, "does not give"),
    ],
)  # fmt: skip
def test_what_cannot_be_passed(operands: tuple, parameters: tuple, to: Any, message: str) -> None:
    kinds = [typeof(x) for x in operands]
    with pytest.raises(IRTypeError, match=message):
        foreign.foreign.type_rule(kinds, {"symbol": "f", "parameters": parameters, "to": to})


@pytest.mark.skipif(blas.library() is None, reason="needs a BLAS")
def test_blas_is_found_by_name() -> None:
    assert blas.available("dgemm", "zgemv", "sgesdd") and {"dgemm", "zgemv", "sgesdd"} <= set(foreign.ADDRESSES)
    assert not blas.available("dgemm", "dnonsense")
    assert blas.integer_type() in (types.np_int64, types.int32)


def test_no_blas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "library", lambda: None)
    monkeypatch.setattr(blas, "ADDRESSES", {})
    assert not blas.available("dgemm") and blas.integer_type() is types.np_int64
