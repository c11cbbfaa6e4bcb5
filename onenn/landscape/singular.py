"""The first singular Hessian around the teacher: a search for the nearest student where lambda_min(H) <= 0.

On the sphere |A| = r descend  l(A) = lambda_min(H(W + A))  by  A <- -r g/|g|,  g the gradient of y^T H(W + A) y in A at
the least eigenvector y; then bisect r.  An upper bound for every certified radius.   Chapter: around-the-teacher.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import is_positive_definite
from onenn.verdict import Verdict, negation

from .balls import hessian_ball
from .population import hessian


@dataclass(frozen=True, kw_only=True, eq=False)
class SingularStudent:
    """A student at that distance |A|_F from the teacher, and whether its Hessian is proved not positive definite."""

    student: OneHiddenLayer
    distance: float
    verdict: Verdict


def lowest_on_sphere(
    teacher: OneHiddenLayer, radius: float, *, rng: np.random.Generator, starts: int = 3, steps: int = 12
) -> OneHiddenLayer:
    """The student with |A|_F = radius and the least lambda_min(H) that the descent finds, from random directions.

    Raises: ValueError unless radius > 0.

    >>> teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf")
    >>> student = lowest_on_sphere(teacher, 0.3, rng=np.random.default_rng(0))
    >>> bool(np.linalg.eigvalsh(hessian(student, teacher))[0] < 0)
    True
    """
    if not radius > 0:
        raise ValueError(f"radius is {radius}; expected a positive number")
    best, lowest = teacher, np.inf
    for _ in range(starts):
        A = rng.standard_normal(teacher.W.shape)
        for _ in range(steps):
            A *= radius / np.linalg.norm(A)
            value, gradient = _least_with_gradient(teacher, A)
            if value < lowest:
                best, lowest = _moved(teacher, A), value
            if not gradient.any():  # a constant eigenvalue
                break
            A = -gradient
    return best


def _moved(teacher: OneHiddenLayer, A: np.ndarray) -> OneHiddenLayer:
    return OneHiddenLayer(teacher.W + A, teacher.v, teacher.phi)


def _least_with_gradient(teacher: OneHiddenLayer, A: np.ndarray, step: float = 1e-5) -> tuple[float, np.ndarray]:
    values, vectors = np.linalg.eigh(hessian(_moved(teacher, A), teacher))
    y = vectors[:, 0]
    # third derivatives are symmetric: the gradient of y^T H y is the derivative of H along y, applied to y
    up, down = (hessian(_moved(teacher, A + s * step * y.reshape(A.shape)), teacher) @ y for s in (1, -1))
    return float(values[0]), ((up - down) / (2 * step)).reshape(A.shape)


def first_singular(
    teacher: OneHiddenLayer, *, rng: np.random.Generator, largest: float = 1.0, tries: int = 9
) -> SingularStudent:
    """The nearest student with a Hessian that is not positive definite that bisection of the distance finds.

    The verdict on that comes from balls: REFUTED positive definiteness is PROVED here.
    Raises: ValueError when none is found up to the distance `largest`.

    >>> found = first_singular(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf"), rng=np.random.default_rng(0), tries=4)
    >>> found.distance < 0.3, found.verdict == Verdict.PROVED
    (True, True)
    """
    low, high, found = 0.0, largest, None
    for _ in range(tries):
        student = lowest_on_sphere(teacher, high if found is None else (low + high) / 2, rng=rng)
        distance = float(np.linalg.norm(student.W - teacher.W))
        if np.linalg.eigvalsh(hessian(student, teacher))[0] < 0:
            found, high = student, distance
        elif found is None:
            raise ValueError(f"largest is {largest}; no singular Hessian was found there: take another distance")
        else:
            low = distance
    assert found is not None
    return SingularStudent(student=found, distance=high, verdict=_not_definite(found, teacher))


def _not_definite(student: OneHiddenLayer, teacher: OneHiddenLayer) -> Verdict:
    return negation(is_positive_definite(hessian_ball(student, teacher).tolist()))


def student_within(teacher: OneHiddenLayer, student: OneHiddenLayer, radius: Fraction) -> OneHiddenLayer:
    """The student moved towards the teacher until |A|_F <= radius, exactly, in Fractions."""
    A = student.exact_W - teacher.exact_W
    square = (A * A).sum()
    shrink = Fraction(1)
    while shrink * shrink * square > radius * radius:
        shrink = min(Fraction(float(radius) / float(square) ** 0.5), shrink) * Fraction(10**9 - 1, 10**9)
    return OneHiddenLayer(teacher.exact_W + shrink * A, teacher.exact_v, teacher.phi)
