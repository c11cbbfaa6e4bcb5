"""The empirical risk, its gradient, its Hessian and products with it: blocked over samples, on NumPy or torch.

f_n(W) = sum_i r_i^2/(2n),   r_i = f(x_i; W, v) - y_i,   grad_j = (v_j/n) sum_i r_i phi'(w_j.x_i) x_i,
H_jl = (v_j/n) sum_i (v_l phi'(w_j.x_i) phi'(w_l.x_i) + 1{j=l} r_i phi''(w_j.x_i)) x_i x_i^T,

phi'' almost everywhere: for ReLU it is 0, and its mean misses a part of the Hessian of the population risk.
The memory beside X, y and the result is that of one block, whatever n.   Chapter: local-convergence.
"""

from __future__ import annotations

from typing import Any

from onenn.arrays import Array, evaluate
from onenn.network import OneHiddenLayer

from .samples import Samples


def empirical_risk(student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None) -> float:
    """f_n(W), a float >= 0.

    *Shapes*: X (n, d) a NumPy array or a torch tensor on any device, y (n,); computed in the dtype and on the device of
    X (float64 for lists and integers). block_size: samples per block; None: as many as fit a cache.
    *Law*: the mean over samples of the risks of each.
    Raises: ValueError on a wrong shape, no sample, nan or inf, block_size < 1.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_risk(student, [[1.0, 5.0], [-1.0, 5.0]], [0.0, 2.0])
    2.0
    """
    data = Samples.of(student, X, y, block_size, student.k)
    data.check_finite()  # a bounded phi would hide an infinite input
    total = sum((r @ r for *_, r in data.blocks()), start=0.0)
    return data.finite(float(total)) / (2 * data.n)


def empirical_gradient(student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None) -> Array:
    """The gradient of f_n in W, an array (k, d) like X.  *Shapes*, Raises: as `empirical_risk`.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_gradient(student, [[1.0, 5.0], [-1.0, 5.0]], [0.0, 2.0]).tolist()
    [[2.0, 10.0]]
    """
    return empirical_risk_and_gradient(student, X, y, block_size=block_size)[1]


def empirical_risk_and_gradient(
    student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None
) -> tuple[float, Array]:
    """f_n(W) and its gradient (k, d) at the cost of little more than the two matrix products X W^T and R^T X.

    *Shapes*, Raises: as `empirical_risk`.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_risk_and_gradient(student, [[1.0, 5.0]], [0.0])[0]
    2.0
    """
    data = Samples.of(student, X, y, block_size, student.k)
    risk: Any = 0.0
    gradient: Any = 0.0
    for x, _, slopes, r in data.sloped_blocks():
        risk = risk + r @ r
        R = slopes
        R *= r  # in place, even where it is Z itself, which has served: a new array costs as much again
        gradient = gradient + R @ x
    gradient = data.finite(data.v[:, None] * gradient / data.n)
    return data.finite(float(risk)) / (2 * data.n), gradient


def empirical_hessian(student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None) -> Array:
    """The Hessian of f_n in W, phi'' almost everywhere: an array (k d, k d) like X, unit by unit.

    *Law*: symmetric; without the term of phi'' positive semidefinite (Gauss-Newton).  *Shapes*: as `empirical_risk`.
    Raises: as `empirical_risk`; ValueError when phi has no second derivative.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_hessian(student, [[1.0, 5.0], [-1.0, 5.0]], [0.0, 2.0]).tolist()
    [[2.0, 10.0], [10.0, 50.0]]
    """
    k, d = student.k, student.d
    data = Samples.of(student, X, y, block_size, k * d)
    data.check_finite("y")  # where phi'' = 0 the residuals do not enter
    H: Any = 0.0
    for x, Z, slopes, r in data.sloped_blocks():
        J = _features(data, x, slopes)
        H = H + J.T @ J
        bends = evaluate(student.phi, "second_derivative", Z)
        if isinstance(bends, float) and bends == 0:
            continue
        weights = r * data.v[:, None] * bends
        for j in range(k):
            part = slice(j * d, (j + 1) * d)
            H[part, part] += (x * weights[j][:, None]).T @ x
    return data.finite(H / data.n)


def gauss_newton_matrix(student: OneHiddenLayer, X: Array, *, block_size: int | None = None) -> Array:
    """The Hessian of f_n without its term in phi'': (1/n) sum_i g_i g_i^T, g_i = (v_j phi'(w_j.x_i) x_i)_j, (k d, k d).

    *Law*: symmetric, positive semidefinite; it knows no targets, and is the Hessian where all residuals vanish.
    *Shapes*, Raises: as `empirical_risk`.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "squared_relu")
    >>> gauss_newton_matrix(student, [[1.0, 5.0], [-1.0, 5.0]]).tolist()
    [[8.0, 40.0], [40.0, 200.0]]
    """
    data = Samples.of(student, X, None, block_size, student.k * student.d)
    data.check_finite("X")  # a bounded phi' would hide an infinite input
    G: Any = 0.0
    for x, _, slopes, _ in data.sloped_blocks():
        J = _features(data, x, slopes)
        G = G + J.T @ J
    return data.finite(G / data.n)


def _features(data: Samples, x: Array, slopes: Array) -> Array:
    """The derivatives of f(x_i) in the entries of W, unit by unit: (b, k d)."""
    J = (slopes * data.v[:, None]).T[:, :, None] * x[:, None, :]
    return data.xp.reshape(J, (x.shape[0], slopes.shape[0] * x.shape[1]))


def hessian_vector_product(
    student: OneHiddenLayer, X: Array, y: Array, direction: Array, *, block_size: int | None = None
) -> Array:
    """H a for a = direction (k, d), without H: an array (k, d) like X, at twice the cost of a gradient.

    *Shapes*, Raises: as `empirical_hessian`; direction is (k, d) or its k d entries in a row, unit by unit.
    *Law*: linear in direction, a^T H b = b^T H a.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> hessian_vector_product(student, [[1.0, 5.0], [-1.0, 5.0]], [0.0, 2.0], [1.0, 0.0]).tolist()
    [[2.0, 10.0]]
    """
    data = Samples.of(student, X, y, block_size, student.k)
    V = data.like(direction, "direction")
    if V.shape not in ((student.k, student.d), (student.k * student.d,)):
        raise ValueError(
            f"direction has shape {tuple(V.shape)}; expected {(student.k, student.d)}, one entry for each of W, or "
            "these in a row, unit by unit"
        )
    V = data.xp.reshape(V, (student.k, student.d))
    data.check_finite("y")
    product: Any = 0.0
    for x, Z, slopes, r in data.sloped_blocks():
        U = V @ x.T
        C = (data.v @ (slopes * U)) * slopes
        bends = evaluate(student.phi, "second_derivative", Z)
        if not isinstance(bends, float) or bends != 0:
            C = C + r * bends * U
        product = product + C @ x
    return data.finite(data.v[:, None] * product / data.n)
