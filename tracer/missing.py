"""What a module says of a name that it does not have: that it is not there yet, or which name was meant."""

from __future__ import annotations

import opcode
import sys
from collections.abc import Iterable, Mapping

from ir.on_demand import OnDemand

difflib = OnDemand("difflib")

_IMPORT_FROM = opcode.opmap["IMPORT_FROM"]


def missing_name(
    module: str, name: str, not_yet: Mapping[str, str], known: Iterable[str]
) -> AttributeError | ImportError:
    """The error for a module's `__getattr__` to raise; call it there directly.

    The import system asks for names too: for `__path__`, and before `from package import module` for the module. Then the
    error is a bare one. `not_yet` maps names that code written for Numba uses to what to do without them. Where the caller is a
    `from ... import`, an AttributeError would be replaced by Python's own text, so that gets an ImportError.
    """
    frame = sys._getframe(2)
    if name.startswith("__") or frame.f_globals.get("__name__") == "importlib._bootstrap":
        return AttributeError(name)
    if name in not_yet:
        text = f"{module}.{name} is not there yet"
        if not_yet[name]:
            text += f": {not_yet[name]}"
    else:
        text = f"{module} has no {name}" + suggestion(name, known)
    if frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM:
        return ImportError(text, name=name)
    return AttributeError(text)


def suggestion(name: str, known: Iterable[str]) -> str:
    """`"; did you mean 'float64'?"`, or nothing where no known name is near."""
    known = {k: k for k in known}
    by_lower = {k.lower(): k for k in known}
    for wanted, table in ((name, known), (name.lower(), by_lower)):
        near = difflib.get_close_matches(wanted, table, 1)
        if near:
            return f"; did you mean {table[near[0]]!r}?"
    return ""
