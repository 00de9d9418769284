"""All that can be traced. Importing this fills the tables that the tracer looks things up in."""

import tracer.array_intrinsics
import tracer.expressions
import tracer.index_iterators
import tracer.intrinsics
import tracer.library
import tracer.loops
import tracer.statements
import tracer.typed_objects  # noqa: F401
