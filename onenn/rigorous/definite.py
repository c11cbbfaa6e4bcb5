"""Is a symmetric ball matrix positive definite, for every symmetric matrix inside it?

PROVED by X A X^T being strictly diagonally dominant, X the inverse of an approximate Cholesky factor; or by the pivots
of A = L D L^T. REFUTED by a vector with x^T A x <= 0, by a pivot <= 0 after positive ones, or by an exact rank below n.
"""

from __future__ import annotations

import numpy as np
from flint import arb, arb_mat, fmpq_mat

from onenn.verdict import Verdict

from .context import precision
from .matrix import MatrixLike, Symmetric


def is_positive_definite(A: MatrixLike, *, bits: int | None = None) -> Verdict:
    """x^T A x > 0 for every x != 0 and every symmetric matrix inside A.

    Shapes: A (n, n), an arb_mat or rows of ints, Fractions, strings and balls.
    PROVED: for all of them. REFUTED: for none of them (singular counts as not positive definite). UNDECIDED: the radii
    are too wide, or the matrix too near to singular for `bits`.
    Raises: TypeError on float entries; ValueError when A is not square or holds no symmetric matrix.

    >>> is_positive_definite([[2, 1], [1, 2]]) == Verdict.PROVED
    True
    >>> is_positive_definite([[1, 1], [1, 1]]) == Verdict.REFUTED
    True
    """
    with precision(bits, guard=24):
        S = Symmetric(A)
        if not S.finite:
            return Verdict.UNDECIDED.because("A has a non-finite entry")
        for decide in (_by_diagonal, _by_cholesky, _by_vector, _by_pivots, _by_rank):
            verdict = decide(S)
            if verdict is not None:
                return verdict
        return Verdict.UNDECIDED.because("the radii of A are too wide, or A is too near to singular for the precision")


def _by_diagonal(S: Symmetric) -> Verdict | None:
    for i in range(S.n):
        if S.rows[i][i] <= 0:
            return Verdict.REFUTED.because(f"A[{i}, {i}] = {S.rows[i][i]} <= 0")
    return None


def _by_cholesky(S: Symmetric) -> Verdict | None:
    F = S.floats()
    if not np.all(np.diag(F) > 0):  # beyond the range of doubles
        return None
    d = 1 / np.sqrt(np.diag(F))  # equilibrated: a badly scaled matrix is no harder than its correlations
    try:
        X = np.linalg.inv(np.linalg.cholesky(F * d[:, None] * d)) * d
    except np.linalg.LinAlgError:
        return None
    Y = arb_mat(X.tolist())
    B = (Y * S.balls * Y.transpose()).tolist()
    for i, row in enumerate(B):
        if not row[i] > sum((x.abs_upper() for j, x in enumerate(row) if j != i), arb(0)):
            return None
    # X is then nonsingular too: X^T y = 0 would give y^T (X A X^T) y = 0
    return Verdict.PROVED.because(f"A is congruent to a strictly diagonally dominant matrix of order {S.n}")


def _by_vector(S: Symmetric) -> Verdict | None:
    try:
        x = np.linalg.eigh(S.floats())[1][:, 0]
    except np.linalg.LinAlgError:
        return None
    column = arb_mat([[float(t)] for t in x])
    value = (column.transpose() * S.balls * column)[0, 0]
    return Verdict.REFUTED.because(f"a vector x has x^T A x = {value} <= 0") if value <= 0 else None


def _by_pivots(S: Symmetric) -> Verdict | None:
    n = S.n
    A = [list(row) for row in S.rows]
    for k in range(n):
        pivot = A[k][k]
        if pivot <= 0:
            return Verdict.REFUTED.because(f"pivot {k + 1} of L D L^T is {pivot} <= 0")
        if not pivot > 0:
            return None
        for i in range(k + 1, n):
            factor = A[i][k] / pivot
            for j in range(k + 1, i + 1):
                A[i][j] = A[i][j] - factor * A[j][k]
    return Verdict.PROVED.because(f"all {n} pivots of L D L^T are positive")


def _by_rank(S: Symmetric) -> Verdict | None:
    if S.R is not None:
        return None
    r = fmpq_mat([[x.fmpq() for x in row] for row in S.M.tolist()]).rank()
    return Verdict.REFUTED.because(f"A has rank {r} < {S.n}, exactly") if r < S.n else None
