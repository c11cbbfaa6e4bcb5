"""Kernel dimensions of the Hessian at the teacher, in rational arithmetic, and the positive definite cases in balls."""

from itertools import product

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict
from onenn.landscape import (
    hessian_at_teacher_ball,
    hessian_at_teacher_exact,
    integer_teacher,
    polynomial_hessian,
    symmetry_directions,
)
from onenn.rigorous import is_positive_definite, kernel_dimension, rank

CASES = [
    (k, d, zeros, r)
    for k, d, zeros in product(range(1, 5), range(1, 5), range(3))
    if zeros <= k
    for r in range(min(k - zeros, d) + 1)
]


def quadratic_nullity(k, d, r):
    return d * (k - r) + r * (r - 1) // 2


def test_the_linear_kernel_has_dimension_d_times_k_minus_one():
    """H = (v v^T) (x) I_d has rank d for v != 0, whatever W (thm-lsc-linear); v = 0 leaves no rank at all."""
    rng = np.random.default_rng(0)
    for k, d, zeros, r in CASES:
        teacher = integer_teacher(k, d, "linear", rank=r, zeros=zeros, rng=rng)
        assert kernel_dimension(hessian_at_teacher_exact(teacher)) == (d * k if zeros == k else d * (k - 1))


def test_the_quadratic_kernel_has_the_dimension_of_the_theorem():
    """d (k - r) + r (r - 1)/2, r the rank of the rows with v_i != 0; k > d, r = 0, v = 0 too (thm-lsc-quadratic)."""
    rng = np.random.default_rng(1)
    for k, d, zeros, r in CASES:
        teacher = integer_teacher(k, d, "quadratic", rank=r, zeros=zeros, rng=rng)
        assert kernel_dimension(hessian_at_teacher_exact(teacher)) == quadratic_nullity(k, d, r)


@pytest.mark.parametrize(
    "mutant",
    [
        lambda k, d, r: k * (k - 1) // 2,
        lambda k, d, r: d * (k - r) + r * (r + 1) // 2,
        lambda k, d, r: d * (d - 1) // 2,
        lambda k, d, r: (d - r) * (k - r) + r * (r - 1) // 2,
        lambda k, d, r: k * (k - r) + r * (r - 1) // 2,
    ],
)
def test_wrong_counts_of_the_quadratic_kernel_are_caught(mutant):
    """Each plausible other formula disagrees with the exact rank somewhere in the table of cases."""
    assert any(mutant(k, d, r) != quadratic_nullity(k, d, r) for k, d, _, r in CASES)


@pytest.mark.parametrize("name", ["linear", "quadratic"])
def test_the_symmetries_start_inside_the_kernel(name):
    """H t = 0 exactly; their span has dimension d (k - 1), or r (k - r) + r (r - 1)/2, which is all for full rank."""
    rng = np.random.default_rng(2)
    for k, d, zeros, r in CASES:
        if zeros or k == 1:
            continue
        teacher = integer_teacher(k, d, name, rank=r, rng=rng)
        T = symmetry_directions(teacher)
        assert not (T @ hessian_at_teacher_exact(teacher)).any()
        assert rank(T) == (d * (k - 1) if name == "linear" else r * (k - r) + r * (r - 1) // 2)


def test_a_second_route_gives_the_same_kernels_and_the_mixed_polynomial():
    """Gram matrices of polynomials; z^2 + z has (k-1)(k-2)/2, z^3 none at full rank (thm-lsc-classification)."""
    rng = np.random.default_rng(3)
    for k, d in [(1, 1), (2, 2), (2, 3), (3, 3), (4, 4)]:
        t = integer_teacher(k, d, "linear", rng=rng)
        W, v = t.exact_W, t.exact_v
        dimensions = [kernel_dimension(polynomial_hessian(W, v, c)) for c in ([0, 1], [0, 0, 1], [0, 1, 1], [5, -2, 3])]
        assert dimensions == [d * (k - 1), k * (k - 1) // 2, (k - 1) * (k - 2) // 2, (k - 1) * (k - 2) // 2]
        if k <= 3:
            assert kernel_dimension(polynomial_hessian(W, v, [0, 0, 0, 1])) == 0


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf", "exp", "quartic_relu"])
def test_independent_rows_leave_no_kernel_to_other_activations(name):
    """thm-lsc-classification: phi is no polynomial of degree <= 2, the rows are independent, all v_i != 0."""
    rng = np.random.default_rng(4)
    for k, d in [(1, 1), (2, 2), (2, 4), (3, 3)]:
        teacher = integer_teacher(k, d, name, rng=rng)
        if name in ("erf", "exp"):  # at weights of size 5 phi' is a spike or astronomically large
            teacher = OneHiddenLayer(teacher.exact_W / 4, teacher.exact_v, name)
        assert is_positive_definite(hessian_at_teacher_ball(teacher)) == Verdict.PROVED


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_more_units_than_inputs_are_fine_for_rectified_units_that_are_not_parallel(name):
    """thm-lsc-homogeneous: five lines through 0 in the plane, k > d."""
    teacher = OneHiddenLayer([[1, 0], [1, 1], [0, 1], [-1, 1], [2, 1]], [1, -1, 2, 1, -3], name)
    assert is_positive_definite(hessian_at_teacher_ball(teacher)) == Verdict.PROVED


def test_parallel_relu_rows_bring_the_kernel_back():
    """w and 2w: E 1{w.x > 0} x x^T = I/2 in all four blocks, so d directions have no curvature; w and -w are fine."""
    same = hessian_at_teacher_exact(OneHiddenLayer([[1, 2, 0], [2, 4, 0]], [1, 3], "relu"))
    assert kernel_dimension(same) == 3
    opposite = hessian_at_teacher_exact(OneHiddenLayer([[1, 2, 0], [-2, -4, 0]], [1, 3], "relu"))
    assert kernel_dimension(opposite) == 0


def test_two_antiparallel_relu_pairs_bring_it_back_too():
    """1{w.x > 0} + 1{w.x < 0} = 1 for both pairs, so (a, a, -a, -a) has no curvature."""
    H = hessian_at_teacher_exact(OneHiddenLayer([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, 1, 1], "relu"))
    assert not (H @ np.array([2, 3, 2, 3, -2, -3, -2, -3], dtype=object)).any()
    assert (H @ np.array([2, 3, 2, 3, 2, 3, 2, 3], dtype=object)).any()


def test_impossible_integer_teachers_are_refused():
    """The rank cannot exceed the rows that count, nor d."""
    with pytest.raises(ValueError, match="rank is 3"):
        integer_teacher(3, 4, "linear", rank=3, zeros=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="zeros is 4"):
        integer_teacher(3, 4, "linear", rank=0, zeros=4, rng=np.random.default_rng(0))
