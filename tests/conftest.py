"""Golden files: `pytest --update` rewrites them, and the difference is for a reviewer to read."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the golden files with what the tests produce")


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
