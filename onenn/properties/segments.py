"""The line cut at 0 and at the kinks, and phi' and phi'' on each part, as expressions in t = |z| and as balls.

Chapter: activation-properties."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from onenn.activations import Activation, Piece
from onenn.activations.constants import absolute, sign
from onenn.contexts import FLOATS, SYMBOLS, Constant
from onenn.rigorous import BALLS, Ball, ball
from onenn.rigorous.moments import real_value
from onenn.rigorous.symbolic import expression_ball

NO_DERIVATIVE = "pass derivative= to register_activation as a function (C, z) on a number context (onenn.contexts)"


@dataclass(frozen=True)
class Segment:
    """z = side * t for low < t < high, where one piece is in force; high None stands for infinity."""

    side: int
    low: Constant
    high: Constant | None
    piece: Piece
    slope: Any
    """phi'(side t), a SymPy expression in the positive symbol t."""

    def on_balls(self, kind: str) -> Callable[[Ball], Ball]:
        """t -> phi'(side t) for kind "derivative", phi''(side t) for "second_derivative"."""
        function = getattr(self.piece, kind)
        return lambda t: real_value(lambda z: function(BALLS, z), self.side * t)

    @property
    def curvature(self) -> Any:
        """phi''(side t), by differentiation of phi'."""
        import sympy

        return sympy.simplify(self.side * sympy.diff(self.slope, symbol()))

    def is_polynomial(self) -> bool:
        """Whether phi' is a polynomial here."""
        return bool(self.slope.is_polynomial(symbol()))

    def coefficients(self) -> list[Any]:
        """Of phi' as a polynomial in t, constant term first; [] for the zero polynomial."""
        import sympy

        return [] if self.slope == 0 else list(reversed(sympy.Poly(self.slope, symbol()).all_coeffs()))

    def sample(self) -> list[Fraction]:
        """A few rational t strictly inside, the simplest first."""
        low = FLOATS.number(self.low)
        high = float("inf") if self.high is None else FLOATS.number(self.high)
        candidates = [Fraction(k, d) for d in (1, 2, 4) for k in range(1, 8 * d + 1)]
        inside = [t for t in dict.fromkeys(candidates) if low < t < high]
        if not inside:  # a segment between two points of the grid, or beyond it
            width = Fraction(1) if self.high is None else (Fraction(high) - Fraction(low)) / 4
            inside = [Fraction(low) + k * width for k in (2, 1, 3)]
        return inside

    def __str__(self) -> str:
        low = self.side * FLOATS.number(self.low) + 0.0  # not -0
        if self.high is None:
            return f"z > {low:g}" if self.side > 0 else f"z < {low:g}"
        high = self.side * FLOATS.number(self.high)
        return f"{min(low, high):g} < z < {max(low, high):g}"


def on_ball(expression: Any, t: Ball) -> Ball:
    """The value of an expression in the positive symbol t on a ball; non-finite for a function that BALLS has not.

    Contains: the values at all points of the ball.
    """
    if expression == symbol():
        return t
    if not expression.free_symbols:
        return expression_ball(expression)
    values = [on_ball(part, t) for part in expression.args]
    if expression.is_Add:
        return sum(values[1:], values[0])
    if expression.is_Mul:
        return math.prod(values[1:], start=values[0])
    if expression.is_Pow and expression.exp.is_Integer:
        power = math.prod([values[0]] * abs(int(expression.exp)), start=ball(1))
        return power if expression.exp > 0 else 1 / power
    function = getattr(BALLS, type(expression).__name__, None)
    return function(*values) if function is not None else ball(0).log()


def symbol() -> Any:
    """The positive symbol t."""
    import sympy

    return sympy.Symbol("t", positive=True)


def segments(phi: Activation) -> list[Segment]:
    """The segments of the line, from left to right.

    Raises: ValueError when phi' was registered as a NumPy function only.
    """
    import sympy

    if "derivative" in phi.numpy_only:
        raise ValueError(f"the derivative of {phi.name} does not run on symbols and balls: {NO_DERIVATIVE}")
    result = []
    ends: list[Constant | None] = [None, *phi.kinks, None]
    for piece, (left, right) in zip(phi.pieces, pairwise(ends), strict=True):
        for side in (-1, 1):
            inner, outer = (left, right) if side > 0 else (right, left)
            if outer is not None and sign(outer) * side <= 0:
                continue  # the piece ends before this side of 0 begins
            low = inner if inner is not None and sign(inner) * side > 0 else Fraction(0)
            slope = sympy.sympify(piece.derivative(SYMBOLS, side * symbol()))
            high = None if outer is None else absolute(outer)
            result.append(Segment(side, absolute(low), high, piece, slope))
    return result
