"""Finding the syntax tree of a function, with exact positions, wherever it was defined."""

import ast
import functools
import gc
import inspect
import json.decoder
import linecache
import os
import statistics
import sys
import textwrap
import types
import zipfile

import numpy as np
import pytest

from tracer import source
from tracer.source import SourceNotFound, function_source

pytestmark = pytest.mark.quick_cases(None)


@pytest.fixture
def load(tmp_path):
    """Writes text to a file, runs it as a module and returns its namespace."""
    count = 0

    def load_module(text, encoding="utf-8", newline="\n"):
        nonlocal count
        count += 1
        path = tmp_path / f"module{count}.py"
        path.write_bytes(text.replace("\n", newline).encode(encoding))
        os.utime(path, (1, 1))  # long before this process started
        namespace = {"__name__": path.stem}
        exec(compile(path.read_bytes(), str(path), "exec"), namespace)
        return types.SimpleNamespace(**namespace, path=path)

    return load_module


def expected_node(function, index=0):
    """The node of the whole file's tree that is at the function's line and of its name."""
    found = source_nodes("".join(linecache.getlines(function.__code__.co_filename)))
    name = function.__code__.co_name
    candidates = [n for n in found if getattr(n, "name", "<lambda>") == name and first_line(n) == function.__code__.co_firstlineno]
    return candidates[index]


def source_nodes(text):
    return [n for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))]


def first_line(node):
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def assert_found(function):
    found = function_source(function)
    wanted = expected_node(function)
    assert ast.dump(found.node, include_attributes=True) == ast.dump(wanted, include_attributes=True)
    assert found.filename == function.__code__.co_filename
    assert found.name == function.__qualname__
    assert found.freevars == function.__code__.co_freevars
    return found


DEFINITIONS = {
    "plain": "def f(a, b):\n    return a + b\n",
    "first line is not the file's": "x = 1\n\n\n# comment\ndef f(a):\n    return a\ny = 2\n",
    "no newline at the end": "def f(a):\n    return a",
    "one line": "def f(a): return a\ndef g(): pass\n",
    "docstring only": 'def f():\n    """Nothing."""\n\nx = 1\n',
    "docstring with text at column 0": 'def f():\n    """Nothing.\nat column 0\n"""\nx = 1\n',
    "pass": "def f(): pass\n",
    "string at the end": 'def f():\n    return """\nat column 0\n"""\nx = 1\n',
    "bracket at column 0": "def f(\n    a,\n    b=1,\n):\n    return (a +\nb)\nx = 1\n",
    "bracket closed after the last instruction": "def f(a):\n    return (\n        a\n)\nx = 1\n",
    "comment at column 0": "def f(a):\n    if a:\n# a comment\n        return 1\n# another\n    return 2\n# not its own\nx = 1\n",
    "continued line": "def f(a):\n    b = a + \\\n1\n    return b\n",
    "unreachable code at the end": "def f(a):\n    return a\n    if a:\n        b = 1\n    while 0: c\nx = 1\n",
    "decorators": "def d(*a):\n    return lambda f: f\n@d(\n    1,\n    lambda q: q,\n)\n@d()\ndef f(a):\n    return a\n",
    "tabs": "if 1:\n\tdef f(a):\n\t\tif a:\n\t\t\treturn 1\n\t\treturn 2\n\tx = 1\n",
    "indented under if": "if 1:\n    if 1:\n        def f(a):\n            return a\n    x = 1\nelse:\n    pass\n",
    "annotations and kinds": "def f(a, /, b: int, *c, d=1, **e) -> 'x':\n    return a\n",
    "form feed": "x = 1\n\f\ndef f(a):\n    return a\n\f\ny = 2\n",
    "unicode": "def g(ä, 変数='日本'): return ä; \ndef f(ä, 変数='日本'):\n    s = '日本'; return ä + 変数\n",
    "async": "async def f(a):\n    return a\n",
    "generator": "def f(a):\n    yield a\n",
    "same name twice": "def f(a):\n    return 1\ndef f(a):\n    return 2\n",
    "after a semicolon": "x = 1; y = 2\ndef f(a): x = a; return x\n",
    "try": "try:\n    def f(a):\n        return a\nexcept ValueError:\n    pass\n",
}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", DEFINITIONS.values(), ids=DEFINITIONS)
def test_definition(load, text, newline):
    assert_found(load(text, newline=newline).f)


@pytest.mark.parametrize("text", DEFINITIONS.values(), ids=DEFINITIONS)
def test_search_in_the_whole_file_agrees(load, text, monkeypatch):
    monkeypatch.setattr(source, "_parse_definition", lambda code, lines: None)
    assert_found(load(text).f)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_parameters(load):
    assert_found(load("def f[T](a: T) -> T:\n    return a\n").f)


def test_private_names_are_those_of_the_code(load):
    module = load(
        """
        class _C:
            def method(self, __a, *, __b=1):
                global __c
                __c = lambda: self.__a.__b__ + __b + _D__a.__class__
                class D:
                    __e = self.__f(__a=__b)
                return "__a"
        def plain(_D__a, __a):
            return __a._D__a
        """.replace("\n        ", "\n")
    )
    text = ast.unparse(function_source(module._C.method).node).replace("lambda :", "lambda:")  # before Python 3.11
    assert text == textwrap.dedent(
        """
        def method(self, _C__a, *, _C__b=1):
            global _C__c
            _C__c = lambda: self._C__a.__b__ + _C__b + _D__a.__class__

            class D:
                __e = self.__f(__a=__b)
            return '__a'
        """
    ).strip()
    assert ast.unparse(function_source(module.plain).node) == "def plain(_D__a, __a):\n    return __a._D__a"


def test_methods_and_nested_functions(load):
    module = load(
        """
        class C:
            def method(self, private=1):
                return private

            class Inner:
                @staticmethod
                def method(a):
                    def nested(b):
                        return a + b
                    return nested
        def outer(z):
            def inner(x):
                def innermost(y):
                    return x + y + z
                return innermost
            return inner
        """.replace("\n        ", "\n")
    )
    assert assert_found(module.C.method).node.lineno == 3
    assert_found(module.C.Inner.method)
    assert assert_found(module.C.Inner.method(1)).freevars == ("a",)
    assert assert_found(module.outer(1)(2)).freevars == ("x", "z")


def test_encoding_cookie(load):
    text = "# -*- coding: latin-1 -*-\ndef f(a):\n    s = 'äöü'; return a\n"
    found = assert_found(load(text, encoding="latin-1").f)
    assert found.line(3) == "    s = 'äöü'; return a"
    assert found.node.body[1].col_offset == len("    s = 'äöü'; ".encode())


def test_line(load):
    found = function_source(load("def f(a):\r\n    return a").f)
    assert [found.line(n) for n in range(-1, 5)] == ["", "", "def f(a):", "    return a", "", ""]


# --- lambdas


LAMBDAS = {
    "same parameters": ("fs = [lambda x: x + 1, lambda x: x + 2, lambda x: x - 1]", ["x + 1", "x + 2", "x - 1"]),
    "different parameters": ("fs = [lambda x: x, lambda y: y, lambda x, y: x]", ["x", "y", "x"]),
    "constants": ("fs = [lambda: 1, lambda: 1.0, lambda: True, lambda: None]", ["1", "1.0", "True", "None"]),
    "signed zero": ("fs = [lambda: 0.0, lambda: -0.0]", ["0.0", "-0.0"]),
    "globals": ("a = b = 0\nfs = [lambda: a, lambda: b]", ["a", "b"]),
    "several lines": ("fs = [\n  lambda x: (x +\n 1), lambda x: (x +\n 2)]", ["x + 1", "x + 2"]),
    "conditional": ("fs = [lambda x: 1 if x else 2, lambda x: 1 if x else 3]", ["1 if x else 2", "1 if x else 3"]),
    "attributes": ("fs = [lambda x: x.real, lambda x: x.imag]", ["x.real", "x.imag"]),
    "nested": ("f = lambda x: (lambda x: x + 1)\nfs = [f, f(0)]", ["lambda x: x + 1", "x + 1"]),
    "nested in a default": ("f = lambda x=(lambda x: x + 1): x\nfs = [f, f()]", ["x", "x + 1"]),
    "closures": ("def m(p, q):\n  return [lambda x: x + p, lambda x: x + q]\nfs = m(1, 2)", ["x + p", "x + q"]),
    "comprehension": ("fs = [f for f in [lambda x: [x for x in x], lambda x: {x for x in x}]]", ["[x for x in x]", "{x for x in x}"]),
    "private names": ("class C:\n  __p = __q = 1\n  fs = [lambda s: s.__p, lambda s: s.__q]\nfs = C.fs", ["s._C__p", "s._C__q"]),
    "defaults": ("fs = [lambda x=1: x, lambda x=2: x + 1]", ["x", "x + 1"]),
    "keyword-only": ("fs = [lambda *, x=1: x, lambda *x: x, lambda **x: x]", ["x", "x", "x"]),
    "same line as a def": ("def g(x): return lambda x: x\nfs = [g(1)]", ["x"]),
    "unicode before": ("s = '日本', (fs := [lambda x: x + 1, lambda x: x + 2])", ["x + 1", "x + 2"]),
}


@pytest.mark.parametrize("positions", [True, False], ids=["by position", "by bytecode"])
@pytest.mark.parametrize(("text", "bodies"), LAMBDAS.values(), ids=LAMBDAS)
def test_lambdas(load, text, bodies, positions, monkeypatch):
    if not positions:  # as on Python 3.10, or under -X no_debug_ranges
        monkeypatch.setattr(source, "_by_position", lambda candidates, code: candidates)
    functions = load(text + "\n").fs
    assert [ast.unparse(function_source(f).node.body) for f in functions] == bodies


def test_identical_lambdas_are_interchangeable(load):
    first, second = load("fs = [lambda x: x, lambda x: x]\n").fs
    assert ast.unparse(function_source(first).node) == ast.unparse(function_source(second).node) == "lambda x: x"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="columns are in code objects since Python 3.11")
def test_identical_lambdas_are_told_apart_by_position(load):
    functions = load("fs = [lambda x: x * 2, lambda x: x * 2]\n").fs
    assert [function_source(f).node.col_offset for f in functions] == [6, 23]


# --- text that is not in a file


def test_exec_with_text_in_linecache():
    text = "def f(a):\n    return a\ng = lambda b: b\n"
    name = "<cell 1>"
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    assert_found(namespace["f"])
    assert_found(namespace["g"])
    del linecache.cache[name]


def test_cell_that_is_run_again_under_the_same_name():
    name = "<cell 2>"
    for text, body in [("f = lambda a: a + 1\n", "a + 1"), ("f = lambda a: a + 2\n", "a + 2")]:
        linecache.cache[name] = len(text), None, [text], name
        namespace = {}
        exec(compile(text, name, "exec"), namespace)
        assert ast.unparse(function_source(namespace["f"]).node.body) == body
    del linecache.cache[name]


def test_text_from_an_import_loader(tmp_path, monkeypatch):
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_module.py", "x = 1\ndef f(a):\n    return a\n")
    monkeypatch.syspath_prepend(str(archive))
    module = __import__("zipped_module")
    assert function_source(module.f).node.lineno == 2


def asserts_something(a):
    assert a == 1, "rewritten by pytest"
    return a


def test_function_with_rewritten_assertions():
    assert_found(asserts_something)


# --- what cannot be found


class Callable:
    def __call__(self):
        return 1


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (len, "it is written in C and has no Python source"),
        (np.sin, "it is written in C and has no Python source"),
        (str.upper, "it is written in C and has no Python source"),
        (int, "it is a class, not a function"),
        (Callable(), "it is not a plain Python function but a Callable"),
        (functools.partial(max, 1), "it is not a plain Python function but a partial"),
        (Callable().__call__, "it is not a plain Python function but a method"),
        (3, "it is not a plain Python function but an int"),
    ],
    ids=str,
)
def test_not_a_function(thing, reason):
    with pytest.raises(SourceNotFound) as caught:
        function_source(thing)
    assert caught.value.reason == reason


def test_exec_without_text():
    namespace = {}
    exec("def f(a):\n    return a\n", namespace)
    with pytest.raises(SourceNotFound, match=r"its source is not known, as it was made by exec, .*\(<string>\)") as caught:
        function_source(namespace["f"])
    assert "notebook" in caught.value.hint


def test_file_that_is_gone(tmp_path):
    namespace = {}
    exec(compile("f = lambda a: a\n", str(tmp_path / "gone.py"), "exec"), namespace)
    with pytest.raises(SourceNotFound, match="there is no file .*gone.py"):
        function_source(namespace["f"])


def test_file_that_does_not_parse_any_more(load):
    module = load("f = lambda a: a\n")
    module.path.write_text("f = lambda a: a )\n")
    with pytest.raises(SourceNotFound, match="does not parse"):
        function_source(module.f)


EDITS = {
    "a line inserted above": ("def f(a):\n    return a\n", "\ndef f(a):\n    return a\n"),
    "another function at its place": ("def f(a):\n    return a\n", "def g(a):\n    return a\n"),
    "other parameters": ("def f(a):\n    return a\n", "def f(a, b):\n    return a\n"),
    "parameter renamed": ("def f(a):\n    return a\n", "def f(b):\n    return b\n"),
    "parameter of another kind": ("def f(a):\n    return a\n", "def f(*, a):\n    return a\n"),
    "shorter file": ("\n\n\ndef f(a):\n    return a\n", "\n"),
    "body": ("def f(a):\n    return a + 1\n", "def f(a):\n    return a - 1\n"),
    "constant": ("def f(a):\n    return a + 1\n", "def f(a):\n    return a + 2\n"),
    "constant of another type": ("def f(a):\n    return a + 1\n", "def f(a):\n    return a + 1.0\n"),
    "body of a nested function": (
        "def f(a):\n    def g(): return a\n    return g\n",
        "def f(a):\n    def g(): return -a\n    return g\n",
    ),
    "lambda": ("f = lambda a: a + 1\n", "f = lambda a: a - 1\n"),
}


@pytest.mark.parametrize(("before", "after"), EDITS.values(), ids=EDITS)
def test_file_edited_after_import(load, before, after):
    module = load(before)
    module.path.write_text(after)
    with pytest.raises(SourceNotFound, match="so it was edited after it was imported"):
        function_source(module.f)


def test_edit_below_the_function_does_no_harm(load):
    module = load("def f(a):\n    return a\n")
    module.path.write_text("def f(a):\n    return a\n\ndef g():\n    pass\n")
    assert_found(module.f)


def test_file_written_while_running_and_run_again(load):
    module = load("def f(a):\n    return a + 1\n")
    assert ast.unparse(function_source(module.f).node.body[0]) == "return a + 1"
    module.path.write_text("def f(a):\n    return a - 12\n")
    namespace = {}
    exec(compile(module.path.read_text(), str(module.path), "exec"), namespace)
    assert ast.unparse(function_source(namespace["f"]).node.body[0]) == "return a - 12"


# --- the cache


def test_closures_of_one_code_share_their_source():
    def outer(z):
        return lambda x: x + z

    assert function_source(outer(1)) is function_source(outer(2))


def test_equal_code_of_two_files_is_told_apart(load):
    first, second = load("f = lambda x: x\n"), load("f = lambda x: x\n")
    assert first.f.__code__ == second.f.__code__
    assert function_source(first.f).filename == str(first.path)
    assert function_source(second.f).filename == str(second.path)


def test_source_is_forgotten_with_its_code(load):
    module = load("f = lambda x: x\n")
    function_source(module.f)
    key = id(module.f.__code__)
    assert key in source._FOUND
    del module
    gc.collect()
    assert key not in source._FOUND


# --- every function of a few modules


def functions_of(module):
    pending, seen = [module], set()
    while pending:
        for thing in vars(pending.pop()).values():
            thing = getattr(thing, "__func__", getattr(thing, "fget", thing))
            if getattr(thing, "__module__", None) != module.__name__ or thing in seen:
                continue
            seen.add(thing)
            if inspect.isfunction(thing):
                yield thing
            elif inspect.isclass(thing):
                pending.append(thing)


@pytest.mark.parametrize("module", [ast, functools, inspect, json.decoder, statistics, textwrap, source], ids=lambda m: m.__name__)
def test_own_lines_and_whole_file_give_the_same(module):
    count = 0
    for function in functions_of(module):
        if function.__code__.co_filename != module.__file__:
            continue  # made by exec, as the methods of named tuples are
        found = function_source(function)
        searched = source._search_file(function.__code__, found.lines)
        assert ast.dump(found.node, include_attributes=True) == ast.dump(searched, include_attributes=True)
        count += 1
    assert count > 5
