"""Existence and uniqueness of zeros: circles and lines, cubics, singular Jacobians, boxes with two zeros or none."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from rigorous_strategies import encloses, precisions

from onenn.rigorous import BALLS as C
from onenn.rigorous import ball, krawczyk, precision, square
from onenn.verdict import Verdict


def circle_and_line(X):
    x, y = X
    return [square(x) + square(y) - 1, x - y]


def circle_and_line_jacobian(X):
    x, y = X
    return [[2 * x, 2 * y], [1, -1]]


def cubic(X):
    x = X[0]
    return [(x - 1) * (x - 2) * (x - 4)]


def cubic_jacobian(X):
    x = X[0]
    return [[(x - 1) * (x - 2) + (x - 1) * (x - 4) + (x - 2) * (x - 4)]]


ROOTS = (1, 2, 4)


@settings(max_examples=60, deadline=None)
@given(st.fractions(0, 5, max_denominator=40), st.fractions(Fraction(1, 40), 2, max_denominator=40), precisions)
def test_the_verdict_counts_the_roots_of_a_cubic(centre, radius, bits):
    """Independent route: the roots 1, 2, 4 are known. PROVED: exactly one inside. REFUTED: none."""
    zero = krawczyk(cubic, cubic_jacobian, [centre], radius, bits=bits)
    inside = [r for r in ROOTS if abs(r - centre) <= radius]
    if zero.verdict == Verdict.PROVED:
        assert len(inside) == 1 and zero.contraction < 1
    if zero.verdict == Verdict.REFUTED:
        assert not inside
    assert zero.verdict.reason
    assert all(zero.box[0].contains(r) for r in inside)


@pytest.mark.parametrize("bits", [53, 128, 500])
def test_the_box_of_a_proved_zero_shrinks_to_the_precision(bits):
    """Tight: x = y = 1/sqrt(2), to the last few bits; the zero is enclosed."""
    zero = krawczyk(circle_and_line, circle_and_line_jacobian, [0.7, 0.71], 0.05, bits=bits)
    assert zero.verdict == Verdict.PROVED
    with precision(600):
        for x in zero.box:
            assert encloses(x, 1 / ball(2).sqrt()) and x.rad() < ball(2) ** (6 - bits)
    assert all(d.contains(x) for d, x in zip(zero.domain, zero.box, strict=True))


def test_a_transcendental_zero_is_found():
    """cos x = x at 0.7390851332..., the Dottie number; enclosures at two precisions overlap."""
    f, jacobian = lambda X: [C.cos(X[0]) - X[0]], lambda X: [[-C.sin(X[0]) - 1]]
    boxes = [krawczyk(f, jacobian, ["0.74"], "0.05", bits=b) for b in (40, 200)]
    assert all(z.verdict == Verdict.PROVED for z in boxes)
    assert boxes[0].box[0].overlaps(boxes[1].box[0])
    assert (
        boxes[1].box[0].overlaps(ball("0.7390851332151606416553120876738734040134117589007574649656") + arb(0, "1e-57"))
    )


def test_a_box_with_two_zeros_is_never_proved_to_hold_one():
    """x^2 = 1 on 1 +- 5/2: at the midpoint alone everything looks like one zero."""
    f, jacobian = lambda X: [square(X[0]) - 1], lambda X: [[2 * X[0]]]
    zero = krawczyk(f, jacobian, [1], "5/2")
    assert zero.verdict == Verdict.UNDECIDED
    assert zero.box[0].contains(1) and zero.box[0].contains(-1)
    assert krawczyk(f, jacobian, [1], "1/2").verdict == Verdict.PROVED


def test_a_box_without_a_zero_is_refuted():
    """K(X) and X are disjoint."""
    zero = krawczyk(circle_and_line, circle_and_line_jacobian, [0.9, 0.9], 0.01)
    assert zero.verdict == Verdict.REFUTED and "no zero" in zero.verdict.reason


def test_a_singular_jacobian_decides_nothing():
    """At a double zero, and on a line of zeros, there is no unique simple zero to find."""
    double = krawczyk(lambda X: [square(X[0])], lambda X: [[2 * X[0]]], [0], "1/10")
    assert double.verdict == Verdict.UNDECIDED and "singular" in double.verdict.reason
    line = krawczyk(lambda X: [X[0] - X[1], 2 * X[0] - 2 * X[1]], lambda X: [[1, -1], [2, -2]], [0, 0], 1)
    assert line.verdict == Verdict.UNDECIDED
    near = krawczyk(lambda X: [square(X[0])], lambda X: [[2 * X[0]]], ["1/3"], "1/2")
    assert near.verdict == Verdict.UNDECIDED and near.box[0].contains(0)


def test_the_image_must_lie_in_the_interior():
    """K(X) = X proves nothing: f = 0 with the slope enclosed by [0, 2] has every point as a zero."""
    zero = krawczyk(lambda X: [0 * X[0]], lambda X: [[arb(1, 1)]], [0], 1)
    assert zero.verdict == Verdict.UNDECIDED and "interior" in zero.verdict.reason


def test_a_zero_on_the_boundary_is_not_proved():
    """The theorem needs room on every side; the zero of x - 1 lies on the end of [0, 1]."""
    assert krawczyk(lambda X: [X[0] - 1], lambda X: [[1]], ["1/2"], "1/2").verdict != Verdict.REFUTED


def test_values_that_are_not_finite_decide_nothing():
    """log is not defined on a box that reaches 0."""
    zero = krawczyk(lambda X: [C.log(X[0])], lambda X: [[1 / X[0]]], [1], 2)
    assert zero.verdict == Verdict.UNDECIDED and "not finite" in zero.verdict.reason
    assert krawczyk(lambda X: [arb.nan()], lambda X: [[1]], [1], 2).verdict == Verdict.UNDECIDED


def test_radii_may_differ_between_coordinates():
    """The contraction is measured in the weights of the box, so it is below 1 whenever the verdict is PROVED."""
    zero = krawczyk(
        lambda X: [X[0] + 1000 * square(X[1]), X[1] + square(X[1])],
        lambda X: [[1, 2000 * X[1]], [0, 1 + 2 * X[1]]],
        [0, 0],
        [1, "1/100"],
    )
    assert zero.verdict == Verdict.PROVED and zero.contraction < 1
    assert all(x.contains(0) for x in zero.box)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10**6))
def test_a_regular_linear_system_has_exactly_its_solution(n, seed):
    """Independent route: a solution chosen in advance; the Jacobian is constant, so the first step contracts to it."""
    rng = np.random.default_rng(seed)
    A = (rng.integers(-5, 6, (n, n)) + 20 * np.eye(n, dtype=int)).tolist()
    exact = rng.integers(-9, 10, n).tolist()
    b = [sum(a * x for a, x in zip(row, exact, strict=True)) for row in A]
    f = lambda X: [sum((a * x for a, x in zip(row, X, strict=True)), arb(0)) - c for row, c in zip(A, b, strict=True)]  # noqa: E731
    zero = krawczyk(f, lambda X: A, [x + 0.25 for x in exact], 1.0, bits=80)
    assert zero.verdict == Verdict.PROVED
    assert all(box.contains(x) and box.rad() < ball("1e-18") for box, x in zip(zero.box, exact, strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": []}, "x has 0 entries"),
        ({"radius": [1, 1]}, "radius 2"),
        ({"radius": 0}, "radius is 0"),
        ({"radius": "-1"}, "radius is -1"),
        ({"x": [0, 0], "radius": 1}, "jacobian the shape"),
        ({"steps": 0}, "steps is 0"),
        ({"inverse": np.eye(2)}, "inverse has the shape"),
        ({"inverse": np.array([[np.nan]])}, "inverse has the shape"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(arguments, message):
    """Lengths and signs are checked before anything is computed."""
    call = {"x": [0], "radius": 1} | arguments
    with pytest.raises(ValueError, match=message):
        krawczyk(lambda X: [X[0]], lambda X: [[1]], call.pop("x"), call.pop("radius"), **call)


def test_a_given_inverse_saves_the_jacobian_at_the_centre_and_a_wrong_one_proves_nothing():
    """Y is any matrix: with a good one f' is asked for on boxes only, with a bad one nothing contracts."""
    asked = []

    def jacobian(X):
        asked.append(X[0])
        return [[2 * X[0]]]

    def root(inverse):
        return krawczyk(lambda X: [square(X[0]) - 2], jacobian, ["7/5"], "1/10", bits=80, inverse=np.array([[inverse]]))

    zero = root(0.35)
    assert zero.verdict == Verdict.PROVED
    assert zero.box[0].overlaps(ball("sqrt(2)"))
    assert zero.box[0].rad() < ball("1e-15")
    assert not any(x.is_exact() for x in asked)
    assert root(-0.35).verdict == root(0.0).verdict == Verdict.UNDECIDED


def test_a_jacobian_of_another_function_is_noticed():
    """With a false slope the zero seems to lie in two disjoint boxes: the contradiction is reported, not a zero."""
    with pytest.raises(ValueError, match="jacobian is not the derivative of f"):
        krawczyk(lambda X: [2 - square(X[0])], lambda X: [[2 * X[0]]], ["3/2"], "1/5")
