"""Where least squares starts: sizes, ridge, what is fitted outside the subspace; signs and seeds that must not vary."""

import sys
from fractions import Fraction
from inspect import signature

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, random_teacher, register_activation, tensor_initialize
from onenn.recovery import (
    column_error,
    gauss_newton,
    lack_of_fit,
    least_squares_signs,
    magnitudes,
    paper_starts,
    posterior,
    random_starts,
    recover,
    route,
    samples,
    starts,
    subspace_starts,
    watched_descent,
)
from onenn.recovery.initialize import algorithm_1
from onenn.recovery.levenberg import Fits, _solve
from onenn.recovery.regressor import RecoveryRegressor
from onenn.recovery.starts import _output_weights

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_random_starts_have_outputs_of_the_spread_of_y(name):
    """k units with random signs: the outputs' root mean square grows like that of y, whatever k, d and the scale.

    E f^2 = k E phi(|w| z)^2, so lengths go with (std(y)/sqrt(k))^(1/q); d must not matter, for rows are of one length.
    """
    q, X = route(name).degree, RNG.standard_normal((400, 6))
    lengths = {}
    for scale, k, d in ((1.0, 2, 6), (16.0, 2, 6), (1.0, 8, 6), (1.0, 2, 3)):
        W, v = random_starts(activation(name), X[:, :d], scale * X[:, 0], k, 1000, rng=np.random.default_rng(1))
        lengths[scale, k, d] = np.sqrt(np.mean(np.sum(W**2, axis=2)))
        assert set(np.unique(v)) == {-1.0, 1.0} and abs(v.mean()) < 0.1
    base = lengths[1.0, 2, 6]
    assert lengths[16.0, 2, 6] == pytest.approx(16 ** (1 / q) * base, rel=0.02)
    assert lengths[1.0, 8, 6] == pytest.approx(0.5 ** (1 / q) * base, rel=0.02)
    assert lengths[1.0, 2, 3] == pytest.approx(base, rel=0.02)


def test_other_units_start_where_they_bend():
    """Lengths between 1/2 and 3, evenly in the logarithm."""
    W, _ = random_starts(activation("tanh"), RNG.standard_normal((50, 4)), RNG.standard_normal(50), 2, 3000, rng=RNG)
    logs = np.log(np.linalg.norm(W, axis=2).ravel())
    assert np.log(0.5) <= logs.min() < np.log(0.51) and np.log(2.95) < logs.max() <= np.log(3)
    assert logs.mean() == pytest.approx(np.log(1.5) / 2, abs=0.03)


def test_output_weights_solve_the_ridge_problem():
    """By least squares on (F, sqrt(r) I), r a hundredth of tr F^T F; 1 where the outputs are not finite."""
    phi, X, y = activation("softplus"), RNG.standard_normal((30, 3)), RNG.standard_normal(30)
    W = RNG.standard_normal((4, 2, 3))
    v = _output_weights(phi, X, y, W)
    for rows, weights in zip(W, v, strict=True):
        F = np.asarray(phi(X @ rows.T))
        A = np.vstack([F, np.sqrt(1e-2 * np.trace(F.T @ F)) * np.eye(2)])
        assert np.allclose(weights, np.linalg.lstsq(A, np.append(y, [0, 0]), rcond=None)[0], rtol=1e-9)
    W[1] = 1e4
    found = _output_weights(activation("exp"), X, y, W)
    assert np.array_equal(found[1], [1.0, 1.0]) and np.isfinite(found).all()


@pytest.fixture
def watched(monkeypatch):
    """The problems that are solved in the subspace; their solutions are given."""
    seen = []

    def solved(phi, X, y, W, v, *, steps, target):
        seen.append((X, y))
        squares = np.array([1.0, 1.0009, 1.0011, 1.0013, 2.0, 3.0])
        return Fits(W=W, v=v, mean_square=squares, steps=77)

    monkeypatch.setattr(starts, "levenberg_marquardt", solved)
    return seen


def test_a_linear_part_outside_is_fitted_where_samples_allow_it(watched):
    """y = a . (I - U U^T) x + 5: with more than 2 d + 2 samples the constant is left; with fewer, all of it."""
    U = np.eye(5)[:, :2]
    X = RNG.standard_normal((13, 5))
    y = X @ [0.0, 0.0, 1.0, -2.0, 3.0] + 5
    for n in (12, 13):
        subspace_starts(activation("relu"), X[:n], y[:n], U, count=6, keep=2, rng=RNG)
    assert np.allclose(watched[0][1], y[:12]) and np.allclose(watched[1][1], 5)
    assert all(np.array_equal(inside, X[: len(inside), :2]) for inside, _ in watched)


def test_the_subspace_is_searched_on_some_samples(watched):
    """At a stride of n/500, or of n/(20 k (k + 1)) where that is more; minima a thousandth apart are two."""
    X, y = RNG.standard_normal((4000, 8)), RNG.standard_normal(4000)
    for k, rows in ((2, 500), (6, 4000 // 4)):
        U = np.linalg.qr(RNG.standard_normal((8, k)))[0]
        W, _, steps = subspace_starts(activation("relu"), X, y, U, count=6, keep=3, rng=RNG)
        assert len(watched[-1][0]) == rows and steps == 77
        assert W.shape == (3, k, 8) and np.allclose(W @ U @ U.T, W)


def test_minima_within_a_thousandth_are_one(watched, monkeypatch):
    """Of 1, 1.0009, 1.0011, 1.0013, 2, 3 there are four; the second is the first, the fourth is the third."""
    U = np.eye(4)[:, :2]
    monkeypatch.setattr(
        starts, "random_starts", lambda *_, **__: (np.arange(6.0)[:, None, None] + np.zeros((6, 2, 2)), np.ones((6, 2)))
    )
    W, *_ = subspace_starts(activation("relu"), np.eye(4), np.arange(4.0), U, count=6, keep=5, rng=RNG)
    assert W[:, 0, 0].tolist() == [0, 2, 4, 5]
    W, *_ = subspace_starts(activation("relu"), np.eye(4), np.arange(4.0), U, count=6, keep=2, rng=RNG)
    assert W[:, 0, 0].tolist() == [0, 2]


def test_a_singular_system_is_solved_with_a_little_damping():
    """(1 1; 1 1) s = -g without damping: a millionth of the diagonal is added; a regular one is solved as it is."""
    A, g = np.ones((1, 2, 2)), np.array([[1.0, 2.0]])
    expected = -np.linalg.solve(A[0] + 1e-6 * np.eye(2), g[0])
    assert np.allclose(_solve(A, g, np.zeros(1))[0], expected, rtol=1e-6)
    B = np.array([[[2.0, 1.0], [1.0, 3.0]]])
    assert np.allclose(_solve(B, g, np.array([0.5]))[0], -np.linalg.solve([[3.0, 1.0], [1.0, 4.5]], g[0]))


def test_even_units_keep_the_side_they_are_given():
    """phi(s u . x) is the same for s = +-1: rows along +U, not along what rounding prefers; odd ones have v = 1."""
    even = activation("leaky_relu", slope=-1)
    odd = register_activation("odd_side", lambda z: z * np.abs(z), lambda z: 2 * np.abs(z), homogeneity=2, replace=True)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        U, X = np.linalg.qr(rng.standard_normal((4, 4)))[0], rng.standard_normal((60, 4))
        y = rng.standard_normal(60)
        found, misfit = least_squares_signs(samples(X, y), U, even, route(even))
        assert np.all(np.sum(found.W * U.T, axis=1) > 0)
        assert misfit == pytest.approx(np.mean((found.predict(X) - y) ** 2), rel=1e-8)
        found, misfit = least_squares_signs(samples(X, y), U, odd, route(odd))
        assert np.array_equal(found.v, np.ones(4))
        assert misfit == pytest.approx(np.mean((found.predict(X) - y) ** 2), rel=1e-8)


@pytest.mark.parametrize(("slope", "patterns"), [(0, 8), (Fraction(1, 2), 8), (-1, 1)])
def test_signs_are_tried_only_where_they_matter(slope, patterns, monkeypatch):
    """2^k patterns for k = 3; one for an even function, whose features are the same on both sides."""
    tried = []
    fits = magnitudes._fits
    monkeypatch.setattr(magnitudes, "_fits", lambda *a: tried.append(len(a[3])) or fits(*a))
    phi = activation("leaky_relu", slope=slope) if slope else activation("relu")
    X, y = RNG.standard_normal((40, 3)), RNG.standard_normal(40)
    least_squares_signs(samples(X, y), np.eye(3), phi, route(phi))
    assert tried == [patterns]


def test_an_activation_is_refused_before_a_sample_is_read():
    """Eight passes over a large file would end in the same words."""

    def unreadable():
        raise AssertionError("a sample was read")
        yield

    for initialise in (tensor_initialize, algorithm_1):
        with pytest.raises(ValueError, match="phi is tanh"):
            initialise(unreadable, None, 2, "tanh", rng=0)


def test_the_papers_descent_starts_from_all_samples():
    """As the released code does: the start is Algorithm 1 without the split, in both places."""
    teacher = random_teacher(2, 3, "squared_relu", rng=1)
    X = np.random.default_rng(2).standard_normal((900, 3))
    whole = algorithm_1(X, teacher.predict(X), 2, "squared_relu", rng=np.random.default_rng(3), split=False)
    found = paper_starts(teacher, X, rng=np.random.default_rng(3))
    assert np.array_equal(found["(I) Algorithm 1"][0].W, whole.W)
    assert np.array_equal(found["(II) random v and W"][0].W, found["(III) true v, random W"][0].W)
    assert np.array_equal(found["(III) true v, random W"][0].v, teacher.v)
    network, done = watched_descent(teacher, X, rng=np.random.default_rng(3), steps=0)
    assert np.array_equal(network.W, whole.W) and done == 0


def test_a_watched_descent_ends_at_a_percent_or_at_the_last_step(monkeypatch):
    """Looked at every 25 steps: a multiple of 25, or the limit itself; a wrong v or an overflow ends it at once."""
    teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], "squared_relu")
    X = np.random.default_rng(0).standard_normal((2000, 2))
    near = OneHiddenLayer(1.02 * teacher.W, teacher.v, "squared_relu")
    begin = {"start": near}
    monkeypatch.setattr("onenn.recovery.paper.algorithm_1", lambda *_, **__: begin["start"])
    network, done = watched_descent(teacher, X, rng=RNG)
    assert column_error(network, teacher) <= 0.01 and done % 25 == 0 and done > 0
    before, _ = watched_descent(teacher, X, rng=RNG, steps=done - 25)
    assert column_error(before, teacher) > 0.01
    assert watched_descent(teacher, X, rng=RNG, steps=10)[1] == 10
    begin["start"] = OneHiddenLayer(near.W, [1.0, 1.0], "squared_relu")
    assert watched_descent(teacher, X, rng=RNG)[1] == 0
    begin["start"] = OneHiddenLayer(40 * teacher.W, teacher.v, "squared_relu")
    with np.errstate(over="ignore", invalid="ignore"):
        assert watched_descent(teacher, X, rng=RNG)[1] == 25


def test_p_values_are_probabilities():
    """Three times the least of three tests is cut off at 1, which happens under pure noise."""
    X = RNG.standard_normal((60, 2))
    net = OneHiddenLayer([[1.0, 0.5]], [1.0], "relu")
    values = []
    for seed in range(12):
        y = net.predict(X) + np.random.default_rng(seed).standard_normal(60)
        fit = gauss_newton(net, X, y).network
        values.append(lack_of_fit(fit, X, y, train_v=False, rng=np.random.default_rng(seed)))
    assert max(values) == 1.0 and min(values) < 0.5


def test_the_posterior_accepts_a_share_and_its_spread_is_that_of_chains():
    """Of a linear model proposals are accepted with probability near 1, never above; N chains have N times the
    variance of their mean: four times the chains halve the Monte Carlo error."""
    X = RNG.standard_normal((50, 3))
    y = X @ [1.0, 2.0, 0.0] + 0.5 * RNG.standard_normal(50)
    fit = OneHiddenLayer(np.linalg.lstsq(X, y, rcond=None)[0][None], [1.0], "linear")
    few, many = (posterior(fit, X, y, 0.5, rng=5, chains=c, steps=20) for c in (16, 256))
    assert 0.9 < few.acceptance <= 1 and 0.9 < many.acceptance <= 1
    assert few.spread / many.spread == pytest.approx(4, rel=0.35)


def test_proposals_are_accepted_as_often_as_their_energies_say():
    """Forty weights of a linear model, where u is normal: four leaps of length e are the fourth power of a matrix.

    Independent route: min(1, exp(H - H')) over 20 000 draws of (u, momentum, e) sent through it.
    """
    X = np.linalg.qr(RNG.standard_normal((60, 40)))[0]
    fit = OneHiddenLayer(RNG.standard_normal((1, 40)), [1.0], "linear")
    found = posterior(fit, X, fit.predict(X), 0.5, rng=3, chains=200, steps=40).acceptance
    rng = np.random.default_rng(0)
    shares = []
    for e in 0.35 * rng.uniform(0.7, 1.1, 200):
        leap = np.array([[1 - e**2 / 2, e], [-e * (1 - e**2 / 4), 1 - e**2 / 2]])
        start = rng.standard_normal((100, 2, 40))
        end = np.linalg.matrix_power(leap, 4) @ start
        change = (np.sum(start**2, axis=(1, 2)) - np.sum(end**2, axis=(1, 2))) / 2
        shares.append(np.minimum(1, np.exp(change)).mean())
    assert np.mean(shares) < 0.98
    assert found == pytest.approx(np.mean(shares), abs=0.01)


def test_a_quarter_of_the_draws_warms_up(monkeypatch):
    """Of twenty steps fifteen are summed up, of seven six; the rest are still on their way from the normal law."""
    module = sys.modules["onenn.recovery.posterior"]
    monkeypatch.setattr(module, "_summary", lambda network, kept, L, accepted: kept.shape)
    X = RNG.standard_normal((30, 2))
    fit = OneHiddenLayer([[1.0, 0.5]], [1.0], "linear")
    for steps, kept in ((20, 15), (7, 6), (4, 3)):
        assert posterior(fit, X, fit.predict(X), 0.1, rng=0, chains=3, steps=steps) == (kept, 3, 2)


def test_the_estimator_has_the_defaults_of_recover():
    """So that its documentation is that of recover."""
    ours, its = signature(RecoveryRegressor).parameters, signature(recover).parameters
    assert [ours[name].default for name in ("noise", "starts", "restarts")] == [None, 20, 60]
    assert [its[name].default for name in ("noise", "starts", "restarts")] == [None, 20, 60]


def test_the_random_state_of_the_estimator_is_that_of_the_search(monkeypatch):
    """Each state has a seed of its own, the same each time; another number of columns is refused in predict."""
    from sklearn.exceptions import NotFittedError

    from onenn.recovery import regressor

    seeds = []

    def watching(*arguments, rng, **options):
        seeds.append(rng)
        return recover(*arguments, rng=rng, **options)

    monkeypatch.setattr(regressor, "recover", watching)
    X = RNG.standard_normal((60, 3))
    y = np.maximum(X[:, 0], 0)
    for state in (0, 0, 1, 2):
        estimator = RecoveryRegressor(1, "relu", random_state=state).fit(X, y)
    assert seeds[0] == seeds[1] and len(set(seeds)) == 3
    with pytest.raises(ValueError, match="2 features"):
        estimator.predict(X[:, :2])
    with pytest.raises(NotFittedError):
        RecoveryRegressor(1, "relu").predict(X)
