"""`einsum`: the subscripts are read while tracing, the sums become products of matrices where they can."""

from __future__ import annotations

import string
from typing import Any

import attrs
import numpy as np

from ir import types
from ir.types import Scalar
from tracer.array_steps import fold_items, map_items, view_of
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_blas import copied
from tracer.library.array_products import as_array, contract, in_type, permuted
from tracer.library.array_types import class_of_item, item_type
from tracer.typeof import typeof


@attrs.frozen
class Subscripts:
    """The labels of the axes of each operand and of the result: every label one character."""

    operands: tuple[str, ...]
    result: str

    @property
    def labels(self) -> str:
        """The labels of the result, then those that are summed over."""
        rest = dict.fromkeys("".join(self.operands))
        return self.result + "".join(label for label in rest if label not in self.result)


@static_function
def parse(text: str, ndims: tuple[int, ...]) -> Subscripts:
    """The labels that a text like "ij,jk->ik" gives to operands with so many axes. `...` stands for further labels."""
    inputs, arrow, output = text.replace(" ", "").partition("->")
    parts = inputs.split(",")
    if len(parts) != len(ndims):
        which = "more" if len(parts) < len(ndims) else "fewer"
        raise ValueError(f"{which} operands provided to einstein sum function than specified in the subscripts string")
    spare = [letter for letter in string.printable[:94] if not letter.isalpha() and letter not in ",.->"]
    written = [part.replace("...", "") for part in (*parts, output)]
    for part in written:
        bad = next((letter for letter in part if letter not in string.ascii_letters), None)
        if bad is not None:
            raise ValueError(f"invalid subscript '{bad}' in einstein sum subscripts string, subscripts must be letters")
    missing = [ndim - len(part) for ndim, part in zip(ndims, written)]
    for number, (part, count) in enumerate(zip(parts, missing)):
        if count < 0:
            raise ValueError(f"einstein sum subscripts string contains too many subscripts for operand {number}")
        if count > 0 and "..." not in part:
            raise ValueError(
                "operand has more dimensions than subscripts given in einstein sum, but no '...' ellipsis provided to broadcast "
                "the extra dimensions."
            )
    dots = "".join(spare[: max((c for c, part in zip(missing, parts) if "..." in part), default=0)])
    operands = tuple(part.replace("...", dots[len(dots) - c :]) for part, c in zip(parts, missing))
    if not arrow:
        counted = "".join(operands)
        single = sorted(label for label in set(counted) if counted.count(label) == 1 and label in string.ascii_letters)
        return Subscripts(operands, dots + "".join(single))
    result = output.replace("...", dots)
    for label in result:
        if label not in "".join(operands):
            raise ValueError(f"einstein sum subscripts string included output subscript '{label}' which never appeared in an input")
        if result.count(label) > 1:
            raise ValueError(f"einstein sum subscripts string includes output subscript '{label}' multiple times")
    return Subscripts(operands, result)


@static_function
def common_item(*kinds: Any) -> Scalar:
    """The type of the items of the result."""
    return item_type(np.result_type(*(types.dtype_of(kind.dtype) for kind in kinds)))


@implements(np.einsum)
def einsum(subscripts: Any, *operands: Any, out: Any = None, dtype: Any = None, optimize: Any = False) -> Any:
    """Einstein's summation convention. The subscripts are a text that is known while tracing. Diagonals and transpositions
    of one operand are views, as in NumPy."""
    if not isinstance(known(subscripts), str):
        reject("einsum takes its subscripts as a text in compiled code", 'write np.einsum("ij,jk->ik", a, b)')
    arrays = _arrays(operands)
    plan = parse(subscripts, _ndims(arrays))
    item = common_item(*_types(arrays)) if dtype is None else item_type(dtype)
    made = _sum(plan, _in_type(arrays, item), item)
    if out is None:
        return made
    out[...] = made
    return out


def _arrays(operands: Any) -> Any:
    return () if len(operands) == 0 else (as_array(operands[0]), *_arrays(operands[1:]))


def _ndims(arrays: Any) -> Any:
    return () if len(arrays) == 0 else (arrays[0].ndim, *_ndims(arrays[1:]))


def _types(arrays: Any) -> Any:
    return () if len(arrays) == 0 else (typeof(arrays[0]), *_types(arrays[1:]))


def _in_type(arrays: Any, item: Scalar) -> Any:
    return () if len(arrays) == 0 else (in_type(arrays[0], item), *_in_type(arrays[1:], item))


def _sum(plan: Subscripts, arrays: Any, item: Scalar) -> Any:
    """The sum of products: a product of matrices where that is possible, else loops over all labels."""
    sizes = _sizes(plan, arrays, plan.labels)
    product = as_product(plan)
    if product is not None:
        _check_shared(arrays[0].shape, arrays[1].shape, product[0], product[1])
        made = contract(arrays[0], arrays[1], product[0], product[1])
        arranged = permuted(made, product[2])
        if arranged.ndim == 0:
            return arranged[()]
        return arranged if product[3] else copied(arranged)
    views = _views(plan, arrays, sizes, 0)
    count = len(plan.labels)
    if count == 0:
        return _product_of(views, item)[()]
    if len(plan.result) == count:
        return views[0] if len(views) == 1 else _product_of(views, item)
    axes = tuple(range(count))[len(plan.result) :]
    zero = class_of_item(item)(0)
    return fold_items(lambda total, *items: _added(total, _times(items)), zero, *views, axes=axes, layout="C")


def _check_shared(a: Any, b: Any, axes_a: tuple, axes_b: tuple) -> None:
    """Lengths of 1 are not stretched along axes that are summed over."""
    if len(axes_a) > 0:
        n, m = a[axes_a[0]], b[axes_b[0]]
        if n != m:
            raise ValueError(f"einstein sum over an axis of length {n} in one operand and {m} in the other")
        _check_shared(a, b, axes_a[1:], axes_b[1:])


def _added(total: Any, term: Any) -> Any:
    kind = typeof(total)
    if isinstance(kind, types.Boolean):
        return total | term
    if isinstance(kind, types.Complex):
        real = primitive.accumulate_add(primitive.real(total), primitive.real(term))
        return primitive.complex_(real, primitive.accumulate_add(primitive.imag(total), primitive.imag(term)))
    return primitive.accumulate_add(total, term)


def _times(items: Any) -> Any:
    if len(items) == 1:
        return items[0]
    rest = _times(items[1:])
    return items[0] & rest if isinstance(typeof(rest), types.Boolean) else items[0] * rest


def _product_of(views: Any, item: Scalar) -> Any:
    """Sums of one product each: as with all sums, that of -0.0 alone is 0.0."""
    zero = class_of_item(item)(0)
    return map_items(lambda *items: _plus(zero, _times(items)), *views)


def _plus(zero: Any, product: Any) -> Any:
    return product if isinstance(typeof(product), types.Boolean) else zero + product


@static_function
def as_product(plan: Subscripts) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], bool] | None:
    """How two operands are contracted: their summed axes, the order of the axes of what is made, and whether that is their
    order already. None where a label is repeated in an operand, shared and kept, or summed in one operand alone."""
    if len(plan.operands) != 2:
        return None
    a, b = plan.operands
    shared = [label for label in a if label in b]
    kept = [label for label in a + b if label not in shared]
    if len(set(a)) < len(a) or len(set(b)) < len(b) or not shared or sorted(kept) != sorted(plan.result):
        return None
    order = tuple(kept.index(label) for label in plan.result)
    return tuple(map(a.index, shared)), tuple(map(b.index, shared)), order, list(order) == sorted(order)


# --- the lengths of the labels, and each operand as a view over all of them


def _sizes(plan: Subscripts, arrays: Any, labels: str) -> Any:
    """The length of each label; ValueError where operands do not agree."""
    return () if len(labels) == 0 else (_size(places_of(plan, labels[0]), arrays), *_sizes(plan, arrays, labels[1:]))


@static_function
def places_of(plan: Subscripts, label: str) -> tuple[tuple[int, int], ...]:
    """Operand and axis of each place where a label stands."""
    return tuple((i, axis) for i, part in enumerate(plan.operands) for axis, found in enumerate(part) if found == label)


def _size(places: tuple, arrays: Any) -> Any:
    operand, axis = places[0]
    length = arrays[operand].shape[axis]
    return length if len(places) == 1 else _agreed(length, places[1:], arrays)


def _agreed(length: Any, places: tuple, arrays: Any) -> Any:
    if len(places) == 0:
        return length
    operand, axis = places[0]
    other = arrays[operand].shape[axis]
    if length != other and length != 1 and other != 1:
        raise ValueError(
            f"operands could not be broadcast together: a label has the lengths {length} and {other} in an einstein sum"
        )
    return _agreed(other if length == 1 else length, places[1:], arrays)


def _views(plan: Subscripts, arrays: Any, sizes: Any, number: int) -> Any:
    if len(arrays) == 0:
        return ()
    return (_view(plan, arrays[0], sizes, number), *_views(plan, arrays[1:], sizes, number + 1))


def _view(plan: Subscripts, array: Any, sizes: Any, number: int) -> Any:
    """An operand over all labels: those that it lacks have the stride 0, one that is repeated runs along a diagonal."""
    if plan.operands[number] == plan.labels:
        return array
    return view_of(array, 0, sizes, _label_strides(plan, array, number, plan.labels))


def _label_strides(plan: Subscripts, array: Any, number: int, labels: str) -> Any:
    if len(labels) == 0:
        return ()
    return (_stride_of(array, axes_of(plan, number, labels[0])), *_label_strides(plan, array, number, labels[1:]))


@static_function
def axes_of(plan: Subscripts, number: int, label: str) -> tuple[int, ...]:
    """The axes of an operand with this label."""
    return tuple(axis for axis, found in enumerate(plan.operands[number]) if found == label)


def _stride_of(array: Any, axes: tuple[int, ...]) -> Any:
    if len(axes) == 0:
        return 0
    stride = 0 if array.shape[axes[0]] == 1 else array.strides[axes[0]]
    return stride if len(axes) == 1 else stride + _stride_of(array, axes[1:])
