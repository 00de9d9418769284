"""Random arguments of the programs of array statements: three arrays of every dtype and layout, which may share memory."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

DTYPES = ("float64", "float64", "float32", "int64", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "bool",
          "complex128", "complex64")  # fmt: skip
LAYOUTS = ("C", "C", "C", "F", "gaps", "reversed", "transposed", "unaligned", "readonly", "backwards")


def array(dtype: str, shape: tuple[int, ...], layout: str, seed: int) -> np.ndarray:
    """An array of small values: the arguments of programs."""
    source = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    items = source.integers(0 if kind in "ub" else -7, 2 if kind == "b" else 9, shape)
    made = items.astype(dtype) if kind not in "fc" else (items / 4).astype(dtype)
    if kind == "c":
        made = (made + 1j * (source.integers(-7, 9, shape) / 4)).astype(dtype)
    if kind in "fc" and made.size and seed % 7 == 0:
        made.flat[seed % made.size] = (np.nan, -0.0, np.inf)[seed % 3]
    return _laid_out(np.asarray(made), layout)


def times(dtype: str, length: int, seed: int) -> np.ndarray:
    """Dates or lengths of time, some of them not a time. They fit 64 bits in nanoseconds, too: NumPy's functions wrap those that do not."""
    source = np.random.default_rng(seed)
    made = source.integers(-900, 15_000, length).astype(dtype)
    made[source.random(length) < 0.1] = "NaT"
    return made


RECORD = np.dtype([("x", "f8"), ("n", "i4"), ("v", "i2", (3,)), ("at", "M8[s]"), ("in", [("p", "f4"), ("q", "u1")]), ("ok", "?"), ("z", "c8")])


def records(shape: tuple[int, ...], align: bool, layout: str, seed: int) -> np.ndarray:
    """Records with different values in all fields, as an array of one of two dtypes."""
    made = np.zeros(shape, np.dtype(RECORD.descr, align=True) if align else RECORD)
    source = np.random.default_rng(seed)
    for field in (made["x"], made["n"], made["v"], made["in"]["p"], made["in"]["q"], made["ok"], made["z"], made["at"]):
        field[...] = (source.integers(0, 8, field.shape) / (1 if field.dtype.kind in "iubM" else 4)).astype(field.dtype)
    return _laid_out(made, layout)


def _laid_out(made: np.ndarray, layout: str) -> np.ndarray:
    if layout == "F":
        return np.asfortranarray(made)
    if layout == "gaps" and made.ndim:
        return np.repeat(made, 2, axis=-1)[..., ::2]
    if layout == "reversed" and made.ndim:
        return np.ascontiguousarray(made[::-1])[::-1]
    if layout == "backwards" and made.ndim:
        return np.ascontiguousarray(made[..., ::-1])[..., ::-1]
    if layout == "transposed" and made.ndim > 1:
        return np.ascontiguousarray(np.moveaxis(made, 0, -1)).transpose((made.ndim - 1, *range(made.ndim - 1)))
    if layout == "unaligned":
        memory = np.zeros(made.nbytes + 1, np.uint8)[1:]
        moved = np.ndarray(made.shape, made.dtype, memory.data)
        moved[...] = made
        return moved
    if layout == "readonly":
        made.flags.writeable = False
    return made


class Inputs:
    """Texts of tuples of arguments: all with the same dtypes and numbers of axes, with other lengths and values."""

    def __init__(self, r: random.Random, count: int) -> None:
        self.random = r
        self.axes: dict[str, int] = {}
        self.forms = [self._form(name, number) for number, name in enumerate("abc")]
        self.texts = [self._text() for _ in range(count)]

    def _form(self, name: str, number: int) -> Callable[[dict[str, int]], str]:
        """An array, or the same array again, or a view of an earlier one."""
        r = self.random
        if number and r.random() < 0.2:
            base = r.choice("abc"[:number])
            views = (base, base, f"{base}[...]", f"{base}.T", f"{base}[..., ::-1]", f"{base}[..., 1:]", f"{base}[..., :-1]")
            self.axes[name] = self.axes[base]
            view = r.choice(views if self.axes[base] else views[:3])
            return lambda lengths: f"({name} := {view})"
        dtype, layout = r.choice(DTYPES), r.choice(LAYOUTS)
        axes = "".join(r.choice("pq"[i % 2] * 3 + "pq1") for i in range(r.choice((0, 1, 1, 1, 2, 2, 2, 3))))
        self.axes[name] = len(axes)

        def text(lengths: dict[str, int]) -> str:
            shape = tuple(lengths[axis] if r.random() < 0.96 else r.randrange(4) for axis in axes)
            return f'({name} := array("{dtype}", {shape}, "{layout}", {r.randrange(10**6)}))'

        return text

    def _text(self) -> str:
        r = self.random
        p = r.choice((0, 1, 2, 3, 3, 4, 5, 17 if r.random() < 0.2 else 6))
        lengths = {"p": p, "q": r.choice((1, 2, 3, 4, 5, p, p)), "1": 1}
        arrays = [form(lengths) for form in self.forms]
        return f"({', '.join(arrays)}, {r.randrange(-2, 6)}, {r.choice((0, 1, 2, 3))}, {r.choice((0.5, 2.0, -1.25, 3.0))})"

