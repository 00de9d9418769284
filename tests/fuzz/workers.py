"""A process that runs programs, and is watched: a crash or a hang costs this process and names the program."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import itertools
import multiprocessing
import pathlib
import random
import resource
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any
from unittest import mock

import attrs

from codegen.effort import Effort
from codegen.engine import Engine, engine
from codegen.runtime import track_blocks
from tests.fuzz.cases import found_in, shrunk
from tests.fuzz.families import family_of, program_of
from tests.fuzz.oracles import refusal
from tests.fuzz.program import Program

SECONDS = 120.0  # for a program, with making it small
MEMORY = 6 << 30  # of one process, in bytes: a program that wants more gets a MemoryError, where all others would be slowed down
RUNS = 500  # of one process: what is compiled stays in its memory, and the larger it grows, the slower it gets
_PROGRAMS_OF_GARBAGE = 20
_SIMPLIFYING = (Effort.BRIEF, Effort.PLAIN, Effort.UNROLLED, Effort.WHOLE)
_EFFORTS: tuple[dict[Effort, Effort], ...] = (
    {}, dict.fromkeys(_SIMPLIFYING, Effort.BRIEF), *[dict.fromkeys(_SIMPLIFYING, Effort.NONE)] * 6,
)  # fmt: skip


@attrs.frozen
class Report:
    """What became of the program with a seed: `problem` is empty if nothing went wrong."""

    seed: int
    family: str
    inputs: int
    problem: str = ""
    kind: str = ""
    small: Program | None = None
    refused: str = ""


def examine(seed: int, inputs: int | None = None, ask_refusal: bool = False) -> Report:
    """Make the program with this seed and run it in every way; make it small if it goes wrong."""
    family, program = program_of(seed, inputs)
    with effort(seed):
        found = found_in(program)
        if not found:
            reason = refusal(program) if ask_refusal else None
            return Report(seed, family, len(program.inputs), refused=reason or "")
        first = found[0]
        small = shrunk(program, first)
        again = [d for d in found_in(small) if d.kind == first.kind]
    return Report(seed, family, len(program.inputs), (again or [first])[0].text, first.kind, small)


@contextlib.contextmanager
def effort(seed: int) -> Iterator[None]:
    """How the program with this seed is compiled: for one of eight, LLVM does what it usually does, for the others less, as it is not
    ours and would take half of the time; and for one of four as on a CPU that has no masks."""
    draw = random.Random(seed)
    engine().in_place_of = draw.choice(_EFFORTS)
    masks = engine().has_masks and draw.random() < 0.75
    try:
        with mock.patch.object(Engine, "has_masks", masks):
            yield
    finally:
        engine().in_place_of = {}


def report_of_end(seed: int, problem: str, make: Callable[[int], Any], seconds: float = SECONDS) -> Report:
    """The report on a program that ended its process, or did not end: it is as long as it was made.

    It is made again in a process of its own, as what did not end may have been the making: then it has no inputs.
    """
    maker = Worker(make, seconds)
    try:
        made = maker.run(seed)
    finally:
        maker.close()
    program = Program("", []) if isinstance(made, str) else made[1]
    return Report(seed, family_of(seed)[0], len(program.inputs), problem, problem.partition("\n")[0], program)


def _serve(link: Connection, log: str, work: Callable[[int], Any]) -> None:
    """What the process does: it answers seeds with reports."""
    warnings.simplefilter("ignore")
    gc.disable()  # graphs stay or go as a whole: looking for garbage whenever it might be there takes a tenth of the time
    track_blocks()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with open(log, "w", encoding="utf-8") as file:
        faulthandler.enable(file)
        for number in itertools.count():
            if not number % _PROGRAMS_OF_GARBAGE:
                gc.collect()
                gc.freeze()  # what is left stays: it need not be looked at again
            link.send(work(link.recv()))


class Worker:
    """A process that does `work` for seeds, and is started anew after a crash or a hang, and now and then."""

    def __init__(self, work: Callable[[int], Any] = examine, seconds: float = SECONDS) -> None:
        self._work, self._seconds = work, seconds
        self._log = pathlib.Path(tempfile.mkdtemp(prefix="fuzz")) / "fault.txt"
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._link, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, str(self._log), self._work), daemon=True)
        self._process.start()
        self._runs = 0
        theirs.close()

    def run(self, seed: int) -> Any:
        """What comes of the seed; a text of what happened to the process, if it did not answer."""
        if self._runs == RUNS:
            self._restart()
        self._runs += 1
        self._link.send(seed)
        try:
            if self._link.poll(self._seconds):
                return self._link.recv()
            problem = f"does not end within {self._seconds:.0f} seconds"
        except (EOFError, ConnectionError):
            self._process.join()
            problem = f"ends the process with status {self._process.exitcode}\n{self._log.read_text(encoding='utf-8')}"
        self._restart()
        return problem

    def _restart(self) -> None:
        self._process.kill()
        self._process.join()
        self._start()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        shutil.rmtree(self._log.parent, ignore_errors=True)
