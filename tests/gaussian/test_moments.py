"""Moments, residual variances and rho against stored high-precision quadrature; exact zeros; errors."""

import numpy as np
import pytest
from gaussian_oracles import reference_moments, reference_sigmas, relative_error
from hypothesis import given
from hypothesis import strategies as st

from onenn import activation
from onenn.activations import Growth, register_activation
from onenn.gaussian import T, alpha, beta, gamma, rho

NAMES = (
    "linear", "quadratic", "relu", "leaky_relu", "squared_relu", "sigmoid", "tanh", "erf", "softplus", "exp", "gelu",
    "quartic_relu",
)  # fmt: skip
FUNCTIONS = {"alpha": alpha, "beta": beta, "gamma": gamma, "T": T}


@pytest.mark.parametrize("name", NAMES)
def test_moments_match_quadrature_at_fifty_digits(name):
    """Independent route: mpmath; 1e-12 leaves two digits under the promised 1e-10, and zeros must be exactly 0.0."""
    for sigma in reference_sigmas(name):
        for key, exact in reference_moments(name, sigma).items():
            kind, index = key.split("_")
            value = FUNCTIONS[kind](name, int(index), float(sigma))
            assert relative_error(value, exact) < 1e-12, (key, sigma, value, exact)


@pytest.mark.parametrize("name", NAMES)
def test_rho_is_the_least_of_the_stored_terms(name):
    """rho = min(T1, T2, T3) as printed, min(T1, T2) with two terms."""
    for sigma in reference_sigmas(name):
        row = reference_moments(name, sigma)
        terms = [row[f"T_{i}"] for i in (1, 2, 3)]
        assert relative_error(rho(name, float(sigma)), min(terms)) < 1e-12
        assert relative_error(rho(name, float(sigma), terms=2), min(terms[:2])) < 1e-12


def test_small_sigma_asymptotics_keep_their_leading_constant():
    """T1 ~ sigma^(2n) phi^(n+1)(0)^2/n!, for the least n >= 2 where that is not 0; a naive difference is wrong."""
    leading = {"tanh": (4, 2), "sigmoid": (4, 1 / 128), "softplus": (6, 1 / 384), "exp": (4, 1 / 2)}
    for name, (power, constant) in leading.items():
        assert T(name, 1, 1e-3) == pytest.approx(constant * 1e-3**power, rel=1e-4)


def test_sigmoid_and_softplus_moments_follow_from_tanh():
    """sigmoid(z) = (1 + tanh(z/2))/2 and softplus' = sigmoid: exact relations between three separate quadratures."""
    sigma = np.geomspace(1e-3, 1e3, 13)
    np.testing.assert_allclose(rho("sigmoid", sigma), rho("tanh", sigma / 2) / 16, rtol=1e-12)
    A0, A2 = alpha("sigmoid", 0, sigma), alpha("sigmoid", 2, sigma)
    np.testing.assert_allclose(alpha("softplus", 1, sigma), sigma * A0, rtol=1e-12)
    large = sigma >= 1  # below, 1/2 - A_0 - ... cancels
    np.testing.assert_allclose(beta("softplus", 0, sigma)[large], 0.5 - A0[large], rtol=1e-12)
    np.testing.assert_allclose(beta("softplus", 2, sigma)[large], 0.5 - A2[large], rtol=1e-12)


def test_arrays_of_sigma_broadcast_and_numbers_give_floats():
    """Shapes: that of sigma, every entry what the scalar call returns."""
    sigma = np.array([[0.5, 1.0, 2.0], [3.0, 0.1, 7.0]])
    for name in ("relu", "tanh", "erf"):
        for function, index in ((alpha, 0), (alpha, 1), (beta, 2), (gamma, 1), (T, 1), (T, 3)):
            values = function(name, index, sigma)
            assert values.shape == sigma.shape
            np.testing.assert_array_equal(values, [[function(name, index, s) for s in row] for row in sigma])
            assert type(function(name, index, 2.0)) is float
    assert rho("tanh", sigma).shape == sigma.shape
    assert type(rho("tanh", 1)) is float


@pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan, np.inf, [1.0, 0.0]])
def test_a_sigma_outside_its_domain_is_named(sigma):
    """sigma is the norm of a weight vector."""
    with pytest.raises(ValueError, match="sigma"):
        alpha("tanh", 0, sigma)


def test_wrong_orders_and_terms_are_named():
    """Errors name the argument."""
    with pytest.raises(TypeError, match="sigma"):
        beta("tanh", 0, "two")
    with pytest.raises(ValueError, match="q is -1"):
        alpha("tanh", -1, 1.0)
    with pytest.raises(TypeError, match="q is a float"):
        alpha("tanh", 1.0, 1.0)
    with pytest.raises(TypeError, match="j is a bool"):
        gamma("tanh", True, 1.0)
    with pytest.raises(ValueError, match="i is 4"):
        T("tanh", 4, 1.0)
    with pytest.raises(ValueError, match="terms is 1"):
        rho("tanh", 1.0, terms=1)


def test_overflow_is_an_error_that_names_sigma():
    """beta_0 of exp is e^(2 sigma^2), beyond a double from sigma = 19 on; never inf."""
    for function, index in ((alpha, 0), (beta, 0), (gamma, 3), (T, 1), (T, 2)):
        with pytest.raises(OverflowError, match="sigma is 40"):
            function("exp", index, 40.0)
    with pytest.raises(OverflowError, match="sigma is 30"):
        rho("exp", np.array([1.0, 30.0]))


def test_higher_moments_obey_the_same_routes():
    """q = 12: E[z^12] = 10395; for tanh both even-order moments lie below it and tend to it as sigma -> 0."""
    assert alpha("linear", 12, 1.0) == 10395.0
    assert alpha("tanh", 12, 1e-3) == pytest.approx(10395, rel=1e-4)
    assert alpha("tanh", 12, 1.0) < 10395


@given(st.floats(1e-3, 1e3), st.sampled_from([n for n in NAMES if n != "exp"]))
def test_residual_variances_are_bounded_by_second_moments(sigma, name):
    """Bessel: 0 <= T1 <= beta_0 and 0 <= T2 <= beta_2."""
    for i, q in ((1, 0), (2, 2)):
        assert 0 <= T(name, i, sigma) <= beta(name, q, sigma) * (1 + 1e-12)


def test_an_activation_of_the_users_gets_its_moments_from_the_residual_form():
    """phi = tanh registered as plain NumPy functions: the same numbers without any flag, remainder or closed form."""
    plain = register_activation("plain_tanh", np.tanh, lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2, replace=True)
    for sigma in (0.1, 1.0, 30.0):
        for function, index in (
            (alpha, 0),
            (alpha, 2),
            (beta, 0),
            (beta, 2),
            (gamma, 1),
            (gamma, 3),
            (T, 1),
            (T, 2),
            (T, 3),
        ):
            assert function(plain, index, sigma) == pytest.approx(function("tanh", index, sigma), rel=1e-10)
        assert alpha(plain, 1, sigma) == 0.0  # pairing z with -z


def test_features_far_from_zero_and_undeclared_kinks_are_resolved():
    """Panels follow the function: a step of slope at 2 that was not declared, and a tanh centred at 10."""
    hinge = register_activation("hinge_at_two", lambda z: np.maximum(z - 2, 0), lambda z: (z > 2) * 1.0, replace=True)
    tail = 0.3085375387259869  # P(z > 1/2), mpmath.ncdf(-0.5)
    assert alpha(hinge, 0, 4.0) == pytest.approx(tail, rel=1e-12)
    shifted = register_activation(
        "shifted_tanh", lambda z: np.tanh(z - 10), lambda z: 1 / np.cosh(np.clip(z - 10, -300, 300)) ** 2, replace=True
    )
    x = 0.01 + 1e-4 * np.arange(-400, 401)  # sigma = 1000: sech^2 sits at z = 0.01, a few thousandths wide
    exact = np.sum(1e-4 * np.exp(-x * x / 2) / np.sqrt(2 * np.pi) / np.cosh(1000 * x - 10) ** 2)
    assert alpha(shifted, 0, 1000.0) == pytest.approx(exact, rel=1e-12)


def test_growth_of_unknown_kind_is_found_or_refused():
    """sinh without a declared growth: E[cosh(sigma z)] = e^(sigma^2/2), or an OverflowError."""
    plain = register_activation("plain_sinh", np.sinh, np.cosh, replace=True)
    assert alpha(plain, 0, 4.0) == pytest.approx(np.exp(8.0), rel=1e-12)
    assert beta(plain, 0, 4.0) == pytest.approx((1 + np.exp(32.0)) / 2, rel=1e-12)
    declared = register_activation("declared_sinh", np.sinh, np.cosh, growth=Growth(1, 0, 1), replace=True)
    assert beta(declared, 0, 5.0) == pytest.approx((1 + np.exp(50.0)) / 2, rel=1e-12)
    with pytest.raises(OverflowError, match="sigma"):
        beta(plain, 0, 60.0)


def test_a_scaled_activation_is_integrated_as_it_stands():
    """Independent route for scaled(): the trapezoidal rule on a phi(b z) itself, spectrally accurate here."""
    z = np.linspace(-12, 12, 4801)
    w = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    for name in ("tanh", "softplus", "gelu", "erf", "exp"):
        phi = activation(name).scaled(output="-sqrt(pi)/2", input="-3/2")
        slope = phi.derivative(0.7 * z)
        for q in range(4):
            assert alpha(phi, q, 0.7) == pytest.approx(np.sum(w * slope * z**q), rel=1e-11, abs=1e-13)
            assert beta(phi, q, 0.7) == pytest.approx(np.sum(w * slope**2 * z**q), rel=1e-11, abs=1e-13)
            assert gamma(phi, q, 0.7) == pytest.approx(np.sum(w * phi(0.7 * z) * z**q), rel=1e-11, abs=1e-13)
