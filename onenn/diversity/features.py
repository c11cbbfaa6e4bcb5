"""The extended features: the gradient of the loss is a matrix that knows only activation patterns, times the residual.

D (k d, n), block (i, l) = v_i 1{w_i.x_l >= 0} x_l,   dL/dW = D r,   D^T D = (X X^T) o (A A^T),   A = 1{X W^T >= 0}.

D^T D (for v_i = +-1) is formed without D: memory O(n^2), whatever k and d.   Chapter: diverse-units.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from array_api_compat import is_numpy_namespace
from scipy.linalg import eigh

from onenn.arrays import Array

from .inputs import directions, real_matrix
from .kernels import sphere_kernel

_BLOCK = 256
"""Units whose pattern is held at a time: n x 256 numbers beside the n x n of the result."""


def extended_features(X: Any, W: Any, v: Any) -> Array:
    """D (k d, n): column l is the gradient of f(x_l; W, v) in W, unit by unit, with the slope 1 at a kink.

    *Shapes*: X (n, d), W (k, d), v (k,), NumPy arrays or torch tensors.
    *Law*: D^T vec(W) = (f(x_1), ..., f(x_n)); D depends on W through its activation pattern only.
    Raises: ValueError on wrong shapes, nan or inf.
    Source: the extended feature matrix of Xie, Liang and Song (2017).

    >>> extended_features([[0.6, 0.8]], [[1.0, 0.0], [0.0, -1.0]], [1.0, 1.0]).ravel().tolist()
    [0.6, 0.8, 0.0, 0.0]
    """
    xp, X = real_matrix(X, "X")
    _, W = real_matrix(W, "W", X.shape[1])
    v = xp.asarray(v, dtype=X.dtype)
    if v.shape != (W.shape[0],):
        raise ValueError(f"v has shape {tuple(v.shape)} but W has {W.shape[0]} rows; expected one output weight a unit")
    active = xp.astype(W @ X.T >= 0, X.dtype) * v[:, None]
    D = active[:, None, :] * X.T[None, :, :]
    return xp.reshape(D, (W.shape[0] * X.shape[1], X.shape[0]))


def feature_gram(X: Any, W: Any, *, v: Any = None) -> Array:
    """D^T D (n, n) = (X X^T) o (A diag(v^2) A^T), by blocks of units; v None stands for v_i = +-1.

    *Shapes*, Raises: as `extended_features`.  *Law*: the diagonal is |x_l|^2 times the number of units active at x_l.

    >>> feature_gram([[0.6, 0.8], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]).tolist()
    [[2.0, 1.6], [1.6, 2.0]]
    """
    xp, X = real_matrix(X, "X")
    _, W = real_matrix(W, "W", X.shape[1])
    if v is not None:
        v = xp.asarray(v, dtype=X.dtype)
        if v.shape != (W.shape[0],):
            raise ValueError(f"v has shape {tuple(v.shape)} but W has {W.shape[0]} rows; expected one weight a unit")
    gram = 0.0
    for start in range(0, W.shape[0], _BLOCK):
        active = xp.astype(X @ W[start : start + _BLOCK].T >= 0, X.dtype)
        gram = gram + active @ (active if v is None else active * v[start : start + _BLOCK] ** 2).T
    gram *= X @ X.T
    return gram


def smallest_singular_value(X: Any, W: Any, *, v: Any = None) -> float:
    """s_min(D) = sqrt(lambda_min(D^T D)), the n-th singular value, by the Gram route: n = 3000 in seconds.

    v None stands for v_i = +-1. With more columns than rows, k d < n, it is 0: returned with a warning, since then a
    zero gradient says nothing of the residual.
    Accuracy: about 1e-16 lambda_max(D^T D) in the square, so a true 0 may read 1e-7.
    *Shapes*, Raises: as `extended_features`.

    >>> round(smallest_singular_value([[0.6, 0.8], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]) ** 2, 12)
    0.4
    """
    _, X = real_matrix(X, "X")
    _, W = real_matrix(W, "W", X.shape[1])
    n, k, d = X.shape[0], *W.shape
    if k * d < n:
        warnings.warn(
            f"D has {k * d} rows (k d) and {n} columns, so s_min(D) = 0 and a zero gradient does not make the residual "
            f"zero; take at least {-(-n // d)} units",
            stacklevel=2,
        )
        return 0.0
    return least_eigenvalue(feature_gram(X, W, v=v)) ** 0.5


def least_eigenvalue(gram: Array) -> float:
    """lambda_min of a positive semidefinite matrix, in doubles; 0 where rounding made it negative.

    >>> round(least_eigenvalue(np.array([[2.0, 1.0], [1.0, 2.0]])), 12)
    1.0
    """
    xp, gram = real_matrix(gram, "gram")
    if is_numpy_namespace(xp):
        least = eigh(gram, eigvals_only=True, subset_by_index=[0, 0])[0]
    else:
        least = xp.linalg.eigvalsh(gram)[0]
    return max(float(least), 0.0)


def expected_gram(X: Any) -> np.ndarray:
    """G (n, n), the mean of D^T D/k over uniform weights: G_lm = <x_l, x_m> (pi - theta_lm)/(2 pi).

    *Shapes*: X (n, d), rows of any length but 0.
    Raises: ValueError on a zero row, nan or inf.

    >>> expected_gram([[1.0, 0.0], [0.0, 2.0]]).tolist()
    [[0.5, 0.0], [0.0, 2.0]]
    """
    _, U, lengths = directions(X, "X")
    U, lengths = np.asarray(U), np.asarray(lengths)
    t = U @ U.T
    np.fill_diagonal(t, 1.0)
    return sphere_kernel("extended_feature")(t) * np.outer(lengths, lengths)
