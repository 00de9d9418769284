"""What a user can choose about the machine code."""

from __future__ import annotations

from collections.abc import Iterable

_FAST_MATH_FLAGS = frozenset({"fast", "nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"})


def _fast_math(choice: bool | Iterable[str]) -> frozenset[str]:
    flags = frozenset({"fast"} if choice is True else () if choice is False else choice)
    unknown = flags - _FAST_MATH_FLAGS
    if unknown:
        raise ValueError(f"fastmath takes LLVM's flags {', '.join(sorted(_FAST_MATH_FLAGS))}, not {', '.join(sorted(unknown))}")
    return flags


class Options:
    """`fastmath`: True, or a set of LLVM's fast-math flags; `nogil`: run without the interpreter's lock.

    `exact_arguments`: the entry takes exactly the arguments that `typeof` gives the parameter types for. Otherwise an
    array of any layout is taken for a type of any strides, a writeable one for a read-only type, and an aligned one
    for an unaligned type, as a signature that was written down means it. `cache`: the code is kept on disk. `classes`:
    for each parameter that is an object the address of the class that the entry expects; None for any.
    """

    def __init__(
        self, fastmath: bool | Iterable[str] = False, nogil: bool = False, exact_arguments: bool = True, cache: bool = False,
        classes: tuple[int | None, ...] = (),
    ) -> None:  # fmt: skip
        self.fastmath = _fast_math(fastmath)
        self.nogil = nogil
        self.exact_arguments = exact_arguments
        self.cache = cache
        self.classes = classes

    @property
    def float_flags(self) -> str:
        """The flags as LLVM text, followed by a space, or nothing."""
        return "".join(flag + " " for flag in sorted(self.fastmath))
