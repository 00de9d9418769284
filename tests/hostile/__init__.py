"""Wrong, odd and malicious values given to every public entry, in processes of their own, so that a crash is seen.

`python -m tests.hostile` runs all of it; see `tests/hostile/__main__.py`.
"""
