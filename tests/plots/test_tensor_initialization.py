"""Pictures of the tensor initialisation: what they show follows the data, and every one has words."""

import numpy as np
import pytest

from onenn import activation
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
    needed = {"one": np.array([[10.0, 20.0], [40.0, 80.0]])}
    assert "slope 1.00" in plots.samples_against_dimension([10, 40], needed, 0.1).alt
    steps = plots.steps_of_the_recipe({"a": np.array([0.1, 0.2, 0.3]), "b": np.array([1.0, 2.0, 3.0])}, "title")
    assert "a 0.20, b 2.00" in steps.alt
    tails = plots.contraction_tails({4: contraction_errors(2, 4, 300, trials=4)})
    assert "d = 4" in tails.alt


def test_the_tables_have_a_row_for_each_activation():
    """Names as printed."""
    assert plots.moment_table(["leaky_relu"]).rows == [
        ["leaky ReLU", "101/200", "99/(100\u00a0R)", "0", "-99/(100\u00a0R)", "M_2", "M_4"]
    ]
    with pytest.raises(ValueError, match="expected a rational multiple"):
        plots.moment_table([activation("relu").scaled(output="pi")])
    assert "after order 40" in repr(plots.remainder_table({"relu": ["1", "2", "3", "4"]}))
