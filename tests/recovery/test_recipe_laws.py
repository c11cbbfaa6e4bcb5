"""Laws of the initialiser: which samples each step reads, in what scale, in how many passes; signs by other routes."""

from itertools import product

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, match, random_teacher, tensor_initialize
from onenn.recovery import (
    ALGORITHM_1,
    ALL_DATA,
    Fit,
    Recipe,
    Samples,
    initialize,
    low_moments,
    magnitudes,
    quadratic_fit,
    recipe,
    route,
    samples,
    tensor_directions,
)
from onenn.recovery.algorithm1 import signs_and_magnitudes, tensor_matrices
from onenn.recovery.decomposition import _sweep, diagonal_misfit, joint_diagonalizer
from onenn.recovery.population import hermite_moment, moment_distances, network_moment
from onenn.recovery.recipe import find_directions
from onenn.recovery.subspace import third_moment_subspace

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_each_step_of_algorithm_1_has_a_third_of_its_own(name):
    """y times c in one third: subspace and directions do not know the scale of y, lengths are c^(1/q) times as long.

    Without the split a third of the samples with other values would change every step.
    """
    teacher = random_teacher(2, 4, name, rng=1)
    X = np.random.default_rng(2).standard_normal((900, 4))
    y = teacher.predict(X)

    def found(y, how):
        return initialize(samples(X, y), 2, teacher.phi, how, rng=np.random.default_rng(3)).W

    alone = found(y, ALGORITHM_1)
    for part, factor in enumerate((1.0, 1.0, 4.0 ** (1 / route(name).degree))):
        scaled = y.copy()
        scaled[300 * part : 300 * (part + 1)] *= 4.0
        assert np.allclose(found(scaled, ALGORITHM_1), factor * alone, rtol=1e-5, atol=1e-6)
    assert not np.allclose(found(scaled, ALL_DATA), factor * found(y, ALL_DATA), rtol=1e-2)


def test_the_start_reads_the_samples_eight_times(monkeypatch):
    """Moments; three fits and two residual moments of the subspace; the tensor; the signs."""
    read = []
    whole = Samples.sum

    def counted(self, f, *arguments, **options):
        read.append(f.__name__)
        return whole(self, f, *arguments, **options)

    monkeypatch.setattr(Samples, "sum", counted)
    teacher = random_teacher(2, 4, "relu", rng=0)
    X = RNG.standard_normal((300, 4))
    tensor_initialize(X, teacher.predict(X), 2, "relu", rng=0)
    assert read == [
        *("low_sums", "_normal_equations", "_second_sums", "_normal_equations", "_second_sums", "_normal_equations"),
        *("_projected_sums", "_signed_features"),
    ]
    read.clear()
    data = samples(X, teacher.predict(X))
    third_moment_subspace(data, 2, low_moments(data), rng=np.random.default_rng(0))
    assert read == ["low_sums", "_normal_equations", "_contracted_sums"]


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_the_fit_joins_the_tensor_in_its_scale(name, monkeypatch):
    """From the exact fit, 2 A = M_2, the matrix added is sum_i v_i m_j(|w_i|) u_i u_i^T: what the tensor is made of."""
    seen = []
    monkeypatch.setattr(recipe, "joint_diagonalizer", lambda C, **_: seen.append(C))
    teacher = OneHiddenLayer([[1.0, 0.5, 0.0], [0.0, 1.0, -2.0]], [1.0, -1.0], name)
    U = np.linalg.svd(teacher.W)[2][:2].T
    fit = Fit(0.0, np.zeros(3), U, network_moment(teacher, 2, U) / 2)
    X = RNG.standard_normal((50, 3))
    data, way = samples(X, teacher.predict(X)), route(name)
    find_directions(data, U, fit, way, Recipe(split=False, tensor="residual", contraction="whole"), rng=RNG)
    lengths = np.linalg.norm(teacher.W, axis=1)
    u = teacher.W @ U / lengths[:, None]
    m = [hermite_moment(name, way.tensor, float(s)) for s in lengths]
    assert np.allclose(seen[0][-1], (u.T * (teacher.v * m)) @ u, rtol=1e-10, atol=1e-12)
    assert len(seen[0]) == 3


def test_the_whole_tensor_of_the_values_gives_the_directions():
    """Recipe(contraction="whole", tensor="y"): the eigenmatrices of M_4 itself."""
    teacher = random_teacher(2, 3, "relu", rng=4)
    X = np.random.default_rng(5).standard_normal((60_000, 3))
    how = Recipe(split=False, contraction="whole")
    found = initialize(samples(X, teacher.predict(X)), 2, teacher.phi, how, rng=np.random.default_rng(0))
    assert match(found, teacher).relative_error < 0.3


def test_a_fit_needs_more_samples_than_coefficients():
    """1 + d + m(m + 1)/2 = 8 of them: with eight samples the mean alone, with nine least squares."""
    X, y = RNG.standard_normal((9, 4)), RNG.standard_normal(9)
    U = np.linalg.qr(RNG.standard_normal((4, 2)))[0]
    few, enough = (samples(X[:n], y[:n]) for n in (8, 9))
    fit = quadratic_fit(few, U, low_moments(few))
    assert fit.c == pytest.approx(y[:8].mean()) and not fit.b.any() and not fit.A.size
    fit = quadratic_fit(enough, U, low_moments(enough))
    rest = fit.residual(X, y)
    assert np.allclose([rest.sum(), *(rest @ X)], 0, atol=1e-9) and 0 < np.linalg.norm(rest) < np.linalg.norm(y)


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_signs_and_lengths_solve_two_least_squares_problems(name):
    """Moments that no network has: z by the pseudoinverse, r by the Gram matrix (u_i . u_j)^2 of the u_i u_i^T."""
    phi, q = activation(name), activation(name).homogeneity
    c1, c2 = (hermite_moment(name, j, 1.0) for j in (1, 2))
    for seed in range(4):
        rng = np.random.default_rng(seed)
        V = np.linalg.qr(rng.standard_normal((5, 3)))[0]
        u = rng.standard_normal((3, 3))
        u /= np.linalg.norm(u, axis=0)
        M1, M2 = rng.standard_normal(5), rng.standard_normal((3, 3))
        M2 = M2 + M2.T
        z = np.linalg.pinv(V @ u) @ M1
        r = np.linalg.solve((u.T @ u) ** 2, np.einsum("ai,ab,bi->i", u, M2, u))
        v = np.sign(r / c2)
        rows = (np.sign(v * z / c1) * (np.abs(z) / c1) ** (1 / q))[:, None] * (V @ u).T
        found = signs_and_magnitudes(V, u, M1, M2, phi)
        assert np.array_equal(found.v, v) and np.allclose(found.W, rows, rtol=1e-9)


def test_beyond_ten_units_no_single_flip_is_better(monkeypatch):
    """The search by flips, at four units and on pure noise: by one lstsq for each flip of the pattern it ends at."""
    monkeypatch.setattr(magnitudes, "_ALL_PATTERNS", 3)
    phi, moved = activation("relu"), 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X, y = rng.standard_normal((80, 4)), rng.standard_normal(80)
        U = np.linalg.qr(rng.standard_normal((4, 4)))[0]

        def misfit(signs, X=X, y=y, U=U):
            F = phi(X @ (U * signs))
            return np.mean((y - F @ np.linalg.lstsq(F, y, rcond=None)[0]) ** 2)

        found, least = magnitudes.least_squares_signs(samples(X, y), U, phi, route(phi))
        signs = np.sign(np.diag(U.T @ found.W.T))
        assert misfit(signs) == pytest.approx(least, rel=1e-8)
        assert all(misfit(np.where(np.arange(4) == i, -signs, signs)) >= least * (1 - 1e-9) for i in range(4))
        F = phi(X @ np.concatenate([U, -U], axis=1))
        both = np.linalg.lstsq(F, y, rcond=None)[0]
        moved += not np.array_equal(np.where(np.abs(both[:4]) >= np.abs(both[4:]), 1, -1), signs)
        assert least >= min(misfit(np.array(s)) for s in product((1, -1), repeat=4)) * (1 - 1e-9)
    assert moved >= 2


def test_the_misfit_is_that_of_the_best_diagonals():
    """For an orthogonal U the D_l are the diagonals of U^T C_l U, and what is left are its other entries."""
    U = np.linalg.qr(RNG.standard_normal((4, 4)))[0]
    C = RNG.standard_normal((3, 4, 4))
    C = C + np.transpose(C, (0, 2, 1))
    turned = U.T @ C @ U
    rest = turned - np.einsum("lii->li", turned)[:, :, None] * np.eye(4)
    assert diagonal_misfit(C, U) == pytest.approx(np.sum(rest**2) / np.sum(C**2), rel=1e-12)
    assert diagonal_misfit(np.zeros((2, 3, 3)), np.eye(3)) == 0


@pytest.mark.parametrize("c", [1e-150, 1.0, 1e150])
def test_the_diagonaliser_does_not_know_the_scale(c):
    """C_l and c C_l have one basis, whatever c; zero matrices have any."""
    U = np.linalg.qr(RNG.standard_normal((3, 3)))[0] + 0.3
    U /= np.linalg.norm(U, axis=0)
    C = np.array([U @ np.diag(D) @ U.T for D in RNG.standard_normal((5, 3))])
    found = joint_diagonalizer(c * C, rng=np.random.default_rng(1))
    assert np.abs(np.abs(np.linalg.inv(U) @ found).max(axis=0) - 1).max() < 1e-7
    assert joint_diagonalizer(np.zeros((2, 3, 3)), rng=np.random.default_rng(1)).shape == (3, 3)


def test_sweeps_diagonalise_from_any_guess_nearby():
    """V C_l V^T is what is swept: from a guess that is neither the identity nor the answer it becomes diagonal too."""
    U = RNG.standard_normal((4, 4)) + 2 * np.eye(4)
    C = np.array([U @ np.diag(D) @ U.T for D in RNG.standard_normal((6, 4))])
    V = _sweep(C, np.linalg.inv(U) + 0.05 * RNG.standard_normal((4, 4)), 50)
    D = V @ C @ V.T
    assert np.abs(D - np.einsum("lii->li", D)[:, :, None] * np.eye(4)).max() < 1e-9
    assert np.allclose(np.linalg.norm(V, axis=1), 1)


def test_a_good_guess_is_kept_and_a_bad_one_does_no_harm():
    """start: the basis itself, a singular one, none: the same columns up to order and sign."""
    U = RNG.standard_normal((3, 3)) + 2 * np.eye(3)
    U /= np.linalg.norm(U, axis=0)
    C = np.array([U @ np.diag(D) @ U.T for D in RNG.standard_normal((4, 3))])
    for start in (U, np.ones((3, 3)), None):
        found = joint_diagonalizer(C, rng=np.random.default_rng(2), start=start)
        assert np.abs(np.abs(np.linalg.inv(U) @ found).max(axis=0) - 1).max() < 1e-8
        assert np.allclose(np.linalg.norm(found, axis=0), 1)


def test_eigenmatrices_are_as_large_as_their_share():
    """T = sum_l lambda_l E_l (x) E_l with orthonormal E_l: the matrices are |lambda_l| long, the largest first."""
    E = np.linalg.qr(RNG.standard_normal((3, 3)))[0]  # of the symmetric 2 x 2 matrices
    basis = np.array([[[1, 0], [0, 0]], [[0, 0], [0, 1]], [[0, 0.5**0.5], [0.5**0.5, 0]]])
    matrices, values = np.einsum("la,aij->lij", E, basis), np.array([3.0, -2.0, 0.5])
    T = np.einsum("l,lij,lab->ijab", values, matrices, matrices)
    found = tensor_matrices(T)
    assert np.allclose(np.linalg.norm(found, axis=(1, 2)), [3, 2])
    for matrix, value, exact in zip(found, values, matrices, strict=False):
        assert np.allclose(np.outer(matrix, matrix), value**2 * np.outer(exact, exact))
    assert np.array_equal(tensor_matrices(T[0]), T[0])


def test_directions_of_a_noisy_tensor_are_near_and_of_unit_length():
    """Noise of 1e-6: the columns are off by no more than a few times that."""
    u = np.array([[1.0, 0.6], [0.0, 0.8]])
    R = np.einsum("i,ai,bi,ci->abc", [1.0, -2.0], u, u, u) + 1e-6 * RNG.standard_normal((2, 2, 2))
    found = tensor_directions(R, rng=np.random.default_rng(0))
    assert np.allclose(np.linalg.norm(found, axis=0), 1, atol=1e-12)
    assert np.abs(np.abs(u.T @ found).max(axis=1) - 1).max() < 1e-9


def test_moments_are_refused_where_they_are_not_defined():
    """A row of length 0 has no direction; orders start at 0; j shares are j + 1 numbers."""
    with pytest.raises(ValueError, match="s is 0; expected the length of a row"):
        hermite_moment("relu", 2, 0)
    net = OneHiddenLayer([[1.0, 2.0]], [1.0], "softplus")
    for orders in (0, 3):
        assert moment_distances(net, net, orders).shape == (orders + 1,)
    assert np.allclose(moment_distances(net, net, 3), 0, atol=1e-15)
    assert network_moment(net, 0).shape == () and network_moment(net, 3, np.eye(2)[:, :1]).shape == (1, 1, 1)
