"""The language of the random programs, as tables.

`<int>` stands for an expression of this kind, `<int!>` for the name of such a variable, `<small>` for an int from 0 to 4. Each expression
is run on sample arguments when it is written, and only kept if it has a value of its kind there: so a form need not be valid for
all operands. Ints stay small (a compiled int wraps), and every name keeps its type (where paths meet, types are joined).
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from tests.fuzz.tables import Grammar, numbers_and_arrays


def is_array(ndim: int | None = None, kinds: str = "biufc") -> Any:
    """Whether a value is a small array, with this many axes."""

    def test(value: Any) -> bool:
        fits = isinstance(value, np.ndarray) and value.dtype.kind in kinds and value.size <= 100 and value.dtype not in NO_TYPES
        return fits and (ndim is None or value.ndim == ndim)

    return test


NO_TYPES = (np.float16, np.longdouble, np.clongdouble)
NUMBER_TYPES = tuple(map(np.dtype, ("bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "c8", "c16")))


def is_numpy_number(value: Any) -> bool:
    """Whether a value is a scalar of NumPy's of a type that is compiled."""
    return isinstance(value, np.generic) and value.dtype in NUMBER_TYPES


# What values of each kind are.
KINDS: dict[str, Any] = {
    "small": lambda x: type(x) is int and 0 <= x <= 4,
    "int": lambda x: type(x) is int and abs(x) < 10**9,
    "float": lambda x: type(x) is float,
    "storable": lambda x: True,
    "bool": lambda x: type(x) is bool,
    "complex": lambda x: type(x) is complex,
    "np": is_numpy_number,
    "pair": lambda x: type(x) is tuple and list(map(type, x)) == [int, float],
    "point": lambda x: type(x).__name__ == "Point" and list(map(type, x)) == [int, float],
    "array": is_array(),
    "vector": lambda x: is_array(1)(x) and len(x) > 0,
    "matrix": is_array(2),
    "list": lambda x: type(x) is list and len(x) < 40 and all(type(item) is int for item in x),
    "dict": lambda x: type(x) is dict and len(x) < 40,
    "str": lambda x: type(x) is str and len(x) < 60,
    "thing": lambda x: type(x).__name__ == "Thing",
}

# Expressions without parts.
LEAVES: dict[str, tuple[str, ...]] = {
    "int": ("0", "1", "2", "3", "-1", "7", "n", "k", "n", "k"),
    "float": ("0.5", "-0.0", "1.5", "w", "w", "3.0", "math.inf", "math.nan"),
    "bool": ("True", "False", "n > k", "o is None"),
    "complex": ("2j", "(1.5-0.5j)", "z", "z"),
    "np": ("s", "s", "r", "np.int8(100)", "np.float32(0.5)", "np.uint8(3)", "np.int64(5)", "np.complex64(2j)", "np.bool_(True)"),
    "pair": ("(n, w)", "(3, 0.5)"),
    "point": ("Point(n, w)", "Point(2, -0.5)"),
    "array": ("a", "m", "b"),
    "vector": ("a", "b", "np.arange(4)"),
    "matrix": ("m", "np.ones((2, 3))"),
    "small": ("0", "1", "2", "3", "(k % 4)"),
    "storable": ("2", "True", "np.int8(3)", "np.uint8(1)", "np.float32(0.5)", "k % 4", "1.5", "np.bool_(True)"),
    "list": ("[1, 2]", "[]", "[n, k, 3]"),
    "dict": ("{}", "{'a': 1, 'b': n}"),
    "str": ("'ab'", "''", "'x,y'"),
    "thing": ("Thing(3)", "Thing(-2)"),
}

_RELATIONS = ("<", "<=", "==", "!=", ">", ">=")

# Expressions with parts.
FORMS: dict[str, tuple[str, ...]] = {
    "small": ("(<int> % 4)", "(<int> % 3)", "min(<int> % 5, 3)", "(abs(<int>) % 4)", "(len(<vector>) % 5)"),
    "int": (
        *(f"(<int> {op} <int>)" for op in ("+", "-", "*", "&", "|", "^", "//", "%", "+", "-")),
        "(<int> // 3)", "(<int> % -7)", "(-<int>)", "(~<int>)", "abs(<int>)", "min(<int>, <int>)", "max(<int>, <int>, 2)", "(<int> << <small>)",
        "(<int> >> <small>)", "((<int> % 9) ** <small>)", "(<int> if <bool> else <int>)", "int(<bool>)", "len(<vector>)", "<array>.ndim", "<array>.size",
        "<pair>[0]", "<point>.x", "<point>[0]", "divmod(<int>, <int>)[1]", "(0 if o is None else o + <int>)", "sum(<int> for q in range(<small>))",
        "int(<float>)", "round(<float>)", "math.floor(<float>)", "math.gcd(<int>, <int>)", "pow(<int> % 9, 2)", "int(<vector>[<small>] != 0)", "<matrix>.shape[1]",
        "int(<np> == <np>)", "helper(<int> % 20)", "helper(<int> % 20, <float>)", "helper(x=<float>, n=<int> % 20)", "recursive(<small>, <int> % 50)",
        "collect(<int>)", "collect(<int>, <int>, <int>)", "collect(*(1, <int>), last=<int>)", "(lambda q: q * 2 + <int>)(<int>)", "((u := <int> % 50) + 1)",
        "int(np.argmax(<vector>))", "(<int> and <int>)", "(<int> or <int>)", "sum(<pair>[:1])", "len(<pair>)", "math.comb(<small>, 2)", "int(math.copysign(2, <float>))",
        "(<int>).bit_count()", "(<int>).bit_length()", "int(np.count_nonzero(<array>))",
    ),
    "float": (
        *(f"(<float> {op} <float>)" for op in ("+", "-", "*", "/", "//", "%", "+", "*")),
        "(<float> * <int>)", "(<int> / <int>)", "(<int> / 4)", "(-<float>)", "abs(<float>)", "float(<int>)", "min(<float>, <float>)", "max(<float>, 0.5)",
        "(<float> if <bool> else <float>)", "<pair>[1]", "<point>.y", "float(np.real(<np>))", "math.sqrt(<float>)", "math.fabs(<float>)", "math.fmod(<float>, <float>)", "<complex>.imag",
        "abs(<complex>)", "round(<float>, 1)", "(math.floor(<float>) * 0.5)", "float(np.abs(<vector>)[<small>])", "math.ldexp(<float>, <small>)", "divmod(<float>, <float>)[0]",
        "(<float> or <float>)", "(<float> ** 2)", "(math.trunc(<float>) / 2)", "math.hypot(<float>, <float>)", "math.copysign(<float>, <float>)", "<float>.conjugate()",
    ),
    "bool": (
        *(f"(<int> {op} <int>)" for op in _RELATIONS), *(f"(<float> {op} <float>)" for op in _RELATIONS), *(f"bool(<np> {op} <np>)" for op in _RELATIONS),
        "(<bool> and <bool>)", "(<bool> or <bool>)", "(not <bool>)", "(<int> < <int> <= <int>)", "(<int> in (1, 2, <int>))", "(<int> not in (n, <int>))", "(<bool> ^ <bool>)", "bool(<int>)",
        "(o is not None and o > <int>)", "any(q > <int> for q in range(<small>))", "all(q != 0 for q in <vector>)", "bool(np.any(<array>))", "isinstance(<int>, int)",
        "(<pair> == <pair>)", "(<pair> < <pair>)", "(<complex> == <complex>)", "bool(<vector>[<small>] > 0)", "math.isnan(<float>)", "(<int> == <float>)", "bool(<np>)",
    ),
    "complex": (
        "(<complex> + <complex>)", "(<complex> * <complex>)", "(<complex> - <float>)", "(<complex> / 2)", "(<complex> / <complex>)", "complex(<float>, <float>)", "<complex>.conjugate()",
        "(-<complex>)", "(<complex> if <bool> else <complex>)", "complex(<int>)", "(<complex> * <int>)",
    ),
    "np": (
        *(f"(<np> {op} <np>)" for op in ("+", "-", "*", "/", "//", "%", "&", "|", "^", "+", "*", *_RELATIONS)),
        "(<np> + <int>)", "(<np> * <float>)", "(<int> - <np>)", "(<np> << <small>)", "(<np> >> <small>)", "(-<np>)", "(~<np>)", "abs(<np>)", "np.sqrt(np.abs(<np>))", "np.int16(<int> % 50)",
        "np.float32(<float>)", "np.float64(<np>)", "np.uint8(<small>)", "<vector>[<small>]", "<vector>[-1]", "<array>.max()", "np.sum(<array>)", "<vector>[::-1][0]", "np.maximum(<np>, <np>)",
        "np.minimum(<np>, <int>)", "(<np> ** 2)", "np.sign(<np>)", "np.floor(<np>)", "<np>.real", "<np>.imag", "np.conj(<np>)", "np.int64(<int>)", "<matrix>[0, <small>]", "np.bitwise_xor(<np>, <np>)",
        "np.isnan(<np>)", "np.logical_or(<np>, <np>)", "np.add(<np>, <np>)", "<array>.min()", "np.mean(<array>)", "np.prod(<vector>)", "<array>.any()", "divmod(<np>, <np>)[1]", "np.argmax(<array>)",
        "np.complex128(<complex>)", "np.int32(<small>)", "np.uint32(<int> % 50)", "np.dtype('i2').type(<small>)", "(<np>.item() * np.int8(1))", "(np.float64(2.5) // <np>)", "np.hypot(<np>, 3.0)",
    ),
    "pair": ("(<int>, <float>)", "(<pair>[0], <float>)", "(<int> % 9, <pair>[1])", "tuple(<pair>)", "(<pair> if <bool> else <pair>)", "swapped(<float>, <int>)", "(*<pair>[:1], <float>)"),
    "point": ("Point(<int>, <float>)", "Point(y=<float>, x=<int>)", "(<point> if <bool> else <point>)", "<point>._replace(x=<int>)", "Point(*<pair>)"),
    "vector": (
        "<vector>[::-1]", "<vector>[1:]", "<vector>[:<int>]", "<vector>[<small>:]", "<matrix>[<small>]", "<matrix>[:, <small>]", "<array>.ravel().copy()", "(<vector> + <vector>)", "(<vector> * <np>)",
        "(<vector> - <int>)", "(lambda q: q[q > 0])(<vector>)", "<vector>[[0, -1]]", "np.arange(<small>)", "<vector>.copy()", "<vector>.astype(np.float32)", "np.where(<vector> > 1, <vector>, <np>)",
        "np.cumsum(<vector>)", "np.sort(<vector> + 0)", "<matrix>.sum(axis=0)", "<vector>[::2]", "(<vector> > <np>)", "np.zeros(<small>)", "np.full(3, <np>)", "np.array([<int>, <int>])",
        "np.array([<float> for q in range(<small>)])", "np.concatenate((<vector>, <vector>))", "(<vector> / 2)", "<matrix>.max(axis=1)", "np.abs(<vector>)", "np.unique(<vector> + 0)",
        "<vector>[np.arange(<small>)]", "np.repeat(<vector>, <small>)", "(<vector> if <bool> else <vector>)", "changed(<vector>)", "np.linspace(0.0, <small>, 4)", "np.diff(<vector>)",
        "(<matrix> @ <vector>)", "np.dot(<matrix>, <vector>)", "<vector>.ravel()",
        "np.fromiter((q for q in <vector>), np.float64)", "np.take(<vector>, [0, -1])", "np.roll(<vector>, <int>)", "np.clip(<vector>, 0, <small>)", "<vector>[<vector> > <np>]",
    ),
    "matrix": (
        "<matrix>.T", "<matrix>[::-1]", "<matrix>[:, 1:]", "(<matrix> + <matrix>)", "(<matrix> * <np>)", "<matrix>.copy()", "np.outer(<vector>, <vector>)", "<vector>[:, None]", "<matrix>[:2, :2]",
        "np.zeros((<small>, 2), np.int16)", "(<matrix> - <vector>)", "np.where(<matrix> > 0, <matrix>, 0)", "np.stack((<vector>, <vector>))", "(lambda q: q[q[:, 0] > 0])(<matrix>)", "(<matrix> @ <matrix>)",
        "np.ones((3, 3)) @ np.ones((3, 3))", "np.eye(<small>, 3)", "<matrix>.reshape(-1, 1)", "np.atleast_2d(<vector>)",
    ),
    "array": ("<vector>", "<vector>", "<matrix>", "<array>[...]", "<array>[None]", "np.square(<array>)", "(<array> + 1)", "(-<array>)"),
    "list": (
        "[<int>, <int>]", "(<list> + [<int>])", "[q * <int> for q in <list>]", "<list>[1:]", "sorted(<list>)", "list(range(<small>))", "[q for q in <list> if q > <int>]", "<list>[::-1]", "list(<dict>.values())",
        "np.arange(<small>).tolist()", "(<list> * <small>)[:20]", "[<int> for _ in range(<small>)]", "list(map(int, <vector>.real))",
    ),
    "dict": ("{'a': <int>, 'c': <int>}", "{**<dict>, 'd': <int>}", "dict(a=<int>)", "{str(q): q for q in <list>}", "dict(<dict>)", "{q: <int> for q in 'ab'}"),
    "str": (
        "(<str> + <str>)", "f'{<int>}:{<float>!r}'", "str(<int>)", "<str>.upper()", "f'{<float>:.2f}'", "repr(<np>)", "','.join(map(str, <list>))", "<str>[:<small>]", "('%d' % <int>)", "<str>.replace('a', 'b')",
        "type(<np>).__name__", "f'{<pair>}'", "str(<list>)", "(<str> if <bool> else <str>)",
    ),
    "thing": ("(<thing> + <int>)", "(-<thing>)", "Thing(<int>)", "opaque(<thing>)"),
}

# Forms whose last digits may differ, for programs that are not of `jit`, which are compared to the last one.
INEXACT_FORMS: dict[str, tuple[str, ...]] = {
    "vector": ("np.exp(<vector> % 3)", "np.sin(<vector>)", "np.log(np.abs(<vector>) + 1)", "np.arctan(<vector>)"),
    "matrix": ("np.cos(<matrix>)", "np.tan(<matrix> / 8)"),
}

# Forms that need the interpreter, for programs of `jit`.
OBJECT_FORMS: dict[str, tuple[str, ...]] = {
    "int": ("len(<list>)", "sum(<list>)", "<list>[<small>]", "<dict>['a']", "<dict>.get('b', <int>)", "opaque(<int>)", "len(<str>)", "max(<list>)", "<str>.count('a')", "int(str(<int>))",
            "len({<int>, <int>})", "int(<thing>)", "hash(<int>)", "<thing>.method(<int>)[0]"),
    "float": ("float(str(<float>))", "opaque(<float>)", "float(<thing>)"),
    "bool": ("(<int> in <list>)", "('a' in <dict>)", "isinstance(opaque(<int>), int)", "(<str> == <str>)", "<str>.startswith('a')", "isinstance(<str>, (str, list))", "bool(<list>)", "bool(<thing>)", "(<list> == <list>)",
             "callable(<str>)", "hasattr(<thing>, 'rough')"),
    "vector": ("np.array(<list> + [1])", "opaque(<vector>)", "np.asarray(<list> + [<int>])"),
    "np": ("opaque(<np>)",),
    "pair": ("opaque(<pair>)", "(len(<list>), <float>)"),
}  # fmt: skip

# Statements of one line that bind nothing.
STATEMENTS: tuple[str, ...] = (
    "<int!> += <int> % 5", "<int!> -= <small>", "<vector!>[<small>] = <storable>", "<vector!>[<small>] += <small>", "<vector!>[1:] = <storable>", "<vector!>[:] = <vector!>[::-1]", "<matrix!>[<small>, 0] = <small>",
    "<matrix!>[<small>] += <small>", "masked(<vector!>)", "<array!> *= 2", "<array!> += <small>", "<array!>[...] = <small>", "<vector!>[::2] -= <small>", "<int!>, <int!> = <small>, <int> % 9",
    "assert <bool>, <int>", "assert <bool>", "<float!> = min(max(<float!>, -1000.0), 1000.0)", "o = <int> % 9", "o = None", "o = <int> % 7 if <bool> else None", "changed(<vector!>)", "<vector!>[[0, -1]] = <small>",
    "<matrix!>[:, <small>] = <storable>", "<vector!>.fill(<small>)", "<vector!>.fill(1)", "np.add(<vector>, <small>, out=<vector!>)", "pass", "<bool!> ^= <bool>", "<np!> += <np!>", "<vector!>[<int>] = 1",
    "print(<int>, k / 4)", "print('v', np.int8(<small>), <bool>, sep='-')", "del_me = <int>; del del_me",
)  # fmt: skip
OBJECT_STATEMENTS: tuple[str, ...] = (
    "note(<int>)", "note(<str>, <float>)", "<list!>.append(<int>)", "<dict!>['e'] = <int>", "<list!>[0] = <int>", "del <list!>[0]", "<list!>.extend(<list>)", "<dict!>.update(<dict>)", "<list!>.pop()", "<thing!>.number += 1",
    "<dict!>.pop('a')", "<list!>.sort(reverse=True)", "<thing!>[<small>] = <int>", "note(*<list>)", "<thing!>.fails()", "<dict!>.setdefault('z', <int>)", "import math as maths",
)  # fmt: skip

# Where a loop takes its items from, and of which kinds these are. A list is copied: one that grows in the loop would never end.
ITERABLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("range(<small>)", ("int",)), ("range(<small>, <small>)", ("int",)), ("range(<small>, -2, -1)", ("int",)), ("range(-1, <small>, 2)", ("int",)), ("reversed(range(<small>))", ("int",)), ("(1, <int>, 3)", ("int",)),
    ("enumerate(<vector!>)", ("int", "np")), ("<vector!>", ("np",)), ("zip(<vector!>, range(4))", ("np", "int")), ("reversed(<vector!>)", ("np",)), ("<matrix!>", ("array",)), ("enumerate(range(<small>), 2)", ("int", "int")),
    ("range(len(<vector!>))", ("int",)), ("zip(<vector!>, <vector!>)", ("np", "np")), ("(<float>, <float>)", ("float",)), ("[<int>, <int>]", ("int",)), ("(q * 2 for q in range(<small>))", ("int",)),
    ("range(<small>, <small>, <int> % 3)", ("int",)), ("np.ndindex(2, <small>)", ("any",)), ("<vector!>.flat", ("np",)),
)  # fmt: skip
OBJECT_ITERABLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("<list>[:]", ("int",)), ("<dict>", ("str",)), ("<dict>.items()", ("str", "int")), ("<str>", ("str",)), ("sorted(<list>)", ("int",)), ("enumerate(<list>[:])", ("int", "int")), ("opaque(<list>[:])", ("int",)), ("<thing>", ("any",)),
)  # fmt: skip

ERRORS = (
    "ValueError('left', <int>)", "KeyError(<int>)", "IndexError", "ZeroDivisionError('no')", "RuntimeError(<float>, <int>)", "ValueError(f'at {<int>}')", "TypeError()", "ArithmeticError(<bool>)",
)  # fmt: skip

# The functions in front of each program: calls by position and by name, defaults, *args, recursion, tuples, writes into arguments.
HELPERS = """
def helper(n, x=0.5, *, scale=2):
    if n > 8 and x > 1:
        raise ValueError("helper", n)
    return n * scale + int(x > n)


def recursive(n, total):
    if n <= 0:
        return total % 97
    return recursive(n - 1, total + n) + recursive(n - 2, total) % 5


def collect(first, *rest, last=3):
    for item in rest:
        first = first * 3 % 101 + item
    return first - last


def swapped(x, n):
    return n, x


def changed(items):
    items[0] = 1
    return items


def masked(items):
    items[items > 0] = 2


"""

_ASSIGNED = ("int", "int", "float", "bool", "complex", "np", "np", "pair", "point", "vector", "vector", "matrix")
_OBJECT_KINDS = ("list", "dict", "str", "thing")
MIXED = Grammar(
    ("n", "k", "w", "z", "s", "r", "a", "b", "m"), numbers_and_arrays(1, 1, 2), HELPERS, KINDS, LEAVES, FORMS, INEXACT_FORMS, STATEMENTS, (), ITERABLES, ERRORS, _ASSIGNED,
)  # fmt: skip
OBJECTS = attrs.evolve(
    MIXED, rare_forms=OBJECT_FORMS, rare_statements=OBJECT_STATEMENTS, iterables=ITERABLES + OBJECT_ITERABLES * 2, assigned=_ASSIGNED + _OBJECT_KINDS, first=_OBJECT_KINDS, objects=True,
)  # fmt: skip
