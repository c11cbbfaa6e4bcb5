"""The improved initialiser: near the teacher, exact laws, bad input, every kind of data."""

import numpy as np
import pytest

from onenn import OneHiddenLayer, activation, match, random_teacher, register_activation, tensor_initialize


def data(teacher, n, seed):
    X = np.random.default_rng(seed).standard_normal((n, teacher.d))
    return X, teacher.predict(X)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_it_is_near_the_teacher_where_it_was_never_tuned(name):
    """Error about n^(-1/2): at 200 samples per parameter 0.05 in the median; 0.25 is far beyond all seen."""
    for seed in range(4):
        teacher = random_teacher(4, 9, name, rng=100 + seed)
        X, y = data(teacher, 8000, seed)
        assert match(tensor_initialize(X, y, 4, name, rng=seed), teacher).relative_error < 0.25


def test_odd_and_even_activations_are_found_as_far_as_they_can_be():
    """z |z|: v_i = 1 by convention, subspace from M_3; |z|: the sign of w_i is free."""
    odd = register_activation(
        "odd_square", lambda z: z * np.abs(z), lambda z: 2 * np.abs(z), homogeneity=2, derivative_symmetry="even"
    )
    teacher = OneHiddenLayer(random_teacher(3, 8, odd, rng=0).W, np.ones(3), odd)
    assert match(tensor_initialize(*data(teacher, 30000, 1), 3, odd, rng=0), teacher).relative_error < 0.2
    teacher = random_teacher(3, 8, activation("leaky_relu", slope=-1), rng=0)
    start = tensor_initialize(*data(teacher, 30000, 1), 3, teacher.phi, rng=0)
    directions = [net.W / np.linalg.norm(net.W, axis=1)[:, None] for net in (start, teacher)]
    assert np.all(np.abs(directions[0] @ directions[1].T).max(axis=0) > 0.99)


def test_scaled_activations_are_found():
    """a phi(b z), b negative too: homogeneity and moments go along."""
    for phi in (activation("squared_relu").scaled(input=-1), activation("relu").scaled(output="sqrt(pi)/2", input=3)):
        teacher = random_teacher(2, 5, phi, rng=1)
        assert match(tensor_initialize(*data(teacher, 10000, 2), 2, phi, rng=0), teacher).relative_error < 0.2


@pytest.mark.parametrize("name", ["tanh", "linear", "quadratic"])
def test_an_activation_that_moments_do_not_determine_is_refused(name):
    """Assumption 5.3, or no homogeneity: named, with what to do."""
    X, y = data(random_teacher(2, 4, name, rng=0), 100, 0)
    with pytest.raises(ValueError, match=f"phi is {name}"):
        tensor_initialize(X, y, 2, name, rng=0)


def test_bad_input_is_named():
    """What was wrong, what was expected, what to do."""
    X, y = data(random_teacher(2, 4, "relu", rng=0), 100, 0)
    with pytest.raises(ValueError, match=r"k is 5 but X has d = 4 columns; expected k <= d"):
        tensor_initialize(X, y, 5, "relu", rng=0)
    with pytest.raises(ValueError, match="y is constant"):
        tensor_initialize(X, np.full(100, 0.1), 2, "relu", rng=0)
    with pytest.raises(ValueError, match="X has nan or inf in row 7"):
        tensor_initialize(np.where(np.arange(100)[:, None] == 7, np.nan, X), y, 2, "relu", rng=0)
    with pytest.raises(ValueError, match="y has nan or inf in row 99"):
        tensor_initialize(X, np.where(np.arange(100) == 99, np.inf, y), 2, "relu", rng=0)
    with pytest.raises(ValueError, match=r"y has shape \(99,\) but X has 100 rows"):
        tensor_initialize(X, y[1:], 2, "relu", rng=0)
    with pytest.raises(TypeError, match=r"can be read once.*pass the function"):
        tensor_initialize(((X, y) for _ in range(1)), None, 2, "relu", rng=0)
    with pytest.warns(UserWarning, match=r"n = 9 samples are fewer than the k \(d \+ 1\) = 10"):
        tensor_initialize(X[:9], y[:9], 2, "relu", rng=0)
