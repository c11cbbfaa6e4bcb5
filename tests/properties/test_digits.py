"""Printed digits against balls: decimal's own rounding as the other route, ties, limits, balls that reach across."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onenn.properties import printed_number, rounds_to, truncates_to
from onenn.rigorous import ball, interval, precision
from onenn.verdict import Verdict

numbers = st.decimals(-1000, 1000, allow_nan=False, places=5).filter(lambda x: x != 0)


def decided(check, x, printed):
    with precision(200):
        return check(ball(str(x)), printed)


@given(numbers, st.integers(1, 4))
def test_the_digits_of_decimal_are_confirmed(x, digits):
    """Independent route: decimal rounds half to even, and drops digits towards 0."""
    for check, rounding in ((rounds_to, ROUND_HALF_EVEN), (truncates_to, ROUND_DOWN)):
        printed = Context(prec=digits, rounding=rounding).plus(x)
        verdict = decided(check, x, str(printed))
        # a number on a limit is told from it only as an exact binary ball
        on_a_limit = (Fraction(x) / printed_number(str(printed))[1] * 2) % 1 == 0
        assert verdict == Verdict.PROVED or (on_a_limit and verdict == Verdict.UNDECIDED)


@given(numbers, st.integers(1, 4), st.sampled_from([-2, -1, 1, 2]))
def test_a_last_digit_that_is_off_is_refuted(x, digits, off):
    """One unit more or less is wrong, whatever the rule: only a tie, or a truncated whole, is left undecided."""
    for check, rounding in ((rounds_to, ROUND_HALF_EVEN), (truncates_to, ROUND_DOWN)):
        printed = Context(prec=digits, rounding=rounding).plus(x)
        unit = Decimal(1).scaleb(printed.as_tuple().exponent)
        wrong = printed + off * unit
        if wrong == 0 or (wrong < 0) != (x < 0):
            continue
        verdict = decided(check, x, str(wrong))
        on_a_limit = (Fraction(x) / Fraction(unit) * 2) % 1 == 0
        assert verdict == Verdict.REFUTED or (on_a_limit and verdict == Verdict.UNDECIDED)


def test_exact_ties_go_to_the_even_digit():
    """A ball without radius may lie on the limit: 2.5 rounds to 2, 3.5 to 4; 2 truncates to 2."""
    assert rounds_to(ball("5/2"), "2") == rounds_to(ball("7/2"), "4") == Verdict.PROVED
    assert rounds_to(ball("5/2"), "3") == rounds_to(ball("7/2"), "3") == Verdict.REFUTED
    assert truncates_to(ball(2), "2") == Verdict.PROVED
    assert truncates_to(ball(3), "2") == truncates_to(ball(-3), "-2") == Verdict.REFUTED
    assert truncates_to(ball("-5/2"), "-2") == Verdict.PROVED
    assert truncates_to(ball("-1/2"), "0") == Verdict.PROVED


def test_a_ball_that_reaches_across_a_limit_is_undecided():
    """Neither PROVED nor REFUTED holds for all of its points; nor does anything hold of a ball that is not finite."""
    assert rounds_to(interval("0.0846", "0.0854"), "0.085") == Verdict.PROVED
    assert rounds_to(interval("0.084", "0.0855"), "0.085") == Verdict.UNDECIDED
    assert truncates_to(interval("0.084", "0.0855"), "0.085") == Verdict.UNDECIDED
    assert rounds_to(ball(0).log(), "1") == truncates_to(ball(0).log(), "1") == Verdict.UNDECIDED


def test_the_cell_of_the_slides_that_is_truncated():
    """rho of tanh at 1/10 is 1.8503e-4: 1.8E-4 is truncated, not rounded; 5.1E-5 is both."""
    x, y = ball("1.85033758531e-4"), ball("5.12629005e-5")
    assert truncates_to(x, "1.8E-4") == rounds_to(x, "1.9E-4") == Verdict.PROVED
    assert rounds_to(x, "1.8E-4") == truncates_to(x, "1.9E-4") == Verdict.REFUTED
    assert truncates_to(y, "5.1E-5") == rounds_to(y, "5.1E-5") == Verdict.PROVED


@pytest.mark.parametrize("printed", ["", ".", "E-4", "1.9 E-4", "0,27", "0.27 sigma", "nan"])
def test_what_is_no_decimal_is_named(printed):
    """The digits are read as they are printed."""
    with pytest.raises(ValueError, match="expected a decimal such as"):
        rounds_to(ball(1), printed)
    with pytest.raises(TypeError, match="expected the digits as they are printed"):
        rounds_to(ball(1), 0.5)
