"""T1 as a Hermite series: against the closed forms, and what its ball must contain."""

from fractions import Fraction

import pytest
from pytest import approx

from onenn import gaussian
from onenn.properties.hermite_series import hermite_sum, hermite_sum_ball
from onenn.rigorous import ball


@pytest.mark.parametrize(("name", "sigma", "last"), [("sigmoid", 1, 60), ("gelu", "1/2", 60), ("exp", "1/2", 40)])
def test_the_series_reaches_the_residual(name, sigma, last):
    """Parseval: what quadrature or a closed form gives is the sum of squares from n = 2 on."""
    assert hermite_sum(name, sigma, last) == approx(gaussian.T(name, 1, float(Fraction(sigma))), rel=1e-12)


def test_partial_sums_increase_towards_the_residual():
    """Every term is a square."""
    sums = [hermite_sum("tanh", 1, last) for last in (2, 4, 8, 16, 32)]
    assert sums == sorted(sums) and sums[-1] < gaussian.T("tanh", 1, 1.0)


@pytest.mark.parametrize(("last", "digits"), [(20, 3), (60, 11)])
def test_the_ball_contains_the_closed_form_and_shrinks(last, digits):
    """For erf the terms shrink by 4/9 at sigma = 1, so the tail bound is geometric."""
    x = hermite_sum_ball("erf", 1, last, ratio="4/9")
    assert x.overlaps(gaussian.T_ball("erf", 1, 1)) and x.rad() < ball(10) ** -digits


def test_a_ratio_that_is_too_small_excludes_the_truth():
    """The bound is not generous: pretending to a quicker decay gives a ball beside the value."""
    assert not hermite_sum_ball("erf", 1, 20, ratio="1/100").overlaps(gaussian.T_ball("erf", 1, 1))


@pytest.mark.parametrize(("name", "last", "ratio"), [("tanh", 40, "1/2"), ("erf", 2, "1/2"), ("erf", 40, 1)])
def test_what_cannot_be_bounded_is_an_error(name, last, ratio):
    """No closed coefficients, too few terms, a series that is not known to converge."""
    with pytest.raises(ValueError):
        hermite_sum_ball(name, 1, last, ratio=ratio)
