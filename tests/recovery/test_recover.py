"""recover: the teacher is found, doubt is spoken out, and no wrong answer is silent."""

import warnings

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, match, random_teacher, recover
from onenn.recovery import RecoveryWarning, Stop, gauss_newton, gram, normal_form

RNG = np.random.default_rng(0)


def problem(name, k, d, n, seed=0, **parameters):
    rng = np.random.default_rng(seed)
    teacher = random_teacher(k, d, activation(name, **parameters), rng=rng)
    X = rng.standard_normal((n, d))
    return teacher, X, teacher.predict(X)


def quietly(*arguments, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecoveryWarning)
        return recover(*arguments, **{"rng": 0, **keywords})


def error(found, teacher):
    return match(normal_form(found.network), normal_form(teacher)).relative_error


TEACHERS = [
    ("relu", 3, 10, {}),
    ("squared_relu", 3, 10, {}),
    ("leaky_relu", 2, 6, {"slope": 0.5}),
    ("leaky_relu", 2, 6, {"slope": -0.3}),
    ("erf", 2, 6, {}),
    ("tanh", 2, 6, {}),
    ("softplus", 2, 6, {}),
    ("exp", 2, 5, {}),
    ("gelu", 2, 6, {}),
    ("quartic_relu", 2, 6, {}),
    ("relu", 4, 4, {}),
    ("squared_relu", 1, 1, {}),
    ("relu", 1, 8, {}),
]


@pytest.mark.parametrize(("name", "k", "d", "parameters"), TEACHERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_teacher_is_found_without_noise(name, k, d, parameters, seed):
    """Four samples for each parameter, d = k and k = 1 included: to rounding, and without a doubt."""
    teacher, X, y = problem(name, k, d, 4 * k * (d + 1) + 20, seed, **parameters)
    found = quietly(X, y, k, teacher.phi)
    assert error(found, teacher) < 1e-10
    assert found.certain and found.stop is Stop.ZERO_RESIDUAL and found.standard_errors is None
    assert found.network.phi == teacher.phi and found.residual < 1e-12 * found.spread


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
@pytest.mark.parametrize("condition", [1.0, 10.0, 100.0])
def test_badly_conditioned_teachers_are_found_too(name, condition):
    """Least squares do not know the moments' condition."""
    rng = np.random.default_rng(3)
    teacher = random_teacher(3, 8, name, condition=condition, rng=rng)
    X = rng.standard_normal((200, 8))
    assert error(quietly(X, teacher.predict(X), 3, name), teacher) < 1e-9


@pytest.mark.parametrize("scale", [1e-120, 1e-9, 1e9, 1e120])
@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_the_size_of_the_targets_does_not_matter(name, scale):
    """recover(s y) is s recover(y): targets are scaled to spread 1 first, or squares would under- and overflow."""
    _, X, y = problem(name, 2, 5, 100, 4)
    found = quietly(X, scale * y, 2, name)
    assert found.certain
    assert np.allclose(found.network.predict(X) / scale, y, rtol=0, atol=1e-12 * np.std(y))


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_given_output_weights_are_kept(name):
    """Signed, of different sizes, in their order; for ReLU the rows take what v does not."""
    teacher, X, _ = problem(name, 3, 8, 150, 5)
    teacher = OneHiddenLayer(teacher.W, [2.0, -0.5, 1.0], name)
    found = quietly(X, teacher.predict(X), 3, name, v=[1.0, 2.0, -0.5])
    assert found.certain and found.network.v.tolist() == [1.0, 2.0, -0.5]
    assert np.allclose(found.network.predict(X), teacher.predict(X), rtol=0, atol=1e-12)


def test_wrong_output_weights_are_no_silent_answer():
    """Signs that no teacher of these data has leave a residual."""
    teacher, X, _ = problem("relu", 2, 6, 100, 6)
    teacher = OneHiddenLayer(teacher.W, [1.0, -1.0], "relu")
    found = quietly(X, teacher.predict(X), 2, "relu", v=[1.0, 1.0])
    assert not found.converged and "does not vanish" in found.doubts[0]


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
@pytest.mark.parametrize("known", [True, False])
def test_noise_is_told_from_a_wrong_minimum(name, known):
    """At the floor, with standard errors that cover the truth, whose 12 weights are theirs to a few errors each."""
    teacher, X, y = problem(name, 2, 6, 400, 7)
    y = y + 0.1 * np.random.default_rng(8).standard_normal(400)
    found = quietly(X, y, 2, name, noise=0.1 if known else None)
    assert found.certain and found.stop is Stop.NOISE_FLOOR and found.noise_known == known
    assert abs(found.noise / 0.1 - 1) < (1e-12 if known else 0.2)
    a, b = normal_form(found.network), normal_form(teacher)
    order = match(a, b).permutation
    z = (a.W[order] - b.W) / found.standard_errors.W[order]
    assert np.sum(z**2) < 70  # of mean 12; a chi-square of 12 degrees of freedom exceeds it with probability 4e-10
    assert found.standard_errors.rank == found.parameters


def test_a_wrong_minimum_is_not_taken_for_noise():
    """One start alone, at 2.5 samples for each parameter: every fit with a residual is doubted."""
    wrong = 0
    for seed in range(12):
        teacher, X, y = problem("relu", 3, 8, 68, seed)
        found = quietly(X, y, 3, "relu", starts=0, restarts=1)
        assert found.certain == (error(found, teacher) < 1e-8)
        wrong += not found.certain
    assert wrong >= 2


@pytest.mark.parametrize(("k", "word"), [(1, "does not vanish"), (3, "units are zero")])
@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
def test_a_wrong_number_of_units_is_noticed(name, k, word):
    """Too few: a residual that depends on x; too many: a unit that is zero, or one that the data do not determine."""
    _, X, y = problem(name, 2, 6, 200, 9)
    with pytest.warns(RecoveryWarning):
        found = recover(X, y, k, name, rng=0)
    assert not found.certain
    assert any(word in doubt or "determine" in doubt or "parallel" in doubt for doubt in found.doubts)
    assert found.converged == (k > 2)


def test_duplicate_units_are_one_unit():
    """w twice is 2 w once for ReLU: the third unit is spare, and said to be."""
    teacher, X, _ = problem("relu", 2, 6, 150, 10)
    twice = OneHiddenLayer(teacher.W[[0, 0, 1]], [1.0, 1.0, -1.0], "relu")
    with pytest.warns(RecoveryWarning, match="k may be too large|k too large"):
        found = recover(X, twice.predict(X), 3, "relu", rng=0)
    assert not found.certain


def test_pure_noise_is_no_network():
    """A fit to noise has units no longer than a few standard errors."""
    X, y = RNG.standard_normal((200, 6)), RNG.standard_normal(200)
    assert not quietly(X, y, 2, "relu").certain


def test_a_spare_unit_of_three_standard_errors_is_noticed():
    """The longest of a hundred that were fitted to the noise that two units leave: it is 3.04 of its errors long."""
    rng = np.random.default_rng([4, 300, 3])
    teacher, X = random_teacher(2, 5, "leaky_relu", rng=4), rng.standard_normal((300, 5))
    found = quietly(X, teacher.predict(X) + 0.1 * rng.standard_normal(300), 3, "leaky_relu", rng=4, restarts=20)
    assert found.converged and any("may be noise, and k too large" in doubt for doubt in found.doubts)


def test_noise_given_wrong_is_noticed():
    """Too small: above the floor; too large: far below it."""
    _, X, y = problem("relu", 2, 6, 200, 11)
    y = y + 0.1 * np.random.default_rng(0).standard_normal(200)
    assert not quietly(X, y, 2, "relu", noise=0.01).converged
    assert any("far below" in doubt for doubt in quietly(X, y, 2, "relu", noise=1.0).doubts)
    assert not quietly(X, y, 2, "relu", noise=0.0).converged


def test_fewer_samples_than_parameters_are_marked():
    """A zero residual below the information limit says nothing."""
    _, X, y = problem("relu", 3, 10, 25, 12)
    with pytest.warns(RecoveryWarning) as caught:
        assert not recover(X, y, 3, "relu", rng=0).certain
    assert any("n = 25 is below the information limit k(d + 1) = 33" in str(warning.message) for warning in caught)


def test_relu_samples_that_determine_too_little_are_noticed():
    """One unit that is positive on 7 of 12 samples in ten dimensions: seven equations for its ten weights."""
    teacher = OneHiddenLayer(np.eye(1, 10), [1.0], "relu")
    X = np.random.default_rng(0).standard_normal((12, 10))
    X[:, 0] = np.abs(X[:, 0]) * np.where(np.arange(12) < 7, 1, -1)
    found = quietly(X, teacher.predict(X), 1, "relu")
    assert not found.certain and any("determine" in doubt for doubt in found.doubts)


@pytest.mark.parametrize("times", [1, 2, 7])
def test_samples_said_again_are_no_new_equations(times):
    """Each row so often: a wrong network through twelve rows is doubted as it is when each is there once."""
    wrong = 0
    for seed in range(8):
        rng = np.random.default_rng([seed, 12])
        teacher, X = random_teacher(2, 5, "relu", rng=rng), rng.standard_normal((12, 5))
        found = quietly(np.repeat(X, times, axis=0), np.repeat(teacher.predict(X), times), 2, "relu", restarts=20)
        wrong += error(found, teacher) > 1e-6
        assert error(found, teacher) < 1e-6 or not found.certain
    assert wrong >= 2
    few = quietly(np.repeat(X[:11], 2, axis=0), np.repeat(teacher.predict(X[:11]), 2), 2, "relu", restarts=20)
    assert any("only 11 of the rows of X differ" in doubt for doubt in few.doubts)


def test_a_second_exact_network_is_not_called_certain():
    """36 samples of which six see no unit: thirty equations for thirty weights, with more than one solution."""
    rng = np.random.default_rng([4, 36, 10, 3])
    teacher = random_teacher(3, 10, "squared_relu", rng=rng)
    X = rng.standard_normal((36, 10))
    assert (X @ teacher.W.T > 0).any(axis=1).sum() == 30
    found = quietly(X, teacher.predict(X), 3, "squared_relu", rng=4)
    assert not found.certain and any("no other checks them" in doubt for doubt in found.doubts)


INPUTS = {
    "kurtosis": lambda Z: np.sqrt(3) * (2 * np.argsort(np.argsort(Z, axis=0), axis=0) / len(Z) - 1),
    "mean": lambda Z: Z + 1,
    "covariance": lambda Z: Z @ np.diag([3.0, 1, 1, 1, 1, 1]),
    "skewness": lambda Z: (Z**2 - 1) / np.sqrt(2),
}


@pytest.mark.parametrize("moment", INPUTS)
def test_inputs_that_are_not_normal_are_named_with_their_statistic(moment):
    """And the teacher is found all the same: least squares ask nothing of the law of x."""
    teacher, Z, _ = problem("relu", 2, 6, 300, 13)
    X = INPUTS[moment](Z)
    with pytest.warns(RecoveryWarning, match=f"X is not N.*{moment}"):
        found = recover(X, teacher.predict(X), 2, "relu", rng=0)
    assert error(found, teacher) < 1e-8


def test_sigmoid_units_whose_weights_cancel_have_two_answers():
    """sigmoid(z) = 1 - sigmoid(-z): units with v summing to 0 can be flipped, which is doubted; others cannot."""
    teacher, X, _ = problem("sigmoid", 2, 5, 120, 14)
    for v, certain in (([1.0, -1.0], False), ([1.0, 2.0], True)):
        y = OneHiddenLayer(teacher.W, v, "sigmoid").predict(X)
        found = quietly(X, y, 2, "sigmoid")
        assert found.converged and found.certain == certain


def test_columns_that_tell_nothing_are_noticed():
    """A column twice: only the sum of two weights is determined."""
    teacher, X, _ = problem("relu", 2, 6, 150, 15)
    X[:, 3] = X[:, 2]
    found = quietly(X, teacher.predict(X), 2, "relu")
    assert any("rank 5 < d = 6" in doubt for doubt in found.doubts)


def test_the_same_seed_gives_the_same_result():
    """Bit for bit; the data are left as they were."""
    _, X, y = problem("relu", 2, 6, 60, 16)
    copies = X.copy(), y.copy()
    one, two = (quietly(X, y, 2, "relu", rng=5) for _ in range(2))
    assert np.array_equal(one.network.W, two.network.W) and repr(one) == repr(two)
    assert np.array_equal(X, copies[0]) and np.array_equal(y, copies[1])


def test_the_record_prints_itself():
    """What was found, how sure it is, why it stopped, the routes, the doubts."""
    _, X, y = problem("relu", 2, 6, 100, 17)
    text = repr(quietly(X, y + 0.1 * RNG.standard_normal(100), 2, "relu", noise=0.1))
    for word in ("recovered", "k = 2, d = 6", "n = 100", "noise floor", "route", "residual/floor", "std. errors"):
        assert word in text
    assert "doubt" in repr(quietly(X[:10], y[:10], 2, "relu"))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_tensors_of_torch_give_the_same_network(dtype):
    """Float64 to 1e-8 up to a permutation, float32 to its rounding."""
    import torch

    _, X, y = problem("squared_relu", 2, 6, 100, 18)
    A, b = (torch.tensor(a, dtype=getattr(torch, dtype)) for a in (X, y))
    found = quietly(A, b, 2, "squared_relu")
    assert found.certain and isinstance(found.network.W, np.ndarray)
    assert match(found.network, quietly(X, y, 2, "squared_relu").network).relative_error < (
        1e-8 if dtype == "float64" else 1e-5
    )


@pytest.mark.parametrize("name", ["relu", "squared_relu", "tanh"])
def test_the_information_is_that_of_numpy_on_torch_too(name):
    """J^T J in float64 to 1e-12 of its size, in float32 to 1e-6; Gauss-Newton ends at the same network."""
    import torch

    teacher, X, y = problem(name, 2, 5, 300, 21)
    A = gram(teacher, X)
    for dtype, accuracy in (("float64", 1e-12), ("float32", 1e-6)):
        B = gram(teacher, torch.tensor(X, dtype=getattr(torch, dtype)))
        assert np.linalg.norm(A - B) < accuracy * np.linalg.norm(A)
    y = y + 0.1 * np.random.default_rng(0).standard_normal(300)
    ends = [gauss_newton(teacher, a, b, relative=1e-12).network.W for a, b in ((X, y), map(torch.tensor, (X, y)))]
    assert np.allclose(*ends, rtol=0, atol=1e-8)


def test_large_samples_are_searched_in_part_and_refined_whole():
    """20 samples for each parameter serve the search; the error under noise is that of all samples."""
    teacher, X, y = problem("relu", 2, 5, 20_000, 19)
    found = quietly(X, y + 0.5 * np.random.default_rng(1).standard_normal(20_000), 2, "relu")
    assert found.searched == 500 and found.samples == 20_000
    distance = error(found, teacher) * np.linalg.norm(teacher.W)
    assert distance < 2.5 * found.standard_errors.total


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.update(k=7), "k is 7 but X has d = 6 columns; expected k <= d"),
        (lambda a: a.update(k=0), "k is 0"),
        (lambda a: a.update(y=np.full(50, 3.0)), "y is constant, 3"),
        (lambda a: a.update(y=np.zeros(50)), "y is constant"),
        (lambda a: a["y"].__setitem__(7, np.nan), "y has nan or inf in row 7"),
        (lambda a: a["X"].__setitem__((4, 2), np.inf), "X has nan or inf in row 4"),
        (lambda a: a.update(X=a["X"].T), r"y has shape \(50,\) but X has 6 rows"),
        (lambda a: a.update(X=a["X"][0]), "X has shape"),
        (lambda a: a.update(phi="quadratic"), "phi is quadratic, a polynomial of degree at most 2"),
        (lambda a: a.update(phi="linear"), "phi is linear"),
        (lambda a: a.update(noise=-1.0), "noise is -1.0"),
        (lambda a: a.update(v=[1.0, 0.0]), "v is"),
        (lambda a: a.update(v=[1.0]), "v is"),
        (lambda a: a.update(starts=-1), "starts is -1"),
        (lambda a: a.update(starts=0, restarts=0), "both 0"),
    ],
)
def test_bad_arguments_are_named(change, message):
    """With what was expected and what to do."""
    _, X, y = problem("relu", 2, 6, 50, 20)
    arguments = {"X": X, "y": y, "k": 2, "phi": "relu", "rng": 0}
    change(arguments)
    with pytest.raises(ValueError, match=message):
        recover(**arguments)
