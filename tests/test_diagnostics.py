"""How errors are shown: one screen, exact carets, the chain of calls, no compiler frames."""

import ast
import linecache
import os
import pickle
import statistics
import traceback
from typing import Any

import attrs
import pytest

from ir import types
from ir.span import Span
from tracer import diagnostics
from tracer.diagnostics import Problem, TracedFunction, display_width, render
from tracer.errors import InternalError, NopythonError, user_error
from tracer.errors import LoweringError, NumbaError, TracerError, TypingError, UnsupportedError

pytestmark = pytest.mark.quick_cases(None)


def changed(span: Span, **fields: Any) -> Span:
    """A span like this one but for some fields."""
    return Span(**{name: getattr(span, name) for name in Span.__slots__} | fields)


@attrs.frozen(eq=False)
class Clash(Problem):
    name: str

    message = "{name} does not go with that"
    hint = "write {name} differently"


@attrs.frozen(eq=False)
class Counted(Problem):
    count: int

    @property
    def message(self):
        return f"{self.count} thing{'s' * (self.count != 1)} too many, as {{in braces}}"


@attrs.frozen(eq=False)
class Long(Problem):
    message = "word " * 200
    hint = "hint " * 200


@pytest.fixture
def place():
    """Makes the span of an expression in a file known to linecache."""
    names = []

    def span(text, expression, function="f", caller=None, filename=None):
        filename = filename or f"<file {len(names)}>"
        names.append(filename)
        linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
        node = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.expr) and ast.get_source_segment(text, n) == expression)
        return Span(filename, function, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, caller)

    yield span
    for name in names:
        linecache.cache.pop(name, None)


def test_all_parts(place):
    inner = place("def solve(a):\n    return qr(a)[0]\n", "qr(a)", "solve", filename="<inner>")
    call = place("def run(n):\n    x = solve(eye(n))\n", "solve(eye(n))", "run", filename="<outer>")
    problem = Clash("qr", span=inner, operands=[("a", types.float64[:, ::1]), ("mode", "a string")])
    assert render(problem, [TracedFunction("solve(float64[:, ::1])", call), TracedFunction("run(int64)")]) == (
        "qr does not go with that\n"
        "  --> <inner>:2:12 in solve(float64[:, ::1])\n"
        "  2 | return qr(a)[0]\n"
        "    |        ^^^^^\n"
        "    a    : float64[:, ::1]\n"
        "    mode : a string\n"
        "  called from <outer>:2:9 in run(int64)\n"
        "  2 | x = solve(eye(n))\n"
        "hint: write qr differently"
    )


def test_nothing_but_the_message():
    assert render(Clash("x"), []) == "x does not go with that\nhint: write x differently"


def test_message_as_a_property_is_no_template():
    assert render(Counted(2), ()) == "2 things too many, as {in braces}"


def test_inline_calls_are_part_of_the_chain(place):
    call = place("y = g(1)\n", "g(1)", "f", filename="<f>")
    middle = place("z = h(2)\n", "h(2)", "g", caller=call, filename="<g>")
    inner = place("w = 1 + 2\n", "1 + 2", "h", caller=middle, filename="<h>")
    outer = place("f(3)\n", "f(3)", "main", filename="<main>")
    lines = render(Clash("x", span=inner), [TracedFunction("f(int64)", outer), TracedFunction("main()")]).splitlines()
    assert [line.strip() for line in lines if " in " in line] == [
        "--> <h>:1:5 in h", "called from <g>:1:5 in g", "called from <f>:1:5 in f(int64)", "called from <main>:1:1 in main()",
    ]  # fmt: skip


def test_library_code_is_not_shown(place):
    call = place("y = hypot(1, 's')\n", "hypot(1, 's')", "f", filename="<f>")
    inside = place("return x * y\n", "x * y", "hypot", caller=call, filename=diagnostics._LIBRARY + "math.py")
    text = render(Clash("x", span=inside), ())
    assert "--> <f>:1:5 in f\n" in text
    assert "math.py" not in text
    alone = changed(inside, caller=None)
    assert "math.py:1:8 in hypot" in render(Clash("x", span=alone), ())


def test_recursion_is_shortened_in_the_middle(place):
    call = place("def f(n):\n    return f(n - 1)\n", "f(n - 1)")
    chain = [TracedFunction(f"f{i}()", call) for i in range(100)] + [TracedFunction("last()")]
    text = render(Clash("x", span=call), chain)
    assert text.count("called from") == diagnostics.CALLS_SHOWN
    assert "in f1()" in text and "in f2()" in text and "in f99()" in text and "in last()" in text
    assert "  ... 96 more calls ...\n" in text


def test_fits_on_a_screen(place):
    long = place("x = " + " + ".join(f"variable_{i}" for i in range(100)), "variable_50")
    chain = [TracedFunction("f" * 1000, long)] * 1000
    problem = Long(span=long, operands=[("v" * 500 + str(i), types.Tuple((types.int64,) * 200)) for i in range(9)])
    lines = render(problem, chain).splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 2 * diagnostics.WIDTH
    assert lines[2].endswith(" ...")
    assert "    ... and 6 more" in lines


# text, the expression, the line as it is shown, and the carets below it
CARETS = [
    ("x = a + b", "a + b", "x = a + b", "    ^^^^^"),
    ("if 1:\n        x = a", "a", "x = a", "    ^"),
    ("if 1:\n\tx = a", "a", "x = a", "    ^"),
    ("x =\ta", "a", "x =    a", "       ^"),
    ("s = 'äöü'; t = a", "a", "s = 'äöü'; t = a", "               ^"),
    ("s = '日本語'; t = a", "a", "s = '日本語'; t = a", "                  ^"),
    ("日本 = 語 + a", "語", "日本 = 語 + a", "       ^^"),
    ("s = 'e\u0301'; t = a", "a", "s = 'e\u0301'; t = a", "             ^"),
    ("s = 'a\u200db\U0001f600'; t = a", "a", "s = 'a\u200db\U0001f600'; t = a", "                ^"),
    ("s = '\x01'; t = a", "a", "s = '\ufffd'; t = a", "             ^"),
    ("x = (a +\n  b)", "a +\n  b", "x = (a +", "     ^^^"),
    ("x = f(a,\n  b)  # c", "f(a,\n  b)", "x = f(a,", "    ^^^^"),
]


@pytest.mark.parametrize(("text", "expression", "shown", "carets"), CARETS, ids=[repr(c[0]) for c in CARETS])
def test_carets(place, text, expression, shown, carets):
    lines = render(Clash("x", span=place(text, expression)), ()).splitlines()
    assert lines[2][len("  1 | ") :] == shown
    assert lines[3] == "    | " + carets


@pytest.mark.parametrize("position", [0, 1, 10, 50, 98, 99])
def test_long_line_is_cut_around_the_carets(place, position):
    text = "x = " + " + ".join(f"variable_{i:02}" for i in range(100))
    name = f"variable_{position:02}"
    _, _, shown, carets, _ = render(Clash("x", span=place(text, name)), ()).splitlines()
    assert len(shown) <= diagnostics.WIDTH
    start = carets.index("^")
    assert shown[start : len(carets)] == name


def test_long_marked_part_is_cut(place):
    text = "x = " + " + ".join(f"variable_{i:02}" for i in range(100))
    _, _, shown, carets, _ = render(Clash("x", span=place(text, text[4:])), ()).splitlines()
    assert shown.startswith("  1 | x = variable_00 + ") and shown.endswith(" ...")
    assert len(carets) == len(shown) - len(" ...")


def test_missing_and_changed_source_lines(place):
    span = place("x = abc", "abc")
    linecache.cache[span.filename] = 1, None, ["y\n"], span.filename  # the columns are no longer there
    assert render(Clash("x", span=span), ()).splitlines()[1:3] == [f"  --> {span.filename}:1:5 in f", "  1 | y"]
    del linecache.cache[span.filename]
    assert len(render(Clash("x", span=span), ()).splitlines()) == 3


def test_empty_span_gets_one_caret(place):
    span = changed(place("x = abc", "abc"), end_column=4)
    assert render(Clash("x", span=span), ()).splitlines()[3] == "    |     ^"


def test_column_is_counted_in_characters(place):
    assert ":1:8 in" in render(Clash("x", span=Span("<no text>", "f", 1, 7, 1, 8)), ())
    assert ":1:9 in" in render(Clash("x", span=place("ä = ö + a", "a")), ())


def test_path_is_relative_to_the_current_directory(tmp_path, monkeypatch):
    path = tmp_path / "below" / "kernel.py"
    path.parent.mkdir()
    path.write_text("x = a\n")
    span = Span(str(path), "f", 1, 4, 1, 5)
    monkeypatch.chdir(tmp_path)
    assert "--> below/kernel.py:1:5 in f" in render(Clash("x", span=span), ())
    monkeypatch.chdir(path.parent)
    assert "--> kernel.py:1:5 in f" in render(Clash("x", span=span), ())
    monkeypatch.chdir("/")
    assert f"--> {str(path)[1:]}:1:5 in f" in render(Clash("x", span=span), ())


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("\t", 4), ("日本", 4), ("e\u0301", 1), ("\U0001f600", 2), ("ä", 1), ("ｱ", 1), ("Ａ", 2)]
)
def test_display_width(text, width):
    assert display_width(text) == width


# --- installed packages


def installed(name):
    return os.path.join(os.sep, "venv", "lib", "site-packages", "package", name)


def test_failure_inside_an_installed_package_is_a_problem_of_the_call(place):
    inside = place("b = list(a)\n", "list(a)", "_helper", filename=installed("_util.py"))
    between = place("return _helper(a)\n", "_helper(a)", "solve", filename=installed("api.py"))
    call = place("x = package.solve(\n  a)\n", "package.solve(\n  a)", "f", filename="<user>")
    outer = place("f(a)\n", "f(a)", "main", filename="<main>")
    error = NopythonError(Clash("list", span=inside))
    error.leave("_helper(float64[:])", between)
    error.leave("solve(float64[:])", call)
    error.leave("f(float64[:])", outer)
    error.leave("main()")
    assert str(error) == (
        "package.solve has no native lowering\n"
        "  --> <user>:1:5 in f(float64[:])\n"
        "  1 | x = package.solve(\n"
        "    |     ^^^^^^^^^^^^^^\n"
        "  inside it: list does not go with that\n"
        "    --> package/_util.py:1:5\n"
        "    1 | b = list(a)\n"
        "  called from <main>:1:1 in main()\n"
        "  1 | f(a)\n"
        "hint: jit runs this function in the interpreter; njit does not"
    )


def test_failure_in_the_users_function_called_by_a_package_stays_there(place):
    inside = place("return x.y\n", "x.y", "user_function", filename="<user>")
    call = place("return function(1)\n", "function(1)", "apply", filename=installed("api.py"))
    outer = place("apply(g)\n", "apply(g)", "main", filename="<user2>")
    error = NopythonError(Clash("x", span=inside))
    error.leave("user_function(int64)", call)
    error.leave("apply(function)", outer)
    error.leave("main()")
    lines = [line.strip() for line in str(error).splitlines() if " in " in line]
    assert lines == [
        "--> <user>:1:8 in user_function(int64)", "called from package/api.py:1:8 in apply(function)",
        "called from <user2>:1:1 in main()",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "call", "expected"),
    [("y = a.b.c(1)", "a.b.c(1)", "a.b.c"), ("y = 1 + x", "1 + x", "solve"), ("y = 'ä' + f('ö')", "f('ö')", "f")],
)
def test_name_of_what_was_called(place, text, call, expected):
    error = NopythonError(Clash("x", span=Span(installed("m.py"), "solve", 1, 0, 1, 1)))
    error.leave("solve(int64)", place(text, call))
    assert str(error).startswith(f"{expected} has no native lowering\n")
    error = NopythonError(Clash("x", span=Span(installed("m.py"), "solve", 1, 0, 1, 1)))
    error.leave("solve(int64)", place(text, call), name="package.solve")
    assert str(error).startswith("package.solve has no native lowering\n")


def test_function_of_an_installed_package_that_is_compiled_itself():
    error = NopythonError(Clash("x", span=Span(installed("m.py"), "solve", 1, 0, 1, 1)))
    error.leave("solve(int64)")
    assert str(error).splitlines()[:2] == ["x does not go with that", "  --> package/m.py:1:1 in solve(int64)"]


def test_path_in_the_standard_library():
    assert diagnostics.display_path(statistics.__file__) == "statistics.py"


# --- colour


def test_text_is_plain_unless_asked_for_colour(place, monkeypatch):
    problem = Clash("x", span=place("x = a", "a"))
    monkeypatch.delenv("TRACER_COLOR", raising=False)
    plain = render(problem, ())
    assert "\x1b" not in plain
    for setting in ("never", "0", "auto"):  # stderr is captured here and so no terminal
        monkeypatch.setenv("TRACER_COLOR", setting)
        assert render(problem, ()) == plain
    monkeypatch.setenv("TRACER_COLOR", "always")
    coloured = render(problem, ())
    assert "\x1b[1;31m^\x1b[0m" in coloured
    for code in ("1", "1;31", "36", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain


# --- exceptions


def test_error_notes_the_calls_it_leaves(place):
    error = NopythonError(Clash("x", span=place("x = a", "a", "g")))
    error.leave("g(int64)", place("g(1)", "g(1)", "f"))
    error.leave("f()")
    assert " in g(int64)\n" in str(error) and " in f()\n" in str(error)


def fail_deep_inside(depth):
    if depth:
        fail_deep_inside(depth - 1)
    try:
        {}["internal"]
    except KeyError:
        raise NopythonError(Clash("x"))


def entry_point():
    try:
        fail_deep_inside(5)
    except NopythonError as error:
        raise user_error(error) from None


def test_traceback_has_no_compiler_frames():
    with pytest.raises(NopythonError) as caught:
        entry_point()
    frames = [f.name for f in traceback.extract_tb(caught.value.__traceback__)]
    assert frames == ["test_traceback_has_no_compiler_frames", "entry_point"]
    text = "".join(traceback.format_exception(caught.value))
    assert "KeyError" not in text and "fail_deep_inside" not in text


def test_full_traceback_on_request(monkeypatch):
    monkeypatch.setenv("TRACER_FULL_TRACEBACK", "1")
    with pytest.raises(NopythonError) as caught:
        entry_point()
    frames = [f.name for f in traceback.extract_tb(caught.value.__traceback__)]
    assert frames.count("fail_deep_inside") == 6


def test_error_can_be_sent_to_another_process():
    error = NopythonError(Clash("x", span=Span("<nowhere>", "f", 1, 0, 1, 1), operands=[("a", types.int64)]))
    error.leave("f(int64)")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("name", [TypingError, UnsupportedError, LoweringError, NumbaError, TracerError])
def test_names_that_code_for_numba_catches(name):
    with pytest.raises(name):
        raise NopythonError(Clash("x"))


def test_internal_error_does_not_look_like_the_users_fault(place):
    span = place("x = a", "a")
    error = InternalError("the op `add` has no lowering", span, "%0 = add a, b\nreturn %0\n")
    assert str(error) == (
        "internal error: the op `add` has no lowering\n"
        "This is a bug in the compiler, not in your code.\n"
        f"It happened while compiling {span.filename}:1:5 in f.\n"
        "  1 | x = a\n"
        "    |     ^\n"
        "The ops at hand:\n"
        "  %0 = add a, b\n"
        "  return %0\n"
        "Please report it with this text and the function that was compiled."
    )
    assert not isinstance(error, NopythonError)
    assert "internal error: x\n" in str(InternalError("x"))
