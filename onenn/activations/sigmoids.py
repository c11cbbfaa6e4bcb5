"""tanh, sigmoid and softplus:  sigmoid(z) = (1 + tanh(z/2))/2,  softplus' = sigmoid.   Chapter: activation-properties.

Their moments are not elementary. What is exact: the even moments of softplus' = 1/2 + (odd), and the Fourier transforms
    int sech^2(x) e^{-itx} dx = pi t/sinh(pi t/2),    int sigmoid'(x) e^{-itx} dx = pi t/sinh(pi t).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..contexts import FLOATS
from .activation import Activation, Bounds, ClosedForms, Growth, Piece, Tails, Transform
from .half_line import normal_moment


def _zero(C: Any) -> Any:
    return C.rational(Fraction(0))


def _tanh_derivative(C: Any, z: Any) -> Any:
    root = C.sech(z)
    return root * root


def _tanh_second_derivative(C: Any, z: Any) -> Any:
    return -2 * C.tanh(z) * _tanh_derivative(C, z)


def _sigmoid_derivative(C: Any, z: Any) -> Any:
    return C.logistic(z) * C.logistic(-z)


def _sigmoid_second_derivative(C: Any, z: Any) -> Any:
    return -_sigmoid_derivative(C, z) * C.tanh(z / 2)


def _logistic_and_derivative(C: Any, z: Any) -> tuple[Any, Any]:
    """1/(1 + e^-z) and its derivative."""
    if C is not FLOATS:
        value = C.logistic(z)
        return value, value * C.logistic(-z)
    e, value = _halves_of_logistic(z)
    slope = 1 / (1 + e)
    slope *= slope
    slope *= e
    return value, slope


def _softplus_and_derivative(C: Any, z: Any) -> tuple[Any, Any]:
    """log(1 + e^z) = max(z, 0) + log(1 + e^-|z|) and its derivative."""
    if C is not FLOATS:
        return C.softplus(z), C.logistic(z)
    e, slope = _halves_of_logistic(z)
    value = np.log1p(e)
    value += np.maximum(z, 0.0)
    return value, slope


def _halves_of_logistic(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """e^-|z| and 1/(1 + e^-z) = e^min(z, 0)/(1 + e^-|z|), to a few units: NumPy's exp is faster than SciPy's expit."""
    e = np.exp(-np.abs(z))
    value = np.exp(np.minimum(z, 0.0))
    value /= 1 + e
    return e, value


def tanh_minus_identity(x: np.ndarray) -> np.ndarray:
    """tanh(x) - x on float arrays, accurate to a few units; the naive difference loses every digit near 0.

    Lambert's continued fraction tanh x = x/(1 + t), t = x^2/(3 + x^2/(5 + ...)), whose terms are positive.
    """
    small = np.abs(x) < 1
    square = np.where(small, x * x, 0.0)
    tail = np.zeros_like(square)
    for odd in range(25, 1, -2):
        tail = square / (odd + tail)
    return np.where(small, -x * tail / (1 + tail), np.tanh(x) - x)


def _transform_of_sech_squared(t: np.ndarray) -> np.ndarray:
    """pi t/sinh(pi t/2), with its limit 2 at 0."""
    x = np.abs(np.pi * np.asarray(t, dtype=float) / 2)
    # -expm1(-2x) = 2 sinh(x) e^{-x}: no overflow at large x
    return np.where(x == 0, 2.0, 4 * x * np.exp(-x) / np.where(x == 0, 1.0, -np.expm1(-2 * x)))


def _transform_of_sigmoid_derivative(t: np.ndarray) -> np.ndarray:
    """pi t/sinh(pi t): sigmoid'(x) = sech^2(x/2)/4."""
    return _transform_of_sech_squared(2 * np.asarray(t)) / 2


def tanh() -> Activation:
    """phi(z) = tanh z.

    Source: the slides of zhong2017, table of rho.
    """
    return Activation(
        name="tanh",
        pieces=(Piece(lambda C, z: C.tanh(z), _tanh_derivative, _tanh_second_derivative),),
        derivative_symmetry="even",
        growth=Growth(Fraction(1, 2)),  # 1 + |z|^0 = 2
        value_growth=Growth(Fraction(1, 2)),
        bounds=Bounds(first=Fraction(1), power=0, second="4/(3*sqrt(3))"),
        tails=Tails(  # |phi''| = 2 |tanh| sech^2 <= 2 sech^2
            start=Fraction(0),
            derivative_right=lambda C, r: (_zero(C), _tanh_derivative(C, r)),
            derivative_left=lambda C, r: (_zero(C), _tanh_derivative(C, r)),
            second_right=lambda C, r: (-2 * _tanh_derivative(C, r), _zero(C)),
            second_left=lambda C, r: (_zero(C), 2 * _tanh_derivative(C, r)),
        ),
        derivative_remainder=lambda x: -(np.tanh(x) ** 2),
        transform=Transform(1, _transform_of_sech_squared),
        source="zhong2017slides",
    )


def _half_if_even(C: Any, j: int, s: Any) -> Any:
    """E[z^j]/2 for even j: the moments of a function that is 1/2 plus an odd one."""
    return None if j % 2 else C.rational(Fraction(normal_moment(j), 2))


def sigmoid() -> Activation:
    """phi(z) = 1/(1 + e^{-z}) = (1 + tanh(z/2))/2.

    Source: zhong2017, as reconstructed.
    """
    return Activation(
        name="sigmoid",
        pieces=(
            Piece(
                lambda C, z: C.logistic(z), _sigmoid_derivative, _sigmoid_second_derivative, _logistic_and_derivative
            ),
        ),
        derivative_symmetry="even",
        growth=Growth(Fraction(1, 8)),
        value_growth=Growth(Fraction(1, 2)),
        bounds=Bounds(first=Fraction(1, 4), power=0, second="1/(6*sqrt(3))"),
        tails=Tails(  # |phi''| = phi' |1 - 2 phi| <= phi'
            start=Fraction(0),
            derivative_right=lambda C, r: (_zero(C), _sigmoid_derivative(C, r)),
            derivative_left=lambda C, r: (_zero(C), _sigmoid_derivative(C, r)),
            second_right=lambda C, r: (-_sigmoid_derivative(C, r), _zero(C)),
            second_left=lambda C, r: (_zero(C), _sigmoid_derivative(C, r)),
        ),
        closed_forms=ClosedForms(gamma=_half_if_even),
        derivative_remainder=lambda x: -(np.tanh(x / 2) ** 2) / 4,
        transform=Transform(1, _transform_of_sigmoid_derivative),
        source="zhong2017",
    )


def softplus() -> Activation:
    """phi(z) = log(1 + e^z): T1 ~ sigma^6/384 as sigma -> 0.

    Source: Dugas et al. 2001; moments of chapter activation-properties.
    """

    def odd_gamma(C: Any, j: int, s: Any) -> Any:
        """softplus is z/2 plus an even function."""
        return s * C.rational(Fraction(normal_moment(j + 1), 2)) if j % 2 else None

    return Activation(
        name="softplus",
        pieces=(
            Piece(
                lambda C, z: C.softplus(z), lambda C, z: C.logistic(z), _sigmoid_derivative, _softplus_and_derivative
            ),
        ),
        derivative_symmetry="half",
        growth=Growth(Fraction(1, 2)),
        value_growth=Growth(Fraction(1), 1),  # log(1 + e^z) <= log 2 + |z|
        bounds=Bounds(first=Fraction(1), power=0, second=Fraction(1, 4)),
        tails=Tails(
            start=Fraction(0),
            derivative_right=lambda C, r: (C.logistic(r), C.rational(Fraction(1))),
            derivative_left=lambda C, r: (_zero(C), C.logistic(-r)),
            second_right=lambda C, r: (_zero(C), _sigmoid_derivative(C, r)),
            second_left=lambda C, r: (_zero(C), _sigmoid_derivative(C, r)),
        ),
        closed_forms=ClosedForms(alpha=_half_if_even, gamma=odd_gamma),
        derivative_remainder=lambda x: tanh_minus_identity(x / 2) / 2,
        transform=Transform(2, _transform_of_sigmoid_derivative),
        source="dugas2001",
    )
