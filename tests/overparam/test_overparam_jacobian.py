"""The Jacobian, its Gram matrix and its bounds; Khatri-Rao products; the expected kernel and what bounds it below."""

import dataclasses
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation
from onenn.gaussian import dual_derivative, hermite
from onenn.overparam import (
    curvature_bound,
    expected_kernel,
    hermite_bounds,
    jacobian,
    jacobian_gram,
    kappa,
    khatri_rao,
    khatri_rao_gram,
    khatri_rao_singular_value,
    least_eigenvalue,
    limit_beyond_wall,
    limit_eigenvalue,
    lipschitz_bound,
    lipschitz_bound_holds,
    normalized,
    partial_bound,
    random_inputs_law,
    rank_wall,
    series_error,
    singular_values,
    slope_bound,
    spectral_bound,
    spectral_bound_holds,
    unit_inputs,
)
from onenn.overparam.certificate_ball import gram_ball
from onenn.rigorous import symmetric_eigenvalues

NAMES = ["softplus", "tanh", "relu", "gelu", "erf", "sigmoid", "leaky_relu", "quadratic", "linear"]
RNG = np.random.default_rng(1)
X = unit_inputs(12, 5, rng=RNG)
W, V = RNG.standard_normal((7, 5)), RNG.standard_normal(7)


def net(name, W=W):
    return OneHiddenLayer(W, V, name)


@pytest.mark.parametrize("name", NAMES)
def test_the_jacobian_is_the_derivative_of_the_outputs(name):
    """Central differences in every entry of W; and its Gram matrix by the product identity."""
    J, h = jacobian(net(name), X), 1e-6
    for j, p in product(range(7), range(5)):
        E = np.zeros_like(W)
        E[j, p] = h
        difference = (net(name, W + E).predict(X) - net(name, W - E).predict(X)) / (2 * h)
        assert np.allclose(J[:, 5 * j + p], difference, rtol=0, atol=1e-8)
    assert np.allclose(jacobian_gram(net(name), X), J @ J.T, rtol=1e-13, atol=1e-13)


def test_the_gram_identity_is_exact_on_integers():
    """No rounding at all: quadratic activation, integers, plain sums in Fractions."""
    rows, W, v = [[1, 2], [3, -1], [0, 5]], [[2, 1], [-1, 4]], [3, -2]
    J = [
        [
            Fraction(2 * a * sum(p * q for p, q in zip(w, x, strict=True)) * t)
            for w, a in zip(W, v, strict=True)
            for t in x
        ]
        for x in rows
    ]
    expected = [[int(sum(a * b for a, b in zip(one, two, strict=True))) for two in J] for one in J]
    assert jacobian_gram(OneHiddenLayer(W, v, "quadratic"), rows).tolist() == expected


@pytest.mark.parametrize(("n", "route"), [(12, "J J^T"), (40, "J^T J")])
def test_both_routes_find_the_singular_values(n, route):
    """Against a decomposition of J; with more samples than parameters the n-th is 0."""
    x = unit_inputs(n, 5, rng=3)
    found, s = singular_values(net("softplus"), x), np.linalg.svd(jacobian(net("softplus"), x), compute_uv=False)
    assert found.route == route
    assert found.largest == pytest.approx(s[0], rel=1e-12)
    assert found.least == (0.0 if n > 35 else pytest.approx(s[-1], rel=1e-9))


def test_a_small_singular_value_keeps_its_digits():
    """Two almost equal inputs: the square would have lost them all."""
    x = normalized([[1, 0, 0, 0, 0], [1, 1e-7, 0, 0, 0]])
    found = singular_values(net("softplus"), x)
    assert found.route == "J"
    assert found.least == pytest.approx(np.linalg.svd(jacobian(net("softplus"), x), compute_uv=False)[-1], rel=1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if slope_bound(name) is not None])
def test_the_spectral_bound_holds_everywhere(name):
    """Small, usual and huge weights."""
    for scale in (1e-3, 1.0, 1e3):
        assert singular_values(net(name, scale * W), X).largest <= spectral_bound(net(name), X) * (1 + 1e-12)


@pytest.mark.parametrize("name", [name for name in NAMES if curvature_bound(name) is not None])
def test_the_lipschitz_bound_holds_in_the_spectral_norm(name):
    """Random pairs near and far, inputs not on the sphere; equality for quadratic with one unit and one input."""
    x = X * RNG.uniform(0.5, 2, (12, 1))
    L = lipschitz_bound(net(name), x)
    for scale in (1e-3, 0.1, 1.0, 10.0):
        D = scale * RNG.standard_normal(W.shape)
        change = np.linalg.norm(jacobian(net(name, W + D), x) - jacobian(net(name), x), 2)
        assert change <= L * np.linalg.norm(D, 2) * (1 + 1e-9) + 1e-12
    one = [OneHiddenLayer([[z]], [3.0], "quadratic") for z in (1.0, 2.0)]
    assert jacobian(one[1], [[2.0]])[0, 0] - jacobian(one[0], [[2.0]])[0, 0] == lipschitz_bound(one[0], [[2.0]])


def test_the_largest_entry_of_v_decides_the_lipschitz_constant():
    """With the mean size |v|/sqrt(k) in its place the bound is wrong: all the change may be in one unit."""
    w, v = np.zeros((4, 1)), np.array([1.0, 0, 0, 0])
    steps = w.copy()
    steps[0, 0] = 1e-3
    change = np.linalg.norm(
        jacobian(OneHiddenLayer(steps, v, "softplus"), [[1.0]]) - jacobian(OneHiddenLayer(w, v, "softplus"), [[1.0]])
    )
    wrong = 0.25 * np.linalg.norm(v) / 2 * 1e-3
    assert (
        wrong < 0.6 * change < change <= lipschitz_bound(OneHiddenLayer(w, v, "softplus"), [[1.0]]) * 1e-3 * (1 + 1e-9)
    )


def test_khatri_rao_products_are_products_row_by_row():
    """Against numpy.kron; the Gram matrix is the entrywise product; powers."""
    A, B = RNG.standard_normal((2, 6, 3))
    assert np.allclose(khatri_rao(A, B), [np.kron(a, b) for a, b in zip(A, B, strict=True)])
    assert np.allclose(khatri_rao(A, B) @ khatri_rao(A, B).T, (A @ A.T) * (B @ B.T))
    cube = khatri_rao(A, khatri_rao(A, A))
    assert np.allclose(khatri_rao_gram(A, 3), cube @ cube.T)
    assert khatri_rao_singular_value(A, 3) == pytest.approx(np.linalg.svd(cube, compute_uv=False)[-1], rel=1e-8)


@pytest.mark.parametrize(("d", "power"), [(3, 2), (4, 2), (3, 3)])
def test_the_rank_stops_at_the_number_of_monomials(d, power):
    """As many generic rows as there are monomials are independent, one more is not."""
    wall = rank_wall(d, power)
    assert wall == comb(d + power - 1, power)
    x = unit_inputs(wall + 1, d, rng=5)
    assert np.linalg.matrix_rank(khatri_rao_gram(x, power)) == wall
    assert khatri_rao_singular_value(x[:wall], power) > 1e-4
    assert khatri_rao_singular_value(x, power) == 0.0 and kappa(unit_inputs(rank_wall(d) + 1, d, rng=5)) == np.inf


def test_random_inputs_follow_their_law():
    """Means over draws near the limit law; kappa is made of the same two numbers."""
    n, d = 400, 80
    found = np.mean([khatri_rao_singular_value(unit_inputs(n, d, rng=s)) ** 2 for s in range(2)])
    least, norm, k = random_inputs_law(n, d)
    assert found == pytest.approx(least, rel=0.05)
    x = unit_inputs(n, d, rng=0)
    assert np.linalg.norm(x, 2) ** 2 == pytest.approx(norm, rel=0.1)  # the largest one is late: n^(-2/3)
    assert kappa(x) == pytest.approx(
        (d / n) ** 0.5 * np.linalg.norm(x, 2) / khatri_rao_singular_value(x) ** 2, rel=1e-6
    )
    assert k == pytest.approx((d / n) ** 0.5 * norm**0.5 / least, rel=1e-12)


@pytest.mark.parametrize("name", ["relu", "softplus", "tanh", "sigmoid", "erf", "gelu", "leaky_relu"])
def test_the_expected_kernel_is_made_of_plane_integrals(name):
    """Entry by entry from nested quadrature, another route than the series; near parallel inputs included."""
    x = normalized([[1, 0, 0], [1, 2, 0], [1, 0.02, 0], [-1, 0.5, 1], [0, 0, 1]])
    K = expected_kernel(x, name)
    for i, j in product(range(5), repeat=2):
        rho = float(np.clip(x[i] @ x[j], -1, 1)) if i != j else 1.0
        assert K[i, j] == pytest.approx(rho * dual_derivative(name, [[1, rho], [rho, 1]]), abs=2e-10)


@pytest.mark.parametrize("name", ["tanh", "softplus", "gelu", "relu"])
def test_the_truncation_error_is_one(name):
    """The bound covers the error at every order and correlation, and is not idle."""
    for terms, rho in product((2, 5, 12), (-0.9, 0.3, 0.7)):
        c = np.array([hermite(name, r) for r in range(terms)])
        error = abs(np.polynomial.polynomial.polyval(rho, c * c) - dual_derivative(name, [[1, rho], [rho, 1]]))
        bound = series_error(name, terms, rho)
        assert error <= bound + 1e-10
        assert bound <= series_error(name, terms - 1, rho)
    assert error > bound / 30 or bound < 1e-9


@pytest.mark.parametrize("name", ["relu", "softplus", "tanh", "erf", "sigmoid", "gelu"])
def test_hermite_bounds_are_below_the_least_eigenvalue(name):
    """Each term, and the partial sums, which rise; past the rank wall of X * X the third power takes over."""
    for n, d in ((20, 6), (40, 6)):
        x = unit_inputs(n, d, rng=n)
        least = least_eigenvalue(x, name)
        bounds = hermite_bounds(x, name)
        assert max(b.value for b in bounds) <= least + 1e-12
        partial = [partial_bound(x, name, r) for r in (1, 2, 4, 8)]
        assert np.all(np.diff(partial) >= -1e-13) and partial[-1] <= least + 1e-12
        if name in ("tanh", "erf", "sigmoid"):
            assert bounds[1].value == 0 < bounds[2].value
    assert bounds[1].value == 0  # 40 > 21


def test_a_bound_of_the_slope_comes_from_the_growth_where_there_is_no_other():
    """|phi'| <= c (1 + |z|^0) = 2 c; none from a growth of higher order, or for an exponential."""
    from onenn.activations import Bounds, Growth

    bare = dataclasses.replace(activation("softplus"), bounds=Bounds())
    for growth, bound in (
        (Growth(constant=Fraction(3, 4)), Fraction(3, 2)),
        (Growth(constant=Fraction(3, 4), power=1), None),
        (Growth(constant=Fraction(3, 4), rate=Fraction(1)), None),
        (None, None),
    ):
        assert slope_bound(dataclasses.replace(bare, growth=growth)) == bound


def told(verdict):
    """Both sides of an enclosed x < y, from its reason."""
    return [float(part.split(" ")[0]) for part in str(verdict.reason).split("[")[1:]]


@pytest.mark.parametrize("name", ["tanh", "erf", "softplus"])
def test_both_sides_of_the_enclosed_bounds_are_those_of_floats(name):
    """||J||^2 and (B |v| ||X||)^2; ||J - J'||^2 and (L ||W - W'||)^2; and their controls."""
    x = unit_inputs(4, 5, rng=3) * [[0.5], [1], [2], [3]]
    one, two = net(name), net(name, W + 0.1 * np.random.default_rng(4).standard_normal(W.shape))
    size, weights = np.linalg.norm(x, 2), np.linalg.norm(V)
    J, change = jacobian(one, x), jacobian(one, x) - jacobian(two, x)
    left, right = told(spectral_bound_holds(one, x))
    assert left == pytest.approx(np.linalg.norm(J, 2) ** 2) and right == pytest.approx(spectral_bound(one, x) ** 2)
    mutant = told(spectral_bound_holds(one, x, longest_input=True))[1]
    assert mutant == pytest.approx(right * 9 / size**2)
    left, right = told(lipschitz_bound_holds(one, two, x))
    moved = np.linalg.norm(one.W - two.W, 2)
    assert left == pytest.approx(np.linalg.norm(change, 2) ** 2)
    assert right == pytest.approx((lipschitz_bound(one, x) * moved) ** 2)
    mutant = told(lipschitz_bound_holds(one, two, x, mean_weight=True))[1]
    assert mutant == pytest.approx(right * (weights / np.sqrt(7) / np.abs(V).max()) ** 2)


def test_partial_bounds_of_relu_are_those_of_its_first_coefficients():
    """c_0^2 = 1/4, c_1^2 = 1/(2 pi), c_2 = 0, c_3^2 = 1/(12 pi): powers of X X^T up to r + 1."""
    x = unit_inputs(12, 5, rng=8)
    G, total = x @ x.T, 0
    for r, square in enumerate((1 / 4, 1 / (2 * np.pi), 0, 1 / (12 * np.pi))):
        total = total + square * G ** (r + 1)
        assert partial_bound(x, "relu", r) == pytest.approx(np.linalg.eigvalsh(total)[0], abs=1e-12)
        assert hermite_bounds(x, "relu")[r].value == pytest.approx(
            max(square * np.linalg.eigvalsh(G ** (r + 1))[0], 0), abs=1e-12
        )


def test_gaussian_weights_have_the_expected_kernel():
    """E J J^T = |v|^2 Sigma(X): the mean over many units, within five standard errors; another constant is not."""
    x = unit_inputs(6, 4, rng=2)
    k = 400_000
    slopes = activation("tanh").derivative(x @ np.random.default_rng(3).standard_normal((4, k)))
    mean, Sigma = slopes @ slopes.T / k * (x @ x.T), expected_kernel(x, "tanh")
    assert np.abs(mean - Sigma).max() < 5 * 0.5 / k**0.5 < 0.05 * np.abs(Sigma).max()


def test_limits_of_the_least_eigenvalue():
    """Var phi'(g), as it is quoted: 1/4 for ReLU; the finite-size form at the sizes of the notes."""
    assert limit_eigenvalue("relu") == pytest.approx(0.25, abs=1e-12)
    assert limit_eigenvalue("softplus") == pytest.approx(0.0434, abs=5e-5)
    assert limit_eigenvalue("tanh") == pytest.approx(0.0975, abs=5e-5)
    x = unit_inputs(800, 80, rng=1)
    assert least_eigenvalue(x, "relu") == pytest.approx(limit_beyond_wall(800, 80, "relu"), rel=0.06)


def test_balls_hold_the_eigenvalues_of_khatri_rao_products():
    """The enclosure of sigma_min^2(X * X) contains what floats find."""
    x = unit_inputs(6, 4, rng=9)
    enclosed = symmetric_eigenvalues(gram_ball(x, power=2))[0]
    assert float(enclosed.rad()) < 1e-12
    assert khatri_rao_singular_value(x) ** 2 == pytest.approx(float(enclosed.mid()), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jacobian(net("relu"), X[:, :3]), r"X has shape \(12, 3\); expected \(n, 5\)"),
        (lambda: jacobian(net("relu"), X * np.nan), "X has nan or inf in row 0"),
        (
            lambda: expected_kernel(2 * X, "relu"),
            r"length 2; the expected kernel needs unit inputs: pass onenn.overparam.normalized",
        ),
        (lambda: hermite_bounds(2 * X, "relu"), "the Hermite series needs unit inputs"),
        (lambda: normalized([[0.0, 0.0]]), "X has a zero row, 0"),
        (lambda: khatri_rao(X, X[:3]), "B has shape"),
        (lambda: khatri_rao_gram(X, 0), "power is 0"),
        (lambda: spectral_bound(net("exp"), X), "no known bound"),
        (lambda: lipschitz_bound(net("relu"), X), "not Lipschitz"),
        (lambda: unit_inputs(0, 3, rng=0), "n is 0"),
        (lambda: expected_kernel(X, "tanh", tolerance=0), "tolerance is 0"),
    ],
)
def test_unfit_arguments_are_named(call, message):
    """With what to do about it."""
    with pytest.raises(ValueError, match=message):
        call()
