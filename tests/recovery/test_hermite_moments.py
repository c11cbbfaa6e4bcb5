"""Hermite moments: explicit tensors at small d, exact networks, statistics, every kind of data, wrong variants."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from source_mutants import mutated

from onenn import OneHiddenLayer, random_teacher
from onenn.recovery import Fit, contraction, low_moments, moments, projected_moment, samples, second_moment
from onenn.recovery.contraction import contracted_third_moment
from onenn.recovery.moments import hermite_tensor
from onenn.recovery.population import network_moment

RNG = np.random.default_rng(0)
X = RNG.standard_normal((700, 4))
Y = RNG.standard_normal(700) + X[:, 0] ** 3 - X[:, 1] + 2
SHAPE = (4, 3)
B = RNG.standard_normal(SHAPE)


def hermite_by_derivatives(j, x):
    """He_j(x) = (-1)^j e^{|x|^2/2} D^j e^{-|x|^2/2}, by the recursion He_{j+1} = x He_j - D He_j, D He_j symmetric.

    D of He_j in direction a is the sum over slots of delta times He_{j-1} of the others.
    """
    d = len(x)
    if j == 0:
        return np.array(1.0)
    previous = hermite_by_derivatives(j - 1, x)
    result = np.multiply.outer(x, previous)
    if j > 1:
        lower = hermite_by_derivatives(j - 2, x)
        for slot in range(1, j):
            # delta between the new first slot and `slot`, the other slots hold the lower polynomial
            term = np.multiply.outer(np.eye(d), lower)
            order = [0, slot, *[s for s in range(1, j) if s != slot]]
            result = result - np.transpose(term, np.argsort(order))
    return result


def explicit_moment(j, X, Y):
    return np.mean([y * hermite_by_derivatives(j, x) for x, y in zip(X, Y, strict=True)], axis=0)


def contracted(T, B):
    for _ in range(T.ndim):
        T = np.tensordot(T, B, axes=(0, 0))
    return T


@pytest.mark.parametrize("j", [1, 2, 3, 4])
def test_projected_moments_are_contractions_of_explicit_tensors(j):
    """Independent route: the recursion of the Hermite tensors, sample by sample, then d^j numbers contracted."""
    expected = contracted(explicit_moment(j, X[:200], Y[:200]), B)
    found = projected_moment(samples(X[:200], Y[:200]), j, B)
    assert np.abs(found - expected).max() < 1e-11 * np.abs(expected).max()


def test_low_moments_are_the_explicit_ones():
    """Mean, variance, covariance, M_1, M_2 from their definitions."""
    found = low_moments(samples(X, Y))
    assert found.n == 700
    assert np.allclose([found.mean, found.variance], [Y.mean(), Y.var()], rtol=1e-12)
    assert np.allclose(found.covariance, X.T @ X / 700, rtol=1e-13)
    assert np.allclose(found.M1, explicit_moment(1, X, Y), rtol=1e-12)
    assert np.allclose(found.M2, explicit_moment(2, X, Y), rtol=1e-11)


def test_moments_of_the_residual_are_those_of_y_less_the_fit():
    """The fit is written out as a polynomial; its own moments are the explicit ones of its values."""
    U = np.linalg.qr(RNG.standard_normal((4, 2)))[0]
    A = np.array([[1.0, 0.3], [0.3, -2.0]])
    fit = Fit(0.7, RNG.standard_normal(4), U, A)
    rest = Y - 0.7 - X @ fit.b - np.einsum("ni,ij,nj->n", X @ U, A, X @ U) + np.trace(A)
    data = samples(X, Y)
    assert np.allclose(second_moment(data, fit), explicit_moment(2, X, rest), rtol=1e-10)
    for j in (3, 4):
        expected = contracted(explicit_moment(j, X, rest), B)
        assert np.allclose(projected_moment(data, j, B, fit), expected, rtol=1e-10, atol=1e-10)


def test_a_third_moment_contracts_to_matrices():
    """M_3(I, I, alpha) from the explicit tensor."""
    alphas = RNG.standard_normal((2, 4))
    T = explicit_moment(3, X, Y)
    found = contracted_third_moment(samples(X, Y), alphas)
    assert np.allclose(found, np.array([T @ a for a in alphas]), rtol=1e-11)


def test_tensors_are_symmetric_and_multilinear():
    """Laws, with columns that are neither orthogonal nor normal."""
    data = samples(X, Y)
    T = projected_moment(data, 4, B)
    assert all(np.allclose(T, np.transpose(T, p), rtol=1e-10) for p in permutations(range(4)))
    assert np.allclose(projected_moment(data, 3, 2 * B), 8 * projected_moment(data, 3, B))


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
@pytest.mark.parametrize("j", [1, 2, 3, 4])
def test_the_moments_of_a_network_are_met_by_its_samples(name, j):
    """Statistical: n = 40000. Each entry of the mean is within 7 standard errors of sum v_i m_j wbar_i^(x)j.

    At most 4 x 10 entries (symmetry) per case; the mean of 40000 terms is normal up to Berry-Esseen, and beyond 7
    standard errors lies 2.6e-12 of it; the seed is fixed.
    """
    teacher = random_teacher(2, 3, name, rng=j)
    x = np.random.default_rng(j).standard_normal((40000, 3))
    y = teacher.predict(x)
    found = projected_moment(samples(x, y), j, np.eye(3))
    spread = np.sqrt(np.mean(y**4) ** 0.5 * np.mean(x[:, 0] ** (4 * j)) ** 0.5 * factorial(j) / 40000)
    assert np.abs(found - network_moment(teacher, j)).max() < 7 * spread


@pytest.mark.slow  # torch alone takes seconds to import
@pytest.mark.parametrize(("name", "orders"), [("relu", (2, 4)), ("squared_relu", (2, 3))])
def test_torch_agrees_to_ten_digits_and_float32_to_six(name, orders):
    """The same sums on another library and in another dtype, relative to the moment's norm.

    The moments that vanish for this activation have no relative error, and are left out.
    """
    import torch

    teacher = random_teacher(3, 6, name, rng=0)
    x = np.random.default_rng(1).standard_normal((20000, 6))
    y = teacher.predict(x)
    data, tensors = samples(x, y), samples(torch.tensor(x), torch.tensor(y))
    single = samples(x, y, dtype="float32")
    U = np.linalg.svd(teacher.W)[2][:3].T
    for f in (lambda s: low_moments(s).M2, *(lambda s, j=j: projected_moment(s, j, U) for j in orders)):
        exact = f(data)
        assert np.linalg.norm(f(tensors) - exact) < 1e-10 * np.linalg.norm(exact)
        assert 0 < np.linalg.norm(f(single) - exact) < 1e-6 * np.linalg.norm(exact)


@pytest.fixture(scope="module")
def large():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((150_000, 3))
    return x, x[:, 0] * x[:, 1] + x[:, 2]


@pytest.mark.slow
def test_the_sums_are_the_same_bits_whoever_computes_them(large, tmp_path):
    """Chunks are cut by their number and merged in order: threads, processes, mapped files and slices of them."""
    x, y = large
    B = np.eye(3)[:, :2]
    expected = projected_moment(samples(x, y), 3, B)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.array_equal(projected_moment(samples(mapped, y), 3, B), expected)
    with ThreadPoolExecutor(2) as executor:
        assert np.array_equal(projected_moment(samples(x, y, executor=executor), 3, B), expected)
    odd = projected_moment(samples(x[7::2], y[7::2]), 3, B)
    with ProcessPoolExecutor(2) as executor:
        assert np.array_equal(projected_moment(samples(mapped, y, executor=executor), 3, B), expected)
        assert np.array_equal(projected_moment(samples(mapped[7::2], y[7::2], executor=executor), 3, B), odd)


@pytest.mark.slow
def test_a_dask_cluster_computes_the_same_bits(large):
    """The client of a local cluster is an executor like any other."""
    import distributed

    x, y = large[0][:100_000], large[1][:100_000]
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = low_moments(samples(x, y, executor=client))
    assert np.array_equal(found.M2, low_moments(samples(x, y)).M2)


WRONG = {
    "order 3, a placement twice": (moments, {"((0, 1, 2), (1, 0, 2), (1, 2, 0))": "((0, 1, 2), (1, 0, 2), (1, 0, 2))"}),
    "order 4, six pairings": (moments, {"correction + r * symm": "correction + 2 * r * symm"}),
    "order 4, five placements": (moments, {", (2, 3, 0, 1))": ")"}),
    "order 2, no trace": (moments, {"rzz - r * G": "rzz - G"}),
    "fit without trace": (moments, {"float(np.trace(self.A))": "0.0"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_moments_are_noticed(what):
    """Each mutant fails the comparison with explicit tensors."""
    module, changes = WRONG[what]
    wrong = mutated(module, changes)
    data = samples(X[:200], Y[:200])
    fit = Fit(0.7, np.ones(4), np.eye(4)[:, :1], np.ones((1, 1)))
    rest = fit.residual(X[:200], Y[:200])
    same = []
    for j in (2, 3, 4):
        expected = contracted(explicit_moment(j, X[:200], rest), B)
        found = wrong.projected_moment(data, j, B, wrong.Fit(fit.c, fit.b, fit.U, fit.A))
        same.append(np.allclose(found, expected, rtol=1e-8))
    assert not all(same)


def test_a_wrong_contraction_is_noticed():
    """The last term of M_3(I, I, alpha) left out."""
    wrong = mutated(contraction, {" + (v @ alpha) * np.eye(data.d)": ""})
    alpha = np.ones((1, 4))
    assert not np.allclose(wrong.contracted_third_moment(samples(X, Y), alpha)[0], explicit_moment(3, X, Y) @ alpha[0])


def test_an_unknown_order_is_refused():
    """Named, with the choice."""
    with pytest.raises(ValueError, match="order is 5; expected 1, 2, 3 or 4"):
        projected_moment(samples(X, Y), 5, B)
    assert hermite_tensor(1, [np.array(1.0), np.ones(2), np.ones((2, 2))], np.eye(2)).tolist() == [1.0, 1.0]


def test_moment_distances_add_up_to_the_risk():
    """thm-risk-moments for an analytic activation, whose series converges fast; the closed risk is another route."""
    from onenn.landscape import risk
    from onenn.recovery.population import moment_distances

    student, teacher = random_teacher(2, 3, "softplus", rng=0), random_teacher(2, 3, "softplus", rng=1)
    assert abs(moment_distances(student, teacher, 60).sum() / risk(student, teacher) - 1) < 1e-10
    small = OneHiddenLayer(teacher.W / 2, teacher.v, "softplus")
    shares = moment_distances(small, teacher, 4)
    tensors = [network_moment(small, j) - network_moment(teacher, j) for j in range(5)]
    assert np.allclose(
        shares, [np.sum(T**2) / (2 * factorial(j)) for j, T in enumerate(tensors)], rtol=1e-9, atol=1e-15
    )
