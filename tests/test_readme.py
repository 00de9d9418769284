"""The examples in the README print what the README says; `pytest --update` writes what they print."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n(?P<between>.*?)```text\n(?P<printed>.*?)```", re.DOTALL)
EXAMPLES = len(EXAMPLE.findall(README.read_text(encoding="utf-8")))


@pytest.mark.parametrize("number", range(EXAMPLES))
def test_example_prints_what_the_readme_shows(number: int, tmp_path, request) -> None:
    text = README.read_text(encoding="utf-8")
    example = list(EXAMPLE.finditer(text))[number]
    (tmp_path / "example.py").write_text(example["code"], encoding="utf-8")
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "example.py"], cwd=tmp_path, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    if request.config.getoption("--update"):
        start, end = example.span("printed")
        README.write_text(text[:start] + done.stdout + text[end:], encoding="utf-8")
    else:
        assert done.stdout == example["printed"]
