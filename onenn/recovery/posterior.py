"""What the samples leave open about W:  p(W | y) ~ exp(-sum_s (f(x_s; W) - y_s)^2 / 2 sigma^2), v and sigma given.

Sampled by Hamiltonian Monte Carlo in the coordinates u, W = W_0 + L u, L L^T = sigma^2 (J^T J)^-1 at the fit W_0, where
a linear model has u ~ N(0, I).   Chapter: recovery-in-practice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.arrays import evaluate
from onenn.network import OneHiddenLayer

from .fisher import standard_errors

_LEAPS = 4
"""Leapfrog steps of a proposal: with steps of about 0.3 they turn N(0, I) by a fifth of a circle."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """Mean W (k, d), covariance (kd, kd), the share of accepted proposals, and the Monte Carlo error of the mean:

    `spread`, the root of the expected |mean - exact mean|_F^2, from the means of the single chains.
    """

    W: np.ndarray
    covariance: np.ndarray
    acceptance: float
    spread: float


def posterior(
    network: OneHiddenLayer,
    X: np.ndarray,
    y: np.ndarray,
    noise: float,
    *,
    rng: np.random.Generator | int,
    chains: int = 16,
    steps: int = 50,
) -> Posterior:
    """Mean and covariance of W under a flat prior, v known: a yardstick for least squares.

    Of all estimates the mean has the least mean squared error on average over W spread evenly.
    *Shapes*: X (n, d), y (n,) on the host; network: a least-squares fit, whose v is kept; noise: sigma > 0. A quarter
    of the steps is left out as warming up; units do not change places.
    *Law*: for models linear in W the exact values are W_0 and sigma^2 (J^T J)^-1.
    Raises: ValueError when noise is not positive, or X does not determine W.  Source: classical.

    >>> X = np.random.default_rng(0).standard_normal((400, 3))
    >>> fit = OneHiddenLayer(np.linalg.lstsq(X, X[:, 0], rcond=None)[0][None], [1.0], "linear")
    >>> found = posterior(fit, X, X[:, 0], 0.5, rng=0)
    >>> bool(np.all(abs(found.W - fit.W) < 0.01)), round(20 * float(np.sqrt(found.covariance[0, 0])), 1)
    (True, 0.5)
    """
    if not noise > 0:
        raise ValueError(f"noise is {noise}; expected the standard deviation of y given x, a number > 0")
    errors = standard_errors(network, X, noise, train_v=False)
    p = network.k * network.d
    if errors.rank < p:
        raise ValueError(f"the samples determine {errors.rank} of the {p} entries of W; take more, or fewer units")
    rng = np.random.default_rng(rng)
    L = np.linalg.cholesky(errors.covariance)

    def energy(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squares, gradient = _squares(network, X, y, network.W.reshape(1, -1) + u @ L.T)
        return squares / (2 * noise**2), gradient @ L / (2 * noise**2)

    u = rng.standard_normal((chains, p))
    value, slope = energy(u)
    accepted, kept = 0.0, []
    for step in range(steps):
        moment, length = rng.standard_normal((chains, p)), 0.35 * rng.uniform(0.7, 1.1)
        # a leap: half a kick, then drifts and kicks by turns, half a kick at the end
        there, kick, new_slope, new_value = u, moment - length / 2 * slope, slope, value
        for leap in range(_LEAPS):
            there = there + length * kick
            new_value, new_slope = energy(there)
            kick = kick - (length if leap < _LEAPS - 1 else length / 2) * new_slope
        change = value - new_value + (np.sum(moment**2, axis=1) - np.sum(kick**2, axis=1)) / 2
        took = np.log(rng.uniform(size=chains)) < change
        u, slope = (np.where(took[:, None], a, b) for a, b in ((there, u), (new_slope, slope)))
        value = np.where(took, new_value, value)
        accepted += float(took.mean()) / steps
        if step >= steps // 4:
            kept.append(u)
    return _summary(network, np.array(kept), L, accepted)


def _summary(network: OneHiddenLayer, kept: np.ndarray, L: np.ndarray, accepted: float) -> Posterior:
    """Moments of W from u (steps, chains, p)."""
    draws = kept.reshape(-1, kept.shape[2])
    mean = draws.mean(axis=0)
    means = (kept.mean(axis=0) - mean) @ L.T
    chains = kept.shape[1]
    return Posterior(
        W=network.W + (L @ mean).reshape(network.W.shape),
        covariance=L @ ((draws - mean).T @ (draws - mean) / len(draws)) @ L.T,
        acceptance=accepted,
        spread=float(np.sqrt(np.sum(means**2) / (chains * max(chains - 1, 1)))),
    )


def _squares(network: OneHiddenLayer, X: np.ndarray, y: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of squared residuals (S,) and their gradients (S, k d) at W (S, k d): one product with X for all."""
    k, d, v = network.k, network.d, network.v
    Z = X @ W.reshape(-1, d).T
    values = np.broadcast_to(np.asarray(evaluate(network.phi, "value", Z)), Z.shape).reshape(len(X), -1, k)
    slopes = np.broadcast_to(np.asarray(evaluate(network.phi, "derivative", Z)), Z.shape).reshape(len(X), -1, k)
    r = values @ v - y[:, None]
    pulled = (slopes * v * r[:, :, None]).reshape(len(X), -1).T @ X
    return np.sum(r * r, axis=0), 2 * pulled.reshape(-1, k * d)
