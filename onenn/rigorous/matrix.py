"""Symmetric ball matrices: the set of all symmetric matrices whose entries lie in the given balls, as centre +- radius.

A = M + Delta,  |Delta_ij| <= R_ij,  ||Delta||_2 <= ||R||_2 <= max_i (R x)_i / x_i  for every x > 0 (Collatz-Wielandt).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq_mat

from .context import ball

MatrixLike = arb_mat | fmpq_mat | Sequence[Sequence[Any]] | np.ndarray


def ball_matrix(A: MatrixLike, argument: str = "A") -> arb_mat:
    """The matrix as balls: from an arb_mat, or rows of ints, Fractions, strings and balls.

    Raises: TypeError on float entries; ValueError on an empty or ragged matrix.

    >>> ball_matrix([[1, "1/2"], ["1/2", 1]]).det().overlaps(ball("3/4"))
    True
    """
    if isinstance(A, arb_mat):
        return A
    if isinstance(A, fmpq_mat):
        return arb_mat(A)
    rows = [[ball(x, argument) for x in row] for row in A]
    widths = {len(row) for row in rows}
    if len(widths) != 1 or 0 in widths:
        raise ValueError(f"{argument} has rows of lengths {sorted(widths)}; expected one positive length")
    return arb_mat(rows)


class Symmetric:
    """All symmetric matrices inside the ball matrix A: exact centre M, exact radii R (None when all are 0).

    Raises: ValueError when A is not square, or holds no symmetric matrix.
    """

    def __init__(self, A: MatrixLike) -> None:
        X = ball_matrix(A)
        n = self.n = X.nrows()
        if X.ncols() != n:
            raise ValueError(f"A has shape ({n}, {X.ncols()}); expected a square matrix")
        rows = X.tolist()
        self.finite = all(x.is_finite() for row in rows for x in row)
        if self.finite:
            for i in range(n):
                for j in range(i):
                    if not rows[i][j].overlaps(rows[j][i]):
                        raise ValueError(
                            f"A[{i}, {j}] = {rows[i][j]} and A[{j}, {i}] = {rows[j][i]} are disjoint; expected a "
                            "symmetric matrix: symmetrise it, (A + A.T)/2"
                        )
                    both = rows[i][j].intersection(rows[j][i])
                    rows[i][j] = rows[j][i] = both
        self.rows: list[list[arb]] = rows
        self.balls = arb_mat(rows)
        self.M = self.balls.mid()
        exact = all(x.is_exact() for row in rows for x in row)
        self.R = None if exact or not self.finite else [[arb(x.rad()) for x in row] for row in rows]

    def floats(self) -> np.ndarray:
        """The centre in double precision, divided by a power of two near its largest entry (1 for a zero matrix)."""
        largest = max((abs(x) for x in self.M.entries()), default=arb(0))
        scale = arb(1)
        if largest > 0:
            exponent = (largest.log() / arb(2).log()).mid().floor()
            scale = arb(2) ** -exponent
        return np.array([[float(x * scale) for x in row] for row in self.M.tolist()])

    def radius_norm(self) -> arb:
        """An upper bound on ||A - M||_2 over all symmetric A in the ball."""
        if self.R is None:
            return arb(0)
        largest = max(x for row in self.R for x in row)
        R = np.array([[float(x / largest) for x in row] for row in self.R])
        perron = np.abs(np.linalg.eigh(R)[1][:, -1]) + 1e-6  # any positive vector gives a bound, this one a sharp one
        return min(self._row_sums(perron), self._row_sums(np.ones(self.n)))

    def _row_sums(self, x: np.ndarray) -> arb:
        """max_i (R x)_i / x_i, rounded up."""
        assert self.R is not None
        weights = [arb(float(t)) for t in x]
        return max(
            (sum((r * t for r, t in zip(row, weights, strict=True)), arb(0)) / own).upper()
            for row, own in zip(self.R, weights, strict=True)
        )


def identity(n: int) -> arb_mat:
    """The n x n identity."""
    return arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def row_sum_norm(A: arb_mat, *, diagonal: bool = True) -> arb:
    """An upper bound on max_i sum_j |A_ij| (without the diagonal: the largest Gershgorin radius), hence on ||A||_2 of a
    symmetric A."""
    sums = (
        sum((x.abs_upper() for j, x in enumerate(row) if diagonal or j != i), arb(0)).upper()
        for i, row in enumerate(A.tolist())
    )
    return max(sums)
