"""Gaussian moments on a quadrant:  J_mn(a, b, c) = E[u_+^m v_+^n],  (u, v) ~ N(0, [[a, b], [b, c]]).

With rho = b/sqrt(ac) = cos t, Stein's identity gives J_mn = a^{m/2} c^{n/2} K_mn(rho) and
    K_00 = (pi - t)/(2 pi),   K_mn = (m-1) K_{m-2,n} + n rho K_{m-1,n-1}   (m >= 2),
with a boundary term at u = 0 for m = 1 and at v = 0 for n = 0 (the arc-cosine kernels of Cho and Saul 2009).
Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import zip_longest
from typing import Any

import numpy as np

from ..contexts import FLOATS, SYMBOLS

Halves = tuple[Sequence[Fraction], Sequence[Fraction]]
"""The coefficients, constant term first, of a polynomial on z < 0 and of one on z >= 0."""


def determinant(C: Any, a: Any, b: Any, c: Any) -> Any:
    """a c - b^2; on floats accurate to a few units however close to 0, and never negative.

    Floats whose correlation is +-1 up to the rounding of p^2, p r and r^2 count as degenerate: the angle is the root
    of the determinant, and 1e-16 of rounding would move it by 1e-8. Exact or equal roots p, r were not rounded.
    """
    if C is not FLOATS:
        return a * c - b * b
    x, x_error = two_product(a, c)
    y, y_error = two_product(b, b)
    value = (x - y) + (x_error - y_error)
    exact = (a == c) | (_is_square(a) & _is_square(c))
    return np.where((value <= 0) | (~exact & (value <= 4 * np.finfo(float).eps * x)), 0.0, value)


def _is_square(x: Any) -> Any:
    product, error = two_product(np.sqrt(x), np.sqrt(x))
    return (product == x) & (error == 0)


def two_product(x: Any, y: Any) -> tuple[Any, Any]:
    """x y and its rounding error (Dekker 1971); entries stay far below the overflow of the splitting, 1e300."""

    def split(z: Any) -> tuple[Any, Any]:
        t = 134217729.0 * z
        high = t - (t - z)
        return high, z - high

    product = x * y
    (x1, x2), (y1, y2) = split(x), split(y)
    return product, ((x1 * y1 - product) + x1 * y2 + x2 * y1) + x2 * y2


def root_determinant(C: Any, a: Any, b: Any, c: Any) -> Any:
    """sqrt(a c - b^2).  *Domain*: positive semidefinite covariances, so a ball may drop its part below 0."""
    return C.sqrt_nonnegative(determinant(C, a, b, c))


def _supplement(C: Any, root: Any, b: Any) -> Any:
    """pi - t, the angle between u and -v."""
    # atan2, not acos: it keeps its accuracy at both ends, and pi - t does not cancel near rho = -1.
    if C not in (FLOATS, SYMBOLS) and b > 0:
        return C.pi - C.atan2(root, b)  # the same angle; here the ball of the root may reach below 0, across the cut
    return C.atan2(root, -b)


def _half_moment(C: Any, k: int) -> Any:
    """E[z_+^k]."""
    n = Fraction(1)
    for i in range(k - 1, 1, -2):
        n *= i
    return C.rational(n) / C.sqrt(2 * C.pi) if k % 2 else C.rational(n / 2)


class Quadrant:
    """The moments J_mn and their derivatives for one covariance, each computed once."""

    def __init__(self, C: Any, a: Any, b: Any, c: Any, root: Any = None):
        """root: sqrt(a c - b^2), where the caller knows it better than a, b and c tell."""
        self.C, self.a, self.b, self.c = C, a, b, c
        self.p, self.r = C.sqrt(a), C.sqrt(c)
        self.root = root_determinant(C, a, b, c) if root is None else root
        self.cosine, self.sine = b / (self.p * self.r), self.root / (self.p * self.r)
        self._known: dict[tuple[int, int], Any] = {}

    def _power(self, x: Any, n: int) -> Any:
        result = self.C.rational(Fraction(1))
        for _ in range(n):
            result = result * x
        return result

    def _normalised(self, m: int, n: int) -> Any:
        """K_mn at unit variances."""
        if m < n:
            m, n = n, m  # K is symmetric in its indices
        if (m, n) not in self._known:
            self._known[m, n] = self._recurrence(m, n)
        return self._known[m, n]

    def _recurrence(self, m: int, n: int) -> Any:
        C = self.C
        if m == 0:
            return _supplement(C, self.root, self.b) / (2 * C.pi)
        at_zero = C.sqrt(2 * C.pi)  # the density of a standard normal at 0 is its reciprocal
        if n == 0:
            across_v = self.cosine * self._power(self.sine, m - 1) * _half_moment(C, m - 1) / at_zero
            return across_v + (_half_moment(C, 0) / at_zero if m == 1 else (m - 1) * self._normalised(m - 2, 0))
        across = n * self.cosine * self._normalised(m - 1, n - 1)
        if m == 1:
            return across + self._power(self.sine, n) * _half_moment(C, n) / at_zero
        return across + (m - 1) * self._normalised(m - 2, n)

    def moment(self, m: int, n: int) -> Any:
        """J_mn."""
        return self._power(self.p, m) * self._power(self.r, n) * self._normalised(m, n)

    def gradient(self, m: int, n: int) -> tuple[Any, Any, Any]:
        """The partial derivatives of J_mn in a, b, c: Price's in b, the others by homogeneity."""
        C = self.C
        if m and n:
            across = m * n * self.moment(m - 1, n - 1)
        elif m == n:
            across = 1 / (2 * C.pi * self.root)
        else:  # the density of the variable with index 0 at 0, times a moment of the other one given that
            k, sd = max(m, n), (self.r if n == 0 else self.p)
            across = k * self._power(self.root / sd, k - 1) * _half_moment(C, k - 1) / (C.sqrt(2 * C.pi) * sd)
        value = self.moment(m, n)
        return (m * value - self.b * across) / (2 * self.a), across, (n * value - self.b * across) / (2 * self.c)


def _coefficients(halves: Halves) -> list[tuple[Fraction, Fraction]]:
    """(l_m, r_m) with f(z) = sum l_m z^m on z < 0, sum r_m z^m on z >= 0."""
    return list(zip_longest(*halves, fillvalue=Fraction(0)))


def _quadrants(f: Halves, g: Halves) -> Iterator[Term]:
    """(sign of b, m, n, coefficient): E[f(u) g(v)] as a sum of J_mn(a, +-b, c)."""
    for m, (f_left, f_right) in enumerate(_coefficients(f)):
        for n, (g_left, g_right) in enumerate(_coefficients(g)):
            yield 1, m, n, f_right * g_right + (-1) ** (m + n) * f_left * g_left
            yield -1, m, n, (-1) ** n * f_right * g_left + (-1) ** m * f_left * g_right


Term = tuple[int, int, int, Fraction]
"""(sign of b, m, n, coefficient): a multiple of J_mn(a, +-b, c)."""


def expectation_terms(f: Halves, g: Halves, by: int | None = None) -> tuple[Term, ...]:
    """E[f(u) g(v)] as a sum of J_mn(a, +-b, c), for f and g polynomials on each half-line.

    by = 0: E[u f'(u) g(v)], without the point mass that f' may have at 0; by = 1: E[f(u) v g'(v)] likewise.
    """
    terms = (
        (side, m, n, coefficient * (1 if by is None else (m, n)[by])) for side, m, n, coefficient in _quadrants(f, g)
    )
    return tuple(term for term in terms if term[-1])


def half_line_expectation(quadrants: dict[int, Quadrant], terms: tuple[Term, ...]) -> Any:
    """The sum of `terms`; quadrants[+-1] are those of the covariance +-b."""
    C = quadrants[1].C
    total = C.rational(Fraction(0)) + 0 * quadrants[1].b
    for side, m, n, factor in terms:
        total = total + C.rational(factor) * quadrants[side].moment(m, n)
    return total


def half_line_moment(C: Any, f: Halves, s: Any) -> Any:
    """E[f(s z)] for f a polynomial on each half-line, s >= 0."""
    total, power = C.rational(Fraction(0)) + 0 * s, C.rational(Fraction(1))
    for n, (left, right) in enumerate(_coefficients(f)):
        if coefficient := right + (-1) ** n * left:
            total = total + C.rational(coefficient) * power * _half_moment(C, n)
        power = power * s
    return total


def _collect(C: Any, halves: Halves, covariance: tuple, term: Callable[[Quadrant, int, int], tuple]) -> list:
    a, b, c = covariance
    quadrants = {1: Quadrant(C, a, b, c), -1: Quadrant(C, a, -b, c)}
    total: list[Any] = []
    for side, m, n, coefficient in _quadrants(halves, halves):
        if coefficient:
            entries = [C.rational(coefficient) * entry for entry in term(quadrants[side], m, n)]
            if len(entries) == 3 and side < 0:
                entries[1] = -entries[1]  # d/db of J(a, -b, c)
            total = [x + y for x, y in zip(total, entries, strict=True)] if total else entries
    return total


def half_line_dual(C: Any, halves: Halves, a: Any, b: Any, c: Any) -> Any:
    """E[f(u) f(v)] for f a polynomial on each half-line.  *Domain*: a, c > 0, b^2 <= a c."""
    terms = _collect(C, halves, (a, b, c), lambda quadrant, m, n: (quadrant.moment(m, n),))
    return terms[0] if terms else C.rational(Fraction(0))


def half_line_dual_gradient(C: Any, halves: Halves, a: Any, b: Any, c: Any) -> tuple[Any, Any, Any]:
    """The partial derivatives of E[f(u) f(v)] in a, b, c.  *Domain*: a, c > 0, b^2 < a c."""
    terms = _collect(C, halves, (a, b, c), Quadrant.gradient)
    return tuple(terms) if terms else (C.rational(Fraction(0)),) * 3
