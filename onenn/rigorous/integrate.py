"""Verified Gaussian integrals of piecewise analytic functions.

E[f(sigma z)^m z^q],  z ~ N(0, 1),  m = 1 or 2:   quadrature between the kinks on [-T, T], and beyond T the bound

2 int_T^oo (L (1 + (sigma z)^p) e^(r sigma z))^m z^q e^(-z^2/2) dz / sqrt(2 pi)  from  |f(x)| <= L (1 + |x|^p) e^(r|x|).
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, arb

from onenn.contexts import Constant

from .analytic import Analytic
from .context import NoEnclosure, ball, precision, working_precision
from .tails import Tail

AnalyticFunction = Callable[[Any], Any]
_GUARD = 16


def integral(f: AnalyticFunction, a: Constant | arb, b: Constant | arb, *, bits: int | None = None) -> arb:
    """The integral of f over [a, b]; f is analytic near [a, b], real on it, and written with the functions of BALLS.

    f gets a complex ball that knows only analytic operations. Ends with a radius are allowed.

    Contains: the integral. Tight: relative radius about 2^-bits away from singularities. Non-finite when f is not
    finite on [a, b]; the same, with the warning NoEnclosure, when f cannot be evaluated on balls.
    Raises: TypeError on float ends.

    >>> from onenn.rigorous import BALLS
    >>> integral(BALLS.exp, 0, 1).overlaps(ball("e - 1"))
    True
    """
    with precision(bits, guard=_GUARD):
        low, high = ball(a, "a"), ball(b, "b")
        try:
            middle = _quadrature(_on_balls(f), low.mid(), high.mid(), arb(0))
            # from the midpoint to the true end, at most a radius away
            ends = [arb(0, X.rad()) * _on_balls(f)(acb(X), False).real for X in (low, high) if not X.is_exact()]
        except _NotOnBalls as error:
            return _no_enclosure(str(error))
        return sum(ends, middle)


def gaussian_integral(
    pieces: Sequence[AnalyticFunction],
    kinks: Sequence[Constant | arb] = (),
    *,
    sigma: Constant | arb,
    growth: tuple[Any, ...] | None,
    power: int = 0,
    squared: bool = False,
    bits: int | None = None,
) -> arb:
    """E[f(sigma z) z^power], or E[f(sigma z)^2 z^power] when squared, for z ~ N(0, 1).

    f is pieces[0] left of kinks[0], pieces[i] between kinks[i-1] and kinks[i], and so on; each is analytic on its
    interval and written with the functions of BALLS. growth = (L, p) or (L, p, r) states
    |f(x)| <= L (1 + |x|^p) e^(r|x|) for every x, with exact L, r >= 0 and an int p >= 0. sigma may have a radius.

    Contains: the expectation, for every sigma in its ball. Tight: for an exact sigma an error of about
    2^-bits max(1, value); for a wide one only what a direct evaluation gives. Non-finite, with the warning NoEnclosure,
    when growth is None or a piece does not run on balls; non-finite when sigma is not surely positive.
    Raises: ValueError when the numbers of pieces and kinks do not fit, the kinks do not increase, or sigma <= 0;
    TypeError on floats.

    >>> mean = gaussian_integral([lambda x: -x, lambda x: x], [0], sigma=1, growth=(1, 1))
    >>> mean.overlaps(ball("sqrt(2/pi)"))
    True
    """
    if power < 0 or not isinstance(power, int):
        raise ValueError(f"power is {power}; expected an int >= 0")
    if growth is None:
        return _no_enclosure("the growth of the integrand is not known: supply growth=(L, p) or (L, p, r)")
    with precision(bits, guard=_GUARD):
        s = ball(sigma, "sigma")
        if s <= 0:
            raise ValueError(f"sigma is {sigma}; expected a positive number")
        points = [ball(k, "kinks") / s for k in kinks]
        if not (s.is_finite() and s > 0 and all(x.is_finite() for x in points)):
            return arb.nan()
        tail = Tail(growth, s.upper(), power, 2 if squared else 1)
        bound, panels, gaps = _cover(pieces, points, tail)
        slack = s.rad() / s.mid() / 16  # a wide sigma cannot give more, however fine the quadrature
        total = arb(0, bound)
        try:
            for i, low, high in panels:
                total += _quadrature(_weighted(pieces[i], s, power, tail.m), low, high, slack)
            for gap in gaps:
                total += _in_gap(pieces, gap, s, tail)
        except _NotOnBalls as error:
            return _no_enclosure(str(error))
        return total


class _NotOnBalls(Exception):
    pass


def _no_enclosure(what: str) -> arb:
    warnings.warn(NoEnclosure(f"{what}; a non-finite ball is returned"), stacklevel=3)
    return arb.nan()


def _on_balls(f: AnalyticFunction) -> Callable[[acb, bool], acb]:
    def integrand(z: acb, analytic: bool) -> acb:
        try:
            y = f(Analytic(z, analytic))
            return y.ball if isinstance(y, Analytic) else acb(ball(y, "the value of a piece"))
        except (TypeError, AttributeError) as error:
            raise _NotOnBalls(
                f"a piece does not run on balls ({error}): write it with its context's functions (C.exp, C.tanh, ...),"
                " operators and exact constants"
            ) from error

    return integrand


def _weighted(piece: AnalyticFunction, s: arb, power: int, m: int) -> Callable[[acb, bool], acb]:
    f, root = _on_balls(piece), (2 * arb.pi()).sqrt()

    def integrand(z: acb, analytic: bool) -> acb:
        y = f(s * z, analytic)
        if m == 2:
            y = y * y
        for _ in range(power):
            y = y * z
        return y * (-z * z / 2).exp() / root

    return integrand


def _quadrature(integrand: Callable[[acb, bool], acb], low: arb, high: arb, slack: arb) -> arb:
    bits = working_precision()
    goal = arb(2) ** (-bits)
    tolerance = slack.upper() if slack > goal else goal
    errors: list[BaseException] = []

    def guarded(z: acb, analytic: bool) -> acb:
        # The library does not pass exceptions on: keep the first, and let the rest of the run be quick.
        try:
            return acb(arb.nan()) if errors else integrand(z, analytic)
        except BaseException as error:
            errors.append(error)
            return acb(arb.nan())

    guarded(acb((low + high) / 2), False)  # a function that does not run on balls shows it at once
    # enough for poles at 1e-3 of the real axis, or a square root at a kink, and soon over where nothing helps
    limit = 1 if errors else 4000 + 60 * bits + min(bits * bits // 6, 20_000)
    value = acb.integral(guarded, acb(low), acb(high), rel_tol=tolerance, abs_tol=tolerance, eval_limit=limit)
    if errors:
        raise errors[0]
    return value.real


def _cover(
    pieces: Sequence[AnalyticFunction], points: list[arb], tail: Tail
) -> tuple[arb, list[tuple[int, arb, arb]], list[tuple[range, arb]]]:
    """The bound beyond T, the panels (piece, low, high) with exact ends, and the gaps (pieces, ball) at kinks."""
    if len(pieces) != len(points) + 1:
        raise ValueError(f"{len(pieces)} pieces and {len(points)} kinks; expected one piece more than kinks")
    if any(x >= y for x, y in itertools.pairwise(points)):
        raise ValueError("kinks do not increase; expected them in increasing order")
    T = tail.cut(working_precision() - _GUARD)
    while any(x.contains(T) or x.contains(-T) or not (x < T or x > T) for x in points):
        T = T + 1 + (T / 8).floor()
    panels: list[tuple[int, arb, arb]] = []
    gaps: list[tuple[range, arb]] = []
    at, piece = -T, sum(1 for x in points if x < -T)
    last = len(points) - sum(1 for x in points if x > T)
    while piece < last:
        low, high, after = points[piece].lower(), points[piece].upper(), piece + 1
        while after < last and points[after].lower() <= high:  # kinks that cannot be told apart share one gap
            high = max(high, points[after].upper())
            after += 1
        panels.append((piece, at, low))
        if low < high:
            gaps.append((range(piece, after + 1), low.union(high)))
        at, piece = high, after
    panels.append((piece, at, T))
    return tail.beyond(T), panels, gaps


def _in_gap(pieces: Sequence[AnalyticFunction], gap: tuple[range, arb], s: arb, tail: Tail) -> arb:
    """The integral over a gap: its width times the hull of all the pieces that may be in force there."""
    indices, Z = gap
    hull = None
    for i in indices:
        y = _weighted(pieces[i], s, tail.power, tail.m)(acb(Z), False).real
        if not y.is_finite():  # the piece does not reach beyond its kink: its bound does
            bound = tail.pointwise(s * Z, Z)
            y = arb(0, bound)
        hull = y if hull is None else hull.union(y)
    assert hull is not None
    return 2 * arb(Z.rad()) * hull
