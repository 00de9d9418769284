"""Random programs of array statements, reproducible by their seed.

What is generated is run at once on sample arrays, so a statement is kept only if NumPy takes it: its types and shapes
need no rules of their own. Values are small and mostly multiples of 1/4, so that most results are exact in every order
of evaluation. Names keep their kind (class, dtype and number of axes) inside of loops and branches. Now and then a
statement that raises is kept as the last one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fuzz.inputs import Inputs
from tests.fuzz.program import Program, arguments_of

SAMPLE_ERRORS = (ArithmeticError, ValueError, TypeError, IndexError, MemoryError)
PARAMETERS = "a, b, c, n, k, w"
MOST_ITEMS, MOST_AXES, MOST_DEPTH = 300, 4, 3


def kind_of(value: Any) -> Any:
    """What a name must keep where paths meet."""
    if isinstance(value, np.ndarray):
        return np.ndarray, value.dtype, value.ndim
    return tuple(map(kind_of, value)) if isinstance(value, tuple) else type(value)


class ArrayProgramGenerator:
    """Writes the source of `program(a, b, c, n, k, w)`: three arrays, two small ints and a float."""

    def __init__(self, seed: int, inputs: int = 3) -> None:
        self.random = random.Random(seed)
        self.inputs = Inputs(self.random, inputs).texts
        self.sample: dict[str, Any] = {"np": np}
        self.sample.update(zip(PARAMETERS.split(", "), arguments_of(self.inputs[0])))
        self.names = ["a", "b", "c"]
        self.functions: list[str] = []
        self.lines: list[str] = []
        self.counter = 0
        self.ended = False
        # Where paths meet, an array that is read-only on one of them is read-only: a documented difference.
        self.straight = "readonly" in self.inputs[0]

    def source(self) -> str:
        """The text of the function."""
        r = self.random
        self.write(0, f"def program({PARAMETERS}):")
        if r.random() < 0.25:
            self.define_function()
        for _ in range(r.randrange(2, 8)):
            self.statement(1)
        results = r.sample(self.names, min(len(self.names), r.randrange(1, 5)))
        self.write(1, f"return {', '.join(results)}")
        return "\n".join(self.lines) + "\n"

    def write(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def fresh(self, letter: str) -> str:
        self.counter += 1
        return f"{letter}{self.counter}"

    # --- the sample

    def value(self, text: str) -> Any:
        """What the expression gives for the sample, or the exception."""
        try:
            with np.errstate(all="ignore"):
                found = eval(text, self.sample)
        except SAMPLE_ERRORS as error:
            return error
        if isinstance(found, np.ndarray) and (found.size > MOST_ITEMS or found.ndim > MOST_AXES or found.dtype.kind not in "biufc"):
            return ValueError("too large")
        if getattr(found, "dtype", None) in (np.float16, np.longdouble):
            return ValueError("not a type of the programs")
        return found

    def first_valid(self, depth: int, forms: tuple[Callable[[int], str], ...], suitable: Callable[[Any], bool], otherwise: str) -> str:
        """The text of one of the forms that has a suitable value."""
        for _ in range(6):
            text = self.random.choice(forms)(depth + 1)
            found = self.value(text)
            if not isinstance(found, Exception) and suitable(found):
                return text
        return otherwise

    def attempt(self, depth: int, text: str) -> bool:
        """Write the statement and run it on the sample, unless it raises there; a few that raise are kept."""
        try:
            with np.errstate(all="ignore"):
                exec(text, self.sample)
        except SAMPLE_ERRORS as error:
            if isinstance(error, TypeError) or self.random.random() > 0.03 or "AxisError" in type(error).__name__:
                return False
            self.ended = True
        self.write(depth, text)
        return True

    def arrays(self, suitable: Callable[[np.ndarray], bool] = lambda x: True) -> list[str]:
        """The names of arrays."""
        return [name for name in self.names if isinstance(self.sample[name], np.ndarray) and suitable(self.sample[name])]

    # --- expressions

    def name(self) -> str:
        return self.random.choice(self.arrays() or ["a"])

    def leaf(self) -> str:
        r = self.random
        choices = (self.name(), self.name(), self.name(), r.choice(("n", "k", "w", "2", "1.5", "3", "np.float32(0.5)", "np.int8(3)", "True")))
        return r.choice(choices)

    def expression(self, depth: int = 0) -> str:
        """An array or a number."""
        r = self.random
        if depth > 2 or r.random() < 0.12:
            return self.leaf()
        forms = (self.binary, self.binary, self.binary, self.binary, self.unary, self.function, self.reduction, self.reduction, self.view,
                 self.view, self.indexed, self.indexed, self.where, self.made, self.arranged, self.call)  # fmt: skip
        return self.first_valid(depth, forms, lambda x: True, self.leaf())

    def array_(self, depth: int = 0) -> str:
        """An array with at least one axis, where one can be found."""
        forms = (lambda d: self.name(), lambda d: self.name(), self.expression, self.view)
        return self.first_valid(depth, forms, lambda x: isinstance(x, np.ndarray) and x.ndim > 0, f"np.atleast_1d({self.name()})")

    def binary(self, depth: int) -> str:
        operator = self.random.choice(("+", "-", "*", "+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>", "<", "<=", "==", "!=", ">"))
        return f"({self.expression(depth)} {operator} {self.expression(depth)})"

    def unary(self, depth: int) -> str:
        form = self.random.choice(("(-{})", "(~{})", "abs({})", "np.sqrt(np.abs({}))", "np.square({})", "np.floor({})", "np.conj({})",
                                   "({} ** 2)", "np.sign({})", "np.isnan({})", "np.logical_not({})"))  # fmt: skip
        return form.format(self.expression(depth))

    def function(self, depth: int) -> str:
        name = self.random.choice(("maximum", "minimum", "add", "subtract", "multiply", "logical_and", "logical_or", "fmax", "hypot",
                                   "copysign", "bitwise_xor", "floor_divide", "greater"))  # fmt: skip
        return f"np.{name}({self.expression(depth)}, {self.expression(depth)})"

    def axis(self) -> str:
        return self.random.choice(("0", "-1", "0", "-1", "1", "None", "(0, 1)", "(0, -1)", "(0, 2)"))

    def reduction(self, depth: int) -> str:
        r = self.random
        name = r.choice(("sum", "prod", "max", "min", "mean", "any", "all", "var", "argmax", "argmin", "cumsum", "count_nonzero", "ptp", "cumprod"))
        if r.random() < 0.3:
            return f"np.{name}({self.expression(depth)})"
        keep = r.choice(("", ", keepdims=True")) if not name.startswith("cum") else ""
        return f"np.{name}({self.array_(depth)}, axis={self.axis()}{keep})"

    def view(self, depth: int) -> str:
        """An expression that is a view of an array in every implementation."""
        base = self.array_(depth) if self.random.random() < 0.3 else self.name()
        form = self.random.choice(("{}[{}]", "{}[{}]", "{}[{}]", "{}.T", "{}.real", "np.swapaxes({}, 0, -1)", "np.flip({})", "np.expand_dims({}, 0)",
                                   "np.broadcast_to({}, (2, *np.shape({})))", "np.moveaxis({}, 0, -1)", "np.diagonal({})"))  # fmt: skip
        if form == "{}[{}]":
            return form.format(base, self.basic_index(self.value(base)))
        return form.replace("{}", base)

    def indexed(self, depth: int) -> str:
        base = self.name()
        return f"{base}[{self.index(base)}]"

    def where(self, depth: int) -> str:
        return f"np.where({self.condition_array(depth)}, {self.expression(depth)}, {self.expression(depth)})"

    def condition_array(self, depth: int) -> str:
        return f"({self.expression(depth)} {self.random.choice(('<', '>', '==', '!=', '>='))} {self.expression(depth)})"

    def made(self, depth: int) -> str:
        x = self.array_(depth)
        form = self.random.choice((
            "np.zeros_like({})", "np.ones({}.shape)", "np.arange(len({}))", "np.full({}.shape, k)", "{}.astype(np.float32)", "{}.astype(np.complex64)",
            "{}.copy()", "np.ascontiguousarray({}).copy()", "np.asfortranarray({}).copy()", "{}.reshape(-1).copy()", "np.eye(len({}))",
            "np.arange(k, k + len({}))", "np.zeros((k, len({})), np.int16)", "np.array({})", "np.linspace(0.0, 1.0, 5)", "np.full_like({}, 2)",
        ))  # fmt: skip
        return form.replace("{}", x)

    def arranged(self, depth: int) -> str:
        x, y = self.array_(depth), self.array_(depth)
        form = self.random.choice((
            "np.concatenate(({0}, {1}))", "np.stack(({0}, {1}))", "np.sort({0})", "np.roll({0}, 1)", "np.repeat({0}, 2)", "np.cumsum({0})", "np.outer({0}, {1})",
            "np.dot({0}, {1})", "({0} @ {1})", "np.clip({0}, 0, 3)", "np.concatenate(({0}, {1}), axis=-1)", "np.tile({0}, 2)", "np.diff({0})",
            "np.take({0}, [0, -1], axis=0)", "np.vstack(({0}, {1}))", "np.hstack(({0}, {1}))", "np.searchsorted(np.sort({0}.ravel()), {1})", "np.triu({0})",
            "np.ravel({0}).copy()", "np.nonzero({0})[0]", "np.flatnonzero({0})", "np.unique({0})", "np.argsort({0}, kind='stable')", "np.isin({0}, {1})",
            "np.add.outer({0}, {1})", "np.rot90({0})", "np.multiply.reduce({0})", "np.add.accumulate({0})", "np.trace({0})", "np.tril({0}, -1)",
            "np.append({0}, {1})", "np.delete({0}, 0)", "np.array_equal({0}, {1})", "np.kron({0}, {1})", "np.average({0}, axis=0)", "np.median({0})",
        ))  # fmt: skip
        return form.format(x, y)

    def call(self, depth: int) -> str:
        if not self.functions:
            return self.binary(depth)
        return f"{self.random.choice(self.functions)}({self.name()}, {self.name()})"

    def condition(self) -> str:
        """A bool known at run time."""
        x = self.name()
        form = self.random.choice((f"n > {self.random.randrange(4)}", "k == 1", f"{x}.sum() > w", f"np.any({x} > 1)", f"{x}.size > k", f"len(np.atleast_1d({x})) > n",
                                   f"np.all({x} == {x})", "w > 0", f"n < k and {x}.size > 2"))  # fmt: skip
        return form if not isinstance(self.value(form), Exception) else "n > 1"

    # --- indices

    def bound(self) -> str:
        return self.random.choice(("", "", "1", "2", "-1", "n", "k", "-k", "n - 1", "n + k", "3"))

    def slice(self) -> str:
        r = self.random
        return f"{self.bound()}:{self.bound()}" + r.choice(("", "", "", ":2", ":-1", ":-2", ":k + 1"))

    def basic_index(self, value: Any) -> str:
        """Slices, integers, new axes."""
        r = self.random
        count = value.ndim if isinstance(value, np.ndarray) else 1
        parts = [r.choice((self.slice(), self.slice(), self.slice(), ":", "0", "-1", "k", "None", "...")) for _ in range(r.randrange(1, count + 1) if count else 1)]
        if count == 0:
            parts = [r.choice(("...", "()", "None"))]
        while parts.count("...") > 1:
            parts.remove("...")
        return ", ".join(parts)

    def index(self, base: str) -> str:
        """Any index."""
        r = self.random
        if r.random() < 0.5:
            return self.basic_index(self.sample[base])
        compared = r.choice(("> 1", "!= 0", "< 0", "> w", "== k"))
        forms = (f"{base} {compared}", f"{base} {compared}", "[0, -1]", "[0, 0, -1]", "np.arange(k)", "..., np.arange(k)", f"{base}[:, 0] {compared}", "np.array([k, 0])",
                 "np.arange(k), np.arange(k)", f"{self.name()} {compared}", ":, [0, -1]", "np.arange(len(" + base + "))[::-1]", "[0, -1], ::-1", "[[0], [-1]], [0, -1]",
                 f"np.abs({self.name()}.copy()) % len({base})", "k, [0, -1]", "None, [0, -1]", f"np.nonzero({base})")  # fmt: skip
        return r.choice(forms)

    # --- statements

    def statement(self, depth: int) -> None:
        if self.ended:
            return
        simple = (self.assign, self.assign, self.assign, self.assign_view, self.augment, self.augment, self.store, self.store, self.store, self.augment_items,
                  self.augment_items, self.into, self.overlapping, self.number, self.swap, self.assign_tuple)  # fmt: skip
        compound = (self.if_, self.for_index, self.for_rows, self.while_, self.for_state, self.for_zip)
        if depth >= MOST_DEPTH or self.straight or self.random.random() < 0.75:
            self.random.choice(simple)(depth)
        else:
            self.random.choice(compound)(depth)

    def bind(self, depth: int, text: str) -> None:
        """Assign the expression to a new name, or to one whose kind it keeps (and, where it may be repeated, its shape)."""
        found = self.value(text)
        if isinstance(found, Exception):
            return
        same = [name for name in self.names if kind_of(self.sample[name]) == kind_of(found) and (depth == 1 or np.shape(self.sample[name]) == np.shape(found))]
        if depth == 1 and self.random.random() < 0.1:
            same = self.names
        target = self.random.choice(same) if same and self.random.random() < (0.3 if depth == 1 else 0.7) else self.fresh("x")
        if self.attempt(depth, f"{target} = {text}") and target not in self.names and not self.ended:
            self.names.append(target)

    def assign(self, depth: int) -> None:
        self.bind(depth, self.expression())

    def assign_view(self, depth: int) -> None:
        self.bind(depth, self.view(2))

    def number(self, depth: int) -> None:
        r = self.random
        text = r.choice((f"float(np.sum(np.abs({self.name()})))", f"int({self.name()}.size % 7)", f"len(np.atleast_1d({self.name()}))", f"{self.name()}.shape[0]"))
        found = self.value(text)
        if isinstance(found, float):
            self.attempt(depth, f"w = min({text}, 4.0)")
        elif not isinstance(found, Exception):
            self.attempt(depth, f"{r.choice('nk')} = {text} % 5")

    def operand_for(self, target: Any, same_kind: bool = True) -> str:
        """An expression that can be stored in the array, by NumPy's rule for in-place operations."""
        return self.first_valid(0, (self.expression, self.expression, lambda d: self.leaf()), lambda x: storable(x, target), "1")

    def augment(self, depth: int) -> None:
        targets = self.arrays()
        if not targets:
            return
        target = self.random.choice(targets)
        operator = self.random.choice(("+=", "-=", "*=", "+=", "/=", "//=", "&=", "|=", "**=", "%="))
        operand = "2" if operator == "**=" else self.operand_for(self.sample[target])
        self.attempt(depth, f"{target} {operator} {operand}")

    def store(self, depth: int) -> None:
        target = self.name()
        index = self.index(target)
        selected = self.value(f"{target}[{index}]")
        if isinstance(selected, Exception) and self.random.random() < 0.9:
            return
        operand = self.operand_for(self.sample[target]) if self.random.random() < 0.7 else self.leaf()
        if storable(self.value(operand), self.sample[target]):
            self.attempt(depth, f"{target}[{index}] = {operand}")

    def augment_items(self, depth: int) -> None:
        target = self.name()
        operand = self.operand_for(self.sample[target])
        self.attempt(depth, f"{target}[{self.index(target)}] {self.random.choice(('+=', '-=', '*=', '+=', '|='))} {operand}")

    def overlapping(self, depth: int) -> None:
        x = self.name()
        form = self.random.choice((
            "{}[1:] = {}[:-1]", "{}[:-1] = {}[1:]", "{}[...] = {}[::-1]", "{}[1:] += {}[:-1]", "{}[::2] = {}[1::2]", "{}[:] = {}.T", "{}[::-1] *= {}",
            "{}[1:] = {}[:-1] + {}[1:]", "{}[:, 1:] -= {}[:, :-1]", "{} += {}.T", "{}[0] = {}[-1]", "{}[k:] = {}[:len({}) - k]", "{}[0], {}[-1] = {}[-1], {}[0]",
            "{}[{} > 0] = {}[::-1][{} > 0]", "{}[[0, -1]] = {}[[-1, 0]]", "{}[n:] += {}[0]", "np.add({}[1:], {}[:-1], out={}[:-1])", "{}[:] = {}[0]",
        ))  # fmt: skip
        self.attempt(depth, form.replace("{}", x))

    def into(self, depth: int) -> None:
        """`out=` and functions that write into their argument."""
        target, x, y = self.name(), self.expression(1), self.expression(1)
        form = self.random.choice((
            "np.add({x}, {y}, out={t})", "np.multiply({x}, {y}, {t})", "np.sum({x}, axis=0, out={t})", "np.maximum({x}, {y}, out={t})", "np.max({x}, axis=-1, out={t})",
            "{t}.fill(2)", "np.copyto({t}, {x})", "{t}.sort()", "np.add.at({t}, [0, 0, -1], 1)", "np.negative({x}, out={t})",
            "np.sqrt(np.abs({x}), out={t})", "np.subtract({t}, {x}, out={t})", "np.put({t}, [0, -1], 1)", "np.fill_diagonal({t}, 1)", "np.copyto({t}, 1, where={t} > 1)",
            "{t}.sort(axis=0)", "np.putmask({t}, {t} > 1, 0)", "{t}.flat[0] = 1", "np.clip({x}, 0, 2, out={t})", "np.place({t}, {t} > 0, [1])",
        ))  # fmt: skip
        if "np.add.at" in form and not self.sample[target].flags.writeable:
            return  # NumPy writes into read-only arrays there
        if storable(self.value(x), self.sample[target]) and storable(self.value(y), self.sample[target]):
            self.attempt(depth, form.format(t=target, x=x, y=y))

    def swap(self, depth: int) -> None:
        for x in self.arrays():
            same = [y for y in self.arrays() if y != x and kind_of(self.sample[y]) == kind_of(self.sample[x])]
            if same:
                y = self.random.choice(same)
                self.attempt(depth, self.random.choice((f"{x}, {y} = {y}, {x}", f"{x}, {y} = {y}, {x} + {y}", f"{x} = {y}")))
                return

    def assign_tuple(self, depth: int) -> None:
        name = self.fresh("t")
        if self.attempt(depth, f"{name} = ({self.name()}, {self.expression(1)})"):
            x = self.fresh("x")
            if not self.ended and self.attempt(depth, f"{x} = {name}[{self.random.randrange(2)}]"):
                self.names += [name, x]

    # --- compound statements

    def block(self, depth: int, header: str, *first: str) -> None:
        """A block, of which the sample runs the statements once. What is bound in it is forgotten behind it."""
        visible = list(self.names)
        self.write(depth, header)
        before = len(self.lines)
        for text in first:
            self.write(depth + 1, text)
        for _ in range(self.random.randrange(1, 4)):
            self.statement(depth + 1)
        if len(self.lines) == before:
            self.write(depth + 1, "pass")
        self.names = visible

    def if_(self, depth: int) -> None:
        self.block(depth, f"if {self.condition()}:")
        if self.random.random() < 0.5 and not self.ended:
            self.block(depth, "else:")

    def with_loop_name(self, depth: int, header: str, values: dict[str, str], *first: str) -> None:
        """A loop that binds names to these expressions for the sample."""
        for name, text in values.items():
            found = self.value(text)
            if isinstance(found, Exception):
                return
            self.sample[name] = found
        bound = [name for name in values if isinstance(self.sample[name], np.ndarray)]
        self.names += bound
        self.block(depth, header, *first)
        self.names = [name for name in self.names if name not in bound]

    def for_index(self, depth: int) -> None:
        x, i = self.name(), self.fresh("i")
        bound = self.random.choice((f"len({x})", f"{x}.shape[0]", "k", "3", f"min(len({x}), n)"))
        if not isinstance(self.value(bound), Exception):
            form = self.random.choice((
                f"{x}[{i}] = {x}[-1 - {i}]", f"{x}[{i}] += {i}", f"{x}[{i} - 1] = {x}[{i}]", f"{x}[{i}:] += {x}[{i}]", f"{x}[{i}] *= 2", f"{x}[..., {i}] = 0", f"{x}[:{i}] = {x}[{i}]",
                f"w = w + float(np.sum(np.abs({x}[{i}])))",
            ))  # fmt: skip
            self.sample[i] = 0
            valid = not isinstance(self.value(f"{x}[0]"), Exception)
            self.with_loop_name(depth, f"for {i} in range({bound}):", {i: "0"}, *((form,) if valid else ()))

    def for_rows(self, depth: int) -> None:
        x, row, i = self.name(), self.fresh("r"), self.fresh("i")
        if self.random.random() < 0.5:
            self.with_loop_name(depth, f"for {row} in {x}:", {row: f"{x}[0]"})
        else:
            self.with_loop_name(depth, f"for {i}, {row} in enumerate({x}):", {row: f"{x}[0]", i: "0"})

    def for_zip(self, depth: int) -> None:
        x, y, p, q = self.name(), self.name(), self.fresh("r"), self.fresh("r")
        self.with_loop_name(depth, f"for {p}, {q} in zip({x}, {y}):", {p: f"{x}[0]", q: f"{y}[0]"})

    def while_(self, depth: int) -> None:
        """Not more than three rounds."""
        rounds = self.fresh("m")
        self.write(depth, f"{rounds} = 0")
        self.block(depth, f"while {rounds} < 3 and {self.condition()}:", f"{rounds} += 1")

    def for_state(self, depth: int) -> None:
        """A tuple of arrays that a loop passes on."""
        x, name = self.name(), self.fresh("t")
        step = self.random.choice((f"({name}[1], {name}[0] + {name}[1])", f"({name}[0][::-1], {name}[1] * 2)", f"({name}[1], {name}[0])", f"({name}[0] + 1, {name}[0])"))
        self.sample[name] = (self.sample[x], self.sample[x])
        found = self.value(step)
        if not isinstance(found, Exception) and kind_of(found) == kind_of(self.sample[name]):
            self.write(depth, f"{name} = ({x}, {x}.copy())")
            self.write(depth, "for _ in range(k):")
            self.write(depth + 1, f"{name} = {step}")
            self.names.append(name)

    def define_function(self) -> None:
        """A nested function of two arrays, which may write into them."""
        name, visible = self.fresh("f"), self.names
        saved = {x: self.sample.get(x) for x in "nkw"}
        self.sample["p"], self.sample["q"] = self.sample["a"].copy(), self.sample["b"].copy()
        self.names = ["p", "q"]
        before = len(self.lines)
        self.write(1, f"def {name}(p, q):")
        for _ in range(self.random.randrange(1, 4)):
            self.random.choice((self.store, self.augment, self.assign_view, self.assign))(2)
        results = self.random.choice((self.random.choice(self.names), self.expression(1)))
        self.write(2, f"return {results}")
        self.names = visible
        self.sample.update(saved)
        self.ended = False
        exec("\n".join(line[4:] for line in self.lines[before:]), self.sample)
        self.functions.append(name)


def storable(value: Any, target: Any) -> bool:
    """Whether NumPy's rule "same_kind" allows it, and integers that may be too large for the array are Python's."""
    if isinstance(value, Exception) or isinstance(value, tuple) or not isinstance(target, np.ndarray):
        return False
    if isinstance(value, (np.ndarray, np.generic)):
        return np.can_cast(value.dtype, target.dtype, "safe" if np.ndim(value) == 0 else "same_kind")
    return np.can_cast(np.min_scalar_type(value), target.dtype, "same_kind")


def generate(seed: int, inputs: int) -> Program:
    """A program, and texts of its arguments."""
    generator = ArrayProgramGenerator(seed, inputs)
    return Program(generator.source(), generator.inputs)
