"""The verdicts of the exact chain and of the routes beside the closed forms: what they prove, and what they refute."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from onenn.diversity import (
    agrees_with_slices,
    arcsine_moments_agree,
    brackets,
    decay_ratio,
    eigenvalues_are_ordered,
    exact_features,
    exact_point,
    extended_features,
    features_give_outputs_and_gram,
    gradient_is_features_times_residual,
    kernel_eigenvalues,
    labels_of_the_last_direction,
    least_squares_minimum,
    loss_is_below_the_gradient_bound,
    multiplicities,
    one_sided_solution,
    quadrature_agrees,
    rational_sphere_points,
    spectral_interval,
    squared_discrepancy_ball,
    trace_gap,
)
from onenn.diversity.rational import exact_gram, exact_matrix
from onenn.verdict import Verdict


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    X = rational_sphere_points(rng.standard_normal((6, 3)), 16)
    return X, [1, -2, 0, 3, 1, 1], rng.integers(-99, 100, (9, 3)), [1, -1, 1] * 3


def test_the_chain_is_proved_off_the_kinks_and_refuted_at_one(data):
    """All in rational arithmetic; a zero unit sits on the kink of every input."""
    X, y, W, v = data
    assert gradient_is_features_times_residual(X, y, W, v) == Verdict.PROVED
    assert features_give_outputs_and_gram(X, y, W, v) == Verdict.PROVED
    assert loss_is_below_the_gradient_bound(X, y, W, v) == Verdict.PROVED
    kink = W.copy()
    kink[0] = 0
    assert gradient_is_features_times_residual(X, y, kink, v) == Verdict.REFUTED


def test_the_bound_on_the_loss_is_sharp_in_the_last_direction(data):
    """Along the last singular vector it is an equality: 0.999 of it fails, 1.001 of it holds."""
    X, _, W, v = data
    y = labels_of_the_last_direction(X, W, v)
    assert loss_is_below_the_gradient_bound(X, y, W, v, factor=Fraction(999, 1000)) == Verdict.REFUTED
    assert loss_is_below_the_gradient_bound(X, y, W, v, factor=Fraction(1001, 1000)) == Verdict.PROVED


def test_exact_features_are_the_features(data):
    """The doubles of the other function."""
    X, _, W, v = data
    assert exact_features(X, W, v).astype(float) == pytest.approx(
        extended_features(X.astype(float), W.astype(float), np.array(v, dtype=float))
    )


def test_quadrature_refutes_the_wrong_dimension():
    """The closed form for d + 1 at d."""
    assert quadrature_agrees([4, 9], [0, 1, 2, 3], "arcsine") == Verdict.PROVED
    assert quadrature_agrees([4], [1], "arcsine", formula_dimension=1) == Verdict.REFUTED
    assert arcsine_moments_agree([7], factor=Fraction(10**6 + 1, 10**6)) == Verdict.REFUTED


def test_trace_order_and_decay():
    """Positive rests that shrink, a strict order, a ratio that tends to 1."""
    assert eigenvalues_are_ordered(4, 20) == Verdict.PROVED
    assert brackets(trace_gap(4, 80), 0, trace_gap(4, 40)) == Verdict.PROVED
    assert brackets(decay_ratio(5, 300), "0.97", decay_ratio(5, 60)) == Verdict.PROVED


@pytest.mark.parametrize("d", [3, 4, 5])
def test_the_decay_ratio_is_that_of_the_ordered_eigenvalues(d):
    """The place of the last eigenvalue of degree 4 among all, sorted with their multiplicities, in doubles."""
    values = np.repeat(kernel_eigenvalues(d, 40), multiplicities(d, 40))
    value = kernel_eigenvalues(d, 4)[4]
    m = np.count_nonzero(values >= value * (1 - 1e-9))
    printed = (math.gamma(d / 2) / (2 * np.pi)) ** 2 * 2**d * (math.factorial(d - 1) * m) ** (-d / (d - 1))
    assert float(decay_ratio(d, 4)) == pytest.approx(value / printed, rel=1e-12)


def test_discrepancy_by_series_and_by_slices():
    """Within the enclosed rest; and within the radius of a test at 1e-7."""
    W, rng = [[1, 2, 0], [-3, 1, 1], [0, 1, -1]], np.random.default_rng(2)
    low, high = spectral_interval(W, 40)
    assert brackets(squared_discrepancy_ball(W), low, high) == Verdict.PROVED
    assert agrees_with_slices(W, samples=100_000, rng=rng) == Verdict.PROVED
    assert agrees_with_slices(W, samples=100_000, rng=rng, factor=1.2) == Verdict.REFUTED


def test_data_in_a_half_space_have_the_least_squares_minimum():
    """The residual is orthogonal to the inputs, exactly, and the loss is that of the best linear function."""
    X = [[1, 0], [Fraction(3, 5), Fraction(4, 5)], [0, 1]]
    instance = least_squares_minimum(X, [2, Fraction(2, 5), 0], [1, 1])
    point = exact_point(instance.X, instance.y, instance.W, instance.v)
    assert point.local_minimum == Verdict.PROVED
    c = np.linalg.lstsq(np.array(X, dtype=float), np.array([2, 0.4, 0]), rcond=None)[0]
    assert float(point.loss) == pytest.approx(np.mean((np.array(X, dtype=float) @ c - [2, 0.4, 0]) ** 2) / 2)
    with pytest.raises(ValueError, match="half-space"):
        least_squares_minimum([[1, 0], [-1, 0]], [1, 1], [1, 0])


def test_rational_points_are_near_the_given_ones():
    """On the sphere exactly, and within sqrt(d)/q of the rows, which need not have length 1; poles included."""
    X = np.vstack([np.random.default_rng(7).standard_normal((50, 4)), np.eye(4), -np.eye(4)])
    points = rational_sphere_points(X, 256)
    assert all(x @ x == 1 for x in points)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert np.linalg.norm(points.astype(float) - unit, axis=1).max() < 2 / 256


def test_numpy_integers_enter_as_fractions():
    """A product of two of 64 bits would wrap around."""
    big = np.array([[2**62, 1], [1, 2**62]])
    assert {type(t) for t in exact_matrix(big, "X").ravel()} == {Fraction}
    assert exact_gram(big)[0, 0] == 2**124 + 1 and exact_gram(big)[0, 1] == 2**63
    point = exact_point(big, np.array([0, 0]), np.array([[2**62, 1]]), np.array([1]))
    assert point.residuals == (2**124 + 1, 2**63)


@pytest.mark.parametrize("size", [Fraction(1, 10), 1, 10])
def test_both_units_are_active_for_every_length_of_the_normal(size):
    """w_1 = c + t u and w_2 = t u have positive products with all inputs, also where u.x is far below or above 1."""
    X = [[1, 0], [Fraction(3, 5), Fraction(4, 5)], [0, 1]]
    instance = least_squares_minimum(X, [2, -3, -7], [size, 2 * size])
    assert all(w @ x > 0 for w in instance.W for x in instance.X)
    assert exact_point(instance.X, instance.y, instance.W, instance.v).local_minimum == Verdict.PROVED


def test_one_sided_solution_is_exact():
    """By substitution."""
    W = np.random.default_rng(3).integers(-9, 10, (5, 5))
    assert all(w @ one_sided_solution(W) == 1 for w in W)
