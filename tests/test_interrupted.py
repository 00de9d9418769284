"""What is interrupted in the middle of the import or of a first compilation can be done again."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from codegen import runtime

ROOT = pathlib.Path(__file__).resolve().parent.parent

SCRIPT = """
import os, random, signal, sys, traceback
import attrs, llvmlite.binding, numpy as np

def scalars():
    from tracer import njit
    return njit(lambda x: x * 3 + 1)(2)

def objects():
    from tracer import jit
    def f(x):
        y = [x, str(x)]
        return len(y) + x * 3 - 1
    return jit(f)(2)

def arrays():
    from tracer import njit
    return float(njit(lambda a: np.exp(a).sum() + a[::2].mean())(np.zeros(3)))

class Interrupt(BaseException):
    pass

def interrupted(place):
    "How many calls of or by our functions `work` makes, with an exception in the call with this number. Python's own imports may stay locked."
    count = 0
    def watch(frame, event, argument):
        nonlocal count
        if event in ("call", "c_call") and frame.f_code.co_filename.startswith({folders}):
            count += 1
            if count == place:
                sys.setprofile(None)
                raise Interrupt
    sys.setprofile(watch)
    try:
        work()
    except Interrupt:
        pass
    finally:
        sys.setprofile(None)
    return count

def in_child(work):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            text = str(work())
        except BaseException:
            text = traceback.format_exc(limit=-3)
        os.write(write, text.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text

def again(place):
    interrupted(place)
    return work()

sys.unraisablehook = lambda unraisable: None  # where a finalizer was interrupted
work = {use}
if {imported}:
    import tracer
expected = in_child(work)
calls = int(in_child(lambda: interrupted(0)))
for place in random.Random({use}.__name__).sample(range(1, calls), {places}):
    said = in_child(lambda: again(place))
    if said != expected:
        print("call", place, "of", calls, "interrupted, afterwards:", said)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the script forks")
@pytest.mark.parametrize(("use", "imported"), [("scalars", False), ("objects", True), ("arrays", True)])
def test_what_was_interrupted_can_be_done_again(use: str, imported: bool, tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    """At some of the tens of thousands of calls that the work takes, in a process for each."""
    folders = tuple(f"{ROOT / each}{os.sep}" for each in ("tracer", "ir", "codegen"))
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(use=use, imported=imported, folders=folders, places=300 if request.config.getoption("--slow") else 16))
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "ignore", script], env=variables, capture_output=True, text=True, timeout=1000)
    assert done.returncode == 0, done.stderr
    assert not done.stdout


def test_the_runtime_can_be_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What half of it was called is not used again by LLVM."""
    text, works = runtime.hot_text, iter([False, True])

    def interrupted_text() -> str:
        if not next(works):
            raise KeyboardInterrupt
        return text()

    monkeypatch.setattr(runtime, "_runtime", [])
    monkeypatch.setattr(runtime, "hot_text", interrupted_text)
    with pytest.raises(KeyboardInterrupt):
        runtime.runtime()
    assert runtime.runtime().addresses.keys() >= {"rt.alloc", "rt.box_array"}
