"""The pictures of descents: named, small, in the page's colours, and their sentences say what is drawn."""

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.landscape import EmpiricalRisk, gauss_newton, gradient_descent, lbfgs, rational_student
from onenn.plots.local_convergence import batches, error_and_rate, long_steps, methods, sides

TEACHER = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "relu")
X = np.random.default_rng(0).standard_normal((100, 2))
START = rational_student(TEACHER, 0.3, rng=0)
SAMPLE = EmpiricalRisk(X, TEACHER.predict(X))
RUNS = {
    "plain": gradient_descent(START, SAMPLE, teacher=TEACHER, max_steps=60),
    "L-BFGS": lbfgs(START, SAMPLE, teacher=TEACHER, tolerance=1e-6),
    "Gauss-Newton": gauss_newton(START, SAMPLE, teacher=TEACHER, tolerance=1e-6),
}


def test_every_picture_is_named_and_small():
    """Alt text inside the SVG, the first colour a variable of the page."""
    pictures = [error_and_rate(RUNS["plain"], 0.9), batches(RUNS), methods(RUNS), long_steps(range(1, 5))]
    for picture in pictures:
        assert picture.alt in picture.svg and "var(--onenn-1" in picture.svg and len(picture.svg) < 150_000
    assert "60 steps" in pictures[0].alt and "plain, L-BFGS, Gauss-Newton" in pictures[2].alt


def test_the_samples_on_the_wrong_side_are_counted():
    """By the signs at the start and at the end; the sentence has the first number and the step where none is left."""
    picture = sides(START, TEACHER, X, step=1.0, steps=80, every=4)
    wrong = int(np.sum((X @ START.W.T > 0) != (X @ TEACHER.W.T > 0)))
    assert wrong > 0 and f"falls from {wrong} to zero at step" in picture.alt
    step = int(picture.alt.split("at step ")[1].split(",")[0])
    there = gradient_descent(START, SAMPLE, step=1.0, max_steps=step, tolerance=0.0).network
    assert np.array_equal(X @ there.W.T > 0, X @ TEACHER.W.T > 0)


def test_a_run_that_is_too_short_claims_no_end():
    """After no step nothing has changed sides."""
    assert "zero" not in sides(START, TEACHER, X, step=1.0, steps=0, every=1).alt


def test_a_run_without_a_teacher_has_no_error_to_draw():
    """The remedy is in the message."""
    with pytest.raises(ValueError, match="pass teacher="):
        error_and_rate(gradient_descent(START, SAMPLE, max_steps=2), 0.9)
