"""Fewer ideas on the same data: random starts without moments, L-BFGS of SciPy, MLPRegressor of scikit-learn.

All take the same random starts of `random_starts`, but MLPRegressor, which has its own.   Chapter: global-recovery.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from onenn.activations import Activation, activation
from onenn.network import OneHiddenLayer, match, random_teacher

from .initialize import tensor_initialize
from .levenberg import levenberg_marquardt
from .normal_form import normal_form
from .rates import Rate
from .record import RecoveryWarning
from .recover import recover
from .starts import random_starts

Peer = Callable[[np.ndarray, np.ndarray, int, Activation, np.random.Generator], OneHiddenLayer]


def portfolio(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, rng: np.random.Generator) -> OneHiddenLayer:
    """`recover`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecoveryWarning)
        return recover(X, y, k, phi, rng=rng).network


def tensor(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, rng: np.random.Generator) -> OneHiddenLayer:
    """One shot: the tensor start and Levenberg-Marquardt."""
    start = tensor_initialize(X, y, k, phi, rng=rng)
    return _least_squares(phi, X, y, start.W[None], start.v[None])


def levenberg(count: int) -> Peer:
    """Levenberg-Marquardt from `count` random starts."""

    def peer(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, rng: np.random.Generator) -> OneHiddenLayer:
        return _least_squares(phi, X, y, *random_starts(phi, X, y, k, count, rng=rng))

    return peer


def lbfgs(count: int) -> Peer:
    """L-BFGS of SciPy in (W, v), at most 1000 iterations each, from `count` random starts, until one is at zero."""

    def peer(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, rng: np.random.Generator) -> OneHiddenLayer:
        from scipy.optimize import minimize

        size = float(np.mean(y * y))

        def risk(x: np.ndarray) -> tuple[float, np.ndarray]:
            W, v = x[:-k].reshape(k, -1), x[-k:]
            Z = X @ W.T
            F = phi(Z)
            r = (F @ v - y) / (size * len(y))
            gradient = np.concatenate([(((r[:, None] * phi.derivative(Z)) * v).T @ X).ravel(), F.T @ r])
            return float(r @ r) * size * len(y) / 2, gradient

        best = None
        for W, v in zip(*random_starts(phi, X, y, k, count, rng=rng), strict=True):
            start = np.concatenate([W.ravel(), v])
            options = {"maxiter": 1000, "maxcor": 30, "ftol": 1e-18, "gtol": 1e-11}
            end = minimize(risk, start, jac=True, method="L-BFGS-B", options=options)
            if best is None or end.fun < best.fun:
                best = end
            if best.fun < 1e-14:
                break
        assert best is not None
        return OneHiddenLayer(best.x[:-k].reshape(k, -1), best.x[-k:], phi)

    return peer


def multilayer_perceptron(count: int) -> Peer:
    """MLPRegressor with its L-BFGS from `count` of its own starts, its biases left out of the answer."""

    def peer(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, rng: np.random.Generator) -> OneHiddenLayer:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPRegressor

        fits = []
        for _ in range(count):
            seed = int(rng.integers(2**31))
            fit = MLPRegressor(
                hidden_layer_sizes=(k,), solver="lbfgs", alpha=0, max_iter=1000, tol=1e-12, random_state=seed
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                fits.append(fit.fit(X, y))
        best = min(fits, key=lambda fit: float(fit.loss_))
        return OneHiddenLayer(best.coefs_[0].T, best.coefs_[1].ravel(), phi)

    return peer


def _least_squares(phi: Activation, X: np.ndarray, y: np.ndarray, W: np.ndarray, v: np.ndarray) -> OneHiddenLayer:
    fits = levenberg_marquardt(phi, X, y, W, v, target=1e-22 * float(np.var(y)))
    return OneHiddenLayer(fits.W[0], fits.v[0], phi)


PEERS: dict[str, Peer] = {
    "recover": portfolio,
    "tensor, one shot": tensor,
    "Levenberg-Marquardt, 1 start": levenberg(1),
    "Levenberg-Marquardt, 10 starts": levenberg(10),
    "L-BFGS, 1 start": lbfgs(1),
    "L-BFGS, 5 starts": lbfgs(5),
    "MLPRegressor, 5 starts": multilayer_perceptron(5),
}


def peer_rates(name: str, k: int, d: int, *, ratios: Sequence[float], trials: int) -> dict[str, list[Rate]]:
    """For each peer how often it finds the teacher (relative error below 1e-3), n = ratio k(d + 1), on the same data.

    MLPRegressor knows ReLU alone.

    >>> peer_rates("squared_relu", 1, 3, ratios=[5], trials=2)["recover"]
    [2/2]
    """
    phi = activation(name)
    peers = {label: peer for label, peer in PEERS.items() if name == "relu" or not label.startswith("MLP")}
    result: dict[str, list[Rate]] = {label: [] for label in peers}
    for ratio in ratios:
        n, wins = math.ceil(ratio * k * (d + 1)), dict.fromkeys(peers, 0)
        for seed in range(trials):
            stream = np.random.default_rng([seed, n, d, k])
            teacher = random_teacher(k, d, phi, rng=stream)
            X = stream.standard_normal((n, d))
            for label, peer in peers.items():
                found = peer(X, teacher.predict(X), k, phi, np.random.default_rng([seed, n]))
                wins[label] += match(normal_form(found), normal_form(teacher)).relative_error < 1e-3
        for label, won in wins.items():
            result[label].append(Rate(n=n, wins=int(won), trials=trials))
    return result
