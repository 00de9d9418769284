"""Random programs, run in CPython, in the interpreter of the graph and as machine code: `python -m tests.fuzz --help`.

A *family* (`families.py`) makes programs from seeds: its source, texts of its arguments, and whether `jit` or `njit` compiles
it. `oracles.py` runs a program in every way and compares; `workers.py` does it in processes that may crash or hang;
`shrinking.py` makes small what fails, and `cases.py` keeps it.

To make the fuzzer write more of the language, add a line to a table of one of the grammars (`grammar*.py`).
"""
