"""The same source and types give the same texts and the same machine code in every process, in whatever order."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

PROGRAM = pathlib.Path(__file__).with_name("reproducible_programs.py")
STAGES = ("traced", "optimized", "llvm-input", "asm")


def run(order: str, seed: int, cache: pathlib.Path) -> tuple[dict, dict, dict[str, bytes]]:
    """What a process that compiles the functions in this order makes of them, first and again; and its machine code."""
    environment = {
        **os.environ, "PYTHONHASHSEED": str(seed), "TRACER_CACHE_DIR": str(cache), "PYTHONPATH": str(PROGRAM.parent.parent),
    }  # fmt: skip
    done = subprocess.run([sys.executable, PROGRAM, order], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    first, again = json.loads(done.stdout)
    return first, again, {path.name: path.read_bytes() for path in cache.rglob('*') if path.is_file()}


def differences(a: dict, b: dict) -> list[str]:
    """Which stages of which functions differ, with the first line that does."""
    found = []
    for name in a:
        assert len(a[name]) == len(b[name]) > 0, name
        for first, second in zip(a[name], b[name]):
            for stage, x, y in zip(STAGES, first, second):
                if x != y:
                    lines = next(((p, q) for p, q in zip(x.splitlines(), y.splitlines()) if p != q), ("", "lengths"))
                    found.append(f"{name}, {stage}: {lines[0].strip()!r} and {lines[1].strip()!r}")
    return found


@pytest.mark.slow
def test_processes_agree(tmp_path: pathlib.Path) -> None:
    runs = [run(order, seed, tmp_path / order) for order, seed in (("forwards", 0), ("7", 123456))]
    first, _, code = runs[0]
    assert len(first) > 10 and len(code) > 20
    for texts, again, other_code in runs:
        assert differences(first, texts) == []
        assert differences(first, again) == []
        assert other_code == code
