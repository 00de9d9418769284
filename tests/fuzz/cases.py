"""Failures made small, and kept as files that the tests replay."""

from __future__ import annotations

import ast
import pathlib
import re
import runpy
import traceback

import attrs

from tests.fuzz.oracles import Difference, differences
from tests.fuzz.program import NAMES, Program
from tests.fuzz.shrinking import shrink

CASES = pathlib.Path(__file__).resolve().parent.parent / "cases" / "fuzz"


def found_in(program: Program) -> list[Difference]:
    """The differences, and a fault of the compiler as one."""
    try:
        return differences(program)
    except Exception as error:  # noqa: BLE001 (a fault of the compiler is what is looked for)
        where = "".join(traceback.format_exception(type(error), error, error.__traceback__)[-8:])
        return [Difference(crash_kind(error), where, program.inputs[0])]


def crash_kind(error: BaseException) -> str:
    """The kind of a difference that is a fault inside of the compiler."""
    first = str(error).partition("\n")[0]
    return f"compiler: {type(error).__name__}: {re.sub(r'[0-9]+ faults?', 'faults', re.sub(r' at 0x[0-9a-f]+', '', first))[:60]}"


def shrunk(program: Program, difference: Difference) -> Program:
    """A smaller program with a difference of this kind, for the inputs that show it."""
    inputs = [difference.inputs]

    def fails(text: str) -> bool:
        try:
            return terminates(text) and any(d.kind == difference.kind for d in found_in(attrs.evolve(program, text=text, inputs=inputs)))
        except SyntaxError:
            return False

    return attrs.evolve(program, text=shrink(program.text, fails), inputs=inputs)


def terminates(text: str) -> bool:
    """Whether every `while` still counts its rounds first."""
    for loop in ast.walk(ast.parse(text)):
        if isinstance(loop, ast.While):
            counted = re.match(r"(\w+) < \d", ast.unparse(loop.test))
            if not counted or ast.unparse(loop.body[0]) != f"{counted[1]} += 1":
                return False
    return "def recursive" not in text or "if n <= 0:\n        return" in text


def case_text(program: Program, kind: str) -> str:
    """The file that keeps a case."""
    inputs = ",\n".join(f'    """{text}"""' for text in program.inputs)
    mode = "OBJECTS = True\n" if program.objects else ""
    mode += f"OPTIONS = {program.options}\n" if program.options else ""
    return f'"""Once went wrong: {kind}."""\n\n{mode}INPUTS = [\n{inputs},\n]\n\n\n{program.text}'


def read_case(path: pathlib.Path) -> Program:
    """The program of a file."""
    text = path.read_text(encoding="utf-8")
    names = runpy.run_path(str(path), dict(NAMES))
    return Program(text.partition("]\n\n\n")[2], names["INPUTS"], names.get("OBJECTS", False), names.get("OPTIONS", {}))


def keep(name: str, program: Program, kind: str, folder: pathlib.Path = CASES) -> pathlib.Path:
    """Write a case."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(case_text(program, kind), encoding="utf-8")
    return path
