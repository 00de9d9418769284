"""The extension interface: implements, primitive, operator rules, known, out_of_line, reject."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

from ir import types
from ir.opdef import REGISTRY
from tracer import NopythonError, implements, njit, out_of_line, primitive, reject
from tracer.extending import IMPLEMENTATIONS, KINDS, OPERATOR_FUNCTIONS, OPERATORS, UFUNCS, kind_of, known, operator_rule, ufunc_rule


class Sensor:
    """A callable that no compiler knows."""

    def __call__(self, x, gain=2.0, *, offset=0.0):
        raise AssertionError("runs in Python only")


@pytest.fixture
def sensor():
    callable_object = Sensor()
    yield callable_object
    IMPLEMENTATIONS.pop(callable_object, None)


def test_implementation_takes_the_place_of_a_callable(sensor):
    @implements(sensor)
    def implementation(x, gain=2.0, *, offset=0.0):
        return x * gain + offset

    assert implementation(3.0) == 6.0  # still an ordinary function

    def positional(x):
        return sensor(x, 3.0)

    def by_keyword(x):
        return sensor(x, offset=1.0)

    assert njit(positional)(2.0) == 6.0
    assert njit(by_keyword)(2.0) == 5.0


def test_implementation_is_specialised_on_types(sensor):
    @implements(sensor)
    def implementation(x):
        if isinstance(x, float):
            return primitive.sqrt(x)
        return x + 1

    def call(x):
        return sensor(x)

    assert njit(call)(16.0) == 4.0 and njit(call)(16) == 17


def test_implementing_twice_needs_replace(sensor):
    implements(sensor)(lambda x: x)
    with pytest.raises(ValueError, match="replace=True"):
        implements(sensor)(lambda x: -x)
    replaced = implements(sensor, replace=True)(lambda x: -x)
    assert IMPLEMENTATIONS[sensor] is replaced


def test_several_callables_share_an_implementation(sensor):
    other = Sensor()
    function = implements(sensor, other)(lambda x: x)
    assert IMPLEMENTATIONS[sensor] is function is IMPLEMENTATIONS.pop(other)


def test_reject_is_an_error_of_the_users_call(sensor):
    @implements(sensor)
    def implementation(x):
        if not isinstance(x, float):
            reject("sensors measure floats", hint="convert with float()")
        return x

    def call(x):
        return sensor(x)

    assert njit(call)(1.5) == 1.5
    with pytest.raises(NopythonError, match=r"sensors measure floats[\s\S]*sensor\(x\)[\s\S]*convert with float\(\)"):
        njit(call)(1)
    with pytest.raises(TypeError, match="sensors measure floats"):
        implementation(1)


def test_out_of_line_function_is_a_graph_of_its_own(sensor):
    @out_of_line
    def rare(x):
        return x * 3.0

    @implements(sensor)
    def implementation(x):
        return rare(x) if x > 0.0 else x

    def call(x):
        return sensor(x) + sensor(x + 1.0)

    compiled = njit(call)
    assert compiled(1.0) == 9.0 and compiled(-3.0) == -5.0
    (graph,) = compiled.graphs.values()
    assert [callee.name.split(".")[-1] for callee in graph.ir.callees()] == ["rare"]


def test_known_tells_literals_from_run_time_values(sensor):
    @implements(sensor)
    def implementation(x, n):
        count = known(n)
        return x if count is None else x * count

    def with_literal(x):
        return sensor(x, 3)

    def with_argument(x, n):
        return sensor(x, n)

    assert njit(with_literal)(2.0) == 6.0 and njit(with_argument)(2.0, 3) == 2.0
    assert known(3) is None


# --- primitives


def test_every_op_that_is_no_terminator_is_a_primitive():
    assert len(vars(primitive)) == sum(not op.terminator for op in REGISTRY.values())


def test_primitives_evaluate_in_plain_python():
    assert primitive.add(2**63 - 1, 1) == -(2**63)
    assert primitive.and_(np.uint8(12), 10) == 8
    assert type(primitive.mul(np.int8(100), 2)) is np.int8 and primitive.mul(np.int8(100), 2) == -56
    assert primitive.cast(-1, to=types.uint8) == 255
    assert primitive.select(True, np.float32(1), 0) == 1
    assert repr(primitive.min_) == "primitive.min_"


def test_primitives_do_not_promote():
    with pytest.raises(TypeError, match="differ in type"):
        primitive.add(np.int8(1), np.int16(1))
    with pytest.raises(TypeError, match="does not take"):
        primitive.sqrt(4)
    with pytest.raises(TypeError, match="attributes to"):
        primitive.cast(1.0)
    with pytest.raises(TypeError, match="attributes none"):
        primitive.add(1, 2, to=types.int8)


@pytest.fixture
def forgotten(sensor):
    yield sensor
    UFUNCS.pop((np.spacing, "np.bool"), None)
    OPERATORS.pop(("interrupted", "np.bool"), None)


@pytest.mark.parametrize("place", ['operator_rule("interrupted", "np.bool")', 'ufunc_rule(np.spacing, "np.bool")', "implements(sensor)"])
def test_an_interrupted_module_can_be_imported_again(place, forgotten):
    """Python runs it a second time then. What the same line registered is no clash."""

    def register(file, result):
        names = {"operator_rule": operator_rule, "ufunc_rule": ufunc_rule, "implements": implements, "np": np, "sensor": forgotten}
        exec(compile(f"{place}(lambda *operands: {result})", file, "exec"), names)

    register("module.py", 1)
    register("module.py", 2)
    with pytest.raises(ValueError, match="already"):
        register("other.py", 3)
    assert [f() for table in (IMPLEMENTATIONS, OPERATORS, UFUNCS) for key, f in table.items() if key in (
        forgotten, ("interrupted", "np.bool"), (np.spacing, "np.bool"))] == [2]


def test_primitives_are_traced():
    def bits(x):
        return primitive.bitcast(x, to=types.int64), primitive.fma(x, x, -1.0), primitive.cast(x, to=types.int8)

    assert njit(bits)(1.5) == (0x3FF8000000000000, 1.25, np.int8(1))


# --- operator rules


def test_operator_rules_are_registered_once():
    with pytest.raises(ValueError, match="registered already"):
        operator_rule("add", "int")(lambda a, b: a)
    with pytest.raises(ValueError, match="not one of the kinds"):
        operator_rule("add", "decimal")


def test_kinds():
    times = types.DateTime("s"), types.TimeDelta("s")
    assert {kind_of(t) for t in (*types.SCALARS, *times)} == set(KINDS)
    assert kind_of(types.int64) == "int" and kind_of(types.uint8) == "np.uint"


def test_every_operator_function_has_rules():
    names = {name for name, _ in OPERATORS}
    assert {name for name in OPERATOR_FUNCTIONS.values() if name != "matmul"} <= names


def test_operator_functions_are_traced():
    def calls(a, b):
        return (
            operator.add(a, b),
            operator.floordiv(a, b),
            operator.lt(a, b),
            operator.neg(a),
            divmod(a, b),
            operator.index(a),
        )

    assert njit(calls)(7, 2) == calls(7, 2)

    def truths(a):
        return operator.truth(a), operator.not_(a)

    assert njit(truths)(0.0) == truths(0.0) and njit(truths)(math.pi) == truths(math.pi)
