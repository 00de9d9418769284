"""One small class for each mistake in a function that is to be compiled: what is said, and what to do about it."""

from __future__ import annotations

from typing import Any

import attrs

from tracer.diagnostics import Problem
from tracer.missing import suggestion


def _problem(cls: type) -> type:
    return attrs.frozen(eq=False, repr=False)(cls)


# Hints that several problems have: one that comes with the problem, and the known name that is nearest.
_REMEDY: Any = property(lambda self: self.remedy)
_SUGGESTION: Any = property(lambda self: suggestion(self.name, self.known).removeprefix("; "))


# --- what is not traced


@_problem
class NoLowering(Problem):
    """A call of something that has neither Python source nor a lowering."""

    name: str

    message = "{name} has no native lowering"
    hint = "jit runs this function in the interpreter; njit does not"


@_problem
class MissingSource(Problem):
    """A Python function whose source cannot be read."""

    name: str
    reason: str
    remedy: str = ""

    message = "{name} cannot be traced: {reason}"

    @property
    def hint(self) -> str:  # type: ignore[override]
        return self.remedy or "define the function in a file, or in a notebook cell"


@_problem
class UnsupportedSyntax(Problem):
    """A statement or an expression that has no meaning in compiled code yet."""

    syntax: str
    remedy: str = ""

    message = "{syntax} is not supported in compiled code"

    @property
    def hint(self) -> str:  # type: ignore[override]
        return self.remedy or "move it out of the compiled function"


@_problem
class UnsupportedTarget(Problem):
    """An assignment to something other than a name, a tuple of names or an item."""

    message = "compiled code assigns to names and to items of arrays only"
    hint = "return the new value instead of storing it in an object"


# --- wrong operands


@_problem
class UnsupportedOperands(Problem):
    """An operator on types that it is not defined for."""

    sign: str

    message = "{sign} is not defined for these operands"


@_problem
class StaticError(Problem):
    """An operation on values known while tracing that Python itself refuses."""

    reason: str
    remedy: str = ""

    message = "{reason}"
    hint = _REMEDY


@_problem
class UnsupportedTruth(Problem):
    """A condition on something without a truth value."""

    message = "this has no truth value"
    hint = "compare it with something"


@_problem
class UnsupportedIdentity(Problem):
    """`is` between two run-time values."""

    message = "`is` between two run-time values has no meaning in compiled code"
    hint = "numbers have no identity; use =="


@_problem
class UnsupportedMembership(Problem):
    """`in` for a container that is not a tuple."""

    message = "`in` works on tuples here"
    hint = "write the loop that looks for the item"


@_problem
class NotCallable(Problem):
    """A call of a value."""

    message = "a run-time value cannot be called"


@_problem
class NotIterable(Problem):
    """A loop over something without items."""

    message = "this cannot be iterated over"


@_problem
class NotSubscriptable(Problem):
    """`x[i]` for something without items, or with an index known only at run time."""

    message = "this cannot be indexed here"


@_problem
class NoItemAssignment(Problem):
    """`x[i] = v` for something that is not an array."""

    message = "items can be assigned in arrays only"


@_problem
class BadIndex(Problem):
    """An index that is not an integer."""

    message = "only integers are indices here"
    hint = "convert it with int(...)"


@_problem
class TupleIndexNotKnown(Problem):
    """A tuple of different types indexed at run time, or sliced."""

    message = "the items of this tuple differ in type, so its index must be known while tracing"
    hint = "use a literal index, or loop over the tuple itself (the loop is unrolled)"


@_problem
class SliceNotKnown(Problem):
    """A tuple sliced with bounds that are known only at run time."""

    message = "the bounds of a tuple's slice must be known while tracing, because they decide its length"
    hint = "use literal bounds, or loop over the tuple with a condition"


@_problem
class IteratorReused(Problem):
    """A zip, enumerate, reversed or generator object that more than one loop may run over."""

    origin: str

    message = "this {origin} object may be used more than once: it would be at its end the second time"
    hint = "make it where it is used: for ... in {origin}(...)"


@_problem
class LengthNotKnown(Problem):
    """Something unpacked whose length is known only at run time."""

    message = "the number of items must be known while tracing"
    hint = "index the items instead"


@_problem
class NotKnown(Problem):
    """An argument that must be known while tracing."""

    name: str

    message = "{name} needs arguments that are known while tracing"
    hint = "use literals, globals or default arguments"


@_problem
class NoAttribute(Problem):
    """An attribute that a value does not have."""

    name: str
    known: tuple[str, ...] = ()

    message = "there is no attribute .{name} here"
    hint = _SUGGESTION


@_problem
class NoMethod(Problem):
    """A method without a lowering."""

    name: str

    message = "the method .{name}() has no native lowering"
    hint = "jit runs this function in the interpreter; njit does not"


@_problem
class NotANumber(Problem):
    """Something else where a number is needed."""

    message = "a number is needed here"


@_problem
class NotAnInteger(Problem):
    """Something else where an integer is needed."""

    name: str

    message = "{name} takes integers"
    hint = "convert it with int(...)"


@_problem
class WrongArguments(Problem):
    """A call that does not fit the parameters."""

    name: str
    reason: str

    message = "{name}() {reason}"


@_problem
class UnsupportedUnpacking(Problem):
    """`**x` for something that is not a dict known while tracing."""

    message = "** takes keyword arguments that are known while tracing"


@_problem
class Rejected(Problem):
    """A library function refuses its arguments."""

    reason: str
    remedy: str = ""

    message = "{reason}"
    hint = _REMEDY


# --- names and types


@_problem
class NameNotDefined(Problem):
    """A name that is bound nowhere."""

    name: str
    known: tuple[str, ...] = ()

    message = "the name {name!r} is not defined"
    hint = _SUGGESTION


@_problem
class AssignsGlobal(Problem):
    """An assignment to a global variable."""

    name: str

    message = "compiled code cannot assign the global variable {name!r}"
    hint = "return the value, or keep it in an array"


@_problem
class AssignsCell(Problem):
    """An assignment to a variable of a function that is not being compiled, or has returned."""

    name: str

    message = "compiled code cannot assign {name!r}: it belongs to a function that is not compiled along or has returned"
    hint = "return the value, or keep it in an array"


@_problem
class CaptureChanges(Problem):
    """In object mode, a function made by the interpreter that would miss what compiled code does to a variable."""

    name: str

    message = "the interpreter makes a function here that sees {name!r}, and {name!r} changes later"
    hint = "give the function its own: `lambda x, {name}={name}: ...`"


@_problem
class LooksAround(Problem):
    """In object mode, a builtin that works on the variables of the function that calls it: a part of the function has others."""

    name: str

    message = "{name}() looks at the variables of the function that calls it"
    hint = "hand it what it is to see, or call it in a function of its own"


@_problem
class PerhapsUnbound(Problem):
    """In object mode, what the interpreter would do apart from the function that a variable belongs to, with another exception."""

    name: str

    message = "{name!r} may be unbound here, and inner functions see it change"
    hint = "assign {name!r} before, on all paths, and do not delete it"


@_problem
class CannotUnify(Problem):
    """A variable with two types that have no common one."""

    name: str
    first: str
    second: str
    in_loop: bool = False

    @property
    def message(self) -> str:  # type: ignore[override]
        what = "this expression" if self.name.startswith("$") else self.name
        if self.in_loop:
            return f"{what} is {self.first} before the loop and {self.second} after a round of it"
        return f"{what} is {self.first} on one path and {self.second} on another"

    @property
    def hint(self) -> str:  # type: ignore[override]
        return "give it one type on all paths, or use two names"


@_problem
class NotAValue(Problem):
    """A Python object that has no run-time form."""

    value: Any

    @property
    def message(self) -> str:  # type: ignore[override]
        made_here = getattr(self.value, "origin", "") or ("a function" if hasattr(self.value, "qualified_name") else "")
        if made_here:
            return f"{made_here} made in compiled code cannot be returned or stored"
        text = repr(self.value)
        return f"{text if len(text) < 60 else text[:56] + ' ...'} ({type(self.value).__name__}) has no form in compiled code"

    hint = "numbers, None, tuples of them and arrays do"


@_problem
class TextAsValue(Problem):
    """A string that is put together at run time, used as a value."""

    message = "a string made of run-time values can be printed or raised, but not kept"
    hint = "use it directly in print(...) or raise ...(...)"


@_problem
class IntegerTooLarge(Problem):
    """A static int that does not fit 64 bits where it becomes a run-time value."""

    value: Any

    @property
    def message(self) -> str:  # type: ignore[override]
        text = str(self.value) if not isinstance(self.value, int) or abs(self.value) < 10**30 else f"about 2**{self.value.bit_length() - 1}"
        return f"the integer {text} does not fit 64 bits"

    hint = "use a float, as in 1e20, or np.uint64(...) up to 2**64 - 1"


@_problem
class WrongResultType(Problem):
    """A result that does not fit the declared result type."""

    declared: str

    message = "the result does not fit the declared type {declared}"
    hint = "leave the result type out of the signature, or convert the value"


@_problem
class ResultTypeNotSettled(Problem):
    """A recursive function whose result type grows with every call."""

    name: str

    message = "the result type of {name} does not settle: each recursive call makes it larger"


@_problem
class InlineTooDeep(Problem):
    """Calls traced inline that never end."""

    name: str

    message = "calls of {name} are nested too deeply to be traced inline"
    hint = "a nested function that calls itself and captures run-time values must take them as arguments"


@_problem
class TooDeep(Problem):
    """Source that nests more deeply than the tracer can follow."""

    name: str

    message = "{name} nests expressions or calls more deeply than Python's recursion limit allows to trace"
    hint = "split the expression, or raise sys.setrecursionlimit"


# --- arguments of a call from Python


@_problem
class UnsupportedArgument(Problem):
    """An argument whose type has no form in compiled code."""

    function: str
    parameter: str
    reason: str
    remedy: str = ""

    message = "{function}() cannot take the argument {parameter!r}: {reason}"
    hint = _REMEDY


@_problem
class Interpreted(Problem):
    """A function that could not be compiled for these types before."""

    name: str

    message = "{name} runs in the interpreter for these argument types"
