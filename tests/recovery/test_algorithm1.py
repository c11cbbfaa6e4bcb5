"""Algorithm 1 on exact moments, on samples, and its steps against other routes; wrong variants are noticed."""

from itertools import product

import numpy as np
import pytest
from source_mutants import mutated

from onenn import activation, match, random_teacher, register_activation
from onenn.recovery import (
    ALGORITHM_1,
    ALL_DATA,
    IMPROVED,
    Recipe,
    algorithm_1,
    decomposition,
    initialize,
    joint_diagonalizer,
    leading_subspace,
    least_squares_signs,
    low_moments,
    magnitudes,
    power_method,
    quadratic_fit,
    residual_subspace,
    route,
    samples,
    subspace,
    tensor_directions,
)
from onenn.recovery import algorithm1 as steps
from onenn.recovery.algorithm1 import tensor_matrices
from onenn.recovery.decomposition import diagonal_misfit

NAMES = ("relu", "leaky_relu", "squared_relu")


def data(teacher, n, seed):
    X = np.random.default_rng(seed).standard_normal((n, teacher.d))
    return X, teacher.predict(X)


def from_exact_moments(teacher, module=steps):
    return module.network_from_exact_moments(teacher, rng=np.random.default_rng(0))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("k", "d"), [(1, 1), (1, 4), (2, 2), (3, 7), (5, 6)])
def test_exact_moments_give_the_network_exactly(name, k, d):
    """thm-exact: signs, lengths and directions, for mixed signs of v."""
    for seed in range(3):
        teacher = random_teacher(k, d, name, rng=seed)
        assert match(from_exact_moments(teacher), teacher).relative_error < 1e-6


@pytest.mark.parametrize("odd", [True, False])
@pytest.mark.parametrize(("k", "d"), [(1, 4), (3, 5), (4, 4)])
def test_exact_moments_give_odd_and_even_networks_as_functions(odd, k, d):
    """z |z|, whose subspace comes from M_3, and |z|: the signs that are free do not change the function."""
    even = activation("leaky_relu", slope=-1)
    phi = register_activation(
        "odd_exact", lambda z: z * np.abs(z), lambda z: 2 * np.abs(z), homogeneity=2, replace=True
    )
    teacher = random_teacher(k, d, phi if odd else even, rng=1)
    X = np.random.default_rng(2).standard_normal((50, d))
    assert np.allclose(from_exact_moments(teacher).predict(X), teacher.predict(X), rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "recipe", [ALGORITHM_1, ALL_DATA, Recipe(contraction="span"), Recipe(split=True, tensor="residual"), IMPROVED]
)
@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_every_recipe_is_consistent(name, recipe):
    """Far more samples than any recipe needs for one unit in three dimensions: near the teacher, for any seed tried."""
    for seed in range(3):
        teacher = random_teacher(1, 3, name, rng=seed)
        X, y = data(teacher, 60_000, seed)
        found = initialize(samples(X, y), 1, teacher.phi, recipe, rng=np.random.default_rng(seed))
        assert match(found, teacher).relative_error < 0.3


def test_algorithm_1_is_the_three_way_split_unless_told():
    """The public function is the recipe."""
    teacher = random_teacher(2, 4, "squared_relu", rng=0)
    X, y = data(teacher, 9000, 0)
    for split, recipe in ((True, ALGORITHM_1), (False, ALL_DATA)):
        found = algorithm_1(X, y, 2, "squared_relu", rng=3, split=split)
        other = initialize(samples(X, y), 2, teacher.phi, recipe, rng=np.random.default_rng(3))
        assert np.array_equal(found.W, other.W)


@pytest.mark.parametrize("recipe", [ALGORITHM_1, ALL_DATA, IMPROVED])
@pytest.mark.parametrize(("k", "d", "n"), [(1, 1, 6), (1, 5, 6), (2, 2, 7), (3, 10, 20)])
def test_few_samples_give_a_start_all_the_same(k, d, n, recipe):
    """Fewer samples than the fit has coefficients, or a step has directions: finite, of the right shape."""
    teacher = random_teacher(k, d, "relu", rng=3)
    X, y = data(teacher, n, 4)
    found = initialize(samples(X, y), k, teacher.phi, recipe, rng=np.random.default_rng(0))
    assert found.W.shape == (k, d)


def test_a_split_that_leaves_no_samples_is_refused():
    """Three steps and five samples: named, with the way out."""
    X, y = data(random_teacher(1, 2, "relu", rng=3), 5, 4)
    with pytest.raises(ValueError, match=r"n is 5.*a third of them.*split=False"):
        initialize(samples(X, y), 1, activation("relu"), ALGORITHM_1, rng=np.random.default_rng(0))


def test_both_sides_of_the_power_method_are_needed():
    """P with eigenvalues 2, -1.5, 0.7: the powers of C + P miss the negative one, whatever the start."""
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    P = Q @ np.diag([2, -1.5, 0.7, 0, 0, 0, 0, 0]) @ Q.T
    for sides, expected in ((2, 0.0), (1, 1.0)):
        V = power_method(lambda A: P @ A, 2.0, 8, 3, rng=rng, sides=sides, steps=500)
        sine = np.linalg.norm(Q[:, :3] - V @ (V.T @ Q[:, :3]), 2)
        assert abs(sine - expected) < 1e-3
    V = leading_subspace(P, 3)
    assert np.linalg.norm(Q[:, :3] - V @ (V.T @ Q[:, :3]), 2) < 1e-12


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_directions_come_out_of_exact_tensors(k):
    """Oblique, weights of both signs: third order by Algorithm 1, fourth order by eigenmatrices."""
    rng = np.random.default_rng(k)
    u = rng.standard_normal((k, k)) + 2 * np.eye(k)
    u /= np.linalg.norm(u, axis=0)
    c = rng.choice([-1, 1], k) * rng.uniform(0.5, 2, k)
    for found in (
        tensor_directions(np.einsum("i,ai,bi,ci->abc", c, u, u, u), rng=rng),
        joint_diagonalizer(tensor_matrices(np.einsum("i,ai,bi,ci,di->abcd", c, u, u, u, u)), rng=rng),
    ):
        assert np.abs(np.abs(u.T @ found).max(axis=0) - 1).max() < 1e-9


def test_the_misfit_is_zero_exactly_where_a_basis_diagonalises():
    """And positive for another basis; the diagonaliser finds it without the diagonal being orthogonal."""
    rng = np.random.default_rng(0)
    U = rng.standard_normal((3, 3))
    C = np.array([U @ np.diag(D) @ U.T for D in rng.standard_normal((6, 3))])
    assert diagonal_misfit(C, U) < 1e-20
    assert diagonal_misfit(C, np.eye(3)) > 1e-3
    assert diagonal_misfit(C, joint_diagonalizer(C, rng=rng)) < 1e-20
    with pytest.raises(ValueError, match=r"matrices has shape \(3, 3\)"):
        joint_diagonalizer(U, rng=rng)


def test_a_fit_of_degree_two_is_the_least_squares_fit():
    """Independent route: lstsq on the written-out features; the residual is orthogonal to them."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((300, 4)), rng.standard_normal(300)
    U = np.linalg.qr(rng.standard_normal((4, 2)))[0]
    z = X @ U
    features = np.column_stack([np.ones(300), X, z[:, 0] ** 2, z[:, 0] * z[:, 1], z[:, 1] ** 2])
    expected = y - features @ np.linalg.lstsq(features, y, rcond=None)[0]
    found = quadratic_fit(samples(X, y), U, low_moments(samples(X, y))).residual(X, y)
    assert np.abs(found - expected).max() < 1e-11


def test_the_residual_subspace_is_far_closer():
    """Sine of the largest angle, medians of five: measured 0.11 against 0.026 at this size."""
    sines = {"moment": [], "residual": []}
    for seed in range(5):
        teacher = random_teacher(3, 10, "squared_relu", rng=seed)
        values = samples(*data(teacher, 20_000, seed))
        low = low_moments(values)
        span = np.linalg.svd(teacher.W, full_matrices=False)[2].T
        for name, V in (("moment", leading_subspace(low.M2, 3)), ("residual", residual_subspace(values, 3, low)[0])):
            sines[name].append(np.linalg.norm(span - V @ (V.T @ span), 2))
    assert np.median(sines["residual"]) < 0.4 * np.median(sines["moment"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("k", [1, 3, 11])
def test_least_squares_signs_are_exact_where_the_directions_are(name, k):
    """Without noise the misfit of the true pattern is zero; beyond k = 10 it is reached by flips."""
    teacher = random_teacher(k, k + 1, name, rng=k)
    X, y = data(teacher, 3000, 1)
    rng = np.random.default_rng(2)
    U = (teacher.W / np.linalg.norm(teacher.W, axis=1)[:, None]).T * rng.choice([-1, 1], k)
    found, misfit = least_squares_signs(samples(X, y), U, teacher.phi, route(teacher.phi))
    assert misfit < 1e-9 * np.mean(y**2)
    assert match(found, teacher).relative_error < 1e-4


def test_the_best_pattern_is_the_best_of_all():
    """Independent route: one lstsq for each of the 2^k patterns."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((200, 3)), rng.standard_normal(200)
    phi = activation("relu")
    U = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    misfits = []
    for signs in product((1, -1), repeat=3):
        F = phi(X @ (U * signs))
        misfits.append(np.mean((y - F @ np.linalg.lstsq(F, y, rcond=None)[0]) ** 2))
    assert abs(least_squares_signs(samples(X, y), U, phi, route(phi))[1] - min(misfits)) < 1e-9


WRONG = {
    "square root slip": (steps, {"** (1 / q)": "** 1.0"}),
    "sign of z without v": (steps, {"np.where(v * z < 0": "np.where(z < 0"}),
    "constant of M_1": (steps, {"/ way.value(1)": ""}),
    "sign of r": (steps, {"np.where(r < 0, -1.0": "np.where(r > 0, -1.0"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_signs_and_magnitudes_are_noticed(what):
    """Exact moments, mixed signs: each mutant misses the network."""
    module, changes = WRONG[what]
    wrong = mutated(module, changes)
    teachers = [random_teacher(3, 5, "squared_relu", rng=seed) for seed in range(3)]
    assert max(match(from_exact_moments(t, wrong), t).relative_error for t in teachers) > 0.05


def test_a_wrong_diagonaliser_is_noticed():
    """The update of FFDIAG with its two sums exchanged does not diagonalise from afar."""
    rng = np.random.default_rng(0)
    U = rng.standard_normal((4, 4)) + 2 * np.eye(4)
    C = np.array([U @ np.diag(D) @ U.T for D in rng.standard_normal((6, 4))])
    wrong = mutated(decomposition, {"(Z * Y.T - z[:, None] * Y)": "(Z * Y - z[:, None] * Y.T)"})
    assert np.linalg.norm(off(C, decomposition._sweep(C, np.eye(4), 500))) < 1e-6
    assert np.linalg.norm(off(C, wrong._sweep(C, np.eye(4), 500))) > 1e-2


def off(C, V):
    D = V @ C @ V.T
    return D - np.einsum("lii->li", D)[:, :, None] * np.eye(len(V))


def test_a_wrong_residual_moment_is_noticed():
    """M_2 is 2 A: added back without the half, the fit counts twice too little."""
    wrong = mutated(
        subspace, {"A = fit.U @ fit.A @ fit.U.T + second_moment(data, fit) / 2": "A = second_moment(data, fit) / 2"}
    )
    sines = []
    for module in (subspace, wrong):
        teacher = random_teacher(3, 10, "squared_relu", rng=0)
        values = samples(*data(teacher, 20_000, 0))
        span = np.linalg.svd(teacher.W, full_matrices=False)[2].T
        V = module.residual_subspace(values, 3, low_moments(values))[0]
        sines.append(np.linalg.norm(span - V @ (V.T @ span), 2))
    assert sines[1] > 5 * sines[0]


def test_a_wrong_pattern_is_noticed():
    """The greatest misfit in place of the least."""
    wrong = mutated(magnitudes, {"np.argmin(misfits)": "np.argmax(misfits)"})
    teacher = random_teacher(2, 3, "relu", rng=0)
    U = (teacher.W / np.linalg.norm(teacher.W, axis=1)[:, None]).T
    values = samples(*data(teacher, 2000, 0))
    assert wrong.least_squares_signs(values, U, teacher.phi, route("relu"))[1] > 0.01
