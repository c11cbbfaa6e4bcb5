"""The five pieces: against expansion in symbols, Gram matrices of polynomials, quadrature; mutants are caught."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation, gaussian
from onenn.landscape import hessian_at_teacher
from onenn.landscape.identity import (
    SlopeMoments,
    expanded_mean_square,
    five_pieces,
    identity_holds,
    identity_holds_for,
    mean_square,
    polynomial_slope_moments,
    slope_moments,
    slope_moments_ball,
    slope_moments_exact,
)

rng = np.random.default_rng(4)


@pytest.mark.parametrize(("k", "d"), [(1, 1), (1, 3), (2, 2), (2, 4), (3, 3)])
def test_the_identity_is_one_of_polynomials(k, d):
    """All entries of A and all moments are symbols, and nothing but independence is used on the other side."""
    assert identity_holds(k, d) == Verdict.PROVED


@pytest.mark.parametrize("piece", range(5))
def test_no_piece_can_be_left_out(piece):
    """Each of the five is the whole mean square for some P and some moments."""
    assert identity_holds(2, without=piece) == Verdict.REFUTED


def test_the_identity_holds_for_random_integers():
    """The Gram matrix of polynomials multiplied out shares nothing with the moments of one variable."""
    for k, d in ((2, 2), (3, 3), (2, 4)):
        coefficients, sigma = rng.integers(-3, 4, size=5).tolist(), Fraction(int(rng.integers(1, 9)), 3)
        assert identity_holds_for(rng.integers(-9, 10, size=(k, d)), coefficients, sigma) == Verdict.PROVED


@pytest.mark.parametrize("name", ["relu", "erf", "tanh", "exp", "gelu"])
def test_the_mean_square_is_the_form_of_the_hessian(name):
    """At orthogonal rows of length 0.7 and v = 1 the Hessian is computed from its own blocks."""
    rows, A = 0.7 * np.eye(3, 5), rng.standard_normal((3, 5))
    Q, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    form = (A @ Q).ravel() @ hessian_at_teacher(OneHiddenLayer(rows @ Q, np.ones(3), name)) @ (A @ Q).ravel()
    assert mean_square(A, slope_moments(name, 0.7)) == pytest.approx(form, rel=1e-12)


def test_the_identity_needs_orthogonal_rows():
    """At the rows (1, 0), (1, 1) the mean square of u_1 phi'(w_1.x) differs: phi'(w_1.x) and w_2.x are dependent."""
    assert identity_holds_for([[1, 2], [0, 1]], [0, 0, 0, 1], 1) == Verdict.PROVED
    assert identity_holds_for([[1, 2], [0, 1]], [0, 0, 0, 1], 1, W=[[1, 0], [1, 1]]) == Verdict.REFUTED


def test_the_pieces_are_not_negative_and_their_sum_is_at_least_rho():
    """Each is a mean square; T1 and T2 alone already give min(T1, T2) |P|^2."""
    for name in ("relu", "squared_relu", "exp", "quadratic"):
        moments = slope_moments(name, 1.3)
        for _ in range(20):
            A = rng.standard_normal((3, 4))
            assert min(five_pieces(A[:, :3], moments)) >= 0
            assert mean_square(A, moments) >= min(moments.T1, moments.T2) * np.sum(A * A) * (1 - 1e-13)


def test_moments_of_all_kinds_agree():
    """Doubles, balls, symbols and, for a polynomial, Fractions."""
    floats, balls, exact = (f("squared_relu", 2) for f in (slope_moments, slope_moments_ball, slope_moments_exact))
    for read in (lambda m: m.T1, lambda m: m.T2, lambda m: m.beta_0, lambda m: m.beta_2, lambda m: m.alpha[2]):
        assert float(read(balls)) == pytest.approx(read(floats), rel=1e-14) == float(read(exact))
    rational = polynomial_slope_moments([5, 0, 1], 2)
    assert rational == SlopeMoments(alpha=(0, 4, 0), T1=0, T2=gaussian.T("quadratic", 2, 2.0))
    assert rational.beta_2 == gaussian.beta("quadratic", 2, 2.0)


def test_expansion_agrees_with_quadrature():
    """E (phi'(u)(u + 2w) - phi'(w) u)^2 on a tensor grid of Gauss-Hermite nodes, for tanh.

    The poles at i pi/2 leave the rule of 80 nodes an error of 1e-8.
    """
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    slope = activation("tanh").derivative
    total = sum(
        p * q * (slope(u) * (u + 2 * w) - slope(w) * u) ** 2
        for (u, p), (w, q) in product(zip(z, weight, strict=True), repeat=2)
    ) / (2 * np.pi)
    A = np.array([[1.0, 2.0], [-1.0, 0.0]])
    assert expanded_mean_square(A, slope_moments("tanh")) == pytest.approx(total, rel=1e-7)


def test_bad_input_is_named():
    """A matrix that is not square, and an activation without closed forms."""
    with pytest.raises(ValueError, match=r"P has shape \(2, 3\)"):
        five_pieces(np.zeros((2, 3)), slope_moments("relu"))
    for f in (mean_square, expanded_mean_square):
        for A in (np.zeros((3, 2)), np.zeros(3)):
            with pytest.raises(ValueError, match="A has shape"):
                f(A, slope_moments("relu"))
    for arguments in ({"k": 0}, {"k": 3, "d": 2}, {"k": 2, "without": 5}):
        with pytest.raises(ValueError, match="expected 1 <= k <= d"):
            identity_holds(**arguments)
    with pytest.raises(ValueError, match="no closed form"):
        slope_moments_exact("tanh")
