"""Random loop nests over arrays, with indices near and beyond the ends: what index checks and their elimination must get right."""

from __future__ import annotations

import random

import attrs

from tests.fuzz.program import Program, arguments_of, function_of


class LoopGenerator:
    """Writes the source of `program(a: int64[:], m: float64[:, :], n: int, k: int)`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.counters = 0

    def source(self) -> str:
        """The text of the function."""
        self.lines = ["def program(a, m, n, k):", "    total = 0.0", "    size = len(a)", "    rows, columns = m.shape"]
        for _ in range(self.random.randrange(1, 4)):
            self.loop(1, [])
        self.write(1, "return float(total), size, n, k")
        return "\n".join(self.lines) + "\n"

    def write(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # --- loops

    def bound(self, variables: list[str]) -> str:
        """A start or a stop: an extent, an argument, an outer variable, or close to one of them."""
        base = self.random.choice(["size", "size", "len(a)", "rows", "columns", "n", "k", "a.shape[0]", "m.shape[1]", "0", "1", *variables, *variables])
        return base + self.random.choice(("", "", "", " - 1", " + 1", " // 2", " - k"))

    def header(self, variables: list[str], name: str) -> str:
        r = self.random
        bound, other = self.bound(variables), self.bound(variables)
        return r.choice((
            f"for {name} in range({bound}):", f"for {name} in range({bound}):", f"for {name} in range({other}, {bound}):",
            f"for {name} in range(1, {bound} - 1):", f"for {name} in range({bound}, -1, -1):", f"for {name} in range({bound} - 1, -1, -1):",
            f"for {name} in range({other}, {bound}, {r.choice((2, 3, -1, -2, 'k'))}):", f"for {name} in reversed(range({bound})):",
            f"for {name} in range(-{bound.split()[0]}, 0):",
        ))  # fmt: skip

    def loop(self, depth: int, variables: list[str]) -> None:
        r = self.random
        name = "ijh"[len(variables)]
        if r.random() < 0.25:
            self.while_(depth, variables, name)
            return
        if r.random() < 0.15:
            self.write(depth, f"for {name}, item in enumerate({r.choice(('a', 'm[0]', 'm'))}):")
        else:
            self.write(depth, self.header(variables, name))
        self.body(depth + 1, [*variables, name])

    def while_(self, depth: int, variables: list[str], name: str) -> None:
        """A `while` loop that counts up, down, or closes in on something; never more than 40 rounds."""
        r = self.random
        rounds = f"rounds{self.counters}"
        self.counters += 1
        self.write(depth, f"{name}, {rounds} = {self.bound(variables)}, 0")
        up = r.random() < 0.5
        stop = self.bound(variables)
        self.write(depth, f"while {rounds} < 40 and {name} {r.choice(('<', '<=', '!=') if up else ('>', '>=', '!='))} {stop if up else '0'}:")
        step = f"{name} {'+' if up else '-'}= {r.choice(('1', '1', '2'))}"
        first = r.random() < 0.4
        self.write(depth + 1, f"{rounds} += 1")
        if first:
            self.write(depth + 1, step)
        self.body(depth + 1, [*variables, name])
        if not first:
            self.write(depth + 1, step)

    def body(self, depth: int, variables: list[str]) -> None:
        r = self.random
        for _ in range(r.randrange(1, 3)):
            if len(variables) < 3 and r.random() < 0.35:
                self.loop(depth, variables)
                continue
            guard = r.random()
            inner = depth
            if guard < 0.2:
                self.write(depth, f"if {self.index(variables)} {r.choice(('<', '<=', '>', '>=', '!='))} {r.choice(('size', '0', 'n', 'k'))}:")
                inner += 1
            elif guard < 0.3:
                self.write(depth, f"if total > {r.randrange(50)}:")
                self.write(depth + 1, r.choice(("break", "total -= 40" if variables[-1] in self.while_names() else "continue")))
            self.access(inner, variables)

    def while_names(self) -> set[str]:
        """Variables of `while` loops, where `continue` could skip the step."""
        return {line.split(",")[0].strip() for line in self.lines if ", rounds" in line}

    # --- accesses

    def index(self, variables: list[str]) -> str:
        r = self.random
        v, w = r.choice(variables), r.choice(variables)
        forms = (
            v, v, v, v, f"{v} + 1", f"{v} - 1", f"{v} + k", f"size - 1 - {v}", f"-{v} - 1", f"-{v}", f"{v} + {w}", f"{v} - {w}", f"2 * {v}",
            f"{v} // 2", f"{v} % size", f"{v} & 3", f"n - {v}", f"min({v}, size - 1)", f"max({v} - 1, 0)", "0", "-1", "n", "size - 1", f"a[{v}] % size",
            f"({v} + {w}) // 2",
        )  # fmt: skip
        return r.choice(forms)

    def access(self, depth: int, variables: list[str]) -> None:
        r = self.random
        x, y = self.index(variables), self.index(variables)
        statements = (
            f"total += a[{x}]", f"total += a[{x}] - a[{y}]", f"total += m[{x}, {y}]", f"total += m[{x}][{y}]", f"a[{x}] += 1",
            f"a[{x}] = a[{y}] % 10", f"m[{x}, {y}] = total % 7", f"m[{x}, {y}] += a[{x}]", f"a[{x}], a[{y}] = a[{y}], a[{x}]", f"total += a[{x}] * {x}",
        )  # fmt: skip
        self.write(depth, r.choice(statements))
        self.write(depth, "total = total % 1000.0")


_MATRIX = "np.arange(20.0).reshape(4, 5)"
CONTIGUOUS = [
    f"(np.arange(6), {_MATRIX}, 6, 1)", "(np.array([2, 0, 1]), np.ones((3, 3)), 2, 2)", f"(np.arange(5), {_MATRIX}[:2, :2].copy(), 9, -1)",
    "(np.zeros(0, np.int64), np.zeros((0, 3)), 0, 1)", f"(np.arange(4), {_MATRIX}, -3, 0)",
]  # fmt: skip
STRIDED = [
    f"(np.arange(12)[::-2], {_MATRIX}[::2, ::-1], 6, 1)", f"(np.arange(9)[::3], np.asfortranarray({_MATRIX})[1:, :3], 3, -1)",
    f"(np.arange(4)[::-1], {_MATRIX}.T[1:4], 4, 2)",
]  # fmt: skip


def generate(seed: int, inputs: int) -> Program:
    """A program, with arrays that promise to be contiguous and others."""
    r = random.Random(seed)
    more = [_arguments(r) for _ in range(inputs - len(CONTIGUOUS + STRIDED))]
    return Program(LoopGenerator(seed).source(), [*CONTIGUOUS, *STRIDED, *more])


def generate_unchecked(seed: int, inputs: int) -> Program:
    """A program without index checks, with those arguments for which none fails; with checks, where there are none."""
    made = generate(seed, 6 * inputs)
    fitting = [given for given in made.inputs if _indices_fit(made.text, given)]
    return attrs.evolve(made, inputs=(fitting or made.inputs)[:inputs], options={"boundscheck": False} if fitting else {})


def _indices_fit(text: str, given: str) -> bool:
    try:
        function_of(text)(*arguments_of(given))
    except IndexError:
        return False
    except (ArithmeticError, ValueError):
        pass  # no index was out of range up to there
    return True


def _arguments(r: random.Random) -> str:
    rows, columns, length = r.randrange(5), r.randrange(6), r.randrange(9)
    step = r.choice(("", "[::-1]", "[::2]"))
    return f"(np.arange({length}){step}, np.arange({rows * columns}.0).reshape({rows}, {columns}){step}, {r.randrange(-3, 9)}, {r.choice((-1, 0, 1, 2, 3))})"
