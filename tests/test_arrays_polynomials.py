"""Polynomials as arrays of coefficients, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from array_harness import assert_same, check, expression

from tracer import NopythonError, ObjectModeWarning, jit, njit

pytestmark = pytest.mark.filterwarnings("ignore")

CUBIC = np.array([1.0, -6.0, 11.0, -6.0])
KINDS = (CUBIC, CUBIC[::-1], CUBIC.astype("int8"), CUBIC.astype("float32"), CUBIC + 0j, CUBIC > 0)
PLACES = (2.5, 3, 1j, np.arange(4), np.arange(3, dtype="float32"), np.array(2.0), np.arange(6.0).reshape(2, 3).T, np.zeros((0, 2)))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("p", KINDS, ids=range(len(KINDS)))
def test_values(p: np.ndarray) -> None:
    function = njit(expression("np.polyval(a, b)", "a, b"))
    for x in PLACES:
        check(function, p, x, rtol=1e-6)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ("polyadd", "polysub", "polymul", "polydiv"))
def test_arithmetic(name: str) -> None:
    function = njit(expression(f"np.{name}(a, b)", "a, b"))
    others = (CUBIC[:2], np.array([0.0, 2.0]), np.array([3]), np.array([1j, 2.0]), np.array([1, 2, 3, 4, 5], np.uint8))
    for p in (*KINDS[:-1], np.array([0.0, 0.0, 1.0]), np.array(3.0)):
        for q in others:
            check(function, p, q, rtol=1e-6)
    check(function, CUBIC[:0], CUBIC, message=False)
    check(function, CUBIC, CUBIC[:0], message=False)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("text", (
    "polyder(a)", "polyder(a, 0)", "polyder(a, 5)", "polyder(a, -1)", "polyint(a)", "polyint(a, 2, 3)", "polyint(a, 0)",
    "polyint(a, 2, [1, 2.5])", "polyint(a, 3, [1, 2.5])", "polyint(a, -1)",
))  # fmt: skip
def test_derivatives(text: str) -> None:
    function = njit(expression(f"np.{text}"))
    for p in (*KINDS, CUBIC[:0]):
        check(function, p, rtol=1e-6)


def test_how_often_must_be_known() -> None:
    with pytest.raises(NopythonError, match="how often must be known"):
        njit(expression("np.polyder(a, b)", "a, b"))(CUBIC, 1)


ROOTS = njit(expression("np.roots(a)"))


def test_roots() -> None:
    for p in (*KINDS[:-1], np.array([0, 0, 1.0, -3.0, 0, 0]), np.array([0, 5.0, 0]), np.zeros(3), CUBIC[:0], np.array([1, 0, 1 + 0j])):
        check(ROOTS, p, rtol=1e-4)
    check(ROOTS, np.array([1.0, np.nan, 1.0]))
    check(ROOTS, np.zeros((2, 2)))


def test_the_type_of_roots_does_not_depend_on_values() -> None:
    with pytest.raises(ValueError, match="complex"):
        ROOTS(np.array([1.0, 0.0, 1.0]))


def test_jit_leaves_what_values_decide_to_the_interpreter() -> None:
    function = jit(expression("np.roots(a), np.linalg.eigvals(np.diag(a)), np.real_if_close(a + 1j), np.poly(a * 1j)"))
    with pytest.warns(ObjectModeWarning):
        assert_same(function(np.array([1.0, 0.0, 1.0])), function.py_func(np.array([1.0, 0.0, 1.0])))
    assert len(function.segments) == 4


def test_polynomials_of_roots() -> None:
    function = njit(expression("np.poly(a)"))
    for zeros in (CUBIC, CUBIC.astype("int8"), CUBIC.astype("float32"), CUBIC * (1 + 1j), np.array([[2.0, 1.0], [1.0, 3.0]])):
        check(function, zeros, rtol=1e-6)
    for zeros in (np.zeros((2, 3)), np.zeros((0, 0)), np.zeros((1, 1, 1))):
        check(function, zeros)


@pytest.mark.slow
@pytest.mark.parametrize("text", (
    "a, b, 2", "a, b, 0", "a, b, 2, full=True", "a, b, 2, cov=True", "a, b, 2, cov='unscaled'", "a, b, 2, w=a + 1", "a, b, 2, 0.1",
    "a, np.stack((b, a), 1), 2, w=a + 1, cov=True", "a, b, -1", "a, b[1:], 2", "a[:0], b[:0], 2", "b[:, None], b, 1", "a, b, 8, cov=True",
))  # fmt: skip
def test_fits(text: str) -> None:
    x = np.linspace(0, 3, 9)
    check(expression(f"np.polyfit({text})", "a, b"), x, np.sin(x), rtol=1e-8)


def test_fits_of_other_types() -> None:
    function = njit(expression("np.polyfit(a, b, 1)", "a, b"))
    for dtype in ("int64", "float32"):
        check(function, np.arange(5).astype(dtype), np.arange(5).astype(dtype) * 2 + 1, rtol=1e-4)
