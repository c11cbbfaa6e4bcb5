"""The units of the residual in balls: what risk, gradient and Hessian need of each two of them, computed once.

Where the box of a unit w meets another unit u, the part r of u across w may vanish and its direction be any; r r^T/|r|
is then enclosed by

    |r_p r_q|/|r| <= |r_p| |r_q|/sqrt(r_p^2 + r_q^2),     0 <= r_p^2/|r| <= |r_p|,

so nothing becomes infinite where units coincide: ReLU's block is sin(t) times a bounded tensor.
Chapter: local-strong-convexity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from onenn.activations.pair import Pair
from onenn.rigorous import BALLS, Ball, ball, interval, square

from .monomials import array_of
from .row import Row, together

_SHARP = 10
"""A length known to more bits than this is divided by; otherwise the bounds may be tighter."""


@dataclass(frozen=True, eq=False)
class UnitBalls:
    """The units of the residual in balls: U (m, d), those of the student first, and their weights c (m,).

    Risk, gradient, Hessian and curvatures share what they need of each two units; to be used at one precision.
    """

    form: Any
    k: int
    U: np.ndarray
    weights: np.ndarray
    squares: list[Ball]
    _roots: dict[tuple[int, int], Ball] = field(default_factory=dict)
    _pairs: dict[tuple[int, int], tuple[Pair, np.ndarray]] = field(default_factory=dict)

    def risk(self) -> Ball:
        """The risk."""
        total = ball(0)
        for i, c in enumerate(self.weights):
            for j in range(i + 1):
                term = c * self.weights[j] * self.pair(j, i)[0].K
                total = total + (term if i == j else 2 * term)
        return total / 2

    def gradient(self) -> np.ndarray:
        """The gradient, (k, d)."""
        rows = [self.weights[j] * self.row(j).gradient(self.weights) for j in range(self.k)]
        return np.array(rows, dtype=object)

    def hessian(self) -> tuple[np.ndarray, np.ndarray]:
        """The Hessian (k d, k d), and of each unit of the student E[r phi''(w.x) x x^T], r the residual, (k, d, d)."""
        k, d, v = self.k, self.U.shape[1], self.weights
        H, curvatures = np.empty((k, d, k, d), dtype=object), np.empty((k, d, d), dtype=object)
        for j in range(k):
            row = self.row(j)
            for i in range(j + 1):
                H[j, :, i] = v[j] * v[i] * row.slopes(i)
                H[i, :, j] = H[j, :, i].T
            curvatures[j] = row.curvature(v)
            H[j, :, j] = H[j, :, j] + v[j] * curvatures[j]
        return H.reshape(k * d, k * d), curvatures

    def pair(self, i: int, j: int) -> tuple[Pair, np.ndarray]:
        """The Pair of units i and j, and the part of unit j across unit i."""
        if (i, j) not in self._pairs:
            self._pairs[i, j] = self._pair(i, j)
        return self._pairs[i, j]

    def _pair(self, i: int, j: int) -> tuple[Pair, np.ndarray]:
        w, u, a, c = self.U[i], self.U[j], self.squares[i], self.squares[j]
        if i == j:  # one and the same unit, wherever in its ball it may be
            zero = ball(0)
            return self.form(BALLS, a, a, a, zero), array_of([zero] * len(w))
        b = w @ u
        return self.form(BALLS, a, b, c, self._root(min(i, j), max(i, j))), u - b / a * w

    def _root(self, i: int, j: int) -> Ball:
        """sqrt(a c - b^2) of units i < j."""
        if (i, j) not in self._roots:
            w, u = self.U[i], self.U[j]
            kept = [p for p in range(len(w)) if not u[p].is_zero()]  # a unit of the teacher may have few entries
            others = [p for p in range(len(w)) if u[p].is_zero() and not w[p].is_zero()]
            # Lagrange's identity: nothing cancels, and each minor is as narrow as it can be
            minors = [w[p] * u[q] - w[q] * u[p] for p in kept for q in kept if q < p]
            minors += [w[p] * u[q] for p in others for q in kept]
            self._roots[i, j] = BALLS.sqrt_nonnegative(sum(map(square, minors), ball(0)))
        return self._roots[i, j]

    def row(self, j: int) -> Row:
        """Unit j against all."""
        pairs, across = zip(*(self.pair(j, i) for i in range(len(self.U))), strict=True)
        pair = together(list(pairs), array_of)
        return Row(w=self.U[j], U=self.U, R=np.array(across) if pair.across else self.U, rays=_rays, pair=pair)


def _rays(x: np.ndarray, R: np.ndarray) -> np.ndarray:
    """sum_i x_i r_i r_i^T/|r_i|."""
    return np.sum([factor * ray(r) for factor, r in zip(x, R, strict=True)], axis=0)


def ray(r: np.ndarray) -> np.ndarray:
    """r r^T/|r|, taken as 0 for r = 0.  *Shapes*: balls (d,) -> (d, d).

    *Contains*: the value for every r in the balls. *Tight*: entries at most as wide as |r|, 0 in the balls or not.
    """
    d = len(r)
    result = np.zeros((d, d), dtype=int).astype(object)
    if all(x.is_zero() for x in r):
        return result
    length = BALLS.sqrt_nonnegative(sum(map(square, r), ball(0)))
    apart = bool(length > 0)
    sharp = apart and length.rel_accuracy_bits() > _SHARP
    unit = r / length if apart else r
    largest = [x.abs_upper() for x in r]
    for p in range(d):
        for q in range(p + 1):
            value = r[p] * unit[q] if apart else None
            if not sharp:
                bound = _bound(largest[p], largest[q], p == q)
                value = bound if value is None else bound.intersection(value)
            result[p, q] = result[q, p] = value
    return result


def _bound(x: Ball, y: Ball, diagonal: bool) -> Ball:
    """All r_p r_q/|r| with |r_p| <= x, |r_q| <= y: it increases with both."""
    if diagonal:
        return interval(0, x)
    if x.is_zero() or y.is_zero():
        return ball(0)
    most = x * y / BALLS.sqrt(x * x + y * y)
    return interval(-most, most)
