"""Bounds of an activation that its properties rest on:  0 <= phi' <= L1 |z|^p,  |phi''| <= L2,  growth, tails.

Chapter: activation-properties. Each record knows how it changes when phi becomes a phi(b z).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..contexts import Constant
from .constants import absolute, larger, power, product, sign


@dataclass(frozen=True)
class Growth:
    """|f(z)| <= constant * (1 + |z|^power) * exp(rate |z|) for every z, where f is phi or phi'.

    >>> Growth(2, 1).scaled(output=3, input="1/2")          # 3 f(z/2)
    Growth(constant=Fraction(6, 1), power=1, rate=Fraction(0, 1))
    """

    constant: Constant
    power: int = 0
    rate: Constant = Fraction(0)

    def scaled(self, output: Constant, input: Constant) -> Growth:
        """The bound of output * f(input z)."""
        b = absolute(input)
        widening = larger(1, power(b, self.power))  # 1 + |b z|^p <= max(1, |b|^p) (1 + |z|^p)
        return Growth(product(absolute(output), self.constant, widening), self.power, product(self.rate, b))


@dataclass(frozen=True)
class Bounds:
    """0 <= phi'(z) <= first |z|^power for every z, and |phi'(x) - phi'(y)| <= second |x - y|; None for neither.

    >>> Bounds(first=2, power=1, second=2).scaled(output=1, input=3)       # max(3 z, 0)^2
    Bounds(first=Fraction(18, 1), power=1, second=Fraction(18, 1))
    """

    first: Constant | None = None
    power: int = 0
    second: Constant | None = None

    def scaled(self, output: Constant, input: Constant) -> Bounds:
        """The bounds of output * phi(input z): a sign change of phi' destroys the first one."""
        first = self.first
        if first is not None:
            keeps_sign = sign(output) * sign(input) > 0 or sign(first) == 0
            slope = product(absolute(output), power(absolute(input), self.power + 1))
            first = product(slope, first) if keeps_sign else None
        second = self.second
        if second is not None:
            second = product(absolute(output), power(absolute(input), 2), second)
        return Bounds(first, self.power, second)


TailFunction = Callable[[Any, Any], tuple[Any, Any]]
"""(C, r) -> (lower, upper): bounds of a function on the whole tail beyond r."""


@dataclass(frozen=True)
class Tails:
    """Bounds of phi' and phi'' on [r, oo) ("right") and (-oo, -r] ("left"), for every r >= start.

    Each is a function (C, r) -> (lower, upper) over number contexts; they carry suprema from an interval to the line.
    """

    start: Constant
    derivative_right: TailFunction
    derivative_left: TailFunction
    second_right: TailFunction
    second_left: TailFunction

    def scaled(self, output: Constant, input: Constant) -> Tails:
        """The tails of output * phi(input z)."""
        b, flip = absolute(input), sign(input) < 0
        slope, curvature = product(output, input), product(output, power(input, 2))

        def stretched(tail: TailFunction, factor: Constant) -> TailFunction:
            def bounds(C: Any, r: Any) -> tuple[Any, Any]:
                lower, upper = tail(C, C.number(b) * r)
                ends = (C.number(factor) * lower, C.number(factor) * upper)
                return ends if sign(factor) > 0 else ends[::-1]

            return bounds

        right, left = self.derivative_right, self.derivative_left
        second_right, second_left = self.second_right, self.second_left
        if flip:
            right, left, second_right, second_left = left, right, second_left, second_right
        return Tails(
            product(self.start, power(b, -1)),
            stretched(right, slope),
            stretched(left, slope),
            stretched(second_right, curvature),
            stretched(second_left, curvature),
        )
