"""Enclosures over an interval of sigma: Taylor models in u = (s0/s)^2 - 1 around a point s0.

E[g(s z) z^q] = (1 + u)^((q+1)/2) E[g(s0 z) z^q e^(-u z^2/2)]
             = (1 + u)^((q+1)/2) ( sum_{n<N} (-u/2)^n/n! E[g(s0 z) z^(q+2n)] + R u^N ),
|R| <= E[|g(s0 z)| |z|^(q+2N) e^(U z^2/2)] / (2^N N!)   for |u| <= U < 1.

The centres s0 are four to the octave, so a bisection of a long interval uses each model again and again; an interval
shorter than 1/64 of its middle gets a centre of its own. Chapter: rho-and-scale.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from fractions import Fraction

from onenn.activations.half_line import double_factorial
from onenn.rigorous import Ball, ball, interval, precision

from .quadrature import Slope
from .taylor import TaylorModel, binomial_model

_ORDERS = (2, 4, 7, 11, 16, 22, 29, 37, 46, 60, 80)
_SHARPNESS = Fraction(1, 2**16)
_NARROW = Fraction(1, 64)

Cell = tuple[Fraction, Fraction]
"""A centre s0 and a radius U: the cell holds every s with |(s0/s)^2 - 1| <= U."""


class Models:
    """The Taylor models of one slope, kept for later questions."""

    def __init__(self, slope: Slope) -> None:
        self.slope = slope
        self._model = functools.lru_cache(maxsize=4096)(self._built)
        self._expansion = functools.lru_cache(maxsize=256)(functools.partial(_Expansion, slope))

    def over(self, kind: str, index: int, s: Ball) -> Ball:
        """A ball that contains alpha_index(s), beta_index(s) or T_index(s), as `kind` says, for every s in the ball s.

        Tight: up to a width about proportional to the relative width of s and to the size of the values, T included,
        whatever cancels in it. Non-finite when s is not surely positive.
        """
        if not (s.is_finite() and s > 0):
            return ball(0).log()
        hull: Ball | None = None
        for cell, low, high in _cells(s):
            model = self._model(kind, index, cell)
            for u in _offsets(cell, low, high):
                value = model(u)
                hull = value if hull is None else hull.union(value)
        assert hull is not None
        return hull

    def _built(self, kind: str, index: int, cell: Cell) -> TaylorModel:
        """Orders and precision rise until the error of the model is small beside its variation over the cell."""
        radius, model = cell[1], TaylorModel((ball(0),), ball(0).log(), ball(cell[1]))
        for order in _ORDERS:
            if order != _ORDERS[-1] and radius**order > _SHARPNESS:
                continue  # its remainder would be too large even where nothing cancels
            bits = 24 + math.ceil(order * math.log2(1 / radius))
            with precision(bits + 16):
                model = getattr(self._expansion(cell, order, bits, 2 if kind == "T" else index), kind)(index)
                error = model.error()
                if not error.is_finite() or error <= ball(_SHARPNESS * radius) * model.size():
                    break
        return model


class _Expansion:
    """The models of order N of all moments on one cell, from the verified moments at its centre."""

    def __init__(self, slope: Slope, cell: Cell, order: int, bits: int, top: int) -> None:
        self.slope, self.order = slope, order
        self.centre, self.radius = ball(cell[0]), ball(cell[1])
        self.moments = slope.moments(self.centre, top + 2 * order - 1, bits)

    def a(self, q: int) -> TaylorModel:
        """E[g(s z) z^q]."""
        L, p, r = self.slope.growth
        return self._expectation(self.moments[0], q, (ball(L), p, ball(r)), self.slope.parity)

    def b(self, q: int) -> TaylorModel:
        """E[g(s z)^2 z^q]."""
        L, p, r = self.slope.growth
        # (L (1 + x^p) e^(rx))^2 <= 2 L^2 (1 + x^(2p)) e^(2rx)
        return self._expectation(
            self.moments[1], q, (2 * ball(L) * ball(L), 2 * p, 2 * ball(r)), abs(self.slope.parity)
        )

    def _expectation(self, moments: list[Ball], q: int, growth: tuple[Ball, int, Ball], parity: int) -> TaylorModel:
        N, U = self.order, self.radius
        if parity * (-1) ** q == -1:
            return TaylorModel((ball(0),) * N, ball(0), U)
        scale, coefficients = ball(1), []
        for n in range(N):
            coefficients.append(scale * moments[q + 2 * n])
            scale = scale / (-2 * (n + 1))
        bound = abs(scale) * _absolute_moment(growth, q + 2 * N, self.centre, U)
        plain = TaylorModel(tuple(coefficients), interval(-bound, bound), U)
        return binomial_model(Fraction(q + 1, 2), N, U) * plain

    def alpha(self, q: int) -> TaylorModel:
        """alpha_q = c E[z^q] + a_q."""
        return self.a(q).plus(self.slope.alpha(q, ball(0)))

    def beta(self, q: int) -> TaylorModel:
        """beta_q = c^2 E[z^q] + 2 c a_q + b_q."""
        cross = self.a(q).times(2 * ball(self.slope.centre))
        return (self.b(q) + cross).plus(self.slope.beta(q, ball(0), ball(0)))

    def T(self, i: int) -> TaylorModel:
        """T1 = b_0 - a_0^2 - a_1^2, T2 = b_2 - a_1^2 - a_2^2, T3 = alpha_0 alpha_2 - alpha_1^2."""
        if i == 3:
            return self.alpha(0) * self.alpha(2) - self.alpha(1) * self.alpha(1)
        even = self.a(2 * i - 2)
        return self.b(2 * i - 2) - even * even - self.a(1) * self.a(1)


def _absolute_moment(growth: tuple[Ball, int, Ball], k: int, s: Ball, U: Ball) -> Ball:
    """A bound on E[L (1 + (s|z|)^p) e^(r s |z|) |z|^k e^(U z^2/2)].

    e^(rs|z|) <= e^((rs)^2/(2t)) e^(t z^2/2) with t = (1 - U)/2, and E[|z|^m e^(w z^2/2)] <= (m-1)!! (1-w)^(-(m+1)/2).
    """
    L, p, r = growth
    t = ball(0) if r.is_zero() else (1 - U) / 2
    tilt = ball(1) if r.is_zero() else (r * r * s * s / (2 * t)).exp()
    root = (1 - U - t).sqrt()

    def moment(m: int) -> Ball:
        return math.prod([1 / root] * (m + 1), start=ball(double_factorial(m - 1)))

    return L * tilt * (moment(k) + math.prod([s] * p, start=ball(1)) * moment(k + p))


def _cells(s: Ball) -> Iterator[tuple[Cell, Ball, Ball]]:
    """Cells that cover the ball s > 0, each with the part [low, high] of s that lies in it."""
    low, high = s.lower(), s.upper()
    if high - low <= ball(_NARROW) * low:
        yield _own_cell(s, low, high), low, high
        return
    j = math.floor(4 * math.log2(float(low))) - 3
    while ball(_edge(j)) <= low:
        j += 1
    while True:
        left, right = _edge(j - 1), _edge(j)
        s0 = _centre(j)
        cell = s0, max((s0 / left) ** 2 - 1, 1 - (s0 / right) ** 2)
        yield cell, max(low, ball(left)), min(high, ball(right))
        if ball(right) >= high:
            return
        j += 1


def _own_cell(s: Ball, low: Ball, high: Ball) -> Cell:
    centre = _exact(s.mid())
    ends = [abs((s.mid() / x) * (s.mid() / x) - 1) for x in (low, high)]
    widest = 1.01 * max(float(x.upper()) for x in ends)  # the conversion to a double rounds
    return centre, Fraction(2) ** max(math.ceil(math.log2(widest)) if widest else -256, -256)


def _centre(j: int) -> Fraction:
    return Fraction(4 + j % 4, 4) * Fraction(2) ** (j // 4)


def _edge(j: int) -> Fraction:
    return (_centre(j) + _centre(j + 1)) / 2


def _exact(x: Ball) -> Fraction:
    mantissa, exponent = x.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _offsets(cell: Cell, low: Ball, high: Ball) -> Iterator[Ball]:
    """Balls that cover u = (s0/s)^2 - 1 for s in [low, high]; a long range in four, where the polynomial is tighter."""
    s0 = ball(cell[0])
    first, last = (s0 / high) * (s0 / high) - 1, (s0 / low) * (s0 / low) - 1
    parts = 4 if last - first > ball("1/16") else 1
    cuts = [first + (last - first) * k / parts for k in range(parts)] + [last]
    for k in range(parts):
        yield cuts[k].union(cuts[k + 1])
