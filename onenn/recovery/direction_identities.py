"""The decomposition in exact arithmetic: eigenvectors of two contractions, inertia of M_2, random contractions.

R(theta) R(theta')^{-1} w_i = ((theta . w_i)/(theta' . w_i)) w_i  for  R(theta) = sum_i c_i (theta . w_i) w_i w_i^T.
Chapter: tensor-initialization.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from onenn.contexts import SYMBOLS
from onenn.verdict import Verdict


def contractions_show_the_rows(
    rows: Sequence[Sequence[int]], weights: Sequence[int], theta: Sequence[int], other: Sequence[int]
) -> Verdict:
    """Whether R(theta) R(other)^{-1} has the rows for eigenvectors, with different eigenvalues; rational arithmetic.

    REFUTED where R(other) is singular, a row is no eigenvector, or two eigenvalues agree.

    >>> contractions_show_the_rows([(1, 2), (3, 1)], (1, -1), (1, 0), (0, 1))
    PROVED (2 rows, eigenvalues [1/2, 3])
    """
    units = [SYMBOLS.Matrix(row) for row in rows]

    def contracted(direction: Sequence[int]) -> Any:
        t = SYMBOLS.Matrix(direction)
        parts = [c * t.dot(w) * w * w.T for c, w in zip(weights, units, strict=True)]
        return sum(parts[1:], start=parts[0])

    R, S = contracted(theta), contracted(other)
    if S.det() == 0:
        return Verdict.decided(False, "the second contraction is singular")
    quotient = R * S.inv()
    values = []
    for place, w in enumerate(units):
        image = quotient * w
        value = image.dot(w) / w.dot(w)
        if image != value * w:
            return Verdict.decided(False, f"row {place + 1} is no eigenvector")
        values.append(value)
    if len(set(values)) < len(values):
        return Verdict.decided(False, f"two eigenvalues agree: {sorted(values)}")
    return Verdict.decided(True, f"{len(values)} rows, eigenvalues {sorted(values)}")


def inertia(rows: Sequence[Sequence[int]], weights: Sequence[int]) -> tuple[int, int]:
    """The numbers of positive and of negative eigenvalues of sum_i c_i w_i w_i^T, exactly.

    Its eigenvalues are real, so Descartes' rule of signs for the characteristic polynomial counts them.

    >>> inertia([(1, 2, 0), (3, 1, 1)], (1, -1))
    (1, 1)
    """
    units = [SYMBOLS.Matrix(row) for row in rows]
    parts = [c * w * w.T for c, w in zip(weights, units, strict=True)]
    M: Any = sum(parts[1:], start=parts[0])
    x = SYMBOLS.Symbol("x")
    coefficients = SYMBOLS.Poly(M.charpoly(x).as_expr(), x).all_coeffs()
    flipped = SYMBOLS.Poly(M.charpoly(x).as_expr().subs(x, -x), x).all_coeffs()
    return _changes(coefficients), _changes(flipped)


def projection_moment(m: int, power: Any) -> Any:
    """E |alpha . w|^power for alpha uniform on the unit sphere of R^m, m >= 1, and a unit vector w: exact, or oo.

    t = alpha . w has the density (1 - t^2)^((m - 3)/2)/B(1/2, (m - 1)/2) on [-1, 1]; for m = 1 it is 1 or -1.

    >>> projection_moment(5, 2), projection_moment(5, -1)
    (1/5, oo)
    """
    power = SYMBOLS.Rational(power) if isinstance(power, (int, str)) else power
    if m == 1:
        return SYMBOLS.Integer(1)
    if power <= -1:
        return SYMBOLS.oo  # near 0 the density is bounded from below
    B = SYMBOLS.beta
    half = SYMBOLS.Rational(1, 2)
    ratio = B((power + 1) / 2, (m - 1) * half) / B(half, (m - 1) * half)
    return SYMBOLS.simplify(SYMBOLS.gammasimp(ratio.rewrite(SYMBOLS.gamma)))


def _changes(coefficients: Sequence[Any]) -> int:
    signs = [c > 0 for c in coefficients if c != 0]
    return sum(a != b for a, b in pairwise(signs))
