"""What stands under `tutorials/` is true: notebooks, demo, the table of differences, and what the documents name.

The cells of a notebook run in order, without Jupyter, and what they print is compared with what is saved. Tags of a
cell: `raises-exception`, it must raise; `varies`, what it shows depends on the machine and is not compared.
`pytest --update` writes what the cells show now.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import json
import linecache
import pathlib
import re
import tempfile
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np
import pytest

from ir.opdef import REGISTRY
from ir.passes import PIPELINE
from tracer import TracerError, library, njit, trace
from tracer.extending import IMPLEMENTATIONS

pytestmark = pytest.mark.quick_cases(None)

ROOT = pathlib.Path(__file__).resolve().parent.parent
TUTORIALS = ROOT / "tutorials"
NOTEBOOKS = sorted(TUTORIALS.glob("*.ipynb"))
DOCUMENTS = [*sorted(TUTORIALS.glob("*.md")), ROOT / "README.md"]

by_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


@pytest.fixture(autouse=True)
def registered_functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Errors are not coloured, and the extensions that a tutorial registers are gone afterwards."""
    monkeypatch.delenv("TRACER_COLOR", raising=False)
    library.load_rest()
    before = dict(IMPLEMENTATIONS)
    yield
    IMPLEMENTATIONS.clear()
    IMPLEMENTATIONS.update(before)


def remember_source(source: str, filename: str) -> None:
    """Let the tracer and tracebacks find source that is in no file of its own."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)


# --- notebooks


@attrs.frozen
class Shown:
    """What a cell printed, the value of the expression it ends with, and the exception it raised."""

    printed: str
    value: Any = None
    error: BaseException | None = None

    def outputs(self, number: int) -> list[dict[str, Any]]:
        """In the notebook format."""
        found: list[dict[str, Any]] = []
        if self.printed:
            found.append({"name": "stdout", "output_type": "stream", "text": self.printed.splitlines(keepends=True)})
        if self.value is not None:
            data = {"text/plain": repr(self.value).splitlines(keepends=True)}
            found.append({"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
        if self.error is not None:
            # The first frame is this module's.
            entries = self.error.__traceback__ and self.error.__traceback__.tb_next
            lines = "".join(traceback.format_exception(type(self.error), self.error, entries)).splitlines()
            name, text = type(self.error).__name__, str(self.error)
            found.append({"ename": name, "evalue": text, "output_type": "error", "traceback": lines})
        return found


def run_cell(source: str, filename: str, namespace: dict[str, Any]) -> Shown:
    """Run the source as a notebook does: the value of a last expression is shown."""
    remember_source(source, filename)
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value, raised = None, None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            exec(compile(tree, filename, "exec"), namespace)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), filename, "eval"), namespace)
        except Exception as error:
            raised = error
    return Shown(printed.getvalue(), value, raised)


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells with code, in order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def tags(cell: dict[str, Any]) -> list[str]:
    """The tags of a cell."""
    return cell["metadata"].get("tags", [])


def comparable(outputs: list[dict[str, Any]], varies: bool) -> list[Any]:
    """What must be the same in each run and with each version of Python: not the layout of tracebacks."""
    if varies:
        return [output["output_type"] for output in outputs]
    return [{k: v for k, v in output.items() if k != "traceback"} for output in outputs]


@by_notebook
def test_notebook(path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    updating = request.config.getoption("--update")
    for number, cell in enumerate(code_cells(notebook), start=1):
        shown = run_cell("".join(cell["source"]), f"<cell {number} of {path.stem[:2]}>", namespace)
        if "raises-exception" in tags(cell):
            assert shown.error is not None, f"cell {number} raises nothing"
        elif shown.error is not None:
            raise shown.error
        outputs = shown.outputs(number)
        if updating:
            cell["execution_count"], cell["outputs"] = number, outputs
        else:
            varies = "varies" in tags(cell)
            assert comparable(outputs, varies) == comparable(cell["outputs"], varies), f"cell {number} shows something else"
    if updating:
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@by_notebook
def test_notebook_is_saved_in_full_and_names_no_machine(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert notebook["nbformat"] == 4
    assert notebook["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert [cell["execution_count"] for cell in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))
    assert all(set(cell["metadata"]) <= {"tags"} for cell in notebook["cells"])
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    for folder in (ROOT, pathlib.Path.home(), pathlib.Path(tempfile.gettempdir())):
        assert f"{folder}/" not in text


def test_there_are_notebooks_and_their_cells_check_something() -> None:
    for path in NOTEBOOKS:
        sources = ["".join(cell["source"]) for cell in code_cells(json.loads(path.read_text(encoding="utf-8")))]
        assert sum("assert " in source for source in sources) >= 5, path.name
    assert NOTEBOOKS


# --- the demo


@pytest.fixture
def demo() -> types.ModuleType:
    """The demo, with less work than it shows a user."""
    spec = importlib.util.spec_from_file_location("demo", TUTORIALS / "demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (board, following, _), (first, second, cost) = module.life_arguments(), module.signal_arguments()
    module.life_arguments = lambda: (board, following, 3)
    module.signal_arguments = lambda: (first[:40], second[:50], cost[:41, :51].copy())
    module.plate_arguments = lambda: (np.arange(20.0).reshape(4, 5), 3)
    module.text_arguments = lambda: (np.arange(30) % 7, np.arange(20) % 5, np.zeros((31, 21), np.int64))
    return module


def test_demo(demo: types.ModuleType, capsys: pytest.CaptureFixture) -> None:
    demo.main()
    printed = capsys.readouterr().out
    for name in ("common_subsequence", "warped_distance", "diffuse", "life"):
        assert re.search(rf"^{name} .* \d+x$", printed, re.MULTILINE)
    assert printed.count("graph clipped_norm(values: float64[::1], limit: float64)") == 2


# --- the table of differences


@attrs.frozen
class Row:
    """A call of the table, with what Python and what compiled code make of it, as text."""

    function: str
    arguments: str
    python: str
    compiled: str

    def __str__(self) -> str:
        return f"{self.function} ({self.arguments})"


def _rows(text: str) -> Iterator[Row]:
    """The rows that show a call: those that are code in the first four columns."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 5 and all(re.fullmatch("`[^`]*`", cell) for cell in cells[:4]):
            yield Row(*(cell.strip("`") for cell in cells[:4]))


DIFFERENCES = (TUTORIALS / "differences.md").read_text(encoding="utf-8")
ROWS = list(_rows(DIFFERENCES))


@pytest.fixture(scope="module")
def functions() -> dict[str, Any]:
    """The functions above the table."""
    source = re.search(r"```python\n(.*?)```", DIFFERENCES, re.DOTALL)[1]
    namespace: dict[str, Any] = {"__name__": "differences"}
    remember_source(source, "<differences>")
    exec(compile(source, "<differences>", "exec"), namespace)
    return namespace


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    """The result as a session shows it, or the class of the exception and the first line of its text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return repr(function(*arguments))
    except (ArithmeticError, ValueError, TypeError, LookupError, TracerError) as error:
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_difference(row: Row, functions: dict[str, Any]) -> None:
    filename = f"<{row.function}>"
    remember_source(row.function, filename)
    function = eval(compile(row.function, filename, "eval"), dict(functions))
    shown = {}
    for name, form in (("python", function), ("compiled", njit(function))):
        arguments = eval(f"({row.arguments},)" if row.arguments else "()", {"np": np})  # our own document
        shown[name] = outcome(form, arguments)
    for name, found in shown.items():
        wanted = getattr(row, name)
        assert found == wanted or found.startswith(f"{wanted}: "), f"{name} gives {found}"
    assert shown["python"] != shown["compiled"]


def test_every_row_with_a_call_was_read() -> None:
    assert len(ROWS) == len(re.findall(r"^\| `", DIFFERENCES, re.MULTILINE)) > 40


def test_every_function_above_the_table_is_used(functions: dict[str, Any]) -> None:
    defined = {name for name, value in functions.items() if isinstance(value, types.FunctionType)}
    assert defined <= {row.function for row in ROWS}


def test_globals_are_read_when_a_function_is_traced() -> None:
    source = "scale = 2\ndef scaled(x):\n    return scale * x\n"
    remember_source(source, "<scaled>")
    namespace: dict[str, Any] = {}
    exec(compile(source, "<scaled>", "exec"), namespace)
    compiled = njit(namespace["scaled"])
    assert compiled(3) == 6
    namespace["scale"] = 5
    assert namespace["scaled"](3) == 15 and compiled(3) == 6
    compiled.recompile()
    assert compiled(3) == 15


def test_tuples_come_back_as_new_objects_and_arrays_as_themselves() -> None:
    compiled = njit(lambda x: x)
    pair, array = (1, 2.5), np.zeros(3)
    assert compiled(pair) == pair and compiled(pair) is not pair
    assert compiled(array) is array


def test_numpy_warns_and_compiled_code_does_not() -> None:
    def ratio(a, b):
        return a / b

    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert ratio(np.float64(1.0), 0.0) == np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert njit(ratio)(np.float64(1.0), 0.0) == np.inf


def test_recursion_goes_as_deep_as_the_stack() -> None:
    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    with pytest.raises(RecursionError):
        depth(20_000)
    assert njit(depth)(20_000) == 20_000
    with pytest.raises(RecursionError):
        njit(depth)(10**9)


def test_options_that_change_results() -> None:
    def ratio(a, b):
        return a / b

    assert njit(error_model="numpy")(ratio)(1.0, 0.0) == np.inf
    assert "fdiv fast" in trace(ratio, fastmath=True, error_model="numpy")(1.0, 2.0).text("llvm-input")


# --- what documents name


@pytest.mark.parametrize("path", [*DOCUMENTS, *NOTEBOOKS], ids=lambda p: p.name)
def test_links_lead_somewhere(path: pathlib.Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)  # programs have brackets, too
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", text):
        assert (path.parent / target).exists(), target


def test_design_names_files_that_exist_and_every_pass() -> None:
    text = (TUTORIALS / "design.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:ir|codegen|tracer|tests|tutorials)/[\w/.]*)`", text):
        assert (ROOT / name).exists(), name
    passes = re.findall(r"^\d+\. `(\w+)`", text, re.MULTILINE)
    assert passes == [transform.__name__ for transform in PIPELINE]
    for name in re.findall(r"the op `(\w+)`", text):
        assert name in REGISTRY
