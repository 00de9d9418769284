"""Faults in tracing: types, joins, liveness, calls, dispatch and object mode."""

from __future__ import annotations

from tests.mutants import Mutant

_LANGUAGE = "tests/test_language.py"
_DISPATCH = "tests/test_dispatch.py"
_TYPEOF = "tests/test_typeof.py"
_OPERATORS = "tests/test_operators.py"
_OBJECTS = "tests/test_object_mode.py"
_OBJECT_TYPES = "tests/test_object_mode_types.py"
_REST = "tests/test_continuations.py"
_CELLS, _PROGRAMS = "tests/test_cells.py", "tests/test_object_mode_programs.py"
_SLICES = "tests/test_arrays_indexing.py"

TRACER: tuple[Mutant, ...] = (
    # --- the types of arguments
    Mutant("tracer/typeof.py", "readonly=not flags.writeable, aligned=flags.aligned)", "readonly=False, aligned=flags.aligned)",
           "read-only arrays are written", (_TYPEOF,)),
    Mutant("tracer/typeof.py", "readonly=not flags.writeable, aligned=flags.aligned)", "readonly=not flags.writeable)",
           "unaligned arrays are taken for aligned ones", (_TYPEOF,)),
    Mutant("tracer/typeof.py", "key = array.dtype, array.ndim, array.flags.num", "key = array.dtype, array.ndim",
           "the type of the first array of a dtype is kept for all", (_TYPEOF,)),
    Mutant("tracer/typeof.py", '"C" if flags.c_contiguous else "F"', '"F" if flags.f_contiguous else "C"',
           "strided arrays are said to be in C order", (_TYPEOF,)),
    # --- where paths meet
    Mutant("tracer/shapes.py", 'a.layout if a.layout == b.layout else "A"', "a.layout", "a strided array is read as the contiguous one of the other path",
           ("tests/test_arrays_shapes.py::test_where_arrays_of_different_types_meet",)),
    Mutant("tracer/shapes.py", 'Array(a.dtype, a.ndim, layout, a.readonly or b.readonly', 'Array(a.dtype, a.ndim, layout, a.readonly and b.readonly',
           "an array that is read-only on one path is written", ("tests/test_arrays_shapes.py::test_where_arrays_of_different_types_meet",)),
    Mutant("tracer/shapes.py", "a.readonly or b.readonly, a.aligned and b.aligned)\n    raise", "a.readonly or b.readonly, a.aligned or b.aligned)\n    raise",
           "an array that is unaligned on one path is said to be aligned", ("tests/test_arrays_shapes.py::test_where_arrays_of_different_types_meet",)),
    Mutant("tracer/shapes.py", "return repr(a) == repr(b)", "return True", "two strings are one object where paths meet",
           (_LANGUAGE, "tests/test_errors_golden.py")),
    Mutant("tracer/shapes.py", "isinstance(value, (int, np.integer)) and target.minimum <= value <= target.maximum", "isinstance(value, (int, np.integer))",
           "a literal that is too large takes the other path's type", (_LANGUAGE,)),
    Mutant("tracer/shapes.py", "MaybeShape(join_shapes(*known) if len(known) == 2 else known[0] if known else None)", "(join_shapes(*known) if len(known) == 2 else known[0])",
           "a variable that is bound on one path only is read as zero", (_LANGUAGE,)),
    # --- liveness
    Mutant("tracer/scope.py", "        _collect(node.target, ast.Store, found)  # it is read, too\n", "        pass\n", "the target of `x += 1` is not live before", (_LANGUAGE,)),
    Mutant("tracer/scope.py", "            self.continue_live.append(header)\n", "            self.continue_live.append(live)\n",
           "what the next round reads is not live at `continue`", (_LANGUAGE, "tests/test_fuzz.py")),
    Mutant("tracer/scope.py", "            self.break_live.append(live)\n", "            self.break_live.append(frozenset())\n",
           "what is read behind the loop is not live at `break`", (_LANGUAGE, "tests/test_fuzz.py")),
    Mutant("tracer/scope.py", "live = live.union(*self.break_live[-1:], *self.continue_live[-1:])", "pass",
           "jumps in an interpreted statement keep nothing alive", (_OBJECTS, _REST, _OBJECT_TYPES)),
    Mutant("tracer/scope.py", "left = self.block(node.orelse, live)", "left = live", "what the `else` of a loop reads is not live in it", (_LANGUAGE,)),
    # --- loops and calls
    Mutant("tracer/loops.py", '"lt" if numbers.step == 1 else "gt", stop, numbers.step', '"lt" if numbers.step == 1 else "ge", stop, numbers.step',
           "a loop downwards runs one round too far", (_LANGUAGE,)),
    Mutant("tracer/loops.py", "full = t.emit(compare.ge, following, length)", "full = t.emit(compare.gt, following, length)",
           "the index of an axis runs one too far", ("tests/test_arrays_index_tricks.py",)),
    Mutant("tracer/session.py", "if result == assumed or not (made.path_ended or assumed is not None):", "if True:",
           "a recursive function keeps its first guess", (_LANGUAGE,)),
    Mutant("tracer/session.py", "active.depends_on = min(active.depends_on, found.depth)", "pass",
           "functions that relied on a guess are kept when it changes", (_LANGUAGE,)),
    Mutant("tracer/session.py", 'types.dtype_of(result), "safe"))', 'types.dtype_of(result), "unsafe"))',
           "results are cut to the type that was declared", (_DISPATCH, _LANGUAGE)),
    Mutant("tracer/operators.py", "isinstance(b, Constant) and b.value < 0:", "isinstance(b, Constant) and b.value <= 0:",
           "n ** 0 is a float", (_OPERATORS, _LANGUAGE)),
    Mutant("tracer/operators.py", "_SWAPPED[name] if swapped else name]", "name]", "2**70 < n is taken for n < 2**70", (_OPERATORS, _LANGUAGE)),
    Mutant("tracer/operators.py", "if large and isinstance(other, Value) and other.type.weak:", "if large and isinstance(other, Value):",
           "a mask for uint64 is wrapped to a negative number", (_OPERATORS, _LANGUAGE)),
    Mutant("tracer/tracing.py", 'return opdef.pure and any("ROUNDS_AS_WRITTEN" in frame.globals for frame in self.frames)', "return False",
           "fast arithmetic reaches the exact steps of functions", ("tests/test_elementary.py::test_fast_math_does_not_reach_the_steps_of_functions",)),
    Mutant("tracer/scope.py", "isinstance(node, (ast.Delete, *_COMPOUND))", "isinstance(node, ast.Delete)",
           "what an interpreted statement deletes is not live before it", (_OBJECT_TYPES,)),
    # --- slices
    Mutant("tracer/slicing.py", "first = last if start is None else _clamped(t, start, n, -1, last)", "first = last if start is None else _clamped(t, start, n, 0, last)",
           "a reversed slice from before the start has an item", (_SLICES,)),
    Mutant("tracer/slicing.py", "arithmetic.floordiv, _sub(t, distance, 1), abs(step)), 1)", "arithmetic.floordiv, distance, abs(step)), 1)",
           "slices whose length the step divides are one too long", (_SLICES,)),
    Mutant("tracer/slicing.py", "inner[1] + count <= _LARGEST:", "True:", "bounds that add up beyond 64 bits",
           (f"{_SLICES}::test_slices_of_slices_with_bounds_that_add_up_beyond_64_bits",)),
    Mutant("tracer/slicing.py", "return first, _not_negative(t, _sub(t, _clamped(t, stop, n, 0, n), first))", "return first, _sub(t, _clamped(t, stop, n, 0, n), first)",
           "a slice that ends before it starts has a negative length", (_SLICES,)),
    # --- dispatch
    Mutant("tracer/dispatch.py", 'types.dtype_of(wanted), "safe"))', 'types.dtype_of(wanted), "same_kind"))',
           "arguments lose digits in the type that was declared", (_DISPATCH,)),
    Mutant("tracer/dispatch.py", "(wanted.readonly or not found.readonly)", "True", "a read-only array is taken for a writable one", (_DISPATCH,)),
    Mutant("tracer/dispatch.py", "and not -(1 << 63) <= value < 1 << 63:", "and not -(1 << 63) <= value <= 1 << 63:",
           "2**63 is an int of 64 bits in `jit`", (_OBJECT_TYPES, _DISPATCH)),
    Mutant("tracer/dispatch.py", "    def _add(self, key: _Key, declared: Type | None) -> Graph:\n        with self._lock:\n",
           "    def _add(self, key: _Key, declared: Type | None) -> Graph:\n        if True:\n",
           "several threads compile a function at once", (_DISPATCH,)),
    Mutant("tracer/dispatch.py", "if not named and types.object_ not in kinds]", "if types.object_ not in kinds]",
           "arguments by name find forms without names", (_DISPATCH,)),
    Mutant("tracer/dispatch.py", "if not named and types.object_ not in kinds]", "if not named]",
           "arguments that have types find a form for objects", (_OBJECT_TYPES,)),
    Mutant("tracer/object_mode.py", "    if not new or len(classes) < CLASSES:\n", "    if True:\n",
           "each class has a form of its own, without an end", (_OBJECT_TYPES,)),
    Mutant("tracer/dispatch.py", "            self._graphs = {}\n            self._interpreted = set()\n", "            self._interpreted = set()\n",
           "`recompile` keeps what was compiled", (_DISPATCH,)),
    # --- object mode
    Mutant("tracer/resuming.py", "        same, other = t.fork(matches, \"typed\", \"other\")\n",
           "        same, other = t.fork(constant(True, types.boolean), \"typed\", \"other\")\n",
           "an object of another type is taken for the one seen first", (_REST, _OBJECT_TYPES, _OBJECTS)),
    Mutant("tracer/typed_objects.py", "        t.raise_if(t.negate(matches), OverflowError, \"int too large for 64 bits\")\n", "        pass\n",
           "an int beyond 64 bits becomes 0", (_OBJECT_TYPES,)),
    Mutant("tracer/segments.py", "t.bind(name, value if name in certain else Maybe(value, t.negate(is_unbound(t, value))), t.frame)", "t.bind(name, value, t.frame)",
           "a variable that an interpreted statement did not bind can be read", (_OBJECTS, _OBJECT_TYPES, _REST)),
    Mutant("tracer/operands.py", "return [*local(self.missing), *forgetting(self.perhaps)]", "return forgetting(self.perhaps)",
           "a name that is not bound is looked up outside of the function", (_OBJECT_TYPES,)),
    Mutant("tracer/operands.py", "return [*local(self.missing), *forgetting(self.perhaps)]", "return local(self.missing)",
           "an interpreted statement sees the marker of unbound variables", (_OBJECTS, _OBJECT_TYPES, _REST)),
    Mutant("tracer/statement_ends.py", "return node if self.depth else self._jump(node, \"break\")", "return self._jump(node, \"break\")",
           "a `break` of an inner loop leaves the outer one", (_OBJECTS, _OBJECT_TYPES, _REST)),
    Mutant("tracer/resuming.py", "        self.cells.write(t, name, binding)\n", "", "inner functions do not see what compiled code assigns", (_PROGRAMS,)),
    Mutant("tracer/quiet_loops.py", "                cells.flush(t)\n", "                pass\n", "a cell is not written behind a loop", (_CELLS,)),
    Mutant("tracer/quiet_loops.py", "(Effect.RAISES | Effect.ALLOCATES)", "Effect.NONE", "a cell is not written where an index is out of range", (_CELLS,)),
    Mutant("tracer/quiet_loops.py", "            self.loud.add(node)\n            restore(t, before)\n", "            quiet = True\n",
           "cells that other functions change are read before a loop", (_CELLS,)),
    Mutant("tracer/quiet_loops.py", "        if writes and any(jumps_of(node.orelse)):", "        if False:", "a jump out of an `else` leaves a cell as it was", (_CELLS,)),
    Mutant("tracer/tracing.py", "            self.object_mode.cells.flush(self)\n", "            pass\n", "an exception leaves a cell as it was before the loop", (_CELLS,)),
    Mutant("tracer/resuming.py", "        self.mode.cells.flush(t)\n", "", "what is left of a function finds a cell as it was before the loop", (_CELLS,)),
    Mutant("tracer/resuming.py", "            self.cells.flush(t)\n", "", "a return leaves a cell as it was before the loop", (_CELLS,)),
    Mutant("tracer/cells.py", "        if not certain:\n", "        if False:\n", "an empty cell is read", (_PROGRAMS,)),
    Mutant("tracer/cells.py", "given.get(self.cell_parameter(name), cell) if name in self.names else cell", "cell",
           "what is left of a function has other cells in the interpreter", (_CELLS,)),
    Mutant("tracer/cells.py", "_place(inner) in self.sharing.perhaps_unbound", "False",
           "an unbound variable of the function is taken for one from outside", (_PROGRAMS,)),
    Mutant("tracer/python_code.py", "return name + part[len(_MADE) :] if", "return part if", "functions made in segments have made-up names", (_CELLS,)),
    Mutant("tracer/resuming.py", "t.emit(arithmetic.add, index, constant(step, types.int64)), f\"{prefix}.stop\"", "index, f\"{prefix}.stop\"",
           "the rest of a loop repeats a round", (_REST, _OBJECT_TYPES)),
    Mutant("tracer/typed_objects.py", "    if function is int and not t.loops_around():\n", "    if False:\n",
           "`int(x)` of an object is cut to 64 bits everywhere", (_OBJECT_TYPES,)),
)
