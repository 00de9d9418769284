"""Writes a program from the tables of the grammar; what is written is run at once on sample arguments."""

from __future__ import annotations

import contextlib
import io
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fuzz.grammar import (
    ERRORS, FORMS, HELPERS, INEXACT_FORMS, ITERABLES, KINDS, LEAVES, OBJECT_FORMS, OBJECT_ITERABLES, OBJECT_STATEMENTS, STATEMENTS,
)  # fmt: skip
from tests.fuzz.inputs import DTYPES, LAYOUTS
from tests.fuzz.program import Program, arguments_of, function_of
from tests.language.outcomes import copy_arguments

SAMPLE_ERRORS = (ArithmeticError, ValueError, TypeError, LookupError, AssertionError, AttributeError, RuntimeError, NameError, SyntaxError)
PARAMETERS = ("n", "k", "w", "z", "s", "r", "a", "b", "m")
PLACE = re.compile(r"<([a-z]+)(!?)>")
OBJECT_KINDS = ("list", "dict", "str", "thing")
MOST_DEPTH = 3


def kind_of(value: Any) -> Any:
    """What a name must keep where paths meet."""
    if isinstance(value, np.ndarray):
        return np.ndarray, value.dtype, value.ndim, value.flags.writeable
    return tuple(map(kind_of, value)) if type(value) is tuple else type(value)


class Expander:
    """Writes the function `program` of these parameters, for arguments of certain types."""

    def __init__(self, seed: int, objects: bool, count: int) -> None:
        self.random = random.Random(seed)
        self.objects = objects
        self.inputs = self._inputs(count)
        self.sample = {**function_of(HELPERS + "def program(): pass").__globals__}
        self.sample.update(zip(PARAMETERS, copy_arguments(arguments_of(self.inputs[0]))), o=None)
        self.names = {name: kind_of(self.sample[name]) for name in PARAMETERS}
        self.fixed: set[str] = set()
        self.forgotten: list[str] = []
        self.lines: list[str] = []
        self.loops, self.counter, self.functions = 0, 0, 0
        self.ended = self.inside = False

    def _inputs(self, count: int) -> list[str]:
        """Texts of arguments: the same types in each, other values."""
        r = self.random
        forms = [(r.choice(DTYPES), r.choice(LAYOUTS), axes) for axes in (1, 1, 2)]
        numbers = [r.choice(DTYPES) for _ in range(2)]

        def scalar(dtype: str) -> str:
            values = {"b": ("0", "1"), "u": ("0", "3", "200"), "i": ("-3", "0", "100"), "f": ("0.5", "-0.0", "np.inf", "-2.25"), "c": ("1+2j", "-0.5j")}
            return f'np.dtype("{dtype}").type({r.choice(values[np.dtype(dtype).kind])})'

        def text(number: int) -> str:
            n, k, w = r.randrange(-4, 12), r.choice((0, 1, 2, 3, 5)), r.choice((0.5, 2.0, -1.25, 3.0, 0.0, -0.0))
            length = r.choice((3, 4, 5, 6)) if number < 3 else r.choice((0, 1, 17))
            arrays = [f'array("{d}", {(length,) if axes == 1 else (r.choice((length, 2, 3)), length)}, "{layout}", {r.randrange(10**6)})' for d, layout, axes in forms]
            return f"({n}, {k}, {w}, {complex(w, k)!r}, {', '.join(map(scalar, numbers))}, {', '.join(arrays)})"

        return [text(number) for number in range(count)]

    def program(self) -> Program:
        """The program, with the functions that it calls."""
        r = self.random
        self.write(0, f"def program({', '.join(PARAMETERS)}):")
        self.write(1, "o = None")
        for kind in (OBJECT_KINDS if self.objects else ()):
            self.bind(1, kind, fresh=True)
        for _ in range(r.randrange(3, 9)):
            self.statement(1)
        names = [name for name in self.names if name not in self.fixed]
        results = [*r.sample(names, min(len(names), r.randrange(1, 7))), *(["o"] if r.random() < 0.3 else [])]
        self.write(1, f"return {', '.join(results)}")
        return Program(HELPERS.lstrip() + "\n".join(self.lines) + "\n", self.inputs, self.objects)

    def write(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def fresh(self, letter: str) -> str:
        self.counter += 1
        return f"{letter}{self.counter}"

    # --- the sample

    def value(self, text: str) -> Any:
        """What the expression gives for the sample, or the exception."""
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                return eval(text, self.sample)
        except SAMPLE_ERRORS as error:
            return error

    def attempt(self, depth: int, text: str) -> bool:
        """Write a statement and run it on the sample, unless it raises there; a few that raise are kept."""
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                exec(text, self.sample)
        except SAMPLE_ERRORS as error:
            if isinstance(error, (TypeError, AttributeError, NameError, SyntaxError)) or self.random.random() > 0.08:
                return False
        self.write(depth, text)
        return True

    # --- expressions

    def expression(self, kind: str, depth: int = 0) -> str:
        """An expression of the kind: a form that has a value on the sample, or a leaf."""
        r = self.random
        if depth > 2 or r.random() < 0.25 * (depth > 0):
            return self.leaf(kind)
        others = OBJECT_FORMS if self.objects else INEXACT_FORMS
        forms = FORMS.get(kind, ()) + (others.get(kind, ()) if r.random() < 0.4 else ())
        for _ in range(4 if forms else 0):
            text = self.filled(r.choice(forms), depth + 1)
            found = self.value(text) if text else None
            if text and (KINDS[kind](found) or (isinstance(found, (ArithmeticError, IndexError)) and r.random() < 0.03)):
                return text
        return self.leaf(kind)

    def leaf(self, kind: str) -> str:
        r = self.random
        if kind == "int" and self.forgotten and r.random() < 0.02:
            return r.choice(self.forgotten)
        names = self.named(kind)
        return r.choice(names) if names and r.random() < 0.7 else r.choice(LEAVES[kind])

    def named(self, kind: str) -> list[str]:
        """The names of variables whose values are of the kind."""
        if kind in ("small", "storable"):
            return []  # they are so for all inputs
        return [name for name in self.names if KINDS[kind](self.sample[name])]

    def filled(self, form: str, depth: int) -> str | None:
        """The form with expressions in its places; None if there is no name for one of them."""
        missing = False

        def part(place: re.Match) -> str:
            nonlocal missing
            if not place[2]:
                return self.expression(place[1], depth)
            names = [name for name in self.named(place[1]) if name not in self.fixed]
            missing |= not names
            return self.random.choice(names) if names else ""

        text = PLACE.sub(part, form)
        return None if missing else text

    # --- statements

    def statement(self, depth: int) -> None:
        r = self.random
        if depth >= MOST_DEPTH or r.random() < 0.65:
            r.choice((self.assign, self.assign, self.assign, self.simple, self.simple, self.simple, self.leave))(depth)
            return
        compound = [self.if_, self.if_, self.for_, self.for_, self.while_]
        compound += [] if self.inside else [self.closure, self.lambda_]
        compound += [self.try_, self.with_] if self.objects and not self.inside else []
        r.choice(compound)(depth)

    def assign(self, depth: int) -> None:
        r = self.random
        kinds = ["int", "int", "float", "bool", "complex", "np", "np", "pair", "point", "vector", "vector", "matrix"]
        self.bind(depth, r.choice(kinds + list(OBJECT_KINDS) * self.objects))

    def bind(self, depth: int, kind: str, fresh: bool = False) -> None:
        """Assign an expression to a new name, or to one whose kind it keeps."""
        text = self.expression(kind)
        if kind == "int":
            text = f"{text} % {self.random.choice((7, 53, 101))}"
        found = self.value(text)
        if isinstance(found, Exception):
            return
        same = [name for name, known in self.names.items() if known == kind_of(found) and name not in self.fixed]
        keep = same and not fresh and self.random.random() < 0.6
        target = self.random.choice(same) if keep else self.fresh("v")
        if self.attempt(depth, f"{target} = {text}") and target in self.sample:
            self.names[target] = kind_of(self.sample[target])
            if kind == "float":
                self.write(depth, f"if not -1e6 < {target} < 1e6:")
                self.write(depth + 1, f"{target} = 1.0")
                self.sample[target] = self.sample[target] if -1e6 < self.sample[target] < 1e6 else 1.0

    def simple(self, depth: int) -> None:
        forms = STATEMENTS + (OBJECT_STATEMENTS if self.objects and self.random.random() < 0.5 else ())
        for _ in range(4):
            text = self.filled(self.random.choice(forms), 1)
            before = {name: self.sample[name] for name in self.names}
            if text and self.attempt(depth, text):
                if all(kind_of(self.sample[name]) == kind for name, kind in self.names.items()):
                    return
                self.lines.pop()  # a name would change its type
                self.sample.update(before)

    def leave(self, depth: int) -> None:
        """`break`, `continue`, `return` or `raise` under a condition."""
        r = self.random
        raised = self.filled(r.choice(ERRORS), 1)
        choices = ["break", "continue", "break"] * bool(self.loops)
        choices += ["assert False" if isinstance(self.value(raised), SyntaxError) else f"raise {raised}"]
        self.write(depth, f"if {self.expression('bool')}:")
        self.write(depth + 1, r.choice(choices))

    # --- compound statements

    def block(self, depth: int, *first: str) -> None:
        """Statements, of which the sample runs each once. What is bound in them is forgotten behind them."""
        visible = dict(self.names)
        before = len(self.lines)
        for text in first:
            self.write(depth, text)
        for _ in range(self.random.randrange(1, 4)):
            self.statement(depth)
        if len(self.lines) == before:
            self.write(depth, "pass")
        self.forgotten += [name for name in self.names if name not in visible and type(self.sample[name]) is int]
        self.names = visible

    def if_(self, depth: int) -> None:
        self.write(depth, f"if {self.expression('bool')}:")
        self.block(depth + 1)
        if self.random.random() < 0.2:
            self.write(depth, f"elif {self.expression('bool')}:")
            self.block(depth + 1)
        if self.random.random() < 0.5:
            self.write(depth, "else:")
            self.block(depth + 1)

    def for_(self, depth: int) -> None:
        iterables = ITERABLES + (OBJECT_ITERABLES * 2 if self.objects else ())
        form, kinds = self.random.choice(iterables)
        text = self.filled(form, 1)
        items = self.value(f"list({text})") if text else None
        if not isinstance(items, list) or not items or len(items) > 20 or (len(kinds) > 1 and len(items[0]) != len(kinds)):
            return
        names = [self.fresh("i") for _ in kinds]
        for name, item in zip(names, items[0] if len(kinds) > 1 else items):
            self.sample[name] = item
        if any(isinstance(self.sample[name], str) and not self.objects for name in names):
            return
        self.loop(depth, f"for {', '.join(names)} in {text}:", [name for name, kind in zip(names, kinds) if kind != "any"])

    def while_(self, depth: int) -> None:
        counter = self.fresh("c")
        self.write(depth, f"{counter} = 0")
        self.sample[counter] = 0
        self.loop(depth, f"while {counter} < {self.random.randrange(2, 5)} and {self.expression('bool')}:", [counter], f"{counter} += 1")

    def loop(self, depth: int, header: str, names: list[str], *first: str) -> None:
        self.write(depth, header)
        visible = dict(self.names)
        self.names.update((name, kind_of(self.sample[name])) for name in names)
        self.fixed.update(names)
        self.loops += 1
        self.block(depth + 1, *first)
        self.loops -= 1
        self.names = visible
        if self.random.random() < 0.25:
            self.write(depth, "else:")
            self.block(depth + 1)

    def closure(self, depth: int) -> None:
        """A nested function that reads and may rebind variables of the program."""
        name, x, y = self.fresh("f"), self.fresh("p"), self.fresh("p")
        rebound = ["o", *(n for n in self.named("int") + self.named("float") if n not in self.fixed)][:4]
        before, visible, loops, fixed = len(self.lines), dict(self.names), self.loops, set(self.fixed)
        self.write(depth, f"def {name}({x}, {y}={self.leaf('float')}):")
        self.write(depth + 1, f"nonlocal {', '.join(rebound)}")
        # What is not rebound cannot be assigned to: it would be a variable of the function.
        self.fixed.update(n for n in self.names if n not in rebound)
        self.sample[x], self.sample[y] = 3, 0.5
        self.names.update({x: int, y: float})
        self.loops, self.inside = 0, True
        self.block(depth + 1)
        self.write(depth + 1, f"return {self.expression('int')} % 89")
        self.loops, self.inside, self.names, self.fixed = loops, False, visible, fixed
        text = "\n".join(line[4 * depth :] for line in self.lines[before:]).replace("nonlocal", "global")
        if not self.attempt_function(text):
            del self.lines[before:]
            return
        self.simple_call(depth, f"{name}({self.expression('int')} % 13)", f"{name}({y}={self.expression('float')}, {x}={self.expression('int')} % 13)")

    def attempt_function(self, text: str) -> bool:
        try:
            exec(text, self.sample)
        except SyntaxError:
            return False
        return True

    def lambda_(self, depth: int) -> None:
        name, x = self.fresh("g"), self.fresh("p")
        self.sample[x] = 3
        self.names[x] = int
        text = f"{name} = lambda {x}, q=2: {self.expression('int')} % 91 + q"
        del self.names[x]
        if self.attempt(depth, text):
            self.simple_call(depth, f"{name}({self.expression('int')} % 13)", f"{name}({self.expression('int')} % 13, q=<small>)".replace("<small>", "3"))

    def simple_call(self, depth: int, *calls: str) -> None:
        for call in calls:
            target = self.fresh("v")
            if self.attempt(depth, f"{target} = {call}") and target in self.sample:
                self.names[target] = kind_of(self.sample[target])

    def try_(self, depth: int) -> None:
        r = self.random
        self.write(depth, "try:")
        self.block(depth + 1)
        for error in r.sample(("ValueError", "(KeyError, IndexError)", "ZeroDivisionError", "Exception"), r.randrange(1, 3)):
            name = self.fresh("e")
            self.write(depth, f"except {error} as {name}:")
            self.block(depth + 1, f"note(type({name}).__name__)")
            if error == "Exception":
                break
        if r.random() < 0.3:
            self.write(depth, "else:")
            self.block(depth + 1)
        if r.random() < 0.3:
            self.write(depth, "finally:")
            loops, self.loops = self.loops, 0
            self.block(depth + 1)
            self.loops = loops

    def with_(self, depth: int) -> None:
        name = self.fresh("h")
        self.write(depth, f"with Thing({self.expression('int')}) as {name}:")
        self.block(depth + 1)


def generator(objects: bool) -> Callable[[int, int], Program]:
    """Makes programs for `njit`, or for `jit`."""
    return lambda seed, inputs: Expander(seed, objects, inputs).program()
