"""The empirical risk and its derivatives on NumPy: against plain formulas, differences, the population, and laws."""

import tracemalloc

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation
from onenn.activations import register_activation
from onenn.landscape import (
    empirical_gradient,
    empirical_hessian,
    empirical_risk,
    empirical_risk_and_gradient,
    gauss_newton_matrix,
    gradient,
    hessian,
    hessian_vector_product,
    risk,
)

NAMES = ["linear", "quadratic", "relu", "leaky_relu", "squared_relu", "erf", "tanh", "softplus", "gelu"]
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((53, 4)), RNG.standard_normal(53)
W, V = RNG.standard_normal((3, 4)) / 2, np.array([1.0, -0.5, 2.0])
A, B = RNG.standard_normal((2, 3, 4))


def student(phi):
    return OneHiddenLayer(W, V, phi)


def plain(phi):
    """Risk, gradient and Hessian sample by sample, from phi, phi' and phi'' at numbers."""
    total, g, H = 0.0, np.zeros((3, 4)), np.zeros((12, 12))
    for x, y in zip(X, Y, strict=True):
        z = W @ x
        r = V @ phi(z) - y
        J = np.outer(V * phi.derivative(z), x)
        total, g = total + r * r / 2, g + r * J
        H += np.outer(J.ravel(), J.ravel()) + np.kron(np.diag(r * V * phi.second_derivative(z)), np.outer(x, x))
    return total / 53, g / 53, H / 53


@pytest.mark.parametrize("name", NAMES)
def test_sums_over_samples_agree_with_plain_formulas(name):
    """Independent code: one sample after the other; and products with H are those of the matrix."""
    phi, net = activation(name), student(name)
    value, g, H = plain(phi)
    assert empirical_risk(net, X, Y) == pytest.approx(value, rel=1e-13)
    assert np.allclose(empirical_gradient(net, X, Y), g, rtol=0, atol=1e-13)
    assert np.allclose(empirical_hessian(net, X, Y), H, rtol=0, atol=1e-12)
    assert np.allclose(hessian_vector_product(net, X, Y, A).ravel(), H @ A.ravel(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_agree_with_differences(name):
    """Central differences of fourth order along a line; no sample lies within a step of a kink."""
    net, h = student(name), 1e-5

    def along(f, t):
        return f(OneHiddenLayer(W + t * A, V, name), X, Y)

    assert abs(X @ W.T).min() > 2 * h * abs(X @ A.T).max() or not activation(name).kinks
    for f, derivative in (
        (empirical_risk, np.sum(empirical_gradient(net, X, Y) * A)),
        (empirical_gradient, hessian_vector_product(net, X, Y, A)),
    ):
        difference = (8 * (along(f, h) - along(f, -h)) - (along(f, 2 * h) - along(f, -2 * h))) / (12 * h)
        assert np.allclose(difference, derivative, rtol=0, atol=1e-9)


@pytest.mark.parametrize("block_size", [1, 7, 53, 1000])
def test_blocks_do_not_matter(block_size):
    """Sums in another order, and a last block that is not full."""
    net = student("softplus")
    for f in (empirical_risk, empirical_gradient, empirical_hessian):
        assert np.allclose(f(net, X, Y, block_size=block_size), f(net, X, Y), rtol=1e-13, atol=1e-14)
    products = [hessian_vector_product(net, X, Y, A, block_size=b) for b in (block_size, None)]
    assert np.allclose(*products, rtol=1e-13, atol=1e-14)
    both = empirical_risk_and_gradient(net, X, Y, block_size=block_size)
    assert both[0] == pytest.approx(empirical_risk(net, X, Y), rel=1e-13)


def test_the_data_are_left_as_they_were():
    """Blocks are written into, the arguments not: read-only inputs do."""
    x, y = X.copy(), Y.copy()
    x.setflags(write=False)
    y.setflags(write=False)
    for name in ("linear", "relu", "quadratic", "tanh"):
        empirical_risk_and_gradient(student(name), x, y)
        empirical_hessian(student(name), x, y)
    assert np.array_equal(x, X) and np.array_equal(y, Y)


def test_the_risk_is_a_mean_and_knows_no_labels():
    """Halves weigh by their sizes; units may change places; a sample may be doubled."""
    net = student("tanh")
    parts = [empirical_gradient(net, X[i], Y[i]) * len(X[i]) for i in (slice(20), slice(20, None))]
    assert np.allclose(sum(parts) / 53, empirical_gradient(net, X, Y), rtol=1e-12, atol=1e-14)
    swapped = OneHiddenLayer(W[::-1], V[::-1], "tanh")
    assert np.allclose(empirical_gradient(swapped, X, Y), empirical_gradient(net, X, Y)[::-1], rtol=1e-12, atol=1e-14)
    assert empirical_risk(net, np.tile(X, (2, 1)), np.tile(Y, 2)) == pytest.approx(empirical_risk(net, X, Y), rel=1e-13)


def test_products_with_the_hessian_are_linear_and_symmetric():
    """As those of a matrix of second derivatives; and flat directions are rows one after the other."""
    net = student("erf")
    product = lambda a: hessian_vector_product(net, X, Y, a)  # noqa: E731
    assert np.allclose(product(2 * A - B), 2 * product(A) - product(B), rtol=0, atol=1e-13)
    assert np.sum(product(A) * B) == pytest.approx(np.sum(product(B) * A), rel=1e-12)
    assert np.array_equal(product(A.ravel()), product(A))


def test_the_relu_hessian_has_no_part_of_second_derivatives():
    """phi'' = 0 almost everywhere: H is J^T J/n for every target."""
    net = student("relu")
    assert np.array_equal(empirical_hessian(net, X, Y), empirical_hessian(net, X, 0 * Y))
    assert np.linalg.eigvalsh(empirical_hessian(net, X, Y))[0] > -1e-14


@pytest.mark.parametrize("name", NAMES)
def test_the_gauss_newton_matrix_is_the_hessian_where_the_residuals_vanish(name):
    """Targets that the student itself makes; and the mean of the squares of the features."""
    phi, net = activation(name), student(name)
    G = gauss_newton_matrix(net, X)
    assert np.allclose(G, empirical_hessian(net, X, net.predict(X)), rtol=0, atol=1e-13)
    J = [np.outer(V * phi.derivative(W @ x), x).ravel() for x in X]
    assert np.allclose(G, np.mean([np.outer(row, row) for row in J], axis=0), rtol=0, atol=1e-12)
    assert np.allclose(gauss_newton_matrix(net, X, block_size=7), G, rtol=1e-13, atol=1e-14)


def test_memory_does_not_grow_with_the_number_of_samples():
    """Beside the data, which exist already: ten times the samples, the same peak."""
    peaks = []
    for n in (20_000, 200_000):
        x, y = np.ones((n, 4)), np.ones(n)
        tracemalloc.start()
        empirical_risk_and_gradient(student("relu"), x, y, block_size=4096)
        hessian_vector_product(student("relu"), x, y, A, block_size=4096)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] < 4e6


def median_of_means(values, blocks):
    """Within 2 sqrt(blocks variance/n) of the mean with probability 1 - exp(-blocks/8): Chebyshev, then Hoeffding."""
    return np.median(np.mean(np.array_split(values, blocks), axis=1), axis=0)


def test_samples_confirm_the_population_risk_and_its_relu_gradient():
    """Failure probability at most 7 exp(-150/8) < 1e-6: six entries and the risk, medians of 150 means of 4000 samples.

    |r| <= sum_i |c_i| |u_i.x|, so E r^4 <= 3 S^4 and E (r phi'(w.x) x_p)^2 <= 3 v^2 S^2 with S = sum_i |c_i| |u_i|.
    """
    net, teacher = (
        OneHiddenLayer(rows, [1.0, -1.0], "relu") for rows in (W[:2, :3], [[0.5, 0.2, -0.1], [0.3, 0.4, 0.1]])
    )
    S = sum(np.abs(n.v) @ np.linalg.norm(n.W, axis=1) for n in (net, teacher))
    blocks, size = 150, 4000
    x = np.random.default_rng(20).standard_normal((blocks * size, 3))
    y = teacher.predict(x)
    halves = [empirical_risk_and_gradient(net, x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]
    risks, gradients = (np.array([half[i] for half in halves]) for i in (0, 1))
    assert abs(np.median(risks) - risk(net, teacher)) < 2 * np.sqrt(3 / 4 * S**4 / size)
    error = np.abs(np.median(gradients, axis=0) - gradient(net, teacher))
    assert error.max() < 2 * np.sqrt(3 * S**2 / size)


def test_samples_see_the_point_masses_of_relu_only_between_two_students():
    """The mean of a difference quotient of sampled gradients is the integral of the true Hessian between the students.

    One unit w = e_1 + t e_2 against a teacher at the angle 1/2. The quotient of a sample is at most x_2^2, from w's own
    value, plus 0.68 x_2^2/(2h) where |x_1| <= h |x_2|, from the target, which is at most 0.68 |x_2| there; so its mean
    square is at most 2 (3 + (0.68/0.4)^2 (0.4/sqrt(2 pi)) E|x_2|^5) < 12. The median of 150 means of 20000 samples
    misses by more than 2 sqrt(12/20000) = 0.049 with probability below exp(-150/8) < 1e-6.
    """
    turn, h = 0.5, 0.2
    teacher = OneHiddenLayer([[np.cos(turn), np.sin(turn)]], [1.0], "relu")
    x = np.random.default_rng(21).standard_normal((150 * 20_000, 2))
    y = teacher.predict(x)
    e = np.array([0.0, 1.0])

    def slopes(t):
        """(r phi'(w.x) x).e for each sample, w = e_1 + t e."""
        z = x[:, 0] + t * x[:, 1]
        return (np.maximum(z, 0) - y) * (z > 0) * x[:, 1]

    sampled = median_of_means((slopes(h) - slopes(-h)) / (2 * h), 150)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    curvature = [e @ hessian(OneHiddenLayer([[1.0, h * t]], [1.0], "relu"), teacher) @ e for t in nodes]
    assert abs(sampled - weights @ curvature / 2) < 0.049
    assert abs(sampled - 0.5) > 0.1  # 1/2 is what the almost-everywhere Hessian gives throughout


def test_samples_confirm_the_population_hessian_of_tanh():
    """Failure probability at most 10 exp(-150/8) < 1e-6: ten entries, medians of 150 means of 2000 samples.

    |phi|, |phi'| <= 1, |phi''| <= 4/(3 sqrt 3), |r| <= c = sum |v| + sum |v*|: an entry of a sample is at most
    b |x_p x_q| with b = max(v_j v_l) + 0.77 c max |v_j|, whose mean square is at most 3 b^2.
    """
    net, teacher = (OneHiddenLayer(rows, [1.0, -1.0], "tanh") for rows in (W[:2, :2], [[0.5, 0.2], [0.5, 0.2]]))
    blocks, size = 150, 2000
    x = np.random.default_rng(22).standard_normal((blocks * size, 2))
    y = teacher.predict(x)
    means = [empirical_hessian(net, x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]
    error = np.abs(np.median(means, axis=0) - hessian(net, teacher))
    assert error.max() < 2 * np.sqrt(3 * (1 + 0.77 * 4) ** 2 / size)
    assert np.abs(np.median(means, axis=0) - gauss_newton_matrix(net, x)).max() > 0.02  # the term in phi'' counts


WRONG = {
    "the residual with the other sign": lambda net, x, y: empirical_gradient(net, x, 2 * net.predict(x) - y),
    "a forgotten output weight": lambda net, x, y: empirical_gradient(net, x, y) / V[:, None],
    "a sum for a mean": lambda net, x, y: len(y) * empirical_gradient(net, x, y),
    "the square without its half": lambda net, x, y: 2 * empirical_gradient(net, x, y),
}


@pytest.mark.parametrize("slip", WRONG)
def test_wrong_gradients_are_noticed(slip):
    """By the plain formulas above."""
    assert not np.allclose(WRONG[slip](student("tanh"), X, Y), plain(activation("tanh"))[1], rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X.T, Y), r"X has shape \(4, 53\); expected \(n, 4\)"),
        ((X[0], Y), r"X has shape \(4,\)"),
        ((X[:0], Y[:0]), "at least one"),
        ((X, Y[:-1]), r"y has shape \(52,\) but X has 53 rows"),
        ((X, Y[:, None]), r"y has shape \(53, 1\)"),
        ((np.where(X == X[5, 1], np.nan, X), Y), "X has nan or inf in row 5"),
        ((np.where(X == X[52, 1], -np.inf, X), Y), "X has nan or inf in row 52"),
        ((X, np.where(Y == Y[8], np.inf, Y)), "y has nan or inf in row 8"),
        ((X, ["one"] * 53), "y is a list"),
    ],
)
@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_unfit_data_are_named(arguments, message, name):
    """In every function; an infinite input does not hide behind a bounded phi."""
    functions = [empirical_risk, empirical_gradient, empirical_hessian]
    for f in (*functions, lambda *given: hessian_vector_product(*given, A)):
        with pytest.raises(ValueError, match=message):
            f(student(name), *arguments)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_other_unfit_arguments_are_named():
    """The direction, the block size, numbers beyond a double, an activation without phi''."""
    net = student("relu")
    with pytest.raises(ValueError, match=r"direction has shape \(4, 3\)"):
        hessian_vector_product(net, X, Y, A.T)
    for block_size in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="block_size is"):
            empirical_risk(net, X, Y, block_size=block_size)
    with pytest.raises(OverflowError, match="exceeds the range of float64"):
        empirical_gradient(net, 1e200 * X, Y)
    bare = register_activation("bare_of_empirical", np.arctan, lambda z: 1 / (1 + z * z), replace=True)
    with pytest.raises(ValueError, match="second_derivative="):
        empirical_hessian(student(bare), X, Y)
    assert empirical_gradient(student(bare), X, Y).shape == (3, 4)


def test_lists_and_integers_are_data_too():
    """Computed in double precision."""
    net = OneHiddenLayer([[1, 0]], [2], "relu")
    assert empirical_risk(net, [[1, 5], [-1, 5]], [0, 2]) == 2.0
    assert empirical_gradient(net, np.array([[1, 5], [-1, 5]]), [0, 2]).tolist() == [[2.0, 10.0]]
