"""Elementary functions of whole arrays: ufuncs whose code is compiled once for all programs (see `codegen.kernels`).

A map of one is traced to an op with a graph that is not made unless somebody looks into it (`ir.deferred`): the loop that NumPy
chooses says what the function's types are, and that is all a trace asks for. Passes fuse it with its neighbours, where it becomes a part of their loops, and only what is left as a map of its own, of
contiguous arrays, is done by a kernel.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import codegen
import ir
import tracer
from ir.deferred import Definition, DeferredGraph, Sources
from ir.graph import Value
from ir.on_demand import OnDemand
from ir.ops import elementwise
from ir.types import Array, Scalar
from tracer.arrays import broadcast, fitted_operands, new_array, result_layout, shape_of_operand
from tracer.options import Options
from tracer.started import STARTED
from tracer.tracing import Tracer

session = OnDemand("tracer.session")

_definitions: dict[tuple[Any, ...], Definition] = {}
_sources: list[Sources] = []


def are_items(operands: Sequence[Any], kinds: Sequence[Scalar]) -> bool:
    """Whether all operands are arrays of just these types of items, so that nothing but the function is done with them."""
    return all(
        isinstance(x, Value) and isinstance(x.type, Array) and x.type.ndim > 0 and x.type.item is kind
        for x, kind in zip(operands, kinds)
    )  # fmt: skip


def kernel_map(t: Tracer, ufunc: np.ufunc, rule: Any, kinds: Sequence[Scalar], result: Scalar, operands: Sequence[Any]) -> Value:
    """A new array of what the rule of a ufunc makes of the items."""
    lengths = broadcast(t, [shape_of_operand(t, x) for x in operands])
    to = Array(result, len(lengths), result_layout(operands, len(lengths)))
    body = _body(t, ufunc, rule, kinds, result, operands)
    return new_array(t, t.emit(elementwise.map_, *lengths, *operands, to=to, callee=body, indexed=False), lengths)


def kernel_assign(t: Tracer, ufunc: np.ufunc, rule: Any, kinds: Sequence[Scalar], operands: Sequence[Any], out: Value) -> None:
    """Write what the rule of a ufunc makes of the items into an array of its results."""
    body = _body(t, ufunc, rule, kinds, out.type.dtype, operands)
    t.emit(elementwise.assign, out, *fitted_operands(t, out, operands), callee=body, indexed=False)


def _body(t: Tracer, ufunc: np.ufunc, rule: Any, kinds: Sequence[Scalar], result: Scalar, operands: Sequence[Any]) -> DeferredGraph:
    definition = _definition(ufunc, rule, tuple(kinds), result, bool(t.options.fastmath))
    names = [x.name or "item" for x in operands]
    return DeferredGraph(definition, t.builder.span, names, t.session.deferred)


def _definition(ufunc: np.ufunc, rule: Any, kinds: tuple[Scalar, ...], result: Scalar, fast: bool) -> Definition:
    """What the rule of a ufunc does with numbers. In fast arithmetic its steps are marked as exact, which changes no code."""
    found = _definitions.get((ufunc, rule, kinds, fast))
    if found is None:
        key = f"{rule.__module__}.{rule.__qualname__}({', '.join(map(str, kinds))})"
        options = Options(fastmath=fast)
        made = Definition(ufunc.__name__, key, kinds, result, lambda: session.trace_function(rule, kinds, {}, options), sources)
        found = _definitions.setdefault((ufunc, rule, kinds, fast), made)
    return found


def sources() -> Sources | None:
    """What tells the compiler and its library from all other versions: the size and time of each file, as Python itself tells
    whether compiled modules are up to date. None where they are not files in folders, or have changed since they were loaded: what
    runs is then another version."""
    if not _sources:
        folders = [folder for package in (ir, codegen, tracer) for folder in package.__path__]
        try:
            files = sorted(state for folder in folders for state in _files(folder))
        except OSError:
            return None
        if any(changed > STARTED * 1e9 for _, _, changed in files):
            return None
        state = "\n".join([f"{path} {size} {changed}" for path, size, changed in files])
        _sources.append(Sources("\n".join(folders), state))
    return _sources[0]


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    """The path, size and time of each file of source."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                state = entry.stat()
                yield entry.path, state.st_size, state.st_mtime_ns
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _files(entry.path)
