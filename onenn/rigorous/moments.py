"""Many moments at once, verified: E[f(sigma z) z^q] and E[f(sigma z)^2 z^q], q = 0, 1, ..., from one set of values.

n-point Gauss-Legendre quadrature on a panel of half-width h; for g analytic and |g| <= M in the Bernstein ellipse rho
    |integral - sum| <= (16/3) h M rho^(-2n) / (1 - rho^-2).
The Chebyshev coefficients of g are at most 2 M rho^-k; the rule is exact below degree 2n; for an odd k it and the
integral vanish, and for an even k >= 2n they are at most 2 and 2/(k^2 - 1) <= 2/3.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, arb, arb_mat

from onenn.contexts import Constant

from .analytic import Analytic
from .context import NoEnclosure, ball, precision, working_precision

Moments = tuple[list[arb], list[arb]]
"""(E[f(sigma z) z^q]) and (E[f(sigma z)^2 z^q]), q = 0, 1, ..., count - 1."""

_ELLIPSES = (8, 5, 3, 2)
_WIDEST = 3
_MAX_PANELS = 20_000


def gaussian_moments(
    pieces: Sequence[Callable[[Any], Any]],
    kinks: Sequence[Constant | arb] = (),
    *,
    sigma: Constant | arb,
    growth: tuple[Any, ...] | None,
    count: int,
    bits: int,
    parity: int = 0,
) -> Moments:
    """E[f(sigma z) z^q] and E[f(sigma z)^2 z^q] for q < count and z ~ N(0, 1); f as in `gaussian_integral`.

    parity = 1 states that f is even, -1 that it is odd: half of the line is left out, and vanishing moments are exact.

    Contains: the moments, for every sigma in its ball. Tight: for an exact sigma an error of about 2^-bits sqrt(q!) M
    with M = max(1, L), M^2 for the second list. Non-finite, with the warning NoEnclosure, when growth is None or f does
    not run on balls.
    Raises: ValueError when sigma is not surely positive, or count < 1.

    >>> first, second = gaussian_moments([lambda x: x], sigma=2, growth=(1, 1), count=3, bits=60, parity=-1)
    >>> first[1].overlaps(ball(2)), second[2].overlaps(ball(12)), first[0].is_zero()
    (True, True, True)
    """
    if count < 1:
        raise ValueError(f"count is {count}; expected the number of moments, at least 1")
    with precision(bits + 16):
        s = ball(sigma, "sigma")
        if not s > 0:
            raise ValueError(f"sigma is {sigma}; expected a surely positive number")
        if growth is None:
            return _none(count, "the growth of f is not known: supply growth=(L, p) or (L, p, r)")
        tail = _Tail(growth, s, count, bits)
        points = [ball(k, "kinks") / s for k in kinks]
        if parity and any(x.contains(0) and not x.is_zero() for x in points):
            parity = 0  # which piece is on the right of 0 cannot be told
        rule = _Rule(s, count, bits, tail.scale)
        try:
            for f, a, b in _segments(pieces, points, tail.T, half=bool(parity)):
                rule.add(f, a, b)
        except (TypeError, AttributeError) as error:
            return _none(count, f"f does not run on balls ({error}); write it with the functions of its context")
        return _unfolded(rule.totals(), tail, parity)


def _none(count: int, what: str) -> Moments:
    warnings.warn(NoEnclosure(f"{what}; non-finite balls are returned"), stacklevel=3)
    return [arb.nan()] * count, [arb.nan()] * count


class _Tail:
    """beyond[m][q]: a bound on 2 int_T^oo (L (1 + (s z)^p) e^(r s z))^m z^q e^(-z^2/2) dz / sqrt(2 pi), m = 1, 2.

    From T on, the logarithm of the integrand falls with slope at least k = T - m r s - (q + m p)/T: at most g(T)/k.
    """

    def __init__(self, growth: tuple[Any, ...], s: arb, count: int, bits: int) -> None:
        self.L, self.p = ball(growth[0], "L"), growth[1]
        self.r, self.s, self.count = ball(growth[2], "r") if len(growth) == 3 else arb(0), s.upper(), count
        self.scale = max(arb(1), self.L.upper())
        goal = arb(2) ** (-bits)
        T = arb(math.isqrt(2 * bits) + math.isqrt(count) + math.ceil(2 * float(self.r * s)) + 2)  # a first guess
        while not all(
            bound < goal * self.scale**m * _root(q) for m in (1, 2) for q, bound in enumerate(self._bounds(T, m))
        ):
            T = T + 1
        self.T, self.beyond = T, {m: self._bounds(T, m) for m in (1, 2)}

    def _bounds(self, T: arb, m: int) -> list[arb]:
        g = self.L * (1 + _power(self.s * T, self.p)) * (self.r * self.s * T).exp()
        value = 2 * _power(g, m) * (-T * T / 2).exp() / (2 * arb.pi()).sqrt()
        bounds = []
        for q in range(self.count):
            slope = T - m * self.r * self.s - arb(q + m * self.p) / T
            bounds.append((value / slope).upper() if slope > 0 else arb("inf"))
            value = value * T
        return bounds


class _Rule:
    """The panels of one integral: nodes, weighted values of f and f^2, and the sum of the error bounds."""

    def __init__(self, s: arb, count: int, bits: int, scale: arb) -> None:
        self.s, self.count = s, count
        self.n = bits // 3 + 8
        self.nodes = _legendre(self.n, working_precision())
        self.largest = scale * scale * arb(2) ** (-bits - 4)
        self.z: list[arb] = []
        self.values: tuple[list[arb], list[arb]] = ([], [])
        self.errors = [[arb(0)] * count, [arb(0)] * count]
        self.panels = 0

    def add(self, f: Callable[[Any], Any], a: arb, b: arb) -> None:
        """Integrate over [a, b], bisecting until the error bound is small enough."""
        waiting = [(a, b)]
        while waiting:
            a, b = waiting.pop()
            self.panels += 1
            c, h = (a + b) / 2, (b - a) / 2
            bound = self._error(f, c, h)
            if bound is None and self.panels < _MAX_PANELS:
                waiting += [(a, c), (c, b)]
                continue
            first, second, R = bound or (arb("inf"), arb("inf"), arb(1))
            for q in range(self.count):
                self.errors[0][q] += first
                self.errors[1][q] += second
                first, second = first * R, second * R
            for x, w in self.nodes:
                z = c + h * x
                y = real_value(f, self.s * z)
                weighted = y * (w * h * (-z * z / 2).exp())
                self.z.append(z)
                self.values[0].append(weighted)
                self.values[1].append(weighted * y)

    def _error(self, f: Callable[[Any], Any], c: arb, h: arb) -> tuple[arb, arb, arb] | None:
        """Error bounds at q = 0 for f and f^2, and the factor from q to q + 1; None where no ellipse is good enough."""
        for rho in _ELLIPSES:
            x, y = h * (arb(rho) + arb(1) / rho) / 2, h * (arb(rho) - arb(1) / rho) / 2
            box = acb(c + arb(0, x.upper()), arb(0, y.upper()))
            value = f(Analytic(box * self.s, True))
            F = (value.ball if isinstance(value, Analytic) else acb(ball(value))).abs_upper()
            if not F.is_finite():
                continue
            weight = (-(box * box) / 2).exp().abs_upper()
            rate = h * arb(rho) ** (-2 * self.n) * arb(16) / 3 / (1 - arb(1) / (rho * rho))
            first, R = (rate * F * weight).upper(), box.abs_upper()
            second = (first * F).upper()
            q = min(self.count - 1, int(float(R * R)))  # where R^q / sqrt(q!) is largest
            if max(first, second) * _power(R, q) < self.largest * _root(q):
                return first, second, R
        return None

    def totals(self) -> Moments:
        """The two lists, errors included, without the tails."""
        J, root = len(self.z), (2 * arb.pi()).sqrt()
        row = [arb(1)] * J
        powers = []
        for _ in range(self.count):
            powers.append(row)
            row = [x * z for x, z in zip(row, self.z, strict=True)]
        sums = arb_mat(self.count, J, [x for row in powers for x in row]) * arb_mat(
            J, 2, [x for pair in zip(*self.values, strict=True) for x in pair]
        )
        first, second = (
            [(sums[q, m] + arb(0, self.errors[m][q].upper())) / root for q in range(self.count)] for m in (0, 1)
        )
        return first, second


def _unfolded(totals: Moments, tail: _Tail, parity: int) -> Moments:
    """From half of the line, when there is a parity, to all of it; and the tails."""

    def whole(x: arb, q: int, m: int) -> arb:
        if parity and parity**m * (-1) ** q == -1:
            return arb(0)
        return (2 * x if parity else x) + arb(0, tail.beyond[m][q])

    first, second = ([whole(x, q, m) for q, x in enumerate(totals[m - 1])] for m in (1, 2))
    return first, second


def _segments(pieces: Sequence[Callable], points: list[arb], T: arb, *, half: bool) -> list[tuple[Callable, arb, arb]]:
    """(f, a, b) for the panels to start from: between the ends and the kinks, at most _WIDEST wide."""
    low, high = (arb(0) if half else -T), T
    while any((x.contains(low) and not x.is_zero()) or x.contains(high) for x in points):
        high = high + 1
        low = low if half else -high
    first = sum(1 for x in points if x <= low)
    inside = [x for x in points if low < x < high]
    ends = [low, *inside, high]
    segments = []
    for i in range(len(ends) - 1):
        steps = math.ceil(float(ends[i + 1].upper() - ends[i].lower()) / _WIDEST)
        cuts = [ends[i] + (ends[i + 1] - ends[i]) * k / steps for k in range(steps)] + [ends[i + 1]]
        segments += [(pieces[first + i], cuts[k], cuts[k + 1]) for k in range(steps)]
    return segments


@functools.lru_cache(maxsize=64)
def _legendre(n: int, bits: int) -> list[tuple[arb, arb]]:
    with precision(bits):
        return [arb.legendre_p_root(n, k, weight=True) for k in range(n)]


def real_value(f: Callable[[Any], Any], x: arb) -> arb:
    """f at a real ball; an f with Fractions in it, which only the analytic wrapper combines with balls, is wrapped."""
    try:
        value = f(x)
    except TypeError:
        value = f(Analytic(acb(x), False))
    return value.ball.real if isinstance(value, Analytic) else ball(value, "the value of a piece")


def _power(x: arb, n: int) -> arb:
    return math.prod([x] * n, start=arb(1))


def _root(q: int) -> arb:
    return arb(math.factorial(q)).sqrt()
