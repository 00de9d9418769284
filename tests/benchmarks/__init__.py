"""Benchmarks beside Numba and C, as ratios measured in one run: `python -m tests.benchmarks`."""
