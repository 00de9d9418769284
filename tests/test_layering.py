"""The layers: `tracer` uses `codegen`, `codegen` uses `ir`, and never the other way. Read from the source of every file."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ("ir", "codegen", "tracer")
MAY_IMPORT = {"ir": {"ir"}, "codegen": {"codegen", "ir"}, "tracer": {"tracer", "codegen", "ir"}}
OUTSIDE = {"ir": {"attrs", "numpy"}, "codegen": {"attrs", "numpy", "llvmlite"}, "tracer": {"attrs", "numpy"}}
FILES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))


def module_name(path: pathlib.Path) -> str:
    """`ir.passes.fold` for `ir/passes/fold.py`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def parsed(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: pathlib.Path) -> Iterator[tuple[str, ast.AST]]:
    """The modules, and names that may be modules, that a file imports anywhere in it, at once or on demand."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) + "." if node.level else ""
            source = (base + (node.module or "")).strip(".")
            yield source, node
            for alias in node.names:
                yield f"{source}.{alias.name}", node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "OnDemand":
            yield ast.literal_eval(node.args[0]), node


def ids(path: pathlib.Path) -> str:
    return module_name(path)


def test_there_are_files_in_every_package() -> None:
    for package in OURS:
        assert sum(module_name(path).partition(".")[0] == package for path in FILES) > 5


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_imports_go_one_way(path: pathlib.Path) -> None:
    package = module_name(path).partition(".")[0]
    for name, node in imports(path):
        top = name.partition(".")[0]
        if top in OURS:
            assert top in MAY_IMPORT[package], f"line {node.lineno} imports {name}"
        else:
            known = top in sys.stdlib_module_names or top in OUTSIDE[package]
            assert known, f"line {node.lineno} imports {name}, which {package} does not depend on"


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "__init__.py"], ids=ids)
def test_what_is_imported_is_used(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "noqa: F401" not in lines[node.lineno - 1]:
            names = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
            unused = [name for name in names if name != "annotations" and len(re.findall(rf"\b{name}\b", text)) < 2]
            assert not unused, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_imports_are_at_the_top(path: pathlib.Path) -> None:
    """A file's imports are in its module body, or under `if TYPE_CHECKING:` and version checks there; names for
    modules that are imported on demand are made there too."""
    tree = parsed(path)
    allowed = [*tree.body, *(inner for node in tree.body if isinstance(node, ast.If) for inner in (*node.body, *node.orelse))]
    for _, node in imports(path):
        assert any(_same_place(node, other) for other in allowed), f"line {node.lineno} imports inside of a function"


def _same_place(a: ast.AST, b: ast.stmt) -> bool:
    on_demand = isinstance(a, ast.Call) and isinstance(b, ast.Assign)
    return (type(a) is type(b) or on_demand) and a.lineno == b.lineno


@pytest.mark.parametrize("path", sorted((ROOT / "ir" / "passes").glob("*.py")), ids=ids)
def test_passes_do_not_import_each_other(path: pathlib.Path) -> None:
    """Only the package itself, which lists the passes in their order, knows them."""
    if path.name == "__init__.py":
        return
    for name, node in imports(path):
        assert not name.startswith("ir.passes"), f"line {node.lineno} imports {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "ir" / "ops").glob("*.py")), ids=ids)
def test_op_records_import_little(path: pathlib.Path) -> None:
    """Records of ops are data: they know types, the record, and what a reference needs."""
    if path.name == "__init__.py":
        return
    accepted = {"ir.opdef", "ir.types", "ir.records", "ir.errors", "ir.on_demand"}
    for name, node in imports(path):
        if name.startswith("ir."):
            assert name in accepted or name.rpartition(".")[0] in accepted, f"line {node.lineno} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_every_module_has_a_docstring_and_is_short(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(parsed(path)), "no docstring"
    assert len(text.splitlines()) <= 500


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_functions_are_annotated_and_short(path: pathlib.Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.returns is not None, f"line {node.lineno}: {node.name} has no return annotation"
            assert node.end_lineno - node.lineno < 60, f"line {node.lineno}: {node.name} is long"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_no_exception_is_swallowed(path: pathlib.Path) -> None:
    """A bare `except`, or one of Exception, hides faults of the compiler, unless the exception is raised or handed on."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
            handed_on = any(
                isinstance(inner, ast.Raise) or (isinstance(inner, ast.Return | ast.Assign) and _mentions(inner, node.name))
                for inner in ast.walk(node)
            )
            assert not broad or handed_on, f"line {node.lineno} catches everything"


def _mentions(node: ast.AST, name: str | None) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


LOADED = """
import sys
import {module}
print(*sys.modules)
"""


def loaded_by(module: str) -> set[str]:
    """What is in `sys.modules` after an import in a new process."""
    command = [sys.executable, "-c", LOADED.format(module=module)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_does_not_load_the_tracer() -> None:
    """Loading takes time: the tracer and the passes are first needed by the first compilation, other things never."""
    loaded = loaded_by("tracer")
    assert not loaded & {"tracer.session", "tracer.tracing", "tracer.extending", "tracer.library", "ir.passes"}
    assert not loaded & {"attr", "difflib", "hashlib", "fractions", "decimal", "subprocess"} - loaded_by("numpy, llvmlite.binding")


def test_compiling_loads_little_besides_the_compiler() -> None:
    """Classes made by attrs are for what is rare, as errors: making them takes longer than most other code here."""
    loaded = loaded_by("tracer.session, ir.passes")
    assert not loaded & {"attr", "difflib", "hashlib", "fractions", "decimal", "tracer.diagnostics", "tracer.problems"}
