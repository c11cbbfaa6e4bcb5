"""Balls of the moments at a point: stored mpmath values, exact relations, tightness, what users leave out."""

import itertools
import tomllib
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from gaussian_oracles import REFERENCE
from hypothesis import given
from hypothesis import strategies as st

from onenn import activation
from onenn.activations import Growth, names, register_activation
from onenn.gaussian import T, T_ball, alpha, alpha_ball, beta, beta_ball, rho, rho_ball
from onenn.rigorous import NoEnclosure, ball, interval, precision

BALLS_OF = {"alpha": alpha_ball, "beta": beta_ball, "T": T_ball}
TABLE = tomllib.loads(REFERENCE.read_text(encoding="utf-8"))
UNSEEN = ("tanh", "sigmoid", "softplus", "gelu")  # the ones with no closed form of T1
sigmas = st.sampled_from(["1/1000", "0.03", "1/3", "1", "sqrt(7)", "40", "1000"])


def stored(name):
    """(kind, index, sigma, digits): 25 digits by mpmath at 50, Gauss-Legendre panels (tests/reference)."""
    for sigma, key in itertools.product(TABLE[name], BALLS_OF):
        for entry, digits in TABLE[name][sigma].items() if sigma != "hermite" else ():
            if entry.startswith(f"{key}_"):
                yield key, int(entry[-1]), sigma, digits


@pytest.mark.parametrize("name", names()[:12])
def test_a_ball_holds_the_stored_value_and_is_tight(name):
    """Independent route. The contract: radius <= 1e-15 |value| for sigma from 1e-3 to 1e3, and an exact 0 for 0."""
    for kind, index, sigma, digits in stored(name):
        value = BALLS_OF[kind](name, index, sigma)
        if Fraction(digits) == 0:
            assert value.is_zero(), (kind, index, sigma)
            continue
        with precision(128):
            # 25 digits are kept: half a unit of the last is below 1e-24 of the value
            exact = ball(digits) * interval(1 - ball("1e-24"), 1 + ball("1e-24"))
            assert value.overlaps(exact), (kind, index, sigma, value, digits)
        assert value.rad() <= abs(value.mid()) * ball("1e-15"), (kind, index, sigma)


def test_exp_is_tight_up_to_sigma_ten():
    """At sigma = 10 the moments are near 1e87, beyond nothing for a ball; closed forms by hand."""
    with precision(200):
        u = ball(100)
        exact = {1: u.exp() * (u.exp() - 1 - u), 2: (1 + 4 * u) * (2 * u).exp() - u.exp() * (1 + 3 * u + u * u)}
    for i in (1, 2):
        value = T_ball("exp", i, 10)
        assert value.overlaps(exact[i]) and value.rad() <= value * ball("1e-15")


@given(st.sampled_from(names()[:12]), sigmas, st.integers(20, 150), st.sampled_from(sorted(BALLS_OF)))
def test_two_precisions_overlap_and_each_is_as_tight_as_asked(name, sigma, bits, kind):
    """Law of a ball function: every precision encloses the same number."""
    sigma = "3" if name == "exp" and sigma in ("40", "1000") else sigma
    coarse, fine = (BALLS_OF[kind](name, 2, sigma, bits=b) for b in (bits, 170))
    assert coarse.overlaps(fine)
    assert coarse.is_zero() or coarse.rel_accuracy_bits() >= bits


@given(st.sampled_from(names()[:12]), st.fractions("1/50", 4, max_denominator=64))
def test_the_floats_lie_beside_the_balls(name, sigma):
    """The float functions share no code with the quadrature of the balls; they promise a relative 1e-10."""
    for function, enclosure, indices in (
        (alpha, alpha_ball, range(4)),
        (beta, beta_ball, (0, 2)),
        (T, T_ball, (1, 2, 3)),
    ):
        for index in indices:
            value, exact = function(name, index, float(sigma)), float(enclosure(name, index, sigma))
            assert abs(value - exact) <= 1e-10 * abs(exact)
    assert rho(name, float(sigma), terms=2) == pytest.approx(float(rho_ball(name, sigma, 2)), rel=1e-10)


@given(sigmas, st.sampled_from([2, 3]))
def test_rho_of_sigmoid_is_a_sixteenth_of_that_of_tanh_at_half_the_scale(sigma, terms):
    """sigmoid'(z) = tanh'(z/2)/4; the two sides are integrated independently."""
    assert rho_ball("sigmoid", sigma, terms).overlaps(rho_ball("tanh", f"({sigma})/2", terms) / 16)


@given(sigmas)
def test_the_terms_of_softplus_are_made_of_moments_of_sigmoid(sigma):
    """By Stein's identity T1 = 1/4 - A_0 - (s A_0)^2, T2 = 1/4 - A_2 - (s A_0)^2, T3 = 1/4 - (s A_0)^2."""
    with precision(300):
        A = {q: alpha_ball("sigmoid", q, sigma, bits=200) for q in (0, 2)}
        slope = ball(sigma) * A[0]
        for i, first in ((1, A[0]), (2, A[2]), (3, ball(0))):
            assert T_ball("softplus", i, sigma).overlaps(ball("1/4") - first - slope * slope)


@given(st.sampled_from(UNSEEN), sigmas, st.sampled_from([("3", "1"), ("-1/2", "sqrt(2)"), ("sqrt(pi)/2", "-1/3")]))
def test_scaling_moves_sigma_and_multiplies(name, sigma, constants):
    """a phi(b z) at sigma: T_i = (a b)^2 T_i(phi, |b| sigma), and an odd moment changes sign with b."""
    a, b = constants
    phi = activation(name).scaled(output=a, input=b)
    inner = f"sqrt(({b})*({b}))*({sigma})"
    with precision(120):
        slope = ball(f"({a})*({b})")
        for i in (1, 2, 3):
            assert T_ball(phi, i, sigma).overlaps(slope * slope * T_ball(name, i, inner))
        odd = slope * alpha_ball(name, 1, inner)
        assert alpha_ball(phi, 1, sigma).overlaps(-odd if ball(b) < 0 else odd)


def test_sigma_comes_in_exactly_or_as_a_ball():
    """A float is no exact number; a decimal, a fraction, an expression and an exact ball give the same."""
    with pytest.raises(TypeError, match=r"sigma is the float 0\.1; pass the decimal string '0\.1'"):
        rho_ball("tanh", 0.1)
    values = [rho_ball("tanh", sigma) for sigma in ("0.5", Fraction(1, 2), "1/2", ball("1/2"))]
    assert all(x.overlaps(y) for x, y in itertools.pairwise(values))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rho_ball("tanh", 0), "sigma is 0; expected a positive number"),
        (lambda: alpha_ball("tanh", 0, "-1"), "sigma is -1; expected a positive number"),
        (lambda: alpha_ball("tanh", -1, 1), "q is -1; expected an int >= 0"),
        (lambda: T_ball("tanh", 4, 1), "i is 4; expected 1, 2 or 3"),
        (lambda: rho_ball("tanh", 1, terms=1), "terms is 1; expected 3"),
        (lambda: rho_ball("tanhh", 1), "did you mean 'tanh'"),
        (lambda: alpha_ball("tanh", 0, 1, bits=100, cap=60), "cap is 60 bits"),
    ],
)
def test_bad_input_is_named(call, message):
    """The argument, what was expected, what to do."""
    with pytest.raises(ValueError, match=message):
        call()


def test_a_cap_that_does_not_suffice_gives_no_claim():
    """T1 of softplus at 1e-3 is 2.6e-21: at 90 bits the difference of its moments has no 53 bits left."""
    assert not T_ball("softplus", 1, "1e-3", cap=90).is_finite()
    assert T_ball("softplus", 1, "1e-3", cap=250).is_finite()


# Activations of users.


def arctan(**parameters):
    return register_activation(
        "arctan of these tests",
        lambda C, z: C.atan(z),
        lambda C, z: 1 / (1 + z * z),
        **{"growth": Growth(Fraction(1, 2)), "replace": True, **parameters},
    )


def test_a_user_activation_gets_balls_from_its_slope_and_growth():
    """E 1/(1 + (s z)^2) = sqrt(pi/2)/s e^(1/(2 s^2)) erfc(1/(s sqrt 2)), by mpmath to 25 digits."""
    with mpmath.workdps(30):
        s = mpmath.mpf(3)
        exact = mpmath.sqrt(mpmath.pi / 2) / s * mpmath.exp(1 / (2 * s * s)) * mpmath.erfc(1 / (s * mpmath.sqrt(2)))
        digits = mpmath.nstr(exact, 25)
    value = alpha_ball(arctan(), 0, 3)
    assert abs(value - ball(digits)) < ball("1e-15") and value.rel_accuracy_bits() >= 53


def test_a_stated_symmetry_makes_exact_zeros():
    """Without it the ball of a vanishing moment never becomes small beside its value: no claim up to the cap."""
    assert alpha_ball(arctan(derivative_symmetry="even"), 1, 2).is_zero()
    assert not alpha_ball(arctan(), 1, 2, cap=200).is_finite()


def test_a_centre_that_no_binary_fraction_is_limits_no_precision():
    """phi' = 101/200 + odd: the centre is made anew at every working precision."""
    phi = register_activation(
        "leaky softplus of these tests",
        lambda C, z: C.rational(Fraction(99, 100)) * C.log(1 + C.exp(z)) + z * C.rational(Fraction(1, 100)),
        lambda C, z: C.rational(Fraction(99, 100)) * C.logistic(z) + C.rational(Fraction(1, 100)),
        growth=Growth(1),
        derivative_symmetry="half",
        derivative_centre="101/200",
        replace=True,
    )
    scale = ball("0.99") * ball("0.99")
    assert T_ball(phi, 1, "1/100").overlaps(scale * T_ball("softplus", 1, "1/100"))
    assert alpha_ball(phi, 0, 2, bits=150).overlaps(ball("101/200"))


def test_a_name_that_is_registered_anew_has_new_balls():
    """What is kept for an activation is kept with the object, not with its name."""
    first = alpha_ball(arctan(), 0, 1)
    register_activation(
        "arctan of these tests",
        lambda C, z: 2 * C.atan(z),
        lambda C, z: 2 / (1 + z * z),
        growth=Growth(1),
        replace=True,
    )
    assert alpha_ball("arctan of these tests", 0, 1).overlaps(2 * first)


def test_what_a_user_left_out_is_named():
    """No ball is better than a wrong one, and the warning says what to supply."""
    with pytest.warns(NoEnclosure, match="pass growth=Growth"):
        assert not rho_ball(arctan(growth=None), 1).is_finite()
    floats = register_activation("floats of these tests", np.arctan, lambda z: 1 / (1 + z * z), replace=True)
    with pytest.warns(NoEnclosure, match=r"derivative= as a function \(C, z\)"):
        assert not alpha_ball(floats, 0, "1/2").is_finite()
