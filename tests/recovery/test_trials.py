"""Slopes with their intervals, samples needed, errors over teachers."""

import numpy as np
import pytest
from scipy.stats import linregress

from onenn import Verdict
from onenn.recovery import ALL_DATA, IMPROVED
from onenn.recovery.trials import Slope, contraction_errors, initial_errors, samples_needed, slope


def test_a_slope_is_the_mean_of_the_regressions_with_students_interval():
    """Independent route: SciPy's regression, column by column; the interval covers exact lines as a point."""
    rng = np.random.default_rng(0)
    x = [10, 30, 100, 400]
    y = np.exp(rng.standard_normal((4, 6))) * np.array(x)[:, None] ** -0.5
    lines = [linregress(np.log(x), np.log(column)) for column in y.T]
    slopes = [line.slope for line in lines]
    found = slope(x, y)
    assert abs(found.value - np.mean(slopes)) < 1e-12
    assert abs(found.line - np.mean([line.intercept for line in lines])) < 1e-12
    half = 2.5705818 * np.std(slopes, ddof=1) / np.sqrt(6)  # Student's 97.5 % point for 5 degrees of freedom
    assert abs(found.high - found.value - half) < 1e-6
    with pytest.raises(ValueError, match="at least two trials"):
        slope(x, y[:, :1])


def test_a_slope_meets_what_its_interval_holds():
    """The ends belong to it; what is below the lower end is not met, though the interval is at most one."""
    found = Slope(value=0.6, low=0.5, high=0.7, line=0.0)
    assert found.meets(0.5) == found.meets(0.7) == found.at_most(0.7) == Verdict.PROVED
    assert found.meets(0.49) == found.meets(0.71) == found.at_most(0.69) == Verdict.REFUTED


def test_the_interval_covers_the_exponent_as_often_as_it_says():
    """2000 simulated studies of 8 noisy lines: 95 % coverage within 7 standard errors of the count, p < 1e-11."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(2000):
        found = slope([1, 4, 16], np.exp(0.3 * rng.standard_normal((3, 8))) * np.array([[1], [0.5], [0.25]]))
        hits += found.low <= -0.5 <= found.high
    assert abs(hits - 1900) < 7 * np.sqrt(2000 * 0.95 * 0.05)


def test_samples_needed_invert_the_law():
    """Errors c n^(-1/2) meet the level at (c/level)^2."""
    sizes = [100, 900]
    errors = np.array([[2.0, 3.0]]) / np.sqrt(np.array(sizes))[:, None]
    assert np.allclose(samples_needed(0.1, sizes, errors), [400, 900])


def test_trials_do_not_depend_on_their_number_nor_on_each_other():
    """Trial i has its own stream; a smaller n uses the first samples."""
    many = initial_errors("relu", 2, 4, [300, 600], IMPROVED, trials=4)
    assert np.array_equal(initial_errors("relu", 2, 4, [300, 600], IMPROVED, trials=2), many[:, :2])
    assert np.array_equal(initial_errors("relu", 2, 4, 600, IMPROVED, trials=4), many[1])
    stretched = initial_errors("relu", 2, 4, 600, IMPROVED, trials=4, stretch=2.0)
    assert np.all(stretched > many[1] + 0.5)


def test_a_contraction_in_the_span_beats_one_in_the_whole_space():
    """Ratio of medians about sqrt(d/k) = 3.2 where k = 4, d = 40."""
    found = contraction_errors(4, 40, 4000, trials=12)
    assert 1.8 < np.median(found["sphere"]) / np.median(found["span"]) < 6


def test_the_improved_recipe_is_far_better():
    """Medians at the same samples: at least three times smaller."""
    better, worse = (initial_errors("squared_relu", 3, 8, 4000, r, trials=5) for r in (IMPROVED, ALL_DATA))
    assert np.median(better) < np.median(worse) / 3
