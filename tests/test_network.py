"""The network record, random teachers and the matching of two networks."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, match, random_teacher


def test_predict_is_the_sum_over_units():
    """Independent route: the definition, one input and one unit at a time."""
    rng = np.random.default_rng(1)
    W, v, X = rng.standard_normal((3, 4)), rng.standard_normal(3), rng.standard_normal((5, 4))
    expected = [sum(v[i] * np.tanh(W[i] @ x) for i in range(3)) for x in X]
    assert np.allclose(OneHiddenLayer(W, v, "tanh").predict(X), expected, rtol=1e-14)


def test_numbers_are_kept_exactly():
    """Integers, Fractions and strings are themselves; a float is the dyadic number it is, not its decimal."""
    network = OneHiddenLayer([[1, "0.1"], [Fraction(1, 3), 0.5]], [1, -1], "relu")
    assert network.exact_W.tolist() == [[1, Fraction(1, 10)], [Fraction(1, 3), Fraction(1, 2)]]
    assert OneHiddenLayer(np.array([[0.1]]), [1], "relu").exact_W[0, 0] == Fraction(0.1) != Fraction(1, 10)


def test_a_network_is_frozen_and_copies_its_input():
    """A record that could change under its caller would make certificates worthless."""
    W = np.eye(2)
    network = OneHiddenLayer(W, [1, 1], "relu")
    W[0, 0] = 7
    assert network.W[0, 0] == 1
    with pytest.raises(ValueError):
        network.W[0, 0] = 2
    with pytest.raises(AttributeError):
        network.v = np.ones(2)


@pytest.mark.parametrize(
    ("W", "v", "error", "text"),
    [
        ([[1, 2], [3, 4]], [1, 1, 1], ValueError, "did you mean W.T"),
        ([1, 2], [1], ValueError, r"W has shape \(2,\)"),
        ([[1, 2], [3]], [1, 1], ValueError, "different lengths"),
        (np.zeros((0, 3)), [], ValueError, "at least 1"),
        ([[1.0, np.nan]], [1], ValueError, r"W\[0, 1\] is nan"),
        (np.array([[1.0, np.inf]]), [1], ValueError, r"nan or inf at \(0, 1\)"),
        ([[1, 2]], [[1]], ValueError, "v has shape"),
        ([[True, 2]], [1], TypeError, "W\\[0, 0\\] is a bool"),
        ([["one", 2]], [1], ValueError, "expected a number such as"),
        ([[1j, 2]], [1], TypeError, "complex"),
    ],
)
def test_bad_weights_are_named(W, v, error, text):
    """The message names the argument, what it was and what was expected."""
    with pytest.raises(error, match=text):
        OneHiddenLayer(W, v, "relu")


@pytest.mark.parametrize(
    ("X", "text"),
    [([[1, 2]], "did you mean X.T"), ([1, 2, 3], "one input per row"), ([[1, np.nan, 2]], r"at \(0, 1\)")],
)
def test_bad_inputs_are_named(X, text):
    """X has one input per row, of the network's dimension, and no nan."""
    with pytest.raises(ValueError, match=text):
        OneHiddenLayer(np.ones((2, 3)), [1, 1], "relu").predict(X)


@pytest.mark.parametrize(("k", "d", "condition"), [(1, 1, 2.0), (3, 3, 1.0), (3, 7, 2.0), (5, 6, 10.0)])
def test_a_random_teacher_has_the_promised_singular_values(k, d, condition):
    """linspace(1, condition, k) by construction; numpy's decomposition is the other route."""
    teacher = random_teacher(k, d, "relu", condition=condition, rng=np.random.default_rng(5))
    singular = np.sort(np.linalg.svd(teacher.W, compute_uv=False))
    assert np.allclose(singular, np.linspace(1, condition, k), rtol=1e-12)
    assert set(np.abs(teacher.v)) == {1.0}


def test_a_random_teacher_is_fixed_by_its_seed_and_has_both_signs():
    """Seeds make runs repeatable; twenty draws of five signs show both with probability 1 - 2^-99."""
    first, second = (random_teacher(3, 4, "erf", rng=11) for _ in range(2))
    assert np.array_equal(first.W, second.W) and np.array_equal(first.v, second.v)
    assert {s for seed in range(20) for s in random_teacher(5, 5, "erf", rng=seed).v} == {-1.0, 1.0}


def test_the_singular_vectors_of_random_teachers_are_uniform():
    """Haar: E W^T W = (mean of the squared singular values) (k/d) I; 400 draws, six standard errors."""
    draws = np.array([random_teacher(2, 3, "relu", rng=seed).W for seed in range(400)])
    second = np.einsum("nki,nkj->nij", draws, draws)
    assert np.all(np.abs(second.mean(0) - np.eye(3) * 5 / 3) < 6 * second.std(0) / np.sqrt(400) + 1e-12)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((4, 3, 2.0), "1 <= k <= d"),
        ((0, 3, 2.0), "1 <= k <= d"),
        ((2, 3, 0.5), "condition is 0.5"),
        ((2, 3, np.nan), "condition"),
    ],
)
def test_impossible_teachers_are_refused(arguments, text):
    """More rows than columns have no rank k; a ratio of extreme singular values is at least 1."""
    k, d, condition = arguments
    with pytest.raises(ValueError, match=text):
        random_teacher(k, d, "relu", condition=condition, rng=0)


@pytest.mark.parametrize("phi", ["relu", "squared_relu", "tanh"])
def test_a_relabelled_teacher_is_matched_exactly(phi):
    """f does not change when the units are permuted, so the error is 0 and the permutation is recovered."""
    teacher = random_teacher(5, 6, phi, rng=3)
    order = np.array([3, 1, 4, 0, 2])
    result = match(OneHiddenLayer(teacher.W[order], teacher.v[order], phi), teacher)
    assert result.relative_error == 0 and np.array_equal(order[result.permutation], np.arange(5))
    assert np.allclose(result.cosines, 1)


@pytest.mark.parametrize(("phi", "q"), [("relu", 1), ("squared_relu", 2)])
def test_rescaled_units_of_a_homogeneous_network_are_the_same(phi, q):
    """(w, v) -> (c w, v / c^q) is the same function; for tanh it is not."""
    teacher = random_teacher(3, 4, phi, rng=2)
    c = np.array([0.5, 2.0, 3.0])
    student = OneHiddenLayer(c[:, None] * teacher.W, teacher.v / c**q, phi)
    X = np.random.default_rng(0).standard_normal((4, 4))
    assert np.allclose(student.predict(X), teacher.predict(X))
    assert match(student, teacher).relative_error < 1e-15
    other = random_teacher(3, 4, "tanh", rng=2)
    assert match(OneHiddenLayer(c[:, None] * other.W, other.v / c**q, "tanh"), other).relative_error > 0.1


def test_a_wrong_sign_costs_the_way_through_zero():
    """One unit with the opposite output weight is 2 |w| away, whatever the direction of w."""
    teacher = OneHiddenLayer([[3, 4]], [1], "relu")
    assert match(OneHiddenLayer([[3, 4]], [-1], "relu"), teacher).relative_error == 2.0


def test_the_matching_is_the_best_of_all_permutations():
    """Independent route: all 24 relabellings of four units, written out."""
    from itertools import permutations

    rng = np.random.default_rng(8)
    for _ in range(10):
        a, b = rng.standard_normal((2, 4, 3))
        best = min(np.sum((a[list(p)] - b) ** 2) for p in permutations(range(4)))
        found = match(OneHiddenLayer(a, np.ones(4), "relu"), OneHiddenLayer(b, np.ones(4), "relu"))
        assert np.isclose(found.relative_error, np.sqrt(best / np.sum(b**2)), rtol=1e-12)


def test_networks_that_cannot_be_matched_are_refused():
    """Units are matched one to one, between networks of one activation."""
    a = OneHiddenLayer(np.eye(2), [1, 1], "relu")
    with pytest.raises(ValueError, match="one to one"):
        match(OneHiddenLayer(np.eye(3), [1, 1, 1], "relu"), a)
    with pytest.raises(ValueError, match="one phi"):
        match(OneHiddenLayer(np.eye(2), [1, 1], "tanh"), a)
    with pytest.raises(ValueError, match="other than zero"):
        match(a, OneHiddenLayer(np.zeros((2, 2)), [1, 1], "relu"))
