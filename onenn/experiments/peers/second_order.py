"""L-BFGS and Levenberg-Marquardt of SciPy from random starts in W and v, as peers of `onenn.recover`.

The best of the starts by mean (f(x_s) - y_s)^2; one at zero ends the search.   Chapter: recovery-in-practice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.arrays import evaluate
from onenn.network import OneHiddenLayer

from .fitted import Fitted, common_starts, goal


def lbfgs(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: Any, starts: int) -> Fitted:
    """L-BFGS-B of SciPy in W and v: 30 corrections, at most 3000 iterations for each start."""
    from scipy.optimize import minimize

    options = {"maxcor": 30, "maxiter": 3000, "maxfun": 6000, "ftol": 1e-18, "gtol": 1e-11}

    def run(W: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, int]:
        scale = float(np.mean(y * y))
        end = minimize(
            lambda x: tuple(part / scale for part in _risk(x, X, y, phi)),
            np.concatenate([W.ravel(), v]),
            jac=True,
            method="L-BFGS-B",
            options=options,
        )
        return end.x, int(end.nfev)

    return _best(run, X, y, k, phi, rng=rng, starts=starts)


def levenberg(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: Any, starts: int) -> Fitted:
    """Levenberg-Marquardt of SciPy (trust region for n < k(d + 1), where MINPACK's refuses) in W and v."""
    from scipy.optimize import least_squares

    from onenn.recovery import jacobian

    d = X.shape[1]

    def run(W: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, int]:
        many = len(y) >= W.size + v.size
        options: Any = {"method": "lm", "x_scale": "jac"} if many else {"method": "trf"}
        end = least_squares(
            lambda x: _network(x, d, phi).predict(X) - y,
            np.concatenate([W.ravel(), v]),
            lambda x: jacobian(_network(x, d, phi), X, train_v=True),  # type: ignore[arg-type]
            **{"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 200, **options},
        )
        return end.x, int(end.nfev)

    return _best(run, X, y, k, phi, rng=rng, starts=starts)


def wide_student(X: np.ndarray, y: np.ndarray, k: int, phi: Activation, *, rng: Any, starts: int) -> Fitted:
    """A student of 4 k units by L-BFGS from one start: it interpolates, and may hold copies of a unit."""
    return lbfgs(X, y, 4 * k, phi, rng=rng, starts=starts)


def _network(x: np.ndarray, d: int, phi: Activation) -> OneHiddenLayer:
    k = len(x) // (d + 1)
    return OneHiddenLayer(x[: k * d].reshape(k, d), x[k * d :], phi)


def _risk(x: np.ndarray, X: np.ndarray, y: np.ndarray, phi: Activation) -> tuple[float, np.ndarray]:
    """mean (f(x_s) - y_s)^2 / 2 and its gradient in (W, v)."""
    k = len(x) // (X.shape[1] + 1)
    W, v = x[:-k].reshape(k, -1), x[-k:]
    Z = X @ W.T
    F: Any = evaluate(phi, "value", Z)
    r = F @ v - y
    R = evaluate(phi, "derivative", Z) * v * r[:, None]
    return float(r @ r) / (2 * len(y)), np.concatenate([(R.T @ X).ravel(), F.T @ r]) / len(y)


def _best(
    run: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, int]],
    X: np.ndarray,
    y: np.ndarray,
    k: int,
    phi: Activation,
    *,
    rng: Any,
    starts: int,
) -> Fitted:
    least, best, taken, passes = np.inf, None, 0, 0
    for W, v in zip(*common_starts(X, y, k, phi, rng=rng, starts=starts), strict=True):
        x, evaluations = run(W, v)
        taken, passes = taken + 1, passes + evaluations
        risk = _risk(x, X, y, phi)[0] if np.isfinite(x).all() else np.inf
        if best is None or risk < least:
            least, best = risk, x
        if 2 * least <= goal(y):
            break
    assert best is not None
    return Fitted.of(_network(best, X.shape[1], phi), taken, passes)
