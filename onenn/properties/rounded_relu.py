"""The ReLU with its corner rounded over [-1, 1]: within 1/4 of the ReLU, and yet rho is exponentially small.

    phi(z) = 0 (z <= -1),  (z + 1)^2/4 (-1 <= z <= 1),  z (z >= 1);
    T1(sigma) < sigma^5 e^{-1/(2 sigma^2)}/sqrt(2 pi)

Chapter: rho-and-scale (prp-rounded-relu)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from onenn.activations import Activation, Bounds, Growth, Piece, Tails
from onenn.activations.closed_forms import ContextFunction


def rounded_relu() -> Activation:
    """phi: P1 holds with L1 = 1 and p = 0, P3 with L2 = 1/2. A value, not registered.

    No closed form of its moments is stored, so that rho_ball integrates it and can be compared with `rounded_residual`.

    >>> rounded_relu().derivative([-2.0, 0.0, 2.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    zero, half, one = Fraction(0), Fraction(1, 2), Fraction(1)

    def level(constant: Fraction) -> ContextFunction:
        return lambda C, z: C.rational(constant) + 0 * z

    def flat(constant: Fraction) -> Callable[[Any, Any], tuple[Any, Any]]:
        return lambda C, r: (C.rational(constant), C.rational(constant))

    middle = Piece(lambda C, z: (z + 1) * (z + 1) / 4, lambda C, z: (z + 1) / 2, level(half))
    return Activation(
        name="rounded_relu",
        pieces=(Piece(level(zero), level(zero), level(zero)), middle, Piece(lambda C, z: z, level(one), level(zero))),
        kinks=(-one, one),
        derivative_symmetry="half",
        growth=Growth(one),
        value_growth=Growth(one, 1),
        bounds=Bounds(first=one, power=0, second=half),
        tails=Tails(one, flat(one), flat(zero), flat(zero), flat(zero)),
        source="chapter rho-and-scale",
    )


def rounded_residual(C: Any, sigma: Any) -> Any:
    """T1(sigma) = ((1 + m^2) Q(m) - m g(m) - 2 Q(m)^2) / (2 m^2), m = 1/sigma, Q = P(z > m), g the normal density.

    Over the context C.  Domain: sigma > 0; the difference loses about 3 m^2 bits of precision, so balls need more.

    >>> from onenn.contexts import FLOATS
    >>> round(float(rounded_residual(FLOATS, 1.0)), 8)
    0.0124984
    """
    m = 1 / sigma
    density = C.exp(-m * m / 2) / C.sqrt(2 * C.pi)
    beyond = (1 - C.erf(m / C.sqrt(C.rational(Fraction(2))))) / 2
    return ((1 + m * m) * beyond - m * density - 2 * beyond * beyond) / (2 * m * m)


def rounded_bound(C: Any, sigma: Any) -> Any:
    """sigma^5 e^{-1/(2 sigma^2)} / sqrt(2 pi), above T1 for every sigma > 0 and asymptotic to it for small sigma.

    Over the context C.

    >>> from onenn.contexts import FLOATS
    >>> bool(rounded_residual(FLOATS, 0.5) < rounded_bound(FLOATS, 0.5))
    True
    """
    return sigma * sigma * sigma * sigma * sigma * C.exp(-1 / (2 * sigma * sigma)) / C.sqrt(2 * C.pi)
