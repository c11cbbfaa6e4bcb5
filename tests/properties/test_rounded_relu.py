"""The ReLU with a rounded corner: a function beside the ReLU whose rho is exponentially small."""

from fractions import Fraction

import numpy as np
from pytest import approx

from onenn import gaussian, properties
from onenn.contexts import FLOATS
from onenn.properties.rounded_relu import rounded_bound, rounded_relu, rounded_residual
from onenn.verdict import Verdict


def test_it_stays_within_a_quarter_of_the_relu():
    """The largest distance is at 0, where the parabola is 1/4."""
    z = np.linspace(-3, 3, 1201)
    assert np.max(np.abs(rounded_relu()(z) - np.maximum(z, 0))) == approx(0.25, abs=1e-12)


def test_it_has_the_three_properties_with_their_exact_constants():
    """The slope goes from 0 to 1 with the slope 1/2; it vanishes at a kink, where balls alone see no sign."""
    one, two, three = (decide(rounded_relu()) for decide in (properties.p1, properties.p2, properties.p3))
    assert (one.verdict, two.verdict, three.verdict) == (Verdict.PROVED,) * 3
    assert (one.power, one.stated, three.branches, three.stated) == (0, 1, ("a",), Fraction(1, 2))


def test_its_mirror_image_decreases():
    """An affine slope that is negative at an end is still refuted."""
    assert properties.p1(rounded_relu().scaled(output=-1)).verdict == Verdict.REFUTED


def test_the_closed_form_matches_the_moments_of_the_package():
    """Independent route: quadrature of the squared residual between the kinks."""
    for sigma in (0.3, 0.7, 1.0, 4.0):
        assert float(rounded_residual(FLOATS, sigma)) == approx(gaussian.T(rounded_relu(), 1, sigma), rel=1e-9)


def test_the_residual_tends_to_that_of_the_relu_for_long_weights():
    """For large sigma the rounded part is never seen."""
    assert float(rounded_residual(FLOATS, 1e4)) == approx(0.25 - 0.5 / np.pi, abs=1e-4)


def test_the_bound_lies_above_and_is_sharp_for_short_weights():
    """The two tails beyond 1/sigma are all there is, and a tail of the normal law is nearly exponential."""
    sigma = np.array([0.2, 0.3, 0.5, 1.0, 3.0])
    ratio = rounded_bound(FLOATS, sigma) / rounded_residual(FLOATS, sigma)
    assert np.all(ratio > 1) and np.all(np.diff(ratio) > 0) and ratio[0] < 1.4
