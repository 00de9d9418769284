"""Exceptions of compiled code: from a record in memory to a Python exception with the user's frames as traceback.

Compiled code notes where it failed as the number of a *site*, with the values that the exception's message needs; each
call that fails on the way out adds its own site. `ErrorTable` knows what the numbers mean.
"""

from __future__ import annotations

import ast
import ctypes
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any, NamedTuple

from codegen import abi
from codegen.objects import Deferred
from codegen.records import RECORD_DEPTH, RECORD_SITE, RECORD_TRACE, RECORD_VALUES, TRACE_INNERMOST, TRACE_OUTERMOST
from ir.graph import ExceptionTemplate, Resumption
from ir.span import Span
from ir.types import Type

_CTYPES = {
    "i1": ctypes.c_bool, "float": ctypes.c_float, "double": ctypes.c_double, "ptr": ctypes.c_void_p,
    "i8": ctypes.c_int8, "i16": ctypes.c_int16, "i32": ctypes.c_int32, "i64": ctypes.c_int64,
}  # fmt: skip

_Trace = ctypes.c_int32 * (TRACE_INNERMOST + TRACE_OUTERMOST)


class Site(NamedTuple):
    """A place that can fail. `exception` is None for calls, which hand on an exception made elsewhere."""

    span: Span | None
    exception: ExceptionTemplate | None = None
    types: tuple[Type, ...] = ()


class ErrorTable:
    """The sites of one compiled module. Called by `rt.fail` to make the exception."""

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self._codes: dict[Span, tuple[CodeType, int]] = {}

    def add(self, site: Site) -> int:
        """The number of a new site."""
        self.sites.append(site)
        return len(self.sites) - 1

    def __call__(self, record: int, pending: BaseException | None) -> BaseException | Deferred:
        """The exception that the record at this address describes, with its traceback.

        `pending` is an exception that Python code called from compiled code has raised. A Resumption gives a Deferred
        instead, which is called. Where recursion is too deep to make an exception, one is given without entries in its traceback.
        """
        try:
            return self._raised(record, pending)
        except RecursionError as error:
            return error.with_traceback(None) if pending is None else pending

    def _raised(self, record: int, pending: BaseException | None) -> BaseException | Deferred:
        site = self.sites[ctypes.c_int32.from_address(record + RECORD_SITE).value]
        exception = pending if pending is not None else _make(site, record)
        if isinstance(site.exception, Resumption) and not isinstance(exception, BaseException):
            return exception
        traceback = exception.__traceback__
        for span in self._spans(site, record):
            traceback = self._traceback_entry(traceback, span)
        return exception.with_traceback(traceback)

    def _spans(self, site: Site, record: int) -> Iterator[Span]:
        """Where the exception passed, innermost first."""
        depth = ctypes.c_int64.from_address(record + RECORD_DEPTH).value
        trace = _Trace.from_address(record + RECORD_TRACE)
        indices = list(range(min(depth, TRACE_INNERMOST)))
        outer = range(max(TRACE_INNERMOST, depth - TRACE_OUTERMOST), depth)
        indices += [TRACE_INNERMOST + (d - TRACE_INNERMOST) % TRACE_OUTERMOST for d in outer]
        for passed in (site, *(self.sites[trace[i]] for i in indices)):
            if passed.span is not None:
                yield from (span for span in passed.span.chain() if not span.is_hidden)

    def _traceback_entry(self, inner: TracebackType | None, span: Span) -> TracebackType:
        """A traceback entry for a place in the user's source, around those of the calls made there."""
        if span not in self._codes:
            code = _code_at(span)
            self._codes[span] = code, _instruction_at(code, span)
        code, instruction = self._codes[span]
        frame: FrameType = _frame_new(_thread_state(), code, {}, {})
        if sys.version_info < (3, 11):
            _forget_caller(frame)
        return TracebackType(inner, frame, instruction, span.line)


def _make(site: Site, record: int) -> BaseException:
    try:
        return site.exception.make(_values(site, record))
    except Exception as error:
        # The class or a value's `__format__` is the user's code and raised in place of the exception it was to make.
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_frame.f_globals.get("__name__") in (__name__, "ir.graph"):
            traceback = traceback.tb_next
        return error.with_traceback(traceback)


def _values(site: Site, record: int) -> tuple[Any, ...]:
    """The values that compiled code stored for the exception's placeholders."""
    address = record + RECORD_VALUES
    values = []
    for type in site.types:
        parts = []
        for component in abi.components(type):
            parts.append(_CTYPES[component].from_address(address).value)
            address += 8
        values.append(abi.decode(type, iter(parts)))
    return tuple(values)


_frame_new = ctypes.pythonapi.PyFrame_New
_frame_new.restype = ctypes.py_object
_frame_new.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.py_object, ctypes.py_object]
_thread_state = ctypes.pythonapi.PyThreadState_Get
_thread_state.restype = ctypes.c_void_p


_FRAME_BACK = 24  # where a frame of CPython 3.10 has its caller


def _forget_caller(frame: FrameType) -> None:
    """Frames made by `PyFrame_New` have no caller since 3.11; before, this module's frames, in a reference cycle."""
    caller = frame.f_back
    if caller is not None:
        ctypes.c_void_p.from_address(id(frame) + _FRAME_BACK).value = None
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(caller))


def _code_at(span: Span) -> CodeType:
    """Code of the function's name and file whose one instruction lies where the span does."""
    function = ast.parse("def f(): f").body[0]
    for node in ast.walk(function):
        if hasattr(node, "lineno"):
            node.lineno, node.col_offset = span.line, span.column
            node.end_lineno, node.end_col_offset = span.end_line, span.end_column
    module = compile(ast.Module([function], []), span.filename, "exec")
    code = next(c for c in module.co_consts if isinstance(c, CodeType))
    names = {"co_name": span.function.rpartition(".")[2]}
    if sys.version_info >= (3, 11):
        names["co_qualname"] = span.function
    return code.replace(**names)


def _instruction_at(code: CodeType, span: Span) -> int:
    """The offset of an instruction that carries the columns, which CPython 3.11 and later show."""
    if sys.version_info < (3, 11):
        return 0
    wanted = (span.line, span.end_line, span.column, span.end_column)
    return next((2 * i for i, at in enumerate(code.co_positions()) if at == wanted), 0)
