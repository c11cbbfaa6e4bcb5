"""Rank over the rationals, and the sign of closed forms, where equality must be told from almost-equality."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from onenn.rigorous import ball, kernel_dimension, precision, rank, strictly_positive
from onenn.rigorous.symbolic import expression_ball
from onenn.verdict import Verdict

entries = st.fractions(-3, 3, max_denominator=6)
sigma = sympy.Symbol("sigma", positive=True)
x = sympy.Symbol("x", real=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 4), st.data())
def test_rank_of_a_product_is_at_most_its_inner_dimension_and_agrees_with_elimination(m, n, r, data):
    """Independent route: SymPy's exact elimination; a product through R^r has rank at most r."""
    L = [[data.draw(entries) for _ in range(r)] for _ in range(m)]
    R = [[data.draw(entries) for _ in range(n)] for _ in range(r)]
    A = [[sum((L[i][k] * R[k][j] for k in range(r)), Fraction(0)) for j in range(n)] for i in range(m)]
    exact = rank(A)
    assert exact <= r
    assert exact == sympy.Matrix(A).rank()
    assert kernel_dimension(A) == n - exact
    assert rank(list(zip(*A, strict=True))) == exact


def test_rank_sees_a_difference_that_doubles_do_not():
    """[[1, 1], [1, 1 + 10^-40]] is regular; in doubles its rank is 1."""
    assert rank([[1, 1], [1, 1 + Fraction(1, 10**40)]]) == 2
    assert kernel_dimension([[1, 1], [1, 1]]) == 1


def test_rank_takes_integer_arrays_fractions_and_rational_matrices():
    """The exact number types, however they come."""
    assert rank(np.arange(9).reshape(3, 3)) == rank(fmpq_mat(3, 3, list(range(9)))) == 2
    assert rank([[sympy.Rational(1, 2), sympy.Integer(1)]]) == 1
    assert rank([[0, 0]]) == 0 and kernel_dimension([[0, 0]]) == 2


@pytest.mark.parametrize("rows", [[[0.5]], np.eye(2), [["1/2"]], [[True]]])
def test_rank_refuses_what_is_not_exact(rows):
    """A float has no rank over Q that one could mean."""
    with pytest.raises(TypeError, match="expected ints or Fractions"):
        rank(rows)


@pytest.mark.parametrize("rows", [[], [[]], [[1, 2], [3]]])
def test_rank_refuses_empty_and_ragged_rows(rows):
    """A matrix has one positive row length."""
    with pytest.raises(ValueError, match="rows of lengths"):
        rank(rows)


POSITIVE = [
    1,
    Fraction(1, 3),
    np.int64(2),
    sympy.sqrt(2) - sympy.Rational(14142135623730950, 10**16),
    sympy.Rational(1, 4) - 1 / (2 * sympy.pi),
    sympy.exp(sympy.pi) - sympy.pi - sympy.Rational(199990999, 10**7),
    sympy.erf(1) - sympy.Rational(8427007929497148, 10**16),
    sympy.atan(1) * sympy.log(3),
    2 ** sympy.Rational(1, 3) - 1,
    sympy.sqrt(2) ** 3 / sympy.sqrt(3),
    sigma**2 + 3 * sigma,
    sigma**4 * (sympy.Rational(1, 4) - 1 / (2 * sympy.pi)),
]
NOT_POSITIVE = [
    0,
    -1,
    Fraction(-1, 3),
    sympy.sqrt(2) * sympy.sqrt(3) - sympy.sqrt(6),
    sympy.sqrt(5 + 2 * sympy.sqrt(6)) - sympy.sqrt(2) - sympy.sqrt(3),
    sympy.sin(1) ** 2 + sympy.cos(1) ** 2 - 1,
    sympy.Rational(14142135623730950, 10**16) - sympy.sqrt(2),
    3 - sympy.pi,
    -sigma,
    (sigma + 1) ** 2 - sigma**2 - 2 * sigma - 1,
    -(x**2),
]


@pytest.mark.parametrize("expression", POSITIVE, ids=str)
def test_a_positive_closed_form_is_proved_positive(expression):
    """Constants by balls, expressions by the assumptions on their symbols."""
    assert strictly_positive(expression) == Verdict.PROVED


@pytest.mark.parametrize("expression", NOT_POSITIVE, ids=str)
def test_zero_and_negative_closed_forms_are_refuted(expression):
    """An exact 0, however it is written, refutes a strict inequality."""
    verdict = strictly_positive(expression)
    assert verdict == Verdict.REFUTED and verdict.reason


@pytest.mark.parametrize("expression", [1 - sigma, x, x**2, sympy.Symbol("a"), sympy.I, sympy.zeta(3)], ids=str)
def test_what_does_not_follow_stays_undecided(expression):
    """1 - sigma has both signs, x^2 vanishes at 0, and an unknown function has no ball."""
    assert strictly_positive(expression, cap=128) == Verdict.UNDECIDED


@pytest.mark.parametrize("expression", [0.5, np.float64(1), sympy.Float("0.1") * sympy.pi], ids=str)
def test_floats_have_no_exact_sign(expression):
    """A rounded number may have lost the sign that is asked for."""
    with pytest.raises(TypeError, match="float"):
        strictly_positive(expression)


@pytest.mark.parametrize("expression", POSITIVE[3:10], ids=str)
def test_the_ball_of_a_closed_form_holds_its_decimal_expansion(expression):
    """Independent route: SymPy's evalf to 40 digits."""
    with precision(150):
        value, decimal = expression_ball(expression), ball(str(expression.evalf(40)))
        assert value.rad() < ball("1e-40")
        assert value.overlaps(decimal + arb(0, "1e-37"))
