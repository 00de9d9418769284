"""The tables of the family `times`: dates, lengths of time, and records."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from tests.fuzz.grammar import MIXED
from tests.fuzz.tables import Grammar

UNITS = ("D", "s", "ms", "h", "25s", "M", "ns", "W")


def _inputs(r: random.Random, count: int) -> list[str]:
    """Two ints, a float, a date, two lengths of time, arrays of them, of records and of floats."""
    units = [r.choice(UNITS) for _ in range(4)]
    date, span = (units[0], units[1]) if r.random() < 0.5 else (units[0], units[0])
    # Where paths meet, a record that is read-only on one of them is read-only: a documented difference.
    layouts = ["readonly"] * 2 if r.random() < 0.15 else [r.choice(("C", "C", "reversed", "gaps")) for _ in range(2)]
    align = r.random() < 0.4
    return [_text(r, number, date, span, units, layouts, align) for number in range(count)]


def _text(r: random.Random, number: int, date: str, span: str, units: list[str], layouts: list[str], align: bool) -> str:
    length = r.choice((3, 4, 5)) if number < 3 else r.choice((0, 1, 9))
    count = (lambda: r.choice(("'NaT'", 0, 7, 400, -3)))
    shape = (r.choice((2, 3)), length)
    parts = [
        str(r.randrange(-4, 12)), str(r.choice((0, 1, 2, 3))), str(r.choice((0.5, 2.0, -1.25))), f'np.datetime64({count()}, "{units[2]}")',
        f'np.timedelta64({count()}, "{units[3]}")', f'np.timedelta64({count()}, "{span}")', f'times("M8[{date}]", {length}, {r.randrange(10**6)})',
        f'times("m8[{span}]", {length}, {r.randrange(10**6)})', f'records(({length},), {align}, "{layouts[0]}", {r.randrange(10**6)})',
        f'records({shape}, {align}, "{layouts[1]}", {r.randrange(10**6)})', f'array("float64", ({length},), "C", {r.randrange(10**6)})',
    ]  # fmt: skip
    return f"({', '.join(parts)})"


def _items(kind: str) -> Callable[[Any], bool]:
    """Whether a value is an array of times or records with one axis."""
    return lambda x: isinstance(x, np.ndarray) and x.dtype.kind == kind and x.ndim == 1 and x.size < 60


_KINDS = {
    **MIXED.kinds, "date": lambda x: isinstance(x, np.datetime64), "span": lambda x: isinstance(x, np.timedelta64), "dates": _items("M"), "spans": _items("m"),
    "records": lambda x: _items("V")(x) and x.dtype.names is not None and "x" in x.dtype.names, "table": lambda x: isinstance(x, np.ndarray) and x.dtype.kind == "V" and x.ndim == 2 and x.size < 60,
    "record": lambda x: isinstance(x, np.void) and x.dtype.names is not None and "x" in x.dtype.names, "inner": lambda x: isinstance(x, np.void) and x.dtype.names == ("p", "q"), "mask": lambda x: isinstance(x, np.ndarray) and x.dtype == bool and x.ndim == 1,
}  # fmt: skip

_LEAVES = {
    **MIXED.leaves, "np": ("np.int16(3)", "np.float32(0.5)", "np.int64(-2)", "np.bool_(True)", "np.complex64(2j)"), "complex": ("2j", "(1.5-0.5j)"), "array": ("a", "np.ones((2, 3))"), "vector": ("a", "np.arange(4)"), "matrix": ("np.ones((2, 3))",),
    "date": ("d", "d", "np.datetime64('2020-02-29')", "np.datetime64(5, 's')", "np.datetime64('2001-01-01T05:06')"), "span": ("s", "t", "t", "np.timedelta64(3, 'h')", "np.timedelta64(-7, 's')", "np.timedelta64('NaT', 'D')"), "dates": ("ds",), "spans": ("ts",), "records": ("x",), "table": ("y",),
    "record": ("x[0]", "y[0, -1]", "x[-1]"), "inner": ("x['in'][0]", "x[0]['in']"), "mask": ("(a > 1)", "np.isnat(ds)"),
}  # fmt: skip

_RELATIONS = ("<", "<=", "==", "!=", ">", ">=")
_FORMS = {
    **MIXED.forms,
    "date": ("(<date> + <span>)", "(<date> - <span>)", "(<date!> if <bool> else <same>)", "<dates>[<small>]", "<dates>.max()", "np.min(<dates>)", "np.maximum(<date>, <date>)", "<date>.astype('M8[s]')", "<date>.astype('M8[D]')", "<record>['at']", "max(<dates>)", "np.datetime64(<date>, 'ms')", "<dates>[-1]", "(<date> + <int>)"),
    "span": (
        "(<date> - <date>)", "(<span> + <span>)", "(<span> - <span>)", "(<span> * <int>)", "(<float> * <span>)", "(<span> / <int>)", "(<span> // <int>)", "(<span> % <span>)", "(-<span>)", "abs(<span>)", "<spans>[<small>]", "<spans>.sum()", "np.max(<spans>)", "np.timedelta64(<int>, 'h')", "np.timedelta64(<span>, 's')",
        "<span>.astype('m8[s]')", "(<span!> if <bool> else <same> * 2)", "np.mean(<spans>)", "sum(<spans>, np.timedelta64(0, 's'))", "np.abs(<span>)", "np.sign(<span>)", "(<span> / 2.5)",
    ),
    "dates": ("(<dates> + <span>)", "(<dates> + <spans>)", "(<dates> - <spans>)", "<dates>[::-1]", "<dates>[<mask>]", "np.sort(<dates>)", "<dates>.astype('M8[h]')", "<records>['at']", "np.where(<mask>, <dates>, <date>)", "np.maximum(<dates>, <date>)", "<dates>.copy()", "np.unique(<dates>)", "<table>['at'][0]", "np.array([<date>, <date>])", "np.arange(np.datetime64('2020-01-01'), np.datetime64('2020-01-05'))", "(<dates> + np.arange(len(<dates>)))"),
    "spans": ("(<dates> - <dates>)", "(<dates> - <date>)", "(<spans> * <int>)", "(<spans> * <vector>)", "(<spans> / 3)", "(<spans> // 2)", "np.diff(<dates>)", "np.cumsum(<spans>)", "np.sort(<spans>)", "abs(<spans>)", "<spans>[1:]", "<spans>.astype('m8[ms]')", "np.where(<spans> > <span>, <spans>, <span>)", "(-<spans>)", "np.clip(<spans>, <span>, <span>)", "(<spans> % <span>)", "np.zeros(<small>, 'm8[s]')"),
    "mask": ("(<dates> > <date>)", "(<spans> == <spans>)", "np.isnat(<spans>)", "(<spans> <= <span>)", "(<records>['x'] > <float>)", "<records>['ok'].copy()", "(~<mask>)", "(<mask> & <mask>)", "np.isfinite(<dates>)", "np.isin(<dates>, <dates>)", "(<records>['at'] < <date>)"),
    "bool": (*MIXED.forms["bool"], *(f"bool(<date> {op} <date>)" for op in _RELATIONS), *(f"bool(<span> {op} <span>)" for op in _RELATIONS), "bool(np.isnat(<date>))", "bool(<record>['ok'])", "bool(<mask>.any())", "bool(<record>['x'] > <float>)", "(<date> == <date> or <bool>)"),
    "int": (*MIXED.forms["int"], "int(<record>['n'])", "<records>.size", "int(<record>['v'][<small>])", "int(<inner>['q'])", "len(<dates>)", "int(np.argmax(<spans>))", "int((<span> // <span>) == 1)", "int(np.searchsorted(np.sort(ds), <date>.astype(ds.dtype)))", "<table>.shape[1]", "int(<records>['n'].sum() % 50)", "len(<record>)"),
    "float": (*MIXED.forms["float"], "float(<record>['x'])", "float(<span> / <span>)", "float(<inner>['p'])", "float(np.sum(<table>['x']))", "float(<records>['in']['p'][<small>])", "float(abs(<record>['z']))"),
    "np": (*MIXED.forms["np"], "(<span> / <span>)", "<record>['x']", "<record>['n']", "<record>['in']['q']", "<record>['v'][1]", "<record>['z']", "<records>['x'].sum()", "<records>['v'][<small>, 1]", "<table>['n'][0, <small>]", "np.argmin(<dates>)", "<record>[0]", "<inner>['p']", "np.count_nonzero(<records>['n'])"),
    "vector": (*MIXED.forms["vector"], "<records>['x']", "<records>['n']", "<records>['v'][:, 0]", "<record>['v']", "<records>['in']['p']", "<table>['x'][0]", "(<spans> / <span>)", "np.argsort(<dates>, kind='stable')", "<records>['z']", "(<records>['x'] * <records>['n'])", "<records>['v'].sum(axis=1)", "np.argsort(<records>['x'], kind='stable')", "<spans>.astype(np.int64)"),
    "matrix": (*MIXED.forms["matrix"], "<records>['v']", "<table>['x']", "<table>['n'].T", "<table>['in']['q']", "(<table>['x'] + <records>['x'])"),
    "records": ("<records>[::-1]", "<records>[1:]", "<records>[<mask>]", "<table>[0]", "<table>[:, <small>]", "<records>.copy()", "<records>[np.argsort(<records>['n'], kind='stable')]", "<records>[[0, -1]]", "(<records> if <bool> else <records>)", "np.concatenate((<records>, <records>))", "<table>.ravel()", "np.zeros(<small>, <records>.dtype)", "np.take(<records>, [0, 0])", "np.roll(<records>, 1)"),
    "table": ("<table>[::-1]", "<table>.T", "<records>[None]", "<table>.copy()", "<records>[:, None]", "<table>[:, 1:]", "np.stack((<records>, <records>))"),
    "record": ("<records>[<small>]", "<table>[0, <small>]", "<records>[-1]", "(<record> if <bool> else <record>)", "<table>[<small>][0]", "<records>[::-1][0]", "<records>[np.argmax(<records>['x'])]"),
    "inner": ("<record>['in']", "<records>['in'][<small>]", "<table>['in'][0, <small>]"),
}  # fmt: skip

_STATEMENTS = (
    *MIXED.statements, "<record!>['x'] = <float>", "<record!>['n'] += <small>", "<record!>['v'][<small>] = <small>", "<record!>['at'] = <date>", "<records!>['x'] += <float>", "<records!>['n'][<small>] = <small>", "<records!>[0] = <record>", "<records!>['in']['q'] = <small>", "<records!>['v'][:, 1] = <records>['n']", "<table!>['x'][0] *= 2",
    "<table!>[0] = <records>", "<records!>[<mask>] = <record>", "<records!>['x'][<mask>] = <float>", "<inner!>['p'] = <float>", "<records!>[1:] = <records!>[:-1]", "<record!>['in']['q'] = <small>", "<records!>[0], <records!>[-1] = <records!>[-1].copy(), <records!>[0].copy()", "<records!>['z'] *= 1j", "<records!>[0] = (<float>, 1, (1, 2, 3), <date>, (0.5, 2), True, 1j)",
    "<dates!>[<small>] = <date>", "<dates!>[:] = <dates!>[::-1]", "<spans!> += <span>", "<spans!> *= 2", "<dates!> += <span>", "<spans!>[<mask>] = <span>", "<dates!>.sort()", "<spans!>[<small>] += <spans!>[0]", "<dates!>[<mask>] = <dates>[<mask>]", "<span!> += <span>", "<date!> += <span>", "<spans!>.fill(0)", "np.add(<spans>, <span>, out=<spans!>)",
    "for <new> in range(len(<records!>)):\n    <same>[<new>]['x'] = <float>\n    <same>[<new>]['n'] += <new>", "for <new> in <records!>:\n    <new>['x'] += 1\n    if <new>['n'] > <int>:\n        break", "<new> = <records>[<small>]\n<new>['n'] = <small>\n<int!> = int(<new>['n'])",
    "def <new>(r, by=<small>):\n    r['n'] += by\n    return r['x']\n<float!> = min(max(float(<new>(<record>)), -9.0), 9.0)",
)  # fmt: skip

_ITERABLES = (
    *MIXED.iterables, ("<dates!>", ("date",)), ("<spans!>", ("span",)), ("<records!>", ("record",)), ("zip(<dates!>, <spans!>)", ("date", "span")), ("enumerate(<records!>)", ("int", "record")), ("<table!>", ("records",)), ("zip(<records!>['x'], <records!>['n'])", ("np", "np")), ("<record!>['v']", ("np",)), ("enumerate(<dates!>)", ("int", "date")),
)  # fmt: skip

TIMES: Grammar = attrs.evolve(
    MIXED, parameters=("n", "k", "w", "d", "s", "t", "ds", "ts", "x", "y", "a"), inputs=_inputs, kinds=_KINDS, leaves=_LEAVES, forms=_FORMS, rare_forms={}, statements=_STATEMENTS, iterables=_ITERABLES, errors=(*MIXED.errors, "ValueError(<date>)", "KeyError(<span>)"),
    assigned=("int", "float", "bool", "np", "vector", "matrix", "date", "date", "span", "span", "dates", "dates", "spans", "spans", "mask", "records", "records", "table", "record", "record", "inner"),
)  # fmt: skip
