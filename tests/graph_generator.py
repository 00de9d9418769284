"""Random graphs for tests: structured programs over integers, floats and arrays, with loops, branches and raises."""

from __future__ import annotations

import random
from collections.abc import Callable

from ir import types
from ir.builder import Builder, constant
from ir.graph import Block, Edge, ExceptionTemplate, Graph, Placeholder, Value
from ir.opdef import OpDef
from ir.ops import aggregate, arithmetic, array, compare, convert
from ir.types import Type

PARAMS: tuple[tuple[str, Type], ...] = (
    ("a", types.float64[::1]), ("b", types.int64[:]), ("n", types.int64), ("m", types.int64), ("x", types.float64),
)  # fmt: skip
INTEGERS = (0, 1, 2, 3, -1, -2, 5, 2**63 - 1, -(2**63), 2**62, -(2**62), 7)
FLOATS = (0.0, -0.0, 1.0, -1.0, 2.5, float("inf"), float("nan"), 1e308)
_INT_OPS = (arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.bit_and, arithmetic.bit_or, arithmetic.bit_xor,
            arithmetic.minimum, arithmetic.maximum)  # fmt: skip
_FLOAT_OPS = (arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.div)
_RELATIONS = (compare.lt, compare.le, compare.gt, compare.ge, compare.eq, compare.ne)


class GraphGenerator:
    """Makes one graph from a seed. `variables` are the current values of the program's variables."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.graph = Graph(f"random{seed}", result_type=types.float64)
        params = [Value(t, name) for name, t in PARAMS]
        self.graph.blocks = [Block("entry", params)]
        self.builder = Builder(self.graph)
        self.arrays = params[:2]
        self.variables: dict[str, Value] = {"n": params[2], "m": params[3], "x": params[4]}
        self.variables["i"] = constant(self.random.choice(INTEGERS), types.int64)
        self.variables["j"] = self.emit(array.shape, self.random.choice(self.arrays), axis=0)
        self.variables["y"] = constant(self.random.choice(FLOATS), types.float64)
        self.variables["late"] = self.emit(aggregate.undefined, to=types.int64)
        self.variables["late_bound"] = constant(False, types.boolean)

    def make(self, statements: int = 6) -> Graph:
        """The graph."""
        self.block_of_statements(statements, depth=0)
        total = self.variables["y"]
        for name in ("n", "m", "i", "j"):
            total = self.emit(arithmetic.add, total, self.emit(convert.cast, self.variables[name], to=types.float64))
        self.builder.return_(self.emit(arithmetic.add, total, self.variables["x"]))
        return self.graph

    def emit(self, opdef: OpDef, *operands: Value, **attributes: object) -> Value:
        return self.builder.emit(opdef, *operands, **attributes)

    # --- statements

    def block_of_statements(self, count: int, depth: int) -> None:
        kinds: list[Callable[[int], None]] = [self.assign_integer, self.assign_float, self.access, self.access, self.late]
        if depth < 3:
            kinds += [self.branch, self.counted_loop, self.counted_loop, self.while_loop]
        for _ in range(count):
            self.random.choice(kinds)(depth)

    def integer(self) -> Value:
        """A variable, an array's length, a constant, or one of those with a small constant added."""
        choice = self.random.random()
        if choice < 0.25:
            return constant(self.random.choice(INTEGERS), types.int64)
        if choice < 0.4:
            value = self.emit(array.shape, self.random.choice(self.arrays), axis=0)
        else:
            value = self.variables[self.random.choice("nmij")]
        if self.random.random() < 0.4:
            step = constant(self.random.choice((0, 1, 2, -1, -2)), types.int64)
            value = self.emit(self.random.choice((arithmetic.add, arithmetic.sub)), value, step)
        return value

    def float(self) -> Value:
        if self.random.random() < 0.3:
            return constant(self.random.choice(FLOATS), types.float64)
        return self.variables[self.random.choice("xy")]

    def condition(self) -> Value:
        choice = self.random.random()
        if choice < 0.1:
            return constant(self.random.random() < 0.5, types.boolean)
        operand = self.integer if choice < 0.7 else self.float
        result = self.emit(self.random.choice(_RELATIONS), operand(), operand())
        if self.random.random() < 0.2:
            result = self.emit(arithmetic.logical_not, result)
        if self.random.random() < 0.2:
            result = self.emit(self.random.choice((arithmetic.bit_and, arithmetic.bit_or)), result, self.condition())
        return result

    def assign_integer(self, depth: int) -> None:
        name = self.random.choice("nmij")
        choice = self.random.random()
        if choice < 0.15:
            divisor = constant(self.random.choice((1, 2, 3, -2)), types.int64)
            opdef = self.random.choice((arithmetic.floordiv, arithmetic.mod))
            self.variables[name] = self.emit(opdef, self.integer(), divisor)
        elif choice < 0.25:
            narrow = self.emit(convert.cast, self.integer(), to=self.random.choice((types.int8, types.uint8, types.int32)))
            self.variables[name] = self.emit(convert.cast, narrow, to=types.int64)
        elif choice < 0.35:
            self.variables[name] = self.emit(compare.select, self.condition(), self.integer(), self.integer())
        elif choice < 0.45:
            total = self.emit(arithmetic.add, self.integer(), self.integer())
            self.variables[name] = self.emit(arithmetic.shr, total, constant(1, types.int64))
        else:
            self.variables[name] = self.emit(self.random.choice(_INT_OPS), self.integer(), self.integer())

    def assign_float(self, depth: int) -> None:
        name = self.random.choice("xy")
        self.variables[name] = self.emit(self.random.choice(_FLOAT_OPS), self.float(), self.float())

    def access(self, depth: int) -> None:
        """Load from an array or store to it, at a checked index."""
        which = self.random.choice(self.arrays)
        length = self.emit(array.shape, which, axis=0)
        index = self.emit(array.check_index, self.integer(), length, axis=0)
        if self.random.random() < 0.3:
            item = which.type.dtype
            self.emit(array.store, which, index, self.emit(convert.cast, self.float(), to=item))
        loaded = self.emit(array.load, which, index)
        name = self.random.choice("xy") if self.random.random() < 0.7 else self.random.choice("ij")
        self.variables[name] = self.emit(convert.cast, loaded, to=self.variables[name].type)

    def late(self, depth: int) -> None:
        """Bind a variable that was unbound, or use it where it is bound."""
        if self.random.random() < 0.4:
            self.variables["late"] = self.integer()
            self.variables["late_bound"] = constant(True, types.boolean)
            return
        unbound, going_on = self.builder.new_block("unbound"), self.builder.new_block("bound")
        self.builder.branch(self.variables["late_bound"], Edge(going_on), Edge(unbound))
        self.builder.start(unbound)
        if self.random.random() < 0.5:
            self.builder.raise_(ExceptionTemplate(UnboundLocalError, ("late", Placeholder(0))), self.variables["i"])
            self.builder.start(going_on)
            self.variables["j"] = self.variables["late"]
        else:
            self.join([(unbound, dict(self.variables)), self.arm(going_on, self.use_late)])

    def use_late(self) -> None:
        self.variables["j"] = self.emit(arithmetic.add, self.variables["late"], self.integer())

    # --- control flow

    def arm(self, block: Block, body: Callable[[], None]) -> tuple[Block, dict[str, Value]]:
        """Run `body` in a block; where it ends, with the variables there. The variables here stay as they are."""
        before = dict(self.variables)
        self.builder.start(block)
        body()
        end = self.builder.block, self.variables
        self.variables = before
        return end

    def join(self, ends: list[tuple[Block, dict[str, Value]]]) -> None:
        """Go on where the paths meet, with a parameter for each variable."""
        block = self.builder.new_block("join", tuple(v.type for v in self.variables.values()))
        for end, variables in ends:
            self.builder.block = end
            self.builder.jump(block, *(variables[name] for name in self.variables))
        self.builder.start(block)
        self.variables = dict(zip(self.variables, block.params))

    def branch(self, depth: int) -> None:
        then, otherwise = self.builder.new_block("then"), self.builder.new_block("else")
        condition = self.condition()
        if self.random.random() < 0.2:
            operands = [self.variables["i"]]
            self.builder.branch(condition, Edge(then), Edge(otherwise))
            self.builder.start(then)
            self.builder.raise_(ExceptionTemplate(ValueError, ("bad", Placeholder(0))), *operands)
            self.builder.start(otherwise)
            return
        self.builder.branch(condition, Edge(then), Edge(otherwise))
        bodies = [self.random.randint(0, 2) for _ in range(2)]
        ends = [
            self.arm(block, lambda: self.block_of_statements(count, depth + 1))
            for block, count in zip((then, otherwise), bodies)
        ]
        self.join(ends)

    def counted_loop(self, depth: int) -> None:
        """for i in range(start, stop, step), with a counter that cannot wrap past the stop."""
        step = self.random.choice((1, 1, 1, 2, 3, -1, -1, -2))
        small = [0, 1, 2, -1]
        start, stop = self.integer(), self.integer()
        if self.random.random() < 0.5:
            start = constant(self.random.choice(small), types.int64)
        if step < 0 and self.random.random() < 0.7:
            start, stop = stop, constant(self.random.choice(small), types.int64)
        relation = compare.lt if step > 0 else compare.gt
        self.loop(depth, start, lambda counter: self.emit(relation, counter, stop), step, self.random.choice("ij"))

    def while_loop(self, depth: int) -> None:
        """A loop on a condition of the variables, with a limit on its rounds."""
        fuel = constant(0, types.int64)
        self.loop(depth, fuel, lambda counter: self.emit(
            arithmetic.bit_and, self.condition(), self.emit(compare.lt, counter, constant(4, types.int64))), 1, None)

    def loop(
        self, depth: int, start: Value, condition: Callable[[Value], Value], step: int, variable: str | None
    ) -> None:
        header = self.builder.new_block("loop", (types.int64, *(v.type for v in self.variables.values())))
        names = list(self.variables)
        self.builder.jump(header, start, *self.variables.values())
        self.builder.start(header)
        counter, *params = header.params
        self.variables = dict(zip(names, params))
        body, leave = self.builder.new_block("body"), self.builder.new_block("exit")
        self.builder.branch(condition(counter), Edge(body), Edge(leave))
        after = dict(self.variables)
        self.builder.start(body)
        if variable is not None:
            self.variables[variable] = counter
        self.block_of_statements(self.random.randint(1, 3), depth + 1)
        advanced = self.emit(arithmetic.add, counter, constant(step, types.int64))
        ends = [(leave, after)]
        if self.random.random() < 0.3:  # a break
            go_back, broken = self.builder.new_block("again"), self.builder.new_block("break")
            self.builder.branch(self.condition(), Edge(go_back), Edge(broken))
            self.graph.blocks.append(broken)
            ends.append((broken, dict(self.variables)))
            self.builder.start(go_back)
        self.builder.jump(header, advanced, *self.variables.values())
        self.graph.blocks.append(leave)
        self.variables = after
        self.join(ends)


