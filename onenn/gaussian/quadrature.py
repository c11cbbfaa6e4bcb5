"""What verified quadrature sees of an activation: g = phi' - c, where c is the centre of a phi' that is c plus odd.

alpha_q = c E[z^q] + a_q,   beta_q = c^2 E[z^q] + 2 c a_q + b_q,   a_q = E[g(s z) z^q],   b_q = E[g(s z)^2 z^q].

T1 and T2 are distances from the affine functions of z, so they are the same for g as for phi'.
Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from onenn.activations import Activation
from onenn.activations.half_line import normal_moment
from onenn.contexts import Constant
from onenn.rigorous import BALLS, Ball, ball
from onenn.rigorous.moments import gaussian_moments

PARITY = {"even": 1, "odd": -1, "half": -1}


@dataclass(frozen=True)
class Slope:
    """g on its pieces, with |g(x)| <= L (1 + |x|^p) e^(r |x|), its parity (1, -1, or 0 for none) and the centre c."""

    pieces: tuple[Callable[[Any], Any], ...]
    kinks: tuple[Constant, ...]
    growth: tuple[Any, int, Any]
    parity: int
    centre: Constant

    def moments(self, s: Ball, count: int, bits: int) -> tuple[list[Ball], list[Ball]]:
        """(a_q) and (b_q) for q < count."""
        return gaussian_moments(
            self.pieces, self.kinks, sigma=s, growth=self.growth, count=count, bits=bits, parity=self.parity
        )

    def alpha(self, q: int, a: Ball) -> Ball:
        """alpha_q from a_q."""
        return a + normal_moment(q) * ball(self.centre)

    def beta(self, q: int, a: Ball, b: Ball) -> Ball:
        """beta_q from a_q and b_q."""
        c = ball(self.centre)
        return b + 2 * c * a + normal_moment(q) * c * c


def missing(phi: Activation) -> list[str]:
    """What register_activation was not given and verified quadrature needs."""
    lacks = []
    if "derivative" in phi.numpy_only:
        lacks.append("derivative= as a function (C, z) on a number context (onenn.contexts)")
    if phi.growth is None:
        lacks.append("growth=Growth(constant, power, rate), a bound on phi'")
    return lacks


def slope(phi: Activation) -> Slope | None:
    """The slope of an unscaled activation; None when something is missing."""
    if missing(phi) or phi.growth is None:
        return None
    growth, half = phi.growth, phi.derivative_symmetry == "half"
    centre = phi.derivative_centre if half else Fraction(0)
    constant = ball(growth.constant) + (abs(ball(centre)) if half else 0)
    return Slope(
        pieces=tuple(_centred(piece.derivative, centre) for piece in phi.pieces),
        kinks=phi.kinks,
        growth=(constant, growth.power, growth.rate),
        parity=PARITY.get(phi.derivative_symmetry or "", 0),
        centre=centre,
    )


def _centred(derivative: Callable[..., Any], centre: Constant) -> Callable[[Any], Any]:
    if centre == 0:
        return lambda x: derivative(BALLS, x)
    return lambda x: derivative(BALLS, x) - ball(centre)  # made at each call, at the precision of that call
