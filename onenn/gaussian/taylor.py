"""Taylor models: a polynomial and a bound on what it leaves out, so that a difference cancels in its coefficients.

f(u) = c_0 + c_1 u + ... + c_(N-1) u^(N-1) + R u^N     for every |u| <= U, with balls c_n and R.

A difference of enclosures over an interval keeps the sum of their widths; a difference of Taylor models subtracts the
coefficients, at a point and at full precision. Chapter: rho-and-scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from onenn.rigorous import Ball, ball, interval


def _horner(coefficients: Sequence[Ball], u: Ball) -> Ball:
    value = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        value = value * u + c
    return value


@dataclass(frozen=True)
class TaylorModel:
    """The functions of u within `remainder` * u^N of the polynomial with the N `coefficients`, for |u| <= radius."""

    coefficients: tuple[Ball, ...]
    remainder: Ball
    radius: Ball

    @property
    def domain(self) -> Ball:
        """The ball [-radius, radius]."""
        return interval(-self.radius, self.radius)

    def __add__(self, other: TaylorModel) -> TaylorModel:
        terms = zip(self.coefficients, other.coefficients, strict=True)
        return TaylorModel(tuple(x + y for x, y in terms), self.remainder + other.remainder, self.radius)

    def __sub__(self, other: TaylorModel) -> TaylorModel:
        return self + other.times(ball(-1))

    def times(self, factor: Ball) -> TaylorModel:
        """The model of factor * f."""
        return TaylorModel(tuple(factor * c for c in self.coefficients), factor * self.remainder, self.radius)

    def plus(self, constant: Ball) -> TaylorModel:
        """The model of constant + f."""
        return TaylorModel((self.coefficients[0] + constant, *self.coefficients[1:]), self.remainder, self.radius)

    def __mul__(self, other: TaylorModel) -> TaylorModel:
        N, u = len(self.coefficients), self.domain
        product = [ball(0)] * (2 * N)
        for i, x in enumerate(self.coefficients):
            for j, y in enumerate(other.coefficients):
                product[i + j] = product[i + j] + x * y
        # (p + R u^N)(q + S u^N) = [pq]_N + u^N ((pq - [pq]_N)/u^N + p S + R (q + S u^N))
        beyond = _horner(product[N:], u)
        remainder = beyond + _horner(self.coefficients, u) * other.remainder + self.remainder * other(u)
        return TaylorModel(tuple(product[:N]), remainder, self.radius)

    def __call__(self, u: Ball) -> Ball:
        """A ball that contains f(u) for every u in the given ball, which lies in the domain.

        The mean value form p(m) + p'(u)(u - m) is taken where it is the tighter one.
        """
        N = len(self.coefficients)
        power = ball(1)
        for _ in range(N):
            power = power * u
        direct = _horner(self.coefficients, u)
        m = u.mid()
        slope = _horner([n * c for n, c in enumerate(self.coefficients)][1:] or [ball(0)], u)
        centred = _horner(self.coefficients, m) + slope * (u - m)
        return (centred if centred.rad() < direct.rad() else direct) + self.remainder * power

    def error(self) -> Ball:
        """How far a function of the model may lie from the polynomial of midpoints, on the domain."""
        U, power, total = self.radius, ball(1), ball(0)
        for c in self.coefficients:
            total, power = total + c.rad() * power, power * U
        return total + self.remainder.abs_upper() * power

    def size(self) -> Ball:
        """A bound on |p| over the domain: the sum of |c_n| U^n."""
        U, power, total = self.radius, ball(1), ball(0)
        for c in self.coefficients:
            total, power = total + abs(c.mid()) * power, power * U
        return total


def binomial_model(exponent: Fraction, order: int, radius: Ball) -> TaylorModel:
    """(1 + u)^exponent with `order` terms for |u| <= radius < 1; Lagrange's remainder binom(a, N) (1 + x)^(a - N).

    >>> root = binomial_model(Fraction(1, 2), 6, ball("0.1"))
    >>> root(ball("0.07")).contains(ball("sqrt(1.07)"))
    True
    """
    coefficients, c = [], Fraction(1)
    for n in range(order):
        coefficients.append(ball(c))
        c = c * (exponent - n) / (n + 1)
    # (1 + x)^(a - N) is monotone: its values at the ends bound it, where the power of a wide ball would reach 0
    ends = [_half_power(1 + x, int(2 * (exponent - order))) for x in (-radius, radius)]
    return TaylorModel(tuple(coefficients), ball(c) * ends[0].union(ends[1]), radius)


def _half_power(x: Ball, n: int) -> Ball:
    """x^(n/2)."""
    value = math.prod([x.sqrt()] * abs(n), start=ball(1))
    return value if n >= 0 else 1 / value
