"""The options of `jit`, `njit` and `trace`, spelled as Numba spells them."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import Any

import codegen
from ir.types import Type
from tracer.errors import TracerWarning

FASTMATH_FLAGS = frozenset({"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc", "fast"})
ERROR_MODELS = ("python", "numpy")
OVERFLOWS = ("wrap", "raise")
_INLINE = ("never", "always")
_COLLECTIONS = (set, frozenset, list, tuple, dict)
_NO_TYPES: Mapping[str, Type] = {}


def _fastmath(value: Any) -> bool | frozenset[str]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, _COLLECTIONS) or not all(isinstance(flag, str) for flag in value):
        raise TypeError(f"fastmath= is True, False or a set of flags such as {{'nnan'}}, not {_kind(value)}")
    flags = frozenset(value)
    unknown = sorted(flags - FASTMATH_FLAGS)
    if unknown:
        raise ValueError(f"unknown fastmath flag {unknown[0]!r}; the flags are {', '.join(sorted(FASTMATH_FLAGS))}")
    return flags


def _locals(value: Any) -> dict[str, Type]:
    if not isinstance(value, Mapping):
        raise TypeError(f"locals= is a dict from names of variables to types, not {_kind(value)}")
    types = dict(value)
    for name, kind in types.items():
        if not isinstance(name, str) or not isinstance(kind, Type):
            raise TypeError(f"locals= is a dict from names of variables to types: {_kind(name)} has {_kind(kind)}")
    return types


def _kind(value: Any) -> str:
    """A value in a message: its class, as it may be of any length and do anything."""
    return repr(value) if type(value) is str and len(value) < 50 else f"an object of class {type(value).__name__}"


def _one_of(accepted: tuple[str, ...], name: str, value: str) -> str:
    if not isinstance(value, str) or value not in accepted:
        raise ValueError(f"{name} is {' or '.join(map(repr, accepted))}, not {_kind(value)}")
    return value


class Options:
    """What a compilation may assume and do.

    boundscheck: indices are checked (the default). error_model: "python" raises ZeroDivisionError where
    Python's numbers do, "numpy" gives inf and nan as NumPy's do. fastmath: True, or a set of LLVM's flags.
    nogil: the interpreter's lock is released while the machine code runs. locals: types of local variables.
    cache: the machine code is kept on disk, under the text that it was made from.
    interruptible: signals, such as Ctrl-C, are handled while loops run (the default).
    overflow: "wrap", or "raise" OverflowError where an operation on Python's ints has a result of more than 64 bits.
    """

    def __init__(
        self, *, nopython: bool = True, boundscheck: bool = True, error_model: str = "python",
        fastmath: bool | Collection[str] = False, nogil: bool = False, inline: str = "never",
        locals: Mapping[str, Type] = _NO_TYPES, forceobj: bool = False, cache: bool = False,
        interruptible: bool = True, overflow: str = "wrap",
    ) -> None:  # fmt: skip
        self.nopython = nopython
        self.boundscheck = boundscheck
        self.error_model = _one_of(ERROR_MODELS, "error_model", error_model)
        self.fastmath = _fastmath(fastmath)
        self.nogil = nogil
        self.inline = _one_of(_INLINE, "inline", inline)
        self.locals = _locals(locals)
        self.forceobj = forceobj
        self.cache = cache
        self.interruptible = interruptible
        self.overflow = _one_of(OVERFLOWS, "overflow", overflow)

    def for_codegen(self, exact_arguments: bool, classes: tuple[int | None, ...] = ()) -> codegen.Options:
        """The part that code generation needs."""
        return codegen.Options(
            fastmath=self.fastmath, nogil=self.nogil, exact_arguments=exact_arguments, cache=self.cache, classes=classes
        )


_NOT_YET = {
    "parallel": "loops run on one thread; the results are the same",
    "debug": "no debug information is made",
    "looplift": "whole functions are compiled",
    "pipeline_class": "there is one pipeline",
}


def make_options(given: Mapping[str, Any]) -> Options:
    """Options from keyword arguments. What is not there yet warns when it is asked for; what never was is a TypeError."""
    known = set(Options.__init__.__kwdefaults__)
    taken = {}
    for name, value in given.items():
        if name in known:
            taken[name] = value
        elif name not in _NOT_YET:
            raise TypeError(f"unknown option {name!r}; the options are {', '.join(sorted(known | set(_NOT_YET)))}")
        elif value:
            warnings.warn(f"the option {name!r} is not there yet: {_NOT_YET[name]}", TracerWarning, stacklevel=4)
    if taken.get("boundscheck", True) is None:
        taken["boundscheck"] = True
    return Options(**taken)
