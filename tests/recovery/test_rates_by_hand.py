"""Rates, ratios and errors over draws, with recover, Algorithm 1 and the samples replaced by what is known."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from onenn import OneHiddenLayer, random_teacher
from onenn.recovery import (
    IMPROVED,
    RecoveryWarning,
    noise_ratios,
    paper_rates,
    rates,
    recovery_rates,
    root_ratio,
    standard_errors,
    trials,
)
from onenn.recovery.population import network_moment


def longer(network, share):
    """All rows longer by this share: the relative error, and the error of every row."""
    return OneHiddenLayer((1 + share) * network.W, network.v, network.phi)


@pytest.fixture
def teachers(monkeypatch):
    """What random_teacher was asked for, and made."""
    made = []

    def watching(k, d, phi, **options):
        options.setdefault("condition", None)
        asked = {name: value for name, value in options.items() if name != "rng" and value is not None}
        made.append((random_teacher(k, d, phi, rng=options["rng"], **asked), asked))
        return made[-1][0]

    monkeypatch.setattr(rates, "random_teacher", watching)
    monkeypatch.setattr(trials, "random_teacher", watching)
    return made


def test_a_win_is_a_millionth_and_a_silent_loss_is_certain(teachers, monkeypatch):
    """Errors just below and above 1e-6, each with and without certainty: two wins of four, one silent loss."""
    ends = iter([(0.99e-6, True), (0.99e-6, False), (1.01e-6, True), (1.01e-6, False)] * 2)
    seen = []

    def recovered(X, y, k, name, *, rng):
        share, certain = next(ends)
        warnings.warn("a doubt", RecoveryWarning, stacklevel=2)
        assert np.array_equal(y, teachers[-1][0].predict(X))
        seen.append((X.shape, k, name, rng))
        return SimpleNamespace(network=longer(teachers[-1][0], share), certain=certain)

    monkeypatch.setattr(rates, "recover", recovered)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # doubts are counted, not printed
        found = recovery_rates("relu", 2, 3, [10, 20], trials=4)
    assert [(r.n, r.wins, r.trials, r.silent) for r in found] == [(10, 2, 4, 1), (20, 2, 4, 1)]
    assert seen == [((n, 3), 2, "relu", seed) for n in (10, 20) for seed in range(4)]
    assert {asked["condition"] for _, asked in teachers} == {2.0}
    assert len({t.W[0, 0] for t, _ in teachers}) == 8


def test_the_papers_win_is_a_percent_in_every_row(teachers, monkeypatch):
    """0.99 % in all rows wins, 1.01 % does not, nor does one row of 1.01 % alone; the steps are those asked for."""
    ends, seen = iter([0.0099, 0.0101, None]), []

    def descended(teacher, X, *, rng, steps):
        seen.append((X.shape, steps))
        share = next(ends)
        if share is not None:
            return longer(teacher, share), 3
        return OneHiddenLayer(teacher.W * (1 + 0.0101 * np.eye(5)[:, :1]), teacher.v, teacher.phi), 3

    monkeypatch.setattr(rates, "watched_descent", descended)
    (found,) = paper_rates(6, [30], trials=3, steps=77)
    assert (found.n, found.wins, found.trials) == (30, 1, 3) and seen == [((30, 6), 77)] * 3
    assert all(t.phi.name == "squared_relu" and t.k == 5 for t, _ in teachers)


def test_errors_are_divided_by_the_bound_at_the_teacher(teachers, monkeypatch):
    """|W - W*|_F is the share times |W*|_F; the noise of each draw has the size asked for, around the same values."""
    noise, inputs = [], []

    def recovered(X, y, k, name, *, rng):
        noise.append(y - teachers[0][0].predict(X))
        inputs.append(X)
        return SimpleNamespace(network=longer(teachers[0][0], 0.01 * (1 + rng)))

    monkeypatch.setattr(rates, "recover", recovered)
    found = noise_ratios("relu", 2, 3, 500, 0.2, draws=3)
    bound = standard_errors(teachers[0][0], inputs[0], 0.2).total
    assert np.allclose(found, np.array([0.01, 0.02, 0.03]) * np.linalg.norm(teachers[0][0].W) / bound, rtol=1e-9)
    assert all(np.array_equal(X, inputs[0]) for X in inputs) and len(teachers) == 1
    assert np.allclose([np.std(e) for e in noise], 0.2, rtol=0.15) and not np.allclose(noise[0], noise[1])


def test_the_interval_of_a_root_ratio_covers_as_often_as_it_says():
    """2000 studies of 60 draws, errors chi-square times bounds that vary: 95 % up to 7 standard errors and the delta
    method's own 2 %."""
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(2000):
        bounds = rng.uniform(1, 2, 60)
        ratio, low, high = root_ratio(1.44 * bounds * rng.chisquare(10, 60) / 10, bounds)
        assert low <= ratio <= high
        hits += low <= 1.2 <= high
    assert abs(hits - 1900) < 7 * np.sqrt(2000 * 0.95 * 0.05) + 40
    assert root_ratio(np.array([0.0, 9.0]), np.array([1.0, 1.0]))[1] == 0.0


def test_initial_errors_are_those_of_the_recipe_stretched(teachers, monkeypatch):
    """A start that is the teacher, stretched: |c - 1|; the samples of a smaller n are the first of the larger."""
    seen = []

    def started(data, k, phi, recipe, *, rng):
        seen.append(data.first(3)[0])
        assert recipe is IMPROVED
        return teachers[-1][0]

    monkeypatch.setattr(trials, "initialize", started)
    found = trials.initial_errors("relu", 2, 4, [10, 30], IMPROVED, trials=2, stretch=1.3)
    assert np.allclose(found, 0.3) and found.shape == (2, 2)
    assert np.array_equal(seen[0], seen[1]) and not np.array_equal(seen[1], seen[2])
    assert np.allclose(trials.initial_errors("relu", 2, 4, 10, IMPROVED, trials=3), 0)


def test_contractions_are_compared_with_the_exact_tensor(monkeypatch):
    """An estimate that is a tenth too large is a tenth off, in each contraction; alpha is in the span, or is not."""
    bases, made = [], []

    def making(*arguments):
        made.append(OneHiddenLayer(*arguments))
        return made[-1]

    def estimated(data, order, B):
        bases.append(B)
        return 1.1 * network_moment(made[-1], order, B)

    monkeypatch.setattr(trials, "OneHiddenLayer", making)
    monkeypatch.setattr(trials, "projected_moment", estimated)
    found = trials.contraction_errors(2, 5, 20, trials=2)
    assert all(np.allclose(errors, 0.1) for errors in found.values())
    for B in bases:
        V, sphere, span = B[:, :2], B[:, 2], B[:, 3]
        assert np.allclose(V.T @ V, np.eye(2)) and np.allclose([np.linalg.norm(sphere), np.linalg.norm(span)], 1)
        assert np.allclose(V @ (V.T @ span), span) and not np.allclose(V @ (V.T @ sphere), sphere)
