"""All that can be traced. Importing this fills the tables that the tracer looks things up in."""

from tracer import array_intrinsics, expressions, intrinsics, library, loops, statements

__all__ = ["array_intrinsics", "expressions", "intrinsics", "library", "loops", "statements"]
