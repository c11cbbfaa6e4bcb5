"""How linear the gradient is around the teacher, for every law of x:  |grad f(W* + A) - H A| <= Gamma |A|^2,

Gamma = (3/2) sqrt(k) L1 L2 v_max^2 tau_3                    for |phi'| <= L1,       phi' Lipschitz with constant L2,
Gamma = L1 L2 v_max^2 tau_4 (3 |W*|_F + |A|)/2               for |phi'(z)| <= L1 |z|, likewise,

with tau_q = sup_{|u|=1} E |u.x|^q: 2 sqrt(2/pi) and 3 for x ~ N(0, I), at most max_i |x_i|^(q-2) |X^T X/n| on samples.
Chapter: local-convergence.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, less, precision, working_precision
from onenn.verdict import Verdict

from .balls import gradient_ball
from .hessian import hessian_at_teacher_ball


def slope_constants(C: Any, phi: Activation) -> tuple[Any, Any, int]:
    """L1, L2 and p in {0, 1} with |phi'(z)| <= L1 |z|^p and |phi'(x) - phi'(y)| <= L2 |x - y|, in the context C.

    Raises: ValueError when the activation carries no such bounds.
    """
    bounds = phi.bounds
    if bounds.first is None or bounds.second is None:
        raise ValueError(
            f"phi is {phi.name}, which carries no L1 with |phi'(z)| <= L1 |z|^p or no L2 with |phi''| <= L2; "
            "the bound covers erf, tanh, sigmoid, softplus, squared_relu, and what is registered with both"
        )
    # phi' vanishes at 0 where p > 1, so L2 is then a bound of |phi'(z)|/|z| too
    first = bounds.second if bounds.power > 1 else bounds.first
    return C.number(first), C.number(bounds.second), min(bounds.power, 1)


def moment_order(phi: Activation) -> int:
    """q of the moment tau_q that Gamma needs: 3 for bounded slopes, otherwise 4."""
    return 3 + slope_constants(FLOATS, phi)[2]


def gaussian_moment(C: Any, q: int) -> Any:
    """tau_3 = 2 sqrt(2/pi), tau_4 = 3 for x ~ N(0, I), in the context C."""
    return 2 * C.sqrt(2 / C.pi) if q == 3 else C.rational(Fraction(3))


def sample_moment(X: Any, q: int) -> float:
    """A bound on sup_{|u|=1} (1/n) sum_i |u.x_i|^q: max_i |x_i|^(q-2) times the largest eigenvalue of X^T X/n.

    *Shapes*: X (n, d), NumPy. q: an integer >= 2.

    >>> sample_moment(np.array([[3.0, 0.0], [0.0, 4.0]]), 4)
    128.0
    """
    X = np.asarray(X, dtype=float)
    return float(np.linalg.eigvalsh(X.T @ X / len(X))[-1] * np.max(np.sum(X * X, axis=1)) ** (q / 2 - 1))


def linearization_constant(teacher: OneHiddenLayer, distance: float = 0.0, *, moment: float | None = None) -> float:
    """Gamma for |A|_F <= distance.

    moment: tau_3 or tau_4 of the law of x, by default the Gaussian one; for samples see `sample_moment`.
    Raises: ValueError when phi carries no L1 or L2, or on a negative distance.  Source: lem-descent-linear.

    >>> round(linearization_constant(OneHiddenLayer([[1.0, 0.0]], [1.0], "squared_relu")), 12)     # 2 * 2 * 3 * 3/2
    18.0
    """
    return float(_constant(FLOATS, teacher, float(np.linalg.norm(teacher.W)), float(distance), moment))


def linearization_constant_ball(
    teacher: OneHiddenLayer, distance: Any = 0, *, moment: Any = None, bits: int = 128
) -> Ball:
    """The same as a ball; distance and moment an int, a string, a Fraction or a ball."""
    with precision(bits):
        size = BALLS.sqrt(ball(sum((x * x for x in teacher.exact_W.ravel()), start=Fraction(0))))
        tau = None if moment is None else ball(moment, "moment")
        return _constant(BALLS, teacher, size, ball(distance, "distance"), tau)


def _constant(C: Any, teacher: OneHiddenLayer, size: Any, distance: Any, moment: Any) -> Any:
    if not distance >= 0:
        raise ValueError(f"distance is {distance}; expected a number >= 0")
    L1, L2, p = slope_constants(C, teacher.phi)
    tau = gaussian_moment(C, 3 + p) if moment is None else moment
    v_max = C.rational(max(abs(x) for x in teacher.exact_v))
    scale = L1 * L2 * v_max * v_max * tau
    if p == 0:
        return C.rational(Fraction(3, 2)) * C.sqrt(C.rational(Fraction(teacher.k))) * scale
    return scale * (3 * size + distance) / 2


def convergence_radius(teacher: OneHiddenLayer, least: float, *, moment: float | None = None) -> float:
    """The largest R with 2 R Gamma(R) <= least, inf for affine phi: from |A|_F <= R descent converges linearly.

    least: a lower bound m > 0 on the eigenvalues of the Hessian at the teacher, for the law whose moment is given.
    Raises: ValueError when least is not positive, and as `linearization_constant`.  Source: thm-descent-linear.

    >>> teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "squared_relu")
    >>> R = convergence_radius(teacher, 2.0)
    >>> round(2 * R * linearization_constant(teacher, R), 12)
    2.0
    """
    if not least > 0:
        raise ValueError(f"least is {least}; expected m > 0, a bound such as strong_convexity_bound(teacher)")
    at_once = linearization_constant(teacher, moment=moment)
    growth = linearization_constant(teacher, 1.0, moment=moment) - at_once  # Gamma(R) = at_once + growth R
    if at_once == 0 == growth:
        return float("inf")  # phi is affine: there is no remainder
    return float(least / (at_once + np.sqrt(at_once * at_once + 2 * growth * least)))


def linearization_holds(
    student: OneHiddenLayer, teacher: OneHiddenLayer, *, factor: int | str | Fraction = 1, bits: int = 128
) -> Verdict:
    """|grad f(W) - H A| < factor Gamma |A|^2 for the population risk at this student, A = W - W*, enclosed.

    >>> teacher = OneHiddenLayer([[1, 0]], [1], "erf")
    >>> [linearization_holds(OneHiddenLayer([["1.1", 0]], [1], "erf"), teacher, factor=f).value for f in (1, "1/100")]
    ['PROVED', 'REFUTED']
    """
    A = (student.exact_W - teacher.exact_W).ravel()
    with precision(bits):
        H = hessian_at_teacher_ball(teacher, bits=bits)
        rest = gradient_ball(student, teacher, bits=bits).ravel() - H @ np.array([ball(x) for x in A])
        return _below(rest, ball(factor) * _bound(teacher, A, None))


def linearization_holds_on(
    student: OneHiddenLayer, teacher: OneHiddenLayer, X: Any, *, factor: int | str | Fraction = 1, bits: int = 128
) -> Verdict:
    """The same for the risk on the sample X, rows of ints or Fractions; tau_q by its bound (1/n) sum_i |x_i|^q.

    >>> teacher = OneHiddenLayer([[1, 0]], [1], "squared_relu")
    >>> student, X = OneHiddenLayer([["1.1", 0]], [1], "squared_relu"), [[1, 2], [-1, 1], [3, 0]]
    >>> [linearization_holds_on(student, teacher, X, factor=f).value for f in (1, "1/1000")]
    ['PROVED', 'REFUTED']
    """
    points = np.array([[Fraction(x) for x in row] for row in X], dtype=object)
    A = (student.exact_W - teacher.exact_W).ravel()
    q = moment_order(teacher.phi)
    with precision(bits):
        step, rest, moment = np.array([ball(x) for x in A]), np.array([ball(0)] * A.size), ball(0)
        for x in points:
            here, there = (_Features(network, x) for network in (student, teacher))
            rest = rest + (here.value - there.value) * here.slopes - (there.slopes @ step) * there.slopes
            size = BALLS.sqrt(ball(x @ x))
            moment = moment + size ** (q - 1) * size
        return _below(rest / len(points), ball(factor) * _bound(teacher, A, moment / len(points)))


class _Features:
    """f(x; W, v) and its derivatives in W at a rational x, in balls; the piece of phi is decided exactly."""

    def __init__(self, network: OneHiddenLayer, x: np.ndarray) -> None:
        z = network.exact_W @ x
        v = [ball(c) for c in network.exact_v]
        pieces = [_piece(network.phi, t) for t in z]
        self.value = sum((c * p.value(BALLS, ball(t)) for c, p, t in zip(v, pieces, z, strict=True)), start=ball(0))
        slopes = [c * p.derivative(BALLS, ball(t)) for c, p, t in zip(v, pieces, z, strict=True)]
        self.slopes = np.array([s * ball(y) for s in slopes for y in x], dtype=object)


def _piece(phi: Activation, z: Fraction) -> Any:
    return phi.pieces[sum(z >= Fraction(k) for k in phi.kinks)]


def _bound(teacher: OneHiddenLayer, A: np.ndarray, moment: Ball | None) -> Ball:
    """Gamma(|A|) |A|^2 at the working precision."""
    square = ball(sum((x * x for x in A), start=Fraction(0)))
    return linearization_constant_ball(teacher, BALLS.sqrt(square), moment=moment, bits=working_precision()) * square


def _below(rest: np.ndarray, bound: Ball) -> Verdict:
    return less(BALLS.sqrt_nonnegative(sum((x * x for x in rest), start=ball(0))), bound)
