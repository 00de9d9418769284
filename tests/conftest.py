"""Options of the tests.

Golden files: `pytest --update` rewrites them, and the difference is for a reviewer to read.
Tests marked `exhaustive` run only with `pytest --slow`. Tests marked `seeds(quick, usual, exhaustive, start=0)` run for
as many values of their parameter `seed`: with `--quick`, usually, with `--slow`.

`pytest --quick`, for the Pythons beside the main one, leaves out the tests marked `slow` and runs a sample of the cases
of each parametrized test: `quick_cases(count)` says how many, `quick_cases(None)` all, for what depends on the Python.
"""

from __future__ import annotations

import gc
import pathlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from codegen.runtime import live_blocks, track_blocks

track_blocks()

QUICK_CASES = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the golden files with what the tests produce")
    parser.addoption("--quick", action="store_true", help="leave out slow tests and most cases of parametrized tests")
    parser.addoption("--slow", action="store_true", help="also run the exhaustive sweeps, which take many minutes")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exhaustive: a sweep over many values; runs with --slow only")
    config.addinivalue_line("markers", "quick_cases(count): how many cases of a test run with --quick; all if it is None")
    config.addinivalue_line("markers", "seeds(quick, usual, exhaustive, start=0): how many seeds: with --quick, usually, with --slow")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("seeds")
    if marker:
        metafunc.parametrize("seed", _seeds(metafunc.config.getoption("--slow"), *marker.args, **marker.kwargs))


def _seeds(all_of_them: bool, quick: int, usual: int, exhaustive: int, start: int = 0) -> list[Any]:
    count = exhaustive if all_of_them else usual
    return [pytest.param(start + number, marks=[pytest.mark.slow] * (number >= quick)) for number in range(count)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="runs with --slow")
        for item in items:
            if item.get_closest_marker("exhaustive"):
                item.add_marker(skip)
    if config.getoption("--quick"):
        kept = _quick_sample(items)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [item for item in items if item in kept]


def _quick_sample(items: list[pytest.Item]) -> set[pytest.Item]:
    """Some cases of each test, the same in each run; random ones, for the last of several parameters varies fastest."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not item.get_closest_marker("slow"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept: set[pytest.Item] = set()
    for name, group in cases.items():
        marker = group[0].get_closest_marker("quick_cases")
        count = marker.args[0] if marker else None if group[0].get_closest_marker("seeds") else QUICK_CASES
        kept.update(group if count is None else random.Random(name).sample(group, min(count, len(group))))
    return kept


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[pathlib.Path, str], None]:
    """Compares a text with the contents of a file; under --update writes the file instead."""

    def check(path: pathlib.Path, text: str) -> None:
        if request.config.getoption("--update"):
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path} does not exist; --update makes it from this text:\n{text}"
        assert text == path.read_text(encoding="utf-8")

    return check


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = (yield).get_result()
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed


@pytest.fixture(autouse=True)
def no_memory_is_lost(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves memory of arrays behind, made by compiled code, when its results are gone."""
    before = live_blocks()
    yield
    if request.node.stash[_FAILED]:
        return  # the traceback still has them
    if live_blocks() > before:
        gc.collect()
    assert live_blocks() <= before, f"{live_blocks() - before} blocks of memory are left"
