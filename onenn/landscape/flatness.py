"""How flat the risk is at the teacher: kernels of the Hessian counted exactly, and decisions on lambda_min = 0.

linear: d (k - 1);   quadratic: d (k - r) + r (r - 1)/2 with r the rank of the rows where v_i != 0.
Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import is_positive_definite, kernel_dimension, rank
from onenn.verdict import Verdict, negation

from .hessian import hessian_at_teacher_ball, hessian_at_teacher_exact
from .risk import risk_exact
from .symmetries import symmetry_directions


def nullity(teacher: OneHiddenLayer) -> int:
    """dim {a : H a = 0}, H the Hessian at the teacher, counted in rational arithmetic.

    Raises: TypeError when an entry of H is irrational, ValueError as `hessian_at_teacher`.

    >>> nullity(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "linear"))
    2
    """
    return kernel_dimension(hessian_at_teacher_exact(teacher).tolist())


def linear_nullity(teacher: OneHiddenLayer) -> int:
    """d (k - 1), and d k when v = 0: what the theorem says of linear phi.  Source: thm-lsc-linear."""
    return teacher.d * (teacher.k - any(teacher.exact_v))


def quadratic_nullity(teacher: OneHiddenLayer) -> int:
    """d (k - r) + r (r - 1)/2, r the rank of the rows with v_i != 0.  Source: thm-lsc-quadratic.

    >>> quadratic_nullity(OneHiddenLayer([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, 1, 0], "quadratic"))
    4
    """
    live = [row.tolist() for row, weight in zip(teacher.exact_W, teacher.exact_v, strict=True) if weight]
    r = rank(live) if live else 0
    return teacher.d * (teacher.k - r) + r * (r - 1) // 2


def symmetries_span_kernel(teacher: OneHiddenLayer) -> Verdict:
    """ker H is the span of the directions in which the symmetries of a linear or quadratic teacher start; exact.

    PROVED: H t = 0 for all of them, and as many are independent as the kernel has dimensions.
    Raises: ValueError as `symmetry_directions`.

    >>> symmetries_span_kernel(OneHiddenLayer([[1, 0], [0, 1]], [1, -1], "quadratic"))
    PROVED (1 of 1 dimensions)
    """
    T, dimension = symmetry_directions(teacher), nullity(teacher)
    if (T @ hessian_at_teacher_exact(teacher)).any():
        return Verdict.REFUTED.because("H t != 0 for one of the directions")
    spanned = rank(T.tolist()) if len(T) else 0
    return Verdict.decided(spanned == dimension, f"{spanned} of {dimension} dimensions")


def is_strongly_convex(teacher: OneHiddenLayer, *, bits: int = 128) -> Verdict:
    """lambda_min(H) > 0, decided by balls of `bits` bits, or by an exact rank where they do not and H is rational.

    UNDECIDED when H is irrational and the balls do not prove it positive definite.

    >>> is_strongly_convex(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "tanh")) == Verdict.PROVED
    True
    >>> is_strongly_convex(OneHiddenLayer([[1, 2], [2, 4]], [1, 1], "relu")) == Verdict.REFUTED  # parallel units
    True
    """
    verdict = is_positive_definite(hessian_at_teacher_ball(teacher, bits=bits).tolist())
    if verdict != Verdict.UNDECIDED:
        return verdict
    try:
        H = hessian_at_teacher_exact(teacher)
    except ValueError:  # no closed forms
        return verdict
    rational = all(isinstance(x, Fraction) or x.is_Rational for x in H.flat)
    if not rational:
        return verdict
    dimension = kernel_dimension(H.tolist())  # H is positive semidefinite, so definite without a kernel
    return Verdict.decided(dimension == 0, f"kernel of dimension {dimension}")


def is_singular(teacher: OneHiddenLayer, *, bits: int = 128) -> Verdict:
    """lambda_min(H) = 0: the opposite of `is_strongly_convex`.

    >>> is_singular(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "quadratic")) == Verdict.PROVED
    True
    """
    convex = is_strongly_convex(teacher, bits=bits)
    return negation(convex)


def curvature_exact(student: OneHiddenLayer, direction: Any, teacher: OneHiddenLayer) -> Fraction:
    """d^2/dt^2 of the risk of W + t A at t = 0, W the student's weights: exact, for linear and quadratic phi.

    The risk is a polynomial of degree <= 4 in t, and (-f(-2) + 16 f(-1) - 30 f(0) + 16 f(1) - f(2))/12 is exact up to
    degree 5.  *Shapes*: direction A (k, d) or (k d,), ints or Fractions.
    Raises: ValueError when phi is another activation, or for a wrong shape.

    >>> teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "quadratic")
    >>> curvature_exact(teacher, [[1, 0], [0, 0]], teacher)
    Fraction(12, 1)
    """
    if teacher.phi.name not in ("linear", "quadratic"):
        raise ValueError(
            f"phi is {teacher.phi.name}; expected linear or quadratic, whose risk is a polynomial on lines"
        )
    A = np.array(direction, dtype=object)
    if A.size != student.exact_W.size:
        raise ValueError(
            f"direction has shape {A.shape}; expected (k, d) = {student.W.shape}, or the same numbers in a row"
        )
    A = A.reshape(student.W.shape)
    moved = (OneHiddenLayer(student.exact_W + t * A, student.exact_v, student.phi) for t in (-2, -1, 0, 1, 2))
    values = [Fraction(risk_exact(network, teacher)) for network in moved]
    return sum((c * y for c, y in zip((-1, 16, -30, 16, -1), values, strict=True)), Fraction(0)) / 12
