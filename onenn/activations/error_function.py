"""The standard error function:  erf(z) = (2/sqrt(pi)) int_0^z e^{-t^2} dt,  phi'(z) = (2/sqrt(pi)) e^{-z^2}.

With A = 1 + 2 s^2 and B = 1 + 4 s^2 its moments are powers of A and B.   Chapter: activation-properties.
The papers' erf without the factor is activation("erf").scaled(output="sqrt(pi)/2").
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

from .activation import Activation, Bounds, ClosedForms, Growth, Piece, Tails
from .half_line import double_factorial, integer_power, normal_moment
from .pair import Pair, Tensor
from .wedge import determinant


def _value(C: Any, z: Any) -> Any:
    return C.erf(z)


def _derivative(C: Any, z: Any) -> Any:
    return 2 / C.sqrt(C.pi) * C.exp(-z * z)


def _second_derivative(C: Any, z: Any) -> Any:
    return -4 / C.sqrt(C.pi) * z * C.exp(-z * z)


def _half_power(C: Any, x: Any, n: int) -> Any:
    """x^(n/2)."""
    return integer_power(C, x, n // 2) * (C.sqrt(x) if n % 2 else 1)


def _alpha(C: Any, q: int, s: Any) -> Any:
    """(2/sqrt(pi)) E[z^q] A^{-(q+1)/2}."""
    if q % 2:
        return C.rational(Fraction(0))
    return 2 * normal_moment(q) / (C.sqrt(C.pi) * _half_power(C, 1 + 2 * s * s, q + 1))


def _beta(C: Any, q: int, s: Any) -> Any:
    """(4/pi) E[z^q] B^{-(q+1)/2}."""
    if q % 2:
        return C.rational(Fraction(0))
    return 4 * normal_moment(q) / (C.pi * _half_power(C, 1 + 4 * s * s, q + 1))


def _gamma(C: Any, j: int, s: Any) -> Any:
    """Stein: gamma_j = (j-1) gamma_{j-2} + s alpha_{j-1}."""
    total = C.rational(Fraction(0))
    for k in range(1, j + 1, 2) if j % 2 else ():
        total = (k - 1) * total + s * _alpha(C, k - 1, s)
    return total


def _residual(C: Any, i: int, s: Any) -> Any:
    """With D = A - sqrt(B) = 4 s^4/(A + sqrt(B)):  T1 = (4/pi) D/(A sqrt(B)),  T3 = (4/pi)/A^2,
    T2 = (4/pi) D (A^2 + A sqrt(B) + B)/(A sqrt(B))^3."""
    A, B = 1 + 2 * s * s, 1 + 4 * s * s
    root = C.sqrt(B)
    D = 4 * integer_power(C, s, 4) / (A + root)
    if i == 1:
        return 4 / C.pi * D / (A * root)
    if i == 2:
        return 4 / C.pi * D * (A * A + A * root + B) / integer_power(C, A * root, 3)
    return 4 / C.pi / (A * A)


def _hermite(C: Any, r: int, s: Any) -> Any:
    """E[e^{-s^2 g^2} He_r(g)] = (r-1)!! (1/A - 1)^{r/2} / sqrt(A) for even r."""
    if r % 2:
        return C.rational(Fraction(0))
    A = 1 + 2 * s * s
    normalised = C.sqrt(C.rational(Fraction(double_factorial(r - 1) ** 2, factorial(r))))
    return 2 / C.sqrt(C.pi * A) * normalised * integer_power(C, -2 * s * s / A, r // 2)


def _spread(C: Any, a: Any, b: Any, c: Any) -> Any:
    """(1 + 2a)(1 + 2c) - 4 b^2 as a sum of nonnegative terms."""
    return 1 + 2 * a + 2 * c + 4 * determinant(C, a, b, c)


def _dual(C: Any, a: Any, b: Any, c: Any) -> Any:
    """(2/pi) asin(2b/sqrt((1+2a)(1+2c))), written with atan so that it stays accurate as the sine tends to +-1."""
    return 2 / C.pi * C.atan(2 * b / C.sqrt(_spread(C, a, b, c)))


def _dual_derivative(C: Any, a: Any, b: Any, c: Any) -> Any:
    return 4 / (C.pi * C.sqrt(_spread(C, a, b, c)))


def _dual_derivative_gradient(C: Any, a: Any, b: Any, c: Any) -> tuple[Any, Any, Any]:
    E = _spread(C, a, b, c)
    factor = -4 / (C.pi * E * C.sqrt(E))
    return factor * (1 + 2 * c), -4 * factor * b, factor * (1 + 2 * a)


def _pair(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
    """The dual and its derivatives in a, b, c up to the second order, with E = 1 + 2a + 2c + 4 root^2:

    D = 4/(pi sqrt(E)),  M = -2 b D/(1 + 2a),  4 K_aa = 2 M_a = -2 M (2/(1 + 2a) + (1 + 2c)/E).
    """
    E = 1 + 2 * a + 2 * c + 4 * C.square(root)
    A = 1 + 2 * a
    D = 4 / (C.pi * C.sqrt(E))
    M = -2 * b * D / A
    along_w, across, along_u = -2 * D * (1 + 2 * c) / E, 4 * b * D / E, -2 * D * A / E
    return Pair(
        K=2 / C.pi * C.atan(2 * b / C.sqrt(E)),
        D=D,
        slopes=Tensor(I=D, ww=along_w, wr=across, rr=along_u),
        curvature=Tensor(I=M, ww=-2 * M * (2 / A + (1 + 2 * c) / E), wr=along_w, rr=across),
    )


def _slope_tail(C: Any, r: Any) -> tuple[Any, Any]:
    return C.rational(Fraction(0)), _derivative(C, r)  # phi' decreases on [0, oo)


def erf() -> Activation:
    """The standard error function, phi' = (2/sqrt(pi)) e^{-z^2}.

    Source: the slides of zhong2017, where erf stands for int_0^z e^{-t^2} dt.
    """
    zero = Fraction(0)
    return Activation(
        name="erf",
        pieces=(Piece(_value, _derivative, _second_derivative),),
        derivative_symmetry="even",
        growth=Growth(Fraction(1)),  # 2/sqrt(pi) < 2
        value_growth=Growth(Fraction(1)),
        bounds=Bounds(first="2/sqrt(pi)", power=0, second="4/sqrt(2*pi*e)"),
        tails=Tails(  # phi'' is monotone beyond 1/sqrt(2)
            start=Fraction(1),
            derivative_right=_slope_tail,
            derivative_left=_slope_tail,
            second_right=lambda C, r: (_second_derivative(C, r), C.rational(zero)),
            second_left=lambda C, r: (C.rational(zero), _second_derivative(C, -r)),
        ),
        closed_forms=ClosedForms(
            alpha=_alpha,
            beta=_beta,
            gamma=_gamma,
            residual=_residual,
            hermite=_hermite,
            dual=_dual,
            dual_derivative=_dual_derivative,
            dual_derivative_gradient=_dual_derivative_gradient,
            pair=_pair,
        ),
        source="zhong2017slides",
    )
