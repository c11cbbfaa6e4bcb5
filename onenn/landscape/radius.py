"""How far around the teacher the risk is strongly convex, by formula: |H(W + A) - H(W)| <= deviation(|A|_F).

smooth phi, |phi'| <= L1, |phi''| <= L2:                6 sqrt(2/pi) sqrt(k) L1 L2 v_max^2 |A|,
the same with |phi'(z)| <= L1 |z|:                       (9/2) L1 L2 v_max^2 |A| (2 |W|_F + |A|),
ReLU, and times j^2 every phi whose slope jumps by j at 0 and changes nowhere else, with s = min_i |w_i| > |A|:
                                                         v_max^2 sqrt(k) |A| ((1 + 2/pi)/s + 1/(pi (s - |A|))).
Chapter: around-the-teacher.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, less, precision, symmetric_eigenvalues
from onenn.verdict import Verdict, conjunction

from .balls import hessian_ball
from .bounds import strong_convexity_bound


def hessian_deviation_bound(teacher: OneHiddenLayer, distance: float) -> float:
    """A bound on |H(W + A) - H(W)| (spectral norm) for all |A|_F <= distance, W the teacher's weights.

    *Domain*: smooth phi with L1, p, L2 (erf, tanh, sigmoid, softplus, squared_relu) or ReLU and its leaky versions;
    where phi' or phi'' has a kink, 0 <= distance < min_i |w_i|.  *Law*: 0 at distance 0, increasing.
    Raises: ValueError outside the domain.  Source: thm-lsc-radius.

    >>> round(hessian_deviation_bound(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "relu"), 0.01), 4)
    0.0277
    """
    lengths = [float(x) for x in np.linalg.norm(teacher.W, axis=1)]
    return float(_deviation(FLOATS, teacher, lengths, float(distance)))


def hessian_deviation_bound_ball(teacher: OneHiddenLayer, distance: Any, *, bits: int = 128) -> Ball:
    """The same as a ball; distance an int, a string, a Fraction or a ball."""
    with precision(bits):
        lengths = [BALLS.sqrt(ball(w @ w)) for w in teacher.exact_W]
        return _deviation(BALLS, teacher, lengths, ball(distance, "distance"))


def deviation_holds(teacher: OneHiddenLayer, A: Any, *, factor: int | str | Fraction = 1, bits: int = 128) -> Verdict:
    """|H(W + A) - H(W)| < factor * deviation(|A|_F), the Hessians in balls.

    *Shapes*: A (k, d), of ints, Fractions and strings.  *Domain*: also that of `hessian_ball`.
    Raises: ValueError when A is 0 or of another shape.  Source: thm-lsc-radius.

    >>> teacher = OneHiddenLayer([[1, 2]], [1], "squared_relu")
    >>> [deviation_holds(teacher, [["1/50", "2/50"]], factor=x).value for x in (1, "0.499")]
    ['PROVED', 'REFUTED']
    """
    step = np.array([[Fraction(x) for x in row] for row in A], dtype=object)
    if step.shape != teacher.W.shape or not step.any():
        raise ValueError(
            f"A has shape {step.shape}; expected {teacher.W.shape}, one entry per weight, not all of them 0"
        )
    student = OneHiddenLayer(teacher.exact_W + step, teacher.exact_v, teacher.phi)
    with precision(bits):
        change = hessian_ball(student, teacher, bits=bits) - hessian_ball(teacher, teacher, bits=bits)
        values = symmetric_eigenvalues(change.tolist())
        size = BALLS.sqrt(ball((step * step).sum()))
        bound = ball(factor) * hessian_deviation_bound_ball(teacher, size, bits=bits)
        return conjunction([less(values[-1], bound), less(-values[0], bound)])


def _deviation(C: Any, teacher: OneHiddenLayer, lengths: list[Any], r: Any) -> Any:
    phi, shortest = teacher.phi, functools.reduce(lambda x, y: y if y < x else x, lengths)
    if not r >= 0:
        raise ValueError(f"distance is {r}; expected a number >= 0")
    if phi.kinks and not r < shortest:
        raise ValueError(
            f"distance is {r}, not below the shortest row {shortest}; a row could vanish, where {phi.name} has a kink"
        )
    v_max, root = C.rational(max(abs(x) for x in teacher.exact_v)), C.sqrt(C.rational(Fraction(teacher.k)))
    if phi.homogeneity == 1:
        scale = _jump(C, phi) * v_max
        return scale * scale * root * r * ((1 + 2 / C.pi) / shortest + 1 / (C.pi * (shortest - r)))
    L1, L2 = phi.bounds.first, phi.bounds.second
    if L1 is None or L2 is None:
        raise ValueError(
            f"phi is {phi.name}, which lacks L1 with 0 <= phi'(z) <= L1 |z|^p or L2 with |phi''| <= L2; "
            "the formula covers smooth activations with both, ReLU and leaky ReLU"
        )
    if phi.bounds.power == 0:
        return 6 * C.sqrt(2 / C.pi) * root * C.number(L1) * C.number(L2) * v_max * v_max * r
    slope = C.number(L1 if phi.bounds.power == 1 else L2)  # p > 1 and a Lipschitz phi': |phi'(z)| <= L2 |z|
    norm = C.sqrt(sum((x * x for x in lengths), start=C.rational(Fraction(0))))
    return C.rational(Fraction(9, 2)) * slope * C.number(L2) * v_max * v_max * r * (2 * norm + r)


def _jump(C: Any, phi: Activation) -> Any:
    left, right = phi.pieces
    one = C.rational(Fraction(1))
    return right.derivative(C, one) - left.derivative(C, -one)


def strong_convexity_radius(teacher: OneHiddenLayer, *, fraction: float = 0.0, least: float | None = None) -> float:
    """The largest r with deviation(r) <= (1 - fraction) m: there lambda_min(H(W + A)) >= fraction m for |A|_F < r.

    least: a lower bound m on lambda_min at the teacher, by default `strong_convexity_bound`; fraction in [0, 1).
    Raises: ValueError as `hessian_deviation_bound` and `strong_convexity_bound`.  Source: thm-lsc-radius.

    >>> teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf")
    >>> 0 < strong_convexity_radius(teacher, fraction=0.5) < strong_convexity_radius(teacher) < radius_ceiling(teacher)
    True
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction is {fraction}; expected 0 <= fraction < 1, the part of the curvature that is kept")
    m = strong_convexity_bound(teacher) if least is None else float(least)
    target = (1 - fraction) * m
    low, high = 0.0, float(np.min(np.linalg.norm(teacher.W, axis=1)))
    if not teacher.phi.kinks:
        high = 1.0
        while hessian_deviation_bound(teacher, high) < target:
            high *= 2
    for _ in range(80):  # bisection: the deviation increases
        middle = (low + high) / 2
        if hessian_deviation_bound(teacher, middle) <= target:
            low = middle
        else:
            high = middle
    return low


def radius_ceiling(teacher: OneHiddenLayer) -> float:
    """min |w_i - w_j|/sqrt(2) over the pairs with v_i = v_j; inf without one. No ball beyond it is strictly convex.

    Source: prp-lsc-ceiling.

    >>> round(radius_ceiling(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf")), 12)
    1.0
    """
    v = teacher.exact_v
    distances = [
        float(np.linalg.norm(teacher.W[i] - teacher.W[j])) for i in range(teacher.k) for j in range(i) if v[i] == v[j]
    ]
    return min(distances, default=float("inf")) / float(np.sqrt(2))
