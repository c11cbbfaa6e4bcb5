"""Gradient descent and Gauss-Newton in balls: what single steps do to the error |A| = |W - W*|, enclosed.

Each iterate is rounded to a dyadic number before the next step, so every step is one from a point known exactly; the
rounding, 2^-bits of the largest entry, is not part of the step.   Chapter: local-convergence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, is_positive_definite, less, precision
from onenn.verdict import Verdict, conjunction

from .arithmetic import RATIONALS
from .balls import gradient_ball, risk_ball
from .hessian import hessian_at_teacher_ball
from .linearization import linearization_constant_ball


def rational_student(teacher: OneHiddenLayer, distance: float, *, rng: np.random.Generator | int) -> OneHiddenLayer:
    """A student in a random direction, with entries of W - W* that are multiples of 2^-40 and |W - W*|_F < distance.

    Raises: ValueError on a distance below 1e-9.

    >>> teacher = OneHiddenLayer([[1, 0]], [1], "erf")
    >>> A = rational_student(teacher, 0.5, rng=0).exact_W - teacher.exact_W
    >>> 0.2 < sum(x * x for x in A.ravel()) < 0.25
    True
    """
    if not distance >= 1e-9:
        raise ValueError(f"distance is {distance}; expected at least 1e-9, as the entries are rounded to 2^-40")
    A = np.random.default_rng(rng).standard_normal(teacher.W.shape)
    A *= 0.999 * distance / np.linalg.norm(A)
    shift = [[Fraction(round(x * 2**40), 2**40) for x in row] for row in A]
    return OneHiddenLayer(teacher.exact_W + np.array(shift, dtype=object), teacher.exact_v, teacher.phi)


@dataclass(frozen=True, kw_only=True)
class BallStep:
    """|A| before a step and after it, and the risk before it."""

    before: Ball
    after: Ball
    risk: Ball

    @property
    def factor(self) -> Ball:
        return self.after / self.before


def descent_in_balls(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, step: Any, steps: int, bits: int = 128
) -> list[BallStep]:
    """`steps` steps of gradient descent on the population risk; step an int, a string, a Fraction or a ball.

    Needs a closed form `pair` of the activation, as `gradient_ball` does.

    >>> units = [OneHiddenLayer([[x]], [1], "linear") for x in (3, 1)]
    >>> [float(step.factor.mid()) for step in descent_in_balls(*units, step="1/4", steps=2)]
    [0.75, 0.75]
    """
    with precision(bits):
        return list(_steps(student, teacher, ball(step, "step"), steps, bits))


def _steps(student: OneHiddenLayer, teacher: OneHiddenLayer, eta: Ball, steps: int, bits: int) -> Iterator[BallStep]:
    target = _balls(teacher.exact_W)
    for _ in range(steps):
        W = _balls(student.exact_W)
        moved = W - gradient_ball(student, teacher, bits=bits) * eta
        yield BallStep(
            before=_norm(W - target), after=_norm(moved - target), risk=risk_ball(student, teacher, bits=bits)
        )
        rows = [[_dyadic(x) for x in row] for row in moved]
        student = OneHiddenLayer(rows, student.exact_v, student.phi)


def step_contracts(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, step: Any, factor: Any, bits: int = 128
) -> Verdict:
    """|A - step grad f(W)| < factor |A| for one step from this student, enclosed.

    >>> units = [OneHiddenLayer([[x]], [1], "linear") for x in (3, 1)]
    >>> [step_contracts(*units, step="1/4", factor=f).value for f in ("0.76", "0.74")]
    ['PROVED', 'REFUTED']
    """
    (taken,) = descent_in_balls(student, teacher, step=step, steps=1, bits=bits)
    with precision(bits):
        return less(taken.after, ball(factor) * taken.before)


def gauss_newton_holds(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, least: Any, factor: Any = 1, bits: int = 128
) -> Verdict:
    """G(W) > (least/2) I and |grad f(W) - G(W) A| < factor Gamma |A|^2, enclosed: then a Gauss-Newton step leaves

    at most (2 Gamma/least) |A|^2.  least: m, an int, a string, a Fraction or a ball.  Source: prp-descent-gauss-newton.

    >>> units = [OneHiddenLayer([[x, 0]], [1], "erf") for x in ("1.05", 1)]
    >>> gauss_newton_holds(*units, least="1/10") == Verdict.PROVED
    True
    """
    with precision(bits):
        A = _balls(student.exact_W - teacher.exact_W).ravel()
        G = hessian_at_teacher_ball(student, bits=bits)
        rest = gradient_ball(student, teacher, bits=bits).ravel() - G @ A
        size = _norm(A)
        bound = ball(factor) * linearization_constant_ball(teacher, size, bits=bits) * size * size
        half = ball(least, "least") / 2 * np.eye(len(G), dtype=int)
        return conjunction([is_positive_definite((G - half).tolist(), bits=bits), less(_norm(rest), bound)])


def gradient_is_linear(student: OneHiddenLayer, teacher: OneHiddenLayer, X: Any) -> Verdict:
    """grad f_n(W) = H_n (W - W*) on the sample X of ints or Fractions, in exact arithmetic: an equality of rationals.

    *Domain*: activations whose pieces are rational functions: relu, leaky_relu, squared_relu, linear, quadratic.

    >>> teacher, student = (OneHiddenLayer([[1, y]], [1], "relu") for y in (0, "1/4"))
    >>> [gradient_is_linear(student, teacher, [[x, 2]]).value for x in (1, "-1/4")]       # w.x = -1/4, then 1/4
    ['PROVED', 'REFUTED']
    """
    A = (student.exact_W - teacher.exact_W).ravel()
    total = np.array([Fraction(0)] * len(A), dtype=object)
    for row in X:
        x = np.array([Fraction(entry) for entry in row], dtype=object)
        (here, slopes), (there, at_teacher) = (_exact_features(network, x) for network in (student, teacher))
        total = total + (here - there) * slopes - (at_teacher @ A) * at_teacher
    return Verdict.decided(not any(total), f"largest entry of the difference {max(map(abs, total)) / len(X)}")


def _exact_features(network: OneHiddenLayer, x: np.ndarray) -> tuple[Fraction, np.ndarray]:
    """f(x; W, v) and its derivatives in W."""
    value, slopes = Fraction(0), []
    for z, v in zip(network.exact_W @ x, network.exact_v, strict=True):
        piece = network.phi.pieces[sum(z >= Fraction(kink) for kink in network.phi.kinks)]
        value += v * piece.value(RATIONALS, z)
        slopes += [v * piece.derivative(RATIONALS, z) * entry for entry in x]
    return value, np.array(slopes, dtype=object)


def _balls(array: np.ndarray) -> np.ndarray:
    result = np.empty(array.shape, dtype=object)
    for index, entry in np.ndenumerate(array):
        result[index] = ball(entry)
    return result


def _norm(A: np.ndarray) -> Ball:
    return BALLS.sqrt_nonnegative(sum((x * x for x in A.ravel()), start=ball(0)))


def _dyadic(x: Ball) -> Fraction:
    """The midpoint, a dyadic number of no more bits than the working precision."""
    mantissa, exponent = x.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
