"""Risk, gradient and Hessian in balls: containment at points and over boxes, coincidences, zeros, eigenvalues."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation
from onenn.activations import register_activation
from onenn.landscape import (
    box_around,
    gradient,
    gradient_ball,
    hessian,
    hessian_at_teacher_ball,
    hessian_ball,
    one_relu_eigenvalues,
    risk,
    risk_ball,
)
from onenn.landscape.unit_balls import ray
from onenn.rigorous import (
    BALLS,
    NoEnclosure,
    ball,
    interval,
    is_positive_definite,
    krawczyk,
    precision,
    symmetric_eigenvalues,
)

CLOSED = ["linear", "quadratic", "relu", "leaky_relu", "squared_relu", "erf", "exp", "quartic_relu"]
ROWS = [["0.6", "0.1", "0.2"], ["0.3", "-0.5", "0.1"]]
TEACHER = [["0.5", "0.2", "-0.1"], ["-0.2", "0.4", "0.6"], ["0.1", "-0.7", "0.3"]]
FUNCTIONS = {risk_ball: risk, gradient_ball: gradient, hessian_ball: hessian}


def networks(phi):
    return OneHiddenLayer(ROWS, ["1", "-0.7"], phi), OneHiddenLayer(TEACHER, [1, 2, -1], phi)


def entries(value):
    return np.ravel(np.asarray(value, dtype=object))


def all_overlap(left, right):
    return all(x.overlaps(y) for x, y in zip(entries(left), entries(right), strict=True))


def moved(student, shifts):
    return OneHiddenLayer(student.exact_W + shifts, student.exact_v, student.phi)


@pytest.mark.parametrize("name", CLOSED)
def test_balls_contain_the_values_and_are_tight(name):
    """The same at 400 bits overlaps, radii at 106 bits are below 2^-80 of the largest entry, and doubles agree."""
    student, teacher = networks(name)
    for enclosed, floating in FUNCTIONS.items():
        value = entries(enclosed(student, teacher, bits=106))
        assert all_overlap(value, enclosed(student, teacher, bits=400))
        expected = np.ravel(floating(student, teacher))
        size = max(1.0, np.abs(expected).max())
        assert max(float(x.rad()) for x in value) < 2.0**-80 * size
        assert np.allclose(value.astype(float), expected, rtol=0, atol=1e-13 * size)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf", "exp"])
@pytest.mark.parametrize("where", ["away", "at the teacher", "antiparallel"])
def test_boxes_contain_the_values_at_their_points(name, where):
    """At corners, the centre and random points, also where a unit of the box is one of the teacher, or minus it."""
    student, teacher = networks(name)
    if where != "away":
        sign = 1 if where == "at the teacher" else -1
        student = OneHiddenLayer(sign * teacher.exact_W[:2], student.exact_v, name)
    radius, rng = Fraction(1, 64), np.random.default_rng(0)
    box = box_around(student, radius)
    boxed = {f: f(student, teacher, box=box, bits=64) for f in FUNCTIONS}
    assert all(x.is_finite() for value in boxed.values() for x in entries(value))
    for steps in (np.zeros((2, 3), dtype=int), *rng.integers(-4, 5, (6, 2, 3)), *rng.choice([-4, 4], (6, 2, 3))):
        shifts = np.array([Fraction(int(n)) for n in steps.ravel()], dtype=object).reshape(2, 3) * (radius / 4)
        for f, value in boxed.items():
            at_point = entries(f(moved(student, shifts), teacher, bits=64))
            assert all(x.contains(y.mid()) for x, y in zip(entries(value), at_point, strict=True))


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf"])
def test_the_width_is_proportional_to_that_of_the_box(name):
    """Ten times smaller, ten times tighter: around the teacher too, where a vanishing vector has any direction."""
    teacher = networks(name)[1]
    widths = [
        max(float(x.rad()) for x in entries(hessian_ball(teacher, teacher, box=box_around(teacher, r))))
        for r in ("1e-4", "1e-5")
    ]
    assert widths[1] < 0.11 * widths[0] < 0.1
    far = [
        max(float(x.rad()) for x in entries(f(teacher, teacher, box=box_around(teacher, "1e-9")))) for f in FUNCTIONS
    ]
    assert max(far) < 1e-5


def test_a_unit_of_the_box_is_the_same_unit_on_both_sides():
    """ReLU without a teacher: the Hessian is I/2 wherever the unit is, so the whole box gives a point. Two units that
    may differ within the box would give a width."""
    student, none = OneHiddenLayer([[1, 2]], [1], "relu"), OneHiddenLayer([[3, 1]], [0], "relu")
    H = hessian_ball(student, none, box=box_around(student, "1/2"))
    assert all_overlap(H, [[ball("1/2"), 0], [0, ball("1/2")]]) and max(float(x.rad()) for x in entries(H[:1])) < 1e-30


@pytest.mark.parametrize("name", CLOSED)
def test_at_the_teacher_the_hessian_is_that_of_its_chapter(name):
    """hessian_at_teacher_ball is other code; the gradient and the risk contain 0."""
    teacher = networks(name)[1]
    assert all_overlap(hessian_ball(teacher, teacher), hessian_at_teacher_ball(teacher))
    assert all(x.contains(0) for x in (risk_ball(teacher, teacher), *entries(gradient_ball(teacher, teacher))))


@pytest.mark.parametrize("angle", ["0.1", "0.5", "1"])
def test_one_relu_unit_has_the_eigenvalues_of_the_book(angle):
    """1/2, 1/2 - sin t/pi, 1/2 - sin t/(2 pi) (thm-lsc-relu-away), whose formula is not that of the package."""
    with precision(128):
        t = ball(angle)
        box = np.array([[BALLS.cos(t), BALLS.sin(t), ball(0)]])
        expected = one_relu_eigenvalues(t, C=BALLS)
    student, teacher = OneHiddenLayer([[0, 1, 0]], [1], "relu"), OneHiddenLayer([[1, 0, 0]], [1], "relu")
    values = symmetric_eigenvalues(hessian_ball(student, teacher, box=box), bits=128)
    assert all_overlap(values, sorted(expected, key=float))
    assert values[1].rad() < 1e-30


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf"])
def test_the_teacher_is_the_only_critical_point_of_a_box_around_it(name):
    """Krawczyk's operator on gradient_ball and hessian_ball, at ReLU across its coincidence: the basis of Issue 7."""
    teacher = OneHiddenLayer([[1, 0], ["1/3", 1]], [1, -1], name)
    f = lambda X: list(gradient_ball(teacher, teacher, box=X).ravel())  # noqa: E731
    J = lambda X: hessian_ball(teacher, teacher, box=X).tolist()  # noqa: E731
    zero = krawczyk(f, J, [x + 1e-5 for x in teacher.W.ravel()], 1e-4, bits=106)
    assert zero.verdict == Verdict.PROVED
    assert all_overlap(zero.box, [ball(y) for y in teacher.exact_W.ravel()])


def test_the_hessian_is_positive_definite_around_an_erf_teacher():
    """On a whole cube; at a hundred times the radius direct evaluation no longer tells."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf")
    boxes = [hessian_ball(teacher, teacher, box=box_around(teacher, r)) for r in ("1/4000", "1/40")]
    assert [is_positive_definite(H) for H in boxes] == [Verdict.PROVED, Verdict.UNDECIDED]


@pytest.mark.parametrize("centre", [(0, 0, 0), ("1/8", 0, "-1/8"), (1, 2, -1)])
def test_rays_contain_every_direction(centre):
    """r r^T/|r| over a cube around 0, with 0 on its border, and away from it; entries no wider than |r|."""
    rng, half = np.random.default_rng(0), Fraction(1, 8)
    m = [Fraction(x) for x in centre]
    enclosed = ray(np.array([interval(x - half, x + half) for x in m]))
    for steps in [*rng.integers(-16, 17, (40, 3)), *rng.choice([-16, 16], (8, 3))]:
        r = np.array([float(x + half * int(n) / 16) for x, n in zip(m, steps, strict=True)])
        length = np.linalg.norm(r)
        exact = np.outer(r, r) / length if length else np.zeros((3, 3))
        for x, y in zip(entries(enclosed), exact.ravel(), strict=True):
            assert (x + ball("1e-15").union(-ball("1e-15"))).contains(ball(Fraction(float(y))))
    longest = np.linalg.norm([float(abs(x) + half) for x in m])
    assert all(x.abs_upper() <= 1.001 * longest for x in entries(enclosed))
    assert all(x.lower() > -1e-9 for x in np.diag(enclosed))


def test_rays_of_exactly_nothing_are_nothing():
    """The part of a unit across itself."""
    assert not ray(np.array([ball(0), ball(0)])).any()


def test_tighter_rays_would_be_wrong():
    """Mutants: 0, the value at the centre, half the bound; each misses a point that the test above visits."""
    half = Fraction(1, 8)
    enclosed = ray(np.array([interval(-half, half)] * 2))
    corner = Fraction(1, 8) / 2  # of 1/8/sqrt(2) = 0.088
    assert enclosed[0, 1].contains(ball(corner)) and enclosed[0, 1].contains(-ball(corner))
    for mutant in (ball(0), enclosed[0, 1] / 2):
        assert not mutant.contains(ball(corner))


def test_a_box_may_be_flat_and_hold_numbers():
    """k d entries in a row, as Krawczyk's operator passes them; ints, Fractions and strings are numbers."""
    student, teacher = networks("relu")
    flat = [Fraction(x) for row in ROWS for x in row]
    assert all_overlap(gradient_ball(student, teacher, box=flat), gradient_ball(student, teacher))
    assert hessian_ball(student, teacher, box=ROWS).shape == (6, 6)


def test_boxes_with_a_zero_row_are_answered_where_phi_is_smooth():
    """erf is analytic at w = 0; ReLU has a kink there, and no number is right for all points of the box."""
    for name, finite in (("erf", True), ("relu", False)):
        student, teacher = networks(name)
        box = box_around(student, 1)
        assert all(x.is_finite() == finite for x in np.diag(hessian_ball(student, teacher, box=box)))
    student = OneHiddenLayer([[0, 0, 0], ROWS[1]], [1, 1], "erf")
    assert hessian_ball(student, networks("erf")[1])[0, 0].overlaps(
        hessian_ball(student, networks("erf")[1], box=box_around(student, "1e-9"))[0, 0]
    )


def test_unfit_arguments_are_refused():
    """Floats, wrong shapes, unlike networks, zero rows at a kink; no closed form: a warning and no number."""
    student, teacher = networks("relu")
    with pytest.raises(TypeError, match="box is the float"):
        risk_ball(student, teacher, box=student.W)
    with pytest.raises(ValueError, match=r"box has shape \(3, 2\); expected \(2, 3\)"):
        gradient_ball(student, teacher, box=np.zeros((3, 2), dtype=int))
    with pytest.raises(TypeError, match="radius is the float"):
        box_around(student, 0.1)
    with pytest.raises(ValueError, match="radius is -1"):
        box_around(student, -1)
    with pytest.raises(ValueError, match=r"row 0 of student\.W is zero"):
        hessian_ball(OneHiddenLayer([[0, 0, 0]], [1], "relu"), teacher)
    with pytest.raises(ValueError, match="one activation"):
        hessian_ball(OneHiddenLayer(ROWS, [1, 1], "erf"), teacher)
    with pytest.warns(NoEnclosure, match="no enclosure for tanh"):
        H = hessian_ball(*networks("tanh"))
    assert not any(x.is_finite() for x in np.diag(H))
    assert activation("tanh").closed_forms.pair is None


def test_an_activation_of_the_users_with_a_pair_is_enclosed():
    """3 erf(2 z) registered under its own name, with the closed forms of the scaled erf."""
    phi = activation("erf").scaled(output=3, input=2)
    mine = register_activation(
        "erf_of_population_balls",
        phi,
        phi.derivative,
        phi.second_derivative,
        closed_forms=phi.closed_forms,
        replace=True,
    )
    assert all_overlap(hessian_ball(*networks(mine)), hessian_ball(*networks(phi)))
