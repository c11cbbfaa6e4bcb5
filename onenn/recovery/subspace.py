"""The span of the units from second moments: the k eigenvectors of P_2 of largest |eigenvalue|, P_2 indefinite.

Improved: y ~ c + b.x + A : (x x^T - I) with A of rank k, and M_2 of what this fit leaves, subtract the moment's own
noise,  A <- U A_s U^T + M_2(y - fit)/2,  as M_2(y) = 2 A for the network.   Chapter: tensor-initialization.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from array_api_compat import array_namespace

from onenn.arrays import Array

from .contraction import contracted_third_moment
from .data import Samples
from .moments import Fit, LowMoments, second_moment
from .sums import like

_CONTRACTIONS = 8
"""Of a third moment, side by side, where there is no second moment."""


def leading_subspace(P: np.ndarray, k: int) -> np.ndarray:
    """U (d, k), orthonormal: the eigenvectors of the symmetric P whose eigenvalues are largest in absolute value.

    >>> leading_subspace(np.diag([1.0, -3.0, 2.0]), 2).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    values, vectors = np.linalg.eigh(P)
    return vectors[:, np.argsort(-np.abs(values), kind="stable")[:k]]


def power_method(
    product: Callable[[np.ndarray], np.ndarray],
    size: float,
    d: int,
    k: int,
    *,
    rng: np.random.Generator,
    steps: int = 100,
    sides: int = 2,
) -> np.ndarray:
    """U (d, k), orthonormal: the two-sided power method, with V -> P V alone and C = 3 size >= 3 ||P||.

    The powers of C + P find the k largest eigenvalues, those of C - P the k least. Of both lists the k with the largest
    Rayleigh value of P and of -P are kept, the second part made orthogonal to the first. One-sided (sides=1) it misses
    the negative eigenvalues.   Source: Algorithm 3 of zhong2017, reconstructed.

    >>> P = np.diag([2.0, -1.5, 0.1])
    >>> U = power_method(lambda V: P @ V, 2.0, 3, 2, rng=np.random.default_rng(0))
    >>> bool(abs(U[2]).max() < 1e-6)
    True
    """
    C = 3 * size
    found = []
    for sign in (1, -1)[:sides]:
        V = np.linalg.qr(rng.standard_normal((d, k)))[0]
        for _ in range(steps):
            V = np.linalg.qr(C * V + sign * product(V))[0]
        # inside the invariant subspace the columns still mix: its own eigenvectors
        values, turn = np.linalg.eigh(V.T @ product(V))
        # ranked by |value|, an eigenvector that is in both lists (d < 2 k) would be taken twice and another missed
        found += [(sign * value, -sign, V @ column) for value, column in zip(values, turn.T, strict=True)]
    kept = sorted(found, key=lambda item: -item[0])[:k]
    columns = np.column_stack([vector for _, _, vector in sorted(kept, key=lambda item: item[1])])
    return np.linalg.qr(columns)[0]


def residual_subspace(data: Samples, k: int, low: LowMoments, *, rounds: int = 1) -> tuple[np.ndarray, Fit]:
    """(U, fit): U (d, k), orthonormal, near the span of the units, and the fit of degree two in U^T x.

    3 + 2 rounds passes. *Domain*: m_2 != 0.  *Law*: equivariant under rotations of x.
    """
    U = np.zeros((data.d, 0))
    fit = quadratic_fit(data, U, low)
    A = second_moment(data, fit) / 2
    U = leading_subspace(A, k)
    for _ in range(rounds):
        fit = quadratic_fit(data, U, low)
        A = fit.U @ fit.A @ fit.U.T + second_moment(data, fit) / 2
        U = leading_subspace(A, k)
    return U, quadratic_fit(data, U, low)


def third_moment_subspace(
    data: Samples, k: int, low: LowMoments, *, rng: np.random.Generator
) -> tuple[np.ndarray, Fit]:
    """(U, fit) where M_2 = 0: the leading left singular vectors of M_3(I, I, alpha) for random alpha, side by side.

    Two passes, the fit a linear one. *Domain*: m_3 != 0.
    """
    fit = quadratic_fit(data, np.zeros((data.d, 0)), low)
    P = contracted_third_moment(data, rng.standard_normal((_CONTRACTIONS, data.d)), fit)
    return np.linalg.svd(np.concatenate(list(P), axis=1))[0][:, :k], fit


def quadratic_fit(data: Samples, U: np.ndarray, low: LowMoments) -> Fit:
    """The least-squares fit of y by 1, x and the products of U^T x (U (d, m), orthonormal), from normal equations.

    *Law*: the residual is orthogonal, on the sample, to 1, x and the products. With no more samples than coefficients
    the fit would leave nothing: it is the mean alone.
    """
    d, m = U.shape
    upper = np.triu_indices(m)
    features = 1 + d + upper[0].size
    if low.n <= features:
        return Fit(low.mean, np.zeros(d), np.zeros((d, 0)), np.zeros((0, 0)))
    n, gram, right = data.sum(_normal_equations, U, low.mean, width=features)
    theta = np.linalg.lstsq(gram / float(n), right / float(n), rcond=1e-12)[0]
    A = np.zeros((m, m))
    A[upper] = theta[1 + d :]
    A = (A + A.T) / 2
    return Fit(low.mean + float(theta[0]), theta[1 : 1 + d], U, A)


def _normal_equations(x: Array, y: Array, U: np.ndarray, mean: float) -> list[Array]:
    xp = array_namespace(x)
    rows, columns = np.triu_indices(U.shape[1])
    z = x @ like(U, x)
    parts = [xp.ones_like(x[:, :1]), x]
    if rows.size:
        delta = like((rows == columns).astype(float), x)
        parts.append(z[:, rows.tolist()] * z[:, columns.tolist()] - delta)
    F = xp.concat(parts, axis=1)
    return [F.T @ F, F.T @ (y - mean)]
