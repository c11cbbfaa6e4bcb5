"""Balls: numbers enter exactly, and every function of BALLS holds the values at all points of its argument."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from rigorous_strategies import balls_with_a_point, encloses, fractions, from_mpmath, positive_fractions, precisions

from onenn.contexts import FLOATS
from onenn.rigorous import BALLS, ball, interval, precision, square
from onenn.rigorous.context import Balls

EVERYWHERE = (
    "exp",
    "expm1",
    "erf",
    "sin",
    "cos",
    "tanh",
    "sech",
    "atan",
    "logistic",
    "exp_remainder",
    "square",
    "softplus",
)
INCREASING = ("exp", "expm1", "erf", "tanh", "atan", "logistic")
REFERENCE = {
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "square": lambda x: x * x,
    "exp_remainder": lambda u: mpmath.exp(u) - 1 - u,
    "logistic": lambda z: 1 / (1 + mpmath.exp(-z)),
}


def reference(name, x: Fraction):
    with mpmath.workdps(120):
        value = mpmath.mpf(x.numerator) / x.denominator
        return from_mpmath(REFERENCE.get(name, getattr(mpmath, name, None))(value))


def test_the_ball_context_has_every_name_of_the_float_context():
    """A closed form is written once for all contexts, so the names must agree."""
    names = {name for name in dir(type(FLOATS)) if not name.startswith("_")}
    assert names <= {name for name in dir(BALLS) if not name.startswith("_")}
    elsewhere = {"pi", "sqrt", "sqrt_nonnegative", "log", "asin", "acos", "atan2", "rational", "number"}
    assert set(EVERYWHERE) | elsewhere >= names  # every name is tried on balls, here or in a test of its own


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(EVERYWHERE), fractions, precisions)
def test_a_function_at_a_point_holds_the_value_that_mpmath_finds(name, x, bits):
    """Independent route: mpmath at 120 digits."""
    with precision(bits):
        assert encloses(getattr(BALLS, name)(x), reference(name, x))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EVERYWHERE), balls_with_a_point(), precisions)
def test_a_function_of_a_ball_holds_the_values_at_its_points(name, X, bits):
    """The inclusion property, which every proof by balls rests on."""
    a, b, x = X
    f = getattr(BALLS, name)
    with precision(bits):
        wide = f(interval(a, b))
    with precision(400):
        assert encloses(wide, f(x))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["sqrt", "log"]), balls_with_a_point(positive_fractions), precisions)
def test_root_and_logarithm_of_a_positive_ball_hold_the_values_at_its_points(name, X, bits):
    """The inclusion property on the domain."""
    a, b, x = X
    with precision(bits):
        wide = getattr(BALLS, name)(interval(a, b))
    with precision(400):
        assert encloses(wide, getattr(BALLS, name)(x))


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["asin", "acos"]), balls_with_a_point(st.fractions(-1, Fraction(1, 2)), Fraction(1, 2)), precisions
)
def test_inverse_sines_hold_the_values_at_the_points_of_a_ball(name, X, bits):
    """The inclusion property; a ball that reaches past +-1 may be non-finite, never wrong."""
    a, b, x = X
    with precision(bits):
        wide = getattr(BALLS, name)(interval(a, b))
    with precision(400):
        exact = getattr(BALLS, name)(x)
        assert not wide.is_finite() or not exact.is_finite() or wide.overlaps(exact)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(INCREASING), balls_with_a_point(widest=Fraction(8)))
def test_an_increasing_function_of_a_wide_ball_reaches_no_further_than_its_end_values(name, X):
    """Tight: the range of an increasing function is known, and a ball adds 2^-28 of its size to it."""
    a, b, _ = X
    f = getattr(BALLS, name)
    with precision(80):
        image, span = f(interval(a, b)), f(b) - f(a)
        size = abs(f(a)) + abs(f(b))
        assert image.rad() <= span / 2 + size * ball("1e-6")


@pytest.mark.parametrize("half_width", ["0.01", "1", "20"])
def test_sech_of_a_ball_around_zero_stays_between_zero_and_one(half_width):
    """Tight: 0 < sech <= 1; the library's own sech(2 +- 3) is nan."""
    image = BALLS.sech(arb(0, ball(half_width)))
    assert image.is_finite() and image.upper() < ball("1.0001") and image.lower() > ball("-1e-6")


@pytest.mark.parametrize("exponent", [3, 30, 300])
def test_the_exponential_remainder_keeps_its_accuracy_near_zero(exponent):
    """e^u - 1 - u = u^2/2 + u^3/6 + ...: the naive difference has no correct digit at u = 1e-30."""
    u = Fraction(1, 10**exponent)
    value = BALLS.exp_remainder(u)
    assert value.rel_accuracy_bits() >= 45
    with precision(4000):
        series = sum((ball(u) ** k / ball(int(mpmath.factorial(k))) for k in range(2, 8)), arb(0))
        assert encloses(value, series + arb(0, ball(u) ** 8))


@settings(max_examples=40, deadline=None)
@given(balls_with_a_point(widest=Fraction(8)), precisions)
def test_the_square_of_a_ball_is_the_range_of_the_squares(X, bits):
    """Contains and tight: the range of x^2 over [a, b] is [0 or min, max] of the squared ends."""
    a, b, x = X
    with precision(bits):
        image = square(interval(a, b))
    lowest = 0 if a <= 0 <= b else min(a * a, b * b)
    with precision(400):
        assert encloses(image, ball(x * x))
        largest = ball(max(a * a, b * b))
        slack = (largest + 1) * ball("1e-5")
        assert image.lower() >= ball(lowest) - slack and image.upper() <= largest + slack


def test_the_root_of_a_nonnegative_number_survives_a_ball_that_reaches_below_zero():
    """Clamp: a determinant >= 0 whose ball dips below 0 by rounding has a root all the same."""
    root = BALLS.sqrt_nonnegative(arb(0, "1e-20"))
    assert root.is_finite() and root.contains(0) and root.upper() < ball("2e-10")
    assert not BALLS.sqrt(arb(0, "1e-20")).is_finite()
    assert not BALLS.sqrt_nonnegative(arb(-2, 1)).is_finite()
    assert BALLS.sqrt_nonnegative("1/4").overlaps(ball("1/2"))


def test_numbers_enter_exactly_and_agree_however_they_are_written():
    """0.1 as a decimal string is 1/10, not the double next to it."""
    with precision(200):
        ways = [ball("0.1"), ball("1e-1"), ball("1/10"), ball(Fraction(1, 10)), ball(fmpq(1, 10)), ball("0.1 + 0")]
        assert all(x.overlaps(y) and x.rel_accuracy_bits() > 190 for x in ways for y in ways)
        assert not ball("0.1").overlaps(ball(Fraction(0.1)))
        assert (ball("1.00000000000000000000000000001 + 0") - 1).overlaps(ball("1e-29"))
    assert ball(np.int64(7)) == 7 and ball(2**200) == 2**200
    assert ball("sqrt(pi)/2").overlaps(BALLS.sqrt(BALLS.pi) / 2)


@pytest.mark.parametrize("x", [0.1, np.float64(0.5), np.float32(1)])
def test_a_float_is_refused_by_name(x):
    """A float entering a ball must be visible in the code: as Fraction(x)."""
    with pytest.raises(TypeError, match=r"sigma is the float .*decimal string .* or Fraction"):
        ball(x, "sigma")
    with pytest.raises(TypeError, match="float"):
        interval(0, x)


@pytest.mark.parametrize("x", [None, True, 1j, [1], acb(1)])
def test_what_is_not_a_number_is_refused(x):
    """The error names the type."""
    with pytest.raises(TypeError, match=f"x is a {type(x).__name__}"):
        ball(x)


@pytest.mark.parametrize("text", ["one", "1 +", "__import__('os')", "x", "0x10 + 1"])
def test_a_string_that_is_no_exact_number_is_refused(text):
    """Only digits, operators, sqrt, pi and e are understood."""
    with pytest.raises(ValueError):
        ball(text)


def test_an_interval_needs_its_ends_in_order():
    """[a, b] with a > b is a mistake of the caller, not an empty set."""
    with pytest.raises(ValueError, match="a is 2 and b is 1"):
        interval(2, 1)
    assert interval("1/3", "1/3").contains(ball("1/3"))


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_non_finite_ball_stays_non_finite_or_bounded_by_the_range(name):
    """No claim can come out of no information; only a bounded function may answer at all."""
    for x in (arb.nan(), arb.pos_inf(), arb(0, "inf")):
        y = getattr(BALLS, name)(x)
        assert not y.is_finite() or name in ("erf", "tanh", "sech", "atan", "sin", "cos", "logistic", "exp")
        assert not (x.is_nan() and y.is_finite())


@settings(max_examples=40, deadline=None)
@given(st.sampled_from((*EVERYWHERE, "sqrt", "log", "asin", "acos")), fractions, st.fractions(-2, 2, max_denominator=5))
def test_on_complex_balls_the_functions_are_the_analytic_ones(name, x, y):
    """Independent route: mpmath on complex numbers, off the real axis where the branches are."""
    y += Fraction(1, 7)  # neither 0 nor +-1: off the cuts of asin and acos, and off the branch points of atan
    with precision(100):
        value = getattr(BALLS, name)(acb(ball(x), ball(y)))
    with mpmath.workdps(60):
        exact = REFERENCE.get(name, getattr(mpmath, name, None))(
            mpmath.mpc(mpmath.mpf(x.numerator) / x.denominator, mpmath.mpf(y.numerator) / y.denominator)
        )
    assert abs(complex(value.mid()) - complex(exact)) <= 1e-12 * (1 + abs(complex(exact)))
    assert float(value.rad()) <= 1e-20 * (1 + abs(complex(exact)))


def test_atan2_covers_the_half_circle_with_balls_that_touch_the_axes():
    """atan2(r sin t, r cos t) = t, finite at t = 0 and pi/2 where acos of a ball past 1 is nan."""
    for y, x, angle in ((0, 1, "0"), (1, 0, "pi/2"), (1, 1, "pi/4"), (1, -1, "3*pi/4")):
        assert encloses(BALLS.atan2(arb(y, "1e-12"), x), ball(angle))
    assert BALLS.atan2(arb(0, "1e-12"), 1).rad() < ball("1e-11")


def test_constants_come_at_the_working_precision():
    """pi is not a stored double."""
    with precision(500):
        assert BALLS.pi.rel_accuracy_bits() >= 495
        assert Balls.number("1/3").rel_accuracy_bits() >= 495 and Balls.rational(Fraction(1, 3)).overlaps(ball("1/3"))
