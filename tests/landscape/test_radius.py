"""The radius by formula: the Hessian moves no more than it says, and positive definiteness stays."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation, random_teacher
from onenn.activations import Bounds
from onenn.landscape import hessian, hessian_at_teacher
from onenn.landscape.bounds import strong_convexity_bound
from onenn.landscape.radius import (
    deviation_holds,
    hessian_deviation_bound,
    hessian_deviation_bound_ball,
    radius_ceiling,
    strong_convexity_radius,
)
from onenn.landscape.risk import risk_of_weights

rng = np.random.default_rng(9)


def differenced_hessian(teacher, W, t=2e-3):
    """The Hessian of the risk at W by central differences; their error is far below the deviations compared here."""
    E = t * np.eye(W.size).reshape(-1, *W.shape)
    a, b = E[:, None], E[None]
    pp, pm, mp, mm = (risk_of_weights(W + x, teacher.v, teacher) for x in (a + b, a - b, b - a, -a - b))
    return (pp - pm - mp + mm) / (4 * t * t)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf"])
def test_the_hessian_moves_at_most_by_the_bound(name):
    """Random teachers; steps of 0.1 and 0.3 of the shortest row."""
    for k, d in ((1, 2), (2, 2), (2, 3)):
        W = rng.standard_normal((k, d)) * 1.5
        teacher = OneHiddenLayer(W, rng.choice([-1.0, 2.0], size=k), name)
        H = differenced_hessian(teacher, W)
        for step in np.array([0.1, 0.3]) * min(np.linalg.norm(W, axis=1)):
            A = rng.standard_normal((k, d))
            A *= step / np.linalg.norm(A)
            moved = np.linalg.norm(differenced_hessian(teacher, W + A) - H, 2)
            assert moved <= hessian_deviation_bound(teacher, step)


def test_the_differences_are_those_of_the_closed_hessian():
    """The oracle of this file against the closed form at the teacher."""
    teacher = random_teacher(2, 3, "erf", rng=4)
    assert np.allclose(differenced_hessian(teacher, teacher.W), hessian_at_teacher(teacher), atol=1e-5)


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf", "tanh", "sigmoid", "softplus"])
def test_the_radius_solves_its_equation(name):
    """deviation(r) = (1 - fraction) m, below the ceiling."""
    teacher = random_teacher(3, 4, name, rng=5)
    teacher = OneHiddenLayer(teacher.W, np.abs(teacher.v), teacher.phi)
    for fraction in (0.0, 0.5, 0.9):
        r = strong_convexity_radius(teacher, fraction=fraction)
        expected = (1 - fraction) * strong_convexity_bound(teacher)
        assert hessian_deviation_bound(teacher, r) == pytest.approx(expected, rel=1e-9)
        assert 0 < r < radius_ceiling(teacher)
    assert strong_convexity_radius(teacher, least=2 * strong_convexity_bound(teacher)) > strong_convexity_radius(
        teacher
    )


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_the_radius_stays_below_the_shortest_row(name):
    """Rows of length 10 and 1 and a curvature that allows more: where phi has a kink the shortest row is the end."""
    teacher = OneHiddenLayer([[10, 0], [0, 1]], [1, 1], name)
    assert (0.99 < strong_convexity_radius(teacher, least=1e12) < 1) == (name == "relu")


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf"])
def test_balls_contain_the_doubles(name):
    """The same formula in two contexts."""
    teacher = random_teacher(2, 3, name, rng=6)
    x = hessian_deviation_bound_ball(teacher, "0.05")
    assert float(x) == pytest.approx(hessian_deviation_bound(teacher, 0.05), rel=1e-13) and x.rel_accuracy_bits() > 100


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf"])
def test_balls_confirm_the_bound_and_refute_a_tenth_of_it(name):
    """k = d = 2, v = (1, -2); a tenth is too little in the worst of four directions, at every activation."""
    teacher = OneHiddenLayer([[1, 1], [0, 2]], [1, -2], name)
    steps = [[[-1, -3], [-3, -3]], [[3, 1], [3, 2]], [[-2, 0], [-2, 0]], [[1, 2], [0, -1]]]
    steps = [[[Fraction(x, 200) for x in row] for row in A] for A in steps]
    assert all(deviation_holds(teacher, A) == Verdict.PROVED for A in steps)
    pair = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], name)
    assert any(deviation_holds(pair, A, factor="1/10") == Verdict.REFUTED for A in steps)
    with pytest.raises(ValueError, match="A has shape"):
        deviation_holds(teacher, [[1, 0]])


def test_the_bounds_are_the_printed_formulas():
    """Rows of length 5 and 2, v = (1, -3), distance 1/2: the three formulas of the module with their numbers put in."""
    r, pi = 0.5, np.pi
    L1, L2 = 2 / np.sqrt(pi), np.sqrt(8 / (pi * np.e))  # of erf: |phi''| is largest at 1/sqrt(2)
    printed = {
        "erf": 6 * np.sqrt(2 / pi) * np.sqrt(2) * L1 * L2 * 9 * r,
        "squared_relu": 4.5 * 2 * 2 * 9 * r * (2 * np.sqrt(29) + r),
        "relu": 9 * np.sqrt(2) * r * ((1 + 2 / pi) / 2 + 1 / (pi * (2 - r))),
    }
    for rows, v in (([[3, 4], [0, 2]], [1, -3]), ([[0, 2], [3, 4]], [-3, 1])):
        for name, x in printed.items():
            assert hessian_deviation_bound(OneHiddenLayer(rows, v, name), r) == pytest.approx(x, rel=1e-12)
            assert hessian_deviation_bound(OneHiddenLayer(rows, v, name), 0) == 0


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf"])
def test_the_verdict_turns_at_the_norm_of_the_change(name):
    """The factor at which the bound is the spectral norm of H(W + A) - H(W), from doubles: a millionth more is PROVED,
    a millionth less REFUTED, for a step and its opposite, where the extreme eigenvalue has the other sign."""
    teacher = OneHiddenLayer([[1, 1], [0, 2]], [1, -2], name)
    for sign in (1, -1):
        A = [[Fraction(sign * x, 40) for x in row] for row in ([2, 1], [-1, 2])]
        other = OneHiddenLayer(teacher.W + np.array(A, dtype=float), teacher.v, name)
        change = np.linalg.norm(hessian(other, teacher) - hessian(teacher, teacher), 2)
        factor = change / hessian_deviation_bound(teacher, np.sqrt(10) / 40)
        answers = [deviation_holds(teacher, A, factor=Fraction(factor * f)) for f in (1 + 1e-6, 1 - 1e-6)]
        assert answers == [Verdict.PROVED, Verdict.REFUTED]


def test_a_jump_enters_squared():
    """leaky_relu of slope c is c z + (1 - c) relu(z), and the affine part does not move the Hessian."""
    ratio = [hessian_deviation_bound(random_teacher(2, 2, name, rng=7), 0.1) for name in ("leaky_relu", "relu")]
    assert ratio[0] == pytest.approx(0.99**2 * ratio[1], rel=1e-14)


def test_the_ceiling_is_half_the_way_to_the_exchanged_teacher():
    """Only pairs of equal weight can be exchanged."""
    teacher = OneHiddenLayer([[1, 0], [0, 1], [3, 0]], [1, 2, 1], "erf")
    assert radius_ceiling(teacher) == pytest.approx(2 / np.sqrt(2))
    assert radius_ceiling(OneHiddenLayer([[1, 0], [0, 1]], [1, -1], "erf")) == np.inf
    three = OneHiddenLayer([[1, 0], [0, 3], [9, 0]], [1, 1, 1], "erf")  # the nearest of three pairs
    assert radius_ceiling(three) == pytest.approx(np.sqrt(10 / 2))


def test_a_large_curvature_reaches_beyond_one():
    """The bound of erf is linear in the distance, so the radius is least/bound(1), also where it is above 1."""
    teacher = random_teacher(2, 3, "erf", rng=6)
    for least in (1e-3, 40.0, 1e4):
        assert strong_convexity_radius(teacher, least=least) * hessian_deviation_bound(teacher, 1) == pytest.approx(
            least
        )


def test_a_slope_that_vanishes_to_second_order_is_bounded_by_its_lipschitz_constant():
    """|phi'(z)| <= L1 |z|^2 and |phi''| <= L2: near 0 and far from it |phi'(z)| <= L2 |z|, whatever L1."""
    squared = activation("squared_relu")
    flat = dataclasses.replace(squared, bounds=Bounds(first=Fraction(7), power=2, second=Fraction(2)))
    steep = dataclasses.replace(squared, bounds=Bounds(first=Fraction(7), power=1, second=Fraction(2)))
    bound, other, more = (hessian_deviation_bound(random_teacher(2, 2, f, rng=1), 0.1) for f in (squared, flat, steep))
    assert other == bound and more == pytest.approx(3.5 * bound)


def test_bad_input_is_named():
    """A negative distance, one that reaches a zero row, an activation without constants, a fraction of 1."""
    teacher = random_teacher(2, 2, "relu", rng=8)
    with pytest.raises(ValueError, match="distance is -1"):
        hessian_deviation_bound(teacher, -1)
    with pytest.raises(ValueError, match="a row could vanish"):
        hessian_deviation_bound(teacher, 5)
    with pytest.raises(ValueError, match="a row could vanish"):
        hessian_deviation_bound(OneHiddenLayer([[3, 4], [0, 2]], [1, 1], "relu"), 2)
    for phi in ("exp", activation("erf").scaled(output=-1)):  # neither of the two; a Lipschitz slope of no one sign
        with pytest.raises(ValueError, match="lacks L1"):
            hessian_deviation_bound(random_teacher(2, 2, phi, rng=8), 0.1)
    with pytest.raises(ValueError, match="fraction is 1"):
        strong_convexity_radius(teacher, fraction=1)
