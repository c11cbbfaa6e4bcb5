"""Levenberg-Marquardt from many starts at once:  (J^T J/n + lambda D) step = -J^T r/n,  D = diag(J^T J/n).

r_s = f(x_s; W, v) - y_s,   J = (v_i phi'(w_i . x_s) x_s,  phi(w_i . x_s)).   Chapter: global-recovery.
The starts are one stack of matrices, so that a small problem costs its arithmetic and not the interpreter's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onenn.activations import Activation
from onenn.arrays import evaluate

_STACK = 2**22
"""Numbers in the stack of Jacobians: 32 MB, below which more starts at once are no faster."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fits:
    """Where the starts ended, the lowest first: W (S, k, d), v (S, k), mean squared residual (S,); steps in all."""

    W: np.ndarray
    v: np.ndarray
    mean_square: np.ndarray
    steps: int


def levenberg_marquardt(
    phi: Activation,
    X: np.ndarray,
    y: np.ndarray,
    W: np.ndarray,
    v: np.ndarray,
    *,
    steps: int = 300,
    target: float = 0.0,
    train_v: bool = True,
) -> Fits:
    """Least squares in W, and in v when `train_v`, from each of S starts, until one has a mean square <= target.

    *Shapes*: X (n, d), y (n,), W (S, k, d), v (S, k); float64 on the host. A start is given up when fifteen steps lower
    its mean square by less than 1 %, or no step lowers it at all.
    *Law*: no mean square is above that of its start.

    >>> from onenn import activation
    >>> X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    >>> fits = levenberg_marquardt(activation("relu"), X, X @ [1.0, 2.0], np.ones((1, 1, 2)), np.ones((1, 1)))
    >>> bool(np.allclose(fits.v[0, 0] * fits.W[0, 0], [1.0, 2.0]))
    True
    """
    if W.ndim != 3 or v.shape != W.shape[:2] or y.ndim != 1 or X.shape != (len(y), W.shape[2]):
        raise ValueError(
            f"X, y, W, v have shapes {X.shape}, {y.shape}, {W.shape}, {v.shape}; expected (n, d), (n,), (S, k, d) and "
            "(S, k)"
        )
    n, k, d = len(y), *W.shape[1:]
    together = max(1, _STACK // (n * k * (d + train_v)))
    parts = []
    for first in range(0, len(W), together):
        part = slice(first, first + together)
        parts.append(_stack(phi, X, y, W[part].copy(), v[part].copy(), steps=steps, target=target, train_v=train_v))
        if parts[-1][2].min() <= target:
            break
    W, v, cost = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.argsort(cost, kind="stable")
    return Fits(W=W[order], v=v[order], mean_square=cost[order], steps=sum(part[3] for part in parts))


def _stack(
    phi: Activation,
    X: np.ndarray,
    y: np.ndarray,
    W: np.ndarray,
    v: np.ndarray,
    *,
    steps: int,
    target: float,
    train_v: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    S, k, d = W.shape
    Z, F, r = _residuals(phi, X, y, W, v)
    cost = _mean_square(r)
    A, g = _normal_equations(phi, X, (Z, F, r), v, train_v)
    damping = np.full(S, 1e-2)
    history, total = [cost.copy()], 0
    active = np.isfinite(cost)
    while total < steps and active.any() and cost.min() > target:
        now = np.flatnonzero(active)
        step = _solve(A[now], g[now], damping[now])
        W_new = W[now] + step[:, : k * d].reshape(-1, k, d)
        v_new = v[now] + step[:, k * d :] if train_v else v[now]
        Z, F, r = _residuals(phi, X, y, W_new, v_new)
        new = _mean_square(r)
        better = new < cost[now]
        damping[now] = np.where(better, np.maximum(damping[now] / 5, 1e-14), 4 * damping[now])
        took = now[better]
        W[took], v[took], cost[took] = W_new[better], v_new[better], new[better]
        if len(took):
            A[took], g[took] = _normal_equations(phi, X, (Z[better], F[better], r[better]), v[took], train_v)
        total += 1
        history.append(cost.copy())
        active &= damping < 1e9
        if len(history) > 15:
            active &= cost < 0.99 * history[-16]
    return W, v, cost, total


def _residuals(
    phi: Activation, X: np.ndarray, y: np.ndarray, W: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(X W^T, phi of it, f - y): (S, n, k), (S, n, k), (S, n)."""
    Z = X @ W.transpose(0, 2, 1)
    F = np.broadcast_to(np.asarray(evaluate(phi, "value", Z)), Z.shape)
    return Z, F, (F @ v[:, :, None])[..., 0] - y


def _mean_square(r: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        cost = np.mean(r * r, axis=-1)
    return np.where(np.isfinite(cost), cost, np.inf)


def _normal_equations(
    phi: Activation, X: np.ndarray, at: tuple[np.ndarray, np.ndarray, np.ndarray], v: np.ndarray, train_v: bool
) -> tuple[np.ndarray, np.ndarray]:
    """J^T J/n (S, p, p) and J^T r/n (S, p)."""
    Z, F, r = at
    n = Z.shape[1]
    slopes = evaluate(phi, "derivative", Z) * v[:, None, :]
    J = (slopes[..., None] * X[None, :, None, :]).reshape(len(Z), n, -1)
    if train_v:
        J = np.concatenate([J, F], axis=2)
    JT = J.transpose(0, 2, 1)
    return JT @ J / n, (JT @ r[..., None])[..., 0] / n


def _solve(A: np.ndarray, g: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """The damped step (S, p); a parameter without influence (a unit that is 0 on the sample) is kept in place."""
    places = np.arange(A.shape[1])
    D = A[:, places, places]
    D = np.maximum(D, 1e-10 * D.max(axis=1, keepdims=True) + np.finfo(float).tiny)
    A = A.copy()
    A[:, places, places] += damping[:, None] * D
    try:
        return -np.linalg.solve(A, g[..., None])[..., 0]
    except np.linalg.LinAlgError:
        A[:, places, places] += 1e-6 * D
        return -np.linalg.solve(A, g[..., None])[..., 0]
