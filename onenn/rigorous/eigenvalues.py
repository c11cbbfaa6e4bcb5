"""Guaranteed bounds on the eigenvalues of a symmetric ball matrix, multiple and clustered ones included.

With approximate eigenvectors Q (any matrix will do), G = Q^T Q, B = Q^T M Q and ||G - I|| <= e < 1,

    lambda_i(M) = lambda_i(B)/theta_i, |theta_i - 1| <= e (Ostrowski),   |lambda_i(B) - b_(i)| <= ||B - diag B|| (Weyl),

b_(i) the i-th smallest diagonal entry; and |lambda_i(A) - lambda_i(M)| <= ||A - M|| once more by Weyl.
"""

from __future__ import annotations

from flint import arb

from .context import precision, working_precision
from .eigenvectors import approximate_eigenvectors
from .matrix import MatrixLike, Symmetric, identity, row_sum_norm

_GUARD = 24


def symmetric_eigenvalues(A: MatrixLike, *, bits: int | None = None) -> list[arb]:
    """lambda_1 <= ... <= lambda_n, each enclosed for every symmetric matrix inside A.

    Shapes: A (n, n), an arb_mat or rows of ints, Fractions, strings and balls.
    Contains: the i-th ball holds the i-th smallest eigenvalue of every symmetric matrix in A. Tight: for an exact A a
    radius of about n 2^-bits ||A||, however close the eigenvalues (bits <= 53: about n 1e-15 ||A||); radii of A add
    their norm. Non-finite when A is.
    Raises: TypeError on float entries; ValueError when A is not square or holds no symmetric matrix.

    >>> [x.str(3, radius=False) for x in symmetric_eigenvalues([[2, 1], [1, 2]])]
    ['1.00', '3.00']
    """
    with precision(bits, guard=_GUARD):
        S = Symmetric(A)
        if not S.finite:
            return [arb.nan()] * S.n
        Q = approximate_eigenvectors(S, working_precision() - _GUARD)
        QT = Q.transpose()
        B, G = QT * S.M * Q, QT * Q
        e = row_sum_norm(G - identity(S.n))
        if not e < 1:
            return [arb.nan()] * S.n
        off, spread = row_sum_norm(B, diagonal=False), S.radius_norm()
        diagonal = [B[i, i] for i in range(S.n)]
        lower = sorted(b.lower() for b in diagonal)
        upper = sorted(b.upper() for b in diagonal)
        return [((u - off).union(v + off)) / arb(1, e) + arb(0, spread) for u, v in zip(lower, upper, strict=True)]


def min_eigenvalue(A: MatrixLike, *, bits: int | None = None) -> arb:
    """lambda_min, enclosed for every symmetric matrix inside A; contract as `symmetric_eigenvalues`.

    >>> from onenn.rigorous import ball
    >>> min_eigenvalue([[2, 1], [1, 2]]).overlaps(ball(1))
    True
    """
    return symmetric_eigenvalues(A, bits=bits)[0]
