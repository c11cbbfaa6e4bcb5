"""Errors under noise beside the Cramer-Rao bound: least squares from `recover` are efficient.

pytest -m bench -o addopts="" tests/bench/test_recovery_noise.py
"""

import warnings

import numpy as np
import pytest
from recovery_table import problem, report

from onenn import match, recover
from onenn.recovery import RecoveryWarning, standard_errors

pytestmark = pytest.mark.bench

DRAWS = 100


@pytest.mark.parametrize("noise", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("n", [5_000, 20_000, 100_000])
@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_the_error_is_that_of_the_cramer_rao_bound(capsys, name, n, noise):
    """The 95 % interval of RMSE/bound over 100 draws of the noise meets [0.95, 1.05]; (d, k) = (20, 5).

    Inputs and teacher are one draw, as the bound is for given inputs; the interval is that of the mean of the squared
    ratios, by their own spread.
    """
    teacher, X, y = problem(name, 20, 5, n, seed=0)
    bound = standard_errors(teacher, X, noise).total
    size = float(np.linalg.norm(teacher.W))
    rng = np.random.default_rng(1)
    squares, certain = [], 0
    for draw in range(DRAWS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RecoveryWarning)
            found = recover(X, y + noise * rng.standard_normal(n), 5, name, rng=draw)
        certain += found.certain
        squares.append((match(found.network, teacher).relative_error * size / bound) ** 2)
    mean, half = np.mean(squares), 1.96 * np.std(squares, ddof=1) / np.sqrt(DRAWS)
    low, high = np.sqrt(max(mean - half, 0)), np.sqrt(mean + half)
    report(capsys, (name, f"n = {n}", f"sigma = {noise}", f"{np.sqrt(mean):.3f}", f"[{low:.3f}, {high:.3f}]", certain))
    assert low <= 1.05 and high >= 0.95
