"""Gradient and Hessian of the population risk: against polar coordinates, differences, sampling, and their laws."""

import numpy as np
import pytest
from plane_oracle import plane_moments

from onenn import OneHiddenLayer, activation
from onenn.activations import register_activation
from onenn.landscape import (
    almost_everywhere_hessian,
    gradient,
    hessian,
    hessian_at_teacher,
    one_relu_eigenvalues,
    risk,
)
from onenn.landscape.population import float_row

CLOSED = ["linear", "quadratic", "relu", "leaky_relu", "squared_relu", "erf", "exp", "quartic_relu"]
ROWS = np.array([[0.6, 0.1, 0.2], [0.3, -0.5, 0.1]])
TEACHER = np.array([[0.5, 0.2, -0.1], [-0.2, 0.4, 0.6], [0.1, -0.7, 0.3]])


def networks(phi, W=ROWS, U=TEACHER):
    """A student with two units and a teacher with three; one each where every pair of units costs a quadrature."""
    phi = activation(phi)
    k, m = (2, 3) if phi.closed_forms.pair else (1, 1)
    return OneHiddenLayer(W[:k], [1.0, -0.7][:k], phi), OneHiddenLayer(U[:m], [1.0, 2.0, -1.0][:m], phi)


def moved(student, direction):
    return OneHiddenLayer(student.W + np.reshape(direction, student.W.shape), student.v, student.phi)


def difference(f, x, step):
    """The derivative at 0 of t -> f(t x), to the fourth order."""
    return (8 * (f(step * x) - f(-step * x)) - (f(2 * step * x) - f(-2 * step * x))) / (12 * step)


@pytest.mark.parametrize("name", [*CLOSED, "tanh", "softplus"])
def test_gradients_agree_with_polar_coordinates(name):
    """Independent route: E[phi'(w.x) phi(u.x) x] as a double integral over the plane of w and u, unit by unit."""
    student, teacher = networks(name)
    phi, units, weights = student.phi, np.vstack([student.W, teacher.W]), [*student.v, *-teacher.v]
    for v, w, row in zip(student.v, student.W, gradient(student, teacher), strict=True):
        terms = [plane_moments(lambda s, t: phi.derivative(s) * phi(t), w, u)[1] for u in units]
        assert np.allclose(row, v * np.sum(np.array(weights)[:, None] * terms, axis=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [*CLOSED, "tanh", "gelu"])
def test_hessians_are_the_derivatives_of_gradients(name):
    """Differences of fourth order in a random direction; for ReLU they see the point masses of phi''."""
    student, teacher = networks(name)
    x = np.random.default_rng(0).standard_normal(student.W.size) / 3
    expected = difference(lambda y: gradient(moved(student, y), teacher).ravel(), x, 1e-3)
    H = hessian(student, teacher)
    assert np.allclose(H @ x, expected, rtol=0, atol=1e-9 * np.abs(H).max())


@pytest.mark.parametrize("name", ["relu", "erf", "quartic_relu"])
def test_gradients_are_the_derivatives_of_the_risk(name):
    """The risk is computed by other formulas, the duals."""
    student, teacher = networks(name)
    x = np.random.default_rng(1).standard_normal(6) / 3
    expected = difference(lambda y: risk(moved(student, y), teacher), x, 1e-3)
    assert gradient(student, teacher).ravel() @ x == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("angle", [0.1, 0.5, 1.0, 3.0])
def test_one_relu_unit_has_the_eigenvalues_of_the_book(angle):
    """(0.46822, 0.5), (0.34739, 0.5), (0.23215, 0.5) at 0.1, 0.5, 1; almost everywhere it would be 1/2 twice.

    Independent formula: thm-lsc-relu-away.
    """
    units = [OneHiddenLayer([[np.cos(t), np.sin(t), 0.0]], [1.0], "relu") for t in (0.0, angle)]
    expected = sorted(float(x) for x in one_relu_eigenvalues(angle))
    assert np.allclose(np.linalg.eigvalsh(hessian(*units)), expected, rtol=0, atol=1e-15)
    assert np.allclose(almost_everywhere_hessian(*units), np.eye(3) / 2, rtol=0, atol=1e-15)


def test_the_eigenvalues_of_one_relu_unit_to_the_digits_of_the_source():
    """zhong2017 as corrected (E13): the smaller eigenvalue at the angles 0.1, 0.5, 1 in the plane."""
    for angle, value in ((0.1, 0.46822), (0.5, 0.34739), (1.0, 0.23215)):
        units = [OneHiddenLayer([[np.cos(t), np.sin(t)]], [1.0], "relu") for t in (0.0, angle)]
        assert round(float(np.linalg.eigvalsh(hessian(*units))[0]), 5) == value


@pytest.mark.parametrize("name", [*CLOSED, "tanh"])
def test_at_the_teacher_the_gradient_vanishes_and_the_hessian_is_that_of_its_chapter(name):
    """Student and teacher agree up to the order of their units; hessian_at_teacher is other code."""
    teacher = networks(name)[1]
    order = np.roll(np.arange(teacher.k), 1)
    student = OneHiddenLayer(teacher.W[order], teacher.v[order], teacher.phi)
    H = hessian_at_teacher(student)
    assert np.allclose(gradient(student, teacher), 0, atol=1e-13 * np.abs(H).max())
    assert np.allclose(hessian(student, teacher), H, rtol=0, atol=1e-12 * np.abs(H).max())


@pytest.mark.parametrize("exponent", range(1, 18, 4))
@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf", "quartic_relu"])
def test_nothing_is_lost_between_nearly_parallel_units(name, exponent):
    """u = -+ w + h r: the angle is h/|w| to all digits, where a, b and c as doubles have lost it below 1e-8.

    With M(h) = E[phi''(w.x) phi((+-w + h r).x)], ReLU has M = h |r|/(2 pi |w|) exactly, r orthogonal to w.
    """
    h, w, r = 10.0**-exponent, np.array([1.0, 2.0, 0.5]), np.array([-2.0, 1.0, 0.0])
    for sign in (1.0, -1.0):
        u = sign * w + h * r
        row = float_row(activation(name), w, u[None])
        kept = u - sign * w  # what the rounding of u has left of h r
        expected = np.sqrt(kept @ kept - (kept @ w) ** 2 / (w @ w))
        if row.pair.across:
            assert np.linalg.norm(row.R[0]) == pytest.approx(expected, rel=1e-13, abs=1e-30)
        if name == "relu":
            assert row.pair.M[0] == pytest.approx(expected / (2 * np.pi * np.sqrt(w @ w)), rel=1e-13, abs=1e-30)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf", "tanh"])
def test_gradient_and_hessian_turn_with_the_inputs_and_follow_the_units(name):
    """x and Q x have one law; a relabelling of the units relabels the blocks."""
    student, teacher = networks(name)
    Q = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))[0]
    turned = networks(name, ROWS @ Q, TEACHER @ Q)
    g, H = gradient(student, teacher), hessian(student, teacher)
    shape = (student.k, 3, student.k, 3)
    blocks = H.reshape(shape)
    assert np.allclose(gradient(*turned), g @ Q, rtol=0, atol=1e-12)
    assert np.allclose(hessian(*turned).reshape(shape), np.einsum("ijkl,jm,ln->imkn", blocks, Q, Q), atol=1e-12)
    swapped = OneHiddenLayer(student.W[::-1], student.v[::-1], student.phi)
    assert np.allclose(gradient(swapped, teacher), g[::-1], rtol=0, atol=1e-13)
    assert np.allclose(hessian(swapped, teacher).reshape(shape), blocks[::-1, :, ::-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_euler_identities_of_homogeneous_activations(name):
    """With the teacher 0 the risk is homogeneous of degree 2q in W: W.grad = 2q risk, H W = (2q - 1) grad."""
    student, _ = networks(name)
    nothing, q = OneHiddenLayer(np.zeros((1, 3)), [1.0], name), student.phi.homogeneity
    g = gradient(student, nothing)
    assert np.sum(student.W * g) == pytest.approx(2 * q * risk(student, nothing), rel=1e-13)
    assert np.allclose(hessian(student, nothing) @ student.W.ravel(), (2 * q - 1) * g.ravel(), rtol=1e-12, atol=1e-14)


def test_a_unit_split_in_two_keeps_its_gradient():
    """w with v = 1 is w twice with v = 1/4 and 3/4: chain rule, and the same function."""
    for name in ("relu", "tanh"):
        student, teacher = networks(name)
        rest = range(1, student.k)
        split = OneHiddenLayer(student.W[[0, 0, *rest]], [0.25, 0.75, *student.v[1:]], name)
        g, parts = gradient(student, teacher), gradient(split, teacher)
        assert np.allclose(parts, [0.25 * g[0], 0.75 * g[0], *g[1:]], rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", ["squared_relu", "erf", "tanh", "quadratic"])
def test_without_jumps_of_the_slope_both_hessians_agree(name):
    """Point masses of phi'' come from jumps of phi' alone."""
    pair = networks(name)
    assert np.array_equal(hessian(*pair), almost_everywhere_hessian(*pair))


def test_zero_rows_are_fine_without_a_kink():
    """Of the student for smooth phi, of the teacher always: phi(0) is then a constant, 0 for ReLU."""
    for name in ("erf", "tanh", "exp", "quadratic"):
        student, teacher = networks(name, W=[[0.0] * 3, ROWS[1]], U=[[0.0] * 3, *TEACHER[1:]])
        x = np.random.default_rng(4).standard_normal(student.W.size) / 3
        expected = difference(lambda y, s=student, t=teacher: gradient(moved(s, y), t).ravel(), x, 1e-3)
        assert np.allclose(hessian(student, teacher) @ x, expected, rtol=0, atol=1e-9)
    student, teacher = networks("relu", U=[[0.0] * 3, *TEACHER[1:]])
    fewer = OneHiddenLayer(TEACHER[1:], teacher.v[1:], "relu")
    assert np.array_equal(gradient(student, teacher), gradient(student, fewer))
    assert np.array_equal(hessian(student, teacher), hessian(student, fewer))


def test_outside_the_domain_the_error_names_the_argument():
    """Zero rows at a kink, unlike networks, numbers beyond doubles, a second derivative that is missing."""
    student, teacher = networks("relu", W=[[0.0] * 3, ROWS[1]])
    for f in (gradient, hessian, almost_everywhere_hessian):
        with pytest.raises(ValueError, match=r"row 0 of student\.W is zero"):
            f(student, teacher)
        with pytest.raises(ValueError, match="same inputs"):
            f(OneHiddenLayer([[1.0]], [1.0], "relu"), teacher)
        with pytest.raises(ValueError, match="one activation"):
            f(networks("tanh")[0], teacher)
        with pytest.raises(OverflowError, match="scale W down"):
            f(OneHiddenLayer(40 * ROWS, [1.0, 1.0], "exp"), OneHiddenLayer(60 * TEACHER, [1.0, 1.0, 1.0], "exp"))
    hinge = register_activation("hinge_of_population", np.abs, np.sign, kinks=(0,), replace=True)
    pair = networks(hinge)
    assert hessian(*pair).shape == (3, 3)
    with pytest.raises(ValueError, match="second_derivative="):
        almost_everywhere_hessian(*pair)
