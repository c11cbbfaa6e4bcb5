"""Bounds of the Jacobian that hold at every W, and of f(W_0): with B = sup |phi'| and S = sup |phi''|,

    ||J(W)|| <= B |v| ||X|| = beta,      ||J(W) - J(W')|| <= L ||W - W'||,  L = S |v|_inf ||X|| max_i |x_i|,
    |f(W_0)| <= (1 + delta) B |y| with probability >= 1 - exp(-delta^2 n/(2 ||X||^2)).

Chapters: moderate-overparameterization (lem-spectral, lem-lipschitz), overparameterization-kernel (lem-misfit).
"""

from __future__ import annotations

from fractions import Fraction
from math import exp
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS, Constant
from onenn.network import OneHiddenLayer

from .data import inputs, not_negative


def slope_bound(phi: Activation | str) -> Constant | None:
    """B >= |phi'| as an exact constant, None where phi' is not known to be bounded.

    >>> slope_bound("softplus"), slope_bound("exp")
    (Fraction(1, 1), None)
    """
    phi = activation(phi)
    if phi.bounds.first is not None and phi.bounds.power == 0:
        return phi.bounds.first
    growth = phi.growth
    if growth is None or growth.power != 0 or growth.rate != 0 or isinstance(growth.constant, str):
        return None
    return 2 * Fraction(growth.constant)


def curvature_bound(phi: Activation | str) -> Constant | None:
    """S >= |phi''|, None where phi' is not Lipschitz.

    >>> curvature_bound("softplus"), curvature_bound("relu")
    (Fraction(1, 4), None)
    """
    return activation(phi).bounds.second


def spectral_bound(net: OneHiddenLayer, X: Any) -> float:
    """beta = B |v| ||X||, at least ||J(W)|| for every W.

    Raises: ValueError where phi' has no known bound; on X as `jacobian`.  Source: lem-spectral.

    >>> spectral_bound(OneHiddenLayer([[1, 0]], [3], "relu"), np.eye(2))
    3.0
    """
    B = slope_bound(net.phi)
    if B is None:
        raise ValueError(f"phi is {net.phi.name}, whose derivative has no known bound; use singular_values(net, X)")
    return FLOATS.number(B) * float(np.linalg.norm(net.v)) * norm(X)


def lipschitz_bound(net: OneHiddenLayer, X: Any) -> float:
    """L with ||J(W) - J(W')|| <= L ||W - W'|| for the spectral norm of W - W', hence for the Frobenius norm.

    Raises: ValueError where phi'' has no bound; on X as `jacobian`.  Source: lem-lipschitz.

    >>> lipschitz_bound(OneHiddenLayer([[1, 0]], [3], "softplus"), np.eye(2))
    0.75
    """
    S = curvature_bound(net.phi)
    if S is None:
        raise ValueError(
            f"phi is {net.phi.name}, whose slope is not Lipschitz; certificate() takes the sign flips of a ReLU"
        )
    X, xp = inputs(X, d=net.d)
    longest = float(xp.max(xp.linalg.vector_norm(X, axis=1)))
    return FLOATS.number(S) * float(np.abs(net.v).max()) * norm(X) * longest


def norm(X: Any) -> float:
    """||X||, the largest singular value."""
    X, xp = inputs(X)
    return float(xp.linalg.svdvals(X)[0])


def misfit_bound(phi: Activation | str, delta: float) -> float:
    """|f(W_0)|/|y| stays below (1 + delta) B with the probability `1 - misfit_failure`, for signed halves.

    >>> misfit_bound("tanh", 0.5)
    1.5
    """
    B = slope_bound(phi)
    if B is None:
        raise ValueError(f"phi is {activation(phi).name}, whose derivative has no known bound")
    return (1 + not_negative(delta, "delta")) * FLOATS.number(B)


def misfit_failure(X: Any, delta: float) -> float:
    """exp(-delta^2 n/(2 ||X||^2)), the probability that is left; it does not fall with k.

    Raises: ValueError for delta < 0; on X as `jacobian`.

    >>> round(misfit_failure(np.eye(2), 1.0), 6)
    0.367879
    """
    X, _ = inputs(X)
    return exp(-(not_negative(delta, "delta") ** 2) * X.shape[0] / (2 * norm(X) ** 2))
