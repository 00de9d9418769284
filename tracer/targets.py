"""Assignment targets: names, tuples with stars, items."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from tracer import errors, library
from tracer.arrays import is_array
from tracer.calls import implementation_of
from tracer.displays import index_display
from tracer.iteration import unpack
from tracer.records import has_records, set_field
from tracer.segments import unpacked_object
from tracer.subscripts import set_item
from tracer.tracing import Tracer
from tracer.values import is_object


def assign_target(t: Tracer, target: ast.expr, value: Any) -> None:
    """Bind or store `value` where the target says."""
    if isinstance(target, ast.Name):
        t.at(target)
        t.assign(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        if is_object(value):
            value = unpacked_object(t, value, target)
        _assign_items(t, target, value)
    elif isinstance(target, ast.Subscript):
        container = t.evaluate(target.value)
        index = index_display(t, container, target.slice)
        t.at(target)
        set_item(t, container, index, value)
    elif isinstance(target, ast.Attribute):
        set_attribute(t, target, t.evaluate(target.value), value)
    else:
        t.at(target)
        raise t.fail(errors.UnsupportedTarget)


def set_attribute(t: Tracer, target: ast.Attribute, container: Any, value: Any) -> None:
    """`array.real = value` and the like, by the library's function for the setter."""
    t.at(target)
    if has_records(container) and target.attr in container.type.dtype.names:
        set_field(t, container, target.attr, value)
        return
    library.load_rest()  # for nothing tells of a setter, when it is looked up, that it is NumPy's
    attribute = getattr(np.ndarray, target.attr, None) if is_array(container) else None
    setter = getattr(attribute, "__set__", None)
    if setter is None or implementation_of(setter) is None:
        raise t.fail(errors.UnsupportedTarget)
    t.call(setter, (container, value), {})


def _assign_items(t: Tracer, target: ast.Tuple | ast.List, value: Any) -> None:
    items = unpack(t, value, target)
    targets = target.elts
    starred = next((i for i, e in enumerate(targets) if isinstance(e, ast.Starred)), None)
    t.at(target)
    needed = len(targets) - (starred is not None)
    if len(items) < needed:
        words = "at least " if starred is not None else ""
        _unpack_error(t, f"not enough values to unpack (expected {words}{needed}, got {len(items)})")
        return
    if starred is None:
        if len(items) > needed:
            _unpack_error(t, f"too many values to unpack (expected {needed})")
            return
        for part, item in zip(targets, items):
            assign_target(t, part, item)
        return
    after = len(targets) - starred - 1
    middle = len(items) - after
    for part, item in zip(targets[:starred], items[:starred]):
        assign_target(t, part, item)
    assign_target(t, targets[starred].value, items[starred:middle])
    for part, item in zip(targets[starred + 1 :], items[middle:]):
        assign_target(t, part, item)


def _unpack_error(t: Tracer, message: str) -> None:
    t.raise_(ValueError, message)
