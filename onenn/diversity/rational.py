"""Points of the sphere with rational coordinates, and what a ReLU network does at them, in exact arithmetic.

x = (2 q p, |p|^2 - q^2)/(|p|^2 + q^2) for integers p_1, ..., p_(d-1), q: the inverse of the stereographic projection.

Chapter: diverse-units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.rigorous import rank


def rational_sphere_points(X: Any, denominator: int = 64) -> np.ndarray:
    """Points of the unit sphere with rational coordinates near the rows of X, an array of Fractions like X.

    denominator: q; larger is nearer, with longer fractions.
    Raises: ValueError when X is no matrix with two or more columns, or has a zero row.

    >>> x = rational_sphere_points([[0.6, 0.8], [1.0, 0.0]], 3)
    >>> [str(t) for t in x[0]], x[1] @ x[1] == 1
    (['3/5', '4/5'], True)
    """
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[1] < 2 or not np.all(np.any(X != 0, axis=1)):
        raise ValueError(f"X has shape {X.shape}; expected rows with two or more columns, none of them zero")
    points = []
    for x in X / np.linalg.norm(X, axis=1, keepdims=True):
        # from the pole that is further away: near a pole the projection is far out
        sign = -1 if x[-1] > 0 else 1
        p = [round(denominator * float(t) / (1 + abs(float(x[-1])))) for t in x[:-1]]
        square, q = sum(t * t for t in p), denominator
        last = sign * (square - q * q)
        points.append([Fraction(t, square + q * q) for t in (*(2 * q * t for t in p), last)])
    return np.array(points, dtype=object)


def exact_matrix(A: Any, argument: str) -> np.ndarray:
    """A as a matrix of Fractions; ints and Fractions enter exactly.

    Raises: TypeError on floats; ValueError when A is no matrix.
    """
    A = np.array([list(row) for row in A], dtype=object)
    if A.ndim != 2 or A.size == 0:
        raise ValueError(f"{argument} has shape {A.shape}; expected a matrix, rows of equal length")
    for t in A.ravel():
        if isinstance(t, (bool, float, np.floating)) or not isinstance(t, (int, np.integer, Fraction)):
            raise TypeError(f"{argument} holds a {type(t).__name__}; exact arithmetic takes ints and Fractions")
    return np.vectorize(lambda t: Fraction(int(t)) if not isinstance(t, Fraction) else t, otypes=[object])(A)


def integer_rows(A: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """(B, c) with row i of A equal to row i of B over c_i, B integer: products of integers need no common divisors."""
    scales = [math.lcm(*(t.denominator for t in row)) for row in A]
    rows = [[t.numerator * (c // t.denominator) for t in row] for row, c in zip(A, scales, strict=True)]
    return np.array(rows, dtype=object), scales


def exact_gram(X: Any) -> np.ndarray:
    """The inner products <x_l, x_m> of the rows of X (n, d), ints or Fractions, as an array of Fractions (n, n).

    Raises: TypeError on floats.

    >>> exact_gram([[Fraction(3, 5), Fraction(4, 5)], [1, 0]])[0].tolist()
    [Fraction(1, 1), Fraction(3, 5)]
    """
    P, p = integer_rows(exact_matrix(X, "X"))
    products = P @ P.T
    gram = np.empty(products.shape, dtype=object)
    for i in range(len(p)):
        for j in range(i + 1):
            gram[i, j] = gram[j, i] = Fraction(int(products[i, j]), p[i] * p[j])
    return gram


def feature_columns(X: Any, W: Any) -> np.ndarray:
    """The columns of D, each times a positive integer, as the rows of an integer matrix (n, k d), for v_i = 1.

    Raises: TypeError on floats.

    >>> feature_columns([[Fraction(3, 5), Fraction(4, 5)]], [[1, 0], [-1, 0]]).tolist()
    [[3, 4, 0, 0]]
    """
    X, W = exact_matrix(X, "X"), exact_matrix(W, "W")
    P, _ = integer_rows(X)
    active = (P @ integer_rows(W)[0].T >= 0).astype(int)
    return (active[:, :, None] * P[:, None, :]).reshape(P.shape[0], -1)


def feature_rank(X: Any, W: Any) -> int:
    """The rank of D, exactly, for rational X (n, d) and W (k, d); output weights, if none is 0, do not change it.

    Raises: TypeError on floats.

    >>> feature_rank([[1, 0], [0, 1], [-1, 0]], [[1, 2], [-2, 1]])
    3
    """
    rows: Sequence[Sequence[int]] = feature_columns(X, W).tolist()
    return rank(rows)
