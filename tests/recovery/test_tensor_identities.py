"""The exact identities of the moments: proved, and refuted where they are wrong; exact coefficients and routes."""

import numpy as np
import pytest
import sympy

from onenn import Verdict, activation, register_activation
from onenn.activations import names
from onenn.gaussian import closed_form
from onenn.recovery import direction_identities as directions
from onenn.recovery import hermite_moments, route
from onenn.recovery import tensor_identities as identities
from onenn.recovery.population import hermite_moment

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED


@pytest.mark.parametrize("j", [1, 2, 3, 4])
def test_the_moments_are_rank_one_per_unit(j):
    """Polynomials and rectified powers, every entry multiplied out."""
    assert identities.polynomial_moments_agree(j, degree=5) == PROVED
    assert all(identities.rectified_moments_agree(j, q) == PROVED for q in (1, 2))


@pytest.mark.parametrize("j", [2, 3, 4])
def test_other_inputs_have_other_moments(j):
    """Independent signs have the mean and covariance of normal inputs, and x_1^2 - 1 = 0."""
    assert identities.polynomial_moments_agree(j, degree=4, signs=True) == REFUTED


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


def test_fits_of_low_degree_are_invisible_to_high_moments():
    """Orthogonality; a cubic is seen by M_3, and the norms of the tensors are j! times the dimension of Sym^j."""
    assert all(identities.fit_is_invisible_to(j) == PROVED for j in (2, 3, 4))
    assert identities.fit_is_invisible_to(3, degree=3) == REFUTED
    assert identities.fit_is_invisible_to(2, symmetric=False) == REFUTED
    assert [identities.square_norm(j, 3) for j in (1, 2, 3)] == [3, 12, 60]


def test_the_noise_across_the_span_is_proportional_to_its_dimension():
    """Every y of degree two in z; not when y sees one of the other directions."""
    assert identities.noise_across_the_span_agrees(1, 2) == PROVED
    assert identities.noise_across_the_span_agrees(1, 2, seen=1) == REFUTED


def test_two_contractions_show_independent_rows_and_no_others():
    """Exact eigenvectors; dependent rows, equal directions and a singular contraction are refuted with the reason."""
    show = directions.contractions_show_the_rows
    assert show([(1, 2, 0), (0, 1, 1), (2, 0, 1)], (1, -1, 3), (1, 0, 0), (1, 2, 3)) == PROVED
    refused = {
        "no eigenvector": ([(3, 4), (5, -12), (4, 3)], (1, -1, 1), (1, 0), (2, 1)),
        "agree": ([(3, 4), (5, -12)], (1, -1), (2, 1), (2, 1)),
        "singular": ([(1, 0), (0, 1)], (1, 1), (1, 1), (1, 0)),
    }
    for words, arguments in refused.items():
        found = show(*arguments)
        assert found == REFUTED
        assert words in found.reason


def test_inertia_is_that_of_the_weights():
    """Sylvester: as many eigenvalues of each sign as weights, and the rest zero; against floating-point eigenvalues."""
    rng = np.random.default_rng(0)
    for k in (1, 2, 4):
        rows, weights = rng.integers(-4, 5, (k, 5)), rng.choice([-2, 1], k)
        values = np.linalg.eigvalsh(rows.T @ np.diag(weights) @ rows)
        expected = int(np.sum(values > 1e-9)), int(np.sum(values < -1e-9))
        found = directions.inertia([tuple(map(int, row)) for row in rows], [int(c) for c in weights])
        assert found == expected == (int(np.sum(weights > 0)), int(np.sum(weights < 0)))


def test_projections_of_a_random_vector_have_the_moments_of_a_beta_variable():
    """By quadrature of the density; no mean of 1/|t|."""
    from scipy.integrate import quad

    def moment(m, p):
        return quad(lambda t: t**p * (1 - t * t) ** ((m - 3) / 2), 0, 1)[0]

    for m, power, p in ((3, 2, 2), (5, 4, 4), (7, "-1/2", -0.5)):
        assert abs(float(directions.projection_moment(m, power)) - moment(m, p) / moment(m, 0)) < 1e-9
    assert directions.projection_moment(4, -1) == sympy.oo


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
    with pytest.raises(ValueError, match=f"phi is {name}, which is .*not positively homogeneous") as error:
        route(name)
    assert ("M_2 = M_4 = 0" in str(error.value)) == (name == "tanh")
