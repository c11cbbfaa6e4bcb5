"""The certified basin: a Euclidean ball around the teacher on all of which the Hessian is proved positive definite.

With the minorant M(A) - E(A) of onenn.landscape.minorant, M(A) = sum_alpha A^alpha X_alpha + rest, and any matrix C,

lambda_min(C H(W + A) C^T) >= lambda_min(C (X_0 - E +- rest) C^T) - sum_m r^m |S_m|^(1/2)  for |A| <= r,

S_m = sum_alpha (alpha!/m!) (C X_alpha C^T)^2 over |alpha| = m = 1, ..., N. C is near the inverse Cholesky factor of
X_0 - E.
Chapter: around-the-teacher.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, is_positive_definite, precision, symmetric_eigenvalues
from onenn.verdict import Verdict

from .balls import box_around, hessian_ball
from .minorant import minorant, own_unit_error
from .monomials import array_of
from .singular import lowest_on_sphere, student_within


def is_positive_definite_around(
    teacher: OneHiddenLayer, radius: int | str | Fraction, *, degree: int = 4, bits: int = 64
) -> Verdict:
    """The Hessian of the population risk is positive definite at every student W + A with |A|_F <= radius.

    PROVED by the expansion of that degree in A, remainder included; REFUTED by a student in the ball whose Hessian is
    not positive definite; else UNDECIDED.
    *Domain*: phi with a closed form of pairs that is smooth (erf, exp, linear, quadratic and sums of them scaled), or
    homogeneous of degree 1 or 2 (ReLU, leaky ReLU, squared ReLU) with radius < min_i |w_i|, so that no row vanishes.
    *Effort*: 0.05 s for k = d = 2, 1 s for k = d = 3, at degree 4.
    Raises: ValueError outside the domain.  Source: thm-certified-basin.

    >>> teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf")
    >>> [is_positive_definite_around(teacher, r).value for r in ("1/10", "1/2")]
    ['PROVED', 'REFUTED']
    """
    radius = Fraction(radius)
    _check(teacher, radius, degree)
    with precision(bits):
        least = _least_around(teacher, radius, degree)
        if least > 0:
            return Verdict.PROVED.because(f"C H C^T >= {least.str(3, radius=False)} on the ball, at degree {degree}")
    student = student_within(teacher, lowest_on_sphere(teacher, float(radius), rng=np.random.default_rng(0)), radius)
    if is_positive_definite(hessian_ball(student, teacher, bits=128).tolist()) == Verdict.REFUTED:
        return Verdict.REFUTED.because(f"the Hessian is not positive definite at W = {student.W.round(4).tolist()}")
    return Verdict.UNDECIDED.because(f"the expansion of degree {degree} is too coarse for the radius {radius}")


def _least_around(teacher: OneHiddenLayer, radius: Fraction, degree: int) -> Ball:
    """A lower bound on lambda_min(C H(W + A) C^T) over the ball, for a regular C; non-finite without one."""
    r = ball(radius)
    M = minorant(teacher, r, degree)
    E = own_unit_error(teacher, box_around(teacher, radius).ravel(), radius)
    C = _inverse_cholesky(M.coefficients[0] - E)
    if C is None:
        return BALLS.log(-1)
    # were C singular, this eigenvalue would not be positive
    least, power = symmetric_eigenvalues(_congruent(C, M.constant - E).tolist())[0], ball(1)
    for m in range(1, degree + 1):
        power = power * r
        matrices, weights = M.of_degree(m)
        least = least - power * _joint_norm([_congruent(C, X) for X in matrices], weights)
    return least.lower()


def _check(teacher: OneHiddenLayer, radius: Fraction, degree: int) -> None:
    phi = teacher.phi
    if phi.closed_forms.pair is None or (phi.kinks and phi.homogeneity not in (1, 2)):
        raise ValueError(
            f"phi is {phi.name}; expected erf, exp, or a homogeneous activation of degree 1 or 2, whose Hessian is "
            "expanded around the teacher"
        )
    if degree < 1:
        raise ValueError(f"degree is {degree}; expected at least 1")
    if not radius > 0:
        raise ValueError(f"radius is {radius}; expected a positive number")
    shortest = min(w @ w for w in teacher.exact_W)
    if phi.kinks and not radius * radius < shortest:
        raise ValueError(
            f"radius is {radius}, not below the shortest row; a row could vanish, where {phi.name} has a kink"
        )


def _inverse_cholesky(X: np.ndarray) -> np.ndarray | None:
    """C with C X C^T near the identity, exact balls from doubles; None where X is not positive definite in doubles."""
    doubles = np.array([[float(x.mid()) for x in row] for row in X])
    try:
        C = np.linalg.inv(np.linalg.cholesky(doubles))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(C).all():
        return None
    return array_of(ball(Fraction(float(x))) for x in C.ravel()).reshape(C.shape)


def _congruent(C: np.ndarray, X: np.ndarray) -> np.ndarray:
    Y = C @ X @ C.T
    return (Y + Y.T) / 2


def _joint_norm(matrices: list[np.ndarray], weights: np.ndarray) -> Ball:
    """A bound on |sum_alpha t^alpha X_alpha| over |t| <= 1, all alpha of one degree, by Cauchy and Schwarz."""
    squares = np.sum([weight * (X @ X) for weight, X in zip(weights, matrices, strict=True)], axis=0)
    return BALLS.sqrt_nonnegative(symmetric_eigenvalues(((squares + squares.T) / 2).tolist())[-1])


@dataclass(frozen=True, kw_only=True)
class CertifiedBasin:
    """The largest radius that was proved, and the least one that was tried and not proved."""

    radius: Fraction
    failed: Fraction


def certified_radius(
    teacher: OneHiddenLayer, *, largest: str | Fraction, tries: int = 8, degree: int = 4
) -> CertifiedBasin:
    """The largest radius that bisection between 0 and `largest` proves in that many tries of that degree.

    *Law*: radius >= largest/2^tries where anything was proved, 0 otherwise; failed - radius = largest/2^tries.
    Raises: ValueError as `is_positive_definite_around`.  Source: thm-certified-basin.

    >>> found = certified_radius(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf"), largest="1/5", tries=3)
    >>> found.radius, found.failed
    (Fraction(1, 10), Fraction(1, 8))
    """
    low, high = Fraction(0), Fraction(largest)
    _check(teacher, high, degree)
    for _ in range(tries):
        middle = (low + high) / 2
        with precision(64):
            proved = _least_around(teacher, middle, degree) > 0
        low, high = (middle, high) if proved else (low, middle)
    return CertifiedBasin(radius=low, failed=high)
