"""The Hessian at the teacher: closed blocks against polar coordinates, exact moments and the risk itself."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from plane_oracle import plane_moments

from onenn import OneHiddenLayer, activation, gaussian
from onenn.activations import ClosedForms
from onenn.landscape import (
    hessian_at_teacher,
    hessian_at_teacher_ball,
    hessian_at_teacher_exact,
    polynomial_hessian,
    risk_exact,
)
from onenn.rigorous import NoEnclosure

CLOSED = ["linear", "quadratic", "relu", "leaky_relu", "squared_relu", "erf", "exp", "quartic_relu"]
W = np.array([[0.6, 0.1, 0.2], [0.3, -0.5, 0.1], [-0.4, 0.1, 0.7]])
v = np.array([1.0, -2.0, 0.5])


def oracle(W, v, phi):
    """Every block by polar coordinates in the plane of its two rows."""
    product = lambda s, t: phi.derivative(s) * phi.derivative(t)  # noqa: E731
    return np.block(
        [[v[j] * v[l] * plane_moments(product, W[j], W[l])[2] for l in range(len(W))] for j in range(len(W))]
    )


@pytest.mark.parametrize("name", CLOSED)
def test_closed_blocks_agree_with_polar_coordinates(name):
    """Independent route: the double integral over the plane of the two rows, panels ending at the kinks."""
    phi = activation(name)
    H = hessian_at_teacher(OneHiddenLayer(W, v, phi))
    assert np.allclose(H, oracle(W, v, phi), rtol=0, atol=1e-11 * np.abs(H).max())


@pytest.mark.parametrize("name", ["relu", "squared_relu", "leaky_relu", "erf"])
def test_a_scaled_activation_has_its_own_hessian(name):
    """a phi(b z), b < 0 included: the closed forms are transported, the oracle only calls phi'."""
    phi = activation(name).scaled(output="3/2", input="-4/5")
    H = hessian_at_teacher(OneHiddenLayer(W, v, phi))
    assert np.allclose(H, oracle(W, v, phi), rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", ["tanh", "softplus", "sigmoid", "gelu"])
def test_orthogonal_rows_need_no_closed_dual(name):
    """phi'(w.x) and phi'(u.x) are independent, so products of one-dimensional moments make the block."""
    phi, rows = activation(name), np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.5]])
    H = hessian_at_teacher(OneHiddenLayer(rows, v, phi))
    assert np.allclose(H, oracle(rows, v, phi), rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf", "exp"])
def test_both_formulas_agree_on_orthogonal_rows(name):
    """Taking the dual away leaves the alpha and beta; the two routes share nothing."""
    phi, rows = activation(name), np.array([[0.6, 0.8], [-1.6, 1.2]])
    bare = replace(phi, closed_forms=ClosedForms(alpha=phi.closed_forms.alpha, beta=phi.closed_forms.beta))
    pair = [hessian_at_teacher(OneHiddenLayer(rows, v[:2], f)) for f in (phi, bare)]
    assert np.allclose(*pair, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu", "erf", "exp", "quadratic"])
@pytest.mark.parametrize("factor", [2.0, -0.5])
def test_parallel_rows_are_a_limit_that_is_taken(name, factor):
    """u = c w: the covariance is degenerate and D_b of ReLU infinite, the block finite."""
    phi, rows = activation(name), np.array([[0.3, 0.4, 0.0], [0.3 * factor, 0.4 * factor, 0.0]])
    H = hessian_at_teacher(OneHiddenLayer(rows, v[:2], phi))
    assert np.allclose(H, oracle(rows, v[:2], phi), rtol=0, atol=1e-11)


@pytest.mark.parametrize("exponent", range(1, 20, 2))
@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf"])
def test_nothing_cancels_between_nearly_parallel_rows(name, exponent):
    """The four-term formula loses 10^exponent units in the last place for ReLU; the one used loses none."""
    teacher = OneHiddenLayer([[1.0, 0.0], [1.0, 10.0**-exponent]], [1.0, 1.0], name)
    exact = hessian_at_teacher_ball(teacher, bits=256)
    assert np.allclose(hessian_at_teacher(teacher), exact.astype(float), rtol=0, atol=2e-15 * float(exact[0, 0]))


@pytest.mark.parametrize("name", CLOSED)
def test_balls_contain_the_hessian_and_are_tight(name):
    """Containment of the value at four times the precision; radius below 2^-100 of the entries at 128 bits."""
    teacher = OneHiddenLayer(W, v, name)
    B, fine = hessian_at_teacher_ball(teacher), hessian_at_teacher_ball(teacher, bits=512)
    assert all(x.overlaps(y) for x, y in zip(B.flat, fine.flat, strict=True))
    largest = max(abs(float(x)) for x in B.flat)
    assert all(float(x.rad()) < 2.0**-100 * largest for x in B.flat)
    assert np.allclose(B.astype(float), hessian_at_teacher(teacher), rtol=0, atol=1e-13 * largest)


@pytest.mark.parametrize(("name", "coefficients"), [("linear", [0, 1]), ("quadratic", [0, 0, 1])])
def test_rational_hessians_equal_gram_matrices_of_polynomials(name, coefficients):
    """Independent route: Isserlis' moments of the polynomials v_i phi'(w_i . x) x_p, in integers."""
    rng = np.random.default_rng(4)
    for k, d in [(1, 1), (2, 3), (3, 2), (3, 3)]:
        rows, weights = rng.integers(-3, 4, size=(k, d)), rng.integers(-2, 3, size=k)
        H = hessian_at_teacher_exact(OneHiddenLayer(rows, weights, name))
        assert (H == polynomial_hessian(rows, weights, coefficients)).all()


def second_derivative(f, direction, teacher):
    """f''(0) of a polynomial of degree <= 5 along a line, by its exact five-point rule."""
    values = [
        f(OneHiddenLayer(teacher.exact_W + t * direction, teacher.exact_v, teacher.phi), teacher) for t in range(-2, 3)
    ]
    return sum(c * y for c, y in zip([-1, 16, -30, 16, -1], values, strict=True)) / 12


@pytest.mark.parametrize("name", ["linear", "quadratic"])
def test_the_hessian_is_the_second_derivative_of_the_risk(name):
    """The risk is a polynomial of degree <= 4 along every line, so differences give f''(0) = a^T H a exactly."""
    rng = np.random.default_rng(6)
    for k, d in [(2, 2), (3, 2), (2, 4)]:
        teacher = OneHiddenLayer(rng.integers(-2, 3, size=(k, d)), rng.integers(-2, 3, size=k), name)
        A = rng.integers(-2, 3, size=(k, d)).astype(object)
        assert second_derivative(risk_exact, A, teacher) == A.ravel() @ hessian_at_teacher_exact(teacher) @ A.ravel()


def relu_risk(W, v, U, u):
    """By the angle formula E relu(w.x) relu(u.x) = |w| |u| (sin t + (pi - t) cos t)/(2 pi), in mpmath."""

    def K(x, y):
        nx, ny = (mpmath.sqrt(mpmath.fdot(z, z)) for z in (x, y))
        cosine = mpmath.fdot(x, y) / (nx * ny)
        t = mpmath.acos(min(mpmath.mpf(1), max(mpmath.mpf(-1), cosine)))
        return nx * ny * (mpmath.sin(t) + (mpmath.pi - t) * mpmath.cos(t)) / (2 * mpmath.pi)

    def form(P, p, Q, q):
        return mpmath.fsum(a * b * K(x, y) for a, x in zip(p, P, strict=True) for b, y in zip(q, Q, strict=True))

    return (form(W, v, W, v) - 2 * form(W, v, U, u) + form(U, u, U, u)) / 2


def test_the_relu_hessian_is_the_second_derivative_of_the_relu_risk():
    """2 f(W + tA)/t^2 -> a^T H a; with 120 digits and t = 1e-30 the third-order term is far below the comparison."""
    rng = np.random.default_rng(9)
    A = rng.standard_normal((3, 3))
    H = hessian_at_teacher(OneHiddenLayer(W, v, "relu"))
    with mpmath.workdps(120):
        exact = [[mpmath.mpf(float(x)) for x in row] for row in W]
        t = mpmath.mpf("1e-30")
        moved = [
            [x + t * mpmath.mpf(float(y)) for x, y in zip(p, q, strict=True)] for p, q in zip(exact, A, strict=True)
        ]
        weights = [mpmath.mpf(float(x)) for x in v]
        limit = 2 * relu_risk(moved, weights, exact, weights) / t**2
    assert float(limit) == pytest.approx(A.ravel() @ H @ A.ravel(), rel=1e-13)


@pytest.mark.parametrize("name", CLOSED)
def test_output_weights_enter_as_a_congruence(name):
    """H(v) = (diag(v) (x) I) H(1) (diag(v) (x) I), so signs do not matter to the spectrum (lem-lsc-hessian)."""
    scaling = np.repeat(v, 3)
    plain = hessian_at_teacher(OneHiddenLayer(W, np.ones(3), name))
    assert np.allclose(hessian_at_teacher(OneHiddenLayer(W, v, name)), scaling[:, None] * plain * scaling, rtol=1e-12)


@pytest.mark.parametrize("name", CLOSED)
def test_the_hessian_is_symmetric_and_positive_semidefinite(name):
    """It is a Gram matrix; rounding may leave -1e-13 of its norm."""
    H = hessian_at_teacher(OneHiddenLayer(W, v, name))
    assert np.array_equal(H, H.T) and np.linalg.eigvalsh(H)[0] > -1e-13 * np.abs(H).max()


def test_rows_are_ordered_unit_by_unit():
    """H_jl stands at rows j d, ..., j d + d - 1: a unit of weight 0 empties exactly these."""
    H = hessian_at_teacher(OneHiddenLayer(W, [1, 0, 1], "relu"))
    empty = np.flatnonzero(~H.any(axis=0))
    assert empty.tolist() == [3, 4, 5]


def test_zero_rows_are_fine_without_a_kink_and_refused_with_one():
    """phi' of ReLU has no limit at 0; for z^2, z and erf the formula holds at w = 0."""
    rows = np.array([[0.0, 0.0], [0.5, 1.0]])
    with pytest.raises(ValueError, match="row 0 of W is zero"):
        hessian_at_teacher(OneHiddenLayer(rows, [1, 1], "relu"))
    assert hessian_at_teacher_exact(OneHiddenLayer([[0, 0], [1, 2]], [1, 1], "quadratic"))[0, 0] == 0
    H = hessian_at_teacher(OneHiddenLayer(rows, [1, 1], "erf"))
    slope = 2 / np.sqrt(np.pi)
    block = plane_moments(lambda s, t: slope**2 * np.exp(-t * t), np.array([1.0, 0.0]), rows[1])[2]
    assert np.allclose(H[:2, 2:], block, atol=1e-12) and np.allclose(H[:2, :2], slope**2 * np.eye(2))


POSITIONS = {
    "at an angle": ([0.6, 0.3, -0.2], [0.1, -0.8, 0.5]),
    "equal": ([0.6, 0.3, -0.2], [0.6, 0.3, -0.2]),
    "parallel": ([0.6, 0.3, -0.2], [1.2, 0.6, -0.4]),
    "opposite": ([0.6, 0.3, -0.2], [-0.3, -0.15, 0.1]),
}


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "gelu", "exp"])
def test_blocks_of_any_activation_at_any_two_rows_agree_with_polar_coordinates(name, position):
    """Independent route, to 1e-12; without closed duals the blocks are by quadrature."""
    phi, rows = activation(name), np.array(POSITIONS[position])
    G = plane_moments(lambda s, t: phi.derivative(s) * phi.derivative(t), *rows)[2]
    H = hessian_at_teacher(OneHiddenLayer(rows, [1.0, -2.0], phi))
    assert np.allclose(H[:3, 3:], -2 * G, rtol=0, atol=1e-12)
    assert np.array_equal(H, H.T)


@pytest.mark.parametrize("name", ["tanh", "gelu"])
def test_nearly_parallel_rows_have_nearly_the_block_of_equal_ones(name):
    """Smooth activations have smooth blocks: a step of 1e-9 moves them by about as much."""
    w = np.array([0.6, 0.3, -0.2])
    blocks = [
        hessian_at_teacher(OneHiddenLayer([w, w + step * np.array([0.0, 0.0, 1.0])], [1, 1], name))[:3, 3:]
        for step in (0.0, 1e-9, 1e-13)
    ]
    assert np.abs(blocks[1] - blocks[0]).max() < 3e-9 and np.abs(blocks[2] - blocks[0]).max() < 1e-12


def test_a_zero_row_of_a_smooth_activation_without_closed_forms_is_fine():
    """phi'(0) = 1 for tanh: the block is alpha_0 across the other row and alpha_2 along it."""
    H = hessian_at_teacher(OneHiddenLayer([[0.0, 0.0], [2.0, 0.0]], [1.0, 1.0], "tanh"))
    assert np.allclose(H[:2, :2], np.eye(2), rtol=0, atol=1e-13)
    assert np.allclose(H[:2, 2:], np.diag([gaussian.alpha("tanh", q, 2.0) for q in (2, 0)]), rtol=0, atol=1e-12)


def test_missing_formulas_are_not_finite_in_balls_and_refused_in_exact_arithmetic():
    """tanh has no closed dual: balls say so and return no number."""
    teacher = OneHiddenLayer([[1, 0], [1, 1]], [1, 1], "tanh")
    with pytest.warns(NoEnclosure, match="make the rows nonzero and orthogonal"):
        H = hessian_at_teacher_ball(teacher)
    assert not H[0, 2].is_finite() and H[0, 0].is_finite()
    with pytest.warns(NoEnclosure, match="make the rows nonzero and orthogonal"):
        H = hessian_at_teacher_ball(OneHiddenLayer([[0, 0], [1, 1]], [1, 1], "tanh"))
    assert not H[0, 0].is_finite() and H[2, 2].is_finite()


def test_exact_arithmetic_needs_closed_forms():
    """tanh has no elementary moments, so there is nothing exact to return."""
    with pytest.raises(ValueError, match="no closed beta_0"):
        hessian_at_teacher_exact(OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "tanh"))


def test_wrong_blocks_are_told_apart():
    """Mutants of G = D I + 2 D_a ww^T + D_b (wu^T + uw^T) + 2 D_c uu^T for erf: each is off in the first digits."""
    phi, w, u = activation("erf"), W[0], W[1]
    right = plane_moments(lambda s, t: phi.derivative(s) * phi.derivative(t), w, u)[2]
    a, b, c = w @ w, w @ u, u @ u
    from onenn.contexts import FLOATS

    D = phi.closed_forms.dual_derivative(FLOATS, a, b, c)
    D_a, D_b, D_c = phi.closed_forms.dual_derivative_gradient(FLOATS, a, b, c)
    ww, uu, wu = np.outer(w, w), np.outer(u, u), np.outer(w, u) + np.outer(u, w)

    def formula(d=1.0, p=2.0, q=1.0, r=2.0):
        return d * D * np.eye(3) + p * D_a * ww + q * D_b * wu + r * D_c * uu

    assert np.allclose(formula(), right, atol=1e-12)
    for mutant in ({"p": 1.0}, {"q": 2.0}, {"r": 1.0}, {"q": -1.0}, {"d": 0.0}, {"p": -2.0}):
        assert np.abs(formula(**mutant) - right).max() > 1e-3


def test_exact_hessians_of_other_activations_are_symbolic():
    """Two parallel ReLU rows: every entry is the rational 1/2 or 0, without a rounding."""
    H = hessian_at_teacher_exact(OneHiddenLayer([[1, 2], [2, 4]], [1, 1], "relu"))
    assert (H == np.tile(np.eye(2, dtype=int), (2, 2)) * Fraction(1, 2)).all()
