"""The package's own routes and scikit-learn's network, with one signature.   Chapter: recovery-in-practice."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer

from .fitted import Fitted, goal


def recovered(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: Any, starts: int) -> Fitted:
    """`onenn.recover`, for the comparison; it has its own starts."""
    from onenn.recovery import recover

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its doubts are no part of the comparison
        network = recover(X, y, k, phi, rng=rng).network
    return Fitted.of(network, 1, math.nan)


def tensor(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: Any, starts: int) -> Fitted:
    """The tensor start, refined by Levenberg-Marquardt: one shot."""
    from onenn.recovery import levenberg_marquardt, tensor_initialize

    passes = 0

    def stream() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        nonlocal passes
        passes += 1
        yield X, y

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = tensor_initialize(stream, None, k, phi, rng=rng)
    fits = levenberg_marquardt(phi, X, y, start.W[None], start.v[None], target=goal(y))
    return Fitted.of(OneHiddenLayer(fits.W[0], fits.v[0], phi), 1, passes + 1 + fits.steps)


def mlp_regressor(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: Any, starts: int) -> Fitted:
    """MLPRegressor of scikit-learn with its L-BFGS; it trains biases too, and knows ReLU alone of those here.

    Raises: ValueError for another activation.
    """
    from sklearn.neural_network import MLPRegressor

    if phi.name != "relu":
        raise ValueError(f"phi is {phi.name}; MLPRegressor has no such activation, expected relu")
    best, least, taken = None, np.inf, 0
    for _ in range(starts):
        taken += 1
        model = MLPRegressor(
            hidden_layer_sizes=(k,),
            solver="lbfgs",
            alpha=0.0,
            max_iter=3000,
            max_fun=10**6,
            tol=1e-14,
            random_state=int(rng.integers(2**31)),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged: its residual says so
            residual = float(np.std(model.fit(X, y).predict(X) - y))
        if residual < least:
            best, least = model, residual
        if least**2 <= goal(y):
            break
    assert best is not None
    network = OneHiddenLayer(best.coefs_[0].T, best.coefs_[1][:, 0], phi)
    predict: Any = best.predict
    return Fitted(network=network, predict=predict, starts=taken, passes=math.nan)
