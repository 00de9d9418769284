"""Variables in cells: which parts of a function with `nonlocal` stay compiled, and what is shared with whom."""

from __future__ import annotations

import ast
import textwrap
import threading
from typing import Any

import numpy as np
import pytest
from object_harness import differences, function_from

import tracer.object_mode
from tracer import ObjectModeWarning, jit
from tracer.cells import Sharing
from tracer.errors import NopythonError
from tracer.problems import Interpreted
from tracer.unbound import perhaps_unbound_in

pytestmark = pytest.mark.filterwarnings("ignore::tracer.ObjectModeWarning")


def loops_interpreted(function: Any) -> list[str]:
    return [segment.text for segment in function.segments if segment.text.startswith(("for", "while"))]


COUNTER = """
    def f(a, n):
        count = 0
        def key(v):
            nonlocal count
            count += 1
            return -v
        order = sorted(range(n), key=key)
        t = 0.0
        for i in range(len(a)):
            t += a[i] * a[i]
        return order, count, t
"""


def test_loops_beside_a_variable_in_a_cell_are_compiled() -> None:
    function = jit(function_from(COUNTER, {}))
    assert function(np.ones(4), 3) == ([2, 1, 0], 3, 4.0)
    assert function(np.ones(4), 3) == ([2, 1, 0], 3, 4.0)
    assert not loops_interpreted(function)
    graph = next(iter(function.graphs.values()))
    assert graph.text("optimized").count("load") > 0


QUIET = {
    "reads": """
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += n
                return v
            l = sorted([3, 1, 2], key=g)
            t = 0.0
            for i in range(len(a)):
                t += a[i] * k
            return t, k, l
    """,
    "writes": """
        def f(a, n):
            best = 0.0
            l = [lambda: best]
            note(l[0]())
            t = 0.0
            for v in a:
                if v * v > best:
                    best = v * v
                t += best
            return l[0](), best, t
    """,
    "both, in a nest": """
        def f(a, n):
            k = 0
            best = 0.0
            def g():
                nonlocal k
                k += 1
                return best
            l = [g]
            l[0]()
            i = 0
            while i < 10:
                for v in a:
                    best += v * k
                i += 1
            return l[0](), best, k
    """,
    "a target": """
        def f(a, n):
            l = [lambda: (v, i)]
            t = 0.0
            for v in a:
                t += v * v
            for i in range(n + 1):
                t += i / 2.0
            return l[0](), t
    """,
}


@pytest.mark.parametrize("name", QUIET)
def test_loops_in_which_nothing_of_pythons_runs_are_compiled(name: str) -> None:
    plain = function_from(QUIET[name], {})
    fast = jit(plain)
    found = differences(plain, [lambda: (np.arange(1.0, 5.0), 3), lambda: (np.arange(1.0, 9.0), 1)], fast)
    assert not found, "\n".join(found)
    assert not loops_interpreted(fast)
    loops = [node for node in ast.walk(fast._plan.sharing.node) if isinstance(node, (ast.For, ast.While))]
    inside = {line for loop in loops for line in range(loop.body[0].lineno, loop.end_lineno + 1)}
    assert not [segment for segment in fast.segments if segment.line in inside]


LEFT = {
    "by an exception": """
        def f(a, n, log):
            k = 0
            log.append(lambda: k)
            for i in range(10):
                k = k + 6 // (n - i)
            return k
    """,
    "by a raise": """
        def f(a, n, log):
            k = 0
            log.append(lambda: k)
            for v in a:
                k += 1
                if k == n:
                    raise ValueError(k)
            return k
    """,
    "by an exception in a function that is traced in place": """
        def f(a, n, log):
            def inner(i):
                if i == n:
                    raise KeyError(i)
                return i * 2
            k = 0
            log.append(lambda: k)
            for i in range(10):
                k = i
                k = k + inner(i)
            return k
    """,
    "by an index": """
        def f(a, n, log):
            k = 0
            log.append(lambda: k)
            for i in range(n * 3):
                k = i
                a[i] = 1.0
            return k
    """,
    "by a return": """
        def f(a, n, log):
            k = 0
            log.append(lambda: (k, v))
            for v in a:
                k += 1
                if v * 2 > n:
                    return k
            return -k
    """,
    "in a round of a loop around it": """
        def f(a, n, log):
            k = 0
            log.append(lambda: (k, j))
            for i in range(n):
                for j in range(4):
                    k += j * i
                    if k == 5:
                        break
                else:
                    k += 100
                    continue
                k += 1000
                if i == 2:
                    break
            return k
    """,
    "when a first round has other types": """
        def f(a, n, log):
            k = 0
            log.append(lambda: k)
            x = log and n
            for v in a:
                k = k + 1
                if v > n:
                    break
                k = k + x
            return k
    """,
    "by a jump of its else": """
        def f(a, n, log):
            k = 0
            log.append(lambda: k)
            for i in range(n):
                str(i)
                for v in a:
                    k += i
                else:
                    k += 100
                    break
            return k
    """,
}


@pytest.mark.parametrize("name", LEFT)
def test_a_cell_is_written_on_every_way_out_of_a_loop(name: str) -> None:
    def seen(function: Any, n: Any, length: int) -> list[Any]:
        log: list[Any] = []
        a = np.arange(1.0, 1.0 + length)
        try:
            result = function(a, n, log)
        except (ArithmeticError, LookupError, ValueError) as error:
            result = type(error), str(error)
        try:
            return [result, log[0](), a.tolist()]
        except NameError as error:
            return [result, str(error), a.tolist()]

    plain = function_from(LEFT[name], {})
    fast = jit(plain)
    for n, length in ((0.5, 3), (3, 4), (2, 4), (5, 4), (0, 4), (3, 0), (2.5, 3)):
        if isinstance(n, int) or "range(n" not in LEFT[name]:
            for _ in range(3):
                assert seen(fast, n, length) == seen(plain, n, length), (n, length)


def test_loops_that_call_what_looks_into_cells_are_not_quiet() -> None:
    found = differences(function_from(
        """
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += v
                return k
            l = [g]
            t = 0.0
            for v in a:
                t += v * k + v * v * 0.5 - v / 3.0 + v ** 2
                l[0](v)
            for i in range(3):
                for v in a:
                    t += v * k
                t += outer(l[0]) * k
            m = 0
            l.append(lambda: m)
            for v in a:
                m = m + 1
                t += outer(l[1]) * v
            return k, t, m
        """, {"outer": lambda g: g(*range(g.__code__.co_argcount))},
    ), [lambda: (np.arange(1.0, 4.0), 3)])  # fmt: skip
    assert not found, "\n".join(found)


def test_each_call_has_cells_of_its_own() -> None:
    function = jit(function_from(
        """
        def f(a, started, other):
            count = 0
            def add():
                nonlocal count
                count += 1
                return count
            l = [add]
            t = 0.0
            for v in a:
                t += v * v
            for _ in range(50):
                l[0]()
                started.set()
                other.wait(10)
            return count, t
        """, {},
    ))  # fmt: skip
    events = threading.Event(), threading.Event()
    found: list[Any] = []
    threads = [threading.Thread(target=lambda e=e: found.append(function(np.ones(3), *e))) for e in (events, events[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(50, 3.0)] * 2


def counters(decorate: Any) -> tuple[Any, Any]:
    count = 0

    def more() -> int:
        nonlocal count
        count += 10
        return count

    @decorate
    def f(a: np.ndarray, call: Any) -> Any:
        nonlocal count
        total = 0.0
        for i in range(len(a)):
            total += a[i] * a[i]

        def now() -> Any:
            return count

        before = count + call()
        count = count + 1
        return before, now(), count, total

    return f, more


def test_a_variable_of_an_enclosing_function_is_read_in_its_turn() -> None:
    """Operands in their order, and by a function that is traced in place."""
    (fast, fast_more), (slow, slow_more) = counters(jit), counters(lambda function: function)
    for _ in range(3):
        assert fast(np.ones(3), fast_more) == slow(np.ones(3), slow_more)
    assert not loops_interpreted(fast)
    assert "count = ..." in [segment.text for segment in fast.segments]


def test_a_global_is_assigned_what_compiled_code_computes() -> None:
    text = """
        def f(a, o):
            global total, last
            total = a.sum() + len(o)
            for last in a:
                pass
            t = 0.0
            for v in a:
                t += v * v
            note(total, last)
            total, last = last, o
            return total, t
    """
    plain, other = (function_from(text, {"total": None, "last": None}) for _ in range(2))
    fast = jit(other)
    for o in ([1], "ab", [1]):
        assert fast(np.arange(3.0), o) == plain(np.arange(3.0), o)
        assert [other.__globals__[name] for name in ("total", "last")] == [plain.__globals__[name] for name in ("total", "last")]
    assert not [segment for segment in fast.segments if "sum" in segment.text]


def test_the_cell_of_an_enclosing_function_may_be_empty() -> None:
    def outer(decorate: Any, bind: bool) -> Any:
        @decorate
        def f(a: np.ndarray) -> Any:
            nonlocal later
            total = a.sum()
            later = [later, total]
            return later

        if bind:
            later = 1
        return f
        later = 0

    assert outer(jit, True)(np.ones(2)) == outer(lambda f: f, True)(np.ones(2))
    with pytest.raises(NameError) as slow:
        outer(lambda f: f, False)(np.ones(2))
    with pytest.raises(NameError) as fast:
        outer(jit, False)(np.ones(2))
    assert (type(fast.value), str(fast.value)) == (type(slow.value), str(slow.value))


REST = """
    def f(a, l):
        out = []
        k = 0
        def g():
            nonlocal k
            k += 1
            return k
        out.append(g)
        for x in l:
            scale = x
            out.append(lambda: (x, scale, k))
            k = k + out[0]()
            for v in a:
                k = k + v * x
        k += 1
        return [each() for each in out], k
"""


def test_what_is_left_of_a_function_runs_in_the_interpreter_with_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = tracer.object_mode.compile_with_segments
    refused = []

    def refusing(dispatcher: Any, key: Any, plan: Any, options: Any) -> Any:
        if dispatcher is not plan.dispatchers[0]:
            refused.append(plan.sharing.needs_cells(dispatcher.py_func))
            raise NopythonError(Interpreted(dispatcher.__name__))
        return compiled(dispatcher, key, plan, options)

    monkeypatch.setattr(tracer.object_mode, "compile_with_segments", refusing)
    found = differences(function_from(REST, {}), [lambda: (np.ones(3), [1, 2.5]), lambda: (np.ones(3), [2.5, "x"])])
    assert not found, "\n".join(found)
    assert True in refused


def test_a_function_is_given_the_cells_among_its_arguments() -> None:
    sharing = Sharing(function_from("def f(x):\n    g = lambda: x\n    x = 1\n    return g", {}))
    sharing.add({"x"})
    name = sharing.cell_parameter("x")

    def outer(cell: Any) -> Any:
        x = None
        space: dict[str, Any] = {}
        exec(f"def outer():\n    x = 0\n    def f({name}, y):\n        return x, y\n    return f", space)
        return space["outer"](), (lambda: x).__closure__[0]

    function, cell = outer(None)
    cell.cell_contents = "given"
    assert sharing.needs_cells(function) and not sharing.needs_cells(outer)
    assert sharing.with_cells(function, (cell, 2))(cell, 2) == ("given", 2)
    assert function(cell, 2) == (0, 2)


def test_functions_made_in_segments_have_their_names() -> None:
    text = """
        def f(a, n):
            class K:
                class L:
                    def m(self): return 1
            def g(v): return [lambda: v]
            t = 0.0
            for v in a:
                t += v * v
            try:
                g()
            except TypeError as error:
                message = str(error)
            return K.__qualname__, K.L.m.__qualname__, list(map(g, [1]))[0][0].__qualname__, message, t
    """
    found = differences(function_from(text, {}), [lambda: (np.ones(3), 1)])
    assert not found, "\n".join(found)


UNBOUND = """
def f(p, o):
    note(y)                     # y
    if p:
        x = y = 1
        note(x, y)              # x
    note(x, y)                  # x y
    y += 1                      # y
    for i in range(y):
        note(i)
        z = i
        while z:
            note(z)
    else:
        note(i, z)              # i z
    with o as w:
        note(w)
        x = 3
    try:
        k = 5
        note(k)
    except ValueError as e:
        note(e, k)              # e k
    else:
        note(k)                 # k
        j = 2
    finally:
        note(j)                 # j
    x = j if p else w           # j
    class C(x):                 # x
        def h(self): note(q)
    def g(d=q, *, k=q):         # q q
        return q
    match p:
        case [x.y]:             # x
            note(lambda v=q: q) # q
    q = [y for p in q]          # q
    note(q, p, w, C, g)
    del x                       # x
"""


def test_where_variables_may_be_unbound() -> None:
    """The comments name what may be unbound there: `x` may everywhere, since it is deleted in the end."""
    lines = UNBOUND.strip().split("\n")
    expected = sorted((line, name) for line, text in enumerate(lines, 1) for name in text.partition("#")[2].split())
    found = perhaps_unbound_in(ast.parse(UNBOUND.strip()).body[0], frozenset("pxyzijkwqeCg"))
    assert sorted((line, name) for name, line, _ in found) == expected


def test_the_user_is_told_what_a_cell_costs() -> None:
    function = jit(function_from(textwrap.dedent(COUNTER), {}))
    with pytest.warns(ObjectModeWarning, match="line 3: `count = ...` is interpreted: an inner function sees this variable change"):
        function(np.ones(4), 3)
