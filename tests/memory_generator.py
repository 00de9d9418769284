"""Random graphs for tests of memory: programs that make arrays, share them in every way there is, and leave anywhere."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from codegen_harness import make_graph

from ir import types as t
from ir.builder import Builder, constant
from ir.graph import Block, Edge, ExceptionTemplate, Graph, Placeholder, Value
from ir.opdef import OpDef
from ir.ops import aggregate, arithmetic, array, compare, control, memory, python

ARRAY = t.float64[::1]
PAIR, MAYBE = t.Tuple((ARRAY, ARRAY)), t.Optional(ARRAY)
DEEP = t.Optional(t.Tuple((ARRAY, MAYBE)))
VARIABLES: dict[str, t.Type] = {
    "x": ARRAY, "y": ARRAY, "z": ARRAY, "pair": PAIR, "maybe": MAYBE, "deep": DEEP, "s": t.np_float64,
}  # fmt: skip
RESULT = t.Tuple(tuple(VARIABLES.values()))
PARAMS = (ARRAY, t.int64, t.np_float64)


def number(value: float) -> Value:
    return constant(value, t.np_float64)


def index(value: int) -> Value:
    return constant(value, t.int64)


def fresh(b: Builder, length: Value) -> Value:
    """A new array of zeros, with 0.25 in its first item; lengths are not zero."""
    made = b.emit(memory.alloc, length, to=ARRAY, zero=True)
    b.emit(array.store, made, index(0), number(0.25))
    return made


def _callees() -> dict[str, Graph]:
    length = lambda b, x: b.emit(array.shape, x, axis=0)  # noqa: E731
    same = make_graph([ARRAY], None, lambda b, x: x, "same")
    copy = make_graph([ARRAY], None, lambda b, x: fresh(b, length(b, x)), "copy")
    both = make_graph([ARRAY], None, lambda b, x: b.emit(aggregate.tuple_make, x, fresh(b, length(b, x)), to=PAIR), "both")

    def through(b: Builder, x: Value) -> Value:
        pair = b.emit(control.call, b.emit(control.call, x, callee=same), callee=both)
        return b.emit(aggregate.tuple_item, pair, index=0)

    def failing(b: Builder, x: Value) -> None:
        fail, end = b.new_block("fail"), b.new_block("end")
        made = fresh(b, length(b, x))
        first = b.emit(array.load, x, index(0))
        b.branch(b.emit(compare.gt, first, number(3.0)), Edge(fail), Edge(end))
        b.start(fail)
        b.raise_(ExceptionTemplate(ValueError, (Placeholder(0), Placeholder(1))), made, x)
        b.start(end)
        b.return_(made)

    return {
        "same": same, "copy": copy, "both": both, "through": make_graph([ARRAY], None, through, "through"),
        "failing": make_graph([ARRAY], ARRAY, failing, "failing"), "deep": make_graph([t.int64], ARRAY, _recursive, "deep"),
    }  # fmt: skip


def _recursive(b: Builder, n: Value) -> None:
    """A new array, after as many calls of itself as n says, each with an array of its own."""
    stop, go = b.new_block("stop"), b.new_block("go")
    made = fresh(b, index(200))
    b.branch(b.emit(compare.lt, n, index(1)), Edge(stop), Edge(go))
    b.start(stop)
    b.return_(made)
    b.start(go)
    below = b.emit(control.call, b.emit(arithmetic.sub, n, index(1)), callee=b.graph)
    b.emit(array.store, below, index(0), b.emit(array.load, made, index(0)))
    b.return_(below)


class MemoryGenerator:
    """Makes one graph from a seed; `seen` is called with arrays, as a Python function."""

    def __init__(self, seed: int, seen: Callable[[Any], None]) -> None:
        self.random = random.Random(seed)
        self.seen = seen
        self.graph = Graph(f"random{seed}", None, [Block("entry", [Value(p) for p in PARAMS])], RESULT)
        self.b = Builder(self.graph)
        self.callees = _callees()
        a, self.n, s = self.graph.params
        maybe = self.b.emit(aggregate.optional_some, a)
        inside = self.b.emit(aggregate.tuple_make, a, maybe, to=DEEP.value)
        self.variables = {
            "x": a, "y": fresh(self.b, self.n), "z": fresh(self.b, index(2)), "pair": self.b.emit(aggregate.tuple_make, a, a, to=PAIR),
            "maybe": maybe, "deep": self.b.emit(aggregate.optional_some, inside), "s": s,
        }  # fmt: skip

    def make(self) -> Graph:
        self.statements(7, 0)
        self.leave()
        return self.graph

    def emit(self, opdef: OpDef, *operands: Value, **attributes: Any) -> Any:
        return self.b.emit(opdef, *operands, **attributes)

    def any_array(self) -> Value:
        return self.variables[self.random.choice("xyz")]

    def set_any(self, value: Value) -> None:
        self.variables[self.random.choice("xyz")] = value

    def statements(self, count: int, depth: int) -> None:
        simple = (self.new, self.alias, self.pack, self.unpack, self.optional, self.nested, self.pick, self.use, self.call, self.check)
        nested = (self.branch, self.loop, self.value, self.exit) if depth < 3 else ()
        for _ in range(count):
            chosen = self.random.choice(simple + nested)
            chosen(depth) if chosen in nested else chosen()

    # --- statements without control flow

    def new(self) -> None:
        self.set_any(fresh(self.b, self.random.choice((self.n, index(1), index(3), index(100)))))

    def alias(self) -> None:
        a = self.any_array()
        self.set_any(self.emit(memory.view, a, index(0), index(1), to=ARRAY) if self.random.random() < 0.6 else a)

    def pack(self) -> None:
        self.variables["pair"] = self.emit(aggregate.tuple_make, self.any_array(), self.any_array(), to=PAIR)

    def unpack(self) -> None:
        self.set_any(self.emit(aggregate.tuple_item, self.variables["pair"], index=self.random.randrange(2)))

    def optional(self) -> None:
        some = self.random.random() < 0.7
        self.variables["maybe"] = self.emit(aggregate.optional_some, self.any_array()) if some else self.emit(aggregate.optional_nothing, to=MAYBE)

    def nested(self) -> None:
        if self.random.random() < 0.3:
            self.variables["deep"] = self.emit(aggregate.optional_nothing, to=DEEP)
        else:
            inside = self.emit(aggregate.tuple_make, self.any_array(), self.variables["maybe"], to=DEEP.value)
            self.variables["deep"] = self.emit(aggregate.optional_some, inside)

    def pick(self) -> None:
        name = self.random.choice(("x", "pair", "maybe", "deep"))
        other = self.any_array() if name == "x" else self.variables[name]
        self.use()
        self.pack()
        self.variables[name] = self.emit(compare.select, self.condition(), other, self.variables[name])

    def use(self) -> None:
        a = self.any_array()
        self.variables["s"] = self.emit(arithmetic.add, self.variables["s"], self.emit(array.load, a, index(0)))
        if self.random.random() < 0.5:
            self.emit(array.store, a, index(0), self.variables["s"])
        if self.random.random() < 0.3:
            self.emit(python.python_call, a, self.variables["maybe"], function=self.seen)

    def call(self) -> None:
        name = self.random.choice(list(self.callees))
        argument = index(self.random.randrange(3)) if name == "deep" else self.any_array()
        result = self.emit(control.call, argument, callee=self.callees[name])
        if name == "both":
            self.variables["pair"] = result
        else:
            self.set_any(result)

    def check(self) -> None:
        length = self.emit(array.shape, self.any_array(), axis=0)
        self.emit(array.check_index, index(self.random.choice((0, 0, 0, 1))), length, axis=0)

    # --- control flow

    def condition(self) -> Value:
        return self.emit(compare.lt, self.variables["s"], number(self.random.choice((0.0, 1.0, 2.0, 5.0))))

    def join_block(self) -> Block:
        return self.b.new_block("join", tuple(VARIABLES.values()))

    def enter(self, block: Block) -> None:
        self.b.start(block)
        self.variables = dict(zip(VARIABLES, block.params))

    def branch(self, depth: int) -> None:
        then, otherwise, join = self.b.new_block("then"), self.b.new_block("else"), self.join_block()
        self.b.branch(self.condition(), Edge(then), Edge(otherwise))
        before = self.variables
        for block in (then, otherwise):
            self.b.start(block)
            self.variables = dict(before)
            self.statements(self.random.randrange(4), depth + 1)
            self.b.jump(join, *self.variables.values())
        self.enter(join)

    def loop(self, depth: int) -> None:
        header, body = self.b.new_block("loop", (t.int64, *VARIABLES.values())), self.b.new_block("body")
        exit = self.join_block()
        self.b.jump(header, index(0), *self.variables.values())
        self.b.start(header)
        i, *params = header.params
        self.variables = dict(zip(VARIABLES, params))
        self.b.branch(self.emit(compare.lt, i, index(self.random.randrange(4))), Edge(body), Edge(exit, params))
        self.b.start(body)
        self.statements(self.random.randrange(1, 5), depth + 1)
        step = self.emit(arithmetic.add, i, index(1))
        again = Edge(header, [step, *self.variables.values()])
        if self.random.random() < 0.4:
            self.b.branch(self.condition(), again, Edge(exit, list(self.variables.values())))
        else:
            self.b.jump(header, *again.arguments)
        self.enter(exit)

    def value(self, depth: int) -> None:
        """Look into an optional where it has a value."""
        name = self.random.choice(("maybe", "deep"))
        some, join = self.b.new_block("some"), self.join_block()
        has = self.emit(aggregate.optional_has, self.variables[name])
        self.b.branch(has, Edge(some), Edge(join, list(self.variables.values())))
        self.b.start(some)
        value = self.emit(aggregate.optional_value, self.variables[name])
        if name == "deep":
            self.variables["maybe"] = self.emit(aggregate.tuple_item, value, index=1)
            value = self.emit(aggregate.tuple_item, value, index=0)
        self.set_any(value)
        self.b.jump(join, *self.variables.values())
        self.enter(join)

    def exit(self, depth: int) -> None:
        """Leave with a result, or an exception that may hold arrays."""
        out, on = self.b.new_block("out"), self.b.new_block("on")
        condition = self.emit(compare.gt, self.variables["s"], number(self.random.choice((2.0, 4.0, 8.0, 16.0))))
        self.b.branch(condition, Edge(out), Edge(on))
        self.b.start(out)
        if self.random.random() < 0.5:
            self.leave()
        else:
            names = self.random.choice((("x",), ("pair", "s"), ("maybe", "x", "x"), ("s",)))
            template = ExceptionTemplate(KeyError, tuple(map(Placeholder, range(len(names)))))
            self.b.raise_(template, *(self.variables[name] for name in names))
        self.b.start(on)

    def leave(self) -> None:
        self.b.return_(self.emit(aggregate.tuple_make, *self.variables.values(), to=RESULT))
