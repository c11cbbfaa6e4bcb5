"""Shares of successes: what the interval must be, and do."""

import numpy as np
import pytest
from scipy.stats import binom

from onenn.proportion import wilson


def test_wilson_intervals_hold_their_probability():
    """The exact coverage over all outcomes of 30 trials lies within 3 % of 95 %, for p from 0.1 to 0.9."""
    for p in np.linspace(0.1, 0.9, 9):
        inside = [low <= p <= high for low, high in (wilson(w, 30) for w in range(31))]
        assert abs(np.sum(binom.pmf(np.arange(31), 30, p)[inside]) - 0.95) < 0.03


@pytest.mark.parametrize(("successes", "trials"), [(0, 20), (3, 20), (20, 20), (1, 1)])
def test_the_ends_solve_the_equation_of_the_score_test(successes, trials):
    """|p - q| = 1.96 sqrt(q (1 - q)/m) at both ends q, but at 0 and 1; successes and failures change places."""
    low, high = wilson(successes, trials)
    for q in (low, high):
        if 0 < q < 1:
            assert abs(successes / trials - q) == pytest.approx(1.959964 * (q * (1 - q) / trials) ** 0.5, rel=1e-6)
    assert wilson(trials - successes, trials) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(successes, trials):
    """Each names what was given."""
    with pytest.raises(ValueError, match=f"successes is {successes} of {trials} trials"):
        wilson(successes, trials)
