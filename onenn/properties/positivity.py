"""rho(sigma) > 0 on a whole interval of sigma, decided in ball arithmetic.   Chapter: rho-and-scale (thm-rho-positive).

inf over [a, b] of rho  >=  the least lower bound of rho over the pieces of a cover of [a, b].
"""

from __future__ import annotations

import math
import warnings
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from onenn.activations import Activation, activation
from onenn.contexts import Constant
from onenn.gaussian.balls import rho_ball
from onenn.rigorous import Ball, NoEnclosure, ball, positive_on
from onenn.verdict import Verdict

_RATIO = 1.25


def rho_positive_on(
    phi: str | Activation, a: Constant, b: Constant, terms: int = 2, *, max_pieces: int = 4096
) -> Verdict:
    """rho(sigma) > 0 for every sigma in [a, b]; the reason gives the number of pieces and a certified lower bound.

    terms = 2 is min(T1, T2), terms = 3 the definition as printed. REFUTED when rho <= 0 surely somewhere, an exact 0
    included; UNDECIDED when `max_pieces` bisections of a piece do not settle it, or when the activation lacks what an
    enclosure needs, which the reason names.
    Raises: ValueError unless 0 < a <= b and terms is 2 or 3; TypeError when an end is a float.

    >>> rho_positive_on("relu", "0.1", 10) == Verdict.PROVED, rho_positive_on("linear", "0.1", 10) == Verdict.REFUTED
    (True, True)
    """
    phi, low, high = activation(phi), ball(a, "a"), ball(b, "b")
    if not (low > 0 and low <= high):
        raise ValueError(f"a is {a} and b is {b}; expected 0 < a <= b")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", NoEnclosure)
            rho_ball(phi, low.upper(), terms)
    except NoEnclosure as lacking:
        return Verdict.UNDECIDED.because(str(lacking))
    lower: list[Ball] = []

    def rho(sigma: Ball) -> Ball:
        value = rho_ball(phi, sigma, terms)
        if value > 0:
            lower.append(value.lower())
        return value

    # geometric pieces to begin with: the hull of rho over decades would lose its smallest values to its largest
    count = max(1, math.ceil(math.log(float(high / low)) / math.log(_RATIO)))
    step = (high / low).log() / count
    ends = [low, *(low * (k * step).exp() for k in range(1, count)), high]
    for k in range(count):
        verdict = positive_on(rho, ends[k], ends[k + 1], max_pieces=max_pieces)
        if verdict != Verdict.PROVED:
            at = ends[k].mid()
            value = rho_ball(phi, at, terms)
            if verdict == Verdict.REFUTED and value <= 0:
                return verdict.because(f"rho = {value.str(6)} at sigma = {at.str(6, radius=False)}")
            return verdict.because(f"{verdict.reason} (f is rho, its variable sigma)")
    least = round_down(min(lower, key=float))
    return Verdict.PROVED.because(f"rho >= {least} on all of [{a}, {b}], from {len(lower)} pieces")


def round_down(x: Ball, digits: int = 4) -> str:
    """A decimal of so many significant digits that is at most every point of the ball.

    >>> round_down(ball("2/3"))
    '0.6666'
    """
    mantissa, exponent = x.lower().man_exp()
    exact = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    floor = Context(prec=digits, rounding=ROUND_FLOOR)
    return str(floor.divide(Decimal(exact.numerator), Decimal(exact.denominator)))
