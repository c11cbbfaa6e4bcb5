"""Levenberg-Marquardt, Gauss-Newton, the information matrix, tests on residuals and inputs: each by another way."""

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, match, random_teacher
from onenn.landscape import empirical_hessian
from onenn.recovery import (
    free_parameters,
    gauss_newton,
    gram,
    input_moments,
    jacobian,
    jacobian_rank,
    lack_of_fit,
    levenberg_marquardt,
    normal_form,
    standard_errors,
    subspace_starts,
)

RNG = np.random.default_rng(0)
NAMES = ["relu", "leaky_relu", "squared_relu", "tanh", "softplus", "linear"]


def problem(name, k=2, d=5, n=200, seed=0):
    rng = np.random.default_rng(seed)
    teacher = random_teacher(k, d, name, rng=rng)
    X = rng.standard_normal((n, d))
    return teacher, X, teacher.predict(X)


@pytest.mark.parametrize("name", NAMES)
def test_the_jacobian_is_that_of_differences(name):
    """Fourth-order central differences of predict, in W and in v."""
    net, X, _ = problem(name, n=40)
    J, h = jacobian(net, X, train_v=True), 1e-3
    theta = np.concatenate([net.W.ravel(), net.v])

    def f(t):
        return OneHiddenLayer(t[:10].reshape(2, 5), t[10:], name).predict(X)

    smooth = np.abs(X @ net.W.T).min(axis=1) > 0.02 if activation(name).kinks else np.full(40, True)
    assert smooth.sum() > 20
    for i in range(12):
        e = h * np.eye(12)[i]
        slope = (8 * (f(theta + e) - f(theta - e)) - f(theta + 2 * e) + f(theta - 2 * e)) / (12 * h)
        assert np.allclose(slope[smooth], J[smooth, i], rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_the_gram_matrix_is_the_hessian_where_the_residual_vanishes(name):
    """J^T J = n H at the teacher; and it adds up over samples, whatever the blocks."""
    net, X, y = problem(name)
    A = gram(net, X, train_v=False)
    assert np.allclose(A, 200 * empirical_hessian(net, X, y), rtol=1e-10, atol=1e-9)
    assert np.allclose(A, gram(net, X[:70], train_v=False) + gram(net, X[70:], train_v=False), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("train_v", [True, False])
@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
def test_both_methods_end_at_the_least_squares_of_scipy(name, train_v):
    """Independent route: scipy.optimize.least_squares with differences, on noisy targets."""
    from scipy.optimize import least_squares

    net, X, y = problem(name, n=150, seed=1)
    y = y + 0.1 * RNG.standard_normal(150)
    start = OneHiddenLayer(net.W + 0.05, net.v, name)

    def f(t):
        return OneHiddenLayer(t[:10].reshape(2, 5), t[10:] if train_v else net.v, name).predict(X) - y

    theta = np.concatenate([start.W.ravel(), start.v] if train_v else [start.W.ravel()])
    least = np.mean(least_squares(f, theta, xtol=1e-15, ftol=1e-15, gtol=1e-15).fun ** 2)
    ours = gauss_newton(start, X, y, train_v=train_v, relative=1e-10)
    assert ours.mean_square == pytest.approx(least, rel=1e-7)
    assert ours.mean_square == pytest.approx(np.mean((ours.network.predict(X) - y) ** 2), rel=1e-10)
    fits = levenberg_marquardt(net.phi, X, y, start.W[None], start.v[None], train_v=train_v)
    assert least * (1 - 1e-9) <= fits.mean_square[0] <= 1.02 * least


def test_starts_in_a_stack_do_not_see_each_other():
    """Each alone ends where it ends in company, in the order of their mean squares."""
    net, X, y = problem("tanh", n=120, seed=2)
    W, v = RNG.standard_normal((5, 2, 5)), np.ones((5, 2))
    y = y + 0.3 * RNG.standard_normal(120)
    together = levenberg_marquardt(net.phi, X, y, W, v)
    alone = sorted(float(levenberg_marquardt(net.phi, X, y, W[i : i + 1], v[:1]).mean_square[0]) for i in range(5))
    assert np.allclose(together.mean_square, alone, rtol=1e-9)
    assert (np.diff(together.mean_square) >= 0).all()


def test_relu_gauss_newton_is_exact_in_one_step():
    """With the teacher's signs on the samples the residual is linear in W: prp-one-step."""
    net, X, y = problem("relu", n=60, seed=3)
    direction = RNG.standard_normal((2, 5))
    step = 0.5 * np.min(np.abs(X @ net.W.T) / np.abs(X @ direction.T))
    start = OneHiddenLayer(net.W + step * direction, net.v, "relu")
    J = jacobian(start, X)
    found = start.W.ravel() - np.linalg.lstsq(J, start.predict(X) - y, rcond=None)[0]
    assert np.allclose(found, net.W.ravel(), rtol=0, atol=1e-12)
    assert gauss_newton(start, X, y, target=1e-24).steps <= 8


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_the_products_do_not_grow_with_the_condition(name):
    """The preconditioner takes the teacher's condition away: without it conjugate gradients need sqrt(condition)."""
    products = []
    for condition in (1.0, 100.0):
        rng = np.random.default_rng(4)
        net = random_teacher(3, 8, name, condition=condition, rng=rng)
        X = rng.standard_normal((3000, 8))
        start = OneHiddenLayer(net.W * (1 + 1e-3 * rng.standard_normal(net.W.shape)), net.v, name)
        refined = gauss_newton(start, X, net.predict(X), target=1e-24)
        assert match(refined.network, net).relative_error < 1e-9
        products.append(refined.products)
    assert products[1] <= 3 * products[0]


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
def test_standard_errors_are_those_of_repeated_draws(name):
    """60 draws of the noise: the ratio of the mean squares is 1 up to 6 standard deviations of a chi-square mean."""
    net, X, y = problem(name, n=600, seed=5)
    net = normal_form(net)
    y = net.predict(X)
    errors = standard_errors(net, X, 0.05)
    squares = []
    for _ in range(60):
        fit = gauss_newton(net, X, y + 0.05 * RNG.standard_normal(600), train_v=name == "tanh").network
        squares.append(np.sum((fit.W - net.W) ** 2) + np.sum((fit.v - net.v) ** 2))
    assert np.mean(squares) / errors.total**2 == pytest.approx(1, abs=6 * np.sqrt(2 / (60 * 5)))
    assert errors.rank == free_parameters(2, 5, net.phi)


def test_parameters_that_nothing_determines_have_infinite_errors():
    """A column of zeros in X, and a spare unit."""
    net, X, _ = problem("relu", n=100, seed=6)
    X[:, 2] = 0
    errors = standard_errors(net, X, 0.1)
    assert np.isinf(errors.W[:, 2]).all() and np.isfinite(np.delete(errors.W, 2, axis=1)).all()
    assert errors.rank == jacobian_rank(net, X) == 8
    with pytest.raises(ValueError, match="noise is -1"):
        standard_errors(net, X, -1.0)


def test_pure_noise_passes_the_test_of_structure_and_a_missing_unit_does_not():
    """Uniform p-values under noise: of 200, none below 1e-6 and 5 to 40 below 0.1 (1e-4 for either side)."""
    net, X, y = problem("relu", n=150, seed=7)
    draws = []
    for seed in range(200):
        noisy = y + 0.2 * np.random.default_rng(seed).standard_normal(150)
        fit = gauss_newton(net, X, noisy).network
        draws.append(lack_of_fit(fit, X, noisy, train_v=False, rng=np.random.default_rng(seed)))
    assert min(draws) > 1e-6 and 5 <= np.sum(np.array(draws) < 0.1) <= 40
    one = OneHiddenLayer(net.W[:1], net.v[:1], "relu")
    fit = gauss_newton(one, X, y).network
    assert lack_of_fit(fit, X, y, train_v=False, rng=RNG) < 1e-4
    assert np.isnan(lack_of_fit(net, X[:11], y[:11], train_v=False, rng=RNG))


def test_normal_inputs_raise_no_alarm():
    """300 samples of N(0, I) of each of several sizes: no p-value below 1e-6 (union bound over 4 statistics: 2e-3)."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n, d = int(rng.choice([25, 60, 200, 1000])), int(rng.integers(1, 20))
        moments = input_moments(rng.standard_normal((n, d)))
        assert moments.standard and moments.normal and not moments.complaints()


WRONG_INPUTS = {
    "p_mean": lambda Z: Z + 0.5,
    "p_covariance": lambda Z: 1.5 * Z,
    "p_kurtosis": lambda Z: np.sign(Z) + 0.1 * Z,
    "p_skewness": lambda Z: (Z**2 - 1) / np.sqrt(2),
}


@pytest.mark.parametrize("statistic", WRONG_INPUTS)
def test_each_moment_is_refuted_by_what_breaks_it(statistic):
    """One deviation each: the statistic of that moment is among those that complain."""
    moments = input_moments(WRONG_INPUTS[statistic](np.random.default_rng(1).standard_normal((500, 4))))
    assert getattr(moments, statistic) < 1e-6 and moments.complaints()


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh", "erf", "sigmoid", "quadratic"])
def test_the_normal_form_is_the_same_function(name):
    """And one for all of an orbit: permuted, rescaled, reflected where phi allows it."""
    net = OneHiddenLayer(RNG.standard_normal((3, 4)), [1.5, -0.5, 2.0], name)
    X = RNG.standard_normal((30, 4))
    form = normal_form(net)
    assert np.allclose(form.predict(X), net.predict(X), rtol=0, atol=1e-11)
    q, order = net.phi.homogeneity, [2, 0, 1]
    c = np.array([2.0, 0.5, 3.0]) if q else np.ones(3)
    sign = np.array([1, -1, 1]) if name in ("tanh", "erf", "quadratic") else np.ones(3)
    turn = sign if name in ("tanh", "erf") else np.ones(3)
    moved = OneHiddenLayer((c * sign)[:, None] * net.W[order], turn * net.v[order] / c ** (q or 0), name)
    assert np.allclose(moved.predict(X), net.predict(X), rtol=0, atol=1e-11)
    assert np.allclose(normal_form(moved).W, form.W) and np.allclose(normal_form(moved).v, form.v)
    assert np.allclose(normal_form(form).W, form.W)


def test_the_exact_subspace_leads_to_the_teacher():
    """Problems of k(k + 1) parameters: the best minimum is within the error of the linear part outside."""
    net, X, y = problem("relu", k=2, d=8, n=400, seed=8)
    U = np.linalg.svd(net.W)[2][:2].T
    W, v, _ = subspace_starts(net.phi, X, y, U, count=10, keep=2, rng=RNG)
    assert match(normal_form(OneHiddenLayer(W[0], v[0], "relu")), net).relative_error < 0.1
    assert np.allclose(W @ U @ U.T, W)


WRONG = {
    "v left out of J": lambda J, net: J / np.repeat(net.v, 5)[None],
    "the units in the other order": lambda J, net: J.reshape(-1, 2, 5)[:, ::-1].reshape(-1, 10),
    "J transposed within a unit": lambda J, net: J.reshape(-1, 2, 5)[:, :, ::-1].reshape(-1, 10),
    "half of J": lambda J, net: J / 2,
}


@pytest.mark.parametrize("slip", WRONG)
def test_wrong_jacobians_are_noticed(slip):
    """By the Hessian of the empirical risk, which is written elsewhere."""
    net, X, _ = problem("tanh", seed=9)
    net = OneHiddenLayer(net.W, [1.0, -2.0], "tanh")
    J = WRONG[slip](jacobian(net, X), net)
    assert not np.allclose(J.T @ J, 200 * empirical_hessian(net, X, net.predict(X)), rtol=1e-3)
