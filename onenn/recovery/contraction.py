"""Contractions of third moments to matrices, for activations without a second moment (odd ones).

M_3(I, I, alpha) = E[r (alpha.x) x x^T] - E[r x] alpha^T - alpha E[r x]^T - (alpha.E[r x]) I.
Chapter: tensor-initialization.
"""

from __future__ import annotations

import numpy as np
from array_api_compat import array_namespace

from onenn.arrays import Array

from .data import Samples
from .moments import Fit
from .sums import like


def contracted_third_moment(data: Samples, alphas: np.ndarray, fit: Fit | None = None) -> np.ndarray:
    """M_3(I, I, alpha) for each row alpha, an array (L, d, d), of y or of its residual after a fit; one pass.

    *Shapes*: alphas (L, d).  *Law*: linear in alpha; each matrix symmetric.

    >>> from onenn.recovery import samples
    >>> contracted_third_moment(samples([[2.0]], [1.0]), np.ones((1, 1))).item()       # He_3(2)
    2.0
    """
    alphas = np.asarray(alphas, dtype=float)
    n, rx, *parts = data.sum(_contracted_sums, alphas, fit)
    v = rx / float(n)
    matrices = []
    for alpha, part in zip(alphas, parts, strict=True):
        correction = np.outer(v, alpha) + np.outer(alpha, v) + (v @ alpha) * np.eye(data.d)
        matrices.append((part + part.T) / (2 * float(n)) - correction)
    return np.array(matrices)


def _contracted_sums(x: Array, y: Array, alphas: np.ndarray, fit: Fit | None) -> list[Array]:
    xp = array_namespace(x)
    r = y if fit is None else fit.residual(x, y)
    rx = r[:, None] * x
    weights = x @ like(alphas.T, x)
    return [xp.sum(rx, axis=0), *((weights[:, i : i + 1] * rx).T @ x for i in range(alphas.shape[0]))]
