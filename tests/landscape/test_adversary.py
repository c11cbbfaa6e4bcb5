"""The adversary finds what the theorems allow, and no more."""

import numpy as np
import pytest

from onenn.landscape import flattest_units


def test_two_relu_units_cannot_do_better_than_their_angle():
    """lambda_min = (theta - sin theta)/(2 pi) increases with theta, so the search ends at the least angle."""
    found = flattest_units("relu", 2, least_angle=60, rng=np.random.default_rng(0), starts=1)
    theta = np.pi / 3
    assert found.least_angle == pytest.approx(60, abs=1e-3)
    assert found.min_eigenvalue == pytest.approx((theta - np.sin(theta)) / (2 * np.pi), rel=1e-4)


def test_four_relu_units_end_at_two_antiparallel_pairs():
    """ex-lsc-antiparallel: the only flat placements of four units whose angles stay above 45 degrees."""
    found = flattest_units("relu", 4, least_angle=45, rng=np.random.default_rng(1), starts=1)
    assert np.allclose(found.degrees[2:] - found.degrees[:2], 180, atol=1e-2)
    assert abs(found.min_eigenvalue) < 1e-9 and found.least_angle > 45


def test_impossible_angles_are_refused():
    """Five directions of a plane have two within 72 degrees."""
    with pytest.raises(ValueError, match="least_angle is 80"):
        flattest_units("relu", 5, least_angle=80, rng=np.random.default_rng(0))
