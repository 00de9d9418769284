"""All primitive ops. Importing this package fills `ir.opdef.REGISTRY`."""

from ir.ops import aggregate, arithmetic, array, compare, control, convert, elementwise, foreign, math, memory, python

__all__ = ["aggregate", "arithmetic", "array", "compare", "control", "convert", "elementwise", "foreign", "math", "memory", "python"]
