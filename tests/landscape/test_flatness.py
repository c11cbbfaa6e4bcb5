"""Counting and deciding flat directions, and the exact curvature of the risk along a line."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict
from onenn.landscape import (
    curvature_exact,
    flatness,
    hessian_at_teacher_exact,
    integer_teachers,
    is_singular,
    is_strongly_convex,
    linear_nullity,
    nullity,
    quadratic_nullity,
    symmetries_span_kernel,
)


def test_the_two_counts_hold_for_every_shape_rank_and_number_of_zeros():
    """The theorems' formulas against the exact rank on every case up to 3 by 3 with up to three zero weights."""
    rng = np.random.default_rng(7)
    for name, count in (("linear", linear_nullity), ("quadratic", quadratic_nullity)):
        assert all(nullity(t) == count(t) for t in integer_teachers(name, largest=3, zeros=3, rng=rng))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("linear", Verdict.PROVED),
        ("quadratic", Verdict.PROVED),
        ("relu", Verdict.REFUTED),
        ("tanh", Verdict.REFUTED),
        ("softplus", Verdict.REFUTED),
    ],
)
def test_flat_directions_are_decided(name, verdict):
    """Exact ranks prove them, balls refute them; one unit of z^2 has none."""
    assert is_singular(OneHiddenLayer([[1, 1, 0], [1, -1, 0]], [1, -2], name)) == verdict
    assert is_singular(OneHiddenLayer([[1, 2]], [3], "quadratic")) == Verdict.REFUTED
    assert is_singular(OneHiddenLayer([[1, 2], [2, 4]], [1, 1], "relu")) == Verdict.PROVED


def test_the_symmetries_fill_the_kernel_at_full_rank_and_not_below():
    """thm-lsc-quadratic: at rank r < min(k, d) there are flat A != 0 with A W^T = 0, none of them a K W."""
    full, low = (OneHiddenLayer(W, [1, -1], "quadratic") for W in ([[1, 2, 0], [0, 1, 1]], [[1, 2, 0], [2, 4, 0]]))
    assert (
        symmetries_span_kernel(full) == Verdict.PROVED == symmetries_span_kernel(OneHiddenLayer([[1]], [2], "linear"))
    )
    assert symmetries_span_kernel(low) == Verdict.REFUTED


def test_an_unproved_singularity_is_undecided():
    """Two antiparallel ReLU pairs: H is singular and holds 1/(2 pi), so neither ranks nor balls can prove it."""
    teacher = OneHiddenLayer([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, 1, 1], "relu")
    assert is_singular(teacher) == Verdict.UNDECIDED == is_strongly_convex(teacher)


def test_the_curvature_is_the_quadratic_form_at_the_teacher_only():
    """At the teacher it is a^T H a; at W = 0 the quadratic risk bends downwards: f(tA) = (t^2 A A^T - 1)^2 terms."""
    teacher = OneHiddenLayer([[1, 2], [0, 1]], [1, -3], "quadratic")
    a = np.array([1, -1, 2, Fraction(1, 2)], dtype=object)
    assert curvature_exact(teacher, a, teacher) == a @ hessian_at_teacher_exact(teacher) @ a
    origin, unit = (OneHiddenLayer(W, [1], "quadratic") for W in ([[0]], [[1]]))
    assert curvature_exact(origin, [[1]], unit) == -6  # f(t) = 3 (t^2 - 1)^2 / 2


def test_the_curvature_refuses_what_is_no_polynomial():
    """The five-point rule is exact for polynomials of degree <= 5 only."""
    teacher = OneHiddenLayer([[1, 2]], [1], "relu")
    with pytest.raises(ValueError, match="expected linear or quadratic"):
        curvature_exact(teacher, [[1, 0]], teacher)
    line = OneHiddenLayer([[1, 2]], [1], "linear")
    with pytest.raises(ValueError, match="direction has shape"):
        curvature_exact(line, [1, 2, 3], line)


def test_a_direction_outside_the_kernel_is_refuted(monkeypatch):
    """(w_j, w_i) for (w_j, -w_i): as many directions, and H t is not 0."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "quadratic")
    monkeypatch.setattr(flatness, "symmetry_directions", lambda _: np.array([[Fraction(t) for t in (0, 1, 1, 0)]]))
    assert symmetries_span_kernel(teacher) == Verdict.REFUTED
