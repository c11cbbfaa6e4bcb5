"""The certified local minima: exact arithmetic against doubles, and what makes the certificate fail."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.diversity import by_hand, drawn_instance, exact_point, mean_squared_discrepancy, squared_discrepancy_ball
from onenn.landscape import empirical_gradient, empirical_risk
from onenn.verdict import Verdict


@pytest.fixture(scope="module")
def drawn():
    return drawn_instance(6, 16, 30, seed=0)


def _point(instance):
    return exact_point(instance.X, instance.y, instance.W, instance.v)


@pytest.mark.parametrize("which", ["by hand", "drawn"])
def test_certified_minima_have_a_zero_gradient_and_a_positive_loss(which, drawn):
    """Exact; and the doubles of another module agree."""
    instance = by_hand() if which == "by hand" else drawn
    point = _point(instance)
    n = len(instance.y)
    assert point.local_minimum == Verdict.PROVED
    assert point.loss == Fraction(1, 2 * n)
    assert point.dead == (0,)
    assert point.residuals.count(0) == n - 1
    assert all(x @ x == 1 for x in instance.X)
    net = OneHiddenLayer(instance.W.astype(float), instance.v.astype(float), "relu")
    X, y = instance.X.astype(float), instance.y.astype(float)
    assert empirical_risk(net, X, y) == pytest.approx(1 / (2 * n), rel=1e-9)
    assert np.abs(empirical_gradient(net, X, y)).max() < 1e-9


def test_no_perturbation_that_keeps_the_pattern_lowers_the_loss(drawn):
    """The loss is at least y_1^2/(2n) wherever the first input stays dead: 200 draws within the margin."""
    point, rng = _point(drawn), np.random.default_rng(0)
    reach = float(point.least_margin) / 2
    X, y, v = drawn.X.astype(float), drawn.y.astype(float), drawn.v.astype(float)
    for _ in range(200):
        step = rng.standard_normal(drawn.W.shape)
        step *= reach / np.linalg.norm(step, axis=1, keepdims=True)
        assert empirical_risk(OneHiddenLayer(drawn.W.astype(float) + step, v, "relu"), X, y) >= 1 / 60 - 1e-9


def test_the_same_data_are_fitted_by_other_weights():
    """Without the dead input the same construction reaches the loss 0: the minimum is spurious."""
    point = _point(drawn_instance(6, 16, 30, seed=0, dead=False))
    assert point.loss == 0


def test_a_label_or_a_weight_off_by_a_hair_is_seen(drawn):
    """The certificate is exact: 1e-30 is not 0."""
    y = drawn.y.copy()
    y[3] += Fraction(1, 10**30)
    assert _point(replace(drawn, y=y)).gradient_zero == Verdict.REFUTED
    hand = by_hand()
    W = hand.W.copy()
    W[0, 0] += Fraction(1, 10**30)
    assert _point(replace(hand, W=W)).local_minimum == Verdict.REFUTED


def test_a_kink_is_not_smooth():
    """w.x = 0 for one pair: the pattern is not locally constant."""
    point = exact_point([[1], [-1]], [-1, -2], [[0]], [1])
    assert point.smooth == Verdict.REFUTED
    assert point.gradient_zero == Verdict.REFUTED
    assert point.loss == Fraction(5, 4)


def test_the_units_are_diverse():
    """The discrepancy of the four units is about the random mean."""
    assert squared_discrepancy_ball(by_hand().W) < 1.1 * mean_squared_discrepancy(4, 2)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: exact_point([[1, 0]], [1], [[1, 0, 0]], [1]), ValueError, "expected"),
        (lambda: exact_point([[0.5, 0]], [1], [[1, 0]], [1]), TypeError, "ints and Fractions"),
        (lambda: drawn_instance(2, 4, 5, seed=0), ValueError, "k d >= 2 n"),
    ],
)
def test_bad_arguments_are_named(call, error, text):
    """Shapes, floats, too few weights."""
    with pytest.raises(error, match=text):
        call()
