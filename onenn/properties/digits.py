"""Printed digits against an enclosed value: rounding is within half a unit of the last digit, truncation within one.

Chapter: rho-closed-forms, the table of the slides.
"""

from __future__ import annotations

import re
from fractions import Fraction

from onenn.rigorous import Ball, ball, precision
from onenn.verdict import Verdict

_NUMBER = re.compile(r"[+-]?(\d+)?(?:\.(\d*))?(?:[eE]([+-]?\d+))?")


def printed_number(printed: str) -> tuple[Fraction, Fraction]:
    """The number that a decimal stands for, and the unit of its last printed digit.

    Raises: TypeError unless `printed` is a str (the digits matter); ValueError when it is not a decimal.

    >>> printed_number("1.9E-4") == (Fraction(19, 10**5), Fraction(1, 10**5))
    True
    """
    if not isinstance(printed, str):
        raise TypeError(f"printed is a {type(printed).__name__}; expected the digits as they are printed, a str")
    match = _NUMBER.fullmatch(printed.strip())
    if match is None or not (match[1] or match[2]):
        raise ValueError(f"printed is {printed!r}; expected a decimal such as '0.091' or '1.9E-4'")
    exponent = int(match[3] or 0) - len(match[2] or "")
    return Fraction(printed.strip()), Fraction(10) ** exponent


def rounds_to(x: Ball, printed: str) -> Verdict:
    """`printed` is x rounded to as many digits as are printed, a tie to the even digit.

    PROVED for every point of the ball, REFUTED for every point, UNDECIDED when the ball reaches across the limit.

    >>> rounds_to(ball("1.8503e-4"), "1.9E-4") == Verdict.PROVED, rounds_to(ball("1.8503e-4"), "1.8E-4").value
    (True, 'REFUTED')
    """
    value, unit = printed_number(printed)
    low, high = value - unit / 2, value + unit / 2
    even = (value / unit) % 2 == 0
    return _between(x, printed, low, high, closed=(even, even), what="half a unit of the last digit off")


def truncates_to(x: Ball, printed: str) -> Verdict:
    """`printed` is x with its further digits dropped (towards 0).

    >>> truncates_to(ball("1.8503e-4"), "1.8E-4") == Verdict.PROVED
    True
    """
    value, unit = printed_number(printed)
    if value == 0:
        low, high, closed = -unit, unit, (False, False)
    elif value > 0:
        low, high, closed = value, value + unit, (True, False)
    else:
        low, high, closed = value - unit, value, (False, True)
    return _between(x, printed, low, high, closed=closed, what="outside the numbers that truncate to")


def _between(x: Ball, printed: str, low: Fraction, high: Fraction, *, closed: tuple[bool, bool], what: str) -> Verdict:
    if not x.is_finite():
        return Verdict.UNDECIDED.because(f"{x} is not finite: no enclosure was found")
    with precision(256):
        a, b = ball(low), ball(high)
    # an exact x may lie on a limit, where a comparison of balls around 1/3 says nothing; x is a binary number
    above = x > a or (closed[0] and _is(x, low))
    below = x < b or (closed[1] and _is(x, high))
    if above and below:
        return Verdict.PROVED.because(f"{x} lies between {_decimal(low)} and {_decimal(high)}")
    if x < a or (not closed[0] and _is(x, low)):
        return Verdict.REFUTED.because(f"{x} is at most {_decimal(low)}, {what} {printed}")
    if x > b or (not closed[1] and _is(x, high)):
        return Verdict.REFUTED.because(f"{x} is at least {_decimal(high)}, {what} {printed}")
    return Verdict.UNDECIDED.because(f"{x} reaches across {_decimal(low)} or {_decimal(high)}")


def _is(x: Ball, number: Fraction) -> bool:
    if not x.is_exact():
        return False
    mantissa, exponent = x.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent) == number


def _decimal(x: Fraction) -> str:
    return f"{float(x):.10g}"
