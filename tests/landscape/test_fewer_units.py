"""The risk of students with fewer units than the teacher: a floor from the rank of the second Hermite moment."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, random_teacher
from onenn.landscape import fewer_units, risk, risk_exact
from onenn.landscape.fewer_units import fewer_units_floor, fewer_units_floor_ball, second_moment
from onenn.recovery import network_moment


@pytest.mark.parametrize("phi", ["relu", "squared_relu", "softplus", "tanh"])
def test_the_second_moment_is_that_of_samples(phi):
    """E f(x) (x x^T - I) by Monte Carlo: within six standard errors, 10^5 samples."""
    teacher = random_teacher(2, 3, phi, rng=1)
    x = np.random.default_rng(2).standard_normal((100_000, 3))
    terms = teacher.predict(x)[:, None, None] * (x[:, :, None] * x[:, None, :] - np.eye(3))
    error = terms.std(axis=0) / np.sqrt(len(x))
    assert np.all(np.abs(terms.mean(axis=0) - second_moment(teacher)) <= 6 * error + 1e-12)


def test_the_second_moment_is_that_of_the_moment_method():
    """M_2 of the tensor initialisation, an independent route through m_2(s)."""
    teacher = random_teacher(3, 4, "relu", rng=3)
    np.testing.assert_allclose(second_moment(teacher), network_moment(teacher, 2), rtol=0, atol=1e-14)


@pytest.mark.parametrize("phi", ["relu", "leaky_relu", "squared_relu", "quadratic"])
def test_no_smaller_student_is_below_the_floor(phi):
    """Random students, and parts of the teacher itself: the floor holds for every W and v."""
    rng = np.random.default_rng(4)
    teacher = random_teacher(4, 4, phi, rng=rng)
    for k in (1, 2, 3):
        students = [OneHiddenLayer(rng.normal(size=(k, 4)), rng.normal(size=k), phi) for _ in range(30)]
        students += [OneHiddenLayer(teacher.W[:k] * s, teacher.v[:k], phi) for s in (0.5, 0.8, 1, 1.2)]
        assert min(risk(s, teacher) for s in students) >= fewer_units_floor(teacher, k) > 0


def test_a_half_for_the_quarter_is_too_much():
    """The mutant: f* = x_1^2 - x_2^2 and the student x_1^2, whose risk is E x_2^4/2 = 3/2; the floor is 1."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, -1], "quadratic")
    student = OneHiddenLayer([[1, 0]], [1], "quadratic")
    assert risk_exact(student, teacher) == Fraction(3, 2)
    floor = fewer_units_floor(teacher, 1)
    assert floor == pytest.approx(1, abs=1e-14)
    assert 2 * floor > 1.5 > floor


def test_the_ball_holds_the_float_and_is_small():
    """Rational teachers of full and of lower rank; the bound vanishes from the teacher's number of units on."""
    rng = np.random.default_rng(5)
    for shape in ((3, 3), (2, 4), (3, 2)):
        teacher = OneHiddenLayer(rng.integers(1, 9, size=shape), [1, -1, 2][: shape[0]], "relu")
        for k in range(4):
            ball = fewer_units_floor_ball(teacher, k)
            assert abs(float(ball.mid()) - fewer_units_floor(teacher, k)) < 1e-12
            assert float(ball.rad()) < 1e-25


def test_bad_requests_are_refused():
    """A negative number of units is named."""
    teacher = random_teacher(2, 3, "relu", rng=0)
    for floor in (fewer_units_floor, fewer_units_floor_ball):
        with pytest.raises(ValueError, match="k is -1"):
            floor(teacher, -1)
    assert fewer_units.fewer_units_floor(teacher, 2) == 0


@pytest.mark.parametrize("bits", [8, 12, 20])
def test_the_floor_at_few_bits_contains_the_floor(bits):
    """Roundings are as large as the digits that are left: the ball of few bits holds all of the one of many."""
    for seed in range(6):
        teacher = random_teacher(3, 3, ("relu", "squared_relu")[seed % 2], rng=seed)
        for k in range(3):
            coarse, fine = (fewer_units_floor_ball(teacher, k, bits=b) for b in (bits, 200))
            assert coarse.contains(fine)
