"""Code for elementary functions over arrays, compiled once and kept.

`np.exp` of an array is the same loop in every program, and LLVM takes longer for it than for all that is around it. So
the op `kernel` calls a function of its own:

    call void @kernel.exp(ptr null, ptr %out, i64 %n, ptr %owner, ptr %in, i64 %n)

which is made of the op's graph as the loop in its place would be, so that it gives the same bits. It is made when a program
first needs it, and stays as long as the process. On disk it is kept under the name of the function and its types with the version of
the sources, not under its text as all other code is: to have the text, the function would have to be traced, which is half of
the work. What a program's own text says is the symbol, and so a cached program is linked with the kernel of the process that loads it.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from codegen import cache
from codegen.effort import Effort, plan_for
from codegen.emit import GraphText, Program
from codegen.engine import Code, Module, engine
from codegen.options import Options
from codegen.text import ModuleText
from codegen.vector_calls import write_forms
from codegen.vector_text import ROUND_BITS
from ir.clone import clone
from ir.graph import Block, Constant, Graph, Value
from ir.loops import LoopBuilder
from ir.on_demand import OnDemand
from ir.spaces import WHOLE, Input, Space, write_points
from ir.types import Array, none

passes = OnDemand("ir.passes")

# A kernel is a chain of operations, each of which waits for the one before: those on another vector go on meanwhile. That the CPU
# finds them in the next round is not enough, where its window is shorter than two rounds.
_VECTORS_IN_A_ROUND = 2
_ENTRY = "graph.0"  # the name of a program's first function
_kernels: dict[str, Module] = {}  # by the keys of definitions


def kernel_for(body: Graph) -> tuple[Module, int]:
    """The code that runs a graph on each item of contiguous arrays, and its address, which is good as long as the former lives.

    Threads that come at the same time may each make it; the first one's stays.
    """
    if not body.is_deferred:  # one that was read as text
        made = _linked(_compiled(body))
    else:
        definition: Any = body.definition  # type: ignore[attr-defined]
        made = _kernels.get(definition.key) or _kernels.setdefault(definition.key, _linked(_kept(definition)))
    return made, made.addresses[_ENTRY]


def loop_of(body: Graph) -> Graph:
    """A graph that takes an array and those that its items are computed from, and stores what `body` makes of them."""
    inputs = [Value(Array(p.type, 1, "C", True), p.name) for p in body.params]  # type: ignore[arg-type]
    target = Value(Array(body.result_type, 1, "C"), "out")  # type: ignore[arg-type]
    graph = Graph(body.name, None, [Block("entry", [target, *inputs])], none)
    builder = LoopBuilder(graph)
    space = Space([builder.length(target, 0)], [Input(each, (WHOLE,)) for each in inputs], clone(body), False, [0])
    write_points(builder, space, target)
    builder.return_(Constant(none, value=None))
    return passes.optimize(graph, interruptible=False)


def _kept(definition: Any) -> Code:
    """The code of a definition from disk, or new."""
    sources = definition.sources()
    if sources is None:
        return _compiled(definition.graph())
    place = engine().cache_key("\n".join((definition.key, sources.folders, sys.version, np.__version__)), Effort.VECTORS)
    key = place + sources.state.encode()
    image = cache.load(key, place)
    if image is not None:
        return Code("", Effort.VECTORS, image, {})
    made = _compiled(definition.graph())
    cache.store(key, made.image, place)
    return made


def text_of(body: Graph) -> tuple[str, Effort]:
    """The LLVM text of a kernel, and what is to be done with it."""
    graph = loop_of(body)
    module = ModuleText(Options())
    module.often_short = True
    module.round_bits = max(ROUND_BITS, _VECTORS_IN_A_ROUND * engine().vector_bits)
    program = Program(graph)
    module.plan = plan_for(graph, module.options, engine().has_masks)
    functions = [GraphText(module, program, each) for each in program.graphs]
    for function in functions:
        function.emit()
    effort = module.plan.settled(module.vectorized)
    for function in functions:
        function.write(apart=False)
    write_forms(module, effort, apart=False)
    return module.text(), effort


def _compiled(body: Graph) -> Code:
    return engine().code(*text_of(body))


def _linked(code: Code) -> Module:
    return engine().link([code], [_ENTRY], {}, ())
