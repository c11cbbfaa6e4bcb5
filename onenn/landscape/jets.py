"""Jets with a remainder: f(A) = p(A) + rest for all |A| <= r, p a polynomial with ball coefficients, |rest| <= bound.

Products and powers are cut at the degree N of p; what is cut goes into the bound. On the ball a form of degree m obeys

|sum_alpha c_alpha A^alpha| <= r^m (sum_alpha (alpha!/m!) c_alpha^2)^(1/2)      (Cauchy and Schwarz; Bombieri's norm),

so a closed form of units w + A comes out with an error of order r^(N+1), however often A occurs in it: over an interval
every occurrence would count.   Chapter: around-the-teacher.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import factorial, prod
from typing import Any

import numpy as np

from onenn.rigorous import BALLS, Ball, ball

from .monomials import Monomials, array_of, monomials


class Jet:
    """p(A) + rest on |A| <= radius: `coefficients` of p in the order of `monomials.words`, and a bound >= |rest|.

    Operators: + - * / with jets of the same variables, balls and exact numbers; x > y, x < y say whether that is sure
    on the whole ball. A bound that is not finite says nothing about the function.
    """

    __slots__ = ("_sizes", "coefficients", "monomials", "radius", "rest")

    def __init__(self, monomials: Monomials, radius: Ball, coefficients: np.ndarray, rest: Ball) -> None:
        self.monomials, self.radius, self.coefficients, self.rest = monomials, radius, coefficients, rest
        self._sizes: list[Ball] | None = None

    def like(self, coefficients: np.ndarray, rest: Ball) -> Jet:
        return Jet(self.monomials, self.radius, coefficients, rest.upper())

    def constant(self, x: Any) -> Jet:
        """The constant x as a jet of the same variables."""
        if isinstance(x, Jet):
            return x
        coefficients = array_of([ball(0)] * len(self.coefficients))
        coefficients[0] = ball(x)
        return self.like(coefficients, ball(0))

    def unbounded(self) -> Jet:
        """A jet that says nothing."""
        return self.like(self.coefficients, BALLS.log(-1))

    @property
    def value(self) -> Ball:
        """p(0)."""
        return self.coefficients[0]

    @property
    def sizes(self) -> list[Ball]:
        """Bounds on |p_m| over the ball, m = 0, ..., N."""
        if self._sizes is None:
            squares = self.coefficients * self.coefficients * self.monomials.weights
            totals = np.add.reduceat(squares, self.monomials.starts)
            power, self._sizes = ball(1), [self.value.abs_upper()]
            for total in totals[1:]:
                power = power * self.radius
                self._sizes.append((BALLS.sqrt_nonnegative(total) * power).upper())
        return self._sizes

    @property
    def spread(self) -> Ball:
        """A bound on |f(A) - p(0)|."""
        return (sum(self.sizes[1:], start=ball(0)) + self.rest).upper()

    def __add__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        y = self.constant(other)
        return self.like(self.coefficients + y.coefficients, self.rest + y.rest)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return self.like(-self.coefficients, self.rest)

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self + -self.constant(other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if not isinstance(other, Jet):
            factor = ball(other)
            return self.like(self.coefficients * factor, self.rest * factor.abs_upper())
        left, right, starts = self.monomials.table
        kept = np.add.reduceat(self.coefficients[left] * other.coefficients[right], starts)
        x, y, N = self.sizes, other.sizes, self.monomials.degree
        cut = sum((x[i] * y[j] for i in range(1, N + 1) for j in range(N + 1 - i, N + 1)), start=ball(0))
        all_x, all_y = sum(x, start=ball(0)), sum(y, start=ball(0))
        return self.like(kept, cut + self.rest * (all_y + other.rest) + other.rest * all_x)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self * (JETS.reciprocal(other) if isinstance(other, Jet) else 1 / ball(other))

    def __rtruediv__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else JETS.reciprocal(self) * other

    def __gt__(self, other: Any) -> bool:
        difference = self - other
        return bool(difference.value - difference.spread > 0)

    def __lt__(self, other: Any) -> bool:
        return bool(-self > -self.constant(other))

    def series(self, c: Callable[[int], Fraction]) -> Jet:
        """sum_m c(m) self^m, m = 0, 1, ...  *Domain*: |c(m)| <= max(|c(N + 1)|, |c(N + 2)|) for all m > N.

        The terms of degree above N are at most that maximum times T^(N + 1)/(1 - T), where |self| <= T < 1.
        """
        N, T = self.monomials.degree, sum(self.sizes, start=self.rest).upper()
        if not T < 1:
            return self.unbounded()
        result = self.constant(c(N))
        for m in range(N - 1, -1, -1):
            result = result * self + c(m)
        last = max(abs(c(N + 1)), abs(c(N + 2)))
        return self.like(result.coefficients, result.rest + ball(last) * _power(T, N + 1) / (1 - T))


def _power(x: Ball, n: int) -> Ball:
    return prod([x] * n, start=ball(1))


def variables(point: Sequence[Ball], radius: Ball, degree: int) -> list[Jet]:
    """The coordinates of point + A as jets in A, |A| <= radius.

    >>> x, y = variables([ball("0.5"), ball(2)], ball("0.1"), 2)
    >>> product = x * y                                                # 1 + 2 A_0 + A_0 A_1/2 + ...
    >>> [float(c) for c in product.coefficients], float(product.rest)
    ([1.0, 2.0, 0.5, 0.0, 1.0, 0.0], 0.0)
    """
    shape = monomials(len(point), degree)
    jets = []
    for i, x in enumerate(point):
        coefficients = array_of([ball(0)] * len(shape.words))
        coefficients[0], coefficients[shape.place[i,]] = x, ball(1)
        jets.append(Jet(shape, radius, coefficients, ball(0)))
    return jets


class Jets:
    """The number context of jets: those functions of BALLS that the closed forms of two units need.

    >>> x, y = variables([ball(1), ball(1)], ball("0.01"), 2)
    >>> angle = JETS.atan2(y, x)                                       # pi/4 + (A_1 - A_0)/2 + (A_0^2 - A_1^2)/4 + ...
    >>> [round(float(c), 4) for c in angle.coefficients], 0 < float(angle.rest) < 1e-5
    ([0.7854, -0.5, 0.5, 0.25, 0.0, -0.25], True)
    """

    pi = property(lambda self: BALLS.pi)
    rational, number = staticmethod(BALLS.rational), staticmethod(BALLS.number)

    @staticmethod
    def reciprocal(x: Jet) -> Jet:
        return (x / x.value - 1).series(lambda m: Fraction((-1) ** m)) / x.value

    @staticmethod
    def square(x: Any) -> Any:
        if isinstance(x, Root):
            return x.radicand
        return x * x if isinstance(x, Jet) else BALLS.square(x)

    @staticmethod
    def sqrt(x: Any) -> Any:
        if not isinstance(x, Jet):
            return BALLS.sqrt(x)
        binomial = lambda m: Fraction(prod(1 - 2 * i for i in range(m)), 2**m * factorial(m))  # noqa: E731
        return (x / x.value - 1).series(binomial) * BALLS.sqrt(x.value)

    @staticmethod
    def exp(x: Any) -> Any:
        if not isinstance(x, Jet):
            return BALLS.exp(x)
        return (x - x.value).series(lambda m: Fraction(1, factorial(m))) * BALLS.exp(x.value)

    @staticmethod
    def atan(x: Jet) -> Jet:
        return JETS.atan2(x, x.constant(1))

    @staticmethod
    def atan2(y: Any, x: Any) -> Jet:
        """atan2(y_0, x_0) + atan(u), u = (y x_0 - x y_0)/(x x_0 + y y_0), continuous on the ball, also at x < 0 = y."""
        jet = x if isinstance(x, Jet) else y
        y, x = jet.constant(y), jet.constant(x)
        s, t = x.value.mid(), y.value.mid()  # any exact point will do
        along = x * s + y * t  # where it may reach 0, what is divided by it says nothing
        angle = ((y * s - x * t) / along).series(lambda m: Fraction((-1) ** (m // 2), m) if m % 2 else Fraction(0))
        return angle + BALLS.atan2(t, s)


class Root:
    """sqrt of a jet that may reach 0, for forms that only take its square: they are smooth where it is not."""

    def __init__(self, radicand: Jet) -> None:
        self.radicand = radicand

    def __mul__(self, factor: Ball) -> Root:
        return Root(self.radicand * BALLS.square(factor))

    __rmul__ = __mul__


JETS = Jets()
