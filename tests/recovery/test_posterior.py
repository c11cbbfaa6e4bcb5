"""The posterior by Hamiltonian Monte Carlo, beside integrals on a grid and models where it is known."""

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.recovery import gauss_newton, posterior, standard_errors


def test_a_linear_model_has_the_normal_posterior_of_least_squares():
    """Mean W_0, covariance sigma^2 (X^T X)^-1: within four Monte Carlo errors, and 15 % of the variances."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4)) * [1.0, 2.0, 0.5, 1.0]
    y = X @ [1.0, -1.0, 0.5, 0.0] + 0.3 * rng.standard_normal(60)
    fit = OneHiddenLayer(np.linalg.lstsq(X, y, rcond=None)[0][None], [1.0], "linear")
    found = posterior(fit, X, y, 0.3, rng=1, chains=32, steps=120)
    exact = 0.3**2 * np.linalg.inv(X.T @ X)
    assert np.linalg.norm(found.W - fit.W) < 4 * found.spread and found.spread < 0.1 * np.sqrt(np.trace(exact))
    assert np.allclose(np.diag(found.covariance), np.diag(exact), rtol=0.15)
    assert found.acceptance > 0.9


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_two_weights_have_the_moments_of_the_density_on_a_grid(name):
    """Independent route: the sums of w p(w) and w w^T p(w) over a grid that is fine and wide; few samples, much noise.

    The posterior is not normal here: its mean is away from least squares by more than the Monte Carlo error.
    """
    rng = np.random.default_rng(3)
    X = rng.standard_normal((14, 2))
    teacher = OneHiddenLayer([[1.0, 0.5]], [1.0], name)
    y = teacher.predict(X) + 0.6 * rng.standard_normal(14)
    fit = gauss_newton(teacher, X, y).network
    found = posterior(fit, X, y, 0.6, rng=2, chains=64, steps=400)
    axis = np.linspace(-1.5, 1.5, 241)
    W = fit.W + np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    residuals = np.asarray(fit.phi(X @ W.T)) - y[:, None]
    weight = np.exp(-np.sum(residuals**2, axis=0) / (2 * 0.6**2))
    assert (
        max(weight.reshape(241, 241)[[0, -1]].max(), weight.reshape(241, 241)[:, [0, -1]].max()) < 0.02 * weight.max()
    )
    weight /= weight.sum()
    mean = weight @ W
    covariance = (W - mean).T @ (weight[:, None] * (W - mean))
    assert np.linalg.norm(found.W - mean) < 4 * found.spread
    assert np.allclose(found.covariance, covariance, rtol=0.1, atol=0.1 * np.trace(covariance))
    assert np.linalg.norm(fit.W - mean) > 4 * found.spread


def test_the_posterior_narrows_to_the_fisher_information():
    """With many samples the covariance is sigma^2 (J^T J)^-1: the traces agree to 10 %."""
    rng = np.random.default_rng(4)
    teacher = OneHiddenLayer([[1.0, 0.0, 1.0], [0.0, 2.0, -1.0]], [1.0, -1.0], "relu")
    X = rng.standard_normal((3000, 3))
    y = teacher.predict(X) + 0.1 * rng.standard_normal(3000)
    fit = gauss_newton(teacher, X, y).network
    found = posterior(fit, X, y, 0.1, rng=5, steps=80)
    assert np.trace(found.covariance) == pytest.approx(standard_errors(fit, X, 0.1).total ** 2, rel=0.1)


def test_same_generator_same_posterior_and_bad_input_is_refused():
    """Noise must be positive, and the samples must determine W."""
    X = np.random.default_rng(6).standard_normal((40, 2))
    net = OneHiddenLayer([[1.0, 0.0]], [1.0], "relu")
    y = net.predict(X) + 0.1
    first, second = (posterior(net, X, y, 0.2, rng=7, chains=4, steps=8) for _ in range(2))
    assert (first.W == second.W).all() and (first.covariance == second.covariance).all()
    with pytest.raises(ValueError, match=r"noise is 0; expected"):
        posterior(net, X, y, 0, rng=0)
    with pytest.raises(ValueError, match=r"determine 1 of the 2 entries"):
        posterior(net, X * [1, 0], y, 0.2, rng=0)
