"""P1, P2 and P3 of the twelve activations and of users' own: the decision, its constant, its witness."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from source_mutants import mutated

from onenn import activation
from onenn.activations import Growth, Tails, names, register_activation
from onenn.gaussian import T
from onenn.properties import growth, p1, p2, p3, smoothness, suprema, third_term_positive
from onenn.properties.segments import segments
from onenn.rigorous import BALLS, ball
from onenn.verdict import Verdict

TWELVE = names()[:12]
# What the proofs in the chapter say, by hand: (L1, p), and the branches of P3 with L2 or the number of kinks.
FIRST = {
    "linear": ("1", 0),
    "relu": ("1", 0),
    "leaky_relu": ("1", 0),
    "squared_relu": ("2", 1),
    "sigmoid": ("1/4", 0),
    "tanh": ("1", 0),
    "erf": ("2/sqrt(pi)", 0),
    "softplus": ("1", 0),
}
SMOOTH = {
    "linear": "0",
    "quadratic": "2",
    "squared_relu": "2",
    "sigmoid": "1/(6*sqrt(3))",
    "tanh": "4/(3*sqrt(3))",
    "erf": "2*sqrt(2)/sqrt(pi)*e**(-1/2)",
    "softplus": "1/4",
    "gelu": "2/sqrt(2*pi)",
}
GELU_TOP = (1 + BALLS.erf(1)) / 2 + BALLS.exp(-1) / BALLS.sqrt(BALLS.pi)  # phi'(sqrt 2), by hand
BROKEN = {"linear": 0, "relu": 1, "leaky_relu": 1}


@cache
def decisions(name):
    return p1(name), p3(name)


@pytest.mark.parametrize("name", TWELVE)
def test_each_property_is_decided_with_its_constant(name):
    """The least L1 and L2, found by hand, lie in the enclosures, which are narrow."""
    first, third = decisions(name)
    assert (first.verdict == Verdict.PROVED) == (name in FIRST)
    assert (first.verdict == Verdict.REFUTED) == (name not in FIRST) == bool(first.witness)
    if name in FIRST:
        exact, power = FIRST[name]
        assert first.power == power
        assert first.constant.overlaps(ball(exact)) and first.constant.rad() <= ball("1e-10")
        assert first.constant.overlaps(ball(first.stated))
    holds = name in SMOOTH or name in BROKEN
    assert third.verdict == (Verdict.PROVED if holds else Verdict.REFUTED)
    assert third.branches == ("a",) * (name in SMOOTH) + ("b",) * (name in BROKEN)
    assert third.kinks == BROKEN.get(name) and bool(third.witness) != holds
    if name in SMOOTH:
        assert third.constant.overlaps(ball(SMOOTH[name])) and third.constant.rad() <= ball("1e-10")
        assert third.constant.overlaps(ball(third.stated))
    polynomial = name in ("linear", "quadratic")
    for terms in (2, 3):
        assert p2(name, terms).verdict == (Verdict.REFUTED if polynomial else Verdict.PROVED)


@pytest.mark.parametrize("name", TWELVE)
def test_a_decision_agrees_with_the_function_on_a_grid(name):
    """Independent route: floats. A grid can refute; here it must not, nor may it leave a refuted property standing."""
    phi = activation(name)
    z = np.array([x for x in np.linspace(-30, 30, 4001) if abs(x) > 1e-9])
    slope, curvature = phi.derivative(z), phi.second_derivative(z)
    first, third = decisions(name)
    if first.verdict == Verdict.PROVED:
        ratio = slope / np.abs(z) ** first.power
        assert np.all(slope >= 0) and np.max(ratio) <= float(first.constant.upper()) * (1 + 1e-12)
        assert np.max(ratio) >= float(first.constant) * (1 - 1e-3)
    else:
        near_zero = slope[np.argmin(np.abs(z - 0.02))]
        assert np.any(slope < 0) or (near_zero > 0.5 and np.max(slope) > 1e4)
    if third.constant is not None:
        assert np.max(np.abs(curvature)) <= float(third.constant.upper()) * (1 + 1e-12) + 1e-300
        assert np.max(np.abs(curvature)) >= float(third.constant) * (1 - 1e-3)


def test_the_third_term_follows_from_one_sign_or_from_its_closed_form():
    """phi' >= 0, or <= 0, gives T3 > 0 by the Cauchy-Schwarz inequality; GELU, of both signs, needs its formula."""
    assert "phi' >= 0" in third_term_positive("exp").reason
    assert "phi' <= 0" in third_term_positive(activation("relu").scaled(input=-1)).reason
    verdict = third_term_positive("gelu")
    assert verdict == Verdict.PROVED and "positive coefficients" in verdict.reason
    assert all(T("gelu", 3, s) > 0 for s in (0.01, 1.0, 2**0.5, 30.0))
    assert third_term_positive("quadratic") == Verdict.REFUTED
    assert p2(activation("leaky_relu", slope=-1), terms=3).verdict == Verdict.REFUTED  # |z|: alpha_0 = 0


def test_scaling_moves_the_constants():
    """a phi(b z) has the least constants |a| |b|^(p+1) L1 and |a| b^2 L2; a negative factor breaks P1."""
    phi = activation("squared_relu").scaled(output=3, input="1/2")
    assert p1(phi).constant.overlaps(ball("3/2")) and p3(phi).constant.overlaps(ball("3/2"))
    paper = activation("erf").scaled(output="sqrt(pi)/2")
    assert p1(paper).constant.overlaps(ball(1))
    for flipped in (activation("relu").scaled(input=-1), activation("tanh").scaled(output=-1)):
        assert p1(flipped).verdict == Verdict.REFUTED and p2(flipped, terms=3).verdict == Verdict.PROVED
    for stretched in ("1/1000", 1000):
        assert p1(activation("softplus").scaled(input=stretched)).constant.overlaps(ball(stretched))
    assert p3(activation("gelu").scaled(input=-3)).constant.overlaps(ball("9*sqrt(2/pi)"))


@pytest.mark.parametrize("name", ["exp", "quartic_relu"])
def test_a_growing_slope_is_witnessed_for_every_bound(name):
    """The formula 1 + L of the witness, tried: phi'(1 + L) > L and phi''(1 + L) > L."""
    phi = activation(name)
    assert "z = 1 + L" in p1(name).witness and "z = 1 + L" in p3(name).witness
    for L in (0.0, 0.5, 3.0, 100.0):
        assert phi.derivative(1 + L) > L and phi.second_derivative(1 + L) > L


def user(value, derivative, second=None, **parameters):
    return register_activation("one of these tests", value, derivative, second, replace=True, **parameters)


def test_piecewise_polynomials_of_users_are_decided_exactly():
    """The clipped line has two kinks; z |z| (1 + |z|) grows faster than it vanishes; z |z|^3 has p = 3."""
    clipped = user(
        [lambda C, z: 0 * z - 1, lambda C, z: z, lambda C, z: 0 * z + 2],
        [lambda C, z: 0 * z, lambda C, z: 0 * z + 1, lambda C, z: 0 * z],
        kinks=[-1, 2],
    )
    assert (p1(clipped).power, p3(clipped).branches, p3(clipped).kinks) == (0, ("b",), 2)
    assert p1(clipped).constant.overlaps(ball(1)) and p2(clipped).verdict == Verdict.PROVED
    fourth = user(
        [lambda C, z: -z * z * z * z, lambda C, z: z * z * z * z],
        [lambda C, z: -4 * z * z * z, lambda C, z: 4 * z * z * z],
        kinks=[0],
    )
    assert p1(fourth).power == 3 and p1(fourth).constant.overlaps(ball(4))
    assert p3(fourth).verdict == Verdict.REFUTED
    mixed = user(
        [lambda C, z: -z * z + z * z * z, lambda C, z: z * z + z * z * z],
        [lambda C, z: -2 * z + 3 * z * z, lambda C, z: 2 * z + 3 * z * z],
        kinks=[0],
    )
    assert p1(mixed).verdict == Verdict.REFUTED and "L |z| at" in p1(mixed).witness


def test_a_slope_that_changes_degree_at_a_kink_is_bounded_piece_by_piece():
    """phi' = z^2 up to 2 and 2 z beyond: phi'/|z| is z, at most 2, and then 2."""
    phi = user(
        [lambda C, z: 0 * z, lambda C, z: z * z * z / 3, lambda C, z: z * z - C.rational(Fraction(4, 3))],
        [lambda C, z: 0 * z, lambda C, z: z * z, lambda C, z: 2 * z],
        kinks=[0, 2],
    )
    decided = p1(phi)
    assert decided.power == 1 and decided.constant.overlaps(ball(2)) and decided.constant.rad() < ball("1e-6")


def test_what_a_user_must_supply_is_named():
    """Nothing is decided without it, and nothing is guessed."""
    floats = user(np.arctan, lambda z: 1 / (1 + z * z))
    for decided in (p1(floats), p2(floats), p3(floats)):
        assert decided.verdict == Verdict.UNDECIDED and "pass derivative=" in decided.evidence
    slope = lambda C, z: 1 / (1 + z * z)  # noqa: E731
    curvature = lambda C, z: -2 * z / ((1 + z * z) * (1 + z * z))  # noqa: E731
    bare = user(lambda C, z: C.atan(z), slope, curvature)
    assert p2(bare, terms=3).verdict == Verdict.PROVED  # the slope is positive, and bends
    assert p1(bare).verdict == p3(bare).verdict == Verdict.UNDECIDED
    assert "pass tails=" in p1(bare).evidence and "pass tails=" in p3(bare).evidence
    no_curvature = user(lambda C, z: C.atan(z), slope)
    assert "pass second_derivative=" in p3(no_curvature).evidence
    bound = lambda C, r: (0 * r, slope(C, r))  # noqa: E731
    both = lambda C, r: (-2 * slope(C, r), 2 * slope(C, r))  # noqa: E731
    whole = user(
        lambda C, z: C.atan(z),
        slope,
        curvature,
        growth=Growth(Fraction(1, 2)),
        tails=Tails(Fraction(0), bound, bound, both, both),
    )
    assert p1(whole).constant.overlaps(ball(1)) and p3(whole).constant.overlaps(ball("3*sqrt(3)/8"))


def test_a_number_of_terms_that_is_not_there_is_named():
    """rho has two terms or three."""
    with pytest.raises(ValueError, match="terms is 4; expected 3"):
        p2("tanh", terms=4)


def test_segments_cover_the_line_once():
    """Cut at 0 and at the kinks, from left to right, reflected for a negative input."""
    shown = [str(part) for part in segments(activation("relu").scaled(input=-2))]
    assert shown == ["z < 0", "z > 0"]
    assert [part.slope for part in segments(activation("relu").scaled(input=-2))] == [-2, 0]


MUTANTS = {
    "the tail does not count": (
        suprema,
        {"_slope_of(segment, kind, sign)), on_tail]": "_slope_of(segment, kind, sign))]"},
        lambda m: m.supremum(activation("softplus"), "derivative").overlaps(ball(1)),
    ),
    "the sign of the tail is kept": (
        suprema,
        {"low, high = (low, high) if sign > 0 else (-high, -low)": "pass"},
        lambda m: m.supremum(activation("softplus"), "derivative", -1).overlaps(ball(0)),
    ),
    "the slope in the mean value form is lost": (
        suprema,
        {"return lambda t: on_ball(slope, t)": "return lambda t: 0 * t"},
        lambda m: m.supremum(activation("gelu"), "derivative").overlaps(GELU_TOP),
    ),
    "a slope is nonnegative without a look": (
        suprema,
        {"if point is not None:": "if False:", "if segment.slope.is_nonnegative:": "if True:"},
        lambda m: m.nonnegative(activation("gelu")) == Verdict.REFUTED,
    ),
    "the order at 0 is not compared": (
        growth,
        {
            "if order is not None and (refutation": "if False and (refutation",
            "if order is not None and power > order:": "if False:",
        },
        lambda m: m.p1("exp").verdict == Verdict.REFUTED,
    ),
    "jumps of phi' do not matter": (
        smoothness,
        {"if jump != 0:": "if False:"},
        lambda m: m.p3("relu").branches == ("b",),
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_a_wrong_variant_is_caught(what):
    """Each check holds for the module, and no longer for the module with one step left out."""
    module, changes, check = MUTANTS[what]
    assert check(module)
    assert not check(mutated(module, changes))
