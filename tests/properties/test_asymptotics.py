"""T1 at small sigma, T2 and T3 at large sigma: constants by hand, bands that hold, wrong variants that do not."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from source_mutants import mutated

from onenn import activation
from onenn.activations import Growth, register_activation
from onenn.gaussian import T_ball
from onenn.properties import asymptotics, large_sigma, small_sigma
from onenn.rigorous import ball

PAPER_ERF = activation("erf").scaled(output="sqrt(pi)/2")
pi = sympy.pi
SMALL = {
    "tanh": (4, 2),
    "sigmoid": (4, sympy.Rational(1, 128)),
    "erf": (4, 8 / pi),
    "softplus": (6, sympy.Rational(1, 384)),
    "exp": (4, sympy.Rational(1, 2)),
    "gelu": (6, 4 / (3 * pi)),
}
LARGE = {
    ("tanh", 3): (-4, pi / 6),
    ("tanh", 2): (-3, (pi**2 - 6) / (9 * sympy.sqrt(2 * pi))),
    ("sigmoid", 3): (-4, pi / 6),
    ("sigmoid", 2): (-3, (pi**2 - 6) / (18 * sympy.sqrt(2 * pi))),
    ("erf", 3): (-4, 1 / pi),
    ("erf", 2): (-3, 1 / (2 * pi)),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_constant_at_small_sigma(name):
    """By hand from the Taylor series at 0; at sigma = 1/1000 the ratio is 1 up to a few sigma^2, in the band."""
    asymptote = small_sigma(name)
    assert (asymptote.exponent, sympy.simplify(asymptote.constant - SMALL[name][1])) == (SMALL[name][0], 0)
    ratio = asymptote.ratio("1/1000")
    assert abs(ratio - 1) < ball("1e-5") and asymptote.band(ball("1/1000")).contains(ratio)


@pytest.mark.parametrize("key", LARGE)
def test_the_constant_at_large_sigma(key):
    """By hand from the integrals of phi' and phi'^2; at sigma = 1000 the ratio is 1 up to a few sigma^-2."""
    asymptote = large_sigma(*key)
    assert (asymptote.exponent, sympy.simplify(asymptote.constant - LARGE[key][1])) == (LARGE[key][0], 0)
    ratio = asymptote.ratio(1000)
    assert abs(ratio - 1) < ball("1e-5") and asymptote.band(ball(1000)).contains(ratio)


def test_the_erf_of_the_papers():
    """int_0^z e^(-t^2) dt: 2 sigma^4, sigma^-4/4 and sigma^-3/8."""
    assert small_sigma(PAPER_ERF).constant == 2
    assert large_sigma(PAPER_ERF, 3).constant == sympy.Rational(1, 4)
    assert large_sigma(PAPER_ERF, 2).constant == sympy.Rational(1, 8)


@settings(max_examples=12)
@given(st.sampled_from(sorted(SMALL)), st.fractions("1/1000", 2, max_denominator=1000), st.sampled_from([1, -3]))
def test_the_band_at_small_sigma_holds_at_every_sigma(name, sigma, b):
    """The error bound is proved for all sigma; for large ones it only says T1 >= 0."""
    asymptote = small_sigma(activation(name).scaled(input=b))
    assert asymptote.band(ball(sigma)).contains(asymptote.ratio(sigma))


@settings(max_examples=12)
@given(st.sampled_from(sorted(LARGE)), st.fractions("1/10", 100, max_denominator=10), st.sampled_from([1, "-1/2"]))
def test_the_band_at_large_sigma_holds_at_every_sigma(key, sigma, b):
    """1 - y <= e^-y <= 1 for every y >= 0: from below everywhere."""
    asymptote = large_sigma(activation(key[0]).scaled(output=2, input=b), key[1])
    assert asymptote.band(ball(sigma)).contains(asymptote.ratio(sigma))


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "erf"])
def test_the_integrals_over_the_line(name):
    """Independent route: mpmath quadrature of x^q phi' and x^q phi'^2."""
    slope = {
        "tanh": lambda x: mpmath.sech(x) ** 2,
        "sigmoid": lambda x: mpmath.sech(x / 2) ** 2 / 4,
        "erf": lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),
    }[name]
    for m, table in enumerate(asymptotics._INTEGRALS[name], start=1):
        for q, constant in table.items():
            value = 2 * mpmath.quad(lambda x, q=q, m=m: x**q * slope(x) ** m, [0, 1, 4, 16, 64])
            assert float(value) == pytest.approx(float(ball(constant)), rel=1e-12)


def test_the_fourier_transforms_are_positive():
    """What the bands rest on: phi' or phi'' is a mixture of cosines with positive weights (values by mpmath)."""
    gelu = lambda x: (2 - x * x) * mpmath.npdf(x)  # noqa: E731
    for t in (0.3, 1.0, 2.5):
        cosine = 2 * mpmath.quad(lambda x, t=t: gelu(x) * mpmath.cos(t * x), [0, 3, 6, 12])
        assert float(cosine) == pytest.approx(float((1 + t * t) * mpmath.exp(-t * t / 2)), rel=1e-10)
        cosine = 2 * mpmath.quad(lambda x, t=t: mpmath.sech(x) ** 2 * mpmath.cos(t * x), [0, 3, 6, 12, 40])
        assert float(cosine) == pytest.approx(float(mpmath.pi * t / mpmath.sinh(mpmath.pi * t / 2)), rel=1e-10)


def test_from_the_fourth_order_on_the_constant_is_not_one_over_n_factorial():
    """phi' = z^4: T1 = 96 sigma^8 exactly; a^2/n! would be 24^2/24 = 24, as z^4 has a part in He_2 too."""
    phi = register_activation(
        "fifth power of these tests",
        lambda C, z: z * z * z * z * z / 5,
        lambda C, z: z * z * z * z,
        growth=Growth(1, 4),
        derivative_symmetry="even",
        replace=True,
    )
    asymptote = small_sigma(phi)
    assert (asymptote.exponent, asymptote.constant, asymptote.band) == (8, 96, None)
    assert asymptote.ratio("1/2").overlaps(ball(1))


def test_what_has_no_expansion_is_named():
    """A kink at 0; a slope that is affine there; an activation without known integrals."""
    with pytest.raises(ValueError, match="with a kink at 0"):
        small_sigma("relu")
    with pytest.raises(ValueError, match="affine at 0 up to the order 12"):
        small_sigma("quadratic")
    with pytest.raises(ValueError, match="expected tanh, sigmoid, erf and term 2 or 3"):
        large_sigma("softplus", 3)
    with pytest.raises(ValueError, match="term is 1"):
        large_sigma("tanh", 1)


def test_a_function_under_a_name_of_the_package_gets_no_band():
    """The bands are proved for the package's own tanh, not for whatever bears its name."""
    own = activation("tanh")
    other = register_activation("arctan at 0", lambda C, z: C.atan(z), lambda C, z: 1 / (1 + z * z), replace=True)
    other = replace(other, name="tanh")
    assert small_sigma(own).band is not None and small_sigma(other).band is None


MUTANTS = {
    "the square root of the ratio is forgotten": (
        "return interval(low * low, (1 + error) * (1 + error))",
        "return interval(low, 1 + error)",
        lambda m: m.small_sigma("tanh"),
        "3/10",
    ),
    "the next odd order": (
        "slope, x, n + 2).subs",
        "slope, x, n + 1).subs",
        lambda m: m.small_sigma("tanh"),
        "1/10",
    ),
    "the projection of z^n is left out": (
        "d = double_factorial(2 * n - 1) - normal_moment(n) ** 2 - normal_moment(n + 1) ** 2",
        "d = double_factorial(2 * n - 1)",
        lambda m: m.small_sigma("softplus"),
        "1/100",
    ),
    "alpha_2^2 is left out of T2": (
        "- ball(second) / ((2 * BALLS.pi).sqrt() * s * s * s)",
        "",
        lambda m: m.large_sigma("erf", 2),
        3,
    ),
    "the scale of the integrals is left out": (
        "slope, b = power(product(phi.output, phi.input), m), absolute(phi.input)",
        "slope, b = power(product(phi.output, phi.input), m), Fraction(1)",
        lambda m: m.large_sigma(activation("tanh").scaled(input=2), 3),
        100,
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_a_wrong_variant_is_caught(what):
    """T_i over its asymptote leaves the band."""
    right, wrong, make, sigma = MUTANTS[what]
    for module, holds in ((asymptotics, True), (mutated(asymptotics, {right: wrong}), False)):
        asymptote = make(module)
        assert asymptote.band(ball(sigma)).contains(asymptote.ratio(sigma)) is holds


def test_the_ratio_is_that_of_the_ball():
    """T1 at sigma over constant sigma^exponent, up to rounding."""
    asymptote = small_sigma("softplus")
    direct = T_ball("softplus", 1, Fraction(1, 7)) * 384 * 7**6
    assert asymptote.ratio("1/7").overlaps(direct)
