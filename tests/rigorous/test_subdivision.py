"""Inequalities and extrema on whole intervals, by adaptive bisection."""

from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from onenn.rigorous import BALLS, ball, interval, maximum_on, minimum_on, positive_on, precision, square
from onenn.verdict import Verdict

quadratics = st.tuples(*[st.fractions(-3, 3, max_denominator=8)] * 3)


def quadratic(c):
    return lambda x: (ball(c[2]) * x + ball(c[1])) * x + ball(c[0])


def extremes(c, a, b):
    """The exact range of c0 + c1 x + c2 x^2 over [a, b]: the ends and the vertex."""
    points = [a, b]
    if c[2] != 0 and a < -c[1] / (2 * c[2]) < b:
        points.append(-c[1] / (2 * c[2]))
    values = [c[0] + c[1] * x + c[2] * x * x for x in points]
    return min(values), max(values)


@settings(max_examples=30, deadline=None)
@given(quadratics, st.fractions(-2, 1, max_denominator=8), st.fractions(Fraction(1, 8), 2, max_denominator=8))
def test_a_quadratic_is_decided_as_its_vertex_says(c, a, width):
    """Independent route: the exact minimum of a quadratic. A zero minimum at an interior point may stay undecided."""
    low, _ = extremes(c, a, a + width)
    verdict = positive_on(quadratic(c), a, a + width, max_pieces=600)
    if low != 0 and abs(low) > Fraction(1, 50):
        assert verdict == Verdict.decided(low > 0)
    else:
        assert verdict == Verdict.UNDECIDED or verdict == Verdict.decided(low > 0)


@settings(max_examples=25, deadline=None)
@given(quadratics, st.fractions(-2, 1, max_denominator=8), st.fractions(0, 2, max_denominator=8))
def test_the_extrema_of_a_quadratic_are_enclosed_within_the_tolerance(c, a, width):
    """Contains and tight: the exact extrema are known."""
    low, high = extremes(c, a, a + width)
    derivative = lambda x: 2 * ball(c[2]) * x + ball(c[1])  # noqa: E731
    top = maximum_on(quadratic(c), a, a + width, "1e-3", derivative=derivative)
    bottom = minimum_on(quadratic(c), a, a + width, "1e-3", derivative=derivative)
    for value, exact in ((top, high), (bottom, low)):
        assert value.overlaps(ball(exact))
        assert value.rad() < ball("1e-3")


def test_a_function_below_zero_at_a_single_place_is_refuted():
    """A dip of width 2e-3 around 1/3, which no coarse sample sees."""
    dip = lambda x: square(x - ball("1/3")) - ball("1e-6")  # noqa: E731
    assert positive_on(dip, 0, 1, bits=80) == Verdict.REFUTED
    assert positive_on(lambda x: dip(x) + ball("1.1e-6"), 0, 1, bits=80) == Verdict.PROVED


def test_a_zero_at_an_end_refutes_a_strict_inequality():
    """f(0) = 0 for f(x) = x^2 on [0, 1] is seen only in the limit; for f = 0 on a piece it is seen at once."""
    assert positive_on(lambda x: 0 * x, 0, 1) == Verdict.REFUTED
    assert positive_on(lambda x: x, -1, 1) == Verdict.REFUTED
    touching = positive_on(square, 0, 1, max_pieces=200)
    assert touching == Verdict.UNDECIDED and "near x = " in touching.reason


def test_the_effort_limit_leaves_the_question_open():
    """An inequality with little room needs pieces; too few of them prove nothing."""
    close = lambda x: x * x - x + ball("0.2501")  # noqa: E731
    assert positive_on(close, 0, 1, max_pieces=16) == Verdict.UNDECIDED
    assert positive_on(close, 0, 1) == Verdict.PROVED


def test_the_mean_value_form_needs_far_fewer_pieces():
    """x^2 - x loses its correlation in ball arithmetic; with the derivative the loss is quadratic in the width."""
    close = lambda x: x * x - x + ball("0.2501")  # noqa: E731
    count = lambda v: int(v.reason.split("all ")[1].split()[0])  # noqa: E731
    plain, centred = (positive_on(close, 0, 1, derivative=d) for d in (None, lambda x: 2 * x - 1))
    assert plain == centred == Verdict.PROVED
    assert 3 * count(centred) < count(plain)


def test_an_interval_over_several_magnitudes_is_cut_geometrically():
    """1/x > 1/(2x + 1) is clear on [x, 3x/2], at every magnitude: some 35 such pieces reach from 1e-3 to 1e3."""
    verdict = positive_on(lambda x: 1 / x - 1 / (2 * x + 1), "1e-3", "1e3", max_pieces=256)
    assert verdict == Verdict.PROVED


def test_a_witness_just_outside_the_interval_refutes_nothing():
    """The ends are balls where they are no binary fractions: f may vanish in the rounding, outside [a, b]."""
    with precision(30):
        a = ball("0.1")
        assert positive_on(lambda x: x - ball("0.1"), "0.1", 1, max_pieces=400) != Verdict.PROVED
    with precision(100):
        threshold = (3 * a.lower() + a.mid()) / 4
        assert positive_on(lambda x: x - threshold, a, 1, max_pieces=400) == Verdict.UNDECIDED
        assert positive_on(lambda x: x - threshold, a.mid(), 1, max_pieces=400) == Verdict.PROVED


def test_a_function_without_an_enclosure_is_undecided():
    """Non-finite values decide nothing: the tangent has its pole in [1, 2]."""
    assert positive_on(lambda x: BALLS.log(x - 1), 0, 3, max_pieces=64) != Verdict.PROVED
    assert positive_on(lambda x: arb.nan(), 0, 1, max_pieces=64) == Verdict.UNDECIDED
    assert not maximum_on(lambda x: arb.nan(), 0, 1, "0.1", max_pieces=64).is_finite()
    assert not maximum_on(lambda x: 1 / x, -1, 1, "0.1", max_pieces=64).is_finite()


def test_the_maximum_at_the_effort_limit_is_wide_but_right():
    """Few pieces: the enclosure still holds the maximum, which is 1/4."""
    value = maximum_on(lambda x: x * (1 - x), 0, 1, "1e-9", max_pieces=20)
    assert value.contains(ball("1/4")) and value.rad() < 1
    assert maximum_on(lambda x: x, "1/3", "1/3", "1e-9").overlaps(ball("1/3"))


@pytest.mark.parametrize(("a", "b", "message"), [(1, 0, "a <= b"), (0, arb.pos_inf(), "finite ends")])
def test_an_interval_that_is_none_is_refused(a, b, message):
    """Both functions name the ends."""
    for search in (lambda: positive_on(lambda x: x, a, b), lambda: maximum_on(lambda x: x, a, b, 1)):
        with pytest.raises(ValueError, match=message):
            search()


def test_a_function_that_returns_no_ball_is_refused():
    """A float answer carries no error bound."""
    with pytest.raises(TypeError, match="f returned a float"):
        positive_on(float, 0, 1)


@settings(max_examples=20, deadline=None)
@given(st.integers(24, 200))
def test_the_decision_does_not_depend_on_the_precision(bits):
    """tanh(x)/x lies between sech(x)^2 and 1: an inequality with room everywhere on [1/10, 10]."""
    f = lambda x: BALLS.tanh(x) - x * square(BALLS.sech(x))  # noqa: E731
    assert positive_on(f, "1/10", 10, bits=bits) == Verdict.PROVED
    assert positive_on(lambda x: -f(x), interval("1/10", "1/10"), 10, bits=bits) == Verdict.REFUTED
