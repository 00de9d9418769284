"""From a function object to its syntax tree, with the line and column of every node as they are in the file.

A `def` is found by the line its code object starts on, and only its own lines are parsed. A `lambda` shares its
line with anything, so the whole file is parsed and its columns decide, or its bytecode where it has no columns.
The text comes from `linecache`: functions of a notebook, a doctest or `exec` work when their text is known there.
"""

from __future__ import annotations

import ast
import linecache
import os
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from ir.forking import reopened_lock
from tracer.started import STARTED

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class SourceNotFound(Exception):
    """The text of a function cannot be had, or is no longer the text it was compiled from.

    `reason` continues a sentence: "f cannot be traced: it is written in C ...".
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


_QUIET = reopened_lock()


def parsed(parse: Callable[[], Any]) -> Any:
    """What parsing or compiling text gives that Python has taken before. It may have warned of the text then; where such a warning is an
    error now, as by `warnings.simplefilter("error")`, it is left out."""
    try:
        return parse()
    except SyntaxError:
        if all(action != "error" for action, *_ in warnings.filters):
            raise
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse()


class FunctionSource(NamedTuple):
    """The syntax tree of one function. It is shared by all closures made from the same code: do not change it.

    `node` has absolute line numbers (from 1) and columns in UTF-8 bytes (from 0), as in `ast`. `name` is the
    qualified name, `freevars` the names of the closure's cells in the order of `__closure__`.
    """

    node: FunctionNode
    filename: str
    name: str
    freevars: tuple[str, ...]
    lines: Sequence[str]  # of the whole file, each with its newline

    def line(self, number: int) -> str:
        """The text of a line of the file, counted from 1, without its newline."""
        return self.lines[number - 1].rstrip("\r\n") if 0 < number <= len(self.lines) else ""


_FOUND: dict[int, tuple[weakref.ref, FunctionSource]] = {}


def function_source(function: FunctionType) -> FunctionSource:
    """The source of a plain Python function; raises SourceNotFound with the reason.

    Decorated functions are not unwrapped: what a wrapper does is part of what a call means.
    """
    if not issubclass(type(function), FunctionType):  # an object may say that it is one
        raise SourceNotFound(_reason_without_code(function))
    code = function.__code__
    known = _FOUND.get(id(code))
    if known is not None and known[0]() is code:
        return known[1]
    source = _find(function, code)
    remember_source(function, source)
    return source


def remember_source(function: FunctionType, source: FunctionSource) -> None:
    """Note the source of a function, also of one that was made from a syntax tree."""
    code = function.__code__
    # Equal code objects can come from different files, so the key is the identity, for as long as the code lives.
    _FOUND[id(code)] = weakref.ref(code, lambda _, key=id(code): _FOUND.pop(key, None)), source


def _reason_without_code(function: Any) -> str:
    if isinstance(function, type):
        return "it is a class, not a function"
    kind = type(function).__name__
    if kind in ("builtin_function_or_method", "method_descriptor", "wrapper_descriptor", "ufunc"):
        return "it is written in C and has no Python source"
    return f"it is not a plain Python function but {'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"


def _find(function: FunctionType, code: CodeType) -> FunctionSource:
    filename = code.co_filename
    linecache.checkcache(filename)
    lines = linecache.getlines(filename, function.__globals__)
    if not lines:
        raise SourceNotFound(_reason_without_text(code), "define the function in a file or in a notebook cell")
    node = None
    if code.co_name != "<lambda>":
        node = _parse_definition(code, lines)
    if node is None:
        node = _search_file(code, lines)
    if node is None or not _has_parameters(node, code) or _edited_since_import(code, lines):
        raise SourceNotFound(
            f"the text of {filename} at line {code.co_firstlineno} is not that of {code.co_name}, so it was edited "
            "after it was imported",
            "start Python again, or reload the module",
        )
    _mangle(node, code, function.__qualname__)
    return FunctionSource(node, filename, function.__qualname__, code.co_freevars, lines)


def _mangle(node: FunctionNode, code: CodeType, qualified_name: str) -> None:
    """Give the private names of a method, as `__x`, the form with the class in it that they have in its code, as `_C__x`."""
    in_code = {name for c in (code, *_codes_in(code)) for name in (*c.co_names, *c.co_varnames, *c.co_freevars, *c.co_cellvars)}
    classes = ["_" + part.lstrip("_") for part in qualified_name.split(".")]
    private = {name[len(c) :]: name for c in classes for name in in_code if name.startswith(c + "__")}
    mangled = {name: own for name, own in private.items() if name not in in_code and not name.endswith("__")}
    pending: list[ast.AST] = [node] if mangled else []
    while pending:
        inner = pending.pop()
        for field in () if isinstance(inner, ast.Constant) else inner._fields:
            value = getattr(inner, field)
            if isinstance(value, str):
                setattr(inner, field, mangled.get(value, value))
            elif isinstance(value, list):
                value[:] = [mangled.get(part, part) if isinstance(part, str) else part for part in value]
        # A class in the function has its own name for those of its body.
        pending += [] if isinstance(inner, ast.ClassDef) else ast.iter_child_nodes(inner)


def _reason_without_text(code: CodeType) -> str:
    filename = code.co_filename
    if filename.startswith("<") and filename.endswith(">"):
        return f"its source is not known, as it was made by exec, eval or an interactive session ({filename})"
    if not os.path.exists(filename):
        return f"its source is not known: there is no file {filename}"
    return f"its source is not known: {filename} is empty or cannot be read"


# --- a def: parse only its own lines -----------------------------------------------------------------------------


def _parse_definition(code: CodeType, lines: Sequence[str]) -> FunctionNode | None:
    """The `def` of this code, or None where its lines do not stand alone.

    The block ends before the first line that is indented no deeper than the `def`. If the text up to there parses,
    it is the complete definition: text that stops inside a string, a bracket or a continued line does not parse.
    """
    first = code.co_firstlineno
    if first > len(lines):
        return None
    indented = lines[first - 1][:1].isspace()
    if indented and first == 1:
        return None
    end = _block_end(lines, first, max(_code_lines(code)))
    # Blank lines in front give every node its line in the file; `if 1:` gives an indented block a place to be.
    before = "\n" * (first - 2) + "if 1:\n" if indented else "\n" * (first - 1)
    try:
        statements = parsed(lambda: ast.parse(before + "".join(lines[first - 1 : end]))).body
    except SyntaxError:
        return None
    if indented:
        statements = statements[0].body
    if len(statements) != 1 or not isinstance(statements[0], (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    return statements[0] if statements[0].name == code.co_name else None


def _code_lines(code: CodeType) -> Iterator[int]:
    """All lines that this code and the code inside it have instructions on."""
    yield code.co_firstlineno
    for _, _, line in code.co_lines():
        if line is not None:
            yield line
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_lines(constant)


def _block_end(lines: Sequence[str], first: int, at_least: int) -> int:
    """The number of the last line of the block that starts on line `first`."""
    indentation = _indentation(lines[first - 1])
    for number in range(at_least, len(lines)):
        text = lines[number].strip()
        if text and not text.startswith("#") and _indentation(lines[number]) <= indentation:
            return number
    return len(lines)


def _indentation(line: str) -> int:
    line = line.expandtabs(8)
    return len(line) - len(line.lstrip())


# --- anything: parse the whole file --------------------------------------------------------------------------------


class _Candidate(NamedTuple):
    """A function in a parsed file, and the class whose body it is in (private names are mangled with it)."""

    node: FunctionNode
    class_name: str | None


_FILES: dict[str, tuple[Sequence[str], dict[int, list[_Candidate]]]] = {}


def _search_file(code: CodeType, lines: Sequence[str]) -> FunctionNode | None:
    kind = ast.Lambda if code.co_name == "<lambda>" else (ast.FunctionDef, ast.AsyncFunctionDef)
    candidates = [
        c
        for c in _functions_by_line(code.co_filename, lines).get(code.co_firstlineno, ())
        if isinstance(c.node, kind) and getattr(c.node, "name", code.co_name) == code.co_name
        and _has_parameters(c.node, code)
    ]  # fmt: skip
    if kind is ast.Lambda and len(candidates) > 1:
        candidates = _by_position(candidates, code)
        if len(candidates) > 1:
            candidates = [c for c in candidates if _compiles_to(c, code)]
    return candidates[0].node if candidates else None  # what is still left does the same


def _functions_by_line(filename: str, lines: Sequence[str]) -> dict[int, list[_Candidate]]:
    """All functions of a file by the line their code object starts on."""
    known = _FILES.get(filename)
    if known is not None and known[0] == lines:
        return known[1]
    try:
        tree = parsed(lambda: ast.parse("".join(lines)))
    except SyntaxError as error:
        raise SourceNotFound(f"the text of {filename} does not parse (line {error.lineno}: {error.msg})") from None
    table: dict[int, list[_Candidate]] = {}
    for candidate in _functions_in(tree):
        node = candidate.node
        start = min((d.lineno for d in getattr(node, "decorator_list", ())), default=node.lineno)
        table.setdefault(start, []).append(candidate)
    _FILES[filename] = lines, table
    return table


def _functions_in(tree: ast.Module) -> Iterator[_Candidate]:
    pending: list[tuple[ast.AST, str | None]] = [(tree, None)]
    while pending:
        node, class_name = pending.pop()
        if isinstance(node, ast.ClassDef):
            class_name = node.name
        elif isinstance(node, FunctionNode):
            yield _Candidate(node, class_name)
        pending.extend((child, class_name) for child in ast.iter_child_nodes(node))


def _has_parameters(node: FunctionNode, code: CodeType) -> bool:
    """Whether the parameters have the names and kinds that the code has."""
    arguments = node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    names += [a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None]
    in_code = code.co_varnames[: len(names)]
    return (
        len(arguments.posonlyargs) == code.co_posonlyargcount
        and len(arguments.posonlyargs) + len(arguments.args) == code.co_argcount
        and len(arguments.kwonlyargs) == code.co_kwonlyargcount
        and (arguments.vararg is not None) == bool(code.co_flags & _VARARGS)
        and (arguments.kwarg is not None) == bool(code.co_flags & _VARKEYWORDS)
        and len(in_code) == len(names)
        # A parameter `__x` of a method of class C is `_C__x` in the code.
        and all(name == own or (name.startswith("__") and own.endswith(name)) for name, own in zip(names, in_code))
    )


_VARARGS, _VARKEYWORDS = 4, 8  # CO_VARARGS and CO_VARKEYWORDS of `inspect`


def _by_position(candidates: list[_Candidate], code: CodeType) -> list[_Candidate]:
    """The lambda whose body holds all instructions of `code`, the innermost one; all where there are no columns."""
    if not hasattr(code, "co_positions"):  # before Python 3.11
        return candidates
    spans = [p for p in code.co_positions() if None not in p and (p[0], p[2]) < (p[1], p[3])]
    if not spans:
        return candidates
    start = min((line, column) for line, _, column, _ in spans)
    end = max((line, column) for _, line, _, column in spans)
    around = [c for c in candidates if _start(c.node.body) <= start and end <= _end(c.node.body)]
    return [max(around, key=lambda c: _start(c.node))] if around else candidates


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _compiles_to(candidate: _Candidate, code: CodeType) -> bool:
    """Whether the lambda gives the same bytecode when it is compiled with the same free variables."""
    written = candidate.node.args
    parameters = ast.arguments(
        written.posonlyargs, written.args, written.vararg, written.kwonlyargs, [None] * len(written.kwonlyargs),
        written.kwarg, [],
    )  # fmt: skip
    alone = ast.copy_location(ast.Lambda(parameters, candidate.node.body), candidate.node)
    shell = ast.parse(f"def shell({', '.join(code.co_freevars)}): 0").body
    shell[0].body = [ast.copy_location(ast.Expr(alone), candidate.node)]
    if candidate.class_name is not None:
        outer = ast.parse(f"class {candidate.class_name}: 0").body
        outer[0].body, shell = shell, outer
    module = ast.fix_missing_locations(ast.Module(shell, []))
    compiled = parsed(lambda: compile(module, code.co_filename, "exec", dont_inherit=True))
    inside = next(c for c in _codes_in(compiled) if c.co_name == "shell").co_consts
    return any(_fingerprint(c) == _fingerprint(code) for c in inside if isinstance(c, CodeType))


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _fingerprint(code: CodeType) -> tuple:
    """What two code objects of the same meaning have in common. Equal numbers of different types are told apart."""
    constants = tuple(
        _fingerprint(c) if isinstance(c, CodeType) else (type(c), repr(c).rpartition(".<locals>.")[2])
        for c in code.co_consts  # Python 3.10 has the qualified names of inner functions there
    )
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars


# --- a file edited after it was imported ---------------------------------------------------------------------------


def _edited_since_import(code: CodeType, lines: Sequence[str]) -> bool:
    """Whether the file changed while this process ran, and its text now compiles to other code."""
    entry = linecache.cache.get(code.co_filename)
    modified = entry[1] if entry is not None and len(entry) == 4 else None
    if modified is None or modified <= STARTED or _rewritten_by_a_tool(code):
        return False
    try:
        now = parsed(lambda: compile("".join(lines), code.co_filename, "exec", dont_inherit=True))
    except SyntaxError:
        return True
    same_place = [c for c in _codes_in(now) if c.co_name == code.co_name and c.co_firstlineno == code.co_firstlineno]
    return all(_fingerprint(c) != _fingerprint(code) for c in same_place)


def _rewritten_by_a_tool(code: CodeType) -> bool:
    """Whether the code uses names that no source can hold, as pytest's rewritten assertions do."""
    return not all(name.isidentifier() for name in (*code.co_names, *code.co_varnames))


# Where the files of Python and of installed packages lie.
STANDARD_LIBRARY = os.path.join(os.path.dirname(os.path.abspath(os.__file__)), "")
PACKAGE_FOLDERS = ("site-packages", "dist-packages")


def is_installed(filename: str) -> bool:
    """Whether the file belongs to the standard library or an installed package."""
    return filename.startswith(STANDARD_LIBRARY) or any(f"{os.sep}{d}{os.sep}" in filename for d in PACKAGE_FOLDERS)
