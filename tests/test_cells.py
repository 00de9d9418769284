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
    tree = ast.parse("def f(x):\n    g = lambda: x\n    x = 1\n    return g").body[0]
    sharing = Sharing(tree)
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
