"""Where a trace stands, to return to when what follows has to be traced again or in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tracer.frames import State

if TYPE_CHECKING:
    from tracer.tracing import Tracer


class Checkpoint(NamedTuple):
    """The path with its variables, and how much there is of everything that tracing adds to.

    `jumps` counts the paths that have left each loop of the innermost frame early, `counters` are what its hidden names and
    the paths of its calls are numbered by.
    """

    state: State
    blocks: int
    ops: int
    returns: tuple[int, ...]
    counters: tuple[int, int]
    kept: int
    jumps: tuple[tuple[int, int], ...]


def checkpoint(t: Tracer) -> Checkpoint:
    """Where the trace is now."""
    frame = t.frame
    return Checkpoint(
        t.snapshot(), len(t.graph.blocks), len(t.builder.block.ops), tuple(len(f.returns) for f in t.frames),
        (frame.hidden, frame.inline_calls), len(t.kept), tuple((len(c.breaks), len(c.continues)) for c in frame.loops),
    )  # fmt: skip


def restore(t: Tracer, before: Checkpoint) -> None:
    """Forget what was traced since. The checkpoint can be returned to again."""
    del t.frames[len(before.returns) :]
    del t.graph.blocks[before.blocks :]
    state = before.state
    del state.block.ops[before.ops :]
    t.resume(State(state.block, {frame: variables.copy() for frame, variables in state.variables.items()}))
    for frame, count in zip(t.frames, before.returns):
        del frame.returns[count:]
    frame = t.frame
    frame.hidden, frame.inline_calls = before.counters
    del t.kept[before.kept :]
    del frame.loops[len(before.jumps) :]
    for context, (breaks, continues) in zip(frame.loops, before.jumps):
        del context.breaks[breaks:]
        del context.continues[continues:]
