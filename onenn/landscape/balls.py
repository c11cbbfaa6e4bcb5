"""The population risk, its gradient and its Hessian in balls: at a student, or for all students of a box.

The formulas are those of onenn.landscape.population. Where the box of a unit w meets another unit u, the part r of u
across w may vanish and its direction be any; r r^T/|r| is then enclosed by

    |r_p r_q|/|r| <= |r_p| |r_q|/sqrt(r_p^2 + r_q^2),     0 <= r_p^2/|r| <= |r_p|,

so nothing becomes infinite where units coincide: ReLU's block is sin(t) times a bounded tensor.
Chapter: local-strong-convexity.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations.pair import Pair, Tensor
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, NoEnclosure, ball, interval, precision, square

from .arithmetic import ENCLOSED
from .population import check_rows, units_of
from .risk import check_pair
from .row import Row, together

_SHARP = 10
"""A length known to more bits than this is divided by; otherwise the bounds may be tighter."""

Box = Any
"""Balls that hold the entries of a student's W: an array (k, d), or the k d entries in a row, unit by unit."""


def box_around(student: OneHiddenLayer, radius: int | str | Fraction) -> np.ndarray:
    """The balls w_jp +- radius, an object array (k, d).

    Raises: TypeError on a float; ValueError on a negative radius.

    >>> box = box_around(OneHiddenLayer([[1, 2]], [1], "relu"), "1/8")
    >>> bool(box[0, 1].contains(ball("2.125"))), bool(box[0, 1].contains(ball("2.13")))
    (True, False)
    """
    r = ball(radius, "radius")
    if r < 0:
        raise ValueError(f"radius is {radius}; expected a number >= 0")
    W = ENCLOSED.array(student.exact_W)
    return _array([interval(w - r, w + r) if r > 0 else w for w in W.ravel()]).reshape(W.shape)


def risk_ball(student: OneHiddenLayer, teacher: OneHiddenLayer, *, box: Box | None = None, bits: int = 128) -> Ball:
    """The population risk.

    box: balls for the entries of student.W, which they replace; v and phi remain.
    *Contains*: the risk of every student in the box. *Tight*: at a point a radius of about 2^-bits v*^T K v*; over a
    box a width proportional to that of the box, as direct evaluation gives it.
    Non-finite, with a NoEnclosure warning, when phi has no closed form `pair`; non-finite when the box holds a zero row
    and phi has kinks.
    Raises: ValueError when d or phi differ, on a zero row of student.W where phi has kinks, on a box of another shape.

    >>> units = [OneHiddenLayer([w], [1], "relu") for w in ([1, 0], [0, 1])]
    >>> risk_ball(*units).overlaps(ball("1/2 - 1/(2*pi)"))
    True
    """
    with precision(bits):
        units = _units(student, teacher, box)
        total = ball(0)
        for i, c in enumerate(units.weights):
            for j in range(i + 1):
                term = c * units.weights[j] * units.pair(i, j)[0].K
                total = total + (term if i == j else 2 * term)
        return total / 2


def gradient_ball(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, box: Box | None = None, bits: int = 128
) -> np.ndarray:
    """The gradient of the population risk, an object array (k, d) of balls; contract as `risk_ball`.

    >>> teacher = OneHiddenLayer([[1, 2], [0, 1]], [1, -1], "relu")
    >>> bool(all(x.contains(0) and x.rad() < 1e-30 for x in gradient_ball(teacher, teacher).ravel()))
    True
    """
    with precision(bits):
        units = _units(student, teacher, box)
        rows = [units.weights[j] * units.row(j).gradient(units.weights) for j in range(student.k)]
        return np.array(rows, dtype=object)


def hessian_ball(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, box: Box | None = None, bits: int = 128
) -> np.ndarray:
    """The true Hessian of the population risk, an object array (k d, k d) of balls; contract as `risk_ball`.

    *Law*: at a point it overlaps `hessian_at_teacher_ball` where student and teacher agree.

    >>> units = [OneHiddenLayer([w], [1], "relu") for w in ([1, 0], [0, 1])]            # diag(1/2, 1/2 - 1/pi)
    >>> hessian_ball(*units)[1, 1].overlaps(ball("1/2 - 1/pi"))
    True
    """
    k, d = student.k, student.d
    with precision(bits):
        units = _units(student, teacher, box)
        v = units.weights[:k]
        H = np.empty((k, d, k, d), dtype=object)
        for j in range(k):
            row = units.row(j)
            for i in range(j + 1):
                H[j, :, i] = v[j] * v[i] * row.slopes(i)
                H[i, :, j] = H[j, :, i].T
            H[j, :, j] = H[j, :, j] + v[j] * row.curvature(units.weights)
        return H.reshape(k * d, k * d)


@dataclass(frozen=True)
class _Units:
    """The units of the residual in balls: U (m, d), those of the student first, and their weights c (m,)."""

    form: Any
    U: np.ndarray
    weights: np.ndarray
    squares: list[Ball]

    def pair(self, i: int, j: int) -> tuple[Pair, np.ndarray]:
        """The Pair of units i and j, and the part of unit j across unit i."""
        w, u, a, c = self.U[i], self.U[j], self.squares[i], self.squares[j]
        if i == j:  # one and the same unit, wherever in its ball it may be
            zero = ball(0)
            return self.form(BALLS, a, a, a, zero), _array([zero] * len(w))
        b = w @ u
        across = u - b / a * w
        # Lagrange's identity for sqrt(a c - b^2): nothing cancels, and each minor is as narrow as it can be
        minors = (w[p] * u[q] - w[q] * u[p] for p in range(len(w)) for q in range(p))
        root = BALLS.sqrt_nonnegative(sum(map(square, minors), ball(0)))
        return self.form(BALLS, a, b, c, root), across

    def row(self, j: int) -> Row:
        """Unit j against all."""
        pairs, across = zip(*(self.pair(j, i) for i in range(len(self.U))), strict=True)
        pair = together(list(pairs), _array)
        return Row(w=self.U[j], U=self.U, R=np.array(across) if pair.across else self.U, rays=_rays, pair=pair)


def _units(student: OneHiddenLayer, teacher: OneHiddenLayer, box: Box | None) -> _Units:
    check_pair(student, teacher)
    phi = student.phi
    if box is None:
        check_rows(student)
        W = ENCLOSED.array(student.exact_W)
    else:
        W = np.asarray(box, dtype=object)
        if W.shape not in ((student.k, student.d), (student.k * student.d,)):
            raise ValueError(
                f"box has shape {W.shape}; expected {(student.k, student.d)}, a ball for every entry of student.W, or "
                "these in a row, unit by unit"
            )
        W = _array([ball(x, "box") for x in W.ravel()]).reshape(student.k, student.d)
    kept = units_of(teacher)
    U = np.concatenate([W, ENCLOSED.array(teacher.exact_W[kept])])
    weights = ENCLOSED.array(np.concatenate([student.exact_v, -teacher.exact_v[kept]]))
    form = phi.closed_forms.pair
    if form is None:
        warnings.warn(
            f"no enclosure for {phi.name}: pass closed_forms=ClosedForms(pair=...) to register_activation",
            NoEnclosure,
            stacklevel=3,
        )
        form = _nothing
    return _Units(form, U, weights, [sum(map(square, u), ball(0)) for u in U])


def _nothing(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
    unknown = BALLS.log(-1)
    return Pair(K=unknown, D=unknown, slopes=Tensor(I=unknown), curvature=Tensor(I=unknown))


def _array(entries: Iterable[Any]) -> np.ndarray:
    entries = list(entries)
    result = np.empty(len(entries), dtype=object)
    result[:] = entries
    return result


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
