"""What the functions of `numpy.linalg` share: calls of LAPACK, matrices as it takes them, and stacks of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Complex, Float, Scalar, Type
from tracer.array_steps import cast_item, generate, view_of
from tracer.extending import primitive, reject, static_function
from tracer.library.array_blas import as_integer, integer_type, new_array, routine
from tracer.library.array_products import as_array
from tracer.library.array_types import array_type, item_type
from tracer.typeof import typeof

LinAlgError = np.linalg.LinAlgError
LETTER = {letter: np.uint8(ord(letter)) for letter in "LUNVSAT"}


@static_function
def result_item(*kinds: Type) -> Scalar:
    """The type of the items of results for arrays of these types: integers become float64."""
    result = np.result_type(*(types.dtype_of(kind.dtype) for kind in kinds if isinstance(kind, Array)))
    return item_type(result if result.kind in "fc" else np.float64)


@static_function
def work_item(*kinds: Type) -> Scalar:
    """The type in which LAPACK works on arrays of these types: as in NumPy, in double precision, also on float32."""
    return types.np_complex128 if isinstance(result_item(*kinds), Complex) else types.np_float64


@static_function
def real_item(item: Scalar) -> Float:
    """The type of the parts of a complex type; a real type itself."""
    return item.part if isinstance(item, Complex) else item


@static_function
def is_complex(item: Scalar) -> bool:
    """Whether the type is a complex one."""
    return isinstance(item, Complex)


@static_function
def epsilon(item: Scalar) -> Any:
    """The distance from 1 to the next number, in the type of the parts."""
    return np.finfo(types.dtype_of(item)).eps


@static_function
def parameters_of(*kinds: Type) -> tuple[str, ...]:
    """How operands of these types are passed; the status comes last."""
    passed = {types.uint8: "character"}
    return (*("data" if isinstance(kind, Array) else passed.get(kind, "reference") for kind in kinds), "status")


def lapack(item: Scalar, name: str, *operands: Any) -> Any:
    """Call a routine for items of this type; what it says about success, as a Python int. Characters are uint8."""
    symbol = routine(item, name)
    if symbol is None:
        reject(f"LAPACK's {name} is needed, and neither this NumPy nor SciPy offers it", "install SciPy")
    prepared = _prepared(operands)
    parameters = parameters_of(*_kinds(prepared))
    return int(primitive.foreign(*prepared, symbol=symbol, parameters=parameters, to=integer_type()))


def _prepared(operands: Any) -> Any:
    if len(operands) == 0:
        return ()
    return (as_integer(operands[0]) if _is_length(typeof(operands[0])) else operands[0], *_prepared(operands[1:]))


def _kinds(operands: Any) -> Any:
    return () if len(operands) == 0 else (typeof(operands[0]), *_kinds(operands[1:]))


@static_function
def _is_length(kind: Type) -> bool:
    return kind is types.int64


def fortran_copy(matrix: Any, item: Scalar) -> Any:
    """The matrix in new memory in Fortran order, with items of this type."""
    return generate(matrix.shape, lambda x: cast_item(x, item), matrix, layout="F", indexed=False)


def fortran_matrix(rows: Any, columns: Any, item: Scalar) -> Any:
    """A new matrix in Fortran order with any contents."""
    return primitive.alloc(rows, columns, to=array_type(item, 2, "F"), zero=False)


def integers(count: Any) -> Any:
    """A new array of integers as LAPACK has them."""
    return new_array((max(count, 1),), integer_type())


def workspace(count: Any, item: Scalar) -> Any:
    """A new array of at least one item."""
    return new_array((max(count, 1),), item)


def asked_size(work: Any) -> Any:
    """How much workspace a routine asked for: it leaves the number in the first item."""
    return int(primitive.load(work, 0).real)


@static_function
def two_axes_message(ndim: int) -> str:
    """What NumPy says of arrays that are no matrices."""
    return f"{ndim}-dimensional array given. Array must be at least two-dimensional"


def check_matrices(array: Any) -> None:
    """Raise LinAlgError unless the array has two axes at least."""
    if array.ndim < 2:
        raise LinAlgError(two_axes_message(array.ndim))


def check_square(array: Any) -> None:
    """Raise LinAlgError unless the array is a stack of square matrices."""
    check_matrices(array)
    if array.shape[-1] != array.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")


def square_array(a: Any) -> Any:
    """The argument as an array of square matrices."""
    array = as_array(a)
    check_square(array)
    return array


def for_each_matrix(function: Any, depth: int, outputs: Any, inputs: Any) -> None:
    """Call `function(outputs, inputs)` for the matrices of stacks with this many leading axes, one after the other.

    `outputs` and `inputs` are tuples of arrays; all have the leading axes.
    """
    if depth == 0:
        function(outputs, inputs)
    else:
        for i in range(outputs[0].shape[0]):
            for_each_matrix(function, depth - 1, _parts(outputs, i), _parts(inputs, i))


def _parts(arrays: Any, i: int) -> Any:
    return () if len(arrays) == 0 else (_part(arrays[0], i), *_parts(arrays[1:], i))


def _part(array: Any, i: int) -> Any:
    """What a stack has at an index of its first axis: of a stack of numbers, an array without axes."""
    if array.ndim > 1:
        return primitive.subarray(array, i)
    return primitive.view(array, i * array.strides[0], to=_scalar_view(typeof(array)))


@static_function
def _scalar_view(kind: Array) -> Array:
    return Array(kind.dtype, 0, "C", kind.readonly, kind.aligned)


def unwrapped(array: Any) -> Any:
    """A number in place of an array without axes, as NumPy returns it."""
    return array[()] if array.ndim == 0 else array


def stretched(array: Any, lengths: Any) -> Any:
    """The view of a shape that the array fits into."""
    if array.ndim == len(lengths) and array.ndim <= 2:
        return array
    return view_of(array, 0, lengths, _stretched_strides(array.shape, array.strides, len(lengths)))


def _stretched_strides(shape: Any, strides: Any, ndim: int) -> Any:
    if ndim == 0:
        return ()
    if len(shape) < ndim:
        return (0, *_stretched_strides(shape, strides, ndim - 1))
    return (0 if shape[0] == 1 else strides[0], *_stretched_strides(shape[1:], strides[1:], ndim - 1))
