"""Weights on one side of a hyperplane: how likely, and what it does to the largest discrepancy.

P[all w_i.x > 0 for some x] = 2^(1-k) sum_{j < d} C(k-1, j)   (Wendel);   then L_inf >= 1/2, and always
L2 <= L_inf <= 1.   Chapter: diverse-units.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog

from onenn.rigorous import solve

from .discrepancy import _check_units, discrepancy
from .inputs import directions
from .rational import exact_matrix


class LargestDiscrepancy(NamedTuple):
    """Bounds on L_inf(W), the largest discrepancy over all slices."""

    lower: float
    upper: float


def wendel_probability(k: int, d: int) -> Fraction:
    """The probability that k weights with a symmetric density lie in an open half-space of R^d, exactly.

    Raises: ValueError for k < 1 or d < 1.

    >>> wendel_probability(4, 2), wendel_probability(100, 100)
    (Fraction(1, 2), Fraction(1, 1))
    """
    _check_units(k)
    if d < 1:
        raise ValueError(f"d is {d}; expected a dimension >= 1")
    return Fraction(sum(math.comb(k - 1, j) for j in range(d)), 2 ** (k - 1))


def one_sided_input(W: Any) -> np.ndarray | None:
    """A unit x (d,) with w_i.x > 0 for every row of W, or None when there is none: a linear program.

    Raises: ValueError for a zero row, nan or inf.

    >>> x = one_sided_input([[1.0, 0.0], [0.0, 1.0]])
    >>> bool(x[0] > 0 and x[1] > 0), one_sided_input([[1.0, 0.0], [-1.0, 0.0]]) is None
    (True, True)
    """
    _, U, _ = directions(W)
    U = np.asarray(U, dtype=float)
    k, d = U.shape
    # maximise s with U x >= s, |x_j| <= 1
    A = np.hstack([-U, np.ones((k, 1))])
    bounds = [(-1.0, 1.0)] * d + [(None, 1.0)]
    found = linprog(np.append(np.zeros(d), -1.0), A_ub=A, b_ub=np.zeros(k), bounds=bounds)
    x = found.x[:-1]
    if not found.success or np.min(U @ x) <= 1e-10:
        return None
    return x / np.linalg.norm(x)


def one_sided_solution(W: Any) -> np.ndarray:
    """The rational x with w_i.x = 1 for every row of W (d, d), ints or Fractions, independent; an array (d,).

    Raises: TypeError on floats; ValueError when W is not square or its rows are dependent.

    >>> [str(t) for t in one_sided_solution([[1, 2], [0, 3]])]
    ['1/3', '1/3']
    """
    W = exact_matrix(W, "W")
    return np.array(solve(W.tolist(), [1] * len(W)), dtype=object)


def largest_discrepancy_bounds(W: Any) -> LargestDiscrepancy:
    """Bounds on L_inf(W) = sup |share of units in a slice - its area|: at most 1, at least L2; 1/2 if one-sided.

    Raises: ValueError for d = 1, a zero row, nan or inf.

    >>> largest_discrepancy_bounds(np.eye(3))
    LargestDiscrepancy(lower=0.5, upper=1.0)
    """
    lower = discrepancy(W)
    # the slice with x = y is half of the sphere, and holds all units
    return LargestDiscrepancy(max(lower, 0.5) if one_sided_input(W) is not None else lower, 1.0)
