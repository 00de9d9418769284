"""Writes a program from the tables of the grammar; what is written is run at once on sample arguments."""

from __future__ import annotations

import ast
import contextlib
import io
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fuzz.program import Program, arguments_of, function_of
from tests.fuzz.tables import Grammar
from tests.language.outcomes import copy_arguments

SAMPLE_ERRORS = (ArithmeticError, ValueError, TypeError, LookupError, AssertionError, AttributeError, RuntimeError, NameError, SyntaxError)
PLACE = re.compile(r"<([a-z]+)(!?)>")
MOST_DEPTH = 3


def kind_of(value: Any) -> Any:
    """What a name must keep where paths meet."""
    if isinstance(value, np.ndarray):
        return np.ndarray, value.dtype, value.ndim, value.flags.writeable
    if isinstance(value, (np.datetime64, np.timedelta64, np.void)):
        return type(value), value.dtype
    return tuple(map(kind_of, value)) if type(value) is tuple else type(value)


class Expander:
    """Writes the function `program` of these parameters, for arguments of certain types."""

    def __init__(self, grammar: Grammar, seed: int, count: int) -> None:
        self.random = random.Random(seed)
        self.grammar = grammar
        self.inputs = grammar.inputs(self.random, count)
        self.sample = {**function_of(grammar.helpers + "def program(): pass").__globals__, **grammar.names}
        self.sample.update(zip(grammar.parameters, copy_arguments(arguments_of(self.inputs[0]))), o=None)
        self.names = {name: kind_of(self.sample[name]) for name in grammar.parameters}
        self.fixed: set[str] = set()
        self.forgotten: list[str] = []
        self.results: dict[str, Any] = {}
        self.lines: list[str] = []
        self.loops, self.counter, self.functions = 0, 0, 0
        self.ended = self.inside = False

    def program(self) -> Program:
        """The program, with the functions that it calls."""
        r = self.random
        self.write(0, f"def program({', '.join(self.grammar.parameters)}):")
        self.write(1, "o = None")
        for kind in self.grammar.first:
            self.bind(1, kind, fresh=True)
        for _ in range(r.randrange(*self.grammar.length)):
            self.statement(1)
        names = [name for name in self.names if name not in self.fixed]
        results = [*r.sample(names, min(len(names), r.randrange(1, 7))), *(["o"] if r.random() < 0.3 else []), *self.results]
        self.write(1, f"return {', '.join(results)}")
        return Program(self.grammar.helpers.lstrip() + "\n".join(self.lines) + "\n", self.inputs, self.grammar.objects)

    def write(self, depth: int, text: str) -> None:
        self.lines += ["    " * depth + line for line in text.split("\n")]

    def fresh(self, letter: str) -> str:
        self.counter += 1
        return f"{letter}{self.counter}"

    # --- the sample

    def value(self, text: str) -> Any:
        """What the expression gives for the sample, or the exception."""
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                return eval(self.code(text, "eval"), self.sample)
        except SAMPLE_ERRORS as error:
            return error

    def code(self, text: str, mode: str) -> Any:
        """What runs on the sample."""
        change = self.grammar.change
        tree = ast.fix_missing_locations(change().visit(ast.parse(text, mode=mode))) if change else text
        return compile(tree, "<string>", mode)

    def attempt(self, depth: int, text: str) -> bool:
        """Write a statement and run it on the sample, unless it raises there; a few that raise are kept."""
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                exec(self.code(self.at_module_level(text), "exec"), self.sample)
        except SAMPLE_ERRORS as error:
            if isinstance(error, (TypeError, AttributeError, NameError, SyntaxError)) or self.random.random() > 0.08:
                return False
        self.write(depth, text)
        return True

    def at_module_level(self, text: str) -> str:
        """The statements with the program's variables as global ones, as they are in the sample."""

        def replaced(found: re.Match) -> str:
            return f"global {found[1]}" if set(found[1].split(", ")) <= set(self.sample) else found[0]

        return re.sub(r"nonlocal (\w+(?:, \w+)*)", replaced, text)

    # --- expressions

    def expression(self, kind: str, depth: int = 0) -> str:
        """An expression of the kind: a form that has a value on the sample, or a leaf."""
        r = self.random
        if depth > 2 or r.random() < 0.25 * (depth > 0):
            return self.leaf(kind)
        forms = self.grammar.forms.get(kind, ()) + (self.grammar.rare_forms.get(kind, ()) if r.random() < 0.4 else ())
        for _ in range(4 if forms else 0):
            text = self.filled(r.choice(forms), depth + 1)
            found = self.value(text) if text else None
            if text and (self.grammar.kinds[kind](found) or (isinstance(found, (ArithmeticError, IndexError)) and r.random() < 0.03)):
                return text
        return self.leaf(kind)

    def leaf(self, kind: str) -> str:
        r = self.random
        if kind == "int" and self.forgotten and r.random() < 0.02:
            return r.choice(self.forgotten)
        names = self.named(kind)
        return r.choice(names) if names and r.random() < 0.7 else r.choice(self.grammar.leaves[kind])

    def named(self, kind: str) -> list[str]:
        """The names of variables whose values are of the kind."""
        if kind in ("small", "storable"):
            return []  # they are so for all inputs
        return [name for name in self.names if self.grammar.kinds[kind](self.sample[name])]

    def filled(self, form: str, depth: int) -> str | None:
        """The form with expressions in its places, and `<same>` as the last name again; None if there is no name for one of them."""
        missing, last = False, ""
        if "<new>" in form:
            form = form.replace("<new>", self.fresh("g"))

        def part(place: re.Match) -> str:
            nonlocal missing, last
            if place[1] == "same":
                return last
            if not place[2]:
                return self.expression(place[1], depth)
            names = [name for name in self.named(place[1]) if name not in self.fixed]
            missing |= not names
            last = self.random.choice(names) if names else ""
            return last

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
        compound += [self.try_, self.with_] if self.grammar.objects and not self.inside else []
        r.choice(compound)(depth)

    def assign(self, depth: int) -> None:
        r = self.random
        self.bind(depth, r.choice(self.grammar.assigned))

    def bind(self, depth: int, kind: str, fresh: bool = False) -> None:
        """Assign an expression to a new name, or to one whose kind it keeps."""
        if kind in self.grammar.results:
            self.result(depth, kind)
            return
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

    def result(self, depth: int, kind: str) -> None:
        """Assign an expression to a name that is only returned. Such a name, `approx...`, says that the last digits may differ."""
        text = self.expression(kind)
        found = kind_of(self.value(text))
        names = [name for name, known in self.results.items() if known == found]
        if self.inside or isinstance(self.value(text), Exception) or (depth > 1 and not names):
            return
        target = self.random.choice(names) if names and (depth > 1 or self.random.random() < 0.3) else self.fresh("approx")
        if self.attempt(depth, f"{target} = {text}"):
            self.results[target] = found

    def simple(self, depth: int) -> None:
        grammar = self.grammar
        forms = grammar.statements + (grammar.rare_statements if grammar.rare_statements and self.random.random() < 0.5 else ())
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
        raised = self.filled(r.choice(self.grammar.errors), 1)
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
        form, kinds = self.random.choice(self.grammar.iterables)
        text = self.filled(form, 1)
        items = self.value(f"list({text})") if text else None
        if not isinstance(items, list) or not items or len(items) > 20 or (len(kinds) > 1 and len(items[0]) != len(kinds)):
            return
        names = [self.fresh("i") for _ in kinds]
        for name, item in zip(names, items[0] if len(kinds) > 1 else items):
            self.sample[name] = item
        if any(isinstance(self.sample[name], str) and not self.grammar.objects for name in names):
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
        text = "\n".join(line[4 * depth :] for line in self.lines[before:])
        if not self.attempt_function(text):
            del self.lines[before:]
            return
        self.simple_call(depth, f"{name}({self.expression('int')} % 13)", f"{name}({y}={self.expression('float')}, {x}={self.expression('int')} % 13)")

    def attempt_function(self, text: str) -> bool:
        try:
            exec(self.code(self.at_module_level(text), "exec"), self.sample)
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


def generator(grammar: Grammar) -> Callable[[int, int], Program]:
    """Makes programs from the tables."""
    return lambda seed, inputs: Expander(grammar, seed, inputs).program()
