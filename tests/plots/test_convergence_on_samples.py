"""The pictures of samples say in words what they show, counted from the runs themselves."""

import re

import numpy as np

from onenn import OneHiddenLayer
from onenn.landscape import EmpiricalRisk, gradient_descent, rational_student
from onenn.landscape.concentration import HalfPoint
from onenn.plots.convergence_on_samples import batches, samples_for_half, sides

TEACHER = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], "relu")
X = np.random.default_rng(0).standard_normal((100, 2))
START = rational_student(TEACHER, 0.3, rng=0)
SAMPLE = EmpiricalRisk(X, TEACHER.predict(X))


def test_the_batches_are_named_in_a_small_picture():
    """Alt text inside the SVG, the first colour a variable of the page."""
    runs = {f"batches of {n}": gradient_descent(START, SAMPLE, teacher=TEACHER, max_steps=n) for n in (4, 20)}
    picture = batches(runs)
    assert "batches of 4, batches of 20" in picture.alt and picture.alt in picture.svg
    assert "var(--onenn-1" in picture.svg and len(picture.svg) < 150_000


def test_the_ratio_that_is_reached_is_named():
    """One dimension reaches one half at 10, the other never; a picture of both has one panel for each activation."""
    points = [HalfPoint(d=3, ratio=10, medians=(0.3, 0.6)), HalfPoint(d=6, ratio=None, medians=(0.2, 0.4))]
    text = samples_for_half({"relu": points, "erf": points[:1]}, (5, 10)).alt
    assert re.search("between 10 and 10 samples", text)


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
