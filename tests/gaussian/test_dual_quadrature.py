"""Duals by nested panels: against closed forms at extreme scales, the Fourier integral, and on new activations."""

import numpy as np
import pytest
from gaussian_oracles import fourier_dual_derivative

from onenn import activation
from onenn.activations import register_activation
from onenn.gaussian import alpha, beta, dual, dual_derivative
from onenn.gaussian.dual import _quadrature


def covariance(p, r, rho):
    return np.array([[p * p, rho * p * r], [rho * p * r, r * r]])


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_nested_quadrature_agrees_with_closed_forms_at_extreme_scales(name):
    """Two routes of the package, from sd = 1e-3 to 1e3: panels find kinks of width 1e-8 in the correlation."""
    phi = activation(name)
    for f, function in ((phi, dual), (phi.derivative, dual_derivative)):
        for p, r, rho in ((1e3, 1e3, -0.5), (1e-3, 1e3, 0.9), (1e3, 1e3, 1 - 1e-15)):
            a, b, c = p * p, rho * p * r, r * r
            size = np.sqrt(function(phi, [[a, a], [a, a]]) * function(phi, [[c, c], [c, c]]))
            assert abs(_quadrature(phi, f, a, b, c) - function(phi, [[a, b], [b, c]])) < 1e-13 * size


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_dual_derivative_matches_the_fourier_integral_at_large_scales(name):
    """Independent route: Parseval in two dimensions; the transform of sech^2 is pi t/sinh(pi t/2)."""
    rate = {"tanh": np.pi / 2, "sigmoid": np.pi}[name]
    x = lambda t: rate * np.where(t == 0, 1e-9, t)  # noqa: E731
    transform = lambda t: (2 if name == "tanh" else 1) * x(t) / np.sinh(x(t))  # noqa: E731
    for p, r, rho in ((5.0, 40.0, 0.3), (1e3, 1e3, -0.8), (1e3, 3.0, 0.6)):
        a, b, c = p * p, rho * p * r, r * r
        exact = fourier_dual_derivative(transform, a, b, c)
        size = np.sqrt(beta(name, 0, p) * beta(name, 0, r))
        assert abs(dual_derivative(name, [[a, b], [b, c]]) - exact) < 1e-11 * size


def test_an_activation_of_the_users_gets_its_duals():
    """tanh as plain functions, and a hinge at 1/2 whose kink is declared, both by nested panels."""
    plain = register_activation("plain_tanh", np.tanh, lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2, replace=True)
    cov = covariance(1.0, 2.0, 0.4)
    assert dual(plain, cov) == pytest.approx(dual("tanh", cov), rel=1e-12)
    hinge = register_activation(
        "hinge",
        (lambda z: 0 * z, lambda z: z - 0.5),
        (lambda z: 0 * z, lambda z: 1 + 0 * z),
        kinks=("1/2",),
        replace=True,
    )
    tail = alpha(hinge, 0, 1.0)  # P(z > 1/2)
    assert dual_derivative(hinge, covariance(1.0, 1.0, 1 - 1e-15)) == pytest.approx(tail, rel=1e-6)
    assert dual_derivative(hinge, covariance(1.0, 1.0, 0.0)) == pytest.approx(tail**2, rel=1e-12)
    assert dual_derivative(hinge, covariance(1.0, 1.0, -1.0)) == pytest.approx(0.0, abs=1e-13)
