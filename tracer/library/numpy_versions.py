"""In which the versions of NumPy differ that are supported: compiled code does what the installed one does."""

from __future__ import annotations

import numpy as np

FROM_2_5 = np.lib.NumpyVersion(np.__version__) >= "2.5.0"
"""Counts of times and ints that do not fit raise, vectors of two components have no cross product, `np.take` converts for its output."""
