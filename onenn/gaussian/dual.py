"""Dual activations:  dual = E[phi(u) phi(v)],  dual_derivative = E[phi'(u) phi'(v)],  (u, v) ~ N(0, [[a, b], [b, c]]).

Price's theorem: the derivative of the dual in b is the dual of the derivative.   Chapter: local-strong-convexity.
Error: at most 1e-10 sqrt(E f(u)^2 E f(v)^2), correlations -1 and 1 and vanishing variances included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..activations import Activation, activation
from ..activations.wedge import determinant
from ..contexts import FLOATS
from .moments import alpha, gamma
from .plane import Term, plane_expectations


def dual(phi: Activation | str, cov: Any) -> Any:
    """E[phi(u) phi(v)] for (u, v) ~ N(0, cov).

    *Shapes*: cov (..., 2, 2) -> (...); a float for a single matrix.  *Domain*: symmetric positive semidefinite.
    Raises: ValueError naming cov outside the domain; OverflowError beyond the range of a double.
    Source: closed forms of Williams 1996 (erf), Cho and Saul 2009 (rectified powers); nested quadrature otherwise.

    >>> dual("quadratic", [[1.0, 0.5], [0.5, 2.0]])       # a c + 2 b^2
    2.5
    """
    phi = activation(phi)
    return _over_covariances(phi, phi, phi.closed_forms.dual, cov, lambda s: gamma(phi, 0, s))


def dual_derivative(phi: Activation | str, cov: Any) -> Any:
    """E[phi'(u) phi'(v)] for (u, v) ~ N(0, cov); with variance 0 it is phi'(0), at a kink the right derivative.

    *Shapes*, *Domain*, *Raises*, *Source*: as `dual`.

    >>> dual_derivative("relu", [[1.0, 0.0], [0.0, 1.0]])
    0.25
    """
    phi = activation(phi)
    return _over_covariances(phi, phi.derivative, phi.closed_forms.dual_derivative, cov, lambda s: alpha(phi, 0, s))


def entries(cov: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(a, b, c) of the covariances.

    Raises: ValueError naming cov when the shape is not (..., 2, 2) or a matrix is not symmetric positive semidefinite.
    """
    cov = np.asarray(cov, dtype=float)
    if cov.ndim < 2 or cov.shape[-2:] != (2, 2):
        raise ValueError(f"cov has shape {cov.shape}; expected (..., 2, 2), covariance matrices of two variables")
    if not np.all(np.isfinite(cov)):
        raise ValueError("cov has entries that are nan or infinite; expected finite covariances")
    a, b, c, other = cov[..., 0, 0], cov[..., 0, 1], cov[..., 1, 1], cov[..., 1, 0]
    if np.any((a < 0) | (c < 0)):
        raise ValueError(
            f"cov has a negative variance ({min(a.min(), c.min()):g}); expected a positive semidefinite matrix"
        )
    largest = np.sqrt(a) * np.sqrt(c)
    slack = 1e-12 * largest  # what a Gram matrix computed in doubles may miss
    if np.any(np.abs(b - other) > slack):
        raise ValueError("cov is not symmetric; expected cov[..., 0, 1] == cov[..., 1, 0]")
    if np.any(np.abs(b) > largest + slack):
        raise ValueError(
            "cov is not positive semidefinite: |cov[..., 0, 1]| exceeds the product of the standard deviations"
        )
    return a, b, c


def _over_covariances(
    phi: Activation, f: Callable, form: Callable | None, cov: Any, mean: Callable[[np.ndarray], Any]
) -> Any:
    a, b, c = entries(cov)
    shape = a.shape
    a, b, c = (np.atleast_1d(x).ravel() for x in (a, b, c))
    result = np.empty(a.shape)
    regular = (a > 0) & (c > 0)
    if regular.any():
        with np.errstate(over="ignore", invalid="ignore"):
            value = None if form is None else form(FLOATS, a[regular], b[regular], c[regular])
        if value is None:
            try:
                value = [
                    _quadrature(phi, f, *abc) if abc[1] else mean(np.sqrt(abc[0])) * mean(np.sqrt(abc[2]))
                    for abc in zip(a[regular], b[regular], c[regular], strict=True)
                ]
            except OverflowError as error:
                raise OverflowError(f"cov has variances too large for doubles: {error}") from error
        result[regular] = value
    for i in np.flatnonzero(~regular):  # a variable without variance is the constant 0
        variance = max(a[i], c[i])
        result[i] = float(f(0.0)) * (float(f(0.0)) if variance == 0 else mean(np.sqrt(variance)))
    if not np.all(np.isfinite(result)):
        raise OverflowError("cov has variances so large that the dual exceeds the range of a double; scale it down")
    return result.reshape(shape) if shape else float(result[0])


def _quadrature(phi: Activation, f: Callable, a: float, b: float, c: float) -> float:
    """Nested rules: u = p z_1 and v = (b/p) z_1 + r z_2 with p = sqrt(a) and r = sqrt(ac - b^2)/p."""
    p = float(np.sqrt(a))
    r = float(np.sqrt(determinant(FLOATS, a, b, c))) / p
    return plane_expectations(phi, p, b / p, r, [Term(f, f)])[0]
