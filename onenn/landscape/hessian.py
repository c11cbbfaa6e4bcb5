"""The Hessian of the population risk at the teacher, v held fixed, in doubles, exact numbers or balls.

H_jl = v_j v_l E[phi'(w_j . x) phi'(w_l . x) x x^T],   a^T H a = E (sum_j v_j phi'(w_j . x) a_j . x)^2 >= 0.
It is (k d, k d), unit by unit: row j d + p belongs to entry p of w_j.   Chapter: lsc-counterexamples.
"""

from __future__ import annotations

import warnings

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, NoEnclosure, precision

from .arithmetic import DOUBLE, ENCLOSED, RATIONAL, SYMBOLIC, Arithmetic, Irrational
from .blocks import block
from .population import float_row

Blocks = list[list[np.ndarray]]


def hessian_at_teacher(teacher: OneHiddenLayer) -> np.ndarray:
    """H, float64 (k d, k d).

    *Domain*: any rows, nonzero where phi has kinks.  *Accuracy*: with closed forms about 1e-15 of the largest entry;
    without (tanh, sigmoid, softplus, gelu, a user's phi) blocks of rows that are not orthogonal come from quadrature,
    to 1e-10 of |v_j v_l| (E phi'(w_j.x)^2 |x|^2 E phi'(w_l.x)^2 |x|^2)^(1/2).
    *Law*: symmetric, positive semidefinite.
    Raises: ValueError outside the domain.  Source: eq-hessian-at-teacher.

    >>> H = hessian_at_teacher(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "relu"))
    >>> bool(np.isclose(np.linalg.eigvalsh(H)[0], 1 / 4 - 1 / (2 * np.pi)))
    True
    """
    return _assembled(blocks_at_teacher(DOUBLE, teacher), teacher.v).astype(float)


def hessian_at_teacher_exact(teacher: OneHiddenLayer) -> np.ndarray:
    """H in exact arithmetic, an object array: Fractions for linear and quadratic phi, otherwise SymPy expressions.

    The network's numbers are taken exactly (`exact_W`, `exact_v`).  *Domain*: as `hessian_at_teacher`, phi with closed
    forms.  Raises: ValueError outside the domain.

    >>> hessian_at_teacher_exact(OneHiddenLayer([[1], [1]], [1, -1], "linear")).tolist()
    [[Fraction(1, 1), Fraction(-1, 1)], [Fraction(-1, 1), Fraction(1, 1)]]
    """
    try:
        A, blocks = RATIONAL, blocks_at_teacher(RATIONAL, teacher)
    except Irrational:
        A, blocks = SYMBOLIC, blocks_at_teacher(SYMBOLIC, teacher)
    return _assembled(blocks, A.array(teacher.exact_v))


def hessian_at_teacher_ball(teacher: OneHiddenLayer, *, bits: int = 128) -> np.ndarray:
    """H in balls, an object array, computed at `bits` bits from the exact numbers of the network.

    *Contains*: H. Non-finite, with a NoEnclosure warning that says why, where no formula is known.
    Raises: ValueError on a zero row where phi has kinks.

    >>> from onenn.rigorous import min_eigenvalue
    >>> bool(min_eigenvalue(hessian_at_teacher_ball(OneHiddenLayer([[1, 2], [1, 3]], [1, -2], "relu"))) > 0)
    True
    """
    with precision(bits):
        return _assembled(blocks_at_teacher(ENCLOSED, teacher), ENCLOSED.array(teacher.exact_v))


def blocks_at_teacher(A: Arithmetic, teacher: OneHiddenLayer) -> Blocks:
    """The blocks E[phi'(w_j . x) phi'(w_l . x) x x^T] in the arithmetic A, without the factors v_j v_l."""
    W = teacher.W if A is DOUBLE else teacher.exact_W
    if teacher.phi.kinks and (zero := [i for i, w in enumerate(W) if not any(w)]):
        raise ValueError(
            f"row {zero[0]} of W is zero and {teacher.phi.name} has a kink; expected no zero row, so drop the unit"
        )
    k = teacher.k
    G: Blocks = [[np.empty(0)] * k for _ in range(k)]
    for j in range(k):
        for l in range(j, k):
            G[j][l] = _block_or_refusal(A, teacher, W, j, l)
            G[l][j] = G[j][l].T
    return G


def _block_or_refusal(A: Arithmetic, teacher: OneHiddenLayer, W: np.ndarray, j: int, l: int) -> np.ndarray:
    G = block(A, teacher.phi, W[j], W[l], same=j == l)
    if G is not None:
        return G
    if A is DOUBLE:
        G = float_row(teacher.phi, W[j], W[l : l + 1]).slopes(0)
        return (G + G.T) / 2 if j == l else G
    text = (
        f"no formula for the block of rows {j}, {l} of W: {teacher.phi.name} has no closed E[phi'(u) phi'(v)] there; "
        "make the rows nonzero and orthogonal, or supply dual_derivative and dual_derivative_gradient in closed_forms"
    )
    if A is not ENCLOSED:
        raise ValueError(text)
    warnings.warn(text, NoEnclosure, stacklevel=4)
    return np.full((teacher.d, teacher.d), BALLS.log(-1), dtype=object)


def _assembled(blocks: Blocks, v: np.ndarray) -> np.ndarray:
    return np.block([[v[j] * v[l] * G for l, G in enumerate(row)] for j, row in enumerate(blocks)])
