"""Random programs in the traced language, reproducible by their seed.

Every variable keeps one kind of value (integer, float, bool, optional, tuple, item of an array), so that Python's
result has the types that compiled code gives; integers are kept small, loops are short. Names may be read before they
are bound, divisions may be by zero and indices out of range: then the exceptions are compared.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.fuzz.program import Program

MAX_DEPTH = 4
INTEGERS, FLOATS, BOOLS, OPTIONALS, MAYBES = ("i", "j", "k"), ("x", "y"), ("p", "q"), ("o",), ("u", "v")
PARAMETERS = "a, b, w, items"


class ProgramGenerator:
    """Writes the source of one function `program(a: int, b: int, w: float, items: float64[:])`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.loops = 0
        self.counters = 0
        self.functions: list[str] = []
        self.in_function = False

    def source(self) -> str:
        """The text of the function."""
        self.lines = [
            f"def program({PARAMETERS}):", "    i, j, k = a, b, 3", "    x, y = w, 0.5", "    p, q = a > b, True", "    o = None",
            "    t = (a, w)", "    s = items[0]", "    if a > 6:", "        u = v = b",
        ]  # fmt: skip
        for number in range(self.random.randrange(3)):
            self.define_function(number)
        for _ in range(self.random.randrange(3, 8)):
            self.statement(1)
        self.write(1, f"return i, j, {self.random.choice(('k', 'k + u'))}, x, y, p, q, o, t, s")
        return "\n".join(self.lines) + "\n"

    def write(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def choose(self, *choices: Callable) -> Callable:
        return self.random.choice(choices)

    # --- expressions

    def integer(self, depth: int = 0) -> str:
        """An expression whose value is an int."""
        r = self.random
        if depth > 2 or r.random() < 0.35:
            return r.choice(MAYBES) if r.random() < 0.02 else r.choice((*INTEGERS, *INTEGERS, str(r.randrange(-4, 8)), "a", "b", "t[0]"))
        inner = depth + 1
        forms = [
            lambda: f"({self.integer(inner)} {r.choice('+-*')} {self.integer(inner)})",
            lambda: f"({self.integer(inner)} {r.choice('&|^')} {self.integer(inner)})",
            lambda: f"({self.integer(inner)} // {r.choice(('2', '3', '-3', '4', self.integer(inner)))})",
            lambda: f"({self.integer(inner)} % {r.choice(('2', '5', '-3', '4', self.integer(inner)))})",
            lambda: f"({self.integer(inner)} if {self.condition(inner)} else {self.integer(inner)})",
            lambda: f"{r.choice(('min', 'max'))}({self.integer(inner)}, {self.integer(inner)})",
            lambda: f"abs({self.integer(inner)})",
            lambda: f"int({self.condition(inner)})",
            lambda: f"(-{self.integer(inner)})",
            lambda: f"({self.integer(inner)} << {r.randrange(3)})",
            lambda: f"(0 if o is None else {'o'} + {self.integer(inner)})",
        ]
        if self.functions and not self.in_function:
            forms.append(lambda: f"{r.choice(self.functions)}({self.integer(inner)})")
        return r.choice(forms)()

    def float_(self, depth: int = 0) -> str:
        """An expression whose value is a float."""
        r = self.random
        if depth > 2 or r.random() < 0.35:
            return r.choice((*FLOATS, "w", "1.5", "-0.0", "t[1]", "0.25"))
        inner = depth + 1
        forms = [
            lambda: f"({self.float_(inner)} {r.choice('+-*')} {self.float_(inner)})",
            lambda: f"({self.float_(inner)} * {self.integer(inner)})",
            lambda: f"({self.integer(inner)} / {r.choice(('4', '-3', '7', self.integer(inner)))})",
            lambda: f"({self.float_(inner)} / {r.choice(('8.0', '-0.5', '3.0', self.float_(inner)))})",
            lambda: f"({self.float_(inner)} if {self.condition(inner)} else {self.float_(inner)})",
            lambda: f"float({r.choice((self.integer(inner), self.item(inner)))})",
            lambda: f"abs({self.float_(inner)})",
        ]
        return r.choice(forms)()

    def item(self, depth: int = 0) -> str:
        """An expression whose value is an item of the array."""
        if self.random.random() < 0.3:
            return "s"
        return f"items[{self.index(depth)}]"

    def index(self, depth: int) -> str:
        safe = (f"{self.integer(depth + 1)} % len(items)", f"{self.integer(depth + 1)} % len(items)", "-1", "0")
        return self.random.choice(("i", "2")) if self.random.random() < 0.05 else self.random.choice(safe)

    def condition(self, depth: int = 0) -> str:
        """An expression whose value is a bool."""
        r = self.random
        if depth > 2 or r.random() < 0.2:
            return r.choice((*BOOLS, "True", "o is None", "o is not None"))
        inner = depth + 1
        comparison = r.choice(("<", "<=", "==", "!=", ">", ">="))
        forms = [
            lambda: f"({self.integer(inner)} {comparison} {self.integer(inner)})",
            lambda: f"({self.integer(inner)} < {self.integer(inner)} {comparison} {self.integer(inner)})",
            lambda: f"({self.float_(inner)} {comparison} {self.float_(inner)})",
            lambda: f"bool({self.item(inner)} {comparison} {self.float_(inner)})",
            lambda: f"({self.condition(inner)} {r.choice(('and', 'or'))} {self.condition(inner)})",
            lambda: f"(not {self.condition(inner)})",
            lambda: f"({self.integer(inner)} {r.choice(('in', 'not in'))} (1, i, {self.integer(inner)}))",
            lambda: f"(o is not None and o {comparison} {self.integer(inner)})",
        ]
        return r.choice(forms)()

    # --- statements

    def statement(self, depth: int) -> None:
        simple = [self.assign_integer, self.assign_float, self.assign_other, self.store_item, self.call]
        compound = [self.if_, self.if_, self.for_range, self.for_range, self.while_, self.for_items, self.for_tuple]
        leaving = [self.leave] if depth > 1 else []
        if depth >= MAX_DEPTH or self.random.random() < 0.55:
            self.choose(*simple, *simple, *leaving)(depth)
        else:
            self.choose(*compound)(depth)

    def block(self, depth: int) -> None:
        for _ in range(self.random.randrange(1, 4)):
            self.statement(depth)

    def assign_integer(self, depth: int) -> None:
        r = self.random
        target = r.choice((*INTEGERS, *MAYBES))
        choices = [
            f"{target} = {self.integer()} % 101",
            f"{target} {r.choice('+-')}= {r.randrange(5)}",
            f"{r.choice(INTEGERS)}, {target} = {self.integer()} % 53, {self.integer()} % 59",
            "i, j = j, i",
            f"{target} = (k := {self.integer()} % 31) + 1",
        ]
        self.write(depth, r.choice(choices))

    def assign_float(self, depth: int) -> None:
        target = self.random.choice(FLOATS)
        self.write(depth, f"{target} = {self.float_()}")
        self.write(depth, f"if not -1e6 < {target} < 1e6:")
        self.write(depth + 1, f"{target} = 1.0")

    def assign_other(self, depth: int) -> None:
        r = self.random
        choices = [
            f"p = {self.condition()}", f"q = {self.condition()}", "o = None", f"o = {self.integer()} % 17",
            f"t = ({self.integer()} % 19, {self.float_()})", f"s = {self.item()}", f"s = {self.item()} * 0.5 + {self.float_()}",
            f"o = {self.integer()} % 7 if {self.condition()} else None",
        ]  # fmt: skip
        self.write(depth, r.choice(choices))

    def store_item(self, depth: int) -> None:
        operator = self.random.choice(("=", "+=", "-="))
        self.write(depth, f"items[{self.index(0)}] {operator} {self.random.choice((self.float_(), self.integer(), self.item()))}")

    def call(self, depth: int) -> None:
        if self.functions and not self.in_function:
            self.write(depth, f"{self.random.choice(self.functions)}({self.integer()} % 11)")
        else:
            self.assign_integer(depth)

    def leave(self, depth: int) -> None:
        """`break`, `continue`, `return` or `raise`; mostly under a condition of its own."""
        r = self.random
        choices = ["break", "continue", "break"] if self.loops else []
        result = f"return {self.integer()} % 7" if self.in_function else "return i, j, k, x, y, p, q, o, t, s"
        choices += [result, f'raise ValueError("left", {self.integer()}, f"{{j}}")', f"assert {self.condition()}, i"]
        if r.random() < 0.8:
            self.write(depth, f"if {self.condition()}:")
            depth += 1
        self.write(depth, r.choice(choices))

    def if_(self, depth: int) -> None:
        self.write(depth, f"if {self.condition()}:")
        self.block(depth + 1)
        while self.random.random() < 0.25:
            self.write(depth, f"elif {self.condition()}:")
            self.block(depth + 1)
        if self.random.random() < 0.5:
            self.write(depth, "else:")
            self.block(depth + 1)

    def for_range(self, depth: int) -> None:
        r = self.random
        small = f"{self.integer()} % {r.randrange(2, 6)}"
        header = r.choice((f"range({small})", f"range({r.randrange(-2, 2)}, {small})", f"range({small}, -2, -{r.randrange(1, 3)})",
                           f"reversed(range({small}))", f"range({r.randrange(4)})"))  # fmt: skip
        self.loop(depth, f"for {r.choice((*INTEGERS, *MAYBES))} in {header}:")

    def for_items(self, depth: int) -> None:
        self.loop(depth, self.random.choice((
            "for s in items:", "for i, s in enumerate(items):", "for s, j in zip(items, range(3)):", "for k, s in enumerate(reversed(items), 2):",
        )))  # fmt: skip

    def for_tuple(self, depth: int) -> None:
        self.loop(depth, f"for {self.random.choice((*INTEGERS, *MAYBES))} in (1, j, {self.integer()} % 9):")

    def while_(self, depth: int) -> None:
        counter = f"n{self.counters}"
        self.counters += 1
        self.write(depth, f"{counter} = 0")
        condition = self.random.choice(("True", self.condition(), self.condition()))
        self.loop(depth, f"while {counter} < 4 and {condition}:", f"{counter} += 1")

    def loop(self, depth: int, header: str, first: str = "") -> None:
        self.write(depth, header)
        if first:
            self.write(depth + 1, first)
        self.loops += 1
        self.block(depth + 1)
        self.loops -= 1
        if self.random.random() < 0.3:
            self.write(depth, "else:")
            self.block(depth + 1)

    def define_function(self, number: int) -> None:
        """A nested function that may rebind variables of the program."""
        r = self.random
        name = f"f{number}"
        self.write(1, f"def {name}(c):")
        self.write(2, f"nonlocal {', '.join((*INTEGERS, *FLOATS, *BOOLS, *OPTIONALS, 't', 's'))}")
        self.in_function = True
        self.write(2, "u = v = c % 13")
        for _ in range(r.randrange(1, 4)):
            self.statement(2)
        self.write(2, f"return {self.integer()} % 23")
        self.in_function = False
        self.functions.append(name)


INPUTS = [
    "(3, 5, 2.5, np.array([1.0, -2.0, 0.5, 4.0]))", "(0, -1, -0.0, np.array([0.0, 3.0, -1.0, 2.0]))", "(7, 2, 0.75, np.array([2.5, 1.0, 0.0, -3.5]))",
    "(-6, 4, 1e3, np.array([8.0]))",
]  # fmt: skip


def generate(seed: int, inputs: int) -> Program:
    """A program."""
    r = random.Random(seed)
    more = [_arguments(r) for _ in range(inputs - len(INPUTS))]
    return Program(ProgramGenerator(seed).source(), [*INPUTS, *more][:inputs])


def _arguments(r: random.Random) -> str:
    items = [r.choice((0.5, -2.0, 3.25, 0.0, -0.0, 8.0)) for _ in range(r.randrange(1, 6))]
    return f"({r.randrange(-8, 12)}, {r.randrange(-3, 7)}, {r.choice((2.5, -0.0, 0.75, -3.0, 1e3, 1e-3))}, np.array({items}))"
