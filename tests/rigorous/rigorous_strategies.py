"""Numbers, balls and precisions for the property tests of ball arithmetic, and the one way in which they compare."""

from fractions import Fraction

import mpmath
from flint import arb
from hypothesis import strategies as st

from onenn.rigorous import ball, interval, precision

precisions = st.integers(24, 300)
fractions = st.fractions(-8, 8, max_denominator=1000)
positive_fractions = st.fractions(Fraction(1, 100), 8, max_denominator=1000)


@st.composite
def balls_with_a_point(draw, centres=fractions, widest=Fraction(2)):
    """(a, b, x): an interval [a, b] and a number x of it."""
    a = draw(centres)
    b = a + draw(st.fractions(0, widest, max_denominator=1000))
    return a, b, a + draw(st.fractions(0, 1, max_denominator=64)) * (b - a)


def encloses(value: arb, exact: arb) -> bool:
    """`value` is finite and meets a much finer enclosure of the exact number."""
    return value.is_finite() and value.overlaps(exact)


def from_mpmath(x, digits: int = 40) -> arb:
    """An mpmath number that is right to `digits` digits, with that uncertainty."""
    with precision(4 * digits):
        value = ball(mpmath.nstr(x, digits + 5, min_fixed=1, max_fixed=0))
        return value + arb(0, (abs(value) + ball("1e-60")).upper()) * ball(Fraction(1, 10**digits))


__all__ = ["balls_with_a_point", "encloses", "fractions", "from_mpmath", "interval", "positive_fractions", "precisions"]
