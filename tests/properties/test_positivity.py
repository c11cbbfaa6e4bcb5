"""rho > 0 on intervals: proved where it is so, refuted for degree two, open where nothing is known."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onenn import activation
from onenn.activations import Growth, register_activation
from onenn.gaussian import rho
from onenn.properties import rho_positive_on
from onenn.properties.positivity import round_down
from onenn.rigorous import ball, precision
from onenn.verdict import Verdict


def certified(verdict):
    """The lower bound in the reason."""
    return float(verdict.reason.split("rho >= ")[1].split()[0])


@pytest.mark.parametrize("name", ["tanh", "softplus", "erf", "exp"])
@pytest.mark.parametrize("terms", [2, 3])
def test_rho_is_positive_on_a_decade_with_a_bound_near_the_least_value(name, terms):
    """Independent route for the bound: the floats on a grid, whose minimum it may not exceed nor miss by half."""
    verdict = rho_positive_on(name, "0.1", 1, terms=terms)
    least = rho(name, np.geomspace(0.1, 1, 200), terms=terms).min()
    assert verdict == Verdict.PROVED
    assert least / 2 < certified(verdict) <= least


def test_the_squares_of_scalings_pass_through():
    """rho of a phi(b z) is (a b)^2 rho(|b| sigma)."""
    paper = rho_positive_on(activation("erf").scaled(output="sqrt(pi)/2"), "0.1", 10, terms=3)
    assert paper == Verdict.PROVED and 2.4e-5 < certified(paper) <= 2.475187e-5


@pytest.mark.parametrize("name", ["linear", "quadratic"])
@pytest.mark.parametrize("terms", [2, 3])
def test_polynomials_of_degree_two_are_refuted(name, terms):
    """T1 is exactly 0, and T3 of the quadratic is -4 sigma^2: the control that must fail."""
    assert rho_positive_on(name, "0.1", 10, terms=terms) == Verdict.REFUTED


def test_a_term_that_is_negative_somewhere_is_refuted_there():
    """Of |z| - z/2, with slopes -3/2 and 1/2, alpha_0 is negative and alpha_1^2 exceeds alpha_0 alpha_2."""
    phi = activation("leaky_relu", slope="-3")
    assert rho_positive_on(phi, "0.1", 10) == Verdict.PROVED
    assert rho_positive_on(phi, "0.1", 10, terms=3) == Verdict.REFUTED


def test_an_activation_of_a_user_is_decided_or_left_open():
    """With growth it is decided; without, UNDECIDED, and the reason says what to supply."""
    parts = (lambda C, z: C.atan(z), lambda C, z: 1 / (1 + z * z))
    phi = register_activation("arctan in an interval", *parts, growth=Growth(Fraction(1, 2)), replace=True)
    assert rho_positive_on(phi, "1/2", 1) == Verdict.PROVED
    bare = register_activation("arctan in an interval", *parts, replace=True)
    verdict = rho_positive_on(bare, "1/2", 1)
    assert verdict == Verdict.UNDECIDED and "growth=Growth" in verdict.reason


@pytest.mark.parametrize(("a", "b"), [(0, 1), (-1, 1), (2, 1)])
def test_an_interval_that_is_none_is_named(a, b):
    """sigma is positive, and an interval has its ends in order."""
    with pytest.raises(ValueError, match=rf"a is {a} and b is {b}; expected 0 < a <= b"):
        rho_positive_on("tanh", a, b)
    with pytest.raises(TypeError, match="a is the float"):
        rho_positive_on("tanh", 0.5, 1)


@given(st.fractions(Fraction(1, 10**12), 1000), st.integers(1, 12))
def test_a_printed_bound_is_below_the_number(x, digits):
    """A lower bound rounded to the nearest digits would be no lower bound."""
    with precision(200):
        printed = Decimal(round_down(ball(x), digits))
    assert Fraction(printed) <= x < Fraction(printed) * (1 + Fraction(10) ** (1 - digits)) + Fraction(1, 10**40)
