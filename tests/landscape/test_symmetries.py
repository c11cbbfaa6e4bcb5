"""Symmetries of linear, quadratic and homogeneous networks: the function stays, exactly."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.landscape import integer_teacher, rescale_unit, risk_exact, rotate_units, shift_units, symmetry_directions


def matrix(teacher):
    """W^T diag(v) W, which a quadratic network is."""
    return teacher.exact_W.T @ (teacher.exact_v[:, None] * teacher.exact_W)


def test_rotations_keep_a_quadratic_network():
    """x^T W^T D W x is the network; equal matrices, and so the exact risk is 0, for both kinds of signs of v."""
    rng = np.random.default_rng(0)
    for s in (Fraction(1, 2), 3, Fraction(-5, 7)):
        teacher = integer_teacher(3, 4, "quadratic", rng=rng)
        student = rotate_units(rotate_units(teacher, 0, 1, s / 5), 1, 2, s)
        assert (matrix(student) == matrix(teacher)).all() and (student.exact_W != teacher.exact_W).any()
        assert risk_exact(student, teacher) == 0


def test_rotations_change_other_networks():
    """The control: for ReLU the rotated network is another function."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "relu")
    assert float(risk_exact(rotate_units(teacher, 0, 1, 1), teacher)) > 0.1


def test_shifts_keep_a_linear_network_and_change_a_quadratic_one():
    """sum_i v_i w_i is all that a linear network is."""
    for name, same in (("linear", True), ("quadratic", False)):
        teacher = OneHiddenLayer([[1, 2], [3, -1]], [2, -1], name)
        assert (risk_exact(shift_units(teacher, 0, 1, [1, "1/3"]), teacher) == 0) is same


def test_rescaling_keeps_a_homogeneous_network():
    """phi(c z) = c^q phi(z): (c w, v/c^q) is the same unit; exact for ReLU and its square, a Fraction for z^2."""
    for name in ("quadratic", "relu", "squared_relu"):
        teacher = OneHiddenLayer([[1, 0], [1, 1]], [2, -1], name)
        assert abs(float(risk_exact(rescale_unit(teacher, 1, 3), teacher))) < 1e-14


def test_the_directions_are_the_velocities_of_the_symmetries():
    """W(s) - W = 2 s T + O(s^2) for the Cayley rotation, exactly s T for the shift."""
    teacher = OneHiddenLayer([[1, 2], [3, -1]], [2, -1], "quadratic")
    s = Fraction(1, 10**9)
    velocity = (rotate_units(teacher, 0, 1, s).exact_W - teacher.exact_W).ravel() / (2 * s)
    assert np.allclose(velocity.astype(float), symmetry_directions(teacher)[0].astype(float), atol=1e-7)
    line = OneHiddenLayer([[1, 2], [3, -1]], [2, -1], "linear")
    shift = (shift_units(line, 0, 1, [0, 1]).exact_W - line.exact_W).ravel()
    assert (shift == symmetry_directions(line)[1]).all()


def test_what_has_no_such_symmetry_is_refused():
    """Zero weights, infinite rotations, other activations and negative scales are named."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 0], "quadratic")
    with pytest.raises(ValueError, match=r"v\[1\] is 0"):
        rotate_units(teacher, 0, 1, 1)
    with pytest.raises(ValueError, match=r"v\[1\] is 0"):
        symmetry_directions(teacher)
    with pytest.raises(ValueError, match="infinite"):
        rotate_units(OneHiddenLayer([[1, 0], [0, 1]], [1, -1], "quadratic"), 0, 1, 1)
    with pytest.raises(ValueError, match="expected linear or quadratic"):
        symmetry_directions(OneHiddenLayer([[1, 0]], [1], "relu"))
    with pytest.raises(ValueError, match="c > 0"):
        rescale_unit(OneHiddenLayer([[1, 0]], [1], "relu"), 0, -1)
