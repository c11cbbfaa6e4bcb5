"""Verified Gaussian integrals: closed forms and mpmath as other routes; tails, kinks, wide sigma, missing input."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb
from hypothesis import given, settings
from hypothesis import strategies as st
from rigorous_strategies import encloses, from_mpmath, precisions

from onenn.rigorous import BALLS as C
from onenn.rigorous import NoEnclosure, ball, gaussian_integral, integral, interval, precision
from onenn.rigorous.analytic import Analytic
from onenn.rigorous.tails import Tail

sigmas = st.fractions(Fraction(1, 1000), 20, max_denominator=1000) | st.sampled_from([Fraction(1, 1000), 100, 1000])


def double_factorial(n):
    return ball(int(mpmath.fac2(n)))


# name: (pieces, kinks, growth, E f(sigma z) at sigma = s)
CLOSED = {
    "1": ([lambda x: 1], [], (1, 0), lambda s: ball(1)),
    "x^2": ([lambda x: x * x], [], (1, 2), lambda s: s * s),
    "exp": ([C.exp], [], (1, 0, 1), lambda s: (s * s / 2).exp()),
    "cos": ([C.cos], [], (1, 0, 1), lambda s: (-s * s / 2).exp()),
    "|x|": ([lambda x: -x, lambda x: x], [0], (1, 1), lambda s: s * (2 / C.pi).sqrt()),
    "x > 1/3": (
        [lambda x: 0, lambda x: 1],
        ["1/3"],
        (1, 0),
        lambda s: (1 - (1 / (3 * s * ball(2).sqrt())).erf()) / 2,
    ),
    "exp(-x^2)": ([lambda x: C.exp(-x * x)], [], (1, 0), lambda s: 1 / (1 + 2 * s * s).sqrt()),
    "logistic": ([C.logistic], [], (1, 0), lambda s: ball("1/2")),
    "1/(1 + x^2)": (
        [lambda x: 1 / (1 + x * x)],
        [],
        (1, 0),
        lambda s: (C.pi / 2).sqrt() / s * (1 / (2 * s * s)).exp() * (1 / (s * ball(2).sqrt())).erfc(),
    ),
}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(CLOSED)), sigmas, st.integers(24, 160))
def test_an_integral_holds_its_closed_form_at_every_scale_and_precision(name, sigma, bits):
    """Independent route: elementary closed forms, for sigma from 1e-3 to 1e3 (exp and cos: to 20)."""
    pieces, kinks, growth, closed = CLOSED[name]
    if len(growth) == 3:
        sigma = min(sigma, Fraction(20))
    value = gaussian_integral(pieces, kinks, sigma=sigma, growth=growth, bits=bits)
    with precision(2000):
        exact = closed(ball(sigma))
        assert encloses(value, exact)
        assert value.rad() <= (1 + abs(exact)) * ball(2) ** (2 - bits)


@pytest.mark.parametrize("sigma", ["1e-3", "1", "1e3"])
@pytest.mark.parametrize("name", ["|x|", "exp(-x^2)", "1/(1 + x^2)"])
def test_relative_accuracy_is_kept_from_the_smallest_to_the_largest_scale(name, sigma):
    """Tight: E f(1000 z) is about 1e-3 for a bump, and loses no more than ten of its bits."""
    pieces, kinks, growth, _ = CLOSED[name]
    assert gaussian_integral(pieces, kinks, sigma=sigma, growth=growth, bits=64).rel_accuracy_bits() >= 54


@pytest.mark.parametrize("sigma", ["0.1", "1", "10"])
def test_tanh_slope_agrees_with_mpmath(sigma):
    """Independent route: mpmath's quadrature of sech^2 to 30 digits, between 0 and 12."""
    value = gaussian_integral([lambda x: C.sech(x) * C.sech(x)], sigma=sigma, growth=(1, 0), bits=100)
    with mpmath.workdps(34):
        s = mpmath.mpf(sigma)
        f = lambda z: mpmath.sech(s * z) ** 2 * mpmath.npdf(z)  # noqa: E731
        exact = 2 * mpmath.quad(f, [0, 0.1, 0.5, 1, 2, 4, 12])
    assert encloses(value, from_mpmath(exact, 27))


@settings(max_examples=15, deadline=None)
@given(sigmas, st.integers(0, 5), st.integers(40, 100))
def test_integration_by_parts_against_the_gaussian(sigma, q, bits):
    """E z^(q+1) f(s z) = s E z^q f'(s z) + q E z^(q-1) f(s z), here for f = tanh, f' = sech^2."""
    f, slope = [C.tanh], [lambda x: C.sech(x) * C.sech(x)]
    left = gaussian_integral(f, sigma=sigma, growth=(1, 0), power=q + 1, bits=bits)
    with precision(200):
        s = ball(sigma)
        right = s * gaussian_integral(slope, sigma=sigma, growth=(1, 0), power=q, bits=bits)
        if q:
            right += q * gaussian_integral(f, sigma=sigma, growth=(1, 0), power=q - 1, bits=bits)
    assert left.is_finite() and left.overlaps(right)
    assert left.rad() < ball(2) ** (8 - bits) and right.rad() < (1 + s) * ball(2) ** (8 - bits)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 6), st.integers(0, 8), st.booleans(), sigmas)
def test_moments_of_powers_are_double_factorials(p, q, squared, sigma):
    """E (sigma z)^(p m) z^q = sigma^(p m) (p m + q - 1)!! for even exponents, 0 for odd ones."""
    m = 2 if squared else 1
    value = gaussian_integral([lambda x: x**p], sigma=sigma, growth=(1, p), power=q, squared=squared, bits=64)
    n = p * m + q
    with precision(500):
        exact = ball(sigma) ** (p * m) * double_factorial(n - 1) if n % 2 == 0 and n > 0 else ball(int(n == 0))
        assert encloses(value, exact)
        assert value.rad() <= (1 + ball(sigma) ** (p * m) * double_factorial(n)) * ball(2) ** -60


def test_results_at_two_precisions_overlap():
    """Two enclosures of one number; the finer one is finer."""
    for name, sigma in itertools.product(("logistic", "1/(1 + x^2)", "x > 1/3"), ("0.01", "2", "300")):
        pieces, kinks, growth, _ = CLOSED[name]
        coarse, fine = (gaussian_integral(pieces, kinks, sigma=sigma, growth=growth, bits=b) for b in (30, 120))
        assert coarse.overlaps(fine) and fine.rad() < coarse.rad()


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([n for n in sorted(CLOSED) if n != "1"]),
    st.fractions(Fraction(1, 10), 5, max_denominator=50),
    st.fractions(Fraction(1, 1000), 2, max_denominator=1000),
    st.fractions(0, 1, max_denominator=20),
)
def test_a_wide_sigma_covers_every_sigma_inside(name, low, width, t):
    """Contains, for every point of the sigma ball; finite as well, kinks away from 0 included."""
    pieces, kinks, growth, closed = CLOSED[name]
    value = gaussian_integral(pieces, kinks, sigma=interval(low, low + width), growth=growth, bits=53)
    with precision(300):
        assert encloses(value, closed(ball(low + t * width)))


def test_a_narrow_sigma_gives_a_narrow_enclosure():
    """Tight enough to subdivide: the radius is of the order of that of sigma."""
    for name in ("exp(-x^2)", "x > 1/3", "|x|"):
        pieces, kinks, growth, _ = CLOSED[name]
        value = gaussian_integral(pieces, kinks, sigma=arb(1, "1e-6"), growth=growth)
        assert value.is_finite() and value.rad() < ball("1e-5")


def test_kinks_that_a_wide_sigma_cannot_tell_apart_share_their_pieces():
    """A hat on [1, 2], 0 outside: for sigma in [1/2, 2] the kinks 1/sigma and 2/sigma range over one interval."""
    hat = [lambda x: 0, lambda x: (x - 1) * (2 - x), lambda x: 0]
    wide = gaussian_integral(hat, [1, 2], sigma=interval("1/2", 2), growth=(1, 2))
    for sigma in ("1/2", "3/4", "1", "3/2", "2"):
        assert encloses(wide, gaussian_integral(hat, [1, 2], sigma=sigma, growth=(1, 2), bits=80))


def test_a_kink_beyond_the_cut_belongs_to_the_tail():
    """At sigma = 1e-3 the kink x = 1 lies at z = 1000; what is beyond it is below 2^-bits."""
    value = gaussian_integral([lambda x: 0, lambda x: x - 1], [1], sigma="1e-3", growth=(1, 1), bits=64)
    assert value.contains(0) and value.rad() < ball(2) ** -60
    mirrored = gaussian_integral([lambda x: -1 - x, lambda x: 0], [-1], sigma="1e-3", growth=(1, 1), bits=64)
    assert mirrored.contains(0) and mirrored.rad() < ball(2) ** -60


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), st.sampled_from([1, 2]), st.sampled_from([0, "1/2"]), st.integers(4, 12))
def test_the_tail_bound_holds_and_is_sharp(p, q, m, r, extra):
    """Contains and tight: 2 int_T^oo of the bound itself, by mpmath; at most a factor 3 is lost."""
    T = extra + m  # beyond the centre m r sigma of the completed square
    bound = Tail((3, p, r), ball(1), q, m).beyond(ball(T))
    with mpmath.workdps(25):
        rate = mpmath.mpf(0.5 if r else 0)
        f = lambda z: (3 * (1 + z**p) * mpmath.exp(rate * z)) ** m * z**q * mpmath.npdf(z)  # noqa: E731
        exact = 2 * mpmath.quad(f, [T, T + 1, T + 4, T + 20])
    assert from_mpmath(exact * (1 - mpmath.mpf(10) ** -12), 20) <= bound
    assert bound <= from_mpmath(3 * exact, 20)


def test_an_integral_over_an_interval_holds_its_exact_value():
    """Ends with a radius included: the integral of exp over [a, b] is e^b - e^a."""
    assert encloses(integral(C.exp, 0, 1, bits=100), ball("e - 1"))
    assert integral(C.exp, 0, 1, bits=100).rel_accuracy_bits() > 95
    wide = integral(C.exp, arb(0, "0.1"), arb(1, "0.1"))
    for a, b in itertools.product(("-0.1", "0.05"), ("0.9", "1.1")):
        assert encloses(wide, ball(b).exp() - ball(a).exp())
    assert encloses(integral(lambda x: x * x, 1, 0), ball("-1/3"))


def test_branch_cuts_are_met_with_the_right_value():
    """int_1^4 sqrt = 14/3: quadrature that overlooks the cut of sqrt at (-oo, 0] answers 4.669."""
    assert encloses(integral(C.sqrt, 1, 4, bits=80), ball("14/3"))
    assert encloses(integral(lambda x: x ** Fraction(1, 2), 1, 4, bits=80), ball("14/3"))
    assert encloses(integral(C.log, 1, 4, bits=80), 4 * ball(4).log() - 3)
    assert encloses(integral(C.asin, 0, "9/10", bits=80), ball("9/10") * C.asin("9/10") + C.sqrt("19/100") - 1)
    assert encloses(integral(C.acos, 0, "9/10", bits=80), ball("9/10") * C.acos("9/10") - C.sqrt("19/100") + 1)
    assert encloses(integral(C.atan, 0, 9, bits=80), 9 * C.atan(9) - ball(82).log() / 2)
    growing = gaussian_integral([lambda x: C.sqrt(1 + x * x)], sigma=1, growth=(1, 1), bits=80)
    # E sqrt(1 + z^2) = U(-1/2, 0, 1/2)/sqrt(2)
    with mpmath.workdps(40):
        exact = mpmath.hyperu(mpmath.mpf(-1) / 2, 0, mpmath.mpf(1) / 2) * mpmath.sqrt(2)
    assert encloses(growing, from_mpmath(exact, 30)) and growing.rel_accuracy_bits() > 70


def test_a_square_root_at_a_kink_is_integrated():
    """E sqrt(|z|) = 2^(1/4) Gamma(3/4)/sqrt(pi): the integrand is not analytic at the end of its panel."""
    value = gaussian_integral([lambda x: C.sqrt(-x), C.sqrt], [0], sigma=1, growth=(1, 1))
    assert encloses(value, ball(2).sqrt().sqrt() * ball("3/4").gamma() / C.pi.sqrt())
    assert value.rel_accuracy_bits() > 45


BAD_PIECES = {
    "NumPy": np.tanh,
    "a float constant": lambda x: 0.5 * x,
    "a float value": lambda x: 0.5,
    "abs": abs,
    "a comparison": lambda x: x if x > 0 else -x,
    "an array": lambda x: np.ones(2),
    "a method": lambda x: x.sqrt(),
}


@pytest.mark.parametrize("piece", BAD_PIECES.values(), ids=BAD_PIECES)
def test_a_piece_that_does_not_run_on_balls_gives_no_enclosure(piece):
    """The warning says what to write instead."""
    with pytest.warns(NoEnclosure, match="write it with its context's functions"):
        assert not gaussian_integral([piece], sigma=1, growth=(1, 1)).is_finite()
    with pytest.warns(NoEnclosure, match="write it with its context's functions"):
        assert not integral(piece, 0, 1).is_finite()


def test_without_a_growth_bound_there_is_no_enclosure():
    """The tail cannot be bounded from values on an interval."""
    with pytest.warns(NoEnclosure, match=r"supply growth=\(L, p\)"):
        assert not gaussian_integral([C.exp], sigma=1, growth=None).is_finite()


def test_an_integrand_that_is_not_finite_gives_no_finite_ball():
    """1/x is not integrable at 0, and log of a negative number is not real."""
    assert not gaussian_integral([lambda x: 1 / x], sigma=1, growth=(1, 0)).is_finite()
    assert not gaussian_integral([lambda x: C.log(-1 - x * x)], sigma=1, growth=(1, 1)).is_finite()
    assert not gaussian_integral([C.tanh], sigma=arb.nan(), growth=(1, 0)).is_finite()
    assert not gaussian_integral([C.tanh], sigma=interval(0, 1), growth=(1, 0)).is_finite()
    assert not gaussian_integral([C.tanh] * 2, [arb.nan()], sigma=1, growth=(1, 0)).is_finite()


def test_an_error_of_the_integrand_reaches_the_caller():
    """An exception that is not about balls is the user's own; quadrature does not swallow it."""

    def broken(x):
        raise ZeroDivisionError("broken on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        gaussian_integral([broken], sigma=1, growth=(1, 0))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sigma": 1.0}, TypeError, "sigma is the float"),
        ({"sigma": 0}, ValueError, "sigma is 0"),
        ({"sigma": -1}, ValueError, "sigma is -1"),
        ({"kinks": [0]}, ValueError, "1 pieces and 1 kinks"),
        ({"pieces": [C.exp] * 3, "kinks": [1, 0]}, ValueError, "increasing order"),
        ({"growth": (1,)}, ValueError, "growth is"),
        ({"growth": (1, -1)}, ValueError, "growth is"),
        ({"growth": (1, Fraction(1, 2))}, ValueError, "growth is"),
        ({"growth": (-1, 0)}, ValueError, "growth is"),
        ({"growth": (0.5, 0)}, TypeError, "L is the float"),
        ({"growth": (arb.pos_inf(), 0)}, ValueError, "growth is"),
        ({"power": -1}, ValueError, "power is -1"),
        ({"bits": 1}, ValueError, "bits"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_bad_arguments_are_named(arguments, error, message):
    """The error names the argument and both values."""
    call = {"pieces": [C.exp], "kinks": [], "sigma": 1, "growth": (1, 0, 1)} | arguments
    with pytest.raises(error, match=message):
        gaussian_integral(call.pop("pieces"), call.pop("kinks"), **call)


@settings(max_examples=30, deadline=None)
@given(st.integers(-5, 5), precisions)
def test_an_analytic_ball_computes_like_a_complex_one(n, bits):
    """Integer powers, mixed operands and reflected operators are those of complex balls."""
    with precision(bits):
        z = acb(ball("0.3"), ball("-0.7"))
        w = Analytic(z, True)
        pairs = [
            (2 * w - 1, 2 * z - 1),
            (1 - w / 2, 1 - z / 2),
            (Fraction(1, 3) + w, z + ball("1/3")),
            (np.int64(3) * w, 3 * z),
            (2 / (1 + w * w), 2 / (1 + z * z)),
            (w**n, z ** acb(n)),
            (+w - (-w), 2 * z),
            (w ** Fraction(3, 2), z * z.sqrt()),
            (C.pi * w, C.pi * z),
        ]
        for ours, theirs in pairs:
            assert isinstance(ours, Analytic) and ours.ball.overlaps(theirs)


def test_an_analytic_ball_on_a_branch_cut_is_not_finite():
    """Where a disc meets the cut the function is not analytic on it, whatever its value."""
    on_cut = Analytic(acb(arb(0, 1), arb(0, 1)), True)
    softplus = lambda z: C.softplus(4 * z)  # noqa: E731
    for f in (C.sqrt, C.log, softplus, lambda z: z ** Fraction(1, 2), lambda z: C.asin(3 * z), lambda z: C.acos(3 * z)):
        assert not f(on_cut).ball.is_finite()
    assert not C.atan(3 * on_cut).ball.is_finite()
    assert C.sqrt(Analytic(acb(4), True)).ball.overlaps(acb(2))
    assert C.sqrt(Analytic(acb(arb(1, 1)), False)).ball.is_finite()
