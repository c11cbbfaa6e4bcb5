"""How many samples recovery needs: `recover`, and as baselines Algorithm 1 with its three-way split and with all data.

pytest -m bench -o addopts="" tests/bench/test_recovery_success.py

P = k(d + 1); teachers of condition 2; success: relative error below 1e-3. Algorithm 2 goes on from Algorithm 1 with v
fixed, so the baseline does: least squares in W alone, which find what gradient descent finds and more. With v trained
as well, least squares repair most wrong starts, even random ones: those two are reported beside it.
"""

import numpy as np
import pytest
from recovery_table import rate, report

from onenn import OneHiddenLayer, activation, recover
from onenn.recovery import algorithm_1, levenberg_marquardt, random_starts

pytestmark = pytest.mark.bench

HALF = [
    ("squared_relu", (10, 3), 1.4),
    ("squared_relu", (20, 5), 1.5),
    ("relu", (10, 3), 1.5),
    ("relu", (20, 5), 1.8),
]


def ours(X, y, k, name, seed):
    return recover(X, y, k, name, rng=seed).network


def after(initialize, train_v):
    def solve(X, y, k, name, seed):
        W, v = initialize(X, y, k, name, seed)
        few, phi = min(len(y), 20 * k * (X.shape[1] + 1)), activation(name)
        target = 1e-20 * float(np.var(y))
        fits = levenberg_marquardt(phi, X[:few], y[:few], W[None], v[None], target=target, train_v=train_v)
        return OneHiddenLayer(fits.W[0], fits.v[0], phi)

    return solve


def by_algorithm_1(split):
    def initialize(X, y, k, name, seed):
        start = algorithm_1(X, y, k, name, rng=seed, split=split)
        return start.W, start.v

    return initialize


def by_chance(X, y, k, name, seed):
    W, v = random_starts(activation(name), X, y, k, 1, rng=np.random.default_rng(seed))
    return W[0], v[0]


BASELINES = {
    "3-way, v fixed": after(by_algorithm_1(True), train_v=False),
    "all, v fixed": after(by_algorithm_1(False), train_v=False),
    "3-way, v free": after(by_algorithm_1(True), train_v=True),
    "chance, v free": after(by_chance, train_v=True),
}


@pytest.mark.parametrize(("name", "shape", "c"), HALF)
def test_half_the_teachers_are_recovered_near_the_information_limit(capsys, name, shape, c):
    """The Wilson interval over 60 teachers contains or exceeds one half."""
    won, (low, high) = rate(ours, name, shape, c, 60)
    report(capsys, ("recover", name, shape, f"{c} P", f"{won}/60", f"[{low:.2f}, {high:.2f}]"))
    assert high >= 0.5


@pytest.mark.parametrize(("name", "shape", "c"), [(name, shape, 2.5) for name, shape, _ in HALF])
def test_nearly_all_teachers_are_recovered_at_five_halves_of_the_limit(capsys, name, shape, c):
    """At least 95 of 100."""
    won, (low, high) = rate(ours, name, shape, c, 100)
    report(capsys, ("recover", name, shape, f"{c} P", f"{won}/100", f"[{low:.2f}, {high:.2f}]"))
    assert won >= 95


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize(("name", "shape"), [(name, shape) for name, shape, _ in HALF])
def test_algorithm_1_needs_many_times_the_samples(capsys, name, shape, baseline):
    """At 16 P the three-way split with v fixed does not reach what `recover` reaches at 2.5 P; the others are reported.

    For ReLU not at 256 P either.
    """
    multiples = (4, 16, 64, 256) if name == "squared_relu" else (16, 64, 256, 1024)
    won = {}
    for c in multiples:
        won[c], (low, high) = rate(BASELINES[baseline], name, shape, c, 20)
        report(capsys, (baseline, name, shape, f"{c} P", f"{won[c]}/20", f"[{low:.2f}, {high:.2f}]"))
    if baseline == "3-way, v fixed":
        assert won[16] < 19 and (name == "squared_relu" or won[256] < 19)
