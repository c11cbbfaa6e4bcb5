"""The first singular Hessian: a search that finds, and whose answer balls confirm."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict
from onenn.landscape import hessian, radius_ceiling
from onenn.landscape.singular import first_singular, lowest_on_sphere, student_within

ORTHONORMAL = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "erf")


@pytest.mark.parametrize(
    ("name", "distance", "seeds"), [("erf", 0.2227, (0, 1)), ("squared_relu", 0.1328, (0,)), ("relu", 0.2891, (0,))]
)
def test_the_nearest_singular_student_of_an_orthonormal_pair(name, distance, seeds):
    """Found within the bisection's step from every seed; balls prove the Hessian there not positive definite."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], name)
    found = [first_singular(teacher, rng=np.random.default_rng(seed)) for seed in seeds]
    assert all(x.distance == pytest.approx(distance, abs=0.004) for x in found)
    assert all(x.verdict == Verdict.PROVED for x in found)
    assert all(x.distance == pytest.approx(np.linalg.norm(x.student.W - teacher.W)) for x in found)


def test_the_distance_is_below_the_ceiling():
    """Half the way to the exchanged teacher the Hessian is not positive definite, so a singular one is not farther."""
    assert first_singular(ORTHONORMAL, rng=np.random.default_rng(2)).distance < radius_ceiling(ORTHONORMAL) == 1


def test_the_descent_is_lower_than_random_directions():
    """200 random students of the sphere; the descent's is lower than all of them."""
    rng = np.random.default_rng(3)
    student = lowest_on_sphere(ORTHONORMAL, 0.2, rng=rng)
    least = lambda W: np.linalg.eigvalsh(hessian(OneHiddenLayer(W, [1, 1], "erf"), ORTHONORMAL))[0]  # noqa: E731
    steps = rng.standard_normal((200, 2, 2))
    steps *= 0.2 / np.linalg.norm(steps, axis=(1, 2), keepdims=True)
    assert np.linalg.norm(student.W - ORTHONORMAL.W) == pytest.approx(0.2)
    assert least(student.W) <= min(least(ORTHONORMAL.W + A) for A in steps)


def test_a_student_is_moved_inside_exactly():
    """In Fractions; one that is inside stays."""
    student = OneHiddenLayer(ORTHONORMAL.W + 0.3, [1, 1], "erf")
    for radius in (Fraction(1, 7), Fraction(2)):
        A = student_within(ORTHONORMAL, student, radius).exact_W - ORTHONORMAL.exact_W
        assert (A * A).sum() <= radius * radius
    assert student_within(ORTHONORMAL, student, Fraction(2)).W.tolist() == student.W.tolist()
    near = student_within(ORTHONORMAL, student, Fraction(1, 7))
    assert np.linalg.norm(near.W - ORTHONORMAL.W) == pytest.approx(1 / 7, rel=1e-6)


def test_bad_input_is_named():
    """No distance, and none found: a convex risk, one ReLU unit up to a tenth."""
    with pytest.raises(ValueError, match="radius is 0"):
        lowest_on_sphere(ORTHONORMAL, 0, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"largest is 0\.1"):
        first_singular(OneHiddenLayer([[1, 0]], [1], "relu"), rng=np.random.default_rng(0), largest=0.1)
