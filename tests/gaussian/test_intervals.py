"""Balls over intervals of sigma: they hold the values at the points, are tight, and the Taylor models are right."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_mutants import mutated

from onenn import activation
from onenn.activations import Growth, names, register_activation
from onenn.gaussian import T_ball, alpha_ball, beta_ball, intervals, quadrature, rho_ball, taylor
from onenn.gaussian.intervals import Models
from onenn.gaussian.quadrature import slope
from onenn.gaussian.taylor import TaylorModel, binomial_model
from onenn.rigorous import ball, interval, positive_on, precision
from onenn.verdict import Verdict

BALLS_OF = {"alpha": alpha_ball, "beta": beta_ball, "T": T_ball}
UNSEEN = ("tanh", "sigmoid", "softplus", "gelu")  # the ones with no closed form of T1
kinds = st.sampled_from(
    [("alpha", 0), ("alpha", 1), ("alpha", 5), ("beta", 0), ("beta", 3), *(("T", i) for i in (1, 2, 3))]
)


@settings(max_examples=15)
@given(st.sampled_from(names()[:12]), kinds, st.data())
def test_a_ball_over_an_interval_holds_the_value_at_each_point(name, kind, data):
    """The meaning of a ball function, for intervals from a hair to an octave, at any sigma from 1/100 to 20."""
    low = data.draw(st.fractions("1/100", 2 if name == "exp" else 20, max_denominator=100))
    ratio = 1 + data.draw(st.sampled_from([Fraction(1, 10**9), Fraction(1, 1000), Fraction(1, 10), 1]))
    part = data.draw(st.fractions(0, 1, max_denominator=16))
    function, index = BALLS_OF[kind[0]], kind[1]
    wide = function(name, index, interval(low, low * ratio))
    assert wide.is_finite() and wide.overlaps(function(name, index, low * (1 + part * (ratio - 1))))


@settings(max_examples=10)
@given(st.sampled_from(UNSEEN), st.sampled_from([1, 2, 3]), st.fractions("1/20", 20, max_denominator=20))
def test_the_width_follows_that_of_the_interval(name, i, low):
    """Tight whatever cancels: T_i moves like the sixth power of sigma at most, and is known to ten widths."""
    for width, allowed in (("1/100", "1/10"), ("1/10000", "1/1000")):
        value = T_ball(name, i, interval(low, low * (1 + Fraction(width))))
        assert value.rad() <= abs(value.mid()) * ball(allowed)


def test_a_ball_that_carries_a_rounding_error_keeps_its_digits():
    """sqrt(2) at 53 bits: an interval of relative width 1e-16 must not cost more than a few digits."""
    with precision(53):
        rounded = ball("sqrt(2)")
    for name in UNSEEN:
        value = T_ball(name, 1, rounded)
        assert value.overlaps(T_ball(name, 1, "sqrt(2)")) and value.rel_accuracy_bits() >= 44


def test_a_decade_is_decided_by_subdivision():
    """What the enclosures are for: near 1/10, T1 = 2.6e-9 of softplus is a difference of numbers near 1/4."""
    assert positive_on(lambda s: rho_ball("softplus", s, 2), "0.1", 1) == Verdict.PROVED
    assert positive_on(lambda s: rho_ball("quadratic", s, 2), "0.1", 1) == Verdict.REFUTED


def test_the_range_over_a_long_interval_is_that_of_its_ends_and_its_top():
    """T3 of tanh falls from its value at 1/2 to its value at 10, within the tightness of the models, 1 %."""
    value, top, bottom = (T_ball("tanh", 3, s) for s in (interval("1/2", 10), "1/2", 10))
    assert value.contains(top) and value.contains(bottom)
    assert value.upper() <= ball("1.01") * top and value.lower() >= ball("0.99") * bottom


def test_no_claim_where_sigma_reaches_zero():
    """The definition is for sigma > 0; an interval from 0 on has no finite ball, a negative one is an error."""
    for name in ("tanh", "erf"):
        assert not T_ball(name, 1, interval(0, 1)).is_finite()
        assert not T_ball(name, 1, interval(-1, 1)).is_finite()
    with pytest.raises(ValueError, match="expected a positive number"):
        T_ball("tanh", 1, interval(-2, -1))


def test_the_working_precision_comes_back():
    """Precision is an argument, not a setting that stays changed."""
    with precision(61):
        before = ball("1/3").rel_accuracy_bits()
        T_ball("tanh", 1, interval(1, 2))
        T_ball("softplus", 1, "1e-3")
        assert ball("1/3").rel_accuracy_bits() == before


# Taylor models.

coefficients = st.lists(st.fractions(-4, 4, max_denominator=9), min_size=4, max_size=4)
U = Fraction(1, 5)


def model(numbers):
    """The model of the polynomial with these coefficients: the last one is hidden in the remainder."""
    return TaylorModel(tuple(ball(c) for c in numbers[:3]), ball(numbers[3]), ball(U))


def value(numbers, u):
    return sum(c * u**n for n, c in enumerate(numbers))


@given(
    coefficients, coefficients, st.fractions(-U, U, max_denominator=100), st.fractions(0, U / 4, max_denominator=100)
)
def test_the_algebra_of_models_is_that_of_functions(f, g, u, width):
    """Sums, products and multiples hold those of the functions, at a point and over a range."""
    exact = {"+": value(f, u) + value(g, u), "-": value(f, u) - value(g, u), "*": value(f, u) * value(g, u)}
    results = {"+": model(f) + model(g), "-": model(f) - model(g), "*": model(f) * model(g)}
    for sign, result in results.items():
        for at in (ball(u), interval(u - width, u + width)):
            assert result(at).overlaps(ball(exact[sign]))
    assert model(f).times(ball("2/3")).plus(ball(7))(ball(u)).overlaps(ball(Fraction(2, 3) * value(f, u) + 7))


@given(st.integers(-7, 7), st.integers(1, 9), st.fractions(-U, U, max_denominator=100))
def test_the_binomial_series_holds_its_powers(n, order, u):
    """(1 + u)^(n/2), squared: (1 + u)^n."""
    with precision(100):
        root = binomial_model(Fraction(n, 2), order, ball(U))
        assert (root * root)(ball(u)).overlaps(ball((1 + u) ** n))
        assert root(ball(u)).rad() <= root.error() * 2 + ball("1e-25")


def wedge():
    """A slope that is no product of exponentials, grows, has a kink and no symmetry."""
    return register_activation(
        "wedge of these tests",
        [lambda C, z: z * 0, lambda C, z: z * z / 2 + 1 - C.exp(-z)],
        [lambda C, z: z * 0, lambda C, z: z + C.exp(-z)],
        kinks=[0],
        growth=Growth(1, 1, Fraction(1, 2)),
        replace=True,
    )


def holds(models, name):
    """Whether the models hold T, alpha and beta at both ends of two intervals; 9/8 and 11/8 lie between two centres."""
    phi = wedge() if name == "wedge" else activation(name)
    asked = (("T", 1), ("T", 3), ("alpha", 1), ("beta", 3))
    for (kind, index), (low, high) in itertools.product(asked, (("9/8", "11/8"), ("9/8", "1.13"))):
        wide = models.over(kind, index, interval(low, high))
        for at, around in ((low, interval(1, "1.000001")), (high, interval("0.999999", 1))):
            exact = BALLS_OF[kind](phi, index, at)
            if not (wide.overlaps(exact) and models.over(kind, index, ball(at) * around).overlaps(exact)):
                return False
    return True


# The common centres for short intervals too, where every term of a model counts; and so low an order that the remainder
# is much of the answer.
CELLS = {"_NARROW = Fraction(1, 64)": "_NARROW = Fraction(0)"}
LOW_ORDER = CELLS | {"_ORDERS = (2, 4, 7, 11, 16, 22, 29, 37, 46, 60, 80)": "_ORDERS = (3,)"}
REMAINDER = "TaylorModel(tuple(coefficients), interval(-bound, bound), U)"
MUTANTS = {
    "the remainder is forgotten": (LOW_ORDER, REMAINDER, "TaylorModel(tuple(coefficients), ball(0), U)"),
    "the remainder has the moment of another order": (LOW_ORDER, "growth, q + 2 * N, self", "growth, q, self"),
    "the derivatives do not alternate": (CELLS, "scale / (-2 * (n + 1))", "scale / (2 * (n + 1))"),
    "the half of z^2/2 is lost": (CELLS, "scale / (-2 * (n + 1))", "scale / (-1 * (n + 1))"),
    "the derivative brings one power of z": (CELLS, "moments[q + 2 * n]", "moments[q + n]"),
    "the density is not rescaled": (CELLS, "Fraction(q + 1, 2), N, U", "Fraction(q, 2), N, U"),
    "u runs the wrong way": (
        {},
        "(s0 / high) * (s0 / high) - 1, (s0 / low) * (s0 / low)",
        "1 - (s0 / low) * (s0 / low), 2 - (s0 / high) * (s0 / high)",
    ),
    "T1 has no square of alpha_1": (CELLS, "- even * even - self.a(1) * self.a(1)", "- even * even"),
    "beta has no cross term": (CELLS, "times(2 * ball(self.slope.centre))", "times(ball(0))"),
}


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({}, "gelu"),
        (CELLS, "tanh"),
        (CELLS, "softplus"),
        (LOW_ORDER, "tanh"),
        (LOW_ORDER, "softplus"),
        (LOW_ORDER, "wedge"),
    ],
)
def test_the_models_hold_the_points(setting, name):
    """At the order that is chosen, and at one where the remainder carries the answer."""
    phi = wedge() if name == "wedge" else activation(name)
    assert holds(mutated(intervals, setting).Models(slope(phi)), name)


@pytest.mark.parametrize("what", MUTANTS)
def test_a_wrong_variant_is_caught(what):
    """Each changes one expression, and a value at a point leaves its ball for one of the activations."""
    setting, right, wrong = MUTANTS[what]
    module = mutated(intervals, {**setting, right: wrong})
    assert not all(holds(module.Models(slope(activation(name))), name) for name in ("tanh", "softplus"))


def test_wrong_remainders_of_products_and_powers_are_caught():
    """The remainder of a product has the terms beyond the order; that of a power series has its next coefficient."""
    f = [Fraction(1), Fraction(2), Fraction(3), Fraction(0)]
    wrong = mutated(taylor, {"remainder = beyond + ": "remainder = "})
    lost = wrong.TaylorModel(tuple(map(ball, f[:3])), ball(0), ball(U))
    assert not (lost * lost)(ball(U)).overlaps(ball(value(f, U) ** 2))
    short = mutated(taylor, {"ball(c) * ends[0].union(ends[1])": "ball(c) / 10 * ends[0].union(ends[1])"})
    assert not short.binomial_model(Fraction(1, 2), 2, ball(U))(ball(U)).contains(ball("sqrt(1.2)"))


def test_a_lost_centre_is_caught():
    """softplus' is 1/2 plus an odd function: without the 1/2 its moments are those of another slope."""
    wrong = mutated(quadrature, {"return a + normal_moment(q) * ball(self.centre)": "return a"})
    assert not holds(Models(wrong.slope(activation("softplus"))), "softplus")
