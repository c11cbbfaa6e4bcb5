"""The spectra of the kernels of the angle: against verified quadrature, by their laws, and with mutants."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

from onenn.contexts import FLOATS, SYMBOLS
from onenn.diversity import (
    KERNELS,
    integrated_eigenvalue_ball,
    kernel_eigenvalues,
    kernel_eigenvalues_ball,
    kernel_eigenvalues_exact,
    multiplicities,
    ordered_eigenvalue,
    sphere_kernel,
)
from onenn.diversity.harmonics import beta_halves, polygamma_half, rectified_coefficients
from onenn.diversity.kernels import gegenbauer
from onenn.rigorous import precision

DIMENSIONS = (2, 3, 4, 7, 10, 23, 50)  # the 3 ... 50, and the circle


@pytest.mark.parametrize("kernel", KERNELS)
def test_eigenvalues_are_the_integrals_of_funk_and_hecke(kernel):
    """Independent route: verified quadrature over the angle of kernel times polynomial; nothing of the closed forms."""
    for d in DIMENSIONS:
        closed = kernel_eigenvalues(d, 9, kernel)
        with precision(192):
            balls = kernel_eigenvalues_ball(d, 9, kernel)
        for l in (0, 1, 2, 3, 6, 9):
            integral = integrated_eigenvalue_ball(d, l, kernel)
            assert integral.overlaps(balls[l])
            if closed[l] == 0:
                assert abs(integral) < 1e-30
            else:
                assert abs(float((integral / balls[l] - 1).mid())) < 1e-14
                assert closed[l] == pytest.approx(float(balls[l].mid()), rel=1e-12)


@pytest.mark.parametrize(("kernel", "degrees"), [("extended_feature", (3, 5, 7)), ("arcsine", (2, 4, 6))])
def test_degrees_that_vanish_are_exact_zeros(kernel, degrees):
    """g - t/4 is even in t, and kappa - 1/4 is odd: the other parity is 0 and no rounding of it."""
    for d in (3, 4, 11):
        exact = kernel_eigenvalues_exact(d, 8, kernel)
        assert all(exact[l] == 0 for l in degrees)
        assert all(kernel_eigenvalues(d, 8, kernel)[l] == 0 for l in degrees)


def test_a_quarter_over_d_is_the_first_eigenvalue():
    """g = t/4 + an even function, and t^2 integrates to 1/d."""
    assert [kernel_eigenvalues_exact(d, 1)[1] for d in (2, 3, 17)] == [sympy.Rational(1, 4 * d) for d in (2, 3, 17)]


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_trace_is_the_diagonal_of_the_kernel(kernel):
    """Mercer: the sum of N lambda is k(1); partial sums stay below and the rest shrinks at least like 1/L^2... 1/L."""
    for d in (3, 10):
        terms = np.array(multiplicities(d, 160)) * kernel_eigenvalues(d, 160, kernel)
        top = float(sphere_kernel(kernel)(1.0))
        gaps = top - np.cumsum(terms)[[40, 80, 160]]
        assert np.all(terms >= 0)
        assert np.all(gaps > -1e-13)
        assert gaps[2] <= 0.6 * gaps[1] + 1e-13
        assert gaps[2] < 0.02 * top


def test_the_series_sums_to_the_kernel():
    """sum N lambda_l P_l(t) = k(t) inside the interval, where it converges fast for the smoothest kernel."""
    t = np.array([-0.3, 0.1, 0.5])
    lambdas, N = kernel_eigenvalues(4, 200, "arc_cosine_2"), multiplicities(4, 200)
    series = sum(N[l] * lambdas[l] * gegenbauer(4, l, t) for l in range(201))
    assert series == pytest.approx(sphere_kernel("arc_cosine_2")(t), rel=1e-6)


def test_the_arcsine_kernel_is_half_an_arc_cosine_kernel():
    """kappa = (pi - theta)/(2 pi), the kernel of degree 0 is (pi - theta)/pi."""
    assert kernel_eigenvalues(9, 7, "arc_cosine_0") == pytest.approx(2 * kernel_eigenvalues(9, 7, "arcsine"), rel=1e-14)


def test_multiplicities_are_dimensions_of_harmonics():
    """Homogeneous polynomials of degree l are harmonics times powers of |x|^2, so the N add up to binomials."""
    for d in (2, 3, 8):
        N = multiplicities(d, 12)
        assert all(sum(N[l::-2]) == math.comb(l + d - 1, d - 1) for l in range(13))
        t = 0.3  # P_l(1) = 1 and orthogonality: int P_l^2 = 1/N
        assert gegenbauer(d, 3, 1.0) == pytest.approx(1, rel=1e-14)
        assert abs(gegenbauer(d, 12, t)) < 1


def test_beta_at_halves_is_the_quotient_of_gammas():
    """B(a/2, b/2) = Gamma(a/2) Gamma(b/2)/Gamma((a+b)/2), with pi when both are odd."""
    for a in range(1, 9):
        for b in range(1, 9):
            value = float(beta_halves(a, b)) * (math.pi if a % 2 and b % 2 else 1)
            assert value == pytest.approx(math.gamma(a / 2) * math.gamma(b / 2) / math.gamma((a + b) / 2), rel=1e-13)


def test_polygamma_at_halves_agrees_with_the_library():
    """SymPy's polygamma evaluates by other means."""
    for d in (1, 2, 3, 8, 13):
        for order in (1, 3):
            exact = polygamma_half(SYMBOLS, order, d)
            assert float(exact) == pytest.approx(float(sympy.polygamma(order, sympy.Rational(d, 2))), rel=1e-12)
            assert float(exact) == pytest.approx(polygamma_half(FLOATS, order, d), rel=1e-12)


def test_ordered_eigenvalues_fall_and_repeat_with_their_multiplicity():
    """gamma_1, gamma_2, ... is the sorted list of the eigenvalues of all degrees."""
    for d in (3, 6):
        lambdas, N = kernel_eigenvalues(d, 10), multiplicities(d, 10)
        everything = sorted(np.repeat(lambdas, N), reverse=True)
        count = sum(N[l] for l in (0, 1, 2, 4, 6, 8, 10))
        assert [ordered_eigenvalue(d, m) for m in range(1, count + 1, 7)] == pytest.approx(everything[:count:7])


def test_a_hair_off_is_seen():
    """Mutants: N - 1 in place of N, B(l/2, (d+1)/2), 4 d - 1: each is far outside the agreement that is asked for."""
    d = 6
    assert kernel_eigenvalues(d, 1)[1] != pytest.approx(1 / (4 * d - 1), rel=1e-3)
    right = kernel_eigenvalues(d, 3, "arcsine_squared")[3]
    integral = float(integrated_eigenvalue_ball(d, 3, "arcsine_squared").mid())
    wrong = math.gamma(1.5) * math.gamma((d + 1) / 2) / math.gamma(1.5 + (d + 1) / 2)
    assert right == pytest.approx(integral, rel=1e-12)
    assert wrong**2 / (8 * math.pi**2) != pytest.approx(integral, rel=1e-3)
    assert float(rectified_coefficients(FLOATS, d, 3)[3]) < 0  # the signs alternate


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: kernel_eigenvalues(1, 3), "d is 1"),
        (lambda: kernel_eigenvalues(3, -1), "max_degree is -1"),
        (lambda: kernel_eigenvalues(3, 3, "gaussian"), "expected one of extended_feature"),
        (lambda: ordered_eigenvalue(3, 0), "m is 0"),
    ],
)
def test_bad_arguments_are_named(call, text):
    """The error says which argument, and what was expected."""
    with pytest.raises(ValueError, match=text):
        call()
