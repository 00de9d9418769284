"""Runs a program in Python, in the interpreter of the graph (traced and after passes) and as machine code, and compares all that they do."""

from __future__ import annotations

import contextlib
import gc
import io
import math
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import attrs
import numpy as np

from codegen import abi, lower_scalar
from codegen.runtime import live_blocks
from ir import interp
from ir.clone import clone
from ir.errors import StepLimitError
from ir.graph import Graph, Op
from ir.opdef import OpDef
from ir.ops import aggregate, compare, convert
from ir.parser import parse
from ir.passes import PIPELINE
from ir.printer import print_graph
from ir.types import Float, Integer
from ir.verify import verify
from tests import object_harness
from tests.fuzz.allowed import (
    HALF, alike_but_for_read_only, holds_not_finite, is_not_finite, is_read_only_here, is_writable_here, texts_may_differ, tolerance_of_steps,
    with_fewer_digits,
)  # fmt: skip
from tests.fuzz.documented import functions_of, widened
from tests.fuzz.overflow import checked_function_of
from tests.fuzz.program import Program, arguments_of, function_of
from tests.language.outcomes import Outcome, run, same
from tracer import NopythonError, ObjectModeWarning, jit, trace, typeof

STEP_LIMIT = 60_000
LONGER = 2_000_000  # where a difference is looked into
TOLERANCE = dict.fromkeys((np.dtype(np.float32), np.dtype(np.complex64)), 1e-4)
# What may differ from NumPy in its last digits, or in the sign of zero: see tutorials/differences.md.
INEXACT = re.compile(r"sum|prod|mean|average|var|std|dot|@|max|min|median|trace|outer|clip|sort|unique|\*\*|hypot|cum|linspace|kron|average|c8|c16|complex|np\.(?:exp|log|sin|cos|tan|arctan)|approx|inner|matmul|einsum|convolve|correlate|nanmax|fmax")

_HAS_NO_TEXT = re.compile(r"print|Point|TABLE|Error\(.*np\.(?:datetime|timedelta)64")  # calls of Python, classes, arrays and dates are not found again by what the text says
# Which shapes do not fit is said in other words, and which number does not is not said by `checked_function_of`.
_IN_OTHER_WORDS = (
    re.compile("does not fit in (?:64 bits|a 64-bit integer)|broadcast|output operand requires a reduction|output array has an axis of length"),
    re.compile("read-only"), re.compile("^Overflow (?:when converting between|in) (?:date|time)"),
)  # fmt: skip
_MEETING = re.compile(r"\b(?:if|or|and|while|for|case|try)\b")
_WHICH_INDEX = re.compile(r"(?<=^index )-?\d+(?= is out of bounds for axis)")  # of several that are


@attrs.frozen
class Difference:
    """What one route did other than Python. Two differences of one `kind` are taken to have one cause."""

    kind: str
    text: str
    inputs: str


@attrs.frozen
class Printed:
    """What a run did, and what it printed."""

    outcome: Outcome
    output: str

    def __str__(self) -> str:
        return f"{self.outcome} {self.output!r}"


@attrs.frozen
class _Expected:
    """What Python did for some inputs, and what is known about them."""

    traced: Graph
    arguments: tuple[Any, ...]
    printed: Printed
    exact: bool
    given: str
    text: str

    def reason(self, actual: Printed) -> str:
        """In what a run differs from Python, in a way that `differences.md` does not allow; empty if in nothing."""
        found = _differing(actual, self.printed, self.exact)
        if not found or _is_refused_mask(actual.outcome.result) or is_writable_here(self.text, self.printed.outcome):
            return ""
        tolerance = tolerance_of_steps(self.text, self.given)
        if (not self.exact or tolerance == HALF) and not _differing(actual, self.printed, False, tolerance):
            return ""
        if not _differing(actual, self.widened(actual), self.exact, tolerance) and _widens(self.traced):
            return ""
        # NumPy's own loops differ in complex numbers that are not finite, the processor decides what casts give: all routes here agree.
        is_open = is_read_only_here(found, self.text, actual.outcome) or _casts_out_of_range(self.traced, self.arguments)
        if is_open or (found.endswith("value") and _has_complex_infinities(self, actual)):
            of_routes = _differing(actual, printed(_interpreted(self.traced, LONGER), self.arguments), self.exact)
            return of_routes and ("" if self._is_documented(actual, tolerance) else of_routes)
        if self._is_documented(actual, tolerance):
            return ""
        # Where an OverflowError was expected, the ints must not wrap.
        wraps = not isinstance(self.printed.outcome.result, OverflowError) and _has_long_ints(self.text, self.arguments)
        return "" if wraps else found

    def _is_documented(self, actual: Printed, tolerance: float) -> bool:
        """Whether a run did what Python would do with the differences of the table. This takes long, as there are many of them."""
        return any(self._agrees(actual, documented, tolerance) for documented in functions_of(self.text))

    def _agrees(self, actual: Printed, documented: Callable[..., Any], tolerance: float) -> bool:
        """Whether a run did what the function does, which may call compiled functions with types that those do not have."""
        try:
            return not _differing(actual, printed(documented, self.arguments), self.exact, tolerance)
        except NopythonError:
            return False

    def widened(self, actual: Printed) -> Printed:
        """What was expected, with numbers in wider types where the actual ones have those."""
        result = widened(self.printed.outcome.result, actual.outcome.result)
        return attrs.evolve(self.printed, outcome=Outcome(result, self.printed.outcome.arguments))


def _differing(actual: Printed, expected: Printed, exact: bool, tolerance: float = 1e-10) -> str:
    outputs = [each.output if exact else with_fewer_digits(each.output, _digits(tolerance)) for each in (actual, expected)]
    return different(actual.outcome, expected.outcome, exact, tolerance) or ("" if outputs[0] == outputs[1] else "printed text")


def _digits(tolerance: float) -> int:
    return round(-math.log10(tolerance))


def _has_long_ints(text: str, arguments: tuple[Any, ...]) -> bool:
    """Whether ints of more than 64 bits come up in Python, which wrap in compiled code."""
    return isinstance(printed(checked_function_of(text), arguments).outcome.result, OverflowError)


def _is_refused_mask(result: Any) -> bool:
    """Whether a mask was refused that NumPy lets pass because it has an axis of length 0."""
    return isinstance(result, IndexError) and str(result).endswith("size of corresponding boolean axis is 0")


def _has_complex_infinities(expected: _Expected, actual: Printed) -> bool:
    """Whether complex numbers come up that are not finite, in whose products NumPy's own loops differ."""
    seen = [x for outcome in (actual.outcome, expected.printed.outcome) for x in (outcome.result, outcome.arguments)]
    if any(map(holds_not_finite, seen)):
        return True
    return _comes_up(expected.traced, expected.arguments, aggregate.complex_make, lambda op: True, lambda made, *_: is_not_finite(made))


def _casts_out_of_range(traced: Graph, arguments: tuple[Any, ...]) -> bool:
    """Whether the graph converts, for these arguments, a float to a type of integers in which it has no place."""

    def has_no_place(made: Any, attributes: dict[str, Any], value: Any) -> bool:
        to = attributes["to"]
        return isinstance(value, (float, np.floating)) and not (math.isfinite(value) and to.minimum <= int(value) <= to.maximum)

    return _comes_up(traced, arguments, convert.cast, lambda op: isinstance(op.attributes["to"], Integer), has_no_place)


def _widens(traced: Graph) -> bool:
    """Whether a number gets a wider type where paths meet: a conversion is handed over to a block, or is one of two that are chosen from."""
    for each in (traced, *traced.callees()):
        for op in each.ops():
            chosen = op.operands if op.opdef is compare.select else [v for edge in op.targets for v in edge.arguments]
            if any(v.op is not None and v.op.opdef is convert.cast for v in chosen):
                return True
    return False


def _comes_up(traced: Graph, arguments: tuple[Any, ...], opdef: OpDef, watched: Callable[[Op], bool], wanted: Callable[..., bool]) -> bool:
    """Whether some op of this kind, run on the arguments, has a result, attributes and operands that are wanted."""
    graph, found = clone(traced), False

    def reference(attributes: dict[str, Any], *operands: Any) -> Any:
        nonlocal found
        made = opdef.reference(attributes, *operands)
        found = found or wanted(made, attributes, *operands)
        return made

    watching = OpDef(opdef.name, opdef.doc, opdef.type_rule, attributes=opdef.attributes, reference=reference)
    for each in (graph, *graph.callees()):
        for op in each.ops():
            if op.opdef is opdef and watched(op):
                op.opdef = watching
    with contextlib.suppress(StepLimitError):
        printed(_interpreted(graph, LONGER), arguments)
    return found


def differences(program: Program) -> list[Difference]:
    """What the compiled program does other than Python. A program that is refused for these types counts as one that is not."""
    return _differences_of_jit(program) if program.objects else _differences_of_graphs(program)


def refusal(program: Program) -> str | None:
    """Why the program is not compiled for the first inputs."""
    if program.objects:
        return None
    graph = _traced(function_of(program.text), arguments_of(program.inputs[0]), program.options)
    return str(graph) if isinstance(graph, NopythonError) else None


def _differences_of_jit(program: Program) -> list[Difference]:
    function = function_of(program.text)
    fast = jit(function)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ObjectModeWarning)
        for given in program.inputs:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
                for text in object_harness.differences(function, [lambda given=given: arguments_of(given)], fast, views_are_new=False):
                    if all("broadcast" in part for part in _compared_texts(text)) and set(re.findall(r"\w+Error", text)) == {"ValueError"}:
                        continue  # which shapes do not fit is said in other words
                    digits = _digits(tolerance_of_steps(program.text, given))
                    if INEXACT.search(program.text + given) and len({with_fewer_digits(part, digits) for part in _compared_texts(text)}) == 1:
                        continue
                    if _key(text) in ("result", "exception") and _is_wider(program.text, given, fast):
                        continue
                    if "MemoryError" in _compared_texts(text)[1] or texts_may_differ(given, _compared_texts(text)) or _is_refused_mask(run(fast, arguments_of(given)).result):
                        continue
                    if _jit_casts_out_of_range(program, given):
                        continue  # see _Expected; `mixed` programs are compared in such a case as well
                    if _is_documented(program.text, given, fast):
                        continue
                    found.append(Difference(f"jit: {_kind_of_difference(text)}", f"jit: {text}\n  for {given}", given))
    return found


def _is_documented(text: str, given: str, fast: Callable[..., Any]) -> bool:
    """Whether the compiled function does what Python would do with the differences of the table, which have frames of their own."""
    calls = [lambda: arguments_of(given)]
    found = (object_harness.differences(f, calls, fast, views_are_new=False) for f in functions_of(text))
    return any(all(_key(each) in ("traceback", "frames of the compiler") for each in differences) for differences in found)


def _is_wider(text: str, given: str, fast: Callable[..., Any]) -> bool:
    """Whether a result differs only in what it may where paths meet: numbers of wider types, arrays that are read-only."""
    if not _MEETING.search(text[text.index("def program") :]):
        return False
    actual, expected = (run(function, arguments_of(given)) for function in (fast, function_of(text)))
    wider = widened(expected.result, actual.result)
    return alike_but_for_read_only(*(str(object_harness.described(*each)) for each in ((actual.result, actual.arguments), (wider, expected.arguments))))


def _key(difference: str) -> str:
    return difference.split(": ", 2)[1]


def _jit_casts_out_of_range(program: Program, given: str) -> bool:
    """Whether it makes a difference for these arguments which integers come of floats that have no place among them."""
    outcomes = []
    for cast in (lower_scalar._saturate, _saturate_to_another, _saturate_to_smallest):
        with mock.patch.object(lower_scalar, "_saturate", cast):
            outcomes.append(object_harness.outcome(jit(function_of(program.text)), arguments_of(given)))
    return any(each != outcomes[0] for each in outcomes)


def _saturate_to_another(f: Any, source: Float, to: Integer, part: str) -> str:
    """Lower a cast as it is done, but to a neighbour of the result where that is not the float without its fraction."""
    result, differs = _saturated(f, source, to, part)
    (i,) = abi.components(to)
    return f.value(f"xor {i} {result}, {f.value(f'zext i1 {differs} to {i}')}")


def _saturate_to_smallest(f: Any, source: Float, to: Integer, part: str) -> str:
    """The same, but to the smallest number of the type, as x86 does it for the longest types: to be far off may count as well."""
    result, differs = _saturated(f, source, to, part)
    (i,) = abi.components(to)
    return f.value(f"select i1 {differs}, {i} {to.minimum}, {i} {result}")


def _saturated(f: Any, source: Float, to: Integer, part: str) -> tuple[str, str]:
    """What a cast gives, and whether that is not the float without its fraction."""
    result, (c,), (i,) = _SATURATE(f, source, to, part), abi.components(source), abi.components(to)
    name = f"llvm.trunc.f{source.bits}"
    f.module.declare(name, f"declare {c} @{name}({c})")
    back = f.value(f"{'sitofp' if to.signed else 'uitofp'} {i} {result} to {c}")
    return result, f.value(f"fcmp une {c} {back}, {f.value(f'call {c} @{name}({c} {part})')}")


_SATURATE = lower_scalar._saturate


def _compared_texts(text: str) -> tuple[str, str]:
    """What the harness says of the compiled function and of the one in Python."""
    actual, _, expected = text.partition(", Python: ")
    return actual.split(": ", 2)[-1], expected


def _kind_of_difference(text: str) -> str:
    """What differs, with the classes of the exceptions."""
    what, *rest = text.split(": ", 1)[1].split(": ", 1)
    return " ".join([what, *dict.fromkeys(re.findall(r"\w*Error", rest[0]))])


def _differences_of_graphs(program: Program) -> list[Difference]:
    function = function_of(program.text)
    reference = checked_function_of(program.text) if program.options.get("overflow") == "raise" else function
    graphs: dict[tuple, Any] = {}
    found = []
    for number, given in enumerate(program.inputs):
        arguments = arguments_of(given)
        signature = tuple(map(typeof, arguments))
        first = signature not in graphs
        if first:
            graphs[signature] = _traced(function, arguments, program.options)
        graph = graphs[signature]
        if isinstance(graph, NopythonError):
            continue
        routes: dict[str, Callable[..., Any]] = {"machine code": graph}
        if first or number % 2:  # the interpreter is slow: after the first inputs, the graphs take turns
            routes["the interpreter on the traced graph"] = _interpreted(graph.ir)
        if first or not number % 2:
            routes["the interpreter on the optimized graph"] = _interpreted(graph.optimized)
        exact = not INEXACT.search(program.text + given)
        expectation = _Expected(graph.ir, arguments, printed(reference, arguments), exact, given, program.text)
        if isinstance(expectation.printed.outcome.result, MemoryError):
            continue  # one way of running it may need less than another
        for route, compiled in routes.items():
            found += _compared(route, compiled, expectation)
        if first:
            found += _after_a_pass(program, len(graphs), expectation)
    return found


def _interpreted(graph: Graph, limit: int = STEP_LIMIT) -> Callable[..., Any]:
    return interp.Interpreter(graph, limit)


def _traced(function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    try:
        graph = trace(function, **options)(*arguments)
    except NopythonError as error:
        str(error)  # what goes wrong with the message is a fault as well
        return error
    verify(graph.ir)
    verify(graph.optimized)
    return graph


def _after_a_pass(program: Program, number: int, expected: _Expected) -> Iterator[Difference]:
    """The graph after one of the passes, which the text of the program and the number of its types choose: each pass has its turn.
    For one program of six it is written down as text and read again."""
    graph = clone(expected.traced)
    draw = random.Random(f"{program.text}{number}")
    last = draw.randrange(len(PIPELINE))
    for transform in PIPELINE[: last + 1]:
        transform(graph)
    as_text = draw.random() < 1 / 6 and not _HAS_NO_TEXT.search(program.text)
    if as_text:
        graph = parse(print_graph(graph))
    verify(graph)
    route = f"the interpreter after {PIPELINE[last].__name__} (pass {last + 1}{', as text' if as_text else ''})"
    yield from _compared(route, _interpreted(graph), expected)


def printed(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Printed:
    """Call the function with copies of the arguments."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        return Printed(run(function, arguments), output.getvalue())


def _compared(route: str, compiled: Callable[..., Any], expected: _Expected) -> Iterator[Difference]:
    before = live_blocks()
    try:
        actual = printed(compiled, expected.arguments)
        reason = expected.reason(actual)
    except StepLimitError:  # also of the graph that it would be compared with
        return
    if reason:
        text = f"{route}: {reason}\n  gives  {actual}\n  Python {expected.printed}\n  for {expected.given}"
        yield Difference(f"{route.split(' on ')[0].split(' (')[0]}: {reason}", text, expected.given)
    del actual
    if live_blocks() > before:
        gc.collect()
        if live_blocks() > before:
            yield Difference("memory", f"{route} leaves {live_blocks() - before} blocks of memory for {expected.given}", expected.given)


def different(actual: Outcome, expected: Outcome, exact: bool = False, tolerance: float = 1e-10) -> str:
    """In what two runs differ; empty if in nothing. Floats must have the same bits if `exact`."""
    reason = _different(actual.result, expected.result, exact, actual.arguments, tolerance)
    if reason:
        return reason
    for ours, theirs in zip(actual.arguments, expected.arguments):
        reason = _different(ours, theirs, exact, (), tolerance)
        if reason:
            return f"arguments afterwards: {reason}"
    return "" if _places(actual) == _places(expected) else "views and copies"


def _different(a: Any, b: Any, exact: bool, given: Sequence[Any] = (), tolerance: float = 1e-10) -> str:
    if type(a) is not type(b):
        return f"{type(a).__name__} where {type(b).__name__} was expected"
    if isinstance(b, BaseException):
        if same(a.args, b.args) or _WHICH_INDEX.sub("", str(a)) == _WHICH_INDEX.sub("", str(b)) or any(said.search(str(a)) and said.search(str(b)) for said in _IN_OTHER_WORDS):
            return ""
        return f"message of {type(a).__name__}" if exact or _different(a.args, b.args, exact, (), tolerance) else ""
    if isinstance(b, tuple):
        if len(a) != len(b):
            return "length"
        return next(filter(None, (_different(x, y, exact, given, tolerance) for x, y in zip(a, b))), "")
    if isinstance(b, np.ndarray):
        if a.dtype != b.dtype:
            return f"{a.dtype} where {b.dtype} was expected"
        if a.shape != b.shape:
            return "shape"
        is_given = any(a is each for each in given)  # as views of all of an argument are
        if a.flags.writeable and not b.flags.writeable and not is_given:
            return "writeable flag"
    return "" if close(np.asarray(a), np.asarray(b), exact, tolerance) else "value"


def close(a: np.ndarray, b: np.ndarray, exact: bool = False, tolerance: float = 1e-10) -> bool:
    """Whether items are equal; NaN equals NaN. Floats but for rounding on the scale of the largest one, unless `exact`."""
    if b.dtype.names is not None:
        return all(close(a[name], b[name], exact, tolerance) for name in b.dtype.names)
    if b.dtype.kind in "mM":
        a, b = a.view(np.int64), b.view(np.int64)  # which are equal where both are no times
    if b.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)):
        return False
    # Which part of a complex product is infinite and which is NaN varies among NumPy's own loops.
    if b.dtype.kind == "f" and not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    if exact and b.dtype.kind == "f":
        return bool(np.array_equal(a[finite], b[finite]) and np.array_equal(np.signbit(a[finite]), np.signbit(b[finite])))
    rtol = max(TOLERANCE.get(b.dtype, 0.0), tolerance)
    scale = float(np.abs(b[finite]).max(initial=1.0))
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(a[finite] - b[finite]) <= rtol * scale))


def _places(outcome: Outcome) -> list[tuple[int, ...]]:
    """For each array in the result: which arguments it is, and which it shares memory with."""
    results = outcome.result if isinstance(outcome.result, tuple) else (outcome.result,)
    arrays = [a for a in outcome.arguments if isinstance(a, np.ndarray)]
    return [_place(result, arrays) for result in results if isinstance(result, np.ndarray)]


def _place(result: np.ndarray, arrays: list[np.ndarray]) -> tuple[int, ...]:
    if not result.size:
        return ()
    return tuple(i for i, a in enumerate(arrays) if np.may_share_memory(a, result))
