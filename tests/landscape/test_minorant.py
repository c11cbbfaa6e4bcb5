"""The minorant of the Hessian: below sampled Hessians on the whole ball, equal to them where phi is smooth."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation, random_teacher
from onenn.landscape import hessian, hessian_at_teacher
from onenn.landscape import minorant as module
from onenn.landscape.balls import box_around
from onenn.landscape.minorant import minorant, own_unit_bound_holds, own_unit_error
from onenn.rigorous import ball, precision

TEACHERS = {
    "erf": OneHiddenLayer([[1, 0, Fraction(1, 2)], [Fraction(1, 4), 1, 0]], [1, -2], "erf"),
    "exp": OneHiddenLayer([[Fraction(1, 2), 0], [Fraction(1, 4), Fraction(1, 3)]], [1, 2], "exp"),
    "quadratic": OneHiddenLayer([[1, 0], [1, 2]], [1, 2], "quadratic"),
    "squared_relu": OneHiddenLayer([[1, Fraction(1, 2)], [Fraction(-1, 2), 2]], [1, -1], "squared_relu"),
    "relu": OneHiddenLayer([[1, Fraction(1, 2), 0], [Fraction(-1, 2), 2, 1]], [2, 1], "relu"),
    "leaky_relu": OneHiddenLayer([[1, 0], [-1, 1]], [1, 1], activation("leaky_relu", slope=Fraction(1, 3))),
    "one relu": OneHiddenLayer([[1, 2, 0]], [3], "relu"),
    "scaled erf": OneHiddenLayer([[1, 0], [0, 2]], [1, 1], activation("erf").scaled(output=2, input=Fraction(1, 2))),
    "|z|": OneHiddenLayer([[1, 0], [0, 2]], [1, -1], activation("leaky_relu", slope=-1)),
}
RADIUS = Fraction(1, 16)


def floats(X):
    """Midpoints of balls as doubles."""
    return np.array([[float(x.mid()) for x in row] for row in X])


def steps(teacher, rng, count, radius=RADIUS):
    """Steps of the ball, half of them on the sphere."""
    for i in range(count):
        A = rng.standard_normal(teacher.W.shape)
        yield A * float(radius) * (1 if i % 2 else rng.random()) / np.linalg.norm(A)


def polynomial(M, A):
    """p(A) in doubles."""
    a = A.ravel()
    powers = [np.prod([a[i] for i in word]) for word in M.monomials.words]
    return sum(p * floats(X) for p, X in zip(powers, M.coefficients, strict=True))


def expand(teacher, degree=3, radius=RADIUS):
    """The expansion at 64 bits, and E."""
    with precision(64):
        box = box_around(teacher, radius).ravel()
        return minorant(teacher, ball(radius), degree), own_unit_error(teacher, box, radius)


def lowest_gap(teacher, degree=3, count=60, radius=RADIUS):
    """The least eigenvalue of H(W + A) - (p(A) - bounds - E) over the steps, E at its upper end."""
    M, E = expand(teacher, degree, radius)
    bounds, error = floats(M.bounds), floats(E)
    slack = np.abs(bounds).sum(axis=1).max() + np.array([[float(x.rad()) for x in r] for r in E]).sum(axis=1).max()
    gaps = []
    for A in steps(teacher, np.random.default_rng(5), count, radius):
        H = hessian(OneHiddenLayer(teacher.W + A, teacher.v, teacher.phi), teacher)
        gaps.append(np.linalg.eigvalsh(H - polynomial(M, A) + error)[0] + slack)
    return min(gaps)


@pytest.mark.parametrize("name", TEACHERS)
def test_the_hessian_is_above_the_minorant(name):
    """lambda_min(H(W + A) - M(A) + E) >= 0 up to the bounds, at 60 students of the ball, in doubles."""
    assert lowest_gap(TEACHERS[name]) >= -1e-11


@pytest.mark.parametrize("name", ["erf", "exp", "quadratic", "scaled erf"])
def test_the_minorant_of_a_smooth_phi_is_the_hessian(name):
    """Entry by entry, within the bounds, which are small."""
    teacher = TEACHERS[name]
    M, E = expand(teacher)
    bounds = floats(M.bounds)
    assert floats(E).max() == 0 and bounds.max() < 0.01 * np.abs(floats(M.coefficients[0])).max()
    for A in steps(teacher, np.random.default_rng(6), 40):
        H = hessian(OneHiddenLayer(teacher.W + A, teacher.v, teacher.phi), teacher)
        assert (np.abs(H - polynomial(M, A)) <= bounds + 1e-12).all()


@pytest.mark.parametrize("name", ["squared_relu", "relu", "|z|"])
def test_off_the_diagonal_blocks_nothing_is_lost(name):
    """Only the blocks of a unit with itself are bounded from below; the others agree entry by entry."""
    teacher = TEACHERS[name]
    M, _ = expand(teacher)
    d = teacher.d
    for A in steps(teacher, np.random.default_rng(7), 20):
        H = hessian(OneHiddenLayer(teacher.W + A, teacher.v, teacher.phi), teacher)
        assert (np.abs(H - polynomial(M, A))[:d, d:] <= floats(M.bounds)[:d, d:] + 1e-12).all()


@pytest.mark.parametrize("name", TEACHERS)
def test_at_the_teacher_it_is_the_hessian(name):
    """The constant coefficient is H(W): the error begins with the step."""
    M, _ = expand(TEACHERS[name], degree=1)
    assert np.allclose(floats(M.coefficients[0]), hessian_at_teacher(TEACHERS[name]), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["erf", "squared_relu", "relu"])
def test_first_coefficients_are_derivatives(name):
    """Central differences of the constant coefficient of M, expanded at a teacher, against those of H at another step.

    For ReLU and squared ReLU along a common stretch of all rows, where no unit leaves its own direction.
    """
    teacher = TEACHERS[name]
    M, _ = expand(teacher, degree=1)
    direction = teacher.W if name != "erf" else np.random.default_rng(8).standard_normal(teacher.W.shape)
    slope = polynomial(M, direction) - polynomial(M, 0 * direction)
    t = 1e-5
    up, down = (hessian(OneHiddenLayer(teacher.W + s * t * direction, teacher.v, name), teacher) for s in (1, -1))
    assert np.allclose(slope, (up - down) / (2 * t), rtol=1e-7, atol=1e-7)


def test_the_error_of_relu_is_met_up_to_a_factor():
    """One unit turned by a small angle: v^2 |p|/(2 pi |w'|) (P + e e^T) is the loss, and E twice that without e e^T."""
    teacher, step = OneHiddenLayer([[1, 0]], [1], "relu"), Fraction(1, 100)
    with precision(64):
        E = floats(own_unit_error(teacher, box_around(OneHiddenLayer([[1, step]], [1], "relu"), 0).ravel(), step))
    H = hessian(OneHiddenLayer([[1, float(step)]], [1], "relu"), teacher)
    assert np.allclose(np.eye(2) / 2 - H, E, atol=1e-8)  # d = 2: P = e e^T
    assert E[1, 1] == pytest.approx(0.01 / np.pi, rel=1e-3)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_the_bound_for_a_unit_and_its_own_teacher(name):
    """Lengths 1/2 to 3, angles from 6 degrees to obtuse, d = 2 and 4; half of it is refuted."""
    for w, u in (([1, 0], [1, Fraction(1, 10)]), ([1, 2, 0, 0], [Fraction(1, 2), -1, 1, 2]), ([2, 1], [-1, 1])):
        assert own_unit_bound_holds(name, w, u) == Verdict.PROVED
        assert own_unit_bound_holds(name, w, u, factor="0.4") == Verdict.REFUTED


def test_mutants_of_the_minorant_are_caught(monkeypatch):
    """Without E; with half the jump squared; with 4 F(w) for 3 F(w); with the wrong sign of the teacher's curvature."""
    no_error = lambda teacher, box, radius: np.zeros((6, 6), dtype=int) * ball(1)  # noqa: E731
    relu = OneHiddenLayer([[1, 0, 0], [0, 1, 0]], [1, 1], "relu")
    assert lowest_gap(relu, count=20) >= -1e-11
    original = module.own_unit_error
    for mutant in (no_error, lambda *arguments: original(*arguments) / 4):
        monkeypatch.setattr("test_minorant.own_unit_error", mutant)
        assert lowest_gap(relu, count=20) < -1e-5
    monkeypatch.undo()
    units = module._own_units
    squared = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "squared_relu")
    assert lowest_gap(squared, count=20) >= -1e-11
    monkeypatch.setattr(
        module, "_own_units", lambda phi, w, own: units(phi, w, own) + units(phi, own, own) * ball("1/2")
    )
    assert lowest_gap(squared, count=20) < -1e-2
    monkeypatch.undo()
    pair = module._pair

    def wrong(*units, **same):
        row = pair(*units, **same)
        return SimpleNamespace(slopes=row.slopes, curvature=lambda weights: -row.curvature(weights))

    monkeypatch.setattr(module, "_pair", wrong)
    assert lowest_gap(TEACHERS["erf"], count=20) < -1e-2


def test_a_unit_that_meets_a_foreign_one_leaves_no_bound():
    """Two teacher units of nearly one direction: inside the ball a student's unit may be parallel to the other's."""
    near = OneHiddenLayer([[1, 0], [1, Fraction(1, 32)]], [1, 1], "relu")
    assert not all(x.is_finite() for x in expand(near)[0].bounds.ravel())
    smooth = OneHiddenLayer([[1, 0], [1, Fraction(1, 32)]], [1, 1], "erf")
    assert all(x.is_finite() for x in expand(smooth)[0].bounds.ravel())


def test_a_wider_ball_has_wider_bounds():
    """Degree 2: twice the radius, at least eight times the remainder."""
    teacher = random_teacher(2, 2, "erf", rng=1)
    small, large = (floats(expand(teacher, 2, r)[0].bounds).max() for r in (Fraction(1, 64), Fraction(1, 32)))
    assert large > 7.5 * small > 0
