"""Modules that are imported when the first of their names is used.

Importing the package should take little time, and most of the compiler is not needed before the first compilation,
some of it only when something is shown or goes wrong. A file names such a module at its top, among its imports:

    passes = OnDemand("ir.passes")

and `passes.optimize(graph)` imports it. The layers hold for these names as for any import.
"""

from __future__ import annotations

import sys
from typing import Any

from ir import forking


class OnDemand:
    """Stands for the module of that name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._module: Any = None

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.load(), attribute)

    def load(self) -> Any:
        """Import the module, for the effect of that; returns it."""
        if self._module is None:
            self._module = forking.load(self._name)
        return self._module

    def is_loaded(self) -> bool:
        """Whether someone has imported the module."""
        return self._name in sys.modules

    def __repr__(self) -> str:
        return f"<module {self._name!r}, on demand>"
