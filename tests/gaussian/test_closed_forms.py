"""closed_form(phi): exact identities between the SymPy expressions, and the table of the chapter, entry by entry."""

import pytest
import sympy as sp

from onenn import activation
from onenn.gaussian import closed_form

COMPLETE = ("linear", "quadratic", "relu", "leaky_relu", "squared_relu", "quartic_relu", "erf", "exp", "gelu")
PARTIAL = ("tanh", "sigmoid", "softplus")
s = sp.Symbol("sigma", positive=True)
R = sp.sqrt(2 * sp.pi)
A, B = 1 + 2 * s**2, 1 + 4 * s**2
c1 = sp.Rational(1, 4) - 1 / (2 * sp.pi)


@pytest.mark.parametrize("name", COMPLETE)
def test_residuals_are_exactly_the_differences_of_moments(name):
    """T1 = beta_0 - alpha_0^2 - alpha_1^2 and so on as expressions, although they are written without cancellation."""
    form = closed_form(name)
    (a0, a1, a2), (b0, _, b2) = form.alpha, form.beta
    assert sp.simplify(form.T1 - (b0 - a0**2 - a1**2)) == 0
    assert sp.simplify(form.T2 - (b2 - a1**2 - a2**2)) == 0
    assert sp.simplify(form.T3 - (a0 * a2 - a1**2)) == 0


@pytest.mark.parametrize("name", COMPLETE)
def test_steins_identity_holds_exactly(name):
    """gamma_{j+1} = j gamma_{j-1} + sigma alpha_j: integration by parts ties the moments of phi to those of phi'."""
    form = closed_form(name)
    for j in range(3):
        earlier = j * form.gamma[j - 1] if j else 0
        assert sp.simplify(form.gamma[j + 1] - earlier - s * form.alpha[j]) == 0


def test_vanishing_residuals_are_exact_zeros():
    """The exact 0 that refutes a strict inequality: T1 of linear and quadratic, T2 of linear; T3 of quadratic < 0."""
    linear, quadratic = closed_form("linear"), closed_form("quadratic")
    assert linear.T1 == linear.T2 == quadratic.T1 == 0
    assert quadratic.T3 == -4 * s**2


@pytest.mark.parametrize(
    ("name", "T1", "T2", "T3"),
    [
        ("relu", c1, c1, c1),
        ("squared_relu", (1 - 2 / sp.pi) * s**2, (5 - 8 / sp.pi) * s**2, (4 / sp.pi - 1) * s**2),
        (
            "exp",
            sp.exp(s**2) * (sp.exp(s**2) - 1 - s**2),
            (1 + 4 * s**2) * sp.exp(2 * s**2) - sp.exp(s**2) * (1 + 3 * s**2 + s**4),
            sp.exp(s**2),
        ),
        ("erf", *(4 / sp.pi * t for t in (B ** sp.Rational(-1, 2) - 1 / A, B ** sp.Rational(-3, 2) - A**-3, A**-2))),
    ],
)
def test_the_table_of_residuals(name, T1, T2, T3):
    """The textbook forms, written out here by hand."""
    form = closed_form(name)
    for ours, textbook in ((form.T1, T1), (form.T2, T2), (form.T3, T3)):
        assert sp.simplify(ours - textbook) == 0


def test_the_table_of_moments_of_the_quartic():
    """alpha, beta of z^4 + 4 z on z >= 0, from E[z_+^n]."""
    form = closed_form("quartic_relu")
    alpha = (8 * s**3 / R + 2, 6 * s**3 + 4 / R, 32 * s**3 / R + 2)
    assert [sp.simplify(x - y) for x, y in zip(form.alpha, alpha, strict=True)] == [0, 0, 0]
    assert sp.simplify(form.beta[0] - (120 * s**6 + 64 * s**3 / R + 8)) == 0
    assert sp.simplify(form.beta[2] - (840 * s**6 + 256 * s**3 / R + 8)) == 0


def test_leaky_relu_keeps_its_slope_exact():
    """T1 = (1 - c)^2 c1, T3 = (1 + c)^2/4 - (1 - c)^2/(2 pi); c = 1 is the linear activation, T1 = 0."""
    c = sp.Rational(1, 10)
    form = closed_form(activation("leaky_relu", slope=0.1))
    assert sp.simplify(form.T1 - (1 - c) ** 2 * c1) == 0
    assert sp.simplify(form.T3 - ((1 + c) ** 2 / 4 - (1 - c) ** 2 / (2 * sp.pi))) == 0
    assert closed_form(activation("leaky_relu", slope=1)).T1 == 0


def test_the_papers_erf_is_a_scaled_one():
    """int_0^z e^{-t^2} dt = (sqrt(pi)/2) erf(z): T3 = A^-2."""
    form = closed_form(activation("erf").scaled(output="sqrt(pi)/2"))
    assert sp.simplify(form.T3 - A**-2) == 0
    assert sp.simplify(form.alpha[0] - A ** sp.Rational(-1, 2)) == 0


@pytest.mark.parametrize("name", PARTIAL)
def test_what_is_not_elementary_is_none(name):
    """tanh, sigmoid, softplus: no closed T; only the moments that symmetry fixes."""
    form = closed_form(name)
    assert form.T1 is form.T2 is form.T3 is None
    assert form.beta == (None, None, None)
    half = sp.Rational(1, 2)
    assert form.alpha == ((half, None, half) if name == "softplus" else (None, None, None))
