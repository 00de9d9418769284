"""Prints which functions of NumPy, and methods of its arrays, compiled code does not have.

`python tests/numpy_names.py` looks at all that the running NumPy has. `python tests/numpy_names.py FILE...` looks at the names in
files, one in a line, such as `linalg.norm`, `cumsum` or `ndarray.sort`. What is left out on purpose is printed last, with `--all`.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from tracer.calls import has_lowering
from tracer.extending import STATIC_FUNCTIONS
from tracer.library import load_rest

PLACES = {"": np, "lib.stride_tricks.": np.lib.stride_tricks, "linalg.": np.linalg, "ndarray.": np.ndarray}
TRACED = ("bartlett", "blackman", "hamming", "hanning", "isfortran", "isscalar")
"""What compiled code traces as NumPy has written it."""

LEFT_OUT = {
    "strings, files and objects are not values here": (
        "array2string array_repr array_str base_repr binary_repr datetime_as_string format_float_positional format_float_scientific fromfile "
        "fromregex fromstring genfromtxt load loadtxt save savetxt savez savez_compressed mintypecode typename "
        "ndarray.dump ndarray.dumps ndarray.tobytes ndarray.tostring ndarray.tofile ndarray.tolist"
    ),
    "about NumPy itself": (
        "get_include get_printoptions getbufsize geterr geterrcall info printoptions set_printoptions setbufsize seterr seterrcall show_config "
        "show_runtime test linalg.test linalg.LinAlgError from_dlpack frompyfunc nested_iters einsum_path"
    ),
    "matrices are subclasses of arrays": "asmatrix bmat",
    "an array here keeps its memory, its shape and its flags": "ndarray.resize ndarray.setflags require",
    "calendars of working days": "busday_count busday_offset is_busday",
}  # fmt: skip


def names(places: dict[str, Any] = PLACES) -> Iterator[str]:
    """All functions and methods."""
    for prefix, place in places.items():
        for name in dir(place):
            if not name.startswith("_") and callable(getattr(place, name)) and not isinstance(getattr(place, name), type):
                yield prefix + name


def find(name: str) -> Any:
    """What a name stands for, or None where this NumPy does not have it."""
    place: Any = np
    for part in name.split("."):
        place = getattr(place, part, None)
    return place


def is_there(name: str) -> bool:
    """Whether compiled code has it."""
    function = find(name)
    return name in TRACED or isinstance(function, type) or has_lowering(function) or function in STATIC_FUNCTIONS


def missing(candidates: Iterator[str] | list[str]) -> list[str]:
    """The names of NumPy's that compiled code does not have."""
    load_rest()
    return [name for name in candidates if find(name) is not None and callable(find(name)) and not is_there(name)]


def main(arguments: list[str]) -> None:
    """Print what is missing, or all that is not there."""
    files = [pathlib.Path(a) for a in arguments if a != "--all"]
    candidates = [line for file in files for line in file.read_text(encoding="utf-8").split()] or list(names())
    left_out = {name for group in LEFT_OUT.values() for name in group.split()}
    absent = missing(candidates)
    print("missing:", *sorted(set(absent) - left_out))
    for reason, group in LEFT_OUT.items() if "--all" in arguments else ():
        print(f"left out ({reason}):", *sorted(set(group.split()) & set(absent)))


if __name__ == "__main__":
    main(sys.argv[1:])
