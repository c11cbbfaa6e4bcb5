"""The Gaussian error linear unit  phi(z) = z Phi(z),  phi' = Phi + z f,  phi'' = (2 - z^2) f.

Phi and f are the normal distribution function and density. All
 one-dimensional moments are elementary, by Stein's identity and products of Gaussians; with A = 1 + s^2
alpha_1 = s (2 + s^2)/(sqrt(2 pi) A^{3/2}).   Chapter: activation-properties.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import numpy as np
from scipy import special

from ..contexts import FLOATS
from .activation import Activation, Bounds, ClosedForms, Growth, Piece, Tails
from .half_line import double_factorial, integer_power, normal_moment


def _normal_cdf(C: Any, z: Any) -> Any:
    # ndtr keeps its relative accuracy in the left tail, where 1 + erf has none
    return special.ndtr(z) if C is FLOATS else (1 + C.erf(z / C.sqrt(C.rational(Fraction(2))))) / 2


def _normal_density(C: Any, z: Any) -> Any:
    return C.exp(-z * z / 2) / C.sqrt(2 * C.pi)


def _value(C: Any, z: Any) -> Any:
    return z * _normal_cdf(C, z)


def _derivative(C: Any, z: Any) -> Any:
    return _normal_cdf(C, z) + z * _normal_density(C, z)


def _second_derivative(C: Any, z: Any) -> Any:
    return (2 - z * z) * _normal_density(C, z)


def _value_and_derivative(C: Any, z: Any) -> tuple[Any, Any]:
    cdf = _normal_cdf(C, z)
    return z * cdf, cdf + z * _normal_density(C, z)


def _damped_moment(C: Any, weight: Any, k: int) -> Any:
    """E[z^k e^{-weight z^2/2}] = E[z^k] (1 + weight)^{-(k+1)/2}."""
    spread = 1 + weight
    return normal_moment(k) / (integer_power(C, spread, k // 2) * C.sqrt(spread))


def _cdf_moment(C: Any, q: int, s: Any) -> Any:
    """E[Phi(s z) z^q]: E[z^q]/2 for even q; for odd q, Stein's recurrence adds s E[f(s z) z^{q-1}]."""
    total = C.rational(Fraction(normal_moment(q), 2))
    for k in range(1, q + 1, 2) if q % 2 else ():
        total = (k - 1) * total + s * _damped_moment(C, s * s, k - 1) / C.sqrt(2 * C.pi)
    return total


def _alpha(C: Any, q: int, s: Any) -> Any:
    """E[Phi(s z) z^q] + s E[f(s z) z^{q+1}]."""
    return (
        _cdf_moment(C, q, s) + s * _damped_moment(C, s * s, q + 1) / C.sqrt(2 * C.pi) if q % 2 else _cdf_moment(C, q, s)
    )


def _cross_moment(C: Any, k: int, s: Any) -> Any:
    """E[Phi(s z) f(s z) z^k]: f(s z) turns z into w/sqrt(1 + s^2), w standard normal."""
    spread = 1 + s * s
    root = C.sqrt(spread)
    return _cdf_moment(C, k, s / root) / (C.sqrt(2 * C.pi) * integer_power(C, root, k + 1))


def _beta(C: Any, q: int, s: Any) -> Any:
    """E[Phi^2 z^q] + 2 s E[Phi f z^{q+1}] + s^2 E[f^2 z^{q+2}], from E[Phi(s z)^2] = 1/4 + asin(s^2/A)/(2 pi)."""
    u = s * s
    if q % 2:
        square = C.rational(Fraction(0))
    else:
        square = C.rational(Fraction(1, 4)) + C.atan(u / C.sqrt(1 + 2 * u)) / (2 * C.pi)
    for k in range(1 + (q + 1) % 2, q + 1, 2):
        square = (k - 1) * square + 2 * s * _cross_moment(C, k - 1, s)
    density_part = _damped_moment(C, 2 * u, q + 2) / (2 * C.pi) if q % 2 == 0 else C.rational(Fraction(0))
    return square + 2 * s * _cross_moment(C, q + 1, s) + u * density_part


def _gamma(C: Any, j: int, s: Any) -> Any:
    return s * _cdf_moment(C, j + 1, s)


def _residual(C: Any, i: int, s: Any) -> Any:
    """T3 = 1/4 - alpha_1^2. T1 and T2 have closed forms only as differences that cancel for small s."""
    if i != 3:
        return None
    first = _alpha(C, 1, s)
    return C.rational(Fraction(1, 4)) - first * first


def _hermite(C: Any, r: int, s: Any) -> Any:
    """s (r + 1 + s^2) (r-2)!! (-s^2/A)^{(r-1)/2} / (sqrt(2 pi) A^{3/2} sqrt(r!)) for odd r; 1/2 for r = 0."""
    if r % 2 == 0:
        return C.rational(Fraction(1 if r == 0 else 0, 2))
    A = 1 + s * s
    normalised = C.sqrt(C.rational(Fraction(double_factorial(r - 2) ** 2, factorial(r))))
    return s * (r + 1 + s * s) * normalised * integer_power(C, -s * s / A, (r - 1) // 2) / (C.sqrt(2 * C.pi * A) * A)


def _derivative_remainder(x: np.ndarray) -> np.ndarray:
    """phi'(x) - 1/2 - 2 x/sqrt(2 pi) = (2 pi)^{-1/2} sum_{n >= 1} (-1)^n (2n+2)/(2n+1) x^{2n+1}/(2^n n!)."""
    small = np.abs(x) < 1
    u = np.where(small, -x * x / 2, 0.0)
    series, term = np.zeros_like(u), np.ones_like(u)
    for n in range(1, 18):
        term = term * u / n
        series = series + term * (2 * n + 2) / (2 * n + 1)
    root = np.sqrt(2 * np.pi)
    return np.where(small, x * series / root, _derivative(FLOATS, x) - 0.5 - 2 * x / root)


def gelu() -> Activation:
    """phi(z) = z Phi(z): smooth and not monotone, so P1 fails while P2 and P3 hold (prp-decisions).

    Source: Hendrycks and Gimpel 2016; moments derived in chapter activation-properties.
    """
    one, zero = Fraction(1), Fraction(0)
    return Activation(
        name="gelu",
        pieces=(Piece(_value, _derivative, _second_derivative, _value_and_derivative),),
        derivative_symmetry="half",
        growth=Growth(Fraction(1)),  # |phi'| <= phi'(sqrt 2) = 1.13 < 2
        value_growth=Growth(Fraction(1), 1),
        bounds=Bounds(second="2/sqrt(2*pi)"),
        tails=Tails(  # beyond sqrt(2) phi' decreases to 1; beyond 2 phi'' increases to 0
            start=Fraction(2),
            derivative_right=lambda C, r: (C.rational(one), _derivative(C, r)),
            derivative_left=lambda C, r: (_derivative(C, -r), C.rational(zero)),
            second_right=lambda C, r: (_second_derivative(C, r), C.rational(zero)),
            second_left=lambda C, r: (_second_derivative(C, r), C.rational(zero)),
        ),
        closed_forms=ClosedForms(alpha=_alpha, beta=_beta, gamma=_gamma, residual=_residual, hermite=_hermite),
        derivative_remainder=_derivative_remainder,
        source="hendrycks2016",
    )
