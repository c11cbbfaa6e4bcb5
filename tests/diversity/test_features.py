"""Extended features: the gradient identity, the Gram route, exact ranks, sizes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.diversity import (
    expected_gram,
    extended_features,
    feature_gram,
    feature_rank,
    rational_sphere_points,
    smallest_singular_value,
    uniform_inputs,
)
from onenn.landscape import empirical_gradient


def _data(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    return uniform_inputs(n, d, rng), rng.standard_normal((k, d)), rng.choice([-1.0, 1.0], k), rng.standard_normal(n)


def test_the_gradient_is_the_features_times_the_residual():
    """Independent route: the gradient of the empirical risk, written for any activation."""
    X, W, v, y = _data(12, 4, 5)
    net = OneHiddenLayer(W, v, "relu")
    r = (net.predict(X) - y) / 12
    D = extended_features(X, W, v)
    assert (D @ r).reshape(5, 4) == pytest.approx(empirical_gradient(net, X, y), abs=1e-15)
    assert D.T @ W.ravel() == pytest.approx(net.predict(X), abs=1e-14)


def test_features_know_only_the_pattern():
    """D does not change with the lengths of units; D^T D not with signs."""
    X, W, v, _ = _data(9, 3, 4)
    assert np.array_equal(extended_features(X, W * [[1], [2], [5], [9]], v), extended_features(X, W, v))
    D = extended_features(X, W, v)
    assert feature_gram(X, W) == pytest.approx(D.T @ D, abs=1e-14)
    v = np.array([1.0, 2.0, -3.0, 0.5])
    D = extended_features(X, W, v)
    assert feature_gram(X, W, v=v) == pytest.approx(D.T @ D, abs=1e-13)


def test_the_gram_route_finds_the_last_singular_value():
    """Independent route: the singular values of D itself."""
    X, W, v, _ = _data(30, 6, 11)
    last = np.linalg.svd(extended_features(X, W, v), compute_uv=False)[-1]
    assert smallest_singular_value(X, W) == pytest.approx(last, rel=1e-10)


def test_more_samples_than_weights_have_a_kernel_and_say_so():
    """k d < n: a zero gradient says nothing of the residual."""
    X, W, _, _ = _data(13, 3, 4)
    with pytest.warns(UserWarning, match="at least 5 units"):
        assert smallest_singular_value(X, W) == 0.0


def test_the_mean_over_weights_is_the_kernel():
    """1e5 uniform weights (seed 1): every entry within 5 standard errors of 1/2 sqrt(1/k) at most."""
    X, W, _, _ = _data(6, 4, 100_000, seed=1)
    assert np.abs(feature_gram(X, W) / len(W) - expected_gram(X)).max() < 5 * 0.5 / len(W) ** 0.5


def test_torch_gives_the_same_numbers():
    """The same code on tensors."""
    import torch

    X, W, v, _ = _data(20, 4, 6)
    t = [torch.tensor(a) for a in (X, W, v)]
    assert extended_features(*t).numpy() == pytest.approx(extended_features(X, W, v))
    assert smallest_singular_value(*t[:2]) == pytest.approx(smallest_singular_value(X, W), rel=1e-9)


def test_antipodal_pairs_lose_rank_for_every_pattern():
    """The column of x less that of -x is v (x) x: p pairs span at most p + d dimensions (seed 2, exact rank)."""
    rng = np.random.default_rng(2)
    half = rational_sphere_points(rng.standard_normal((10, 4)), 6)
    W = rng.integers(-(10**6), 10**6, (60, 4))  # in general position: no w.x is 0
    assert feature_rank(np.concatenate([half, -half]), W) == 14
    assert feature_rank(rational_sphere_points(rng.standard_normal((20, 4)), 6), W) == 20


def test_memory_does_not_grow_with_the_number_of_units():
    """n^2 numbers and a block of patterns: 8 times the units, the same peak."""
    X = uniform_inputs(200, 10, np.random.default_rng(3))
    peaks = []
    for k in (1000, 8000):
        W = np.random.default_rng(4).standard_normal((k, 10))
        tracemalloc.start()
        feature_gram(X, W)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] + 10_000 * 8
    assert peaks[1] < 200 * 8000 * 8 / 4  # not the pattern of all units, far less k d n


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: extended_features(np.ones((2, 3)), np.ones((2, 4)), [1, 1]), "W.T"),
        (lambda: extended_features(np.ones((2, 3)), np.ones((2, 3)), [1]), "v has shape"),
        (lambda: feature_gram([[np.inf, 1.0]], [[1.0, 1.0]]), "nan or inf"),
        (lambda: expected_gram([[0.0, 0.0]]), "row 0 of X is zero"),
    ],
)
def test_bad_arguments_are_named(call, text):
    """Shapes, infinities and zero rows."""
    with pytest.raises(ValueError, match=text):
        call()
