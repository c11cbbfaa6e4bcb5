"""Second differences of the risk in balls against the Hessian: away from the teacher, every family."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict
from onenn.landscape import almost_everywhere_hessian, hessian, hessian_at_teacher
from onenn.landscape.differences import second_difference_holds

W, V = [[1, Fraction(1, 3), 0], [Fraction(-1, 5), 1, Fraction(1, 4)]], [1, -2]
DIRECTION = [[1, 2, -1], [0, 1, 1]]


def pair(name):
    """A student and a teacher in general position, with v_2 = -2."""
    return OneHiddenLayer(W, V, name), OneHiddenLayer([[1, 0, 0], [0, 1, Fraction(1, 2)]], V, name)


@pytest.mark.parametrize("name", ["erf", "exp", "squared_relu", "relu", "leaky_relu", "quadratic"])
def test_the_hessian_is_the_second_difference(name):
    """Two routes: the kernel of the risk alone, and its second derivatives in closed form."""
    assert second_difference_holds(*pair(name), DIRECTION) == Verdict.PROVED


@pytest.mark.parametrize("name", ["erf", "squared_relu", "relu"])
def test_parts_of_the_hessian_are_refuted(name):
    """Without the residual's term; with the sign of it changed; for ReLU without the point masses of phi''."""
    student, teacher = pair(name)
    first, whole = hessian_at_teacher(student), hessian(student, teacher)
    wrong = [first, 2 * first - whole] + ([almost_everywhere_hessian(student, teacher)] if name == "relu" else [])
    for H in wrong:
        assert second_difference_holds(student, teacher, DIRECTION, hessian=H) == Verdict.REFUTED
    assert second_difference_holds(student, teacher, DIRECTION, hessian=whole) == Verdict.PROVED


def test_a_direction_of_another_shape_is_named():
    """The direction has one entry for each weight."""
    with pytest.raises(ValueError, match="direction has shape"):
        second_difference_holds(*pair("relu"), np.ones((3, 2), dtype=int))
