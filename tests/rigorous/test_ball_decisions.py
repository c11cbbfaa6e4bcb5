"""Three-valued decisions on balls, and the accuracy that rising precision reaches."""

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from rigorous_strategies import balls_with_a_point, fractions

from onenn.rigorous import (
    BALLS,
    adaptive,
    ball,
    contains,
    decide_adaptively,
    interval,
    is_negative,
    is_positive,
    less,
    precision,
    working_precision,
)
from onenn.verdict import Verdict

NON_FINITE = [arb.nan(), arb.pos_inf(), arb.neg_inf(), arb(0, "inf")]


@settings(max_examples=40, deadline=None)
@given(balls_with_a_point())
def test_a_decision_on_a_ball_holds_at_each_of_its_points(X):
    """PROVED and REFUTED speak about every point, so about this one."""
    a, b, x = X
    B = interval(a, b)
    for decide, truth in ((is_positive, x > 0), (is_negative, x < 0), (lambda y: less(y, 1), x < 1)):
        verdict = decide(B)
        assert verdict == Verdict.UNDECIDED or verdict == Verdict.decided(truth)
        assert verdict.reason


@settings(max_examples=40, deadline=None)
@given(balls_with_a_point(), balls_with_a_point())
def test_comparing_two_balls_holds_for_each_pair_of_points(X, Y):
    """less and contains quantify over both balls."""
    A, B = interval(X[0], X[1]), interval(Y[0], Y[1])
    assert less(A, B) in (Verdict.UNDECIDED, Verdict.decided(X[2] < Y[2]))
    inside = contains(A, B)
    if inside == Verdict.PROVED:
        assert A.contains(ball(Y[2]))
    if inside == Verdict.REFUTED:
        assert X[2] != Y[2]


@settings(max_examples=40, deadline=None)
@given(fractions)
def test_exact_numbers_are_always_decided_by_sign(x):
    """An exact number has one sign; 0 is neither positive nor negative."""
    with precision(64):
        assert is_positive(x) == Verdict.decided(x > 0)
        assert is_negative(x) == Verdict.decided(x < 0)


def test_zero_refutes_both_signs_and_a_ball_around_it_decides_neither():
    """A strict inequality fails with equality."""
    assert is_positive(0) == is_negative(0) == less(1, 1) == Verdict.REFUTED
    around = arb(0, "1e-30")
    assert is_positive(around) == is_negative(around) == Verdict.UNDECIDED
    assert is_positive(interval(0, 1)) == Verdict.UNDECIDED


@pytest.mark.parametrize("x", NON_FINITE, ids=str)
def test_a_non_finite_ball_is_never_decided(x):
    """Infinity means that no enclosure was found: it proves nothing, not even its sign."""
    for verdict in (is_positive(x), is_negative(x), less(x, 0), less(0, x), contains(x, 0), contains(0, x)):
        assert verdict == Verdict.UNDECIDED
        assert "not finite" in verdict.reason


def test_decisions_refuse_floats():
    """The double 0.1 is not the number 0.1."""
    for decide in (is_positive, is_negative, lambda x: less(x, 1), lambda x: contains(1, x)):
        with pytest.raises(TypeError, match="float"):
            decide(0.1)


def test_rising_precision_decides_what_the_first_precision_does_not():
    """2^200 + 1/10 - 2^200 is lost at 64 bits and found at 256."""
    hard = lambda: is_positive(ball(2) ** 200 + ball("0.1") - ball(2) ** 200)  # noqa: E731
    with precision(64):
        assert hard() == Verdict.UNDECIDED
    assert decide_adaptively(hard) == Verdict.PROVED
    assert decide_adaptively(hard, cap=128) == Verdict.UNDECIDED
    assert decide_adaptively(lambda: is_positive(BALLS.sqrt(2) * BALLS.sqrt(2) - 2), cap=256) == Verdict.UNDECIDED


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(20, 200))
def test_adaptive_reaches_the_accuracy_that_is_asked_for(digits, bits):
    """(10^d + 1/3) - 10^d loses 3.3 d bits: the precision has to rise by as many."""
    value = adaptive(lambda: (ball(10) ** digits + ball("1/3")) - ball(10) ** digits, relative_bits=bits)
    assert value.rel_accuracy_bits() >= bits
    with precision(1000):
        assert value.overlaps(ball("1/3"))


def test_adaptive_accepts_an_exact_zero_and_gives_up_on_an_inexact_one():
    """No precision tells sqrt(2)^2 - 2 from 0: no claim is made beyond the cap."""
    assert adaptive(lambda: ball(1) - 1).is_zero()
    assert not adaptive(lambda: BALLS.sqrt(2) * BALLS.sqrt(2) - 2, cap=512).is_finite()


def test_adaptive_makes_no_claim_when_an_input_has_a_radius():
    """A wide input bounds the accuracy whatever the precision."""
    assert not adaptive(lambda: interval(1, 2), cap=512).is_finite()


def test_adaptive_tries_rising_precisions_up_to_its_cap():
    """Each try doubles the precision; none is beyond the cap."""
    tried = []

    def never():
        tried.append(working_precision())
        return arb.nan()

    assert not adaptive(never, start=50, cap=450).is_finite()
    assert tried == [50, 100, 200, 400]


def test_adaptive_names_what_is_wrong_with_its_arguments():
    """A float result carries no error bound, and a cap below the goal cannot be met."""
    with pytest.raises(TypeError, match="returned a float"):
        adaptive(lambda: 1.0)
    with pytest.raises(ValueError, match="cap is 10 bits, below relative_bits = 53"):
        adaptive(lambda: ball(Fraction(1, 3)), cap=10)
