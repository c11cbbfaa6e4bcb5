"""The joint Hessian in W and v: closed blocks against polynomials and polar coordinates, and its kernel."""

from fractions import Fraction

import numpy as np
import pytest
from plane_oracle import plane_moments

from onenn import OneHiddenLayer, activation
from onenn.landscape import (
    hessian_at_teacher,
    integer_teacher,
    joint_hessian_at_teacher,
    joint_hessian_at_teacher_ball,
    joint_hessian_at_teacher_exact,
    polynomial_hessian,
)
from onenn.rigorous import kernel_dimension, strictly_positive

W = np.array([[0.6, 0.1, 0.2], [0.3, -0.5, 0.1]])
v = np.array([1.0, -2.0])


@pytest.mark.parametrize("name", ["linear", "quadratic", "relu", "leaky_relu", "squared_relu"])
def test_every_block_agrees_with_polar_coordinates(name):
    """Independent route: E phi'(w.x) phi(u.x) x and E phi(w.x) phi(u.x) as double integrals, without Euler or Stein."""
    phi = activation(name)
    J = joint_hessian_at_teacher(OneHiddenLayer(W, v, phi))
    assert np.allclose(J[:6, :6], hessian_at_teacher(OneHiddenLayer(W, v, phi)), rtol=0, atol=1e-15)
    for j in range(2):
        for l in range(2):
            mixed = plane_moments(lambda s, t: phi.derivative(s) * phi(t), W[j], W[l])[1]
            value = plane_moments(lambda s, t: phi(s) * phi(t), W[j], W[l])[0]
            assert np.allclose(J[3 * j : 3 * j + 3, 6 + l], v[j] * mixed, rtol=0, atol=1e-12)
            assert J[6 + j, 6 + l] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("name", "coefficients"), [("linear", [0, 1]), ("quadratic", [0, 0, 1])])
def test_rational_joint_hessians_equal_gram_matrices_of_polynomials(name, coefficients):
    """Independent route: Isserlis' moments of the polynomials themselves."""
    rng = np.random.default_rng(1)
    for k, d in [(1, 1), (2, 2), (2, 3), (3, 2)]:
        teacher = integer_teacher(k, d, name, rng=rng)
        if not all(row.any() for row in teacher.W):
            continue
        J = joint_hessian_at_teacher_exact(teacher)
        assert (J == polynomial_hessian(teacher.exact_W, teacher.exact_v, coefficients, joint=True)).all()


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_joint_kernel_is_k_larger_than_the_kernel_in_w(degree):
    """thm-lsc-joint for z, z^2, z^3: (w_i, -q v_i) is added to the kernel for each unit, and nothing else."""
    rng = np.random.default_rng(2)
    for k, d in [(1, 1), (2, 2), (2, 3), (3, 3)]:
        t = integer_teacher(k, d, "linear", rng=rng)
        H, J = (polynomial_hessian(t.exact_W, t.exact_v, [0] * degree + [1], joint=joint) for joint in (False, True))
        assert kernel_dimension(J) == k + kernel_dimension(H)
        for i in range(k):
            n = np.full(k * d + k, Fraction(0), dtype=object)
            n[i * d : (i + 1) * d], n[k * d + i] = t.exact_W[i], -degree * t.exact_v[i]
            assert not (J @ n).any()
            n[k * d + i] *= 2  # the mutant -2 q v_i
            assert (J @ n).any()


def test_a_network_that_is_not_homogeneous_can_have_a_regular_joint_hessian():
    """z + z^3, one and two units: no rescaling, no kernel."""
    for rows, weights in (([[1]], [2]), ([[1, 2], [0, 1]], [1, -2])):
        assert kernel_dimension(polynomial_hessian(rows, weights, [0, 1, 0, 1], joint=True)) == 0


@pytest.mark.parametrize("name", ["relu", "squared_relu"])
def test_the_rescaling_directions_are_annihilated_exactly(name):
    """SymPy: J (w_i, -q v_i) = 0 with every pi and root kept; the mutant with +q v_i is not."""
    import sympy

    teacher = OneHiddenLayer([[1, 0], [1, 1]], [1, -2], name)
    J, q = joint_hessian_at_teacher_exact(teacher), teacher.phi.homogeneity
    assert all(sympy.simplify(x) == 0 for x in J @ np.array([0, 0, 1, 1, 0, 2 * q], dtype=object))
    wrong = np.array([0, 0, 1, 1, 0, -2 * q], dtype=object)
    assert strictly_positive(sympy.simplify(wrong @ J @ wrong)).value == "PROVED"


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "quadratic"])
def test_joint_balls_contain_the_values_and_are_tight(name):
    """Overlap with 512 bits, radius below 2^-100 at 128 bits, agreement with the floats."""
    teacher = OneHiddenLayer(W, v, name)
    B, fine = joint_hessian_at_teacher_ball(teacher), joint_hessian_at_teacher_ball(teacher, bits=512)
    assert all(x.overlaps(y) and float(x.rad()) < 2.0**-100 for x, y in zip(B.flat, fine.flat, strict=True))
    assert np.allclose(B.astype(float), joint_hessian_at_teacher(teacher), rtol=0, atol=1e-14)


def test_unfit_teachers_are_refused():
    """The formulas rest on homogeneity and divide by |w|^2."""
    with pytest.raises(ValueError, match="homogeneous"):
        joint_hessian_at_teacher(OneHiddenLayer(W, v, "tanh"))
    with pytest.raises(ValueError, match="row 1 of W is zero"):
        joint_hessian_at_teacher(OneHiddenLayer([[1, 2], [0, 0]], [1, 1], "quadratic"))
