"""Damped Gauss-Newton steps (Levenberg and Marquardt): what the network can fit, when descent is not the bottleneck.

W+ = W - mat(J^T (J J^T + m I)^{-1} r) = W - mat((J^T J + m I)^{-1} J^T r),   by the smaller of the two systems;
m is smaller after a step that helps and larger after one that does not.

Chapter: overparameterization-relu-sgd.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer

from .data import count, host, labels, weights
from .jacobian import jacobian
from .run import BUDGET, CONVERGED, Run


def gauss_newton(net: OneHiddenLayer, X: Any, y: Any, *, max_iterations: int = 100, tolerance: float = 1e-8) -> Run:
    """The run from `net`, of method "gauss_newton": it never diverges, as only steps that lower the misfit are taken.

    *Shapes*: X (n, d), y (n,).  tolerance: of the misfit, relative to the first. step is nan.
    Raises: ValueError as `train`.

    >>> net = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0], "softplus")
    >>> gauss_newton(net, np.eye(2), [0.3, -0.2]).reason
    'converged'
    """
    data, W, _, xp = weights(net, X)
    targets = host(labels(y, data, xp)).astype(float)
    X, W, last = host(data).astype(float), np.array(host(W), dtype=float), count(max_iterations, "max_iterations")
    if not (isinstance(tolerance, (int, float)) and 0 <= tolerance < 1):
        raise ValueError(f"tolerance is {tolerance}; expected a number in [0, 1), relative to the first misfit")
    now, r, damping, path, records = net, net.predict(X) - targets, None, 0.0, []
    for t in range(last + 1):
        misfit = float(np.linalg.norm(r))
        records.append((t, misfit, float(np.linalg.norm(W - net.W)), path))
        if misfit <= tolerance * records[0][1] or t == last:
            break
        better = _better(now, X, targets, r, damping)
        if better is None:
            break  # no step helps: a critical point, up to rounding
        now, r, damping = better
        path += float(np.linalg.norm(now.W - W))
        W = now.W
    at, misfits, distances, paths = (np.array(column) for column in zip(*records, strict=True))
    reason = CONVERGED if misfits[-1] <= tolerance * misfits[0] else BUDGET
    return Run(
        network=now,
        start=net,
        method="gauss_newton",
        step=float("nan"),
        iterations=int(at[-1]),
        reason=reason,
        at=at,
        misfit=misfits,
        distance=distances,
        path=paths,
    )


def _better(
    net: OneHiddenLayer, X: np.ndarray, y: np.ndarray, r: np.ndarray, damping: float | None
) -> tuple[OneHiddenLayer, np.ndarray, float] | None:
    """The network after the least damped step that lowers the misfit, its residual and the next damping."""
    J = jacobian(net, X)
    tall = J.shape[0] > J.shape[1]
    K, right = (J.T @ J, J.T @ r) if tall else (J @ J.T, r)
    size, misfit = float(np.trace(K)), np.linalg.norm(r)
    if not size:
        return None  # J = 0: no step moves anything
    m = 1e-3 * size / len(J) if damping is None else damping
    while m < 1e12 * (1 + size):
        solution = np.linalg.solve(K + m * np.eye(len(K)), right)
        step = solution if tall else J.T @ solution
        trial = OneHiddenLayer(net.W - step.reshape(net.W.shape), net.v, net.phi)
        residual = trial.predict(X) - y
        if np.linalg.norm(residual) < misfit:
            return trial, residual, m / 3
        m = max(4 * m, 1e-12)
    return None
