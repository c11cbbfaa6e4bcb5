"""Estimates from the same noisy samples, where the Cramer-Rao bound is not reached: stored for recovery-in-practice.

ReLU and noise of half the spread of y: least squares from `recover`, the lowest of five minima, their mean, the
posterior mean; and least squares from the teacher itself, which nobody has.
"""

from __future__ import annotations

import warnings

import numpy as np

from .recovery import problem
from .registry import Experiment

MINIMA = 4
"""Minima of least squares beside that of `recover`, from starts displaced by normal errors of its covariance."""


def noise_estimates(*, activation: str, sigma: float, n: int, rng: np.random.Generator) -> dict[str, float]:
    """Squared errors |W - W*|_F^2 of each estimate, (d, k) = (20, 5), and the bound sigma^2 trace (J^T J)^-1 at W*.

    "tangent" is W* + (J^T J)^-1 J^T e, whose mean is the bound; "posterior_variance" the trace of the covariance.
    """
    from onenn.network import OneHiddenLayer, match
    from onenn.recovery import gauss_newton, jacobian, posterior, recover, standard_errors

    teacher, X, y = problem(activation, 20, 5, n, rng)
    e = sigma * rng.standard_normal(n)
    y = y + e
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # doubts are no part of the question
        found = recover(X, y, 5, activation, rng=rng)
    if found.standard_errors is None:
        raise RuntimeError("recover saw no noise; expected sigma > 0 and samples enough to estimate it")
    network, size = found.network, float(np.sum(teacher.W**2))

    def squared_error(W: np.ndarray) -> float:
        return match(OneHiddenLayer(W, network.v, network.phi), teacher).relative_error ** 2 * size

    L = np.linalg.cholesky(found.standard_errors.covariance)
    minima = [(found.residual**2, network.W)]
    for _ in range(MINIMA):
        start = network.W + (L @ rng.standard_normal(len(L))).reshape(network.W.shape)
        fit = gauss_newton(OneHiddenLayer(start, network.v, network.phi), X, y)
        minima.append((fit.mean_square, fit.network.W))
    sampled = posterior(network, X, y, found.noise, rng=rng, chains=8)
    J = np.asarray(jacobian(teacher, X))
    tangent = np.linalg.lstsq(J, e, rcond=None)[0]
    from_truth = gauss_newton(teacher, X, y).network.W
    return {
        "bound": standard_errors(teacher, X, sigma).total ** 2,
        "tangent": float(tangent @ tangent),
        "recover": squared_error(network.W),
        "lowest": squared_error(min(minima, key=lambda pair: pair[0])[1]),
        "mean_of_minima": squared_error(np.mean([W for _, W in minima], axis=0)),
        "posterior_mean": squared_error(sampled.W),
        "from_truth": float(np.sum((from_truth - teacher.W) ** 2)),
        "posterior_variance": float(np.trace(sampled.covariance)),
        "sampling_variance": sampled.spread**2,
    }


EXPERIMENTS = (
    Experiment(
        name="noise-estimates",
        chapter="recovery-in-practice",
        description="squared errors of five estimates under noise, (d, k) = (20, 5)",
        function=noise_estimates,
        grid={"activation": ["relu"], "sigma": [1.0], "n": [5000]},
        seeds=100,
        small={"n": [2000]},
    ),
)
