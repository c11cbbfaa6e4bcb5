"""The Hessian of the population risk at the teacher in W and v together: why v is held fixed.

(A, b)^T H (A, b) = E (sum_i v_i phi'(w_i . x) a_i . x + sum_i b_i phi(w_i . x))^2;  for homogeneous phi of degree q the
directions (w_i, -q v_i) have the value 0 (Euler's identity).   Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import precision

from .arithmetic import DOUBLE, ENCLOSED, RATIONAL, SYMBOLIC, Arithmetic, Irrational
from .hessian import blocks_at_teacher


def joint_hessian_at_teacher(teacher: OneHiddenLayer) -> np.ndarray:
    """The joint Hessian, float64 (k d + k, k d + k): the k d entries of W unit by unit, then the k entries of v.

    *Domain*: phi homogeneous; rows of W nonzero.  *Law*: symmetric, positive semidefinite, kernel of dimension >= k.
    Raises: ValueError outside the domain.  Source: eq-joint-hessian.

    >>> H = joint_hessian_at_teacher(OneHiddenLayer([[1.0, 2.0]], [3.0], "relu"))
    >>> bool(np.allclose(H @ [1, 2, -3], 0))
    True
    """
    return _joint(DOUBLE, teacher).astype(float)


def joint_hessian_at_teacher_exact(teacher: OneHiddenLayer) -> np.ndarray:
    """The joint Hessian in exact arithmetic: Fractions for linear and quadratic phi, otherwise SymPy expressions.

    >>> joint_hessian_at_teacher_exact(OneHiddenLayer([[1]], [2], "quadratic")).tolist()
    [[Fraction(48, 1), Fraction(12, 1)], [Fraction(12, 1), Fraction(3, 1)]]
    """
    try:
        return _joint(RATIONAL, teacher)
    except Irrational:
        return _joint(SYMBOLIC, teacher)


def joint_hessian_at_teacher_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> np.ndarray:
    """The joint Hessian in balls, computed at `bits` bits from the exact numbers of the network.  *Contains*: it."""
    with precision(bits):
        return _joint(ENCLOSED, teacher)


def _joint(A: Arithmetic, teacher: OneHiddenLayer) -> np.ndarray:
    k, d, phi = teacher.k, teacher.d, teacher.phi
    exact = A is not DOUBLE
    W, v = (teacher.exact_W, teacher.exact_v) if exact else (teacher.W, teacher.v)
    if phi.homogeneity is None or phi.closed_forms.dual is None or phi.closed_forms.dual_derivative is None:
        raise ValueError(
            f"phi is {phi.name}; the joint Hessian is implemented for homogeneous activations with closed forms"
        )
    if zero := [i for i, w in enumerate(W) if not any(w)]:
        raise ValueError(f"row {zero[0]} of W is zero; the formulas divide by |w|^2, so drop the unit")
    G = blocks_at_teacher(A, teacher)
    entered = A.array(v)
    H = np.empty((k * d + k, k * d + k), dtype=object)
    for j in range(k):
        for l in range(k):
            weight_block, mixed, value = entered[j] * entered[l] * G[j][l], *_with_value(A, teacher, W[j], W[l])
            H[j * d : (j + 1) * d, l * d : (l + 1) * d] = weight_block
            H[j * d : (j + 1) * d, k * d + l] = H[k * d + l, j * d : (j + 1) * d] = entered[j] * mixed
            H[k * d + j, k * d + l] = value
    return H


def _with_value(A: Arithmetic, teacher: OneHiddenLayer, w: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, Any]:
    """E[phi'(w.x) phi(u.x) x] = ((q K - b D)/a) w + D u  and  K = E[phi(w.x) phi(u.x)].

    By Stein's identity the vector is 2 K_a w + K_b u; K_b = D, and 2a K_a + b K_b = q K because K has degree q in w.
    """
    q, forms = teacher.phi.homogeneity, teacher.phi.closed_forms
    a, b, c = w @ w, w @ u, u @ u
    K, D = (A.of_covariance(form, a, b, c) for form in (forms.dual, forms.dual_derivative))
    a, b = A.enter(a), A.enter(b)
    return (q * K - b * D) / a * A.array(w) + D * A.array(u), K
