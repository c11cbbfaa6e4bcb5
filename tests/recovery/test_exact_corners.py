"""Corners of the exact checks: what is undecided, refused or zero, and what an exact refutation says is missing."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from onenn import OneHiddenLayer, Verdict, activation
from onenn.recovery import (
    hermite_moments,
    least_squares_estimate,
    same_after_reflection,
    samples,
    unbiased_and_bounded,
)
from onenn.recovery import tensor_identities as identities
from onenn.recovery.counting import blind_direction, blind_reach, fitting_patterns, same_values, sign_patterns
from onenn.recovery.normal_form import flippable, is_even, is_odd, normal_form
from onenn.recovery.route import half_moment

RNG = np.random.default_rng(0)


def test_an_estimate_that_is_twice_too_large_is_not_decided():
    """B = 2 P is biased; B B^T - (J^T J)^-1 = 3 (J^T J)^-1 is no square (B - P)(B - P)^T, and no diagonal refutes."""
    J = RNG.integers(-3, 4, (5, 2))
    P, _ = least_squares_estimate(J)
    biased, bounded = unbiased_and_bounded(2 * P, J)
    assert biased == Verdict.REFUTED and bounded == Verdict.UNDECIDED and "negative entry" in bounded.reason
    assert [v.value for v in unbiased_and_bounded(P, J)] == ["PROVED", "PROVED"]
    assert [v.value for v in unbiased_and_bounded(P * Fraction(999, 1000), J)] == ["REFUTED", "REFUTED"]


def test_without_a_law_of_reflection_nothing_is_the_same():
    """exp and squared ReLU: said with the reason."""
    for name in ("exp", "squared_relu"):
        found = same_after_reflection(OneHiddenLayer([[1, 0]], [1], name), [0])
        assert found == Verdict.REFUTED and "no law of reflection" in found.reason


def test_the_noise_that_y_sees_is_counted_twice():
    """y = c z u: E y^2 u^2 z^2 = 9 c^2, and E y^2 z^2 = 3 c^2: the difference of the two sides holds 6 c^2."""
    found = identities.noise_across_the_span_agrees(1, 1, seen=1)
    assert found == Verdict.REFUTED
    c = sympy.symbols("c:6")
    rest = sympy.Poly(sympy.sympify(found.reason.split("differs by ")[1]), *c)
    assert rest.total_degree() == 2 and rest.coeff_monomial(c[4] ** 2) == 6
    # (c5 u^2)^2: E u^6 z^2 - E u^4 z^2 = 15 - 3; (c2 u)^2: E u^4 z^2 - E u^2 z^2 = 3 - 1
    assert [rest.coeff_monomial(c[i] ** 2) for i in (5, 2, 1, 3)] == [12, 2, 0, 0]


@pytest.mark.parametrize("n", range(7))
def test_half_moments_are_halves_of_absolute_moments(n):
    """E |z|^n = 2^(n/2) Gamma((n + 1)/2)/sqrt(pi), half of it on the positive side; E 1{z > 0} = 1/2."""
    whole = 2 ** sympy.Rational(n, 2) * sympy.gamma(sympy.Rational(n + 1, 2)) / sympy.sqrt(sympy.pi)
    assert sympy.simplify(half_moment(n) - whole / 2) == 0


def test_moments_of_a_function_of_arrays_are_those_of_its_values():
    """-3 max(-z, 0)^2 = -3 (z_-)^2: m_j = (-1)^j (-3) E[z_+^2 He_j(z)]."""
    from onenn import register_activation

    phi = register_activation(
        "left_square", lambda z: -3 * np.minimum(z, 0) ** 2, lambda z: -6 * np.minimum(z, 0), homogeneity=2
    )
    for j, (left, right) in enumerate(zip(hermite_moments(phi), hermite_moments("squared_relu"), strict=True), start=1):
        assert sympy.simplify(left - (-3) * (-1) ** j * right) == 0


def test_a_blind_direction_reaches_to_the_first_kink():
    """Exactly there the values still agree, a hair beyond they do not; another scale of N is another reach."""
    network = OneHiddenLayer([[3, 1], [1, -2]], [1, -1], "relu")
    X = [[1, 2], [2, -1]]
    N = blind_direction(network, X)
    reach = blind_reach(network, N, X)
    assert reach > 0 and any(N.ravel())
    assert blind_reach(network, 2 * N, X) == reach / 2
    assert same_values(network, X, N, reach) == same_values(network, X, N, -reach) == Verdict.PROVED
    beyond = [same_values(network, X, N, t * reach * Fraction(1001, 1000)) for t in (1, -1)]
    assert Verdict.REFUTED in beyond
    assert blind_reach(network, np.array([[2, -1], [0, 0]]) * Fraction(0), X) is None
    assert blind_direction(OneHiddenLayer([[1, 1]], [1], "relu"), [[1, 0], [0, 1]]) is None


def test_sign_patterns_are_those_of_a_fine_circle():
    """Directions by the thousand against the sectors; opposite and repeated inputs make no sector."""
    for X in ([[1, 0], [0, 1], [1, 1]], [[1, 2], [-2, -4], [3, -1]], [[2, 1], [4, 2]], [[1, 0], [-1, 0]]):
        angles = np.linspace(0, 2 * np.pi, 9_991, endpoint=False) + 1e-4
        seen = np.unique((np.column_stack([np.cos(angles), np.sin(angles)]) @ np.array(X).T > 0).astype(int), axis=0)
        found = sign_patterns(X)
        assert sorted(found) == [tuple(row) for row in seen.tolist()] and len(set(found)) == len(found)
    with pytest.raises(ValueError, match="3 columns"):
        sign_patterns([[1, 2, 3]])


def test_two_units_fit_what_one_cannot():
    """Labels of a network of two units have a pattern of two; those of one unit have one, and more with two."""
    X = [[1, 0], [0, 1], [1, 1], [-1, 2]]
    one = [max(a + b, 0) for a, b in X]
    two = [y - max(2 * a - b, 0) for y, (a, b) in zip(one, X, strict=True)]
    n = len(sign_patterns(X))
    for y, k, fits in ((one, 1, True), (two, 1, False), (two, 2, True), (one, 2, True)):
        count, of = fitting_patterns(X, y, k)
        assert (count > 0) == fits and of == (n if k == 1 else n * (n + 1) // 2)


def test_samples_are_samples_already():
    """And other functions of the activations: odd, even, neither; seventeen units are not searched for flips."""
    data = samples(np.ones((3, 2)), np.arange(3.0))
    assert samples(data) is data
    assert [is_odd(activation(n)) for n in ("tanh", "erf", "sigmoid", "relu", "quadratic")] == [True, True] + [
        False
    ] * 3
    assert [is_even(activation(n)) for n in ("quadratic", "relu", "tanh")] == [True, False, False]
    v = np.where(np.arange(17) % 2, 1.0, -1.0)
    W = RNG.standard_normal((17, 3))
    assert flippable(OneHiddenLayer(W, v, "sigmoid")) == [] != flippable(OneHiddenLayer(W[1:], v[1:], "sigmoid"))


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh", "quadratic", "sigmoid"])
def test_a_unit_without_weight_is_the_row_zero_or_stays(name):
    """v_i = 0: of homogeneous phi the row becomes 0 and v_i = 1; units from long to short, ties as they came."""
    net = OneHiddenLayer([[1.0, 0.0], [3.0, 4.0], [0.0, -1.0]], [2.0, 0.0, -0.5], name)
    form, X = normal_form(net), RNG.standard_normal((9, 2))
    assert np.allclose(form.predict(X), net.predict(X), atol=1e-12)
    lengths = np.linalg.norm(form.W, axis=1)
    assert np.all(np.diff(lengths) <= 0)
    if net.phi.homogeneity:
        assert not form.W[2].any() and set(np.abs(form.v)) == {1.0}
    elif is_odd(net.phi):
        assert np.all(form.v >= 0) and np.allclose(form.W[1], [1.0, 0.0])
    elif name == "sigmoid":
        assert np.allclose(form.W, net.W[[1, 0, 2]])
