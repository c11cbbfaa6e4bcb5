"""The L2 discrepancy: against its definition, its spectral form, sampled moments, and its least values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

from onenn.contexts import SYMBOLS
from onenn.diversity import (
    cross_polytope,
    cross_polytope_bound,
    discrepancy,
    diversify,
    icosahedron,
    integrated_pair_moments,
    largest_discrepancy_bounds,
    mean_squared_discrepancy,
    minimal_squared_discrepancy,
    one_sided_input,
    polygon,
    simplex,
    simplex_bound,
    spectral_bound,
    squared_discrepancy,
    squared_discrepancy_ball,
    squared_discrepancy_bound,
    uniform_inputs,
    variance_squared_discrepancy,
    wendel_probability,
)
from onenn.rigorous import BALLS

CONFIGURATIONS = [
    (simplex(4, 3), 4, 3),
    (simplex(3, 9), 3, 9),
    (simplex(2, 5), 2, 5),
    (cross_polytope(5), 10, 5),
    (icosahedron(), 12, 3),
    (polygon(7), 7, 2),
]


def test_discrepancy_is_the_mean_square_over_slices():
    """By its definition, over 2e5 uniform pairs: within 5 standard errors (seed 3)."""
    rng = np.random.default_rng(3)
    W = rng.standard_normal((7, 3))
    x, y = uniform_inputs(200_000, 3, rng), uniform_inputs(200_000, 3, rng)
    share = np.mean((x @ W.T >= 0) & (y @ W.T >= 0), axis=1)
    area = 0.5 - np.arccos(np.sum(x * y, axis=1)) / (2 * np.pi)
    squares = (share - area) ** 2
    assert abs(np.mean(squares) - squared_discrepancy(W)) < 5 * np.std(squares) / len(squares) ** 0.5
    assert abs(np.mean(squares) - 1.1 * squared_discrepancy(W)) > 5 * np.std(squares) / len(squares) ** 0.5


def test_discrepancy_is_a_sum_over_frequencies_on_the_circle():
    """On the circle the spectral form is a Fourier series: sum_l lambda_l 2 |mean e^(i l angle)|^2."""
    angles = np.random.default_rng(4).uniform(0, 2 * np.pi, 5)
    l = np.arange(1, 200_001)
    # B(l/2, 1) = 2/l
    lambdas = (2 / l) ** 2 / (8 * np.pi**2)
    power = np.zeros(len(l))
    for a in angles:
        for b in angles:
            power += np.cos(l * (a - b))
    series = float(np.sum(2 * lambdas * power)) / 25
    assert squared_discrepancy(np.stack([np.cos(angles), np.sin(angles)], 1)) == pytest.approx(series, abs=1e-5)


def test_mean_and_variance_are_those_of_uniform_weights():
    """4000 draws (seed 0): the mean within 5 standard errors, the variance within 12 % (about 4 of its own)."""
    rng = np.random.default_rng(0)
    for k, d in ((10, 3), (6, 20)):
        draws = np.array([squared_discrepancy(rng.standard_normal((k, d))) for _ in range(4000)])
        mean, variance = mean_squared_discrepancy(k, d), variance_squared_discrepancy(k, d)
        assert abs(draws.mean() - mean) < 5 * (variance / 4000) ** 0.5
        assert draws.var() == pytest.approx(variance, rel=0.12)


def test_the_moments_of_a_pair_are_its_integrals_over_the_angle():
    """E L2^2 = (1/4 - E kappa^2)/2, Var L2^2 = Var(kappa^2)/4 for two units; the chapter has neither d = 4 nor 5."""
    for d in (4, 5):
        mean, variance = integrated_pair_moments(d)
        for found, formula in (
            ((1 - 4 * mean) / 8, mean_squared_discrepancy),
            (variance / 4, variance_squared_discrepancy),
        ):
            assert abs(sympy.N(found, 30) - sympy.N(formula(2, d, SYMBOLS), 30)) < 1e-25
    with pytest.raises(ValueError, match="d"):
        integrated_pair_moments(1)


def test_one_unit_has_no_variance():
    """One unit always has the discrepancy 3/16 - V."""
    assert variance_squared_discrepancy(1, 5, SYMBOLS) == 0
    assert squared_discrepancy([[3.0, 4.0, 0.0]]) == pytest.approx(mean_squared_discrepancy(1, 3), rel=1e-14)


def test_only_directions_count():
    """Lengths, order and rotations leave the discrepancy as it is."""
    rng = np.random.default_rng(1)
    W = rng.standard_normal((6, 4))
    Q = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    scaled = (W * rng.uniform(1e-100, 1e3, (6, 1)))[::-1] @ Q
    assert squared_discrepancy(scaled) == pytest.approx(squared_discrepancy(W), rel=1e-12)
    assert discrepancy(W) ** 2 == pytest.approx(squared_discrepancy(W))


def test_the_ball_contains_the_double():
    """The same formula in balls, for integer weights."""
    W = np.random.default_rng(2).integers(-9, 10, (8, 3))
    exact = squared_discrepancy_ball(W.tolist())
    assert float(exact.rad()) < 1e-12
    assert squared_discrepancy(W) == pytest.approx(float(exact.mid()), abs=1e-15)


@pytest.mark.parametrize(("W", "k", "d"), CONFIGURATIONS)
def test_configurations_have_the_least_value(W, k, d):
    """The value at the configuration is the closed form, and no bound lies above it."""
    least = minimal_squared_discrepancy(k, d)
    assert squared_discrepancy(W) == pytest.approx(least, abs=1e-15)
    assert squared_discrepancy_bound(k, d) <= least + 1e-15
    assert squared_discrepancy(W + 0.05 * np.random.default_rng(0).standard_normal(W.shape)) > least + 1e-7


@pytest.mark.parametrize(("k", "d"), [(4, 3), (10, 5), (12, 3), (9, 2)])
def test_descent_reaches_the_least_value(k, d):
    """From three random starts to 1e-12."""
    rng = np.random.default_rng(6)
    ends = [squared_discrepancy(diversify(rng.standard_normal((k, d)))) for _ in range(3)]
    assert min(ends) == pytest.approx(minimal_squared_discrepancy(k, d), abs=1e-12)


def test_bounds_are_below_all_weights():
    """Against descent, which looks for the least value; every formula alone, at sizes where none is sharp."""
    rng = np.random.default_rng(7)
    for k, d in ((9, 3), (30, 4), (25, 10)):
        least = squared_discrepancy(diversify(rng.standard_normal((k, d))))
        bounds = [simplex_bound(k, d), cross_polytope_bound(k, d), *(spectral_bound(k, d, L) for L in range(1, 12))]
        assert max(bounds) <= least + 1e-14
        assert 0 < max(squared_discrepancy_bound(k, d), 0) <= least


def test_the_rate_of_the_bound_is_that_of_beck():
    """The spectral bound times k^(d/(d-1)) neither vanishes nor grows."""
    scaled = [squared_discrepancy_bound(k, 3) * k**1.5 for k in (10**3, 10**4, 10**5)]
    assert max(scaled) / min(scaled) < 1.3


def test_on_the_line_weights_are_one_sided_when_their_signs_agree():
    """Two of 2^k sign patterns; in at least k dimensions always."""
    assert [wendel_probability(k, 1) for k in (1, 2, 5)] == [1, Fraction(1, 2), Fraction(1, 16)]
    assert wendel_probability(5, 5) == 1 > wendel_probability(5, 4) == Fraction(15, 16)
    with pytest.raises(ValueError, match="d is 0"):
        wendel_probability(5, 0)


def test_wendel_counts_sign_patterns():
    """3000 draws (seed 8) of 5 directions in the plane and in space; five in R^5 are always one-sided."""
    rng = np.random.default_rng(8)
    assert wendel_probability(5, 5) == 1
    assert wendel_probability(3, 2) == Fraction(3, 4)
    share = np.mean([one_sided_input(rng.standard_normal((5, 3))) is not None for _ in range(400)])
    assert abs(share - float(wendel_probability(5, 3))) < 5 * 0.5 / 400**0.5


def test_one_sided_weights_have_half_a_largest_discrepancy():
    """At the x that all units see, the slice x = y is half the sphere and holds every unit."""
    W = np.random.default_rng(9).standard_normal((4, 6))
    x = one_sided_input(W)
    assert x is not None
    assert np.all(W @ x > 0)
    assert largest_discrepancy_bounds(W).lower == 0.5
    assert largest_discrepancy_bounds(cross_polytope(4)).lower < 0.5


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: discrepancy([[0.0, 0.0], [1.0, 0.0]]), "row 0 of W is zero"),
        (lambda: discrepancy([1.0, 2.0]), "W has shape"),
        (lambda: discrepancy([[np.nan, 1.0]]), "nan"),
        (lambda: discrepancy([[1.0], [2.0]]), "d is 1"),
        (lambda: squared_discrepancy_ball([[0, 0], [1, 0]]), "row 0 of W is zero"),
        (lambda: squared_discrepancy_ball([[0, 1], [1]]), "lengths"),
        (lambda: minimal_squared_discrepancy(50, 7), "squared_discrepancy_bound"),
        (lambda: mean_squared_discrepancy(0, 3), "k is 0"),
    ],
)
def test_bad_weights_are_named(call, text):
    """Zero rows, wrong shapes, nan, the line, unknown sizes: the error names them."""
    with pytest.raises(ValueError, match=text):
        call()


def test_balls_refuse_floats():
    """A float is not the number the user thinks of."""
    with pytest.raises(TypeError, match="float"):
        squared_discrepancy_ball([[0.5, 1.0]])
    assert BALLS.pi > 3
