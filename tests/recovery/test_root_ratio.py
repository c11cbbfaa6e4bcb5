"""The ratio of root mean squares that efficiency is judged by: its interval covers, and moves as it must."""

import numpy as np
import pytest

from onenn.recovery import root_ratio


def test_the_interval_covers_the_ratio_of_means_as_often_as_it_says():
    """Squares chi^2_20 times a bound that varies by draw, the ratio of means 1.21: 2000 intervals from 100 draws each.

    Coverage is 0.95 up to the skewness of the draws and four binomial errors.
    """
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(2000):
        bounds = rng.uniform(0.5, 2.0, 100)
        _, low, high = root_ratio(1.21 * bounds * rng.chisquare(20, 100) / 20, bounds)
        covered += low <= 1.1 <= high
    assert 0.92 < covered / 2000 < 0.97


def test_constant_ratios_leave_no_doubt_and_units_do_not_matter():
    """s = R b has an interval of length zero; other units of length give the same."""
    bounds = np.array([1.0, 2.0, 5.0])
    assert root_ratio(4 * bounds, bounds) == pytest.approx((2, 2, 2), abs=1e-7)
    rng = np.random.default_rng(1)
    squares = rng.chisquare(5, 3)
    assert root_ratio(9 * squares, 9 * bounds) == pytest.approx(root_ratio(squares, bounds), rel=1e-12)


def test_it_is_no_mean_of_ratios():
    """Draws with a large bound count more: the mean of squared ratios would be 2.5 here."""
    assert root_ratio(np.array([4.0, 10.0]), np.array([1.0, 10.0]))[0] ** 2 == pytest.approx(14 / 11)
