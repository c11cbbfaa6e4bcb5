"""phi.scaled(output=a, input=b) is a phi(b z), in every field."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onenn import activation
from onenn.activations import names
from onenn.contexts import FLOATS, SYMBOLS

TWELVE = names()[:12]
SCALES = [("sqrt(pi)/2", 1), (2, "-3/2"), (Fraction(-1, 3), 0.5), ("-sqrt(2)", "-1/sqrt(3)")]


@pytest.mark.parametrize("name", TWELVE)
@pytest.mark.parametrize(("a", "b"), SCALES)
def test_scaled_values_are_a_phi_of_bz(name, a, b):
    """The chain rule for phi' and phi''."""
    phi = activation(name)
    psi = phi.scaled(output=a, input=b)
    a, b = FLOATS.number(psi.output), FLOATS.number(psi.input)
    z = np.linspace(-3, 3, 30)  # 0, the kink, is not on the grid: there the right piece becomes the left one
    np.testing.assert_allclose(psi(z), a * phi(b * z), rtol=1e-14, atol=0)
    np.testing.assert_allclose(psi.derivative(z), a * b * phi.derivative(b * z), rtol=1e-14, atol=0)
    np.testing.assert_allclose(psi.second_derivative(z), a * b * b * phi.second_derivative(b * z), rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", TWELVE)
def test_scaling_by_one_returns_the_original_and_scaling_back_too(name):
    """(1, 1) is the identity, and (a, b) is undone by (1/a, 1/b)."""
    phi = activation(name)
    assert phi.scaled() is phi
    assert phi.scaled(output=1, input=Fraction(1)) is phi
    assert phi.scaled(output=3, input="-0.5").scaled(output="1/3", input=-2) is phi


@given(*[st.fractions(-4, 4, max_denominator=9).filter(bool)] * 4)
def test_scaling_composes(a, b, c, d):
    """scaled(a, b).scaled(c, d) = scaled(a c, b d), as values and as records."""
    phi = activation("gelu")
    twice, once = phi.scaled(output=a, input=b).scaled(output=c, input=d), phi.scaled(output=a * c, input=b * d)
    assert twice == once
    assert twice(0.3) == pytest.approx(once(0.3), rel=1e-14)
    assert twice.growth == once.growth
    assert twice.bounds == once.bounds


def test_a_sign_change_and_back_restores_the_bounds():
    """phi' <= 0 has no bound of the kind 0 <= phi'; reflecting twice has it again."""
    relu = activation("relu")
    assert relu.scaled(input=-1).bounds.first is None
    assert relu.scaled(output=-1, input=-1).bounds.first == 1
    assert relu.scaled(input=-1).scaled(output=-1).bounds.first == 1


def test_kinks_move_and_pieces_turn_round():
    """A kink at 1/2 moves to 1/(2 b); for b < 0 the pieces change order."""
    psi = activation("leaky_relu", slope="0.5").scaled(input=-2)
    assert psi.kinks == (0,)
    np.testing.assert_array_equal(psi.derivative([-1.0, 1.0]), [-2.0, -1.0])


def test_constants_are_exact():
    """A float means its shortest decimal; sqrt(pi)/2 stays an expression and enters SymPy as such."""
    assert activation("erf").scaled(input=0.1).input == Fraction(1, 10)
    psi = activation("erf").scaled(output="sqrt(pi)/2")
    z = SYMBOLS.Symbol("z")
    assert SYMBOLS.simplify(psi.pieces[0].derivative(SYMBOLS, z) - SYMBOLS.exp(-z * z)) == 0


@pytest.mark.parametrize(("argument", "value"), [("output", 0), ("input", "0"), ("input", 0.0)])
def test_zero_is_refused(argument, value):
    """It would leave a constant."""
    with pytest.raises(ValueError, match=argument):
        activation("tanh").scaled(**{argument: value})


def test_what_is_not_a_constant_is_named():
    """Errors name the argument."""
    with pytest.raises(TypeError, match="input"):
        activation("tanh").scaled(input=None)
    with pytest.raises(ValueError, match="not an exact number"):
        activation("tanh").scaled(output="two")
    with pytest.raises(ValueError, match="output is nan"):
        activation("tanh").scaled(output=float("nan"))
