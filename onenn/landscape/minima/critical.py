"""A critical point of the population risk, proved to exist, with its loss and the inertia of its Hessian enclosed.

Newton's method in doubles finds W near grad(W) = 0; the Krawczyk operator proves that a box around it holds exactly one
zero of the gradient; over that box the risk and the eigenvalues of the Hessian are enclosed: all eigenvalues > 0 is a
strict local minimum, and with a risk > 0 a spurious one.   Chapter: spurious-minima.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import Ball, ball, krawczyk, precision, symmetric_eigenvalues
from onenn.verdict import Verdict

from ..balls import gradient_ball, hessian_ball, unit_balls
from ..monomials import array_of
from ..population import gradient, hessian
from .proved import ProvedPoint, Spectrum

RADII = ("1e-6", "1e-9", "1e-12")
"""The half widths that are tried: the widest box in which the critical point is proved unique says most."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CriticalPoint(ProvedPoint):
    """What `certify_critical_point` proved.

    verdict: exactly one critical point in `domain`. *Shapes*: domain and box (k, d), balls; the critical point lies in
    the box, the refined domain. curvatures: v_j E[r phi''(w_j.x) x x^T] there, r the residual, balls (k, d, d).
    """

    student: OneHiddenLayer
    teacher: OneHiddenLayer
    domain: np.ndarray
    box: np.ndarray
    curvatures: np.ndarray

    @cached_property
    def splits(self) -> tuple[Spectrum, ...]:
        """For each unit the eigenvalues of its matrix in `curvatures`, which decide what a split unit does."""
        return tuple(tuple((x, 1) for x in symmetric_eigenvalues(C.tolist(), bits=53)) for C in self.curvatures)

    @property
    def opens(self) -> tuple[Verdict, ...]:
        """Does each unit, split in two, open a direction of negative curvature?"""
        return self.opens_of(self.splits)

    def __repr__(self) -> str:
        negative, unknown, positive = self.inertia
        doubt = f", {unknown} undecided" if unknown else ""
        lines = [
            f"{self.kind} of k = {self.student.k} {self.student.phi.name} units, d = {self.student.d}: "
            f"{self.verdict.value}",
            f"  risk           {self.loss.str(12)}",
            f"  lambda_min(H)  {self.min_eigenvalue.str(12)}",
            f"  eigenvalues    {negative} negative, {positive} positive{doubt}",
        ]
        return "\n".join(lines)


def certify_critical_point(
    student: OneHiddenLayer,
    teacher: OneHiddenLayer,
    *,
    radii: Sequence[str | Fraction] = RADII,
    bits: int = 106,
    steps: int = 20,
) -> CriticalPoint:
    """The critical point of the population risk near the student, proved in balls.

    The student is moved by at most `steps` steps of Newton's method; then the boxes W +- r, r from `radii`, are tried
    in turn until one is proved to hold exactly one critical point. The verdict is UNDECIDED when none is, or REFUTED
    when the smallest holds none.
    *Domain*: the activations with a closed form `pair`: linear, quadratic, ReLU, leaky ReLU, squared ReLU, erf, exp;
    others give UNDECIDED, with a NoEnclosure warning.
    *Law*: when the teacher, its units in any order, lies in the domain, it is the point, and the loss is exactly 0.
    *Effort*: about 0.4 s for k = d = 10, 5 s for k = d = 20.
    Raises: ValueError when d or phi differ, radii is empty, or Newton's method meets a zero row where phi has kinks.
    Source: thm-minima-krawczyk.

    >>> teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "relu")
    >>> point = certify_critical_point(OneHiddenLayer([[0.9, 0.1], [0.0, 1.0]], [1, 1], "relu"), teacher)
    >>> point.kind, point.is_spurious_minimum.value, point.loss
    ('local minimum', 'REFUTED', 0)
    """
    found = _newton(student, teacher, steps)
    zero = _zero(found, teacher, radii, bits)
    shape = (student.k, student.d)
    box = array_of(zero.box).reshape(shape)
    with precision(bits):
        units = unit_balls(found, teacher, box)
        H, curvatures = units.hessian()
        same = zero.verdict == Verdict.PROVED and _holds_teacher(found, teacher, zero.domain)
        return CriticalPoint(
            student=found,
            teacher=teacher,
            verdict=zero.verdict,
            domain=array_of(zero.domain).reshape(shape),
            box=box,
            loss=ball(0) if same else units.risk(),
            levels=tuple((x, 1) for x in symmetric_eigenvalues(H.tolist(), bits=53)),
            curvatures=units.weights[: student.k, None, None] * curvatures,
        )


def _newton(student: OneHiddenLayer, teacher: OneHiddenLayer, steps: int) -> OneHiddenLayer:
    """Newton's method while it makes the gradient smaller, in doubles."""
    best, size = student, np.inf
    for _ in range(steps + 1):
        g = gradient(student, teacher)
        if not np.linalg.norm(g) < size:
            break
        best, size = student, float(np.linalg.norm(g))
        step, *_ = np.linalg.lstsq(hessian(student, teacher), g.ravel(), rcond=None)
        student = OneHiddenLayer(student.W - step.reshape(student.W.shape), student.v, student.phi)
    return best


def _zero(found: OneHiddenLayer, teacher: OneHiddenLayer, radii: Sequence[str | Fraction], bits: int) -> Any:
    def slopes(X: Any) -> Any:
        return gradient_ball(found, teacher, box=X, bits=bits).ravel().tolist()

    def jacobian(X: Any) -> Any:
        return hessian_ball(found, teacher, box=X, bits=bits).tolist()

    if not radii:
        raise ValueError("radii is empty; expected the half widths of the boxes to try")
    centre, Y = list(found.exact_W.ravel()), _inverse(hessian(found, teacher))
    zeros = (krawczyk(slopes, jacobian, centre, r, bits=bits, steps=3, inverse=Y) for r in radii)
    zero = next(zeros)
    while zero.verdict != Verdict.PROVED and (another := next(zeros, None)) is not None:
        zero = another
    return zero


def _inverse(H: np.ndarray) -> np.ndarray | None:
    try:
        inverse = np.linalg.inv(H)
    except np.linalg.LinAlgError:
        return None
    return inverse if np.isfinite(inverse).all() else None


def _holds_teacher(found: OneHiddenLayer, teacher: OneHiddenLayer, domain: Sequence[Ball]) -> bool:
    """Does each unit of the student hold one of the teacher in its domain, with the same v, and each another?"""
    if found.k != teacher.k:
        return False
    rows = array_of(domain).reshape(found.k, found.d)
    places = [
        [
            i
            for i, row in enumerate(rows)
            if found.exact_v[i] == v and all(x.contains(ball(y)) for x, y in zip(row, w, strict=True))
        ]
        for w, v in zip(teacher.exact_W, teacher.exact_v, strict=True)
    ]
    return all(len(place) == 1 for place in places) and len({place[0] for place in places}) == found.k
