"""What n samples leave open, and which labels k units cannot have: by exact linear algebra, and by search."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, match
from onenn.recovery.counting import (
    blind_direction,
    blind_reach,
    fitting_patterns,
    same_values,
    sign_patterns,
    values_at,
)
from onenn.verdict import Verdict

RNG = np.random.default_rng(11)


def integers(shape, seed):
    """Integers between -9 and 9, none of them 0 in most draws."""
    return np.random.default_rng(seed).integers(-9, 10, size=shape).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_too_few_samples_leave_a_line_of_networks(seed):
    """k d = 6 weights and 5 samples: the values stay along the line up to the first sign that changes."""
    net, X = OneHiddenLayer(integers((2, 3), seed), [1, -1], "relu"), integers((5, 3), seed + 50)
    N = blind_direction(net, X)
    reach = blind_reach(net, N, X)
    assert N is not None and any(N.ravel())
    for share in (Fraction(1, 3), Fraction(-1, 2), Fraction(99, 100)):
        assert same_values(net, X, N, share * reach) == Verdict.PROVED
    moved = OneHiddenLayer(net.exact_W + reach / 2 * N, [1, -1], "relu")
    assert match(moved, net).relative_error > 1e-3


def test_far_along_the_line_the_values_change():
    """Beyond the reach another linear map holds; for this network it has another kernel."""
    net, X = OneHiddenLayer([[1, 2, -1], [2, -1, 1]], [1, -1], "relu"), integers((5, 3), 7)
    N = blind_direction(net, X)
    assert same_values(net, X, N, 50 * blind_reach(net, N, X)) == Verdict.REFUTED


def test_enough_samples_leave_nothing():
    """J of full rank has no kernel."""
    net = OneHiddenLayer([[1, 2], [2, -1]], [1, -1], "relu")
    assert blind_direction(net, integers((30, 2), 3)) is None
    assert blind_reach(net, np.zeros((2, 2), dtype=object), [[1, 1]]) is None


@pytest.mark.parametrize("n", [1, 2, 4, 7])
def test_all_sign_patterns_of_the_plane_are_found(n):
    """2n sectors for inputs on different lines; 100 000 random directions see no other pattern."""
    X = [[1, 0], [2, 3], [-1, 4], [5, -2], [1, 1], [3, -4], [-2, -7]][:n]
    found = sign_patterns(X)
    assert len(found) == len(set(found)) == 2 * n
    seen = {tuple(row) for row in (RNG.standard_normal((100_000, 2)) @ np.array(X).T > 0).astype(int).tolist()}
    assert seen <= set(found)
    assert len(sign_patterns([*X, [2 * x for x in X[0]], [-x for x in X[0]]])) == 2 * n


def test_inputs_off_the_plane_are_refused():
    """The enumeration is by angle."""
    with pytest.raises(ValueError, match="3 columns"):
        sign_patterns([[1, 2, 3]])


def test_a_networks_own_values_are_in_a_span_and_random_labels_are_not():
    """n = 6 > k d = 4: the values of two units lie in the span of their own pattern, those of three units in none."""
    X = integers((6, 2), 20)
    own = values_at(OneHiddenLayer([[3, 1], [-2, 5]], [1, -2], "relu"), X)
    other = values_at(OneHiddenLayer([[3, 1], [-2, 5], [1, -4]], [1, -1, 1], "relu"), X)
    assert fitting_patterns(X, own, 2)[0] >= 1
    assert fitting_patterns(X, other, 2)[0] == 0
    assert fitting_patterns(X, other, 3)[0] >= 1
    assert fitting_patterns(X, integers(6, 21), 2)[0] == 0


def test_the_spans_agree_with_least_squares():
    """In doubles: labels are in a span when least squares leave no residual."""
    X, y = integers((4, 2), 30), integers(4, 31)
    fitting, count = fitting_patterns(X, y, 2), 0
    for patterns in itertools.combinations_with_replacement(sign_patterns(X), 2):
        J = np.concatenate([np.array(p)[:, None] * np.array(X) for p in patterns], axis=1).astype(float)
        count += np.linalg.norm(J @ np.linalg.lstsq(J, np.array(y, float), rcond=None)[0] - y) < 1e-9
    assert fitting == (count, 36)
