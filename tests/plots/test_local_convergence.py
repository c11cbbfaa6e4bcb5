"""The pictures of descents: named, small, in the page's colours, and their sentences say what is drawn."""

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.landscape import EmpiricalRisk, gauss_newton, gradient_descent, lbfgs, rational_student
from onenn.plots.local_convergence import error_and_rate, long_steps, methods

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
    pictures = [error_and_rate(RUNS["plain"], 0.9), methods(RUNS), long_steps(range(1, 5))]
    for picture in pictures:
        assert picture.alt in picture.svg and "var(--onenn-1" in picture.svg and len(picture.svg) < 150_000
    assert "60 steps" in pictures[0].alt and "plain, L-BFGS, Gauss-Newton" in pictures[1].alt


def test_a_run_without_a_teacher_has_no_error_to_draw():
    """The remedy is in the message."""
    with pytest.raises(ValueError, match="pass teacher="):
        error_and_rate(gradient_descent(START, SAMPLE, max_steps=2), 0.9)
