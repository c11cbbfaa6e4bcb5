"""Polynomials of degree one and two: phi(z) = z and phi(z) = z^2, the activations without local strong convexity.

Chapter: lsc-counterexamples."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from .activation import Activation, Bounds, Growth
from .half_line import half_line_forms, half_line_pieces
from .pair import linear_pair, quadratic_pair


def linear() -> Activation:
    """phi(z) = z: T1 = T2 = 0 exactly.

    Source: the slides of zhong2017.
    """
    line = (Fraction(0), Fraction(1))
    zero, one = Fraction(0), Fraction(1)
    return Activation(
        name="linear",
        pieces=half_line_pieces(line, line),
        homogeneity=1,
        derivative_symmetry="even",
        growth=Growth(Fraction(1)),
        value_growth=Growth(Fraction(1), 1),
        bounds=Bounds(first=Fraction(1), power=0, second=Fraction(0)),
        closed_forms=replace(
            half_line_forms(line, line),
            dual=lambda C, a, b, c: b,
            dual_derivative=lambda C, a, b, c: C.rational(one),
            dual_derivative_gradient=lambda C, a, b, c: (C.rational(zero),) * 3,
            pair=linear_pair(one),
        ),
        derivative_remainder=lambda x: 0 * x,
        source="zhong2017slides",
    )


def quadratic() -> Activation:
    """phi(z) = z^2: T1 = 0 exactly, T2 = 8 sigma^2, T3 = -4 sigma^2.

    Source: the slides of zhong2017.
    """
    square = (Fraction(0), Fraction(0), Fraction(1))

    def dual(C: Any, a: Any, b: Any, c: Any) -> Any:
        return a * c + 2 * b * b

    return Activation(
        name="quadratic",
        pieces=half_line_pieces(square, square),
        homogeneity=2,
        derivative_symmetry="odd",
        growth=Growth(Fraction(2), 1),
        value_growth=Growth(Fraction(1), 2),
        bounds=Bounds(second=Fraction(2)),
        closed_forms=replace(
            half_line_forms(square, square),
            dual=dual,
            dual_derivative=lambda C, a, b, c: 4 * b,
            dual_derivative_gradient=lambda C, a, b, c: (
                C.rational(Fraction(0)),
                C.rational(Fraction(4)),
                C.rational(Fraction(0)),
            ),
            pair=quadratic_pair,
        ),
        derivative_remainder=lambda x: 0 * x,
        source="zhong2017slides",
    )
