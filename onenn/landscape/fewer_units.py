"""What k units cannot do at a teacher with more: the best risk is at least a quarter of what rank k leaves of M_2.

f(W, v) >= (1/4) sum_{j > k} s_j(M_2)^2,   M_2 = E f*(x) (x x^T - I) = sum_i v_i (alpha_1(|w_i|)/|w_i|) w_i w_i^T,
s_1 >= s_2 >= ... the singular values.   Chapter: atlas (thm-atlas-floor).
"""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from onenn import gaussian
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, interval, precision, square, symmetric_eigenvalues


def second_moment(teacher: OneHiddenLayer) -> np.ndarray:
    """M_2 = E f(x) (x x^T - I), x ~ N(0, I), (d, d); its rank is at most the number of units.

    Raises: ValueError on a zero row.

    >>> M = second_moment(OneHiddenLayer([[2.0, 0.0]], [-1.0], "relu"))
    >>> bool(np.allclose(M, [[-2 / np.sqrt(2 * np.pi), 0], [0, 0]]))
    True
    """
    lengths = np.linalg.norm(teacher.W, axis=1)
    slopes = np.array([gaussian.alpha(teacher.phi, 1, float(s)) for s in lengths])
    return (teacher.W.T * (teacher.v * slopes / lengths)) @ teacher.W


def fewer_units_floor(teacher: OneHiddenLayer, k: int) -> float:
    """A lower bound on the risk of every network of k units of the teacher's activation, whatever their W and v.

    *Law*: decreases in k; 0 from the teacher's own number of units on.
    Raises: ValueError for k < 0, or a zero row of the teacher.  Source: thm-atlas-floor.

    >>> teacher = OneHiddenLayer(np.eye(3), np.ones(3), "relu")
    >>> [round(8 * np.pi * fewer_units_floor(teacher, k), 12) for k in range(4)]
    [3.0, 2.0, 1.0, 0.0]
    """
    _check(k)
    if k >= min(teacher.k, teacher.d):
        return 0.0
    return float(np.sum(np.linalg.svd(second_moment(teacher), compute_uv=False)[k:] ** 2)) / 4


def fewer_units_floor_ball(teacher: OneHiddenLayer, k: int, *, bits: int = 128) -> Ball:
    """The same as a ball, from the exact weights.

    *Contains*: the bound. *Tight*: a radius of about 2^-bits |M_2|^2.
    Raises: as `fewer_units_floor`.

    >>> fewer_units_floor_ball(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "relu"), 1).overlaps(ball("1/(8*pi)"))
    True
    """
    _check(k)
    with precision(bits):
        W = [[ball(x) for x in row] for row in teacher.exact_W]
        lengths = [BALLS.sqrt(reduce(add, (square(x) for x in w))) for w in W]
        c = [
            ball(v) * gaussian.alpha_ball(teacher.phi, 1, s, bits=bits) / s
            for v, s in zip(teacher.exact_v, lengths, strict=True)
        ]
        columns = range(teacher.d)
        M = [[reduce(add, (z * w[i] * w[j] for z, w in zip(c, W, strict=True))) for j in columns] for i in columns]
        squares = [square(x) for x in symmetric_eigenvalues(M)]
        # the i-th smallest square lies between the i-th smallest lower end and the i-th smallest upper end
        left = max(teacher.d - k, 0)
        low = reduce(add, sorted(x.lower() for x in squares)[:left], ball(0))
        high = reduce(add, sorted(x.upper() for x in squares)[:left], ball(0))
        return interval(low.lower(), high.upper()) / 4


def _check(k: int) -> None:
    if k < 0:
        raise ValueError(f"k is {k}; expected a number of units >= 0")
