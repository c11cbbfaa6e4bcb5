"""Approximate eigenvectors of a symmetric matrix to any precision; nothing here is guaranteed, nothing has to be.

Doubles first, then steps Q <- Q + Q E that square the error (Ogita, Aishima 2018), then Jacobi rotations in clusters.
"""

from __future__ import annotations

import math

import numpy as np
from flint import arb, arb_mat

from .matrix import Symmetric, identity, row_sum_norm

_DOUBLE_BITS = 40  # what eigh delivers, with a margin


def approximate_eigenvectors(S: Symmetric, bits: int) -> arb_mat:
    """An exact matrix whose columns are close to orthonormal eigenvectors of the centre of S."""
    try:
        Q = arb_mat(np.linalg.eigh(S.floats())[1].tolist())
    except np.linalg.LinAlgError:
        Q = identity(S.n)
    if bits <= 53:
        return Q
    goal = arb(2) ** (-bits)
    for _ in range(math.ceil(math.log2(bits / _DOUBLE_BITS)) + 1):
        # a step through a small gap is long and costs orthogonality, which one Newton step wins back
        Q = _orthonormal(_sharpened(Q, S.M))
    for _ in range(4 + math.ceil(math.log2(bits))):  # a step through a small gap may leave a defect of order one
        if row_sum_norm(_defect(Q)) < goal:
            break
        Q = _orthonormal(Q)
    return _rotated(Q, S.M, bits)


def _defect(Q: arb_mat) -> arb_mat:
    return (identity(Q.ncols()) - Q.transpose() * Q).mid()


def _orthonormal(Q: arb_mat) -> arb_mat:
    return (Q + Q * _defect(Q) / 2).mid()


def _sharpened(Q: arb_mat, M: arb_mat) -> arb_mat:
    n = Q.nrows()
    B, R = (Q.transpose() * M * Q).mid(), _defect(Q)
    values = [B[i, i] / (1 - R[i, i]) for i in range(n)]
    # eigenvalues closer than this are a cluster: its basis is arbitrary, so it is only made orthonormal
    close = 2 * (row_sum_norm(B, diagonal=False) + row_sum_norm(M) * row_sum_norm(R))
    E = [[R[i, j] / 2 for j in range(n)] for i in range(n)]
    for i in range(n):
        for j in range(n):
            gap = values[j] - values[i]
            if i != j and abs(gap) > close:
                E[i][j] = (B[i, j] + values[j] * R[i, j]) / gap
    return (Q + Q * arb_mat(E)).mid()


def _rotated(Q: arb_mat, M: arb_mat, bits: int, sweeps: int = 8) -> arb_mat:
    n = Q.nrows()
    B = (Q.transpose() * M * Q).mid().tolist()
    columns = Q.transpose().tolist()
    small = row_sum_norm(M) * arb(2) ** (-bits - 4)
    for _ in range(sweeps):
        pairs = [(i, j) for i in range(n) for j in range(i) if abs(B[i][j]) > small]
        if not pairs:
            break
        for i, j in pairs:
            if not abs(B[i][j]) > small:
                continue
            half = (B[j][j] - B[i][i]) / (2 * B[i][j])
            t = (1 if half >= 0 else -1) / (abs(half) + (1 + half * half).sqrt())
            c = (1 / (1 + t * t).sqrt()).mid()
            s = (t * c).mid()
            for row in B:
                row[i], row[j] = (c * row[i] - s * row[j]).mid(), (s * row[i] + c * row[j]).mid()
            B[i], B[j] = (
                [(c * x - s * y).mid() for x, y in zip(B[i], B[j], strict=True)],
                [(s * x + c * y).mid() for x, y in zip(B[i], B[j], strict=True)],
            )
            columns[i], columns[j] = (
                [(c * x - s * y).mid() for x, y in zip(columns[i], columns[j], strict=True)],
                [(s * x + c * y).mid() for x, y in zip(columns[i], columns[j], strict=True)],
            )
    return arb_mat(columns).transpose()
