"""Exceptions of machine code: their values, their tracebacks, and Python called from machine code."""

from __future__ import annotations

import gc
import sys
import threading
import traceback
import weakref
from typing import Any

import numpy as np
import pytest
from codegen_harness import compiled, function, make_graph, span
from test_codegen_entry import _TUPLES, arrays_of, array_type
from test_codegen_ops import same, values_of

from ir import types as t
from ir.builder import Builder, constant
from ir.graph import ExceptionTemplate, FormattedPart, FormattedText, Placeholder, Value
from ir.ops import array, control, python
from ir.span import Span


def raiser(template: ExceptionTemplate, *types: t.Type, **options: Any) -> Any:
    """A function that raises what the template makes of its arguments."""
    return function(types, t.none, lambda b, *operands: b.raise_(template, *operands), **options)


def entries(error: BaseException) -> list[traceback.FrameSummary]:
    """The traceback without the frame of the test."""
    return list(traceback.extract_tb(error.__traceback__))[1:]


def places(error: BaseException) -> list[tuple[str, str, int]]:
    return [(e.filename, e.name, e.lineno) for e in entries(error)]


@pytest.mark.parametrize("type, value", [
    *((s, v) for s in t.SCALARS for v in values_of(s)), *_TUPLES, (t.none, None), (t.Optional(t.int64), None),
    (t.Optional(t.uint8), np.uint8(200)),
], ids=str)  # fmt: skip
def test_an_exception_carries_values(type: t.Type, value: Any) -> None:
    raise_value = raiser(ExceptionTemplate(KeyError, (Placeholder(0), "and", (Placeholder(1),))), type, t.int64)
    with pytest.raises(KeyError) as caught:
        raise_value(value, 77)
    carried, word, rest = caught.value.args
    assert (word, rest) == ("and", (77,))
    assert same(carried, value) if isinstance(type, t.Scalar) else carried == value and carried.__class__ is value.__class__


def test_an_exception_carries_arrays() -> None:
    for a in arrays_of("int16"):
        with pytest.raises(ValueError) as caught:
            raiser(ExceptionTemplate(ValueError, (Placeholder(0),)), array_type(a))(a)
        carried = caught.value.args[0]
        np.testing.assert_array_equal(carried, a)
        assert carried.dtype == a.dtype and carried.flags.writeable == a.flags.writeable


def test_messages_are_formatted() -> None:
    text = FormattedText(("x=", FormattedPart(Placeholder(0), "", ".2f"), " n=", FormattedPart(Placeholder(1), "r")))
    with pytest.raises(ArithmeticError, match=r"^x=3\.14 n=5$"):
        raiser(ExceptionTemplate(ArithmeticError, (text,)), t.float64, t.int64)(3.14159, 5)


def test_cause_and_instance() -> None:
    inner = ExceptionTemplate(KeyError, (Placeholder(0),))
    with pytest.raises(ValueError) as caught:
        raiser(ExceptionTemplate(ValueError, ("outer",), True, inner), t.int64)(3)
    assert caught.value.__cause__.args == (3,) and caught.value.__suppress_context__
    with pytest.raises(ValueError) as caught:
        raiser(ExceptionTemplate(ValueError, ("outer",), True, None))()
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    instance = OSError("the one")
    with pytest.raises(OSError) as caught:
        raiser(ExceptionTemplate(OSError, instance=instance))()
    assert caught.value is instance


def test_context_is_the_exception_being_handled() -> None:
    fail = raiser(ExceptionTemplate(ValueError, ("second",)))
    try:
        raise KeyError("first")
    except KeyError as first:
        with pytest.raises(ValueError) as caught:
            fail()
        assert caught.value.__context__ is first


class Refuses(Exception):
    def __init__(self, value: int) -> None:
        raise LookupError(f"not {value}")


def test_an_exception_class_that_raises() -> None:
    with pytest.raises(LookupError, match="not 5") as caught:
        raiser(ExceptionTemplate(Refuses, (Placeholder(0),)), t.int64)(5)
    names = [e.name for e in entries(caught.value)]
    assert names == ["f", "__init__"]


def test_traceback_shows_user_frames_only() -> None:
    """main calls middle, which was traced inline in main's graph, which calls leaf's graph."""
    here = span(11, "leaf", 8, 20)

    def build_leaf(b: Builder, x: Value) -> None:
        b.span = here
        b.raise_(ExceptionTemplate(ValueError, (Placeholder(0),)), x)

    leaf = make_graph([t.int64], t.int64, build_leaf, "leaf")

    def build_main(b: Builder, x: Value) -> Value:
        b.span = span(22, "middle", caller=span(33, "main"))
        return b.emit(control.call, x, callee=leaf)

    with pytest.raises(ValueError) as caught:
        compiled(make_graph([t.int64], None, build_main, "main"))(1)
    assert places(caught.value) == [("user_file.py", "main", 33), ("user_file.py", "middle", 22), ("user_file.py", "leaf", 11)]
    if sys.version_info >= (3, 11):
        innermost = entries(caught.value)[-1]
        assert (innermost.colno, innermost.end_colno) == (8, 20)


def test_failures_pass_through_callers_that_do_not_fail_themselves() -> None:
    def raising(b: Builder, x: Value) -> None:
        b.span = span(1, "f0")
        b.raise_(ExceptionTemplate(ValueError, (Placeholder(0),)), x)

    graph = make_graph([t.int64], t.int64, raising, "f0")
    for depth in range(1, 7):

        def calling(b: Builder, x: Value) -> Value:
            b.span = span(depth + 1, f"f{depth}")
            return b.emit(control.call, x, callee=graph)

        graph = make_graph([t.int64], None, calling, f"f{depth}")
        with pytest.raises(ValueError, match="^5$") as caught:
            compiled(graph)(5)
        assert [name for _, name, _ in places(caught.value)] == [f"f{d}" for d in range(depth, -1, -1)]


def test_traceback_reads_the_source(tmp_path: Any) -> None:
    source = tmp_path / "shown.py"
    source.write_text("def g(x):\n    return x\n\n\ndef f(x):\n    raise ValueError(g(x))\n")
    at = Span(str(source), "f", 6, 4, 6, 26)

    def build(b: Builder, x: Value) -> None:
        b.span = at
        b.raise_(ExceptionTemplate(ValueError, (Placeholder(0),)), x)

    with pytest.raises(ValueError) as caught:
        function([t.int64], t.none, build)(1)
    shown = "".join(traceback.format_exception(caught.value))
    assert f'File "{source}", line 6, in f\n    raise ValueError(g(x))' in shown
    assert "codegen" + "/errors.py" not in shown


def test_a_lambda_names_its_frame() -> None:
    def build(b: Builder) -> None:
        b.span = span(5, "<lambda>")
        b.raise_(ExceptionTemplate(ValueError))

    with pytest.raises(ValueError) as caught:
        function([], t.none, build)()
    assert places(caught.value) == [("user_file.py", "<lambda>", 5)]


def test_a_span_may_be_missing() -> None:
    def build(b: Builder) -> None:
        b.span = None
        b.raise_(ExceptionTemplate(ValueError, ("x",)))

    with pytest.raises(ValueError, match="x") as caught:
        function([], t.none, build)()
    assert places(caught.value) == []


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 2])
def test_index_check(nonnegative: bool, axis: int | None) -> None:
    attributes = {"axis": axis, "nonnegative": nonnegative}
    check = function([t.int64, t.int64], None, lambda b, i, n: b.emit(array.check_index, i, n, **attributes))
    wrap = function([t.int64, t.int64], None, lambda b, i, n: b.emit(array.wrap_index, i, n))
    for length in (0, 1, 5):
        for index in (*range(0 if nonnegative else -7, 8), 2**63 - 1, *(() if nonnegative else (-(2**63),))):
            if -length <= index < length:
                assert check(index, length) == range(length)[index] == wrap(index, length)
                continue
            message = f"index {index} is out of bounds for axis {axis} with size {length}"
            with pytest.raises(IndexError) as caught:
                check(index, length)
            assert str(caught.value) == (message if axis is not None else "tuple index out of range")


def test_exceptions_do_not_leak() -> None:
    fail = raiser(ExceptionTemplate(ValueError, (Placeholder(0),)), t.Tuple((t.int64, t.complex128)))

    def attempt() -> None:
        try:
            fail((10**15, 2j))
        except ValueError:
            pass

    attempt()
    while gc.collect():  # what other tests left behind may need several rounds
        pass
    before = sys.getallocatedblocks()
    gc.disable()
    try:
        for _ in range(200):
            attempt()
        assert gc.collect() == 0  # no reference cycles are made
    finally:
        gc.enable()
    assert sys.getallocatedblocks() - before < 50


def caller_of(callback: Any, *types: t.Type, **options: Any) -> Any:
    """A function that calls the Python object with its arguments."""

    def build(b: Builder, *operands: Value) -> Value:
        b.span = span(9)
        b.emit(python.python_call, *operands, function=callback)
        return constant(None, t.none)

    return function(types, None, build, **options)


@pytest.mark.parametrize("options", [{}, {"nogil": True}], ids=str)
def test_python_is_called_with_boxed_arguments(options: dict[str, Any]) -> None:
    seen: list[Any] = []
    a = np.arange(6).reshape(2, 3)
    values = [1, 2.5, None, True, (1, (2j, np.uint8(3))), np.float32(4), None, a]
    types = [
        t.int64, t.float64, t.none, t.boolean, t.Tuple((t.int64, t.Tuple((t.complex128, t.uint8)))), t.float32,
        t.Optional(t.int64), array_type(a),
    ]  # fmt: skip
    call = caller_of(lambda *args: seen.append(args), *types, **options)
    assert call(*values) is None
    (got,) = seen
    assert got[-1] is a and got[:-1] == tuple(values[:-1])
    assert [type(g) for g in got] == [type(v) for v in values]
    gc.collect()
    before = [sys.getrefcount(v) for v in (*values, got)]
    for _ in range(100):
        call(*values)
        seen.pop()
    assert [sys.getrefcount(v) for v in (*values, got)] == before


@pytest.mark.parametrize("options", [{}, {"nogil": True}], ids=str)
def test_exceptions_of_called_python_pass_through(options: dict[str, Any]) -> None:
    def callback(x: int) -> None:
        raise LookupError(x)

    inner = make_graph([t.int64], None, lambda b, x: (
        b.emit(python.python_call, x, function=callback), constant(None, t.none))[1], "inner")  # fmt: skip

    def build(b: Builder, x: Value) -> Value:
        b.span = span(40, "outer")
        return b.emit(control.call, x, callee=inner)

    outer = compiled(make_graph([t.int64], None, build, "outer"), **options)
    for _ in range(3):
        with pytest.raises(LookupError) as caught:
            outer(8)
        assert caught.value.args == (8,)
        assert [p[1] for p in places(caught.value)] == ["outer", "inner", "callback"]


def test_print(capsys: pytest.CaptureFixture[str]) -> None:
    caller_of(print, t.int64, t.np_float64)(3, np.float64(0.5))
    assert capsys.readouterr().out == "3 0.5\n"


def test_a_called_object_lives_with_the_code() -> None:
    class Callback:
        def __call__(self) -> None:
            pass

    callback = Callback()
    alive = weakref.ref(callback)
    call = caller_of(callback)
    del callback
    gc.collect()
    call()
    assert alive() is not None
    del call
    gc.collect()
    assert alive() is None


def test_machine_code_calls_itself_through_python() -> None:
    calls: list[int] = []

    def callback(n: int) -> None:
        calls.append(n)
        if n:
            call(n - 1)

    call = caller_of(callback, t.int64)
    call(5)
    assert calls == [5, 4, 3, 2, 1, 0]


def test_errors_in_several_threads() -> None:
    fail = raiser(ExceptionTemplate(ValueError, (Placeholder(0),)), t.int64, nogil=True)
    wrong: list[Any] = []

    def work(number: int) -> None:
        for i in range(300):
            try:
                fail(number * 1000 + i)
            except ValueError as error:
                if error.args != (number * 1000 + i,):
                    wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
