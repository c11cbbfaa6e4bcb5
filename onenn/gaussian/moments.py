"""Moments of phi' and phi under the normal law, and the residual variances T1, T2, T3 whose minimum is rho.

alpha_q = E[phi'(sigma z) z^q],  beta_q = E[phi'(sigma z)^2 z^q],  gamma_j = E[phi(sigma z) z^j],
T1 = beta_0 - alpha_0^2 - alpha_1^2,  T2 = beta_2 - alpha_1^2 - alpha_2^2,  T3 = alpha_0 alpha_2 - alpha_1^2.
Chapter: activation-properties. Errors: relative 1e-10 for sigma in [1e-3, 1e3], and 0.0 where the value is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..activations import Activation, activation
from ..activations.half_line import normal_moment
from ..contexts import FLOATS
from .panels import Rule, half_line_rule

Sigma = Any
"""A positive number, or an array of them."""


def order(x: Any, argument: str) -> int:
    """x as a nonnegative int.  Raises: TypeError or ValueError naming the argument."""
    if isinstance(x, bool) or not isinstance(x, (int, np.integer)):
        raise TypeError(f"{argument} is a {type(x).__name__}; expected an int >= 0")
    if x < 0:
        raise ValueError(f"{argument} is {x}; expected an int >= 0")
    return int(x)


def positive(sigma: Sigma) -> np.ndarray:
    """sigma as a float array.  Raises: ValueError naming sigma unless every entry is positive and finite."""
    try:
        s = np.asarray(sigma, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"sigma is {sigma!r}; expected a positive number or an array of them") from error
    if not np.all((s > 0) & np.isfinite(s)):
        raise ValueError(f"sigma is {sigma!r}; expected positive and finite: it is the norm of a weight vector")
    return s


def _result(value: Any, s: np.ndarray, argument: str = "sigma") -> Any:
    result = np.array(np.broadcast_to(np.asarray(value, dtype=float), s.shape))
    if not np.all(np.isfinite(result)):
        worst = s[~np.isfinite(result)].min() if s.ndim else float(s)
        raise OverflowError(f"{argument} is {worst:g}: the value exceeds the range of a double; lower {argument}")
    return result if s.ndim else float(result)


def _closed(form: Callable | None, q: int, s: np.ndarray) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        return None if form is None else form(FLOATS, q, s)


def _each(function: Callable[[float], float], s: np.ndarray) -> np.ndarray:
    return np.array([function(float(x)) for x in s.ravel()]).reshape(s.shape)


def _paired(rule: Rule, q: int, values: np.ndarray) -> float:
    """E[f z^q] from the values at z > 0 and at -z."""
    return float(np.sum(rule.w * rule.z**q * (values[0] + (-1) ** q * values[1])))


def alpha(phi: Activation | str, q: int, sigma: Sigma) -> Any:
    """alpha_q(sigma) = E[phi'(sigma z) z^q], z ~ N(0, 1).

    *Shapes*: that of sigma; a float for a number.
    Raises: ValueError for q < 0 or sigma <= 0; OverflowError naming sigma beyond the range of a double.
    Source: def-gaussian-moments; zhong2017slides, slide 13.

    >>> round(alpha("relu", 1, 3.0), 12)          # 1/sqrt(2 pi)
    0.398942280401
    """
    phi, q, s = activation(phi), order(q, "q"), positive(sigma)
    value = _closed(phi.closed_forms.alpha, q, s)
    if value is None:
        if (phi.derivative_symmetry, q % 2) in (("even", 1), ("odd", 0)):
            value = 0.0
        elif phi.derivative_symmetry == "half" and q % 2 == 0:
            value = FLOATS.number(phi.derivative_centre) * normal_moment(q)
        else:
            value = _each(lambda x: _moment(phi, phi.derivative, q, x), s)
    return _result(value, s)


def beta(phi: Activation | str, q: int, sigma: Sigma) -> Any:
    """beta_q(sigma) = E[phi'(sigma z)^2 z^q], z ~ N(0, 1).

    *Shapes*, *Raises*, *Source*: as `alpha`.

    >>> round(beta("tanh", 0, 1.0), 12)
    0.464402902448
    """
    phi, q, s = activation(phi), order(q, "q"), positive(sigma)
    value = _closed(phi.closed_forms.beta, q, s)
    if value is None:
        if phi.derivative_symmetry in ("even", "odd") and q % 2:
            value = 0.0
        else:
            value = _each(lambda x: _moment(phi, phi.derivative, q, x, exponent=2), s)
    return _result(value, s)


def gamma(phi: Activation | str, j: int, sigma: Sigma) -> Any:
    """gamma_j(sigma) = E[phi(sigma z) z^j], z ~ N(0, 1).

    *Shapes*, *Raises*, *Source*: as `alpha`.  Law (Stein): gamma_{j+1} = j gamma_{j-1} + sigma alpha_j.

    >>> gamma("squared_relu", 0, 2.0)             # sigma^2/2
    2.0
    """
    phi, j, s = activation(phi), order(j, "j"), positive(sigma)
    value = _closed(phi.closed_forms.gamma, j, s)
    if value is None:
        symmetry = phi.derivative_symmetry
        if symmetry == "odd" and j % 2:
            value = 0.0
        elif symmetry == "even" and j % 2 == 0:  # phi(0) plus an odd function
            value = float(phi(0.0)) * normal_moment(j)
        elif symmetry == "half" and j % 2:  # a multiple of z plus an even function
            value = FLOATS.number(phi.derivative_centre) * normal_moment(j + 1) * s
        else:
            value = _each(lambda x: _moment(phi, phi, j, x), s)
    return _result(value, s)


def _moment(phi: Activation, f: Callable, q: int, sigma: float, exponent: int = 1) -> float:
    rule = half_line_rule(phi, f, sigma, power=q)
    return _paired(rule, q, rule.values**exponent)


def T(phi: Activation | str, i: int, sigma: Sigma) -> Any:
    """T_i(sigma) for i = 1, 2, 3; T1, T2: the residual variances of phi'(sigma z), z phi'(sigma z) after 1 and z.

    They are never a difference of moments: closed forms are factored, integrals are taken of the squared residual.
    Where T ~ sigma^m an activation without `derivative_remainder` has an absolute error of about eps sigma^(m/2).
    *Shapes*: that of sigma; a float for a number.
    Raises: ValueError for another i, or sigma <= 0; OverflowError naming sigma.  Source: thm-rho-residual.

    >>> f"{T('softplus', 1, 1e-3):.3g}"            # sigma^6/384
    '2.6e-21'
    """
    phi, s = activation(phi), positive(sigma)
    if i not in (1, 2, 3):
        raise ValueError(f"i is {i!r}; expected 1, 2 or 3")
    value = _closed(phi.closed_forms.residual, i, s)
    return _result(_each(lambda x: _residual(phi, i, x), s) if value is None else value, s)


def _residual(phi: Activation, i: int, sigma: float) -> float:
    if i == 3:
        return _third(phi, sigma)
    f, slope = phi.derivative, 0.0
    if phi.derivative_remainder is not None and sigma <= 1:
        # an affine part leaves T1 alone and adds slope (z^2 - 1) to the residual of T2; for large sigma it would
        # be most of the remainder, and cancel
        f, slope = phi.derivative_remainder, sigma * float(phi.second_derivative(0.0))
    rule = half_line_rule(phi, f, sigma, power=2 * (i - 1))
    z = np.stack([rule.z, -rule.z])
    g = rule.values if i == 1 else z * rule.values
    centred = g - _paired(rule, 0, g) - _paired(rule, 1, g) * z
    if i == 2:
        centred = centred + slope * (z * z - 1)
    return _paired(rule, 0, centred**2)


def _third(phi: Activation, sigma: float) -> float:
    """For phi' >= 0, alpha_0 E[phi'(sigma z) (z - m)^2] with m = alpha_1/alpha_0: a variance, free of cancellation."""
    a0, a1, a2 = (alpha(phi, q, sigma) for q in range(3))
    rule = half_line_rule(phi, phi.derivative, sigma, power=2)
    if not (a0 > 0 and np.all(rule.values >= 0)):
        return a0 * a2 - a1 * a1
    z = np.stack([rule.z, -rule.z])
    return a0 * _paired(rule, 0, rule.values * (z - a1 / a0) ** 2)


def rho(phi: Activation | str, sigma: Sigma, terms: int = 3) -> Any:
    """rho(sigma) = min(T1, T2, T3) as printed on slide 13 (def-rho); terms=2 is min(T1, T2), all that the proof uses.

    *Shapes*: that of sigma; a float for a number.
    Raises: ValueError unless terms is 2 or 3, or for sigma <= 0.  Source: def-rho; zhong2017slides, slide 13; the
    two terms as quoted by fu2020.

    >>> rho("quadratic", 1.0), rho("quadratic", 1.0, terms=2)
    (-4.0, 0.0)
    """
    if terms not in (2, 3):
        raise ValueError(f"terms is {terms!r}; expected 3 (as printed) or 2 (as the proof needs)")
    values = [T(phi, i, sigma) for i in range(1, terms + 1)]
    smallest = np.minimum.reduce(values)
    return smallest if isinstance(values[0], np.ndarray) else float(smallest)
