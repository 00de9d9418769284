"""Golden tests of what users see when something is wrong.

Each `tests/cases/errors/NAME.py` is a small script whose last statement raises. `NAME.txt` holds the frames of its
traceback and the text of the exception. Frames outside the script are shown without a line, so that a compiler frame
is seen at once. The folder `site-packages` beside the scripts holds what stands for an installed package.
"""

from __future__ import annotations

import pathlib
import re
import traceback
from collections.abc import Callable

import numpy as np
import pytest

from tracer import errors, njit

pytestmark = pytest.mark.quick_cases(None)

try:
    import scipy.linalg
except ImportError:
    scipy = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases" / "errors"
SCRIPTS = sorted(CASES.glob("*.py"))


@pytest.fixture(autouse=True)
def beside_the_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are shown relative to the scripts, which can import the package that stands beside them."""
    monkeypatch.chdir(CASES)
    monkeypatch.syspath_prepend(str(CASES / "site-packages"))
    monkeypatch.delenv("TRACER_COLOR", raising=False)


def run_script(path: pathlib.Path) -> BaseException:
    """The exception that the script raises."""
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    try:
        exec(code, {"__name__": f"errors_{path.stem}", "__file__": str(path)})
    except Exception as error:
        return error
    pytest.fail(f"{path.name} raises nothing")


def describe(error: BaseException, script: pathlib.Path) -> str:
    """The frames below the test's own, and the class and the text of the exception."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__)[1:]:
        path = pathlib.Path(frame.filename)
        if path == script:
            lines.append(f"{path.name}:{frame.lineno} in {frame.name}")
        else:
            shown = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
            lines.append(f"(not the user's) {shown} in {frame.name}")
    if error.__cause__ is not None or (error.__context__ is not None and not error.__suppress_context__):
        lines.append(f"shown with another exception: {error.__cause__ or error.__context__!r}")
    lines.append(f"{type(error).__name__}: {_as_since_3_11(str(error))}")
    return "\n".join(lines) + "\n"


def _as_since_3_11(text: str) -> str:
    """Python 3.10 says the same of unbound variables in other words."""
    pattern = r"local variable '(\w+)' referenced before assignment"
    return re.sub(pattern, r"cannot access local variable '\1' where it is not associated with a value", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_error(script: pathlib.Path, golden: Callable) -> None:
    error = run_script(script)
    text = describe(error, script)
    assert len(str(error).splitlines()) <= 22, text
    assert not re.search(r"0x[0-9a-f]{6}", text), text  # the address of one of the compiler's own objects
    golden(script.with_suffix(".txt"), text)


def test_every_golden_file_has_its_script() -> None:
    assert {p.stem for p in CASES.glob("*.txt")} == {p.stem for p in SCRIPTS}


def problems_of(error: BaseException) -> set[str]:
    """The names of the classes of the problem that the exception carries, and of its causes."""
    problem, names = getattr(error, "problem", None), set()
    while problem is not None:
        names.add(type(problem).__name__)
        problem = problem.cause
    return names


def test_every_problem_has_a_golden_test() -> None:
    shown = set().union(*(problems_of(run_script(script)) for script in SCRIPTS))
    declared = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.Problem)}
    assert declared - {"Problem"} <= shown


def solve(a):
    q, r = scipy.linalg.qr(a)
    return q


@pytest.mark.skipif(scipy is None, reason="scipy is not installed")
def test_function_of_scipy() -> None:
    with pytest.raises(errors.NopythonError) as caught:
        njit(solve)(np.eye(2))
    lines = str(caught.value).splitlines()
    assert lines[0] == "scipy.linalg.qr has no native lowering"
    assert lines[1].endswith("in solve(float64[:, ::1])")
    assert lines[2].endswith("| q, r = scipy.linalg.qr(a)")
    assert lines[3].endswith("|        ^^^^^^^^^^^^^^^^^^")
    assert lines[-1] == "hint: jit runs this function in the interpreter; njit does not"
