"""Object mode: whole programs that mix compiled loops with what the interpreter has to do, in `jit` and in the interpreter."""

from __future__ import annotations

import pytest
from object_harness import differences, function_from
from object_programs import NAMES, Programs
from object_programs_cells import CELLS
from object_programs_scopes import SCOPES
from object_programs_statements import STATEMENTS

pytestmark = pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
PROGRAMS: Programs = {**SCOPES, **CELLS, **STATEMENTS}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    text, calls = PROGRAMS[name]
    found = differences(function_from(text, dict(NAMES)), calls)
    assert not found, text + "\n".join(found)
