"""Loss and gradient beside the two matrix products X W^T and R^T X that they cannot avoid, measured in one run.

pytest -s -m bench -o addopts="" tests/bench/test_empirical_speed.py
"""

import os
import time

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.activations import names
from onenn.landscape import empirical_risk_and_gradient

pytestmark = pytest.mark.bench

ROUNDS = 31
SAMPLES, UNITS = 16_384, 64
CHEAP = ("relu", "squared_relu")


def ratio_of_times(first, second):
    """Time of the first over time of the second, by turns, each the lower decile: what else runs counts little."""
    times = np.empty((ROUNDS, 2))
    for row in times:
        for i, f in enumerate((first, second)):
            start = time.perf_counter()
            f()
            row[i] = time.perf_counter() - start
    return float(np.divide(*np.percentile(times, 10, axis=0)))


def speed(name, n, d, k, library="numpy"):
    """Time of the products over that of loss and gradient, both on the arrays of one library."""
    rng = np.random.default_rng(0)
    X, y, R = rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal((n, k))
    student = OneHiddenLayer(rng.standard_normal((k, d)) / np.sqrt(d), np.ones(k), name)
    W = student.W.copy()
    if library == "torch":
        import torch

        X, y, R, W = map(torch.tensor, (X, y, R, W))
    empirical_risk_and_gradient(student, X, y)
    return ratio_of_times(lambda: (X @ W.T, R.T @ X), lambda: empirical_risk_and_gradient(student, X, y))


@pytest.mark.parametrize("d", [256, 512, 1024])
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "tanh", "erf"])
def test_loss_and_gradient_cost_little_more_than_two_matrix_products(record_property, name, d):
    """At least 80 % of the speed of the products, for d = 512 and more and phi cheaper than a product's row.

    erf costs as much as 120 multiplications and additions, and is reported only.
    """
    ratio = speed(name, SAMPLES, d, UNITS)
    record_property("ratio", round(ratio, 3))
    print(f"\n{name}: products / both = {ratio:.3f}, {os.cpu_count()} cores, n = {SAMPLES}, d = {d}, k = {UNITS}")
    if d >= 512 and name != "erf":
        assert ratio >= 0.8


@pytest.mark.parametrize("name", names()[:12])
def test_few_units_and_many_samples_run_at_four_fifths_of_the_products(record_property, name):
    """(d, k, n) = (100, 10, 50 000), on NumPy or torch, the better; the costlier activations are reported only.

    There a product has 200 multiplications and additions for each value of phi: erf costs as much again.
    """
    ratios = {library: round(speed(name, 50_000, 100, 10, library), 3) for library in ("numpy", "torch")}
    for library, ratio in ratios.items():
        record_property(library, ratio)
    print(f"\n{name}: products / both = {ratios}, threads {os.environ.get('OMP_NUM_THREADS', os.cpu_count())}")
    if name in CHEAP:
        assert max(ratios.values()) >= 0.8
