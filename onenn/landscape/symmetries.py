"""Changes of a teacher that leave its function as it is, and the directions in which they start.

linear:       W -> W + N,    sum_i v_i n_i = 0                            start  (v_j e_p, -v_i e_p) at units i, j
quadratic:    W -> Q W,      Q^T diag(v) Q = diag(v)                      start  (w_j / v_i, -w_i / v_j) at units i, j
homogeneous:  (w_i, v_i) -> (c w_i, v_i / c^q)                            start  (w_i, -q v_i) in (W, v)
Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer


def shift_units(teacher: OneHiddenLayer, i: int, j: int, n: Any) -> OneHiddenLayer:
    """The network with w_i + v_j n and w_j - v_i n: the same function when phi is linear.  *Shapes*: n (d,), exact.

    >>> shift_units(OneHiddenLayer([[1], [1]], [1, 2], "linear"), 0, 1, [3]).W.tolist()
    [[7.0], [-2.0]]
    """
    W, v = teacher.exact_W.copy(), teacher.exact_v
    n = np.array([Fraction(x) for x in n], dtype=object)
    W[i], W[j] = W[i] + v[j] * n, W[j] - v[i] * n
    return OneHiddenLayer(W, v, teacher.phi)


def rotate_units(teacher: OneHiddenLayer, i: int, j: int, s: Any) -> OneHiddenLayer:
    """The network with rows i and j of W replaced by Q (w_i, w_j): the same function when phi is quadratic.

    Q is the Cayley transform of K = ((0, s/v_i), (-s/v_j, 0)), rational with s: a rotation in scaled rows when v_i and
    v_j have one sign, a hyperbolic rotation when they have not.  *Law*: Q^T diag(v_i, v_j) Q = diag(v_i, v_j).
    Raises: ValueError when v_i or v_j is 0, or s^2 = -v_i v_j, where Q is infinite.

    >>> rotate_units(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "quadratic"), 0, 1, Fraction(1, 2)).W.tolist()
    [[0.6, 0.8], [-0.8, 0.6]]
    """
    W, v, s = teacher.exact_W.copy(), teacher.exact_v, Fraction(s)
    if v[i] == 0 or v[j] == 0:
        raise ValueError(
            f"v[{i}] is {v[i]} and v[{j}] is {v[j]}; expected nonzero weights, as a unit of weight 0 is free"
        )
    p, r = s / v[i], s / v[j]
    if 1 + p * r == 0:
        raise ValueError(f"s is {s}, where s^2 = -v[{i}] v[{j}] and the rotation is infinite; take another s")
    W[i], W[j] = ((1 - p * r) * W[i] + 2 * p * W[j]) / (1 + p * r), ((1 - p * r) * W[j] - 2 * r * W[i]) / (1 + p * r)
    return OneHiddenLayer(W, v, teacher.phi)


def rescale_unit(teacher: OneHiddenLayer, i: int, c: Any) -> OneHiddenLayer:
    """The network with (c w_i, v_i / c^q): the same function when phi is homogeneous of degree q and c > 0.

    Raises: ValueError when phi is not homogeneous or c <= 0.

    >>> rescale_unit(OneHiddenLayer([[1, 2]], [4], "squared_relu"), 0, 2).v.tolist()
    [1.0]
    """
    c, q = Fraction(c), teacher.phi.homogeneity
    if q is None or c <= 0:
        raise ValueError(f"phi is {teacher.phi.name} and c is {c}; expected a homogeneous activation and c > 0")
    W, v = teacher.exact_W.copy(), teacher.exact_v.copy()
    W[i], v[i] = c * W[i], v[i] / c**q
    return OneHiddenLayer(W, v, teacher.phi)


def symmetry_directions(teacher: OneHiddenLayer) -> np.ndarray:
    """The directions in W in which the symmetries of a linear or quadratic network start, as rows of Fractions.

    *Shapes*: (k (k - 1)/2, k d), one for each pair i < j, for quadratic phi; (d (k - 1), k d) for linear phi, i being
    the first unit with v_i != 0.  *Law*: each lies in the kernel of the Hessian at the teacher.
    Raises: ValueError for another phi, when v = 0, or when quadratic phi meets a weight v_i = 0 (that unit is free).

    >>> symmetry_directions(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "quadratic")).tolist()
    [[Fraction(0, 1), Fraction(1, 1), Fraction(-1, 1), Fraction(0, 1)]]
    """
    k, d, W, v = teacher.k, teacher.d, teacher.exact_W, teacher.exact_v
    if teacher.phi.name not in ("linear", "quadratic"):
        raise ValueError(
            f"phi is {teacher.phi.name}; expected linear or quadratic, the two with symmetries of this kind"
        )
    live = [i for i in range(k) if v[i]]
    if not live or (teacher.phi.name == "quadratic" and len(live) < k):
        zero = next(i for i in range(k) if not v[i])
        raise ValueError(f"v[{zero}] is 0; drop that unit, which is free altogether, and add d to the count")
    if teacher.phi.name == "quadratic":
        pairs = combinations(range(k), 2)
        directions = [_direction(k, d, {i: W[j] / v[i], j: -W[i] / v[j]}) for i, j in pairs]
    else:
        i, axes = live[0], np.eye(d, dtype=int)
        directions = [_direction(k, d, {i: v[j] * e, j: -v[i] * e}) for j in range(k) if j != i for e in axes]
    return np.array(directions, dtype=object).reshape(len(directions), k * d)


def _direction(k: int, d: int, rows: dict[int, Any]) -> np.ndarray:
    A = np.full((k, d), Fraction(0), dtype=object)
    for i, row in rows.items():
        A[i] = [Fraction(x) for x in row]
    return A.ravel()
