"""One block of the Hessian at the teacher: G(w, u) = E[phi'(w . x) phi'(u . x) x x^T], x ~ N(0, I_d).

With D(a, b, c) = E[phi'(s) phi'(t)], (s, t) ~ N(0, [[a, b], [b, c]]), a = |w|^2, b = w . u, c = |u|^2, integration by
parts (Stein) gives   G = D I + 2 D_a w w^T + D_b (w u^T + u w^T) + 2 D_c u u^T.   Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.activations.wedge import determinant
from onenn.contexts import FLOATS
from onenn.rigorous import precision

from .arithmetic import ENCLOSED, Arithmetic

ORTHOGONAL = 1e-14
"""A float correlation below this is rounding: taking it for 0 moves a block by no more than its own rounding error."""

NEARLY_PARALLEL = 1e-6
"""Below this sine of the angle a, b, c lose it in doubles (from 1e-8 on altogether), and a kink makes D_b infinite."""


def _symmetric(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.multiply.outer(x, y) + np.multiply.outer(y, x)


def block(A: Arithmetic, phi: Activation, w: np.ndarray, u: np.ndarray, *, same: bool = False) -> np.ndarray | None:
    """G(w, u) in the arithmetic A; None where neither a closed form nor the one-dimensional moments suffice.

    *Shapes*: w (d,), u (d,), of floats or Fractions; result (d, d) of numbers of A. `same`: w and u are one unit.
    *Domain*: w and u nonzero when phi has kinks.  *Law*: G(u, w) = G(w, u)^T = G(w, u).
    The sum is arranged so that nothing cancels between nearly parallel w and u when phi is homogeneous.
    Source: Stein's identity, twice; the block itself is eq-hessian-at-teacher.
    """
    a, b, c = w @ w, w @ u, u @ u
    if same and phi.kinks:
        return _from_moments(A, [A.beta(phi, q, a) for q in (0, 2)], w, a)
    forms = phi.closed_forms
    if forms.dual_derivative is not None and forms.dual_derivative_gradient is not None:
        if A.C is FLOATS and phi.kinks and determinant(FLOATS, a, b, c) <= NEARLY_PARALLEL**2 * a * c:
            return _rounded_from_balls(phi, w, u)
        return _from_dual(A, phi, w, u, (a, b, c))
    if same and a != 0:
        return _from_moments(A, [A.beta(phi, q, a) for q in (0, 2)], w, a)
    oblique = b * b > ORTHOGONAL**2 * a * c if A.C is FLOATS else b != 0
    return None if oblique or a == 0 or c == 0 else _orthogonal(A, phi, w, u)


def _rounded_from_balls(phi: Activation, w: np.ndarray, u: np.ndarray) -> np.ndarray | None:
    exact = [np.array([Fraction(float(x)) for x in row], dtype=object) for row in (w, u)]
    with precision(256):
        G = block(ENCLOSED, phi, *exact)
    return None if G is None else G.astype(float)


def _from_moments(A: Arithmetic, beta: list[Any], w: np.ndarray, a: Any) -> np.ndarray:
    """beta_0 (I - w w^T/a) + beta_2 w w^T/a."""
    d = len(w)
    along = A.array(np.multiply.outer(w, w) / a)
    return beta[0] * np.eye(d, dtype=int) + (beta[1] - beta[0]) * along


def _orthogonal(A: Arithmetic, phi: Activation, w: np.ndarray, u: np.ndarray) -> np.ndarray:
    """phi'(w.x) and phi'(u.x) are independent: products of the alpha_q."""
    a, c = w @ w, u @ u
    p, r = ([A.alpha(phi, q, variance) for q in range(3)] for variance in (a, c))
    d = len(w)
    along_w, along_u = (A.array(np.multiply.outer(x, x) / norm) for x, norm in ((w, a), (u, c)))
    across = A.array(_symmetric(w, u)) / A.C.sqrt(A.enter(a * c))
    return (
        p[0] * r[0] * np.eye(d, dtype=int)
        + (p[2] - p[0]) * r[0] * along_w
        + p[0] * (r[2] - r[0]) * along_u
        + p[1] * r[1] * across
    )


def _from_dual(
    A: Arithmetic, phi: Activation, w: np.ndarray, u: np.ndarray, covariance: tuple[Any, Any, Any]
) -> np.ndarray | None:
    """D I + P w w^T/a + Q u u^T/c + D_b R  with  P = 2a D_a + b D_b,  Q = 2c D_c + b D_b,  and, as r = u - (b/a) w,

    R = w u^T + u w^T - (b/a) w w^T - (b/c) u u^T = (1 - b^2/ac) ((b/a) w w^T + w r^T + r w^T) - (b/c) r r^T.
    For homogeneous phi of degree q: P = Q = (q - 1) D. R vanishes for parallel w and u, where D_b may be infinite.
    """
    forms = phi.closed_forms
    a, b, c = covariance
    gap = determinant(FLOATS, a, b, c) if A.C is FLOATS else a * c - b * b
    D = A.of_covariance(forms.dual_derivative, a, b, c)
    singular = bool(gap == 0)
    if phi.homogeneity is not None:
        P = Q = (phi.homogeneity - 1) * D
        D_b = None if singular else A.of_covariance(forms.dual_derivative_gradient, a, b, c)[1]
    elif singular and phi.kinks:
        return None
    else:
        D_a, D_b, D_c = A.of_covariance(forms.dual_derivative_gradient, a, b, c)
        P, Q = 2 * A.enter(a) * D_a + A.enter(b) * D_b, 2 * A.enter(c) * D_c + A.enter(b) * D_b
    G = D * np.eye(len(w), dtype=int)
    if a != 0:
        G = G + P * A.array(np.multiply.outer(w, w) / a)
    if c != 0:
        G = G + Q * A.array(np.multiply.outer(u, u) / c)
    if singular:
        return G
    r = u - b / a * w
    R = gap / (a * c) * (b / a * np.multiply.outer(w, w) + _symmetric(w, r)) - b / c * np.multiply.outer(r, r)
    return G + D_b * A.array(R)
