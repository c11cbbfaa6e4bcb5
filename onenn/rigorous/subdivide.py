"""Inequalities and maxima on a whole interval: cover it with balls, and bisect where the answer is not clear.

f > 0 on [a, b]   if   inf f(X) > 0 for every piece X of a cover of [a, b].
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable

from flint import arb

from onenn.contexts import Constant
from onenn.verdict import Verdict

from .context import ball, precision

BallFunction = Callable[[arb], arb]


class _Domain:
    """[a, b] for two balls a, b: the cover reaches to the outer ends, witnesses must lie surely inside."""

    def __init__(self, a: Constant | arb, b: Constant | arb) -> None:
        self.a, self.b = ball(a, "a"), ball(b, "b")
        if not (self.a.is_finite() and self.b.is_finite()):
            raise ValueError(f"a is {a} and b is {b}; expected finite ends")
        if self.a > self.b:
            raise ValueError(f"a is {a} and b is {b}; expected a <= b")
        self.low, self.high = self.a.lower(), self.b.upper()

    def has(self, x: arb) -> bool:
        return bool(self.a <= x <= self.b)

    def meets(self, low: arb, high: arb) -> bool:
        return bool(self.a <= high and low <= self.b)


def _middle(low: arb, high: arb) -> arb:
    """A point between: the geometric mean of positive ends more than a factor 2 apart, else the arithmetic mean."""
    return ((low * high).sqrt() if 2 * low < high and low > 0 else (low + high) / 2).mid()


def _value(f: BallFunction, X: arb, derivative: BallFunction | None) -> arb:
    y = f(X)
    if not isinstance(y, arb):
        raise TypeError(f"f returned a {type(y).__name__} at a ball; expected a ball: write f with BALLS")
    if derivative is None:
        return y
    m = X.mid()
    centred = f(m) + derivative(X) * (X - m)
    if not centred.is_finite():
        return y
    return y.intersection(centred) if y.is_finite() else centred


def positive_on(
    f: BallFunction,
    a: Constant | arb,
    b: Constant | arb,
    *,
    derivative: BallFunction | None = None,
    max_pieces: int = 4096,
    bits: int | None = None,
) -> Verdict:
    """f(x) > 0 for every x in [a, b]; f maps a ball to a ball that contains its values there.

    Bisection, breadth first, geometric where the ends are positive and far apart. With `derivative` the mean value form
    f(m) + f'(X)(X - m) is used as well, which gains much on differences. The precision is `bits` (None: as it stands).

    PROVED: f > 0 on every piece of a cover. REFUTED: f <= 0 surely at a point or on a piece, which the reason names.
    UNDECIDED: `max_pieces` pieces were not enough (a zero of even order, a bound that does not tighten); the reason
    names a place that was left.
    Raises: TypeError when f returns no ball; ValueError when a > b or an end is not finite.

    >>> positive_on(lambda x: x * x - x + 1, 0, 1)
    PROVED (positive on all 2 pieces of [0, 1])
    >>> positive_on(lambda x: x - 1, 0, 3) == Verdict.REFUTED
    True
    """
    with precision(bits):
        domain = _Domain(a, b)
        waiting, proved, tried = deque([(domain.low, domain.high)]), 0, 0
        while waiting:
            low, high = waiting.popleft()
            X = low.union(high)
            tried += 1
            y = _value(f, X, derivative)
            if y > 0:
                proved += 1
                continue
            if y <= 0 and domain.meets(low, high):
                return Verdict.REFUTED.because(f"f = {y} on the piece {X}")
            m = _middle(low, high)
            at_m = _value(f, m, None)
            if at_m <= 0 and domain.has(m):
                return Verdict.REFUTED.because(f"f = {at_m} at x = {m}")
            if tried + len(waiting) + 2 > max_pieces or not (low < m < high):
                return Verdict.UNDECIDED.because(
                    f"f is not bounded away from 0 near x = {X.str(6)} (f = {y.str(6)}) after {tried} pieces"
                )
            waiting.extend([(low, m), (m, high)])
        return Verdict.PROVED.because(f"positive on all {proved} piece{'s' * (proved > 1)} of [{a}, {b}]")


def maximum_on(
    f: BallFunction,
    a: Constant | arb,
    b: Constant | arb,
    tolerance: Constant | arb,
    *,
    derivative: BallFunction | None = None,
    max_pieces: int = 4096,
    bits: int | None = None,
) -> arb:
    """max of f over [a, b], by branch and bound: the piece with the largest upper bound is bisected first.

    Contains: the maximum (the supremum, if it is not attained). Tight: width <= tolerance, or what `max_pieces`
    evaluations reach; non-finite when f is on some piece to the last.
    Raises: as `positive_on`.

    >>> x = maximum_on(lambda x: x * (1 - x), 0, 1, "1e-6")
    >>> x.contains(ball("1/4")) and x.rad() < ball("1e-6")
    True
    """
    with precision(bits):
        domain = _Domain(a, b)
        width = ball(tolerance, "tolerance")
        best: arb | None = None
        count = 0
        pieces: list[tuple[_Descending, int, arb, arb]] = []

        def add(low: arb, high: arb) -> None:
            nonlocal best, count
            count += 1
            m = _middle(low, high)
            on_piece, at_m = _value(f, low.union(high), derivative), _value(f, m, None)
            for y, valid in ((on_piece, domain.meets(low, high)), (at_m, domain.has(m))):
                if valid and y.is_finite() and (best is None or y.lower() > best):
                    best = y.lower()
            heapq.heappush(pieces, (_Descending(on_piece), count, low, high))

        add(domain.low, domain.high)
        while True:
            top, _, low, high = pieces[0]
            if best is not None and top.upper is not None and top.upper - best <= width:
                break
            m = _middle(low, high)
            if count + 2 > max_pieces or not (low < m < high):
                break
            heapq.heappop(pieces)
            add(low, m)
            add(m, high)
        top = pieces[0][0]
        return arb.nan() if best is None or top.upper is None else best.union(top.upper)


def minimum_on(
    f: BallFunction,
    a: Constant | arb,
    b: Constant | arb,
    tolerance: Constant | arb,
    *,
    derivative: BallFunction | None = None,
    max_pieces: int = 4096,
    bits: int | None = None,
) -> arb:
    """min of f over [a, b]; as `maximum_on`.

    >>> x = minimum_on(lambda x: x * (x - 1), 0, 1, "1e-6")
    >>> x.contains(ball("-1/4")) and x.rad() < ball("1e-6")
    True
    """
    slope = None if derivative is None else (lambda X: -derivative(X))
    return -maximum_on(lambda X: -f(X), a, b, tolerance, derivative=slope, max_pieces=max_pieces, bits=bits)


class _Descending:
    """The key of a heap whose first piece has the largest upper bound, a non-finite one before all."""

    def __init__(self, value: arb) -> None:
        self.upper = value.upper() if value.is_finite() else None

    def __lt__(self, other: _Descending) -> bool:
        if self.upper is None or other.upper is None:
            return self.upper is None and other.upper is not None
        return bool(self.upper > other.upper)
