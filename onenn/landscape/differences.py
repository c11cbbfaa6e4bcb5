"""The Hessian as a limit of second differences of the risk, enclosed: an independent check away from the teacher.

(f(W + tA) - 2 f(W) + f(W - tA))/t^2 is a mean of the second derivatives along A over the segment W + [-t, t] A.
Chapter: around-the-teacher.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import ball, interval, less, precision
from onenn.verdict import Verdict

from .arithmetic import ENCLOSED
from .balls import hessian_ball, risk_ball
from .monomials import array_of

STEP = Fraction(1, 2**48)


def second_difference_holds(
    student: OneHiddenLayer,
    teacher: OneHiddenLayer,
    direction: Sequence[Sequence[int]],
    *,
    hessian: np.ndarray | None = None,
    bits: int = 256,
) -> Verdict:
    """|second difference of the risk - a^T H a| < 1e-10 with t = 2^-48, for all Hessians H on the segment.

    hessian: a matrix of doubles in place of H, for a control.  *Shapes*: direction (k, d), integers.
    *Domain*: phi with a closed form `pair`.  Source: lem-hessian-away.

    >>> student, teacher = (OneHiddenLayer([w], [1], "relu") for w in ([1, 2], [1, 0]))
    >>> [second_difference_holds(student, teacher, [[1, 1]], hessian=H).value for H in (None, np.eye(2) / 2)]
    ['PROVED', 'REFUTED']
    """
    A = np.array(direction, dtype=object)
    if A.shape != student.W.shape:
        raise ValueError(f"direction has shape {A.shape}; expected {student.W.shape}, one entry for each of student.W")
    f = [
        risk_ball(OneHiddenLayer(student.exact_W + s * STEP * A, student.exact_v, student.phi), teacher, bits=bits)
        for s in (-1, 0, 1)
    ]
    with precision(bits):
        a, t = A.ravel(), ball(STEP)
        if hessian is None:
            box = array_of(
                w + interval(-t, t) * x for w, x in zip(ENCLOSED.array(student.exact_W).ravel(), a, strict=True)
            )
            second = a @ hessian_ball(student, teacher, box=box, bits=bits) @ a
        else:
            second = ball(Fraction(float(a.astype(float) @ hessian @ a.astype(float))))
        return less(abs((f[0] - 2 * f[1] + f[2]) / (t * t) - second), "1e-10")
