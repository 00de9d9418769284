"""Random programs do what CPython and NumPy do: in the interpreter of the graph, after the passes, and as machine code.

`--slow` runs many more. `python -m tests.fuzz` runs any number, makes what fails small and keeps it in `tests/cases/fuzz/`,
whose programs run always.
"""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import functools
import pathlib
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest

from codegen.engine import engine
from ir.interp import Interpreter
from ir.ops import arithmetic
from tests.fuzz import __main__ as fuzz_command
from tests import object_harness
from tests.fuzz import allowed, documented, oracles
from tests.fuzz.allowed import texts_may_differ, tolerance_of_steps
from tests.fuzz.cases import CASES, found_in, keep, read_case, shrunk, terminates
from tests.fuzz.families import FAMILIES, family_of, program_of, seed_of
from tests.fuzz.overflow import checked_function_of
from tests.fuzz.program import Program, arguments_of, function_of
from tests.fuzz.shrinking import shrink
from tests.fuzz.workers import Worker, effort, report_of_end
from tracer import trace

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).resolve().parent.parent


def check(program: Program) -> None:
    """Fail with the program and what differs."""
    found = oracles.differences(program)
    assert not found, program.text + "\n" + "\n".join(d.text for d in found)


@pytest.mark.seeds(25, 150, 20_000)
def test_program(seed: int) -> None:
    check(program_of(seed)[1])


NEWER = [family for family in FAMILIES if seed_of(0, (family,)) >= 10**9]


@pytest.mark.seeds(12, 60, 10_000)
def test_program_of_a_newer_family(seed: int) -> None:
    check(program_of(seed_of(seed, NEWER))[1])


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_case(path: pathlib.Path) -> None:
    check(read_case(path))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_program(family: str) -> None:
    make = FAMILIES[family]
    assert make(5, 4) == make(5, 4) != make(6, 4)
    assert make(5, 20).text == make(5, 20).text


def test_seeds_keep_their_families() -> None:
    """Also when there are more families: a program that was reported can be made again."""
    oldest = ["mixed", "objects", "arrays", "scalars", "loops"]
    assert [program_of(1_207_000 + i, 1)[0] for i in range(5)] == oldest
    for number, family in enumerate(FAMILIES):
        assert program_of(seed_of(number), 1) == (family, FAMILIES[family](0, 1))
    seeds = [seed_of(number) for number in range(500)]
    assert len(set(seeds)) == 500
    for family in FAMILIES:
        assert [place for chosen, place in map(family_of, seeds) if chosen == family][:12] == list(range(12))


@pytest.mark.parametrize("family", FAMILIES)
def test_most_programs_are_compiled(family: str) -> None:
    programs = [FAMILIES[family](seed, 2) for seed in range(8)]
    assert sum(oracles.refusal(program) is None for program in programs) >= 6


def test_what_differs_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Interpreter, *arguments: Any) -> Any:
        right = run(self, *arguments)
        return -1 if any(op.opdef is arithmetic.mul for op in self.graph.ops()) else right

    run = Interpreter.__call__
    monkeypatch.setattr(Interpreter, "__call__", wrong)
    program = Program("def program(n):\n    k = 3\n    for i in range(2):\n        k += i\n    return k + n * (n - 1)\n", ["(4,)", "(5,)"])
    found = found_in(program)
    assert {d.kind for d in found} >= {"the interpreter: value"}
    small = shrunk(program, found[0]).text
    assert "*" in small and "for" not in small


def test_what_numpy_leaves_to_the_processor_must_agree_here(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "def program(a, b):\n    b[:] = a\n    return b\n"
    program = Program(text, ['(array("float64", (5,), "C", 1) - 5.0, array("uint8", (5,), "C", 2))'])
    assert not found_in(program)
    run = Interpreter.__call__
    monkeypatch.setattr(Interpreter, "__call__", lambda *arguments: run(*arguments) + np.uint8(1))
    assert found_in(program)[0].kind == "machine code: value"


ALLOWED = [  # programs that may differ, for inputs for which they do, by tutorials/differences.md
    ("    v = a.reshape(-1)\n    v[:] = 7\n    return 0\n", 'array("int8", (3, 3), "gaps", 1)'),
    ("    b[b != 0] = a\n    return b\n", '(a := array("int8", (4,), "gaps", 527300)), a[::-1]'),
    ("    b = a.diagonal()\n    for i in range(0):\n        a = b\n    a[0, 0] = 1\n    return 0\n", 'array("int8", (4, 4), "C", 1)'),
    ("    return (np.sin(a) @ np.arange(6)).sum()\n", 'array("int8", (3, 6), "C", 1)'),
    ("    np.sqrt(np.int8(3), out=a)\n    return a\n", 'array("float32", (3,), "C", 1)'),
    ("    return (a * a * a).real\n", 'array("complex128", (5,), "C", 1) * 1e200'),
]


@pytest.mark.parametrize(("body", "argument"), ALLOWED)
def test_what_the_table_of_differences_allows(body: str, argument: str) -> None:
    program = Program(f"def program(a, b=None):\n{body}", [f"({argument},)"])
    assert not found_in(program)


@pytest.mark.parametrize(("body", "argument"), [*ALLOWED[:2], ALLOWED[3]])
def test_other_differences_are_found_in_such_programs(body: str, argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Interpreter.__call__
    monkeypatch.setattr(Interpreter, "__call__", lambda *arguments: run(*arguments) + 1)
    assert found_in(Program(f"def program(a, b=None):\n{body}", [f"({argument},)"]))


@pytest.mark.parametrize(("text", "given"), [("program(z): z * 2", "(1+2j, np.inf)"), ("x + 1", 'array("float64", (3,), "C", 1)')])
def test_what_is_near_the_differences_of_the_table_is_compared(text: str, given: str) -> None:
    assert tolerance_of_steps(text, given) == 1e-10
    assert not texts_may_differ(given, ("value: inf", "value: 3.0"))


OVERFLOWING = """
def program(n, k):
    n += k
    return abs(n), sum((n, k)), -k
"""


@pytest.mark.parametrize("n, k, fits", [(3, 4, True), (2**63 - 1, 1, False), (2**62, 2**62 - 1, False), (0, -(2**63), False), (5, -3, True)])
def test_python_raises_where_64_bits_are_not_enough(n: int, k: int, fits: bool) -> None:
    function = checked_function_of(OVERFLOWING)
    if fits:
        assert function(n, k) == function_of(OVERFLOWING)(n, k)
    else:
        with pytest.raises(OverflowError):
            function(n, k)
    assert not found_in(Program(OVERFLOWING, [f"({n}, {k})"], options={"overflow": "raise"}))


def test_arguments_without_checks_need_none() -> None:
    for seed in range(8):
        program = FAMILIES["unchecked"](seed, 4)
        for given in program.inputs if program.options else ():
            with contextlib.suppress(ArithmeticError, ValueError):
                function_of(program.text)(*arguments_of(given))


def test_llvm_does_less_for_some_programs() -> None:
    found = []
    for seed in range(20):
        with effort(seed):
            found.append(tuple(sorted(each.name for each in set(engine().in_place_of.values()))))
        assert not engine().in_place_of
    assert set(found) == {(), ("BRIEF",), ("NONE",)}


def test_a_fault_of_the_compiler_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracles, "verify", lambda graph: 1 / 0)
    assert found_in(Program("def program(n):\n    return n\n", ["(4,)"]))[0].kind == "compiler: ZeroDivisionError: division by zero"


def test_a_crash_and_a_hang_cost_only_the_process() -> None:
    for work, expected in ((faulthandler._sigsegv, "ends the process with status"), (time.sleep, "does not end within 1 seconds")):
        worker = Worker(work, seconds=1.0 if work is time.sleep else 60.0)
        try:
            assert expected in worker.run(50)
            assert isinstance(worker.run(50), str)
        finally:
            worker.close()


DOCUMENTED = {
    "sum of no items": ("print(sum(a))", '(array("float32", (0,), "C", 1),)', False),
    "sum of a generator without items": ("return sum(q / 2 for q in range(len(a)))", '(array("int8", (0,), "C", 1),)', False),
    "sum of a generator without items, from a number": ("return sum((q / 2 for q in a), np.uint32(3))", '(array("int8", (0,), "C", 1),)', False),
    "numbers of two types": ("return max(2, a)", "(1.5,)", False),
    "a flag and a number": ("return max(np.int64(0), a)", "(np.True_,)", False),
    "a choice of a flag and a number": ("for i in range(3): a = a > 2 if i else a * 2\n    return a", '(np.dtype("uint32").type(3),)', False),
    "a flag or a number": ("for i in range(3): a = a > 2 or a\n    return a", '(np.dtype("uint32").type(3),)', False),
    "a polynomial without coefficients": ("return np.polyval(a, 2)", '(array("float64", (0,), "C", 1),)', False),
    "an index out of range, in jit": ("str(a); np.put(a, [0, 9], 7)", '(array("int64", (3,), "C", 1),)', True),
    "a matrix": ("return np.cov(a)", '(array("float64", (1, 3), "C", 1),)', False),
    "complex numbers and NaN": ("return np.complex64(complex(1, math.nan)) < a", "(np.complex128(2),)", False),
    "NaN in a tuple": ("return (a, 1) == (a, 1), (a,) != (a,)", "(math.nan,)", False),
    "an output of a scan": ("np.cumsum(a[:1], out=a)", '(array("float64", (3,), "C", 1),)', False),
    "an index out of range": ("np.put(a, [0, 9], 7)", '(array("int64", (3,), "C", 1),)', False),
}


if np.lib.NumpyVersion(np.__version__) >= "2.5.0":
    del DOCUMENTED["an output of a scan"]  # which NumPy refuses as well


@pytest.mark.parametrize("name", DOCUMENTED)
def test_differences_of_the_table_are_no_faults(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statement, given, objects = DOCUMENTED[name]
    program = Program(f"def program(a):\n    {statement}\n", [given], objects)
    assert not found_in(program)
    monkeypatch.setattr(oracles, "functions_of", lambda text: [])
    monkeypatch.setattr(oracles, "_widens", lambda traced: False)
    assert found_in(program), "it is no difference"


def test_numbers_may_be_wider_behind_a_choice() -> None:
    """The loop is not entered: Python has the type that the number had before."""
    assert not found_in(Program("def program(a, b):\n    for i in range(0):\n        a = max(a, b)\n    return a\n", ["(np.int8(1), np.int64(2))"]))
    straight = trace(lambda a, b: a + b)(np.int8(1), np.int64(2)).ir
    assert not oracles._widens(straight), "a type that is too wide is a fault where no paths meet"
    kinds = [type(x) for x in documented.widened((np.int8(1), 2, np.int64(1), "a"), (np.int64(1), 2.0, np.int8(1), 1))]
    assert kinds == [np.int64, float, np.int64, str], "only to wider types"


@pytest.mark.parametrize(
    ("body", "given", "rule"),
    [
        ("return n << 70", "(3,)", "_has_long_ints"),
        ("x = np.tile(n, 2)\n    x *= 2\n    return x", '(array("float64", (0,), "readonly", 1),)', "is_writable_here"),
        ("x = n\n    for i in range(n):\n        x = 2.5\n    raise ValueError(x)", "(0,)", "_widens"),
    ],
)
def test_what_the_table_allows_beyond_results(body: str, given: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program(f"def program(n):\n    {body}\n", [given])
    assert not found_in(program)
    monkeypatch.setattr(oracles, rule, lambda *given: False)
    assert found_in(program), "it is no difference"


@pytest.mark.parametrize("last", ["return str(a[0])", "a.sum().item() * np.int8(1)"])
def test_what_the_processor_makes_of_floats_in_jit(last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy leaves to it which integers come of floats that have no place among them; the second program raises for large ones."""
    given = '(array("float32", (2,), "C", 21),)'
    assert np.isnan(arguments_of(given)[0]).any()
    program = Program(f"def program(b):\n    a = np.zeros(2, np.int64)\n    str(b)\n    a[:] = b[::-1]\n    {last}\n", [given], True)
    assert not found_in(program)
    monkeypatch.setattr(oracles, "_jit_casts_out_of_range", lambda program, given: False)
    assert found_in(program), "it is no difference"


def test_texts_may_differ_in_the_last_digits_of_their_numbers() -> None:
    texts = [allowed.with_fewer_digits(f"{x}; {y}", 10) for x, y in ((5.4829280498653271, 1e-300), (5.482928049865326, 1.0000000000001e-300))]
    assert texts[0] == texts[1] != allowed.with_fewer_digits("5.4829280597653271; 1e-300", 10)
    assert allowed.with_fewer_digits("0", 10) != allowed.with_fewer_digits("0.0", 10)


def described(value: Any) -> str:
    return str(object_harness.described(value, ()))


def test_results_of_jit_may_be_wider_and_read_only_where_paths_meet() -> None:
    given = ["(True, np.float32(0.1), 2, np.zeros(2))"]

    def program(result: str) -> Program:
        return Program(f"def program(c, x, n, a):\n    str(c)\n    return {result}\n", given, True)

    assert not found_in(program("(x if c else np.float64(n), n if c else 2.5)"))
    assert not found_in(Program("def program(n):\n    str(n)\n    raise ValueError(n if n else np.zeros(1)[n + 3])\n", ["(1,)"], True))
    assert not oracles._is_wider(program("x").text, given[0], lambda c, x, n, a: np.float64(x)), "no paths meet"
    for wrong in (lambda c, x, n, a: (np.float16(x), n), lambda c, x, n, a: (x, [n]), lambda c, x, n, a: (x, n + 1)):
        assert not oracles._is_wider(program("(x, n) if c else 0").text, given[0], wrong)
    frozen = np.zeros(2)
    frozen.flags.writeable = False
    assert allowed.alike_but_for_read_only(described((frozen, 1)), described((np.zeros(2), 1)))
    assert not allowed.alike_but_for_read_only(described((np.zeros(2), 1)), described((frozen, 1)))


def test_ints_must_not_wrap_where_overflow_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program("def program(n):\n    return n * 2**62\n", ["(8,)"], options={"overflow": "raise"})
    assert not found_in(program)
    monkeypatch.setattr(oracles, "trace", lambda function, **options: trace(function))
    assert found_in(program), "it wraps, and nothing is said"


def test_a_sum_of_items_is_no_sum_of_none() -> None:
    for f in documented.functions_of("def program(n):\n    return sum(0 for _ in range(n))\n"):
        assert type(f(3)) is int
    assert {type(f(0)) for f in documented.functions_of("def program(n):\n    return sum(0 for _ in range(n))\n")} > {int, float, complex, np.int8}


def test_zeros_of_both_signs() -> None:
    """Which one is larger is open; nothing else is."""
    functions = documented.functions_of("def program(a, b):\n    return np.maximum(a, b), np.min(a)\n")
    given = np.array([0.0, -0.0, 0.0, 3.0]), np.array([-0.0, 0.0, 1.0, 2.0])
    found = [f(*given) for f in functions]
    assert {tuple(np.signbit(first).tolist()) for first, _ in found} >= {(False, True, False, False), (True, False, False, False)}
    assert {bool(np.signbit(smallest)) for _, smallest in found} == {False, True}
    assert all(np.array_equal(first, np.maximum(*given)) and smallest == 0 for first, smallest in found)


def test_zeros_that_are_clipped() -> None:
    """They may stay or become the limit, in complex numbers as well."""
    zeros = np.array([complex(-0.0, 0.0), complex(0.0, -0.0)])
    for call in ("np.clip(a, 0, 3)", "a.clip(0, 3)"):
        given = {str(f(zeros).tolist()) for f in documented.functions_of(f"def program(a):\n    return {call}\n")}
        assert given > {str(zeros.tolist()), str([0j, 0j])}


def test_programs_that_are_never_made_are_reported() -> None:
    report = report_of_end(7, "does not end within 1 seconds", time.sleep, seconds=1.0)
    assert (report.family, report.kind, report.small.inputs) == ("arrays", "does not end within 1 seconds", [])
    made = report_of_end(7, "ends the process with status 1\nand more", functools.partial(program_of, inputs=2))
    assert made.family == "arrays" and made.kind == "ends the process with status 1" and made.small == program_of(7, 2)[1]


def test_a_case_is_read_as_it_was_written(tmp_path: pathlib.Path) -> None:
    program = FAMILIES["objects"](3, 4)
    path = keep("some", program, "jit: result", tmp_path)
    assert read_case(path) == program
    program = FAMILIES["overflow"](3, 4)
    assert read_case(keep("other", program, "machine code: value", tmp_path)) == program


def test_the_command_runs_programs(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--programs", "3", "--inputs", "2", "--family", "loops", "--keep", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("3 programs on ")


def test_a_run_says_where_another_can_go_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(fuzz_command, "PROGRESS", 2)
    monkeypatch.setattr(sys, "argv", ["fuzz", "--start", "10", "--programs", "4", "--inputs", "1", "--family", "loops"])
    assert fuzz_command.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["--- 2 programs; all are done before --start 11", "--- 4 programs; all are done before --start 13"]


def test_shrinking_keeps_only_what_fails() -> None:
    text = "def program(a, b):\n    x = a + 1\n    for i in range(3):\n        if b:\n            y = abs((x * 2) + bad(a))\n    return x\n"
    small = shrink(text, lambda candidate: "bad(" in candidate and _parses(candidate))
    assert "bad(a)" in small and "abs" not in small and "return" not in small and "for" not in small


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def test_loops_that_do_not_count_their_rounds_are_not_tried() -> None:
    assert terminates("m = 0\nwhile m < 3 and x:\n    m += 1\n    x = 2\n")
    assert not terminates("m = 0\nwhile m < 3 and x:\n    x = 2\n")
