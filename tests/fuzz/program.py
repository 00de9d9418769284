"""What a family makes: one program and its arguments."""

from __future__ import annotations

import ast
import cmath
import collections
import functools
import linecache
import math
import operator
import types
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from tests.fuzz.inputs import array, records, times
from tests.object_harness import Thing, note
from tracer import njit

Point = collections.namedtuple("Point", "x y")


def opaque(value: Any) -> Any:
    """A function without a graph of its own: `eval` is left to the interpreter."""
    return eval("value", {"value": value})


NAMES: dict[str, Any] = {
    "np": np, "math": math, "cmath": cmath, "functools": functools, "operator": operator, "njit": njit,
    "Point": Point, "opaque": opaque, "note": note, "Thing": Thing, "array": array, "times": times, "records": records,
}  # fmt: skip


@attrs.frozen
class Program:
    """A function `program`, maybe with others in front of it.

    `inputs` are texts of tuples of arguments, of the same types. With `objects`, it is a program for `jit`. `options` are
    those that it is compiled with.
    """

    text: str
    inputs: list[str]
    objects: bool = False
    options: dict[str, Any] = attrs.field(factory=dict)


def function_of(text: str) -> Callable[..., Any]:
    """The function `program` of the text, with its source where the compiler looks for it."""
    return _made(text, text, {})


def changed_function_of(text: str, change: ast.NodeTransformer, names: dict[str, Any]) -> Callable[..., Any]:
    """The function `program` of the text after a change of its tree, in which `names` mean something: as Python should do what we do."""
    return _made(text, ast.fix_missing_locations(change.visit(ast.parse(text))), names)


def _made(text: str, code: Any, names: dict[str, Any]) -> Callable[..., Any]:
    filename = f"<program {hash(text)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace = {**NAMES, **names, "__name__": "programs"}
    exec(compile(code, filename, "exec"), namespace)
    return namespace["program"]


@functools.lru_cache(256)
def _expression(text: str) -> types.CodeType:
    return compile(text, "<arguments>", "eval")


def arguments_of(text: str) -> tuple[Any, ...]:
    """The arguments that the text makes."""
    return eval(_expression(text), dict(NAMES))
