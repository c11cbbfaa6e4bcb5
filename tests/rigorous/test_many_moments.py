"""Many moments at once: adaptive integrals as the other route, and the bounds without which a ball would be wrong."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigorous_strategies import encloses
from source_mutants import mutated

from onenn.rigorous import BALLS as C
from onenn.rigorous import NoEnclosure, ball, gaussian_integral, moments, precision
from onenn.rigorous.moments import gaussian_moments

# name: (pieces, kinks, growth, parity)
SLOPES = {
    "sech^2": ([lambda x: C.sech(x) * C.sech(x)], [], (1, 0), 1),
    "tanh": ([C.tanh], [], (1, 0), -1),
    "logistic": ([C.logistic], [], (1, 0), 0),
    "exp": ([C.exp], [], (1, 0, 1), 0),
    "x^3 - x": ([lambda x: x * x * x - x], [], (1, 3), -1),
    "ramp from -1/3 to 2": ([lambda x: 0, lambda x: x + Fraction(1, 3), lambda x: ball("7/3")], ["-1/3", 2], (3, 0), 0),
    "|x|": ([lambda x: -x, lambda x: x], [0], (1, 1), 1),
}
sigmas = st.sampled_from([Fraction(1, 1000), Fraction(1, 10), 1, 3]) | st.fractions("1/20", 4, max_denominator=50)


@given(st.sampled_from(sorted(SLOPES)), sigmas, st.integers(24, 120))
def test_the_moments_meet_the_adaptive_integrals(name, sigma, bits):
    """Independent route: one adaptive integral per moment, with another rule, other panels and another tail bound."""
    pieces, kinks, growth, parity = SLOPES[name]
    found = gaussian_moments(pieces, kinks, sigma=sigma, growth=growth, count=6, bits=bits, parity=parity)
    for q in (0, 1, 5):
        for m in (0, 1):
            exact = gaussian_integral(pieces, kinks, sigma=sigma, growth=growth, power=q, squared=bool(m), bits=150)
            assert encloses(found[m][q], exact)


@given(st.sampled_from(["sech^2", "tanh", "|x|"]), sigmas)
def test_a_parity_changes_nothing_but_the_zeros(name, sigma):
    """Half of the line, doubled, is the whole of it; the moments that vanish are exactly 0."""
    pieces, kinks, growth, parity = SLOPES[name]
    folded = gaussian_moments(pieces, kinks, sigma=sigma, growth=growth, count=5, bits=60, parity=parity)
    whole = gaussian_moments(pieces, kinks, sigma=sigma, growth=growth, count=5, bits=60)
    assert all(x.overlaps(y) for m in (0, 1) for x, y in zip(folded[m], whole[m], strict=True))
    assert [x.is_zero() for x in folded[0]] == [(q % 2 == 1) == (parity == 1) for q in range(5)]
    assert [x.is_zero() for x in folded[1]] == [q % 2 == 1 for q in range(5)]


@pytest.mark.parametrize("bits", [30, 100, 300])
def test_the_error_is_as_small_as_asked(bits):
    """The contract: about 2^-bits sqrt(q!) max(1, L)."""
    for sigma in ("1/1000", 1, 1000):
        found, _ = gaussian_moments([C.logistic], sigma=sigma, growth=(1, 0), count=30, bits=bits)
        for q in (0, 7, 29):
            assert found[q].rad() < ball(2) ** (-bits) * C.sqrt(ball(1) * _factorial(q))


def _factorial(q):
    return ball(1) if q == 0 else q * _factorial(q - 1)


def test_a_wide_sigma_holds_the_moments_of_its_points():
    """The scale may carry a radius: then it is a product of a constant with one, or comes from an irrational number."""
    wide = gaussian_moments([C.tanh], sigma=ball("sqrt(2)"), growth=(1, 0), count=3, bits=200)
    with precision(300):
        narrow = gaussian_moments([C.tanh], sigma=ball("sqrt(2)"), growth=(1, 0), count=3, bits=200)
    assert all(x.overlaps(y) for x, y in zip(wide[0], narrow[0], strict=True))


def test_what_is_missing_or_wrong_is_named():
    """No growth, a function of floats: no enclosure, and the warning says what to supply; a bad sigma is an error."""
    with pytest.warns(NoEnclosure, match="supply growth"):
        assert not gaussian_moments([C.tanh], sigma=1, growth=None, count=2, bits=53)[0][0].is_finite()
    with pytest.warns(NoEnclosure, match="does not run on balls"):
        assert not gaussian_moments([lambda x: x * 0.5], sigma=1, growth=(1, 1), count=2, bits=53)[1][1].is_finite()
    with pytest.raises(ValueError, match="sigma is 0"):
        gaussian_moments([C.tanh], sigma=0, growth=(1, 0), count=2, bits=53)
    with pytest.raises(ValueError, match="count is 0"):
        gaussian_moments([C.tanh], sigma=1, growth=(1, 0), count=0, bits=53)


def test_a_root_across_its_cut_gives_no_enclosure():
    """sqrt(x^2) is |x| on the line but not analytic at 0: the panels there are never accepted."""
    few = mutated(moments, {"_MAX_PANELS = 20_000": "_MAX_PANELS = 60"})
    found, _ = few.gaussian_moments([lambda x: C.sqrt(x * x)], sigma=1, growth=(1, 1), count=1, bits=30)
    assert not found[0].is_finite()


# Settings in which one bound is far larger than all else: a cut at 4, or four nodes on every panel.
NEAR_CUT = {
    "goal = arb(2) ** (-bits)": "goal = arb(10) ** 9",
    "T = arb(math.isqrt(2 * bits) + math.isqrt(count) + math.ceil(2 * float(self.r * s)) + 2)": "T = arb(CUT)",
}
FEW_NODES = {
    "self.n = bits // 3 + 8": "self.n = 4",
    "self.largest = scale * scale * arb(2) ** (-bits - 4)": "self.largest = arb(10) ** 9",
}
BOUND = "value = 2 * _power(g, m)"
TAIL = " + arb(0, tail.beyond[m][q])"
MUTANTS = {
    "the tail is forgotten": (NEAR_CUT, TAIL, "", "x^3 - x"),
    "the tail bound misses a factor": (NEAR_CUT, BOUND, "value = _power(g, m) / 8", "exp"),
    "the growth of f^2 is that of f": (NEAR_CUT, BOUND, "value = 2 * g", "exp"),
    "the tail of z^q is that of 1": (NEAR_CUT, "value = value * T", "value = value * 1", "exp"),
    "the error of the rule is forgotten": (FEW_NODES, "self.errors[m][q].upper()", "0", "logistic"),
    "the error of z^q is that of 1": (FEW_NODES, "first, second = first * R, second * R", "pass", "logistic"),
    "half of the line is not doubled": ({}, "(2 * x if parity else x)", "x", "sech^2"),
    "the parity of f is that of f^2": ({}, "parity**m *", "parity**2 *", "tanh"),
    "the kinks are not scaled": ({}, 'ball(k, "kinks") / s', 'ball(k, "kinks")', "ramp from -1/3 to 2"),
    "f is taken at z, not at sigma z": ({}, "real_value(f, self.s * z)", "real_value(f, z)", "tanh"),
    "the square is not taken": ({}, "append(weighted * y)", "append(weighted)", "tanh"),
    "the weight is e^(-z^2)": ({}, "(w * h * (-z * z / 2).exp())", "(w * h * (-z * z).exp())", "tanh"),
}


COUNT = 20


def holds(module, name):
    """Whether that module's moments hold those of the adaptive integrals."""
    pieces, kinks, growth, parity = SLOPES[name]
    f = {"kinks": kinks, "sigma": 2, "growth": growth}
    module.CUT = 12 if name == "exp" else 4  # beyond 4 r sigma the weight wins over e^(2 r sigma z)
    found = module.gaussian_moments(pieces, **f, count=COUNT, bits=40, parity=parity)
    exact = [
        [gaussian_integral(pieces, **f, power=q, squared=m, bits=100) for q in range(COUNT)] for m in (False, True)
    ]
    return all(encloses(x, y) for m in (0, 1) for x, y in zip(found[m], exact[m], strict=True))


@pytest.mark.parametrize("setting", [NEAR_CUT, FEW_NODES], ids=["near cut", "few nodes"])
@pytest.mark.parametrize("name", SLOPES)
def test_a_coarse_rule_still_holds_the_moments(name, setting):
    """What the bounds are for: the balls are wide, and right."""
    assert holds(mutated(moments, setting), name)


@pytest.mark.parametrize("what", MUTANTS)
def test_a_wrong_variant_is_caught(what):
    """Each changes one expression, and a moment leaves its ball."""
    setting, right, wrong, name = MUTANTS[what]
    assert not holds(mutated(moments, {**setting, right: wrong}), name)
