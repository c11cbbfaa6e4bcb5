"""Pictures of the tensor initialisation: what they show follows the data, and every one has words."""

import numpy as np
import pytest
import xarray

from onenn import activation
from onenn.experiments import stored
from onenn.plots import tensor_initialization as plots
from onenn.recovery.trials import contraction_errors


def test_directions_and_shares_are_drawn():
    """Small sizes, the same code."""
    small = plots.directions_found(sizes=(200, 400), draws=2, d=3)
    assert "200, 400" in small.alt
    shares = plots.shares_of_the_risk(["relu"], orders=4)
    assert "ReLU: 0." in shares.alt


def test_the_words_tell_the_slopes_and_medians():
    """Exact power laws come out as their exponents."""
    sizes = [100, 400]
    errors = np.array([[1.0, 2.0], [0.5, 1.0]])
    assert "slope -0.50" in plots.error_against_samples(sizes, {"one": errors}).alt
    steps = plots.steps_of_the_recipe({"a": np.array([0.1, 0.2, 0.3]), "b": np.array([1.0, 2.0, 3.0])}, "title")
    assert "a 0.20, b 2.00" in steps.alt
    tails = plots.contraction_tails({4: contraction_errors(2, 4, 300, trials=4)})
    assert "d = 4" in tails.alt


def test_the_samples_of_each_part_have_their_exponents():
    """Made data: n = 5 (d - 3) for the span, d^2 for the start, none for the tensor; quartiles do not matter."""
    d = np.array([13, 23, 43])
    laws = {"subspace": 5.0 * (d - 3), "start": 1.0 * d**2, "tensor": 0.0 * d + 7}
    noise = np.exp(np.linspace(-0.1, 0.1, 3))
    data = xarray.Dataset(
        {part: (("activation", "d", "seed"), law[None, :, None] * noise) for part, law in laws.items()},
        coords={"activation": ["relu"], "d": d, "seed": [0, 1, 2]},
    )
    found = {part: plots.dimension_slope(data, part, "relu").value for part in laws}
    assert found == pytest.approx({"subspace": 1, "start": 2, "tensor": 0}, abs=1e-12)


def test_the_errors_to_be_met_are_those_that_the_chapter_names():
    """The sine of the angle, the tensor, W; three units."""
    from onenn.experiments.dimension import LEVELS, UNITS

    assert {"subspace": 0.1, "tensor": 0.2, "start": 0.15} == LEVELS and UNITS == 3


def test_the_stored_samples_are_drawn():
    """Three exponents for each activation, in words; the seeds and the command below."""
    picture = plots.samples_against_dimension(stored("samples-by-dimension"))
    assert picture.alt.count("span of the units") == 2
    assert picture.alt.count("tensor on the true span") == 2


def test_the_tables_have_a_row_for_each_activation():
    """Names as printed."""
    assert plots.moment_table(["leaky_relu"]).rows == [
        ["leaky ReLU", "101/200", "99/(100\u00a0R)", "0", "-99/(100\u00a0R)", "M_2", "M_4"]
    ]
    with pytest.raises(ValueError, match="expected a rational multiple"):
        plots.moment_table([activation("relu").scaled(output="pi")])
    assert "after order 40" in repr(plots.remainder_table({"relu": ["1", "2", "3", "4"]}))
