"""All faults."""

from __future__ import annotations

from tests.mutants import Mutant
from tests.mutants.in_codegen import CODEGEN
from tests.mutants.in_ir import IR
from tests.mutants.in_library import LIBRARY
from tests.mutants.in_tracer import TRACER

MUTANTS: tuple[Mutant, ...] = (*IR, *CODEGEN, *TRACER, *LIBRARY)
