"""Hermite coefficients of phi' against stored high-precision quadrature, Parseval's identity, relations."""

import numpy as np
import pytest
from gaussian_oracles import reference_hermite, relative_error

from onenn import activation
from onenn.activations import register_activation
from onenn.gaussian import T, alpha, beta, hermite

NAMES = (
    "linear", "quadratic", "relu", "leaky_relu", "squared_relu", "sigmoid", "tanh", "erf", "softplus", "exp", "gelu",
    "quartic_relu",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_coefficients_match_quadrature_at_fifty_digits(name):
    """Independent route: mpmath, up to order 41, where those of tanh have fallen to 1e-7; zeros are exactly 0.0."""
    for r, exact in reference_hermite(name).items():
        assert relative_error(hermite(name, r), exact) < 1e-12, (r, hermite(name, r), exact)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "erf", "exp", "gelu", "linear", "quadratic"])
def test_parseval_for_activations_with_fast_coefficients(name):
    """sum c_r^2 = beta_0(1) and the sum from r = 2 is T1(1); 120 coefficients leave less than 1e-9."""
    c = np.array([hermite(name, r) for r in range(120)])
    assert np.sum(c**2) == pytest.approx(beta(name, 0, 1.0), rel=1e-9)
    assert np.sum(c[2:] ** 2) == pytest.approx(T(name, 1, 1.0), rel=1e-9, abs=0)


def test_relu_coefficients_decay_like_the_generalised_binomials():
    """c_r^2 = ((r-2)!!)^2/(2 pi r!) for odd r, about (2 pi^3)^(-1/2) r^(-3/2): the slow decay of a jump of phi'."""
    r = 501
    assert hermite("relu", r) ** 2 == pytest.approx(r**-1.5 / np.sqrt(2 * np.pi**3), rel=8e-3)


def test_coefficients_of_a_scaled_tanh_at_extreme_scales():
    """c_2 of tanh(s z) is sqrt(2) times s^3 phi'''(0)/2 + ... for small s, and that of 2 sign for large s."""
    small = activation("tanh").scaled(input="0.001")
    assert hermite(small, 2) == pytest.approx(-np.sqrt(2) * 1e-9, rel=1e-5)
    # phi' tends to twice a point mass at 0: c_2 -> 2 He_2(0)/sqrt(2 pi)/sqrt(2)
    large = activation("tanh").scaled(input=1000)
    assert hermite(large, 2) == pytest.approx(-2 / np.sqrt(2 * np.pi) / np.sqrt(2), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_low_coefficients_are_moments(name):
    """He_0 = 1, He_1 = g, He_2 = g^2 - 1."""
    a0, a1, a2 = (alpha(name, q, 1.0) for q in range(3))
    assert hermite(name, 0) == pytest.approx(a0, rel=1e-13)
    assert hermite(name, 1) == pytest.approx(a1, rel=1e-13)
    assert hermite(name, 2) == pytest.approx((a2 - a0) / np.sqrt(2), rel=1e-11, abs=1e-14)


def test_coefficients_of_an_activation_of_the_users():
    """The quadrature route on tanh without its transform: error 1e-14, exact zeros from the pairing of z and -z."""
    plain = register_activation("plain_tanh", np.tanh, lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2, replace=True)
    for r in range(0, 40):
        assert hermite(plain, r) == pytest.approx(hermite("tanh", r), abs=2e-14)
    assert hermite(plain, 7) == 0.0


def test_a_wrong_order_is_named():
    """Errors name the argument."""
    with pytest.raises(ValueError, match="r is -1"):
        hermite("relu", -1)
