"""The exact identities of the moments: proved, and refuted where they are wrong; exact coefficients and routes."""

import pytest
import sympy

from onenn import Verdict, activation, register_activation
from onenn.activations import names
from onenn.gaussian import closed_form
from onenn.recovery import hermite_moments, route
from onenn.recovery import tensor_identities as identities
from onenn.recovery.population import hermite_moment

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED


@pytest.mark.parametrize("j", [1, 2, 3, 4])
def test_the_moments_are_rank_one_per_unit(j):
    """Polynomials and rectified powers, every entry multiplied out."""
    assert identities.polynomial_moments_agree(j, degree=5) == PROVED
    assert all(identities.rectified_moments_agree(j, q) == PROVED for q in (1, 2))


def test_six_pairings_are_one_too_many_for_each():
    """The entry x_1^4 is off by 3 E[y]."""
    assert identities.polynomial_moments_agree(4, degree=4, pairings=6) == REFUTED
    found = identities.rectified_moments_agree(4, 1, pairings=6)
    assert found == REFUTED
    assert "3*sqrt(2)*s*(p + r)/(2*sqrt(pi))" in found.reason


def test_the_risk_is_the_sum_of_moment_distances():
    """With every order and every factorial."""
    assert identities.risk_is_sum_of_moment_distances(degree=3, orders=3) == PROVED
    assert identities.risk_is_sum_of_moment_distances(degree=3, orders=2) == REFUTED
    assert identities.risk_is_sum_of_moment_distances(degree=3, orders=3, factorials=False) == REFUTED


def test_homogeneous_moments_have_four_formulas():
    """By the Gamma function, for degrees 1 to 6."""
    assert all(identities.homogeneous_moments_agree(q) == PROVED for q in range(1, 7))


@pytest.mark.parametrize("name", [n for n in names() if activation(n).homogeneity])
def test_exact_moments_are_those_of_the_closed_forms(name):
    """Independent route: m_j from the registered gamma_0, ..., gamma_4."""
    form = closed_form(name)
    g = form.gamma
    combined = (g[1], g[2] - g[0], g[3] - 3 * g[1], g[4] - 6 * g[2] + 3 * g[0])
    q = activation(name).homogeneity
    for found, other in zip(hermite_moments(name), combined, strict=True):
        assert sympy.simplify(found * form.sigma**q - other) == 0


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_the_float_moments_are_the_exact_ones(name):
    """Stein's identity and quadrature against half moments."""
    q = activation(name).homogeneity
    for j, exact in enumerate(hermite_moments(name), start=1):
        assert abs(hermite_moment(name, j, 1.7) - float(exact) * 1.7**q) < 1e-13


def test_routes_are_those_of_the_table():
    """(j_2, j_3, M_1, M_2) for the named activations, an odd and an even one."""
    odd = register_activation("odd_square_route", lambda z: z * abs(z), lambda z: 2 * abs(z), homogeneity=2)
    table = {
        activation("relu"): (2, 4, True, True),
        activation("leaky_relu"): (2, 4, True, True),
        activation("squared_relu"): (2, 3, True, True),
        activation("leaky_relu", slope=-1): (2, 4, False, True),
        odd: (3, 3, True, False),
        activation("squared_relu").scaled(input=-3, output="pi"): (2, 3, True, True),
    }
    for phi, expected in table.items():
        found = route(phi)
        assert (found.subspace, found.tensor, found.linear, found.even) == expected


@pytest.mark.parametrize("phi", ["linear", "quadratic", activation("leaky_relu", slope=1)])
def test_no_route_where_both_tensors_vanish(phi):
    """Assumption 5.3, named."""
    with pytest.raises(ValueError, match=r"M_3 and M_4 both vanish \(Assumption 5.3\)"):
        route(phi)


@pytest.mark.parametrize("name", ["tanh", "gelu", "exp", "quartic_relu"])
def test_no_route_without_homogeneity(name):
    """Lengths and output weights are not told apart."""
    with pytest.raises(ValueError, match=f"phi is {name}, which is not positively homogeneous"):
        route(name)
