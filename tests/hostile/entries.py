"""The entries that are called with each of the values."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tracer
from tracer import errors, njit, trace, typeof, types
from tracer.extending import implements

Call = Callable[[Any], Any]


class Entry(NamedTuple):
    """What is called with a value. `interpreted` does the same without a compiler, where there is something the same: to the
    last digit where it is `exact`."""

    call: Call
    interpreted: Call | None = None
    exact: bool = True


# --- functions that are compiled. Each is called natively, through the slow path, and by name.


def itself(x):
    return x


def pair(x):
    return x, x


def total(x):
    total = x[0]
    for i in range(1, len(x)):
        total = total + x[i]
    return total


def first_item(x):
    return x[0]


def doubled(x):
    return x + x


def length(x):
    return len(x)


def truth(x):
    return not x


def stored(x):
    x[0] = x[-1]
    return x[0]


def converted(x):
    return float(x)


def converted_by_count(x):
    """What differences.md says of times."""
    is_time = isinstance(x, (np.timedelta64, np.datetime64)) and not np.isnat(x)
    return float(x.view(np.int64) if is_time else x)


def indexed(x):
    return np.arange(5)[x]


def made(x):
    return np.zeros(x).shape


def made_or_not(x):
    """What differences.md says of arrays of which only the shape is used: they need no memory."""
    try:
        return made(x)
    except (MemoryError, ValueError) as error:
        if isinstance(error, ValueError) and "array is too big" not in str(error):
            raise
        return tuple(map(int, np.atleast_1d(x)))


def rest(*x):
    return x


def named(*, x):
    return x


def summed(x):
    return np.sum(x)


def attribute(x):
    return x.shape, x.dtype == np.float64


def reshaped(x):
    return x.reshape(-1)


def printed(x):
    print(x, end="")


def unpacked(x):
    a, b = x
    return b, a


def raising(x):
    raise ValueError(x)


class Holder:
    """Has a compiled method."""

    @njit
    def method(self, x):
        return x


BODIES = [
    itself, pair, total, first_item, doubled, length, truth, stored, converted, indexed, made, rest, summed, attribute, reshaped, printed,
    unpacked, raising,
]  # fmt: skip
DECLARED = {
    "int64": "int64(int64)", "float64": "float64(float64)", "bool": "bool(bool)", "complex128": "complex128(complex128)", "uint8": "np.uint8(np.uint8)",
    "array": "float64[::1](float64[::1])", "strided array": "int64[:, :](int64[:, :])", "tuple": "Tuple((int64, float64))(Tuple((int64, float64)))",
    "optional": "Optional(int64)(Optional(int64))", "none": "none(none)",
}  # fmt: skip


def compiled_entries() -> dict[str, Entry]:
    """Calls of compiled functions, with what the interpreter does."""
    found: dict[str, Entry] = {}
    for body in BODIES:
        found[f"njit {body.__name__}"] = Entry(njit(body), body)
        found[f"jit {body.__name__}"] = Entry(tracer.jit(body), body)
    found["njit converted"] = Entry(njit(converted), converted_by_count)
    found |= {name: found[name]._replace(interpreted=made_or_not) for name in ("njit made", "jit made")}
    found |= {name: found[name]._replace(exact=False) for name in ("njit summed", "jit summed")}
    for name in ("itself", "doubled", "first_item", "total"):
        body = globals()[name]
        found[f"nogil {name}"] = Entry(njit(nogil=True)(body), body)
    by_name, keyword_only, several = njit(itself), njit(named), njit(lambda x, y=1, *z, **w: x)
    found["by name"] = Entry(lambda v: by_name(x=v), lambda v: v)
    found["by a name that there is not"] = Entry(lambda v: by_name(v, **{"\ud800": v}), lambda v: itself(v, **{"\ud800": v}))
    found["by names that are no text"] = Entry(lambda v: by_name(**{v: 1}), lambda v: itself(**{v: 1}))
    found["keyword only"] = Entry(lambda v: keyword_only(x=v), lambda v: v)
    found["too many"] = Entry(lambda v: by_name(v, v), lambda v: itself(v, v))
    found["many of them"] = Entry(lambda v: several(v, v, v, v, u=v), lambda v: v)
    found["after a good call"] = Entry(lambda v: (by_name(1), by_name(v))[1], lambda v: v)
    for kind, signature in DECLARED.items():
        found[f"declared {kind}"] = Entry(njit(signature)(itself))
    for name, example in {"int": 1, "float": 1.5, "array": np.zeros(3), "pair": (1, 2.5), "record": np.zeros(1, "i4,f8")[0], "time": np.timedelta64(1, "s")}.items():
        found[f"Graph of {name}"] = Entry(trace(itself)(example))
    return found


class _Subject:
    """A fresh compiled function for entries that change it."""

    @property
    def fast(self) -> Any:
        made = njit(lambda x: x)
        made(1)
        return made


def interface_entries() -> dict[str, Entry]:
    """The decorators, notation, inspection and everything else that is public."""
    subject, options = _Subject(), "nopython boundscheck error_model fastmath nogil inline locals forceobj cache parallel debug".split()
    found: dict[str, Call] = {
        "njit()": njit, "jit()": tracer.jit, "trace()": trace, "njit()()": lambda v: njit()(v), "trace(f)()": trace(itself), "typeof": typeof,
        "trace(f, nopython=False)()": trace(itself, nopython=False), "trace(v)(1)": lambda v: trace(v)(1), "njit(v)(1)": lambda v: njit(v)(1), "jit(v)(1)": _jit_and_call,
        "njit([v])": lambda v: njit([v])(itself), "njit(v)(f)": lambda v: njit(v)(itself), "njit((v,))": lambda v: njit((v,))(itself),
        "compile": lambda v: subject.fast.compile(v), "inspect_types(signature=)": lambda v: subject.fast.inspect_types(signature=v, pretty=True),
        "inspect_llvm": lambda v: subject.fast.inspect_llvm(v), "inspect_asm": lambda v: subject.fast.inspect_asm(v), "inspect_types(pretty=)": lambda v: subject.fast.inspect_types(pretty=v),
        "graph.text": lambda v: trace(itself)(1).text(v), "graph.show": lambda v: trace(itself)(1).show(v), "disable_compile": lambda v: subject.fast.disable_compile(v),
        "recompile with a global": _recompiled, "types.Array(v, 1, 'C')": lambda v: types.Array(v, 1, "C"), "types.Array(f8, v, 'C')": lambda v: types.Array(types.float64, v, "C"),
        "types.Array(f8, 1, v)": lambda v: types.Array(types.float64, 1, v), "types.Tuple": lambda v: types.Tuple(v), "types.UniTuple": lambda v: types.UniTuple(types.int64, v),
        "types.Optional": lambda v: types.Optional(v), "types.float64[v]": lambda v: types.float64[v], "types.float64(v)": lambda v: types.float64(v),
        "types.NamedTuple": lambda v: types.NamedTuple((types.int64,), v), "implements": lambda v: implements(v)(lambda x: x), "implements()(v)": lambda v: implements(Holder)(v),
        "out_of_line": lambda v: tracer.out_of_line(v), "reject": lambda v: tracer.reject(v, "hint"), "prange": lambda v: tracer.prange(v), "static_range": lambda v: tracer.static_range(v, v),
        "literal_unroll": lambda v: tracer.literal_unroll(v), "objmode": _object_mode, "method": lambda v: Holder().method(v), "method of": lambda v: Holder.method(v, 1),
        "class of a compiled function": lambda v: type(subject.fast)(v, v, v, v), "without __init__": _without_init, "global of a function": _as_global, "errors": lambda v: hasattr(errors, str(v)),
        "primitive": lambda v: hasattr(tracer.primitive, str(v)), "setattr": _attributes_set, "default of a function": _as_default, "second __init__": _initialised_again,
    }  # fmt: skip
    for option in options:
        found[f"njit({option}=)"] = lambda v, name=option: njit(**{name: v})(itself)(1)
        found[f"jit({option}=)"] = lambda v, name=option: tracer.jit(**{name: v})(itself)(1)
    return {name: Entry(call) for name, call in found.items()}


def _jit_and_call(value: Any) -> Any:
    fast = tracer.jit(value)
    return fast if fast.__name__ in ("f", "<lambda>") and "while True" in _source(fast) else fast(1)


def _source(fast: Any) -> str:
    return "while True" if fast.py_func.__code__.co_filename == "<string>" and not fast.py_func.__code__.co_names else ""


def _recompiled(value: Any) -> Any:
    space: dict[str, Any] = {"g": 1}
    fast = njit(_with_global(space))
    fast(1)
    space["g"] = value
    return fast.recompile()


def _with_global(space: dict[str, Any]) -> Any:
    def f(x):
        return g  # type: ignore[name-defined] # noqa: F821

    return type(f)(f.__code__, {**space, "__builtins__": __builtins__} if not space else space)


def _as_global(value: Any) -> Any:
    return njit(_with_global({"g": value}))(1)


def _as_default(value: Any) -> Any:
    def f(x, y=value):
        return y

    return njit(f)(1)


def _object_mode(value: Any) -> Any:
    def f(x):
        with tracer.objmode(y="float64"):
            y = value
        return y

    return njit(f)(1)


def _without_init(value: Any) -> Any:
    cls = type(njit(itself))
    return cls.__new__(cls, value)(value)


def _attributes_set(value: Any) -> Any:
    fast = njit(lambda x: x + 1)
    fast(1)
    for name in list(vars(fast)):
        if not name.startswith("_"):
            setattr(fast, name, value)
    return fast(1), fast(2.5), fast.signatures, fast.inspect_types(pretty=True)


def _initialised_again(value: Any) -> Any:
    fast = njit(lambda x: x + 1)
    fast(1)
    fast.__init__(value, value, value, value)
    return fast(1)


def all_entries() -> dict[str, Entry]:
    """Every entry by its name."""
    return {**compiled_entries(), **interface_entries()}


ROOT = pathlib.Path(__file__).resolve().parents[2]
