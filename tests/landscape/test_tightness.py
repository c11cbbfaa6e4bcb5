"""The search for the teacher where the explicit bound is sharpest."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.landscape.tightness import bound_ratio, bound_ratio_ball, scattered_teacher, tightest_teacher


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf"])
def test_the_search_approaches_and_never_passes_one(name):
    """For k = 2 it ends near orthogonal rows of one length: 1 for relu, 1.7312... for squared_relu, 1 for long erf."""
    found = tightest_teacher(name, 2, 2, rng=np.random.default_rng(1), starts=2, evaluations=400)
    assert 1 < found.ratio < found.start
    expected = {"relu": 1.0, "squared_relu": 1.7312606191, "erf": 1.0}[name]
    assert float(found.ratio) == pytest.approx(expected, abs=2e-3)
    assert found.conditioning.kappa < 1.05 and found.summary.startswith(f"ratio {found.start:.1f}, then 1.")


def test_the_best_of_all_starts_is_kept():
    """The same draws one by one end at different ratios when the search is short; the smaller one is returned."""
    rng, second_draw = np.random.default_rng(2), np.random.default_rng(2)
    second_draw.normal(size=6)  # the entries of a lower triangular W, k = 3
    first, second = (
        float(tightest_teacher("relu", 3, 3, rng=r, starts=1, evaluations=60).ratio) for r in (rng, second_draw)
    )
    both = tightest_teacher("relu", 3, 3, rng=np.random.default_rng(2), starts=2, evaluations=60)
    assert abs(first - second) > 0.01 and float(both.ratio) == min(first, second)


def test_both_ratios_agree():
    """Doubles and balls at a moderate teacher."""
    teacher = OneHiddenLayer([[1.0, 0.5, 0.0], [0.0, 1.0, 0.25]], [1.0, -1.0], "relu")
    assert float(bound_ratio_ball(teacher)) == pytest.approx(bound_ratio(teacher), rel=1e-12)


def test_long_bells_come_near_the_bound_at_any_condition():
    """prp-lsc-sharp: orthogonal rows of lengths 1000, 1000, 3000 with erf; relu, which knows no lengths, does not."""
    W = [[1000, 0, 0], [0, 1000, 0], [0, 0, 3000]]
    near, far = (bound_ratio_ball(OneHiddenLayer(W, [1, 1, 1], name)) for name in ("erf", "relu"))
    assert 1 < near < 1.00001 and far > 26.9


def test_the_enclosed_ratio_is_sharp_at_badly_scaled_teachers():
    """lambda_min is 10^-27 of lambda_max here and less: doubles give a negative ratio, balls one above 1."""
    teacher = OneHiddenLayer([["1e-8", 0], ["3e5", 1]], ["1e-6", -1000], "squared_relu")
    ratio = bound_ratio_ball(teacher)
    assert ratio > 1 and ratio.rel_accuracy_bits() > 50


def test_other_output_weights_raise_the_ratio():
    """lambda_min(H(W, v)) >= v_min^2 lambda_min(H(W, 1)), so the search may keep v = 1."""
    rng = np.random.default_rng(8)
    for _ in range(50):
        W, v = rng.standard_normal((3, 3)), rng.uniform(0.5, 2, 3) * rng.choice([-1, 1], 3)
        given, plain = (bound_ratio(OneHiddenLayer(W, weights, "erf")) for weights in (v, np.ones(3)))
        assert given >= plain * (1 - 1e-9)


def test_scattered_rows_are_eighths_times_powers_on_both_sides_of_one():
    """40 teachers of spread 2: every factor 10^s, s = -2 ... 2, occurs and no other; spread 0 has none but 1."""
    rng, seen = np.random.default_rng(0), set()
    for spread in (0, 2):
        for _ in range(40):
            for row in scattered_teacher(2, 3, "relu", spread=spread, rng=rng).exact_W:
                largest = max(abs(x) for x in row)
                fits = [s for s in range(-3, 4) if (8 * largest / Fraction(10) ** s).denominator == 1]
                seen.add(max(s for s in fits if 1 <= 8 * largest / Fraction(10) ** s <= 8))
        assert seen == set(range(-spread, spread + 1))


def test_bad_input_is_named():
    """More units than inputs have no bound to compare with, and a bound that is 0 has no ratio."""
    for v, name in (([1, 1], "linear"), ([1, 1], "quadratic"), ([1, 0], "relu")):
        with pytest.raises(ValueError, match="strong_convexity_bound is 0"):
            bound_ratio(OneHiddenLayer([[1, 0], [1, 1]], v, name))
    with pytest.raises(ValueError, match="strong_convexity_bound is 0"):
        tightest_teacher("quadratic", 2, 2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="starts is 0"):
        tightest_teacher("relu", 2, 2, rng=np.random.default_rng(0), starts=0)
    with pytest.raises(ValueError, match="spread is -1"):
        scattered_teacher(2, 2, "relu", spread=-1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="k is 2 and d is 1"):
        tightest_teacher("relu", 2, 1, rng=np.random.default_rng(0))
