"""The population risk, its gradient and its Hessian in balls: at a student, or for all students of a box.

The formulas are those of onenn.landscape.population, in the balls of onenn.landscape.unit_balls.
Chapter: local-strong-convexity.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations.pair import Pair, Tensor
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, NoEnclosure, ball, interval, precision, square

from .arithmetic import ENCLOSED
from .monomials import array_of
from .population import check_rows, units_of
from .risk import check_pair
from .unit_balls import UnitBalls

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
    return array_of([interval(w - r, w + r) if r > 0 else w for w in W.ravel()]).reshape(W.shape)


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
        return unit_balls(student, teacher, box).risk()


def gradient_ball(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, box: Box | None = None, bits: int = 128
) -> np.ndarray:
    """The gradient of the population risk, an object array (k, d) of balls; contract as `risk_ball`.

    >>> teacher = OneHiddenLayer([[1, 2], [0, 1]], [1, -1], "relu")
    >>> bool(all(x.contains(0) and x.rad() < 1e-30 for x in gradient_ball(teacher, teacher).ravel()))
    True
    """
    with precision(bits):
        return unit_balls(student, teacher, box).gradient()


def hessian_ball(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, box: Box | None = None, bits: int = 128
) -> np.ndarray:
    """The true Hessian of the population risk, an object array (k d, k d) of balls; contract as `risk_ball`.

    *Law*: at a point it overlaps `hessian_at_teacher_ball` where student and teacher agree.

    >>> units = [OneHiddenLayer([w], [1], "relu") for w in ([1, 0], [0, 1])]            # diag(1/2, 1/2 - 1/pi)
    >>> hessian_ball(*units)[1, 1].overlaps(ball("1/2 - 1/pi"))
    True
    """
    with precision(bits):
        return unit_balls(student, teacher, box).hessian()[0]


def unit_balls(student: OneHiddenLayer, teacher: OneHiddenLayer, box: Box | None) -> UnitBalls:
    """The units of both networks in balls at the working precision; box and Raises as `risk_ball`."""
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
        W = array_of([ball(x, "box") for x in W.ravel()]).reshape(student.k, student.d)
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
    return UnitBalls(form, student.k, U, weights, [sum(map(square, u), ball(0)) for u in U])


def _nothing(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
    unknown = BALLS.log(-1)
    return Pair(K=unknown, D=unknown, slopes=Tensor(I=unknown), curvature=Tensor(I=unknown))
