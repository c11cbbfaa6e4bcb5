"""How evenly weights lie on the sphere: the L2 discrepancy, its mean and its variance for uniform weights.

L2(W)^2 = (1/k^2) sum_ij kappa(<u_i, u_j>)^2 - 1/16 - V,   kappa(t) = 1/4 + arcsin(t)/(2 pi),   V = psi_1(d/2)/(8 pi^2).

The slice of inputs x, y is {w : w.x >= 0, w.y >= 0}; the discrepancy there is the share of units in it less its area
kappa(<x, y>); L2 is its root mean square over uniform x and y.   Chapter: diverse-units.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.contexts import FLOATS
from onenn.rigorous import BALLS, Ball, ball

from .harmonics import check_dimension, polygamma_half
from .inputs import directions
from .kernels import KERNELS, arcsine_variance


def from_mean_square(C: Any, mean: Any, d: int) -> Any:
    """L2^2 from the mean of kappa(<u_i, u_j>)^2 over all pairs of units, i = j included, in the context C."""
    return mean - C.rational(Fraction(1, 16)) - arcsine_variance(C, d)


def squared_discrepancy(W: Any) -> float:
    """L2(W)^2, a float >= 0; only the directions of the rows of W (k, d) count.

    Accuracy: a few 1e-17.
    Raises: ValueError for d = 1, a zero row, a wrong shape, nan or inf.
    Source: Theorem 8 of Xie, Liang and Song (2017); thm-du-discrepancy.

    >>> round(squared_discrepancy(np.eye(2)), 12) == round(3 / 16 - 1 / 48 + -3 / 32, 12)
    True
    """
    _, U, _ = directions(W)
    U = np.asarray(U.detach().cpu() if hasattr(U, "detach") else U, dtype=float)
    d = U.shape[1]
    check_dimension(d)
    t = U @ U.T
    np.fill_diagonal(t, 1.0)  # rounding there would cost a square root of it in the angle
    return max(float(from_mean_square(FLOATS, float(np.mean(KERNELS["arcsine_squared"](t))), d)), 0.0)


def discrepancy(W: Any) -> float:
    """L2(W), the root mean square over uniform x, y of the discrepancy of the units in the slice of x and y.

    *Shapes*: W (k, d).  *Law*: unchanged by rotations, by positive factors of rows and by their order.
    Raises: as `squared_discrepancy`.

    >>> round(discrepancy([[1.0, 0.0]]), 12) == round((1 / 4 - 1 / 16 - 1 / 48) ** 0.5, 12)
    True
    """
    return squared_discrepancy(W) ** 0.5


def squared_discrepancy_ball(W: Sequence[Sequence[Any]]) -> Ball:
    """L2(W)^2 as a ball, for rows of ints, Fractions or balls; at the working precision.

    *Contains*: L2(W)^2. *Tight*: the roundings of k^2 terms.
    Raises: TypeError on floats; ValueError for a zero row or rows of unequal length.

    >>> squared_discrepancy_ball([[1, 0], [-1, 0], [0, 1], [0, -1]]).contains(BALLS.rational(Fraction(1, 96)))
    True
    """
    rows = [list(row) for row in W]
    d = len(rows[0]) if rows else 0
    if not rows or {len(row) for row in rows} != {d}:
        raise ValueError(f"W has rows of lengths {sorted({len(row) for row in rows})}; expected one length")
    check_dimension(d)
    A = np.array([[_exact_or_ball(x) for x in row] for row in rows], dtype=object)
    gram = A @ A.T
    for i in range(len(rows)):
        if not gram[i, i] > 0:
            raise ValueError(f"row {i} of W is zero, or not told from zero; it has no direction")
    total = ball(0)
    for i in range(len(rows)):
        for j in range(i):
            # through the tangent of the angle: arcsin of a ball that reaches past 1 is nan
            sine = BALLS.sqrt_nonnegative(ball(gram[i, i] * gram[j, j] - gram[i, j] * gram[i, j]))
            kappa = (BALLS.pi - BALLS.atan2(sine, ball(gram[i, j]))) / (2 * BALLS.pi)
            total += 2 * kappa * kappa
    k = len(rows)
    return from_mean_square(BALLS, (total + ball(Fraction(k, 4))) / k**2, d)


def _exact_or_ball(x: Any) -> Any:
    """Fractions stay exact until the root is taken: nothing cancels between nearly parallel rows."""
    return (
        Fraction(x if isinstance(x, Fraction) else int(x))
        if isinstance(x, (int, np.integer, Fraction)) and not isinstance(x, bool)
        else ball(x, "W")
    )


def mean_squared_discrepancy(k: int, d: int, C: Any = FLOATS) -> Any:
    """E L2(W)^2 = (3/16 - V)/k for k independent uniform weights, in the context C.

    >>> from onenn.contexts import SYMBOLS
    >>> mean_squared_discrepancy(1, 2, SYMBOLS)
    1/6
    """
    _check_units(k)
    check_dimension(d)
    return (C.rational(Fraction(3, 16)) - arcsine_variance(C, d)) / k


def variance_squared_discrepancy(k: int, d: int, C: Any = FLOATS) -> Any:
    """Var L2(W)^2 = 2 (k-1) Var(kappa^2)/k^3 for k independent uniform weights, in the context C.

    With a = arcsin(<u, v>)/(2 pi) for uniform u, v:  Var(kappa^2) = E(a^2)/4 + E(a^4) - E(a^2)^2.

    >>> from onenn.contexts import SYMBOLS
    >>> variance_squared_discrepancy(2, 2, SYMBOLS)
    1/720
    """
    _check_units(k)
    check_dimension(d)
    second = arcsine_variance(C, d)
    psi1, psi3 = polygamma_half(C, 1, d), polygamma_half(C, 3, d)
    fourth = (6 * psi1 * psi1 - psi3) / (128 * C.square(C.pi * C.pi))
    return 2 * (k - 1) * (second / 4 + fourth - second * second) / k**3


def integrated_pair_moments(d: int) -> tuple[Any, Any]:
    """Mean and variance of kappa(<u, v>)^2 for independent uniform u, v in R^d, by integrals over the angle in SymPy.

    With a = arcsin(<u, v>), of density proportional to cos(a)^(d-2) on [-pi/2, pi/2], kappa = 1/4 + a/(2 pi): another
    route to 1/4 - k E L2(W)^2 and to k^3 Var L2(W)^2/(2 (k-1)).
    Raises: ValueError for d = 1.

    >>> integrated_pair_moments(2)
    (1/12, 1/180)
    """
    import sympy

    check_dimension(d)
    a = sympy.Symbol("a")
    square = (sympy.Rational(1, 4) + a / (2 * sympy.pi)) ** 2
    total, first, second = (
        sympy.integrate(sympy.expand(f) * sympy.cos(a) ** (d - 2), (a, -sympy.pi / 2, sympy.pi / 2))
        for f in (sympy.S.One, square, square**2)
    )
    mean = first / total
    return sympy.simplify(mean), sympy.simplify(second / total - mean**2)


def _check_units(k: int) -> None:
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ValueError(f"k is {k!r}; expected the number of units, an int >= 1")
