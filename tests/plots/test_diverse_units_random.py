"""Tables and pictures of random units: intervals, rows, and what the alternative text promises."""

import numpy as np
import xarray

from onenn.plots import diverse_units_random as plots


def test_the_interval_is_that_of_student():
    """Three values 1, 2, 3: t_{0.975, 2} = 4.303, divided by sqrt 3."""
    assert plots.interval([1.0, 2.0, 3.0]) == "2 +- 2.48"


def test_the_table_of_predictions_has_a_row_for_each_dimension():
    """The measured value is above the predicted one."""
    table = plots.predicted_and_measured((5, 8), units=3000)
    assert [row[0] for row in table.rows] == ["5", "8"]
    assert all(float(row[6]) > float(row[4]) for row in table.rows)
    assert len(plots.before_the_data([(5, 10, 2000)]).rows) == 1


def test_pairs_are_compared_seed_by_seed():
    """The interval of the difference is that of the differences."""
    data = xarray.Dataset(
        {"a": (("k", "seed"), [[1.0, 2.0, 3.0]]), "b": (("k", "seed"), [[2.0, 3.0, 4.0]])},
        {"k": [7], "seed": [0, 1, 2]},
    )
    assert plots.pairs_table(data, "a", "b").rows == [["7", "2 +- 2.48", "3 +- 2.48", "1 +- 0"]]


def test_the_picture_of_training_shows_mean_bound_and_readings():
    """All four curves have a legend entry."""
    after = 0.2 / np.array([[20.0], [40.0]]) * np.ones((2, 3))
    data = xarray.Dataset({"after": (("k", "seed"), after)}, {"k": [20, 40], "seed": [0, 1, 2]})
    assert "lower bound" in plots.discrepancy_after_training(data, {20: 7e-3}).alt
