"""Signs and magnitudes of units whose directions are known up to sign:  y ~ sum_i a_i phi(s_i u_i.x), s_i = +-1.

Least squares over the 2^k patterns of signs, all from one Gram matrix of the 2k features phi(+-u_i.x).
Chapter: tensor-initialization.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from array_api_compat import array_namespace

from onenn.activations import Activation
from onenn.arrays import Array, evaluate
from onenn.network import OneHiddenLayer

from .data import Samples
from .route import Route
from .sums import like

_ALL_PATTERNS = 10
"""Up to this k all patterns of signs are tried; beyond it, those reached by single flips."""


def least_squares_signs(data: Samples, U: np.ndarray, phi: Activation, way: Route) -> tuple[OneHiddenLayer, float]:
    """The network with rows along +-U's columns that fits best, and the mean of its squared residuals; one pass.

    *Shapes*: U (d, k), unit columns. The weights come out as v_i = +-1, w_i = |a_i|^(1/q) s_i u_i.
    *Law*: exact, on samples without noise, where U is.
    """
    k = U.shape[1]
    n, gram, right, square = data.sum(_signed_features, U, phi, width=max(data.d, 2 * k))
    gram, right, square = gram / float(n), right / float(n), float(square / n)
    odd_or_even = not (way.linear and way.even)
    a, signs, misfit = _best_pattern(gram, right, square, k, one_sign=odd_or_even)
    if not way.even:  # odd: a phi(s) = -a phi(-s), and v_i = 1 by convention
        signs, a = signs * np.sign(a), np.abs(a)
    v = np.where(a < 0, -1.0, 1.0)
    lengths = np.maximum(np.abs(a), np.finfo(float).tiny) ** (1 / way.degree)
    return OneHiddenLayer((signs * lengths)[:, None] * U.T, v, phi), max(misfit, 0.0)


def _signed_features(x: Array, y: Array, U: np.ndarray, phi: Activation) -> list[Array]:
    xp = array_namespace(x)
    z = x @ like(U, x)
    F: Array = evaluate(phi, "value", xp.concat([z, -z], axis=1))
    return [F.T @ F, F.T @ y, y @ y]


def _best_pattern(
    gram: np.ndarray, right: np.ndarray, square: float, k: int, *, one_sign: bool
) -> tuple[np.ndarray, np.ndarray, float]:
    """(a, s, misfit) of the pattern of signs with the least mean square."""
    if one_sign:
        patterns = np.ones((1, k), dtype=int)
    elif k <= _ALL_PATTERNS:
        patterns = np.array(list(product((1, -1), repeat=k)))
    else:
        both = np.linalg.lstsq(gram, right, rcond=1e-10)[0]
        patterns = np.where(np.abs(both[:k]) >= np.abs(both[k:]), 1, -1)[None]
    best = _fits(gram, right, square, patterns)
    while k > _ALL_PATTERNS and not one_sign:
        flips = np.where(np.eye(k, dtype=bool), -best[1], best[1])
        found = _fits(gram, right, square, flips)
        if found[2] >= best[2]:
            break
        best = found
    return best


def _fits(
    gram: np.ndarray, right: np.ndarray, square: float, patterns: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    k = patterns.shape[1]
    index = np.arange(k) + np.where(patterns > 0, 0, k)
    G = gram[index[:, :, None], index[:, None, :]]
    h = right[index]
    ridge = 1e-12 * np.trace(G, axis1=1, axis2=2)[:, None, None] * np.eye(k)
    a = np.linalg.solve(G + ridge, h[:, :, None])[:, :, 0]
    misfits = square - 2 * np.sum(a * h, axis=1) + np.einsum("pi,pij,pj->p", a, G, a)
    best = int(np.argmin(misfits))
    return a[best], patterns[best], float(misfits[best])
