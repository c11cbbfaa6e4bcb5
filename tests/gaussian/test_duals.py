"""Dual activations against polar and Fourier integrals, Price's theorem, degenerate covariances and errors.

The promised error is 1e-10 sqrt(E f(u)^2 E f(v)^2); the routes below reach 1e-12 of it.
"""

import numpy as np
import pytest
from gaussian_oracles import polar_expectation
from hypothesis import given
from hypothesis import strategies as st

from onenn import activation
from onenn.contexts import FLOATS
from onenn.gaussian import alpha, beta, dual, dual_derivative, gamma

CLOSED = ("linear", "quadratic", "relu", "leaky_relu", "squared_relu", "quartic_relu", "erf", "exp")
QUADRATURE = ("tanh", "sigmoid", "softplus", "gelu")
CORRELATIONS = (-1.0, -1 + 1e-15, -0.99, 0.0, 0.3, 1 - 1e-15, 1.0)


def covariance(p, r, rho):
    return np.array([[p * p, rho * p * r], [rho * p * r, r * r]])


def norm(f, p, r):
    """sqrt(E f(u)^2 E f(v)^2) by the polar rule."""
    square = lambda sd: polar_expectation(lambda u, v: f(u) ** 2, sd, 1.0, 0.0)  # noqa: E731
    return np.sqrt(square(p) * square(r))


@pytest.mark.parametrize("name", CLOSED + QUADRATURE)
def test_duals_match_the_polar_integral(name):
    """Independent route: polar coordinates, the kinks being rays; at every correlation, -1 and 1 included."""
    phi = activation(name)
    for f, function in ((phi, dual), (phi.derivative, dual_derivative)):
        for p, r, correlations in ((1.0, 1.0, CORRELATIONS), (0.4, 1.6, (-1.0, -0.7, 1.0))):
            size = norm(f, p, r)
            for rho in correlations:
                exact = polar_expectation(lambda u, v, f=f: f(u) * f(v), p, r, rho)
                assert abs(function(phi, covariance(p, r, rho)) - exact) < 1e-12 * size, (function, p, r, rho)


@pytest.mark.parametrize("name", CLOSED + QUADRATURE)
def test_prices_theorem_integrated_over_the_covariance(name):
    """dual(b1) - dual(b0) = int of dual_derivative over b: exact at every scale, and a factor 2 or a sign breaks it."""
    t, w = np.polynomial.legendre.leggauss(8)
    for p, r in ((1e-3, 2.0), (1.0, 1.5) if name == "exp" else (50.0, 20.0)):
        low, high = -0.4 * p * r, 0.3 * p * r
        b = (low + high) / 2 + (high - low) / 2 * t
        covariances = np.array([[[p * p, x], [x, r * r]] for x in b])
        integral = (high - low) / 2 * np.sum(w * dual_derivative(name, covariances))
        ends = [dual(name, [[p * p, x], [x, r * r]]) for x in (low, high)]
        scale = np.sqrt(dual(name, covariance(p, p, 1.0)) * dual(name, covariance(r, r, 1.0)))
        assert abs(ends[1] - ends[0] - integral) < 1e-9 * scale


@pytest.mark.parametrize("name", CLOSED + QUADRATURE)
def test_correlations_of_one_minus_one_and_zero_reduce_to_moments(name):
    """rho = 1: beta_0; rho = 0: products of gamma_0 and of alpha_0; rho = -1: the polar integral of f(u) f(-u)."""
    p, r = 0.8, 1.7
    assert dual_derivative(name, covariance(p, p, 1.0)) == pytest.approx(beta(name, 0, p), rel=1e-12)
    independent = covariance(p, r, 0.0)
    size = np.sqrt(beta(name, 0, p) * beta(name, 0, r))
    product = alpha(name, 0, p) * alpha(name, 0, r)
    assert dual_derivative(name, independent) == pytest.approx(product, rel=1e-12, abs=1e-14 * size)
    product = gamma(name, 0, p) * gamma(name, 0, r)
    assert dual(name, independent) == pytest.approx(product, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", CLOSED + QUADRATURE)
def test_a_variable_without_variance_is_the_constant_zero(name):
    """cov = [[0, 0], [0, c]]: E[phi(0) phi(v)] and E[phi'(0) phi'(v)], at a kink with the derivative from the right."""
    phi = activation(name)
    for cov in ([[0.0, 0.0], [0.0, 4.0]], [[4.0, 0.0], [0.0, 0.0]]):
        assert dual(phi, cov) == pytest.approx(phi(0.0) * gamma(phi, 0, 2.0), rel=1e-14)
        assert dual_derivative(phi, cov) == pytest.approx(phi.derivative(0.0) * alpha(phi, 0, 2.0), rel=1e-14)
    assert dual(phi, np.zeros((2, 2))) == phi(0.0) ** 2


def test_duals_broadcast_over_stacks_of_covariances():
    """Shapes: (..., 2, 2) -> (...), entry by entry the scalar result, which is a float."""
    stack = np.array([[covariance(1, 2, 0.3), covariance(1, 1, 1.0)], [covariance(0.5, 3, -0.7), np.zeros((2, 2))]])
    for name in ("relu", "tanh"):
        for function in (dual, dual_derivative):
            values = function(name, stack)
            assert values.shape == (2, 2)
            np.testing.assert_allclose(values, [[function(name, cov) for cov in row] for row in stack], rtol=1e-14)
            assert type(function(name, stack[0, 0])) is float
    assert dual("tanh", np.empty((0, 2, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("cov", "message"),
    [
        ([1.0, 2.0], "shape"),
        ([[1.0, 0.5], [0.4, 1.0]], "not symmetric"),
        ([[1.0, 1.5], [1.5, 1.0]], "not positive semidefinite"),
        ([[-1.0, 0.0], [0.0, 1.0]], "negative variance"),
        ([[0.0, 0.1], [0.1, 1.0]], "not positive semidefinite"),
        ([[np.nan, 0.0], [0.0, 1.0]], "nan"),
    ],
)
def test_what_is_not_a_covariance_is_refused(cov, message):
    """Errors name cov and say what was expected."""
    for function in (dual, dual_derivative):
        with pytest.raises(ValueError, match=f"cov .*{message}"):
            function("relu", cov)


def test_overflow_is_an_error_that_names_cov():
    """The dual of exp is e^{(a + 2b + c)/2}."""
    with pytest.raises(OverflowError, match="cov"):
        dual("exp", [[1000.0, 0.0], [0.0, 1000.0]])


def test_rounding_of_a_gram_matrix_is_forgiven():
    """A correlation of 1 + 2e-16, as a Gram matrix has it, is taken for 1."""
    assert dual("relu", [[1.0, 1 + 2.2e-16], [1 + 2.2e-16, 1.0]]) == pytest.approx(0.5, rel=1e-14)


@given(
    st.sampled_from(["relu", "leaky_relu", "squared_relu", "erf", "quadratic"]),
    st.floats(1e-3, 1e3),
    st.floats(1e-3, 1e3),
    st.floats(-1, 1),
)
def test_cauchy_schwarz_and_symmetry(name, p, r, rho):
    """|E f(u) f(v)|^2 <= E f(u)^2 E f(v)^2, and (u, v) may be exchanged."""
    for function in (dual, dual_derivative):
        value = function(name, covariance(p, r, rho))
        bound = np.sqrt(function(name, covariance(p, p, 1.0)) * function(name, covariance(r, r, 1.0)))
        assert abs(value) <= bound * (1 + 1e-12)
        assert function(name, covariance(r, p, rho)) == pytest.approx(value, rel=1e-12, abs=1e-13 * bound)


@pytest.mark.parametrize("name", CLOSED)
def test_the_gradient_of_the_dual_derivative_matches_differences(name):
    """Central differences of the closed dual_derivative, itself tested by the polar integral, in each of a, b, c."""
    forms = activation(name).closed_forms
    point, step = np.array([1.3, -0.4, 0.7]), 1e-5
    gradient = forms.dual_derivative_gradient(FLOATS, *point)
    for i in range(3):
        shift = step * np.eye(3)[i]
        above, below = (forms.dual_derivative(FLOATS, *(point + sign * shift)) for sign in (1, -1))
        assert gradient[i] == pytest.approx((above - below) / (2 * step), rel=1e-8, abs=1e-8)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.sampled_from([-1.0, 1.0]))
def test_a_correlation_of_one_is_recognised_through_rounding(p, r, rho):
    """p^2, rho p r and r^2 are rounded, so the determinant is not 0; the angle must be 0 or pi all the same."""
    cov = covariance(p, r, rho)
    assert dual_derivative("relu", cov) == pytest.approx(0.5 if rho > 0 else 0.0, abs=1e-15)
    assert dual("relu", cov) == pytest.approx(p * r / 2 if rho > 0 else 0.0, rel=1e-14, abs=1e-14 * p * r)
    size = np.sqrt(beta("erf", 0, p) * beta("erf", 0, r))
    exact = 4 / (np.pi * np.sqrt(1 + 2 * p * p + 2 * r * r))
    assert dual_derivative("erf", cov) == pytest.approx(exact, abs=1e-12 * size)
