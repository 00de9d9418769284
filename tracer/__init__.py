"""A just-in-time compiler for numerical Python, by explicit tracing.

    from tracer import njit, trace

    @njit
    def f(x): ...               # compiled for the types it is called with

    graph = trace(f)(1.0)       # the compiled Graph: graph(2.0), graph.show()
"""

from typing import TYPE_CHECKING

from tracer import supported as _supported  # noqa: F401, I001  (refuses, before NumPy does, what cannot work)
from ir import forking as _forking  # noqa: F401  (from here on, forks wait for the import)
from ir.on_demand import OnDemand
from tracer import errors, types
from tracer import started as _started  # noqa: F401  (notes the time)
from tracer.compiler import Graph
from tracer.dispatch import Dispatcher, ObjectModeWarning, jit, njit, trace
from tracer.errors import NopythonError, TracerError
from tracer.missing import missing_name
from tracer.typeof import typeof
from tracer.types import (
    boolean, complex64, complex128, float32, float64, int8, int16, int32, int64, intp, uint8, uint16, uint32, uint64, uintp,
    void,
)  # fmt: skip
from tracer.unrolling import literal_unroll, prange, static_range

if TYPE_CHECKING:
    from tracer.extending import implements, out_of_line, primitive, reject
    from tracer.typed_objects import objmode

__version__ = "0.1.0"

__all__ = [
    "Dispatcher", "Graph", "NopythonError", "ObjectModeWarning", "TracerError", "boolean", "complex64", "complex128", "errors",
    "float32", "float64", "implements", "int8", "int16", "int32", "int64", "intp", "jit", "literal_unroll", "njit", "objmode", "out_of_line",
    "prange", "primitive", "reject", "static_range", "trace", "typeof", "types", "uint8", "uint16", "uint32", "uint64", "uintp",
    "void",
]  # fmt: skip

_NOT_YET = {
    "vectorize": "call the compiled function in a loop over the items",
    "guvectorize": "call the compiled function in a loop over the rows",
    "cfunc": "",
    "stencil": "write the loop over the inner items",
    "literally": "arguments known while tracing are static already",
    "set_num_threads": "loops run on one thread",
    "get_num_threads": "loops run on one thread",
    "get_thread_id": "loops run on one thread",
    "threading_layer": "loops run on one thread",
    "config": "options are arguments of the decorators",
    "jitclass": "pass named tuples and arrays",
    "experimental": "",
    "typed": "pass arrays or tuples",
    "extending": "use tracer.implements",
    "generated_jit": "conditions on types are decided while tracing: write `if isinstance(x, float)`",
    "float16": "",
}


_extending = OnDemand("tracer.extending")
_typed_objects = OnDemand("tracer.typed_objects")
_EXTENDING = ("implements", "out_of_line", "primitive", "reject")


def __getattr__(name: str) -> object:
    if name in _EXTENDING:
        return getattr(_extending, name)
    if name == "objmode":
        return _typed_objects.objmode
    raise missing_name(__name__, name, _NOT_YET, __all__)
