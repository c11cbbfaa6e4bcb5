"""Rectified activations: a polynomial on z >= 0 and a multiple of z, or 0, on z < 0.

Chapter: activation-properties."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ..contexts import as_constant
from .activation import Activation, Bounds, Growth
from .half_line import half_line_forms, half_line_pieces
from .pair import linear_pair

NOTHING = (Fraction(0),)


def _polynomial(**coefficients: int) -> tuple[Fraction, ...]:
    """_polynomial(z1=4, z4=1) is z^4 + 4 z."""
    powers = {int(key[1:]): Fraction(c) for key, c in coefficients.items()}
    return tuple(powers.get(n, Fraction(0)) for n in range(max(powers) + 1))


def relu() -> Activation:
    """phi(z) = max(z, 0): T1 = T2 = T3 = 1/4 - 1/(2 pi) for every sigma.

    Source: the slides of zhong2017.
    """
    line = _polynomial(z1=1)
    return Activation(
        name="relu",
        pieces=half_line_pieces(NOTHING, line),
        kinks=(Fraction(0),),
        homogeneity=1,
        derivative_symmetry="half",
        growth=Growth(Fraction(1)),
        value_growth=Growth(Fraction(1), 1),
        bounds=Bounds(first=Fraction(1), power=0),
        closed_forms=half_line_forms(NOTHING, line),
        source="zhong2017slides",
    )


def leaky_relu(slope: int | float | Fraction | str = Fraction(1, 100)) -> Activation:
    """phi(z) = z for z >= 0 and slope z for z < 0; a slope given as 0.01 means 1/100.

    Raises: TypeError when the slope is not rational.  Source: the slides of zhong2017 (slope 1/100).
    """
    c = as_constant(slope, "slope")
    if isinstance(c, str):
        raise TypeError(
            f"slope is {slope!r}; expected a rational number: an int, a Fraction, a float or a decimal string"
        )
    left, right = (Fraction(0), c), _polynomial(z1=1)
    largest = max(Fraction(1), abs(c))
    forms = half_line_forms(left, right)
    return Activation(
        name="leaky_relu",
        parameters=(("slope", c),),
        pieces=half_line_pieces(left, right),
        kinks=() if c == 1 else (Fraction(0),),
        homogeneity=1,
        derivative_symmetry={1: "even", -1: "odd"}.get(c, "half"),  # type: ignore[call-overload]
        derivative_centre=(1 + c) / 2,
        growth=Growth(largest),
        value_growth=Growth(largest, 1),
        bounds=Bounds(first=largest if c >= 0 else None, power=0, second=Fraction(0) if c == 1 else None),
        closed_forms=replace(forms, pair=linear_pair(c)) if c == 1 else forms,
        source="zhong2017slides",
    )


def squared_relu() -> Activation:
    """phi(z) = max(z, 0)^2: T1 = (1 - 2/pi) sigma^2, T2 = (5 - 8/pi) sigma^2, T3 = (4/pi - 1) sigma^2.

    Source: the slides of zhong2017; the activation of its tensor initialisation.
    """
    square = _polynomial(z2=1)
    return Activation(
        name="squared_relu",
        pieces=half_line_pieces(NOTHING, square),
        kinks=(Fraction(0),),
        homogeneity=2,
        growth=Growth(Fraction(2), 1),
        value_growth=Growth(Fraction(1), 2),
        bounds=Bounds(first=Fraction(2), power=1, second=Fraction(2)),
        closed_forms=half_line_forms(NOTHING, square),
        source="zhong2017slides",
    )


def quartic_relu() -> Activation:
    """phi(z) = z^4 + 4 z for z >= 0 and 0 for z < 0: it breaks P1 and P3 and satisfies P2 (prp-decisions).

    Source: the slides of zhong2017, drawn beside e^z.
    """
    quartic = _polynomial(z1=4, z4=1)
    return Activation(
        name="quartic_relu",
        pieces=half_line_pieces(NOTHING, quartic),
        kinks=(Fraction(0),),
        growth=Growth(Fraction(4), 3),
        value_growth=Growth(Fraction(3), 4),  # 4 z <= z^4 + 3
        closed_forms=half_line_forms(NOTHING, quartic),
        source="zhong2017slides",
    )
