"""The Jacobian of W -> f(W) = phi(X W^T) v, and its Gram matrix without the Jacobian.

row i of J:  (v o phi'(W x_i)) (x) x_i,      J J^T = (A A^T) o (X X^T),  A = phi'(X W^T) diag(v).

o multiplies entry by entry.   Chapter: moderate-overparameterization (lem-jacobian).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from onenn.arrays import Array, evaluate
from onenn.network import OneHiddenLayer

from .data import double, weights

_DIGITS_LOST = 1e-5
"""Below this ratio of extreme eigenvalues of a Gram matrix the least has lost five of its sixteen digits."""


def jacobian(net: OneHiddenLayer, X: Any) -> Array:
    """J = df/dW, an array (n, k d) like X, unit by unit; phi' from the right at a kink.

    *Shapes*: X (n, d), of NumPy or torch on any device.
    Raises: ValueError on a wrong shape, nan or inf.
    Source: lem-jacobian.

    >>> jacobian(OneHiddenLayer([[1, 0], [0, 1]], [1, -2], "quadratic"), [[1.0, 3.0]]).tolist()
    [[2.0, 6.0, -12.0, -36.0]]
    """
    X, W, v, xp = weights(net, X)
    A = _slopes(net, X @ W.T, v)
    return xp.reshape(A[:, :, None] * X[:, None, :], (X.shape[0], net.k * net.d))


def jacobian_gram(net: OneHiddenLayer, X: Any) -> Array:
    """J J^T, an array (n, n) like X, in n^2 (k + d) operations once W X^T is known: J is not formed.

    *Shapes*, Raises, Source: as `jacobian`; ValueError where it overflows.  *Law*: symmetric, positive semidefinite.

    >>> jacobian_gram(OneHiddenLayer([[1, 0], [0, 1]], [1, -2], "quadratic"), [[1.0, 3.0]]).tolist()
    [[1480.0]]
    """
    X, W, v, xp = weights(net, X)
    A = _slopes(net, X @ W.T, v)
    return _finite((A @ A.T) * (X @ X.T), net, xp)


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """least, the n-th singular value (0 where n exceeds the number of columns); largest; by which route."""

    least: float
    largest: float
    route: str


def singular_values(net: OneHiddenLayer, X: Any) -> Extremes:
    """The extreme singular values of J, by the cheaper of two routes: J J^T (n, n) or J^T J (k d, k d).

    Where the squares have lost the digits of the least one, J itself is decomposed. For n > k d the least of n singular
    values is 0.
    *Shapes*, Raises: as `jacobian`.

    >>> singular_values(OneHiddenLayer([[1, 0]], [1], "linear"), [[1.0, 0.0], [0.0, 2.0]])
    Extremes(least=1.0, largest=2.0, route='J J^T')
    """
    X, W, _, xp = weights(net, double(X)[0])
    n, columns = X.shape[0], W.shape[0] * W.shape[1]
    if n <= columns:
        values, route = xp.linalg.eigvalsh(jacobian_gram(net, X)), "J J^T"
    else:
        J = jacobian(net, X)
        values, route = xp.linalg.eigvalsh(_finite(J.T @ J, net, xp)), "J^T J"
    largest = max(float(values[-1]), 0.0) ** 0.5
    if n > columns:
        return Extremes(least=0.0, largest=largest, route=route)
    if largest and float(values[0]) < _DIGITS_LOST * largest**2:
        s = xp.linalg.svdvals(jacobian(net, X))
        return Extremes(least=float(s[-1]), largest=float(s[0]), route="J")
    return Extremes(least=max(float(values[0]), 0.0) ** 0.5, largest=largest, route=route)


def _finite(K: Array, net: OneHiddenLayer, xp: Any) -> Array:
    if not xp.all(xp.isfinite(K)):
        raise ValueError(f"net is {net}, whose Jacobian overflows at X when squared; expected smaller W, v or X")
    return K


def relative_doubt(extremes: Extremes, n: int) -> float:
    """How much of `least` in double precision may be rounding, as a part of it, n the rows of J; inf where it is 0."""
    if not extremes.least:
        return float("inf")
    condition = extremes.largest / extremes.least
    return 4 * np.finfo(float).eps * n * (condition if extremes.route == "J" else condition**2)


def _slopes(net: OneHiddenLayer, Z: Array, v: Array) -> Array:
    """phi'(Z) diag(v), an array where phi' is constant too."""
    slopes = evaluate(net.phi, "derivative", Z)
    return 0 * Z + slopes * v if isinstance(slopes, float) else slopes * v
