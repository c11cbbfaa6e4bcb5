"""Rates over teachers, the paper's descent, errors against the bound: small runs, each beside what is known."""

import numpy as np
import pytest

from onenn import OneHiddenLayer, random_teacher
from onenn.landscape import empirical_gradient, empirical_risk
from onenn.recovery import (
    Rate,
    column_error,
    descend,
    least_squares_estimate,
    noise_ratios,
    paper_rates,
    paper_starts,
    recovery_rates,
    unbiased_and_bounded,
)

RNG = np.random.default_rng(0)


def test_rates_rise_from_none_to_all():
    """Below n = kd no network is certain; at four samples a weight every teacher is found."""
    below, above = recovery_rates("relu", 2, 5, [8, 60], trials=4)
    assert below.wins == 0 and below.silent == 0 and above.wins == 4


def test_descent_follows_the_gradient_of_the_risk():
    """The first step is that of empirical_gradient, the residuals are 2 n times the risk; v stays, or is a sign."""
    teacher = random_teacher(2, 4, "squared_relu", rng=1)
    X = RNG.standard_normal((50, 4))
    start = OneHiddenLayer(teacher.W + 0.1, teacher.v, teacher.phi)
    y = teacher.predict(X)
    run = descend(start, X, y, step=0.01, steps=2)
    assert run.residuals[0] == pytest.approx(100 * empirical_risk(start, X, y), rel=1e-12)
    once = descend(start, X, y, step=0.01, steps=1).network
    assert np.allclose(once.W, start.W - 0.01 * empirical_gradient(start, X, y), rtol=1e-12)
    assert np.array_equal(run.network.v, teacher.v)
    trained = descend(OneHiddenLayer(start.W, [0.3, -0.2], start.phi), X, y, step=0.01, steps=1, train_v=True)
    assert set(np.abs(trained.network.v)) == {1.0}


def test_the_start_of_algorithm_1_is_the_lowest():
    """With many samples: a hundred times below the random ones, and it goes on falling."""
    teacher = random_teacher(3, 5, "squared_relu", rng=2)
    X = RNG.standard_normal((8000, 5))
    starts = paper_starts(teacher, X, rng=np.random.default_rng(0))
    assert {name: train_v for name, (_, train_v) in starts.items() if train_v} == {"(II) random v and W": True}
    runs = {name: descend(start, X, teacher.predict(X), step=0.02, steps=40) for name, (start, _) in starts.items()}
    first = {label: run.residuals[0] for label, run in runs.items()}
    assert first["(I) Algorithm 1"] < 0.1 * min(first["(II) random v and W"], first["(III) true v, random W"])
    assert (np.diff(runs["(I) Algorithm 1"].residuals) < 0).all()


def test_column_errors_are_those_of_the_best_order():
    """Against all orders of three units; inf where signs differ."""
    from itertools import permutations

    teacher = OneHiddenLayer(RNG.standard_normal((3, 4)), [1.0, 1.0, -1.0], "relu")
    student = OneHiddenLayer(RNG.standard_normal((3, 4)), [1.0, -1.0, 1.0], "relu")
    lengths = np.linalg.norm(teacher.W, axis=1)
    best = min(
        (np.linalg.norm(student.W[list(order)] - teacher.W, axis=1) / lengths).max()
        for order in permutations(range(3))
        if np.array_equal(student.v[list(order)], teacher.v)
    )
    assert column_error(student, teacher) == pytest.approx(best, rel=1e-12)
    assert column_error(OneHiddenLayer(student.W, [1.0, -1.0, -1.0], "relu"), teacher) == np.inf


def test_the_papers_recipe_succeeds_with_many_samples():
    """Two units in four dimensions from 20 000 samples; from 20 it does not."""
    assert paper_rates(4, [20, 20_000], trials=2, k=2) == [
        Rate(n=20, wins=0, trials=2),
        Rate(n=20_000, wins=2, trials=2),
    ]


def test_errors_are_those_of_the_bound():
    """Mean of 12 squared ratios, each of a chi-square of six over six: within 6 of its standard deviations of 1."""
    ratios = noise_ratios("squared_relu", 2, 3, 150, 0.02, draws=12)
    assert np.mean(ratios**2) == pytest.approx(1, abs=6 * np.sqrt(2 / (6 * 12)))


def test_the_bound_is_attained_by_least_squares_alone():
    """In exact arithmetic: fewer data are above it, a biased estimate below it, and no other is equal."""
    J = RNG.integers(-3, 4, (6, 2))
    P, covariance = least_squares_estimate(J)
    assert np.allclose(P.astype(float), np.linalg.pinv(J)) and (P @ P.T == covariance).all()
    other = np.hstack([least_squares_estimate(J[:4])[0], np.zeros((2, 2), dtype=int)])
    assert [v.value for v in unbiased_and_bounded(other, J)] == ["PROVED", "PROVED"]
    assert (other @ other.T != covariance).any()
    assert [v.value for v in unbiased_and_bounded(P / 2, J)] == ["REFUTED", "REFUTED"]
