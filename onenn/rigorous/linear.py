"""Exact solution of linear systems over the rationals: A z = b with no rounding at all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .exact import _matrix


def solve(rows: Sequence[Sequence[Any]], right: Sequence[Any]) -> list[Fraction]:
    """The z with A z = `right`, A square and invertible, its entries and those of `right` ints or Fractions.

    Raises: TypeError on floats; ValueError when A is not square, not as long as `right`, or singular.

    >>> solve([[1, 2], [0, 3]], [1, Fraction(1, 2)])
    [Fraction(2, 3), Fraction(1, 6)]
    """
    A, b = _matrix(rows), _matrix([[x] for x in right], "right")
    if A.nrows() != A.ncols() or A.nrows() != b.nrows():
        raise ValueError(
            f"rows is {A.nrows()} x {A.ncols()} and right has {b.nrows()} entries; expected a square system"
        )
    try:
        z = A.solve(b)
    except ZeroDivisionError as error:
        raise ValueError("rows is a singular matrix; leave out dependent equations first") from error
    return [Fraction(int(z[i, 0].p), int(z[i, 0].q)) for i in range(A.nrows())]
