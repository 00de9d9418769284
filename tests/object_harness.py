"""Runs a function in `jit` and in the interpreter, and tells everything that differs: results, types, side effects,
exceptions with their tracebacks, reference counts."""

from __future__ import annotations

import gc
import linecache
import pathlib
import sys
import textwrap
import traceback
import types as python_types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tracer import ObjectModeWarning, jit

NUMPY = str(pathlib.Path(np.__file__).parent)
OURS = ("/tracer/", "/codegen/", "/ir/")

LOG: list[Any] = []


def note(*values: Any) -> Any:
    """A side effect: what the function did, in order. Gives the last value."""
    LOG.append(described(values, ()))
    return values[-1] if values else None


class Thing:
    """An object that compiled code knows nothing of: attributes, methods, operators, items, a context."""

    def __init__(self, number: float, items: tuple[Any, ...] = (1, 2.5, "s")) -> None:
        self.number, self.items = number, list(items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __lt__(self, other: Any) -> bool:
        return self.number < getattr(other, "number", other)

    def __add__(self, other: Any) -> Thing:
        return Thing(self.number + getattr(other, "number", other))

    __radd__ = __add__

    def __iadd__(self, other: Any) -> Thing:
        self.number += other
        return self

    def __neg__(self) -> Thing:
        return Thing(-self.number)

    def __matmul__(self, other: Any) -> str:
        return f"{self.number}@{other}"

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.items[index] = value

    def __delitem__(self, index: Any) -> None:
        del self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __contains__(self, value: Any) -> bool:
        note("contains", value)
        return value in self.items

    def __bool__(self) -> bool:
        note("bool", self.number)
        return self.number > 0

    def __float__(self) -> float:
        return float(self.number)

    def __int__(self) -> int:
        return int(self.number)

    def __index__(self) -> int:
        return int(self.number)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return (len(arguments), sorted(named), arguments[0] if arguments else None)

    def __enter__(self) -> Thing:
        note("enter", self.number)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        note("exit", getattr(kind, "__name__", None))
        return kind is KeyError

    def method(self, value: Any = 1, *more: Any, key: Any = None) -> Any:
        """Gives its arguments back, and remembers that it was called."""
        note("method", value)
        return value, more, key

    def fails(self) -> None:
        """Raises."""
        raise ValueError(f"thing {self.number}")

    @property
    def rough(self) -> Any:
        """An attribute that may raise."""
        if self.number < 0:
            raise AttributeError("rough")
        return self.number

    def __repr__(self) -> str:
        return f"Thing({self.number})"


def described(value: Any, arguments: tuple[Any, ...]) -> Any:
    """What must be the same of two values: the type, the content, and which argument it is."""
    for position, argument in enumerate(arguments):
        if value is argument and not isinstance(value, (int, float, complex, str, bytes, type(None), np.generic)):
            return "argument", position
    kind = type(value)
    if isinstance(value, np.ndarray):
        return kind, str(value.dtype), value.shape, value.flags.writeable, described(value.tolist(), ())
    if isinstance(value, (list, tuple)):
        return kind, [described(item, arguments) for item in value]
    if isinstance(value, (set, frozenset)):
        return kind, sorted(map(repr, value))
    if isinstance(value, dict):
        return kind, [(described(k, ()), described(v, arguments)) for k, v in value.items()]
    if isinstance(value, Thing):
        return "Thing", described(value.number, ()), described(value.items, ())
    if isinstance(value, BaseException):
        return kind, described(value.args, ())
    if isinstance(value, python_types.GeneratorType):
        return "generator", value.__name__
    if isinstance(value, (type, python_types.FunctionType, python_types.ModuleType)):
        return kind.__name__, value.__name__
    if isinstance(value, (int, float, complex, str, bytes, np.generic, type(None), slice, range)):
        return kind, repr(value)
    return kind.__name__, kind.__qualname__


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...], views_are_new: bool = True) -> dict[str, Any]:
    """What a call does, in a form that can be compared. A view of all of an argument is that argument unless `views_are_new`."""
    LOG.clear()
    before = _counts(arguments)
    given = arguments if views_are_new else tuple([object() if isinstance(a, np.ndarray) else a for a in arguments])
    found: dict[str, Any] = {}
    result = raised = None
    try:
        result = function(*arguments)
        found["result"] = described(result, given)
        if views_are_new or not isinstance(result, np.ndarray):
            found["references to the result"] = _own_count(result, arguments)
    except Exception as error:
        raised = error
    if raised is not None:  # out here: CPython 3.10 holds the traceback of an exception that is being handled
        return _raised(found, raised, arguments, before)
    if views_are_new:
        found["references held"] = [n - b for n, b in zip(_counts(arguments), before)]
    if isinstance(result, python_types.GeneratorType):
        found["items"] = described(list(result), given)
    del result
    _finish(found, arguments, before)
    return found


def _counts(arguments: tuple[Any, ...]) -> list[int]:
    """How many references there are to each argument; numbers, texts and classes may be shared with anything."""
    return [0 if isinstance(a, (int, float, complex, str, type(None), np.generic, type)) else sys.getrefcount(a) for a in arguments]


def _own_count(result: Any, arguments: tuple[Any, ...]) -> int | None:
    """How many references there are to a new object, where that says something."""
    counted = isinstance(result, (Thing, list, dict, set, np.ndarray)) and not any(result is a for a in arguments)
    return sys.getrefcount(result) if counted else None


def _raised(found: dict[str, Any], error: Exception, arguments: tuple, before: list[int]) -> dict[str, Any]:
    found["exception"] = type(error), str(error), described(error.args, arguments)
    entries = [e for e in traceback.extract_tb(error.__traceback__)[1:] if not e.filename.startswith(NUMPY)]
    # CPython 3.11 and later may have the line before for a variable that is not bound.
    found["traceback"] = [(e.name, None if isinstance(error, UnboundLocalError) else e.lineno) for e in entries]
    found["causes"] = type(error.__cause__), type(error.__context__), error.__suppress_context__
    found["frames of the compiler"] = [e.filename for e in entries if any(part in e.filename for part in OURS)]
    _forget_frames(error)
    del error, entries
    _finish(found, arguments, before)
    return found


def _forget_frames(error: BaseException | None) -> None:
    """Let go of the variables of the frames that the exception, and those before it, came through."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _finish(found: dict[str, Any], arguments: tuple[Any, ...], before: list[int]) -> None:
    found["log"] = list(LOG)
    LOG.clear()
    found["arguments"] = [described(a, ()) for a in arguments]
    left = [n - b for n, b in zip(_counts(arguments), before)]
    if any(left):
        gc.collect()
        left = [n - b for n, b in zip(_counts(arguments), before)]
    found["references left"] = left


_made = 0


def function_from(text: str, names: dict[str, Any], name: str = "f") -> Any:
    """The function of this name in a piece of source."""
    global _made
    _made += 1
    text = textwrap.dedent(text)
    filename = f"<object mode {_made}>"
    linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
    space = {"note": note, "Thing": Thing, "np": np, "__name__": "objects", **names}
    exec(compile(text, filename, "exec"), space)
    return space[name]


def _agree(key: str, actual: Any, expected: Any) -> bool:
    """Whether two outcomes are the same in one respect. An exception of the interpreter may keep its frame's variables for longer."""
    if key in ("references held", "references left") and actual is not None and expected is not None:
        return all(min(0, e) <= a <= e for a, e in zip(actual, expected))
    return bool(actual == expected)


def differences(
    function: Any, calls: list[Callable[[], tuple[Any, ...]]], fast: Any = None, views_are_new: bool = True
) -> list[str]:  # fmt: skip
    """What `jit` does other than the interpreter, each call three times. `calls` make arguments anew."""
    found = []
    fast = fast or jit(function)
    for number, make in enumerate(calls):
        expected = outcome(function, make(), views_are_new)
        for time in range(3):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ObjectModeWarning)
                actual = outcome(fast, make(), views_are_new)
            found += [
                f"call {number}, time {time}: {key}: {actual.get(key)}, Python: {expected.get(key)}"
                for key in dict.fromkeys((*expected, *actual)) if not _agree(key, actual.get(key), expected.get(key))
            ]  # fmt: skip
    return found
