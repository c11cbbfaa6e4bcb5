"""The search for the teacher where the explicit bound is sharpest."""

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.landscape.tightness import bound_ratio, bound_ratio_ball, tightest_teacher


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf"])
def test_the_search_approaches_and_never_passes_one(name):
    """For k = 2 it ends near orthogonal rows of one length: 1 for relu, 1.7312... for squared_relu, 1 for long erf."""
    found = tightest_teacher(name, 2, 2, rng=np.random.default_rng(1), starts=2, evaluations=400)
    assert 1 < found.ratio < found.start
    expected = {"relu": 1.0, "squared_relu": 1.7312606191, "erf": 1.0}[name]
    assert float(found.ratio) == pytest.approx(expected, abs=2e-3)
    assert found.conditioning.kappa < 1.05 and found.summary.startswith(f"ratio {found.start:.1f}, then 1.")


def test_both_ratios_agree():
    """Doubles and balls at a moderate teacher."""
    teacher = OneHiddenLayer([[1.0, 0.5, 0.0], [0.0, 1.0, 0.25]], [1.0, -1.0], "relu")
    assert float(bound_ratio_ball(teacher)) == pytest.approx(bound_ratio(teacher), rel=1e-12)


def test_bad_input_is_named():
    """More units than inputs have no bound to compare with."""
    with pytest.raises(ValueError, match="k is 2 and d is 1"):
        tightest_teacher("relu", 2, 1, rng=np.random.default_rng(0))
