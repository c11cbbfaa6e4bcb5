"""What data determine: reflections, ranks and one step of Gauss-Newton in exact arithmetic, each beside floats."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation
from onenn.activations import names
from onenn.recovery import (
    exact_gauss_newton_step,
    exact_jacobian,
    exact_rank,
    jacobian,
    rank_counts_units,
    reflection,
    reflection_holds,
    same_after_reflection,
)

RNG = np.random.default_rng(0)
Z = np.linspace(-3, 3, 13)


@pytest.mark.parametrize("name", names())
def test_reflections_hold_in_floats_too(name):
    """phi(z) = s phi(-z) + a + b z, and SymPy agrees; exp, squared ReLU and the quartic ReLU have no such law."""
    phi, law = activation(name), reflection(name)
    assert (law is None) == (name in ("exp", "squared_relu", "quartic_relu"))
    assert reflection_holds(name) == (Verdict.REFUTED if law is None else Verdict.PROVED)
    if law is not None:
        s, a, b = law
        assert np.allclose(phi(Z), s * phi(-Z) + float(a) + float(b) * Z, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "softplus", "quadratic"])
@pytest.mark.parametrize("v", [[1, -1, 3], [1, 1, -2], [1, 1, 1]])
def test_reflected_units_make_the_same_predictions_when_they_should(name, v):
    """Rows with w_3 = w_1 + w_2, so that sums of v_i w_i vanish for v = (1, 1, -1) only."""
    W = np.array([[1, 2], [3, -1], [4, 1]])
    for vv in (v, [1, 1, -1]):
        net = OneHiddenLayer(W, vv, name)
        for units in ([0], [0, 1], [0, 1, 2]):
            sign = reflection(name)[0]
            w, u = net.W.copy(), net.v.copy()
            w[units] *= -1
            u[units] *= sign
            X = RNG.standard_normal((20, 2))
            same = bool(np.allclose(OneHiddenLayer(w, u, name).predict(X), net.predict(X), rtol=0, atol=1e-9))
            assert same_after_reflection(net, units) == (Verdict.PROVED if same else Verdict.REFUTED)


def test_rank_one_sums_are_units_only_for_independent_rows():
    """e_1 e_1^T - e_2 e_2^T/2 + (e_1 + e_2)(e_1 + e_2)^T has rank one: rows that are dependent have such sums."""
    assert rank_counts_units([[1, 0, 2], [0, 1, 1], [1, 1, 0]]) == Verdict.PROVED
    assert rank_counts_units([[1, 0], [0, 1], [1, 1]], (1, Fraction(-1, 2))) == Verdict.REFUTED


@pytest.mark.parametrize("name", ["relu", "squared_relu", "leaky_relu", "quartic_relu", "quadratic"])
def test_the_exact_jacobian_is_that_of_floats(name):
    """And its rank that of NumPy, on integer data."""
    net = OneHiddenLayer(RNG.integers(-3, 4, (2, 3)), [1, -2], name)
    X = RNG.integers(-4, 5, (9, 3))
    J = jacobian(net, X.astype(float))
    assert np.allclose(exact_jacobian(net, X).astype(float), J, rtol=1e-15, atol=1e-12)
    assert exact_rank(net, X) == np.linalg.matrix_rank(J)


def test_one_exact_step_of_gauss_newton_is_that_of_floats():
    """Least squares by NumPy on the same Jacobian; for ReLU with the teacher's signs it ends at the teacher."""
    X = RNG.integers(-5, 6, (20, 3))
    for name in ("relu", "squared_relu"):
        teacher = OneHiddenLayer([[3, 1, 0], [0, 2, -1]], [1, -1], name)
        student = OneHiddenLayer(teacher.exact_W + Fraction(1, 100), [1, -1], name)
        J, r = jacobian(student, X.astype(float)), student.predict(X) - teacher.predict(X)
        expected = student.W.ravel() - np.linalg.lstsq(J, r, rcond=None)[0]
        step = exact_gauss_newton_step(student, teacher, X)
        assert np.allclose(step.astype(float).ravel(), expected, rtol=0, atol=1e-11)
