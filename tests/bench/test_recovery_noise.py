"""Errors under noise beside the Cramer-Rao bound: least squares from `recover` reach it where it is in reach.

pytest -m bench -o addopts="" tests/bench/test_recovery_noise.py

The bound is sigma^2 trace (J^T J)^-1 at the teacher for the inputs that were drawn. Each of 100 draws has its own
teacher, inputs and noise, those of the stored experiment `noise`; the ratio is the root of mean squared error over mean
bound, its interval by the delta method (`onenn.recovery.root_ratio`; the bootstrap agrees, tests/plots).
"""

import pytest
from recovery_table import report

from onenn.experiments import sweep
from onenn.experiments.estimates import noise_estimates
from onenn.experiments.recovery import noise
from onenn.recovery import root_ratio

pytestmark = pytest.mark.bench

DRAWS = 100


def drawn(function, name, n, sigma):
    return sweep(function, {"activation": [name], "sigma": [sigma], "n": [n]}, seeds=DRAWS, executor=1)


@pytest.mark.parametrize("sigma", [0.05, 0.2, 1.0])
@pytest.mark.parametrize("n", [5_000, 20_000, 100_000])
@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_the_error_is_that_of_the_cramer_rao_bound(capsys, name, n, sigma):
    """The 95 % interval of the ratio meets [0.95, 1.05]; (d, k) = (20, 5), noise of unknown size.

    The second interval is the sharper one: the ratio of this error to that of the fit on the same draws which knows the
    teacher's tangent, whose own ratio to the bound is 1 in the mean. At ReLU, n = 5000, sigma = 1 it lies above 1.05.
    """
    data = drawn(noise, name, n, sigma)
    squares, bounds, tangents = (
        data[key].values.ravel() for key in ("squared_error", "bound", "tangent_squared_error")
    )
    (ratio, low, high), (_, *sharper) = root_ratio(squares, bounds), root_ratio(squares, tangents)
    row = (f"{ratio:.3f}", f"[{low:.3f}, {high:.3f}]", "[{:.3f}, {:.3f}]".format(*sharper), int(data.certain.sum()))
    report(capsys, (name, f"n = {n}", f"sigma = {sigma}", *row))
    assert low <= 1.05 and high >= 0.95


def test_where_the_bound_is_out_of_reach_other_estimates_do_no_better(capsys):
    """ReLU, n = 5000, sigma = 1: the error of `recover` is at most 5 % above that of each other estimate from the data.

    Among them is the posterior mean, the best on average over teachers spread evenly.
    """
    data = drawn(noise_estimates, "relu", 5_000, 1.0)
    squares, bounds = data.recover.values.ravel(), data.bound.values.ravel()
    for key in ("tangent", "from_truth", "recover", "lowest", "mean_of_minima", "posterior_mean"):
        other = data[key].values.ravel()
        ratio, low, high = root_ratio(other, bounds)
        beside, least, _ = root_ratio(squares, other)
        report(capsys, (key, f"{ratio:.3f} [{low:.3f}, {high:.3f}]", f"recover / {key}: {beside:.3f}"))
        assert key in ("tangent", "from_truth") or (beside <= 1.05 and least <= 1.0)
