"""Lower bounds on the Gram matrix and on s_min at random weights, and the refuted conclusion."""

from __future__ import annotations

import math

import numpy as np
import pytest

from onenn.diversity import (
    coherence_bound,
    coherence_quantile,
    concluded_bound,
    eigenvalue_lemma_on,
    expected_gram,
    feature_gram,
    least_eigenvalue,
    printed_failure_probability,
    random_data_bound,
    random_weights_bound,
    rational_sphere_points,
    rayleigh_ball,
    schur_bound,
    smallest_singular_value,
    sphere_kernel,
    uniform_inputs,
)
from onenn.diversity.gram_bounds import chernoff_failure, largest_norm, taylor_coefficients
from onenn.diversity.printed import draws_below
from onenn.verdict import Verdict


def test_the_taylor_series_is_the_kernel():
    """At t = 0.8 the series of 120 terms has converged."""
    series = sum(a * 0.8**p for p, a in taylor_coefficients(120))
    assert series == pytest.approx(float(sphere_kernel("extended_feature")(0.8)), rel=1e-13)


def test_the_bound_is_below_the_least_eigenvalue_and_positive():
    """Random data, clustered data, few and many points."""
    rng = np.random.default_rng(0)
    for n, d in ((10, 3), (60, 8), (300, 20)):
        X = uniform_inputs(n, d, rng)
        X[1] = X[0] + 0.05 * X[1]
        X /= np.linalg.norm(X, axis=1, keepdims=True)
        least = least_eigenvalue(expected_gram(X))
        mu = np.abs(X @ X.T - np.eye(n)).max()
        assert 0 < coherence_bound(n, mu) <= schur_bound(X) * (1 + 1e-9) <= least * (1 + 1e-9)


def test_parallel_inputs_have_the_bound_zero():
    """Equal inputs make G singular; opposite ones may."""
    assert schur_bound([[1.0, 0.0], [1.0, 0.0]]) == 0
    assert schur_bound([[1.0, 0.0], [-1.0, 0.0]]) == 0


def test_equality_for_orthonormal_inputs():
    """G = 1/2 and D^T D is diagonal: the count of active units."""
    assert schur_bound(np.eye(7)) == pytest.approx(0.5, rel=1e-12)


def test_random_weights_obey_the_bound():
    """50 draws (seed 1) at a failure probability below 1e-9 each: no failure; four times the bound does fail."""
    rng = np.random.default_rng(1)
    X = uniform_inputs(12, 8, rng)
    bound = random_weights_bound(X, 10_000)
    assert bound.failure_probability < 1e-9
    squares = [smallest_singular_value(X, rng.standard_normal((10_000, 8))) ** 2 for _ in range(50)]
    assert min(squares) >= bound.value
    assert min(squares) < 4 * bound.value


@pytest.mark.parametrize(("share", "least"), [(0.5, None), (0.3, 0.02), (0.9, 0.02)])
def test_the_bound_at_random_weights_is_the_printed_one(share, least):
    """n (e^-delta/(1-delta)^(1-delta))^(k lambda/|X|^2) and (1 - delta) k lambda, with |X|^2 far from 1."""
    X = uniform_inputs(30, 6, np.random.default_rng(2))
    lam, k = schur_bound(X) if least is None else least, 20_000
    bound = random_weights_bound(X, k, share=share, least=least)
    base = np.exp(-share) / (1 - share) ** (1 - share)
    exact = 30 * base ** (k * lam / np.linalg.eigvalsh(X.T @ X)[-1])
    assert bound.value == pytest.approx((1 - share) * k * lam, rel=1e-12)
    assert bound.failure_probability == pytest.approx(min(exact, 1.0), rel=1e-9) and exact != 1


@pytest.mark.parametrize(("n", "d", "k"), [(20, 50, 20_000), (200, 5, 10**7), (3, 40, 1000)])
def test_the_bound_before_the_data_is_the_printed_one(n, d, k):
    """Two delta, and the Chernoff bound with the coherence for lambda and the least of three bounds of |X|^2."""
    mu, delta = coherence_quantile(n, d, 1e-3), 1e-3
    norm = min(largest_norm(n, d, delta), 1 + (n - 1) * mu, n)
    tail = chernoff_failure(n, k * coherence_bound(n, mu) / norm, 0.25)
    bound = random_data_bound(n, d, k, delta=delta, share=0.25)
    assert bound.value == pytest.approx(0.75 * k * coherence_bound(n, mu), rel=1e-12)
    assert bound.failure_probability == pytest.approx(min(1.0, 2 * delta + tail), rel=1e-12)


def test_failure_probability_falls_exponentially_with_units():
    """The exponent is linear in k."""
    X = uniform_inputs(10, 6, np.random.default_rng(2))
    p, q = (random_weights_bound(X, k).failure_probability for k in (4000, 8000))
    assert q == pytest.approx(p**2 / 10, rel=1e-9)
    assert random_weights_bound(X, 1).failure_probability == 1.0
    assert chernoff_failure(1, 80.0, 0.5) <= math.exp(-80.0 / 8)


def test_coherence_and_norm_hold_for_random_inputs():
    """2000 data sets (seed 3): delta of them, up to 4 standard errors, lie beyond the quantile."""
    rng = np.random.default_rng(3)
    n, d = 12, 6
    sets = [uniform_inputs(n, d, rng) for _ in range(2000)]
    tops = np.array([np.abs(X @ X.T - np.eye(n)).max() for X in sets])
    norms = np.array([np.linalg.norm(X, 2) ** 2 for X in sets])
    assert np.mean(tops > coherence_quantile(n, d, 0.05)) < 0.07
    assert np.mean(tops > coherence_quantile(n, d, 0.05)) > 0.03
    assert np.mean(norms >= largest_norm(n, d, 0.05)) < 0.05


def test_the_bound_before_the_data_is_below_the_bound_after():
    """It knows less."""
    X = uniform_inputs(20, 50, np.random.default_rng(4))
    before = random_data_bound(20, 50, 20000)
    after = random_weights_bound(X, 20000)
    assert before.value <= after.value
    assert after.failure_probability <= before.failure_probability < 1
    assert smallest_singular_value(X, np.random.default_rng(5).standard_normal((20000, 50))) ** 2 >= after.value


def test_the_printed_probability_is_empty():
    """n gamma_n <= 1/2, so the failure probability is above 0.939 n."""
    for d in (2, 5, 50):
        for n in (2, 7, 100, 3000):
            assert printed_failure_probability(n, d) >= 0.939 * n
            assert 2 * concluded_bound(n, d) <= 0.5


@pytest.mark.parametrize(("n", "d"), [(20, 5), (65, 10)])
def test_the_conclusion_fails_on_given_and_on_random_inputs(n, d):
    """A Rayleigh quotient in balls on rational inputs; and all of 5 random sets."""
    X = rational_sphere_points(np.random.default_rng(6).standard_normal((n, d)), 8)
    assert eigenvalue_lemma_on(X) == Verdict.REFUTED
    assert draws_below(d, n, 5, np.random.default_rng(7)) == 5


def test_the_conclusion_is_not_refuted_where_it_holds():
    """A set whose size is far from the end of a step: the quotient stays above."""
    X = rational_sphere_points(np.random.default_rng(8).standard_normal((30, 10)), 8)
    assert eigenvalue_lemma_on(X) == Verdict.UNDECIDED
    vector = [1] + [0] * 29
    assert rayleigh_ball(X, vector).contains(0.5)


def test_the_gram_concentrates():
    """A sanity check of the scale: the mean of D^T D/k is G."""
    rng = np.random.default_rng(9)
    X = uniform_inputs(15, 10, rng)
    gram = feature_gram(X, rng.standard_normal((20000, 10))) / 20000
    assert np.abs(gram - expected_gram(X)).max() < 0.02


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: schur_bound([[2.0, 0.0]]), "row 0 of X has length 2"),
        (lambda: random_weights_bound(np.eye(2), 10, share=1.0), "share is 1"),
        (lambda: random_weights_bound(np.eye(2), 10, least=-1.0), "least is -1"),
        (lambda: coherence_bound(5, 1.5), "mu is 1.5"),
        (lambda: coherence_quantile(1, 3, 0.1), "n is 1"),
        (lambda: rayleigh_ball([[1, 1]], [1]), "length is not exactly 1"),
    ],
)
def test_bad_arguments_are_named(call, text):
    """Inputs off the sphere say how to put them there."""
    with pytest.raises(ValueError, match=text):
        call()
