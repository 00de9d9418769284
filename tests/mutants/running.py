"""Plants one fault in a copy of the tree, and runs tests there."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.mutants import Mutant

ROOT = pathlib.Path(__file__).resolve().parents[2]
_COPIED = ("tracer", "ir", "codegen", "tests", "tutorials", "README.md", "pyproject.toml")
_PASSED, _FAILED, _INTERRUPTED, _INTERNAL = 0, 1, 2, 3  # what pytest exits with; beyond are mistakes of the caller


class Outcome(NamedTuple):
    """How a fault fared: `word` is how the tests ended, `by` the first test that noticed."""

    word: str
    noticed: bool
    by: str
    seconds: float


class Planting:
    """A copy of the tree with one fault in it."""

    def __init__(self, root: pathlib.Path, mutant: Mutant) -> None:
        self.root = root
        self.mutant = mutant

    def run(self, tests: Sequence[str], timeout: float) -> Outcome:
        """Run tests on the copy, until one fails."""
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            copy = pathlib.Path(folder) / "tree"
            copied_tree(self.root, copy)
            target = copy / self.mutant.file
            target.write_text(planted(target.read_text(encoding="utf-8"), self.mutant), encoding="utf-8")
            start = time.monotonic()
            status, output = run_tests(copy, tests, timeout, pathlib.Path(folder) / "cache")
            return _outcome(status, output, time.monotonic() - start)


def planted(source: str, mutant: Mutant) -> str:
    """The source of the file with the fault. ValueError unless the text to be replaced stands there exactly once."""
    count = source.count(mutant.old)
    if count != 1:
        raise ValueError(f"{mutant.file} has {count} times, not once: {mutant.old!r}")
    return source.replace(mutant.old, mutant.new)


def copied_tree(root: pathlib.Path, copy: pathlib.Path) -> None:
    """Copy what the tests need."""
    for name in _COPIED:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            copy.mkdir(exist_ok=True)
            shutil.copy(source, copy / name)


def run_tests(tree: pathlib.Path, tests: Sequence[str], timeout: float, cache: pathlib.Path) -> tuple[int | None, str]:
    """The status of pytest in a tree, None if it hung, and what it printed."""
    # The tree comes before an installation of the project, also for processes that the tests start.
    environment = {**os.environ, "PYTHONPATH": str(tree), "TRACER_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            command, cwd=tree, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            status: int | None = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = None
        output.seek(0)
        return status, output.read()


def _outcome(status: int | None, output: str, seconds: float) -> Outcome:
    if status is None:
        return Outcome("hung", True, "", seconds)
    if status == _PASSED:
        return Outcome("SURVIVED", False, "", seconds)
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    by = failed.group(1) if failed else ""
    if status in (_FAILED, _INTERRUPTED, _INTERNAL) or "ImportError while loading conftest" in output:
        return Outcome("found", True, by, seconds)
    if status < 0 or status > 127:
        return Outcome("crashed", True, by, seconds)
    raise RuntimeError(f"pytest could not run (status {status}):\n{output[-2000:]}")


def suite_passes(root: pathlib.Path, tests: Sequence[str]) -> bool:
    """Whether the tests pass as the tree is."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        status, output = run_tests(root, tests, 3600.0, pathlib.Path(folder))
    if status != _PASSED:
        print(output[-4000:])
    return status == _PASSED
