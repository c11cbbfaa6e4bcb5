"""The identities behind T1, T2, T3 for polynomial activations, and the variants of them that are wrong."""

from fractions import Fraction

import numpy as np
import pytest
from pytest import approx

from onenn.properties.polynomial_identities import (
    monomial_residual,
    product_identity,
    residual_identity,
    residual_kernels,
    spectral_identity,
)
from onenn.verdict import Verdict

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)  # exact for polynomials of degree below 40
WEIGHTS = WEIGHTS / np.sqrt(2 * np.pi)


def distance_from_lines(values):
    """Independent route: weighted least squares at the nodes."""
    design = np.sqrt(WEIGHTS)[:, None] * np.stack([np.ones_like(NODES), NODES], axis=1)
    target = np.sqrt(WEIGHTS) * values
    fitted = design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(np.sum((target - fitted) ** 2))


@pytest.mark.parametrize("degree", [3, 4, 7])
def test_the_identities_hold_for_polynomials_of_every_degree_tried(degree):
    """Bessel, Parseval and the expansion of (z - w)^2 are identities in the coefficients."""
    verdicts = residual_identity(degree), spectral_identity(degree), product_identity(degree)
    assert verdicts == (Verdict.PROVED,) * 3


def test_each_wrong_variant_is_refuted():
    """Mutants: another variance, one Hermite term too many or too few, a lost factor 1/2."""
    mutants = [
        residual_identity(4, variance=2),
        spectral_identity(4, first=1),
        spectral_identity(4, first=3),
        product_identity(4, factor=Fraction(1)),
    ]
    assert mutants == [Verdict.REFUTED] * 4


@pytest.mark.parametrize("degree", [3, 5, 9])
def test_only_affine_and_constant_derivatives_have_no_residual(degree):
    """T1 vanishes on span(1, z), T2 on the constants, whatever the degree."""
    assert residual_kernels(degree) == (2, 1)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_monomial_residuals_match_least_squares(n):
    """Gauss-Hermite least squares knows nothing of double factorials."""
    factorial = float(np.prod(np.arange(1, n + 1)))
    assert float(monomial_residual(n)) == approx(distance_from_lines(NODES**n / factorial), rel=1e-10, abs=1e-13)
    product = distance_from_lines(NODES ** (n + 1) / factorial)
    assert float(monomial_residual(n, times_z=True)) == approx(product, rel=1e-10)


def test_the_constant_is_one_over_n_factorial_for_two_and_three_only():
    """From n = 4 on z^n has Hermite components of degree 2 or 3 as well, which cost the same power of sigma."""
    inverse = {n: Fraction(1, int(np.prod(np.arange(1, n + 1)))) for n in range(2, 8)}
    assert [n for n in inverse if monomial_residual(n) == inverse[n]] == [2, 3]


def test_a_degree_without_residual_is_an_error_that_says_so():
    """Below degree 3 the check could not fail."""
    with pytest.raises(ValueError, match="degree is 2"):
        residual_identity(2)
