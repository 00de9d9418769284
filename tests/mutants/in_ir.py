"""Faults in the passes, in what they know, and in the records of ops."""

from __future__ import annotations

from tests.mutants import Mutant

_GOLDEN = "tests/test_ir_passes.py::test_golden"
_INDICES = "tests/test_index_checks.py"
_RANDOM = "tests/test_ir_passes.py::test_random_graphs_keep_their_results"
_INEQUALITIES = "tests/test_ir_inequalities.py"
_ARRAYS = "tests/test_array_passes.py"
_LENGTHS = "tests/test_equal_lengths.py"
_LIFETIMES = "tests/test_lifetimes.py"
_PROCESSES = "tests/test_processes.py"
_KERNELS = "tests/test_kernels.py"

IR: tuple[Mutant, ...] = (
    # --- loops without index checks
    Mutant(
        "ir/passes/split.py", "value, constant(form.number, int64))", "value, constant(form.number - 1, int64))",
        "the loop without checks runs one round too far", (_GOLDEN, _INDICES),
    ),
    Mutant(
        "ir/passes/split.py", "if form is None or length in inside:", "if form is None:",
        "a length that changes in the loop is taken for one from outside", ("tests/test_ir_passes.py", "tests/test_fuzz.py"),
    ),
    Mutant(
        "ir/passes/split.py", "arithmetic.maximum if counted.step > 0 else arithmetic.minimum", "arithmetic.minimum",
        "what the counter ends with is too small", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/split.py", "last if p is counter and abs(step) == 1 else p", "last if p is counter else p",
        "loops that count by two hand over as if they counted by one", (_INDICES,),
    ),
    Mutant(
        "ir/passes/split.py", "if value in inside and not (after and value in of_header):", "if value in inside and value not in of_header:",
        "a value of the loop is used where both loops may have come from", ("tests/test_ir_passes.py", "tests/test_fuzz.py"),
    ),
    Mutant(
        "ir/passes/split.py", "return self.make(compare.select, all_hold, limit, self.start)", "return limit",
        "indices that may be negative are not", (_INDICES,),
    ),
    Mutant(
        "ir/affine.py", "if form.factor % number == 0 else None", "", "a quotient with a remainder is taken for one without", (_INDICES,),
    ),
    Mutant(
        "ir/affine.py", "return _plus(form, b, -1)", "return _plus(form, b, 1)", "what is taken from the counter is added to it", (_INDICES,),
    ),
    # --- signals
    Mutant(
        "ir/passes/polls.py", "_append(before, other, [far, start], span), ", "_append(before, order, [far, stop], span), ",
        "parts of a loop near the largest number wrap", ("tests/test_polls.py",),
    ),
    Mutant(
        "ir/passes/polls.py", "array.store: slice(1, -1)", "array.store: slice(1, None)", "a stored number is taken for an index", ("tests/test_polls.py",),
    ),
    Mutant(
        "ir/passes/polls.py", "return inside in cut or (counted.start is not None and not _defined_in(loop, counted.start, counted.stop))", "return True",
        "a loop inside that may have no round polls for the one around it", ("tests/test_polls.py",),
    ),
    # --- checks before the loop
    Mutant(
        "ir/passes/hoist.py", "_STOPPING = Effect.WRITES | Effect.RAISES", "_STOPPING = Effect.RAISES",
        "a check moves before a store that was seen before it failed", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/hoist.py", "return op.opdef.pure and op.opdef.domain is None", "return op.opdef.pure",
        "a division moves to where its divisor may be zero", ("tests/test_ir_passes.py", "tests/test_fuzz.py"),
    ),
    Mutant(
        "ir/passes/hoist.py", "found.guard[: found.guard_length]", "found.guard[: found.guard_length - 1]",
        "the last check is not made for the first round", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/hoist.py", "if header.edges[0].block not in loop.blocks:", "if header.edges[0].block in loop.blocks:",
        "checks are made where there is no first round", (_GOLDEN, _RANDOM),
    ),
    # --- common subexpressions
    Mutant(
        "ir/passes/cse.py", "if opdef.repeatable else (memory, *self._key(op))", "if True else (memory, *self._key(op))",
        "an item is loaded once although it was stored in between", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/cse.py", "if len(predecessors) == 1:\n            return self.memory_at_end",
        "if len(predecessors) >= 1 and predecessors[0][0] in self.memory_at_end:\n            return self.memory_at_end",
        "what one of two paths wrote is forgotten where they join", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/cse.py", "(arithmetic.bit_and if holds else arithmetic.bit_or)", "(arithmetic.bit_or if holds else arithmetic.bit_and)",
        "`a or b` is taken for both", ("tests/test_ir_passes.py",),
    ),
    Mutant(
        "ir/passes/cse.py", "for key in added:\n            del", "for key in added[1:]:\n            del",
        "a value is used where it was not computed", (_GOLDEN, _RANDOM),
    ),
    # --- folding
    Mutant(
        "ir/passes/fold.py", "value.value == number and math.copysign(1.0, value.value) == math.copysign(1.0, number)",
        "value.value == number", "x + 0.0 is taken for x, also for -0.0", (_GOLDEN, "tests/test_ir_ops.py"),
    ),
    Mutant(
        "ir/passes/fold.py", "{32: 24, 64: 53}", "{32: 24, 64: 64}",
        "integers of 64 bits are said to be exact as floats", ("tests/test_ir_passes.py", "tests/test_ir_ops.py"),
    ),
    Mutant(
        "ir/passes/fold.py", "return all_integers and between.bits >= to.bits", "return all_integers",
        "a cast that drops bits is skipped", ("tests/test_ir_passes.py", "tests/test_ir_ops.py"),
    ),
    Mutant(
        "ir/passes/fold.py", "return source if all(key == length_key", "return source if any(key == length_key",
        "an array of two axes is not stretched along the second one", (_ARRAYS, "tests/test_ir_passes.py"),
    ),
    Mutant(
        "ir/passes/fold.py", "if not lowest <= index.value < length.value:", "if not lowest <= index.value <= length.value:",
        "a constant index equal to the length passes", ("tests/test_ir_passes.py",),
    ),
    Mutant(
        "ir/passes/fold.py", "*reversed(op.operands[1 : ndim + 1])", "*op.operands[1 : ndim + 1]",
        "an item of a transpose is loaded at the wrong indices", ("tests/test_ir_passes.py", "tests/test_arrays_shapes.py"),
    ),
    Mutant(
        "ir/ops/arithmetic.py", "laws=Laws(neutral={Integer: 0, Float: 0.0}, on_equal={Integer: 0})",
        "laws=Laws(neutral={Integer: 0, Float: 0.0}, on_equal={Integer: 0, Float: 0.0})",
        "x - x is 0.0, also for NaN and infinity", ("tests/test_ir_ops.py",),
    ),
    Mutant(
        "ir/ops/arithmetic.py", 'Opcode("ashr", "lshr")', 'Opcode("lshr", "lshr")',
        "negative numbers are shifted as if unsigned", ("tests/test_codegen_ops.py",),
    ),
    Mutant(
        "ir/ops/arithmetic.py", 'Custom("floordiv"), lambda a, b: a // b,', 'Custom("floordiv"), lambda a, b: int(a / b),',
        "constants are divided towards zero", ("tests/test_ir_ops.py", "tests/test_codegen_ops.py"),
    ),
    # --- index checks
    Mutant(
        "ir/passes/bounds.py", "known.at_least(index, 0, block)", "known.at_least(index, -1, block)",
        "an index of -1 loses its wrap-around", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/bounds.py", "known.less_equal(index, length, -1, block)", "known.less_equal(index, length, 0, block)",
        "an index equal to the length needs no check", (_GOLDEN, _RANDOM),
    ),
    Mutant(
        "ir/passes/bounds.py", "known.less_equal(constant(-lowest, int64), length, 0, block)",
        "known.less_equal(constant(-lowest, int64), length, 1, block)",
        "an index below -length wraps without an error", ("tests/test_ir_passes.py", _INEQUALITIES),
    ),
    # --- inequalities
    Mutant(
        "ir/inequalities.py", "self._add(x, n, b - a - 1, block, op)", "self._add(x, n, b - a - 2, block, op)",
        "a check says more of the index than it tells", (_INEQUALITIES, _RANDOM),
    ),
    Mutant(
        "ir/inequalities.py", 'yield x, y, b - a - (relation == "<")', "yield x, y, b - a - 1",
        "`<=` is taken for `<`", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/inequalities.py", '{"<": ">=",', '{"<": ">",', "not `<` is taken for `>`", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/inequalities.py", "return bound.after is None or place.at_end or bound.after in self.passed", "return True",
        "a check counts before it was made", (_INEQUALITIES, _RANDOM),
    ),
    Mutant(
        "ir/inequalities.py", "if proved and not self._used:", "if proved:",
        "what was proved under an assumption counts without it", (_INEQUALITIES, _RANDOM),
    ),
    Mutant(
        "ir/inequalities.py", "if not (self.value_at_least(first, -1, place) if upper", "if not (self.value_at_least(first, -2, place) if upper",
        "a difference that wraps is taken for the exact one", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/inequalities.py", "self.value_at_least(p, -half, place) for p in parts", "True for p in parts",
        "a mean of two numbers whose sum wraps lies between them", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/op_ranges.py", "known.value_at_most(x, kind.maximum - k, place)", "known.value_at_most(x, kind.maximum - k + 1, place)",
        "a sum that wraps once is taken for the exact one", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/op_ranges.py", "return to.minimum <= source.minimum and source.maximum <= to.maximum", "return source.maximum <= to.maximum",
        "a cast of a negative number to an unsigned one keeps it", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/op_ranges.py", "known.value_at_most(v, kind.maximum // 2, place)", "known.value_at_most(v, kind.maximum, place)",
        "a sum of two large numbers does not wrap", (_INEQUALITIES,),
    ),
    Mutant(
        "ir/op_ranges.py", "(arithmetic.maximum if upper else arithmetic.minimum)", "(arithmetic.minimum if upper else arithmetic.maximum)",
        "a maximum is at most each of its operands that has a bound", (_INEQUALITIES, _RANDOM),
    ),
    Mutant(
        "ir/op_ranges.py", "        yield m, -1\n", "        yield m, -2\n", "a remainder is smaller than it is", (_INEQUALITIES,),
    ),
    # --- control flow
    Mutant(
        "ir/passes/simplify_cfg.py", "if undefined is not None and same is not None and not _available(same, block, flow):", "if False:",
        "a value is used on paths that do not define it", ("tests/test_ir_passes.py", "tests/test_fuzz.py"),
    ),
    Mutant(
        "ir/passes/simplify_cfg.py", "if onward.block in headers or", "if", "a loop gets a second entry", (_GOLDEN, "tests/test_ir_passes.py"),
    ),
    Mutant(
        "ir/passes/thread_jumps.py", "if not unknown.isdisjoint(onward.arguments):", "if False:",
        "an edge hands over a value of the block that it skips", ("tests/test_ir_passes.py",),
    ),
    Mutant(
        "ir/passes/dce.py", "needed = [edge.arguments[position] for edge in edges]", "needed = [edge.arguments[position] for edge in edges[:1]]",
        "what only the second edge brings is removed", (_GOLDEN, _RANDOM),
    ),
    # --- lifetimes
    Mutant(
        "ir/passes/lifetimes.py", "ended = [owner for owner in touched if owner not in alive]", "ended = [owner for owner in touched if owner not in alive and owner is not op.result]",
        "an array that nothing uses is kept for ever", (_LIFETIMES,),
    ),
    Mutant("ir/passes/lifetimes.py", "missing.append(part)", "pass", "an array is handed over twice with one count", (_LIFETIMES,)),
    Mutant(
        "ir/passes/lifetimes.py", "if p in self.ownership.owners and p not in alive]", "if False]",
        "an array that is handed to a block and not used there is kept for ever", (_LIFETIMES,),
    ),
    Mutant(
        "ir/passes/lifetimes.py", "owner for owner in owned if owner not in self.alive_at_start[edge.block]", "owner for owner in ()",
        "an array that one branch needs is kept for ever on the other", (_LIFETIMES,),
    ),
    Mutant(
        "ir/passes/lifetimes.py", "control.raise_) or makes_owner(op) or", "control.raise_) or",
        "an array on the stack is part of a result", (_LIFETIMES, "tests/test_object_mode_types.py", "tests/test_arrays_shapes.py"),
    ),
    Mutant(
        "ir/passes/lifetimes.py", "op.operands and op.effects & Effect.PYTHON", "False",
        "an array on the stack is given to the interpreter", (_LIFETIMES,),
    ),
    Mutant("ir/ownership.py", "if all(choice.part == choices[0].part", "if any(choice.part == choices[0].part",
           "a choice of two arrays is counted as the first one", (_LIFETIMES,)),
    Mutant("ir/ownership.py", "Share((op.result, 0), lenders | {op.result}, lenders)", "Share((op.result, 0), frozenset((op.result,)))",
           "an array is freed while it is read as one that may be stretched", (_LIFETIMES,)),
    Mutant("ir/ownership.py", "for _ in range(n - counts.get(part, 0))", "for _ in range(0)",
           "what raises leaves memory behind", (_LIFETIMES,)),
    Mutant("ir/ownership.py", "if known != after:", "if len(known) != len(after):",
           "the verifier accepts paths that own different arrays", (_LIFETIMES,)),
    # --- which arrays share memory
    Mutant(
        "ir/arrays.py", "(_is_new(b) or order.is_before(b, a))", "(_is_new(b) or order.is_before(a, b))",
        "a view that was made of a new array later is taken for older memory", (_ARRAYS, "tests/test_arrays_indexing.py"),
    ),
    Mutant(
        "ir/arrays.py", "    if a is b:\n        return True\n    return not (", "    return not (",
        "two views of a new array share no memory", (_ARRAYS, "tests/test_arrays_indexing.py"),
    ),
    # --- ops on whole arrays
    Mutant(
        "ir/passes/fuse.py", "if sum(map(_size, graphs)) <= _MOST_OPS and not any(self._disturbs(writer, producer) for writer in between):", "if sum(map(_size, graphs)) <= _MOST_OPS:",
        "an expression moves behind a store to what it reads", (_ARRAYS, "tests/test_fuzz.py"),
    ),
    Mutant(
        "ir/passes/fuse.py", "may_share_memory(written, value, self.order)", "value is written",
        "two arguments are taken for different memory", (_ARRAYS, "tests/test_fuzz.py"),
    ),
    Mutant(
        "ir/passes/fuse.py", "all(length != 1 or wanted == 1 for", "all(True for",
        "items of a stretched expression are computed again and again", (_ARRAYS, _GOLDEN),
    ),
    Mutant(
        "ir/passes/fuse.py", "if self.users[value] != {op} or", "if",
        "an expression that is used twice is fused into one use", (_ARRAYS,),
    ),
    Mutant(
        "ir/passes/expand.py", "if not each.is_array or each.is_single or plain is plain_target", "if not each.is_array or each.is_single or plain",
        "an assignment reads what it has written before", (_ARRAYS, "tests/test_arrays_indexing.py"),
    ),
    Mutant(
        "ir/passes/expand.py", "op.effects & (Effect.RAISES | Effect.READS | Effect.PYTHON)", "op.effects & (Effect.READS | Effect.PYTHON)",
        "an expression that raises leaves an array written in part", (_ARRAYS,),
    ),
    Mutant(
        "ir/spaces.py", "return WHOLE if builder.same_lengths(key, wanted) else UNKNOWN", "return WHOLE",
        "an array that may be stretched is read beyond its end", (_ARRAYS,),
    ),
    Mutant("ir/equal_lengths.py", "return bool(wrong)", "return False",
           "arrays are taken to keep the lengths of a loop's first round", (_LENGTHS, "tests/test_ir_passes.py")),
    Mutant("ir/equal_lengths.py", "is terminator.targets[0]", "is terminator.targets[1]",
           "lengths are taken to be equal where they were found to differ", (_LENGTHS, "tests/test_ir_passes.py")),
    Mutant("ir/equal_lengths.py", "arithmetic.bit_and if holds else arithmetic.bit_or", "arithmetic.bit_or if holds else arithmetic.bit_and",
           "one of two conditions is taken for both", (_LENGTHS,)),
    Mutant("ir/equal_lengths.py", "replaced[op.result] = constant(op.opdef is compare.eq, boolean)", "replaced[op.result] = constant(True, boolean)",
           "equal lengths are said to differ", (_LENGTHS, "tests/test_ir_passes.py")),
    Mutant(
        "ir/spaces.py", 'or len(layouts) > 1 or "A" in layouts', 'or len(layouts) > 1',
        "strided arrays are walked as if their items lay side by side", (_ARRAYS,),
    ),
    Mutant(
        "ir/spaces.py", "or space.indexed or not whole or len(layouts) > 1", "or space.indexed or not whole",
        "arrays in C and in Fortran order are walked together", (_ARRAYS,),
    ),
    Mutant(
        "ir/spaces.py", ' and v.type.layout == "C" and v.type.aligned for v in arrays', " for v in arrays",
        "kernels are asked to walk arrays with strides", (_KERNELS,),
    ),
    Mutant(
        "ir/deferred.py", "        substitute(copied, dict(zip(copied.params, self._given)))  # who asked for them before has these\n", "",
        "a graph that is looked into has other parameters than before", (_KERNELS,),
    ),
    Mutant(
        "ir/passes/fuse.py", "len(list(callee.ops())) == 1 and callee.entry", "callee.entry",
        "results that an array keeps in another type are not converted", (_KERNELS + "::test_results_of_another_type_are_converted",),
    ),
    Mutant(
        "ir/passes/fuse.py", "self._copied(inputs) or self._graph(inputs, indexed)", "self._graph(inputs, indexed)",
        "a function whose results are stored into an array is compiled in each program", (_KERNELS + "::test_results_go_into_arrays",),
    ),
    Mutant(
        "ir/passes/fuse.py", "made.is_deferred and len(made.params) == len(inputs)", "made.is_deferred",
        "an array that is both operands of a function is handed over once", (_KERNELS + "::test_one_array_for_both_operands",),
    ),
    Mutant(
        "ir/passes/polls.py", '            if "body" in op.attributes:\n                return True\n', "",
        "signals wait for thousands of rows", (_KERNELS + "::test_a_loop_of_kernels_looks_for_signals_in_each_round",),
    ),
    Mutant(
        "ir/deferred.py", "            op.span = self.span\n", "            pass\n",
        "ops stand in the library, where their user does not find them", (_KERNELS + "::test_places_of_ops_are_those_of_the_call",),
    ),
    Mutant(
        "ir/clone.py", "graphs.setdefault(graph, graph.again(graphs))", "graph",
        "passes change graphs that the traced one calls", (_KERNELS + "::test_passes_leave_the_traced_graph_as_it_was",),
    ),
    Mutant(
        "ir/graph.py", "if not graph.is_deferred]", "]",
        "the passes and code generation look into what kernels do", (_KERNELS + "::test_a_graph_is_not_traced_where_there_is_code",),
    ),
    Mutant(
        "ir/reducing.py", "emit(sub, a, emit(sub, total, b_part))", "emit(sub, b, emit(sub, total, b_part))",
        "the rounding errors of sums are wrong", ("tests/test_array_loops.py",),
    ),
    Mutant(
        "ir/reducing.py", "complex(-0.0, -0.0) if isinstance(type, Complex) else -0.0", "complex(0.0, 0.0) if isinstance(type, Complex) else 0.0",
        "the sum of negative zeros is a positive one", ("tests/test_array_loops.py", "tests/test_arrays_reductions.py"),
    ),
    Mutant(
        "ir/reducing.py", "integer(-size))", "integer(1 - size))", "a block of a sum reads beyond the end",
        ("tests/test_array_loops.py", "tests/test_array_passes.py"),
    ),
    # --- the verifier
    Mutant("ir/verify.py", "if at >= position:", "if at > position:", "an op may use its own result", ("tests/test_ir_verify.py",)),
    # --- selections, shared sums
    Mutant("ir/passes/select_values.py", "first.arguments[i], second.arguments[i]], {}", "second.arguments[i], first.arguments[i]], {}",
           "a selection takes the other value", ("tests/test_ir_passes.py",)),
    Mutant("ir/passes/share.py", "bool(op.attributes[\"compensated\"]), tuple(steps))", "bool(op.attributes[\"compensated\"]))",
           "reductions of another kind share a graph", ("tests/test_ir_passes.py", "tests/test_array_loops.py")),
    Mutant("ir/passes/share.py", " and length_key(length_of(value, 0)) == length for value", " for value",
           "sums of stretched arrays read beyond them", ("tests/test_ir_passes.py", "tests/test_array_loops.py")),
    Mutant("ir/passes/split.py", "return op.opdef is not control.call and bool", "return bool",
           "loops with calls keep their checks", ("tests/test_vector_calls.py",)),
    Mutant("ir/passes/polls.py", 'return type.layout == "A" and type.readonly', "return False", "loops over arrays that take no memory cannot be interrupted",
           ("tests/test_polls.py::test_polls_stand_only_where_they_are_needed",)),
    Mutant("ir/passes/polls.py", "return of.ndim == 1 and not", "return not", "rows without items are taken for memory",
           ("tests/test_polls.py::test_polls_stand_only_where_they_are_needed",)),
    # --- processes
    Mutant("ir/forking.py", "_waited_for: list[Any] = [llvm_lock]", "_waited_for: list[Any] = []", "a fork does not wait for LLVM",
           (_PROCESSES + "::test_a_fork_waits_for_a_lock_of_another_thread",)),
    Mutant("ir/forking.py", "_waited_for.append(lock)", "pass", "a fork waits for no other lock",
           (_PROCESSES + "::test_a_fork_waits_for_a_lock_of_another_thread",)),
    Mutant("ir/forking.py", "after_in_parent=_after, ", "", "locks stay taken behind a fork",
           (_PROCESSES + "::test_a_fork_waits_for_a_lock_of_another_thread",)),
    Mutant("ir/forking.py", "def _in_child() -> None:\n    _after()\n", "def _in_child() -> None:\n", "locks stay taken in a child",
           (_PROCESSES + "::test_a_fork_waits_for_a_lock_of_another_thread",)),
    Mutant("ir/forking.py", "    while _taken:  #", "    for _ in range(1 + len(_waited_for)):  #", "locks stay taken where a signal came",
           (_PROCESSES + "::test_a_signal_while_a_fork_waits_leaves_no_lock_taken",)),
    Mutant("ir/forking.py", "lock._at_fork_reinit()", "pass", "locks of other threads stay taken in a child",
           (_PROCESSES + "::test_a_lock_is_open_in_a_child_unless_it_is_held_there",)),
    Mutant("ir/forking.py", "if not lock._is_owned():", "if True:", "a child loses the locks that it holds",
           (_PROCESSES + "::test_a_lock_is_open_in_a_child_unless_it_is_held_there",)),
    Mutant("ir/forking.py", "if thread != own}", "if thread == own}", "a fork does not wait for what a first compilation loads",
           (_PROCESSES + "::test_a_fork_while_another_thread_imports",)),
    Mutant("ir/forking.py", "found.add(_PACKAGE)", "pass", "a fork does not wait for the import of the package",
           (_PROCESSES + "::test_a_fork_while_another_thread_imports",)),
    Mutant("ir/forking.py", "_loaded_elsewhere() - awaited", "_loaded_elsewhere()", "a fork waits for the import that it is in",
           (_PROCESSES + "::test_a_fork_in_the_middle_of_the_import",)),
    Mutant("ir/forking.py", "        _after()  # what is imported may need one of the locks\n", "", "a fork waits for an import that waits for the fork",
           (_PROCESSES + "::test_a_fork_while_another_thread_imports",)),
)
