"""The exponential phi(z) = e^z: alpha_q = gamma_q = e^{s^2/2} E[(z + s)^q],  beta_q = e^{2 s^2} E[(z + 2 s)^q].

Chapter: activation-properties."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial
from typing import Any

from .activation import Activation, ClosedForms, Growth, Piece
from .half_line import integer_power, normal_moment
from .pair import Pair, Tensor


def _shifted_moment(C: Any, shift: Any, q: int) -> Any:
    """E[(z + shift)^q]: every term is nonnegative for shift > 0."""
    total = C.rational(Fraction(0))
    for k in range(0, q + 1, 2):
        total = total + comb(q, k) * normal_moment(k) * integer_power(C, shift, q - k)
    return total


def _moment(C: Any, q: int, s: Any) -> Any:
    return C.exp(s * s / 2) * _shifted_moment(C, s, q)


def _beta(C: Any, q: int, s: Any) -> Any:
    return C.exp(2 * s * s) * _shifted_moment(C, 2 * s, q)


def _residual(C: Any, i: int, s: Any) -> Any:
    """T1 = e^u (e^u - 1 - u), T2 = e^u (2 u + 3 u^2 + (1 + 4 u)(e^u - 1 - u)), T3 = e^u, with u = s^2."""
    u = s * s
    if i == 1:
        return C.exp(u) * C.exp_remainder(u)
    if i == 2:
        return C.exp(u) * (2 * u + 3 * u * u + (1 + 4 * u) * C.exp_remainder(u))
    return C.exp(u)


def _hermite(C: Any, r: int, s: Any) -> Any:
    return C.exp(s * s / 2) * integer_power(C, s, r) * C.sqrt(C.rational(Fraction(1, factorial(r))))


def _dual(C: Any, a: Any, b: Any, c: Any) -> Any:
    return C.exp((a + 2 * b + c) / 2)


def _dual_gradient(C: Any, a: Any, b: Any, c: Any) -> tuple[Any, Any, Any]:
    value = _dual(C, a, b, c)
    return value / 2, value, value / 2


def _pair(C: Any, a: Any, b: Any, c: Any, root: Any) -> Pair:
    """Every derivative of phi is phi: both tensors are K (I + (w + u) (w + u)^T)."""
    K = _dual(C, a, b, c)
    tensor = Tensor(I=K, ww=K, wr=K, rr=K)
    return Pair(K=K, D=K, slopes=tensor, curvature=tensor)


def exp() -> Activation:
    """phi(z) = e^z: it breaks P1 and P3 and satisfies P2 (prp-decisions).

    Source: the slides of zhong2017, an example that breaks 3.1 and 3.3.
    """

    def value(C: Any, z: Any) -> Any:
        return C.exp(z)

    def twice(C: Any, z: Any) -> tuple[Any, Any]:
        return (e := C.exp(z)), e

    return Activation(
        name="exp",
        pieces=(Piece(value, value, value, twice),),
        growth=Growth(Fraction(1, 2), 0, Fraction(1)),  # 1 + |z|^0 = 2
        value_growth=Growth(Fraction(1, 2), 0, Fraction(1)),
        closed_forms=ClosedForms(
            alpha=_moment,
            beta=_beta,
            gamma=_moment,
            residual=_residual,
            hermite=_hermite,
            dual=_dual,
            dual_derivative=_dual,
            dual_derivative_gradient=_dual_gradient,
            pair=_pair,
        ),
        source="zhong2017slides",
    )
