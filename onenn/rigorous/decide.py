"""Decisions about balls, three-valued: PROVED for every point, REFUTED for every point, otherwise UNDECIDED.

x > 0 :  PROVED when inf x > 0,   REFUTED when sup x <= 0,   UNDECIDED when the ball meets both sides or is not finite.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb

from onenn.contexts import Constant
from onenn.verdict import Verdict

from .context import ball, precision


def _unknown(*balls: arb) -> Verdict | None:
    for x in balls:
        if not x.is_finite():
            return Verdict.UNDECIDED.because(f"{x} is not finite: no enclosure was found")
    return None


def is_positive(x: Constant | arb) -> Verdict:
    """x > 0, for every point of the ball.

    >>> is_positive("1/4")
    PROVED (0.250000000000000 > 0)
    """
    X = ball(x)
    if (unknown := _unknown(X)) is not None:
        return unknown
    if X > 0:
        return Verdict.PROVED.because(f"{X} > 0")
    if X <= 0:
        return Verdict.REFUTED.because(f"{X} <= 0")
    return Verdict.UNDECIDED.because(f"{X} reaches to both sides of 0, or to 0")


def is_negative(x: Constant | arb) -> Verdict:
    """x < 0, for every point of the ball.

    >>> is_negative(0)
    REFUTED (0 >= 0)
    """
    X = ball(x)
    if (unknown := _unknown(X)) is not None:
        return unknown
    if X < 0:
        return Verdict.PROVED.because(f"{X} < 0")
    if X >= 0:
        return Verdict.REFUTED.because(f"{X} >= 0")
    return Verdict.UNDECIDED.because(f"{X} reaches to both sides of 0, or to 0")


def less(x: Constant | arb, y: Constant | arb) -> Verdict:
    """x < y, for every pair of points of the two balls.

    >>> less("1/3", "sqrt(2)") == Verdict.PROVED
    True
    """
    X, Y = ball(x, "x"), ball(y, "y")
    if (unknown := _unknown(X, Y)) is not None:
        return unknown
    if X < Y:
        return Verdict.PROVED.because(f"{X} < {Y}")
    if X >= Y:
        return Verdict.REFUTED.because(f"{X} >= {Y}")
    return Verdict.UNDECIDED.because(f"{X} and {Y} overlap")


def contains(outer: Constant | arb, x: Constant | arb) -> Verdict:
    """x lies in the ball `outer`, for every point of x; REFUTED when none does.

    >>> contains(ball("1/3").union(ball(2)), "sqrt(2)") == Verdict.PROVED
    True
    """
    whole, X = ball(outer, "outer"), ball(x, "x")
    if (unknown := _unknown(whole, X)) is not None:
        return unknown
    if whole.contains(X):
        return Verdict.PROVED.because(f"{whole} contains {X}")
    if not whole.overlaps(X):
        return Verdict.REFUTED.because(f"{whole} and {X} are disjoint")
    return Verdict.UNDECIDED.because(f"{X} lies partly in {whole}")


def decide_adaptively(decision: Callable[[], Verdict], *, start: int = 64, cap: int = 4096) -> Verdict:
    """The first answer of decision() that is not UNDECIDED, at a working precision that doubles up to `cap` bits.

    >>> decide_adaptively(lambda: is_positive("2**200 + 1/10 - 2**200")) == Verdict.PROVED
    True
    """
    bits, verdict = start, Verdict.UNDECIDED.because(f"start is {start} bits, beyond the cap of {cap}")
    while bits <= cap:
        with precision(bits):
            verdict = decision()
        if verdict != Verdict.UNDECIDED:
            return verdict
        bits *= 2
    return verdict
