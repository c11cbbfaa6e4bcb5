"""What a descent adds to its gradients, and Gauss-Newton beside gradient descent, measured in one run.

pytest -s -m bench -o addopts="" tests/bench/test_descent_speed.py
"""

import os
import time

import numpy as np
import pytest

from onenn import random_teacher
from onenn.landscape import EmpiricalRisk, gauss_newton, gradient_descent, rational_student

pytestmark = pytest.mark.bench

ROUNDS, STEPS = 11, 20


def seconds(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def test_a_step_of_gradient_descent_costs_its_gradient(record_property):
    """At least 90 % of the time goes into risk and gradient; the rest is the notes of the history."""
    rng = np.random.default_rng(0)
    teacher = random_teacher(8, 64, "relu", rng=0)
    X = rng.standard_normal((10_000, 64))
    sample, start = EmpiricalRisk(X, teacher.predict(X)), rational_student(teacher, 0.3, rng=1)

    def gradients():
        for _ in range(STEPS + 1):
            sample.risk_and_gradient(start)

    def descent():
        gradient_descent(start, sample, step=0.1, max_steps=STEPS, tolerance=0.0, teacher=teacher)

    gradients()
    times = np.array([[seconds(gradients), seconds(descent)] for _ in range(ROUNDS)])  # by turns
    ratio = float(np.median(times[:, 0]) / np.median(times[:, 1]))
    record_property("ratio", round(ratio, 3))
    print(f"\ngradients / descent = {ratio:.3f}, {os.cpu_count()} cores, {STEPS} steps")
    assert ratio >= 0.9


def test_gauss_newton_beside_gradient_descent(record_property):
    """Reported only: the ratio of the times to the gradient norm 1e-8, on the sample of the chapter."""
    rng = np.random.default_rng(44)
    teacher = random_teacher(5, 10, "squared_relu", condition=2, rng=5)
    X = rng.standard_normal((2000, 10))
    sample, start = EmpiricalRisk(X, teacher.predict(X)), rational_student(teacher, 0.3, rng=1)
    runs = {m.__name__: m(start, sample, tolerance=1e-8) for m in (gradient_descent, gauss_newton)}
    assert all(run.converged for run in runs.values())
    times = {name: float(run.history.seconds[-1]) for name, run in runs.items()}
    ratio = times["gradient_descent"] / times["gauss_newton"]
    record_property("ratio", round(ratio, 1))
    print(f"\ngradient descent / Gauss-Newton = {ratio:.1f}, {os.cpu_count()} cores, d = 10, k = 5")
