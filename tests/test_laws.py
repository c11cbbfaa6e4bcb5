"""Every registered activation, plain and scaled, against every law. To add a law: one function below.

Most laws compare two routes of the package that share no formula; they do not replace the independent routes.
"""

import pickle
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from onenn import activation
from onenn.activations import ClosedForms, names
from onenn.contexts import FLOATS
from onenn.gaussian import T, alpha, beta, dual, dual_derivative, gamma, hermite, rho

ACTIVATIONS = [
    *(activation(name) for name in names()[:12]),
    activation("leaky_relu", slope="-1/2"),
    activation("erf").scaled(output="sqrt(pi)/2"),
    activation("tanh").scaled(output=-2, input="1/3"),
    activation("relu").scaled(input=-1),
    activation("softplus").scaled(output="1/2", input=-2),
    activation("gelu").scaled(input="sqrt(2)"),
    activation("quartic_relu").scaled(output="1/4", input="-1/2"),
]
SIGMAS = (0.05, 0.9, 2.0)
COVARIANCES = tuple(np.array(c) for c in ([[1.0, 0.4], [0.4, 2.0]], [[0.3, -0.5], [-0.5, 1.2]]))
LAWS = []


def law(function):
    LAWS.append(function)
    return function


def near(value, expected, *, scale=0.0, rel=1e-10):
    """Relative 1e-10, the accuracy promised; `scale` adds what rounding of the terms of that size may leave."""
    assert abs(value - expected) <= rel * abs(expected) + 1e-14 * scale, (value, expected)


@law
def stein(phi):
    """gamma_{j+1} = j gamma_{j-1} + sigma alpha_j: integration by parts (a kink of phi' costs nothing)."""
    for sigma in SIGMAS:
        for j in range(4):
            terms = (j * gamma(phi, j - 1, sigma) if j else 0.0, sigma * alpha(phi, j, sigma))
            near(gamma(phi, j + 1, sigma), sum(terms), scale=max(map(abs, terms)))


@law
def residuals_are_differences_of_moments(phi):
    """T1 = beta_0 - alpha_0^2 - alpha_1^2 etc., up to what the difference loses."""
    for sigma in SIGMAS:
        a0, a1, a2 = (alpha(phi, q, sigma) for q in range(3))
        b0, b2 = beta(phi, 0, sigma), beta(phi, 2, sigma)
        near(T(phi, 1, sigma), b0 - a0**2 - a1**2, scale=10 * b0)
        near(T(phi, 2, sigma), b2 - a1**2 - a2**2, scale=10 * b2)
        near(T(phi, 3, sigma), a0 * a2 - a1**2, scale=10 * (a1**2 + abs(a0 * a2)))


@law
def residual_variances_are_not_negative(phi):
    """T1, T2 >= 0, and T1 vanishes for affine phi' only (linear, quadratic), T2 for constant phi' only."""
    sigma = np.geomspace(1e-3, 4.0, 9)
    for i, degenerate in ((1, ("linear", "quadratic")), (2, ("linear",))):
        values = T(phi, i, sigma)
        assert np.all(values == 0.0 if phi.name in degenerate else values > 0)


@law
def rho_is_the_minimum(phi):
    """Of three terms, or of two."""
    for sigma in SIGMAS:
        terms = [T(phi, i, sigma) for i in (1, 2, 3)]
        assert rho(phi, sigma) == min(terms)
        assert rho(phi, sigma, terms=2) == min(terms[:2])


@law
def homogeneity(phi):
    """phi(t z) = t^q phi(z) makes alpha scale with sigma^(q-1), gamma with sigma^q, T with sigma^(2q-2)."""
    q = phi.homogeneity
    if q is None:
        z = np.array([-1.3, 0.5])  # and an activation without a degree has none
        assert not any(np.allclose(phi(2 * z), 2.0**p * phi(z)) for p in (0, 1, 2, 3, 4))
        return
    for t in (1e-3, 7.0, 1e3):
        for i in range(3):
            near(alpha(phi, i, t), t ** (q - 1) * alpha(phi, i, 1.0))
            near(gamma(phi, i, t), t**q * gamma(phi, i, 1.0))
            near(T(phi, i + 1, t), t ** (2 * q - 2) * T(phi, i + 1, 1.0))
    cov = COVARIANCES[0]
    near(dual(phi, 9 * cov), 9**q * dual(phi, cov))
    near(dual_derivative(phi, 9 * cov), 9 ** (q - 1) * dual_derivative(phi, cov))


@law
def declared_symmetry_holds(phi):
    """phi'(-z) = phi'(z), -phi'(z), or 2 centre - phi'(z); the moments it kills are exactly 0.0."""
    z = np.linspace(0.01, 9, 60)
    right, left = phi.derivative(z), phi.derivative(-z)
    expected = {"even": left, "odd": -left, "half": 2 * FLOATS.number(phi.derivative_centre) - left}
    if phi.derivative_symmetry is None:
        assert not np.allclose(right, left)
        assert not np.allclose(right, -left)
        return
    np.testing.assert_allclose(right, expected[phi.derivative_symmetry], rtol=1e-13, atol=1e-14 * np.max(np.abs(right)))
    for sigma in SIGMAS:
        if phi.derivative_symmetry == "even":
            assert alpha(phi, 1, sigma) == beta(phi, 1, sigma) == 0.0
            assert hermite(phi, 1) == hermite(phi, 7) == 0.0
        if phi.derivative_symmetry == "odd":
            assert alpha(phi, 0, sigma) == alpha(phi, 2, sigma) == beta(phi, 1, sigma) == gamma(phi, 3, sigma) == 0.0
        if phi.derivative_symmetry == "half":
            assert alpha(phi, 0, sigma) == alpha(phi, 2, sigma) == FLOATS.number(phi.derivative_centre)
            assert hermite(phi, 2) == hermite(phi, 8) == 0.0


@law
def derivatives_are_slopes(phi):
    """Central differences of phi and phi', off the kinks."""
    z, h = np.array([-2.3, -0.7, 0.4, 1.9]), 1e-6
    np.testing.assert_allclose((phi(z + h) - phi(z - h)) / (2 * h), phi.derivative(z), rtol=1e-7, atol=1e-8)
    slopes = (phi.derivative(z + h) - phi.derivative(z - h)) / (2 * h)
    np.testing.assert_allclose(slopes, phi.second_derivative(z), rtol=1e-7, atol=1e-8)


@law
def scaling_by_minus_one_reflects(phi):
    """z -> -z: even moments of phi' change sign with the slope, T1, T2, T3 stay."""
    psi = phi.scaled(input=-1)
    for q in range(3):
        near(alpha(psi, q, 0.9), (-1) ** (q + 1) * alpha(phi, q, 0.9))
        near(beta(psi, q, 0.9), (-1) ** q * beta(phi, q, 0.9))
        near(gamma(psi, q, 0.9), (-1) ** q * gamma(phi, q, 0.9))
        near(T(psi, q + 1, 0.9), T(phi, q + 1, 0.9))


@law
def scaling_the_input_is_scaling_sigma(phi):
    """phi(b .) at sigma is phi at b sigma."""
    psi = phi.scaled(output="3/2", input=2)
    for q in range(3):
        near(alpha(psi, q, 0.4), 3 * alpha(phi, q, 0.8))
        near(beta(psi, q, 0.4), 9 * beta(phi, q, 0.8))
        near(gamma(psi, q, 0.4), 1.5 * gamma(phi, q, 0.8))
        near(T(psi, q + 1, 0.4), 9 * T(phi, q + 1, 0.8))
    near(dual(psi, COVARIANCES[0]), 2.25 * dual(phi, 4 * COVARIANCES[0]))
    near(dual_derivative(psi, COVARIANCES[0]), 9 * dual_derivative(phi, 4 * COVARIANCES[0]))


@law
def hermite_coefficients_are_moments(phi):
    """c_0 = alpha_0, c_1 = alpha_1, sqrt(2) c_2 = alpha_2 - alpha_0; Bessel: their squares stay below T1."""
    a0, a1, a2 = (alpha(phi, q, 1.0) for q in range(3))
    near(hermite(phi, 0), a0)
    near(hermite(phi, 1), a1)
    near(np.sqrt(2) * hermite(phi, 2), a2 - a0, scale=10 * (abs(a2) + abs(a0)))
    tail = sum(hermite(phi, r) ** 2 for r in range(2, 30))
    assert tail <= T(phi, 1, 1.0) * (1 + 1e-10)
    assert tail >= 0.7 * T(phi, 1, 1.0)


@law
def price(phi):
    """d dual/d cov_12 = dual_derivative: the one law that no plausible slip in a dual survives."""
    h = 1e-4
    for cov in COVARIANCES:
        shift = h * np.array([[0.0, 1.0], [1.0, 0.0]])
        slope = (
            8 * (dual(phi, cov + shift) - dual(phi, cov - shift))
            - dual(phi, cov + 2 * shift)
            + dual(phi, cov - 2 * shift)
        )
        size = abs(dual(phi, cov)) + abs(dual_derivative(phi, cov))
        near(slope / (12 * h), dual_derivative(phi, cov), rel=1e-8, scale=1e5 * size)


@law
def duals_are_symmetric_and_obey_cauchy_schwarz(phi):
    """(u, v) and (v, u) have the same dual; the Gram matrix of (u, v) is positive semidefinite."""
    for cov in COVARIANCES:
        for function in (dual, dual_derivative):
            value = function(phi, cov)
            variances = [function(phi, np.full((2, 2), cov[i, i])) for i in (0, 1)]
            near(function(phi, cov[::-1, ::-1]), value, scale=100 * np.sqrt(np.prod(variances)))
            assert value**2 <= np.prod(variances) * (1 + 1e-12)


@law
def duals_at_correlation_one_and_zero_are_moments(phi):
    """E phi'(u)^2 = beta_0; independent variables multiply means."""
    near(dual_derivative(phi, np.full((2, 2), 1.44)), beta(phi, 0, 1.2))
    independent = np.diag([0.49, 1.44])
    size = np.sqrt(beta(phi, 0, 0.7) * beta(phi, 0, 1.2))
    near(dual_derivative(phi, independent), alpha(phi, 0, 0.7) * alpha(phi, 0, 1.2), scale=10 * size)
    product = gamma(phi, 0, 0.7) * gamma(phi, 0, 1.2)
    near(
        dual(phi, independent),
        product,
        scale=10 * np.sqrt(np.prod([dual(phi, np.full((2, 2), v)) for v in (0.49, 1.44)])),
    )


@law
def mehler(phi):
    """dual_derivative at unit variances is sum c_r^2 rho^r: the Hermite route, with its tail bounded by Bessel."""
    correlation, order = -0.5, 25
    value = sum(hermite(phi, r) ** 2 * correlation**r for r in range(order))
    near(dual_derivative(phi, [[1, correlation], [correlation, 1]]), value, scale=1e14 * 0.5**order * beta(phi, 0, 1.0))


@law
def gradient_of_the_dual_derivative(phi):
    """Where it is closed: the difference quotients of dual_derivative in a, b, c."""
    gradient = phi.closed_forms.dual_derivative_gradient
    if gradient is None:
        assert phi.name in ("tanh", "sigmoid", "softplus", "gelu")
        return
    h, directions = 1e-5, ([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]])
    for cov in COVARIANCES:
        parts = gradient(FLOATS, cov[0, 0], cov[0, 1], cov[1, 1])
        for part, direction in zip(parts, directions, strict=True):
            shift = h * np.array(direction)
            quotient = (dual_derivative(phi, cov + shift) - dual_derivative(phi, cov - shift)) / (2 * h)
            near(part, quotient, rel=1e-7, scale=1e7 * abs(dual_derivative(phi, cov)))


@law
def pickles_and_scalings_return(phi):
    """A pickle comes back equal; scaling by (1, 1) changes nothing; equal activations have equal hashes."""
    copy = pickle.loads(pickle.dumps(phi))
    assert copy == phi
    assert hash(copy) == hash(phi)
    assert phi.scaled(output=1, input=1) == phi
    assert phi.scaled(output=2, input="1/2").scaled(output="1/2", input=2) == phi


@pytest.mark.parametrize("phi", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("law", LAWS, ids=lambda f: f.__name__)
def test_law(law, phi):
    """The product of the two registries; see the law's own text for why it is true."""
    law(phi)


def rejects(law, phi):
    try:
        law(phi)
    except AssertionError:
        return True
    return False


def _wrong_form(name, **forms):
    phi = activation(name)
    return replace(phi, closed_forms=replace(phi.closed_forms, **forms))


def _wrong_piece(name, **functions):
    phi = activation(name)
    return replace(phi, closed_forms=ClosedForms(), pieces=(replace(phi.pieces[0], **functions), *phi.pieces[1:]))


ERF = activation("erf").closed_forms
WRONG = {
    "a derivative 1 % too large": _wrong_piece("gelu", derivative=lambda C, z: 1.01 * activation("gelu").derivative(z)),
    "a second derivative of the wrong sign": _wrong_piece("tanh", second_derivative=lambda C, z: 2 * C.tanh(z)),
    "alpha without its power": _wrong_form("erf", alpha=lambda C, q, s: ERF.alpha(C, 0, s)),
    "beta below alpha^2": _wrong_form("erf", beta=lambda C, q, s: 0.1 * ERF.beta(C, q, s)),
    "a negative residual": _wrong_form("erf", residual=lambda C, i, s: -ERF.residual(C, i, s)),
    "a hermite coefficient too large": _wrong_form("erf", hermite=lambda C, r, s: 2 * ERF.hermite(C, r, s)),
    "a dual without its factor": _wrong_form("erf", dual=lambda C, a, b, c: C.pi / 2 * ERF.dual(C, a, b, c)),
    "a dual that favours u": _wrong_form("erf", dual_derivative=lambda C, a, b, c: ERF.dual_derivative(C, a, b, 2 * c)),
    "a gradient that favours v": _wrong_form(
        "erf", dual_derivative_gradient=lambda C, a, b, c: ERF.dual_derivative_gradient(C, c, b, a)
    ),
    "a degree of homogeneity": replace(activation("relu"), homogeneity=2),
    "a symmetry": replace(activation("tanh"), derivative_symmetry="odd"),
    "another base of the scaling": replace(activation("tanh").scaled(input=2), base=activation("erf")),
    "another name": replace(activation("tanh"), name="erf", output=Fraction(1, 2)),
}


@pytest.mark.parametrize("law", [f for f in LAWS if f is not rho_is_the_minimum], ids=lambda f: f.__name__)
def test_every_law_rejects_something_wrong(law):
    """A law that nothing breaks would check nothing; the minimum is a law of rho, which no activation can break."""
    assert any(rejects(law, phi) for phi in WRONG.values())


@pytest.mark.parametrize("what", WRONG)
def test_everything_wrong_is_rejected_by_some_law(what):
    """The converse: each corruption is caught."""
    assert any(rejects(law, WRONG[what]) for law in LAWS)
