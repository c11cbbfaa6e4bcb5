"""Where least squares starts: at random, or at random inside a k-dimensional subspace U and then lifted.

In the subspace a problem of k(k + 1) parameters, y ~ sum_i v_i phi(u_i . U^T x) + a . (I - U U^T) x, is solved from
many starts for little; the distinct minima, W = (u_i U^T), are the starts in R^d.   Chapter: global-recovery.
"""

from __future__ import annotations

import numpy as np

from onenn.activations import Activation
from onenn.arrays import evaluate

from .levenberg import levenberg_marquardt

_PER_PARAMETER = 20
"""Samples in the subspace for each of its k(k + 1) parameters; the starts are compared there, and refined on more."""


def random_starts(
    phi: Activation, X: np.ndarray, y: np.ndarray, k: int, count: int, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """W (count, k, d) and v (count, k) of the size of the data: outputs of the spread of y.

    *Shapes*: X (n, d) about N(0, I), y (n,).  Homogeneous phi of degree q: rows of size 1.2 (std(y)/sqrt(k))^(1/q),
    random signs v; other phi: rows of length 1/2 to 3, the range where they bend, and v by least squares.

    >>> from onenn import activation
    >>> W, v = random_starts(activation("relu"), np.eye(4), np.arange(4.0), 2, 5, rng=np.random.default_rng(0))
    >>> W.shape, sorted(set(v.ravel().tolist()))
    ((5, 2, 4), [-1.0, 1.0])
    """
    d = X.shape[1]
    W = rng.standard_normal((count, k, d))
    q = phi.homogeneity
    if q:
        size = 1.2 * (float(np.std(y)) / np.sqrt(k)) ** (1 / q)
        return W * size / np.sqrt(d), rng.choice([-1.0, 1.0], size=(count, k))
    W *= np.exp(rng.uniform(np.log(0.5), np.log(3.0), (count, k, 1))) / np.linalg.norm(W, axis=2, keepdims=True)
    return W, _output_weights(phi, X, y, W)


def _output_weights(phi: Activation, X: np.ndarray, y: np.ndarray, W: np.ndarray) -> np.ndarray:
    """v (S, k) by ridge regression on the units' outputs: without the ridge, similar units get huge weights."""
    Z = X @ W.transpose(0, 2, 1)
    F = np.broadcast_to(np.asarray(evaluate(phi, "value", Z)), Z.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        A, b = F.transpose(0, 2, 1) @ F, F.transpose(0, 2, 1) @ y
    fit = np.isfinite(A).all(axis=(1, 2)) & np.isfinite(b).all(axis=1)
    v = np.ones(W.shape[:2])
    size = np.trace(A[fit], axis1=1, axis2=2)[:, None, None]
    v[fit] = np.linalg.solve(A[fit] + 1e-2 * size * np.eye(W.shape[1]) + 1e-300, b[fit][..., None])[..., 0]
    return v


def subspace_starts(
    phi: Activation, X: np.ndarray, y: np.ndarray, U: np.ndarray, *, count: int, keep: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """The best distinct minima of `count` starts in the span of U (d, k) with orthonormal columns, lifted to R^d.

    *Returns*: W (at most keep, k, d), v, and the steps in the subspace. Two minima are one when their mean squares
    agree to 1e-3: relabelled units have the same.

    >>> from onenn import random_teacher
    >>> rng = np.random.default_rng(0)
    >>> teacher, X = random_teacher(2, 3, "relu", rng=rng), rng.standard_normal((100, 3))
    >>> U = np.linalg.svd(teacher.W)[2][:2].T
    >>> W, v, _ = subspace_starts(teacher.phi, X, teacher.predict(X), U, count=10, keep=1, rng=rng)
    >>> bool(np.allclose((v[0, :, None] * W[0]).sum(axis=0), teacher.v @ teacher.W, atol=0.1))
    True
    """
    outside = X - (X @ U) @ U.T
    linear = np.zeros(X.shape[1])
    if len(y) > 2 * X.shape[1] + 2:  # with fewer samples a linear fit takes the network with it
        linear = np.linalg.lstsq(np.column_stack([np.ones(len(y)), X]), y, rcond=None)[0][1:]
    # at a stride, for the rows may come in an order
    few = slice(None, None, max(1, len(y) // max(_PER_PARAMETER * U.shape[1] * (U.shape[1] + 1), 500)))
    inside, rest = (X @ U)[few], (y - outside @ linear)[few]
    W, v = random_starts(phi, inside, rest, U.shape[1], count, rng=rng)
    fits = levenberg_marquardt(phi, inside, rest, W, v, steps=60, target=1e-28 * float(np.mean(y * y)))
    chosen: list[int] = []
    for i, cost in enumerate(fits.mean_square):
        if all(abs(cost - fits.mean_square[j]) > 1e-3 * cost for j in chosen):
            chosen.append(i)
        if len(chosen) == keep:
            break
    return fits.W[chosen] @ U.T, fits.v[chosen], fits.steps
