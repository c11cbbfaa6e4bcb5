"""The least L2 discrepancy of k weights: exact minimisers, and lower bounds for all weights.

simplex (k <= d+1)   cross-polytope (k = 2d)   regular polygon (d = 2)   icosahedron (d = 3, k = 12);
L2^2 >= 1/(4k) + (1 - 1/k) kappa(-1/(k-1))^2 - 1/16 - V,   L2^2 >= b/d + (1/4 - 1/(2 pi))/k - V,  b = 1/(4 pi) - 1/16,
L2^2 >= (B(L, d/2)^2/(8 pi^2)) (Z_L/k - 1) for every L >= 1, Z_L = sum_{l <= L} N(d, l).   Chapter: diverse-units.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from onenn.contexts import FLOATS

from .discrepancy import _check_units, from_mean_square
from .harmonics import beta_number, check_dimension, multiplicities
from .kernels import arcsine_variance


def simplex(k: int, d: int) -> np.ndarray:
    """k points of the sphere of R^d with all inner products -1/(k-1), array (k, d).

    Raises: ValueError unless 2 <= k <= d + 1.

    >>> bool(np.allclose(simplex(3, 2) @ simplex(3, 2).T, 1.5 * np.eye(3) - 0.5))
    True
    """
    _check_units(k)
    if not 2 <= k <= d + 1:
        raise ValueError(f"k is {k} and d is {d}; a simplex in R^d has 2 to d + 1 = {d + 1} corners")
    centred = np.eye(k) - 1 / k
    Q = np.linalg.svd(centred)[0][:, : k - 1]
    corners = np.zeros((k, d))
    corners[:, : k - 1] = Q / np.linalg.norm(Q, axis=1, keepdims=True)
    return corners


def cross_polytope(d: int) -> np.ndarray:
    """The 2d points +-e_i, array (2d, d), integers.

    >>> cross_polytope(2).tolist()
    [[1, 0], [0, 1], [-1, 0], [0, -1]]
    """
    return np.concatenate([np.eye(d, dtype=int), -np.eye(d, dtype=int)])


def polygon(k: int) -> np.ndarray:
    """The corners of the regular k-gon, array (k, 2).

    >>> polygon(4).round(12).tolist()[1]
    [0.0, 1.0]
    """
    angles = 2 * np.pi * np.arange(k) / k
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def icosahedron() -> np.ndarray:
    """The 12 corners of the regular icosahedron on the sphere of R^3, array (12, 3).

    >>> sorted(set((icosahedron() @ icosahedron()[0]).round(4).tolist()))
    [-1.0, -0.4472, 0.4472, 1.0]
    """
    golden = (1 + 5**0.5) / 2
    signs = [(a, b * golden) for a in (1, -1) for b in (1, -1)]
    corners = np.array([np.roll((0.0, *pair), shift) for shift in range(3) for pair in signs])
    return corners / np.linalg.norm(corners[0])


def minimal_squared_discrepancy(k: int, d: int, C: Any = FLOATS) -> Any:
    """The least L2(W)^2 of k weights in R^d, in the context C, where it is known: see the four minimisers above.

    Raises: ValueError where it is not known; `squared_discrepancy_bound` is then a lower bound.

    >>> from onenn.contexts import SYMBOLS
    >>> minimal_squared_discrepancy(7, 2, SYMBOLS)
    1/294
    """
    _check_units(k)
    check_dimension(d)
    if d == 2:
        return C.rational(Fraction(1, 6 * k * k))
    if 2 <= k <= d + 1:
        return simplex_bound(k, d, C)
    if k == 2 * d:
        return C.rational(Fraction(1, 8 * k)) - arcsine_variance(C, d)
    if (k, d) == (12, 3):
        a = C.asin(1 / C.sqrt(C.rational(Fraction(5)))) / (2 * C.pi)
        return from_mean_square(C, (C.rational(Fraction(7, 8)) + 10 * C.square(a)) / 12, d)
    raise ValueError(
        f"the least discrepancy of k = {k} weights in R^{d} is not known in closed form; it is for d = 2, k <= d + 1, "
        "k = 2d and (k, d) = (12, 3). Take squared_discrepancy_bound(k, d) for a lower bound"
    )


def simplex_bound(k: int, d: int, C: Any = FLOATS) -> Any:
    """1/(4k) + (1 - 1/k) kappa(-1/(k-1))^2 - 1/16 - V <= L2^2: sharp for k <= d + 1, and true for every k >= 2.

    >>> round(float(simplex_bound(4, 3)), 10)
    0.0169471006
    """
    kappa = C.rational(Fraction(1, 4)) - C.asin(C.rational(Fraction(1, k - 1))) / (2 * C.pi)
    mean = C.rational(Fraction(1, 4 * k)) + C.rational(Fraction(k - 1, k)) * C.square(kappa)
    return from_mean_square(C, mean, d)


def cross_polytope_bound(k: int, d: int, C: Any = FLOATS) -> Any:
    """b/d + (1/4 - 1/(2 pi))/k - V <= L2^2, b = 1/(4 pi) - 1/16: sharp for k = 2d, and true for every k.

    >>> round(cross_polytope_bound(6, 3), 10)
    0.0089939252
    """
    b = 1 / (4 * C.pi) - C.rational(Fraction(1, 16))
    return b / d + (C.rational(Fraction(1, 4)) - 1 / (2 * C.pi)) / k - arcsine_variance(C, d)


def spectral_bound(k: int, d: int, degree: int, C: Any = FLOATS) -> Any:
    """(B(L, d/2)^2/(8 pi^2)) (Z_L/k - 1) <= L2^2, L = `degree` >= 1; over L it is of the order k^(-d/(d-1)).

    >>> f"{spectral_bound(20, 3, 6):.3g}"
    '5.93e-05'
    """
    Z = sum(multiplicities(d, degree))
    return C.square(beta_number(C, 2 * degree, d)) / (8 * C.pi * C.pi) * C.rational(Fraction(Z - k, k))


def squared_discrepancy_bound(k: int, d: int) -> float:
    """The best of the three lower bounds on L2(W)^2, whatever the k weights in R^d; positive.

    Raises: ValueError for k < 1 or d < 2.

    >>> squared_discrepancy_bound(6, 3) == cross_polytope_bound(6, 3)
    True
    """
    _check_units(k)
    check_dimension(d)
    candidates = [cross_polytope_bound(k, d)] + ([simplex_bound(k, d)] if k > 1 else [])
    degree, last = 1, -1.0
    while (bound := spectral_bound(k, d, degree)) > last or bound <= 0:
        last, degree = bound, degree + 1
    return float(max(*candidates, last))
