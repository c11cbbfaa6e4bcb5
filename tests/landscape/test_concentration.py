"""The empirical Hessian at the teacher: its mean, its kurtosis, its lower tail."""

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.landscape import hessian_at_teacher
from onenn.landscape.concentration import (
    BLOCK,
    empirical_hessian_at_teacher,
    half_points,
    kurtosis_bound,
    least_ratio,
    samples_for_half,
    tangent_features,
)

W, v = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -0.5]]), np.array([1.0, -2.0])


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
def test_features_are_derivatives_of_the_network(name):
    """Central differences of f(x; W, v) in each weight."""
    X, t = np.random.default_rng(0).standard_normal((5, 3)), 1e-6
    F = tangent_features(OneHiddenLayer(W, v, name), X)
    for j in range(6):
        step = np.zeros(6)
        step[j] = t
        up, down = (OneHiddenLayer(W + s * step.reshape(2, 3), v, name).predict(X) for s in (1, -1))
        assert np.allclose(F[:, j], (up - down) / (2 * t), atol=1e-8)


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_the_mean_is_the_population_hessian(name):
    """200 000 samples; each entry has a standard error below 0.02 of the largest one, and five of them are allowed."""
    teacher = OneHiddenLayer(W, v, name)
    H, H_n = hessian_at_teacher(teacher), empirical_hessian_at_teacher(teacher, 200_000, rng=3)
    assert np.abs(H_n - H).max() < 0.1 * np.abs(H).max()
    assert np.allclose(H_n, H_n.T) and np.linalg.eigvalsh(H_n)[0] > 0


def test_blocks_of_any_size_are_one_sample(monkeypatch):
    """The stream of inputs does not depend on the block."""
    teacher = OneHiddenLayer(W, v, "relu")
    whole = empirical_hessian_at_teacher(teacher, 1000, rng=5)
    monkeypatch.setattr("onenn.landscape.concentration.BLOCK", 7 * 6)
    assert BLOCK > 1000 * 6 and np.allclose(empirical_hessian_at_teacher(teacher, 1000, rng=5), whole, rtol=1e-12)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf"])
def test_the_kurtosis_is_bounded(name):
    """E (a.g)^4/(a^T H a)^2 over a sample, for random a: the bound holds with much room."""
    teacher = OneHiddenLayer(W, v, name)
    F = tangent_features(teacher, np.random.default_rng(1).standard_normal((20_000, 3)))
    A = np.random.default_rng(2).standard_normal((30, 6))
    kurtosis = np.mean((F @ A.T) ** 4, axis=0) / np.mean((F @ A.T) ** 2, axis=0) ** 2
    assert 1 <= kurtosis.min() and kurtosis.max() < kurtosis_bound(teacher)


def test_the_kurtosis_bound_does_not_grow_with_the_dimension():
    """lambda_min at an orthonormal ReLU teacher is 1/4 - 1/(2 pi) for every d."""
    bounds = [kurtosis_bound(OneHiddenLayer(np.eye(3, d), np.ones(3), "relu")) for d in (3, 10, 20)]
    assert np.allclose(bounds, 3 * (3 / (1 / 4 - 1 / (2 * np.pi))) ** 2)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_half_of_the_hessian_is_left(name):
    """thm-lsc-samples at failure probability 1e-6, one unit; with fewer samples than weights nothing is left."""
    teacher = OneHiddenLayer(np.eye(1, 8), [1.0], name)
    assert least_ratio(teacher, samples_for_half(teacher), rng=7) >= 0.5
    assert least_ratio(teacher, 7, rng=7) < 1e-10


def test_the_number_of_samples_is_affine_in_the_dimension():
    """ceil(112 h (k d + t)): equal steps in d, up to the rounding."""
    n = [samples_for_half(OneHiddenLayer(np.eye(1, d), [1.0], "relu")) for d in (4, 8, 12)]
    assert abs((n[2] - n[1]) - (n[1] - n[0])) <= 1 and n[1] - n[0] == pytest.approx(112 * 12 * 4, abs=1)


def test_the_measured_points_are_reproducible_and_increase():
    """One seed, one answer; more samples give a larger median."""
    first, second = (half_points("relu", 2, [8], [4, 16, 64], draws=3, seed=1) for _ in range(2))
    assert first == second and list(first[0].medians) == sorted(first[0].medians)


def test_bad_input_is_named():
    """No samples, no L1, a singular Hessian, no probability, one weight."""
    with pytest.raises(ValueError, match="samples is 0"):
        empirical_hessian_at_teacher(OneHiddenLayer(W, v, "relu"), 0, rng=0)
    with pytest.raises(ValueError, match="carries no L1"):
        kurtosis_bound(OneHiddenLayer(W, v, "exp"))
    with pytest.raises(ValueError, match="lambda_min > 0"):
        kurtosis_bound(OneHiddenLayer(W, v, "linear"))
    with pytest.raises(ValueError, match="failure is 0"):
        samples_for_half(OneHiddenLayer(W, v, "relu"), failure=0.0)
    with pytest.raises(ValueError, match="k d = 1"):
        samples_for_half(OneHiddenLayer([[1.0]], [1.0], "relu"))
