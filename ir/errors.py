"""Faults of the IR itself. None of these is ever the user's mistake."""

from __future__ import annotations


class IRError(Exception):
    """Base of every fault found in a graph."""


class IRTypeError(IRError):
    """An op was given operands or attributes that its type rule does not accept."""


class VerificationError(IRError):
    """A graph breaks the rules of the IR; the message is the dump with the findings inside it."""


class ParseError(IRError):
    """Text that is not a graph; the message names the line."""


class DomainError(IRError):
    """An op met operand values that it is not defined for: whoever made the graph let them through."""


class StepLimitError(IRError):
    """The reference interpreter reached its limit of steps."""
