"""Tables of errors under noise: what they say follows the draws."""

import re

import numpy as np
import xarray

from onenn.experiments import stored
from onenn.plots import noise_tables as tables


def draws(**scales):
    """Twenty draws of one cell: bounds that vary, and squared errors that are `scale` times them with a spread."""
    rng = np.random.default_rng(0)
    bounds, luck = rng.uniform(1, 2, 20), rng.chisquare(50, 20) / 50
    variables = {"bound": bounds, **{name: scale * bounds * luck for name, scale in scales.items()}}
    dims = ("activation", "sigma", "n", "seed")
    return xarray.Dataset(
        {name: (dims, values.reshape(1, 1, 1, 20)) for name, values in variables.items()},
        coords={"activation": ["relu"], "sigma": [1.0], "n": [500], "seed": range(20)},
    )


def test_stored_noise_is_the_root_of_a_ratio_of_means_with_its_interval():
    """Independent route: the bootstrap over draws, 4000 of them; its interval agrees to 0.008."""
    data = stored("noise")
    table = tables.stored_noise(data)
    assert [len(row) for row in table.rows] == [1 + data.n.size] * (data.activation.size * data.sigma.size)
    cell = data.sel(activation="relu", sigma=1.0, n=5000)
    squares, bounds = cell.squared_error.values, cell.bound.values
    row = next(row for row in table.rows if row[0] == "ReLU, σ = 1")
    middle, low, high = map(float, re.findall(r"\d\.\d{3}", row[1]))
    chosen = np.random.default_rng(0).integers(squares.size, size=(4000, squares.size))
    ratios = np.sqrt(squares[chosen].sum(axis=1) / bounds[chosen].sum(axis=1))
    assert abs(middle - np.sqrt(squares.sum() / bounds.sum())) < 6e-4
    assert np.allclose([low, high], np.quantile(ratios, [0.025, 0.975]), rtol=0, atol=0.008)


def test_the_excess_is_free_of_the_luck_that_both_errors_share():
    """1.2 times and 1 times the same draws: 20 % of the mean of bound times luck, with a narrow interval."""
    data = draws(squared_error=1.2, tangent_squared_error=1.0)
    middle, half = map(float, re.findall(r"\d+\.\d", tables.stored_excess(data).rows[0][1]))
    difference = 100 * (data.squared_error - data.tangent_squared_error) / float(data.bound.mean())
    assert abs(middle - float(difference.mean())) < 0.06 and abs(middle - 20) < 4
    assert abs(half - 1.96 * float(difference.std(ddof=1)) / np.sqrt(20)) < 0.06 and half < 3


def test_estimates_are_shown_beside_recover():
    """One row for each; recover has nothing beside itself, and better estimates a minus."""
    errors = {"tangent": 1.0, "recover": 1.2, "lowest": 1.3, "mean_of_minima": 1.2, "posterior_mean": 1.1}
    data = draws(**errors, from_truth=1.1, sampling_variance=0.02)
    table = tables.stored_estimates(data)
    rows = {row[0]: row for row in table.rows}
    assert len(rows) == 7 and rows["recover"][2] == "" and table.note == ""
    assert rows["the posterior mean"][2].startswith("-") and rows["the lowest of five minima"][2].startswith("+")
    expected = np.sqrt(float(data.posterior_mean.mean() / data.bound.mean()))
    assert abs(float(rows["the posterior mean"][1].split()[0]) - expected) < 6e-4
    share = 100 * float(data.sampling_variance.mean() / data.bound.mean())
    assert rows["in it the sampling error of its chains"][1:] == ["", f"{share:+.1f} %"]


def test_results_of_several_experiments_stand_in_one_table():
    """Rows by activation and noise, a column for every n that occurs, empty where nothing was measured."""
    scales = {"squared_error": 1.2, "tangent_squared_error": 1.0}
    low = draws(**scales).assign_coords(sigma=[0.5], n=[700])
    table = tables.stored_noise(draws(**scales), low)
    assert table.head == ["", "n = 500", "n = 700"]
    assert [[bool(cell) for cell in row] for row in table.rows] == [[True, False, True], [True, True, False]]
    assert [row[0] for row in table.rows] == ["ReLU, σ = 0.5", "ReLU, σ = 1"]
