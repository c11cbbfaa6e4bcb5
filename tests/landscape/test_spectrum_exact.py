"""The spectrum at orthonormal teachers without rounding: power sums in Fractions, square roots, Cardano's cosines."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from onenn import Verdict
from onenn.landscape.spectrum import orthonormal_spectrum, orthonormal_spectrum_exact, power_sums_agree


def listed(levels):
    return np.sort(np.concatenate([[float(level.value)] * level.multiplicity for level in levels]))


@pytest.mark.parametrize(("k", "d"), [(1, 1), (1, 3), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4)])
def test_power_sums_agree_exactly(k, d):
    """k d power sums determine k d eigenvalues; the Hessian is a Gram matrix of polynomials, in Fractions."""
    assert power_sums_agree([0, 1, 2, -1], k, d, sigma=Fraction(1, 2)) == Verdict.PROVED


def test_power_sums_catch_other_teachers():
    """Rows that are not orthogonal have another spectrum."""
    assert power_sums_agree([0, 0, 1, 1], 2, 2, W=np.array([[1, 0], [1, 1]])) == Verdict.REFUTED


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "erf", "squared_relu", "exp"])
def test_exact_values_are_those_of_the_floats(name):
    """Square roots for relu and erf, Cardano's cosines for squared_relu and exp, at sigma = 3/2."""
    for k, d in ((2, 2), (4, 5)):
        exact = orthonormal_spectrum_exact(name, k, d, sigma=Fraction(3, 2))
        assert np.allclose(listed(exact), listed(orthonormal_spectrum(name, k, d, sigma=1.5)), rtol=1e-12)
        if name in ("relu", "erf") or k <= 2:
            assert not any(level.value.has(sympy.cos, sympy.sin, sympy.acos) for level in exact)


def test_the_least_eigenvalue_is_the_first_residual():
    """k >= 3 and T1 <= T2: rho_2(sigma), the lower bound of the five pieces, is an eigenvalue (cor-lsc-tight)."""
    pi = sympy.pi
    for name, value in (("relu", sympy.Rational(1, 4) - 1 / (2 * pi)), ("squared_relu", 1 - 2 / pi)):
        for k in (3, 4):
            assert sympy.simplify(orthonormal_spectrum_exact(name, k, k)[0].value - value) == 0


def test_exact_values_beyond_the_doubles_are_in_order():
    """exp at sigma = 50, one unit: beta_0 and beta_2 are near 10^2171 and 10^2175, which no double tells apart."""
    across, along = (level.value.evalf() for level in orthonormal_spectrum_exact("exp", 1, 2, sigma=50))
    assert 1e300 < across < along / 1e4


def test_lengths_are_positive_and_exact():
    """sigma < 0 would change the sign of alpha_1, and a float is no exact number."""
    for sigma in (-1, 0, 0.5):
        with pytest.raises(ValueError, match="sigma is"):
            orthonormal_spectrum_exact("relu", 2, 2, sigma=sigma)


def test_activations_without_closed_forms_are_refused():
    """tanh has no elementary moments."""
    with pytest.raises(ValueError, match="no closed form"):
        orthonormal_spectrum_exact("tanh", 2, 2)
