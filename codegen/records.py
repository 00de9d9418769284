"""Memory that compiled code and this package share: what is where, in bytes from the start."""

from __future__ import annotations

from codegen.objects import PAYLOAD

MISMATCH = "inttoptr (i64 1 to ptr)"  # what an entry returns when the arguments are not of its types

# The fields of an instance of a native type, after the object header; see codegen.native.
VECTORCALL, DICT, WEAKREFS, SLOW, KEEP, ENTRIES, INSTANCE_SIZE = (PAYLOAD + 8 * i for i in range(7))

# The record through which compiled code reports an exception; see codegen.errors.
RECORD_STACK_LIMIT, RECORD_SITE, RECORD_DEPTH, RECORD_TRACE = 0, 8, 16, 24
TRACE_INNERMOST, TRACE_OUTERMOST = 48, 16  # frames that are kept of a deep chain of calls
RECORD_VALUES = RECORD_TRACE + 4 * (TRACE_INNERMOST + TRACE_OUTERMOST)
