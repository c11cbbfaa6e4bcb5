"""The Pair of two units, in closed form and by quadrature: against polar coordinates, laws, wrong variants."""

from dataclasses import replace

import numpy as np
import pytest
from plane_oracle import plane_moments

from onenn import activation
from onenn.activations import register_activation
from onenn.activations.pair import Tensor
from onenn.contexts import FLOATS
from onenn.gaussian.pair import quadrature_pair

CLOSED = ["linear", "quadratic", "relu", "leaky_relu", "squared_relu", "erf", "exp", "quartic_relu"]
SCALED = [
    activation("relu").scaled(output="3/2", input=-2),
    activation("quartic_relu").scaled(output="1/2", input="-1/2"),
    activation("erf").scaled(output="sqrt(pi)/2", input="4/3"),
    activation("leaky_relu", slope="-1/2"),
    activation("leaky_relu", slope=1),
]
W, U = np.array([0.6, 0.1, 0.2]), np.array([0.3, -0.5, 0.1])
NEIGHBOURS = (W, -2 * W, W + 1e-5 * U, 1e-9 * U - 0.5 * W)


def across(w, u):
    """The part of u across w: exact for the parallel ones here, and to 1e-16 |u| for the others."""
    r = u - (w @ u) / (w @ w) * w
    return np.where(np.abs(r) < 1e-15 * np.abs(u).max(), 0.0, r)


def closed(phi, w, u):
    a, r = w @ w, np.linalg.norm(across(w, u))
    return phi.closed_forms.pair(FLOATS, a, w @ u, u @ u, np.sqrt(a) * r)


def by_quadrature(phi, w, u):
    return quadrature_pair(phi, w @ w, w @ u, u @ u, float(np.linalg.norm(across(w, u))))


def dense(pair, tensor, w, u):
    """The tensor as a matrix."""
    r = across(w, u) if pair.across else u
    length, outer = np.linalg.norm(r) or 1.0, np.multiply.outer
    matrix = tensor.I * np.eye(len(w)) + tensor.ww * outer(w, w) + tensor.wr * (outer(w, r) + outer(r, w))
    return matrix + (tensor.rr + tensor.ray / length) * outer(r, r)


def values(pair, w, u):
    """What a pair says: K, the vector M w + D u, and three matrices."""
    return [pair.K, pair.M * w + pair.D * u, *(dense(pair, t, w, u) for t in (pair.slopes, pair.curvature, pair.jumps))]


def slope_integral(phi, w, u):
    return plane_moments(lambda s, t: phi.derivative(s) * phi(t), w, u)[1]


def oracle(phi, w, u, step=1e-3):
    """The same by polar coordinates; the point masses of phi'' from differences of fourth order."""
    second = plane_moments(lambda s, t: phi.second_derivative(s) * phi(t), w, u)[2]
    columns = []
    for e in step * np.eye(len(w)):
        at = [slope_integral(phi, w + n * e, u) for n in (-2, -1, 1, 2)]
        columns.append((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * step))
    return [
        plane_moments(lambda s, t: phi(s) * phi(t), w, u)[0],
        slope_integral(phi, w, u),
        plane_moments(lambda s, t: phi.derivative(s) * phi.derivative(t), w, u)[2],
        second,
        np.array(columns).T - second,
    ]


def agree(left, right, *, smooth=1e-12, differences=1e-9):
    """Entrywise, in units of the largest entry or 1; the last one was found from differences."""
    size = max(1.0, *(np.abs(x).max() for x in right))
    errors = [np.abs(x - y).max() / size for x, y in zip(left, right, strict=True)]
    return max(errors[:4]) < smooth and errors[4] < differences


@pytest.mark.parametrize("phi", [*map(activation, CLOSED), *SCALED], ids=repr)
def test_closed_pairs_agree_with_polar_coordinates(phi):
    """Independent route: double integrals over the plane of w and u; their differences in w have the point masses."""
    assert agree(values(closed(phi, W, U), W, U), oracle(phi, W, U))


@pytest.mark.parametrize("phi", [*map(activation, ("relu", "squared_relu", "erf")), SCALED[1]], ids=repr)
def test_quadrature_agrees_with_closed_pairs(phi):
    """Two routes of the package that share no formula; nearly parallel, parallel and antiparallel units included."""
    for u in (U, *NEIGHBOURS):
        assert agree(values(by_quadrature(phi, W, u), W, u), values(closed(phi, W, u), W, u), differences=1e-12)


@pytest.mark.parametrize("name", ["tanh", "softplus", "gelu", "sigmoid"])
def test_quadrature_agrees_with_polar_coordinates(name):
    """For the activations that need it."""
    phi = activation(name)
    assert agree(values(by_quadrature(phi, W, U), W, U), oracle(phi, W, U))


@pytest.mark.parametrize("name", ["tanh", "relu", "quartic_relu"])
def test_without_a_second_derivative_parts_are_integrated(name):
    """E[phi''(z) F] = E[phi'(z) (z F - F')] holds with the point masses of phi'', which are then part of it."""
    phi = activation(name)
    bare = replace(phi, pieces=tuple(replace(piece, second_derivative=None) for piece in phi.pieces))
    for u in (U, *NEIGHBOURS[:2]):
        with_it, without = (by_quadrature(f, W, u) for f in (phi, bare))
        total = dense(with_it, with_it.curvature, W, u) + dense(with_it, with_it.jumps, W, u)
        assert np.allclose(dense(without, without.curvature, W, u), total, rtol=1e-12, atol=1e-13)
    with pytest.raises(ValueError, match="second_derivative="):
        quadrature_pair(bare, 0.0, 0.0, 1.0, 1.0)


def test_kinks_off_the_origin_have_their_point_masses():
    """A hinge at 1/2: E[delta(w.x - 1/2) phi(u.x) x x^T] against differences of the gradient by the same quadrature."""
    hinge = register_activation(
        "hinge_of_pairs",
        (lambda z: 0 * z, lambda z: 2 * z - 1),
        (lambda z: 0 * z, lambda z: 2 + 0 * z),
        (lambda z: 0 * z, lambda z: 0 * z),
        kinks=("1/2",),
        replace=True,
    )

    def slope(w):
        pair = by_quadrature(hinge, w, U)
        return pair.M * w + pair.D * U

    pair, h = by_quadrature(hinge, W, U), 1e-3
    total = dense(pair, pair.curvature, W, U) + dense(pair, pair.jumps, W, U)
    for e, column in zip(h * np.eye(3), total, strict=True):
        difference = (8 * (slope(W + e) - slope(W - e)) - (slope(W + 2 * e) - slope(W - 2 * e))) / (12 * h)
        assert np.allclose(difference, column, rtol=0, atol=1e-9)


def test_units_of_length_zero_have_a_pair_where_phi_is_smooth():
    """Of e^z: phi''(0) E[phi(u.x) x x^T] for w = 0 and phi(0) E[phi''(w.x) x x^T] for u = 0 are K (I + u u^T)."""
    phi, c = activation("exp"), U @ U
    expected = np.exp(c / 2) * (np.eye(3) + np.outer(U, U))
    formula = phi.closed_forms.pair(FLOATS, 0.0, 0.0, c, 0.0).curvature
    w_zero = quadrature_pair(phi, 0.0, 0.0, c, float(np.sqrt(c))).curvature
    u_zero = quadrature_pair(phi, c, 0.0, 0.0, 0.0).curvature
    for along in (formula.rr, w_zero.rr + w_zero.ray / np.sqrt(c), u_zero.ww):
        assert np.allclose(formula.I * np.eye(3) + along * np.outer(U, U), expected, rtol=1e-12)
    assert w_zero.I == pytest.approx(formula.I, rel=1e-13) and u_zero.I == pytest.approx(formula.I, rel=1e-13)


@pytest.mark.parametrize("name", CLOSED)
def test_the_tensor_of_slopes_does_not_know_the_order_of_the_units(name):
    """E[phi'(w.x) phi'(u.x) x x^T] is symmetric in w and u, the formula is not."""
    phi = activation(name)
    there, back = (dense(pair, pair.slopes, *x) for x in ((W, U), (U, W)) for pair in [closed(phi, *x)])
    assert np.allclose(there, back, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_euler_identities_of_homogeneous_units(name):
    """phi''(z) z = (q - 1) phi'(z), so the curvature times w is q - 1 times the gradient vector."""
    phi = activation(name)
    for u in (U, *NEIGHBOURS):
        K, vector, slopes, curvature, jumps = values(closed(phi, W, u), W, u)
        assert np.allclose((curvature + jumps) @ W, (phi.homogeneity - 1) * vector, rtol=0, atol=1e-14)
        assert vector @ W == pytest.approx(phi.homogeneity * K, rel=1e-12, abs=1e-15)
        assert np.allclose(slopes @ u, phi.homogeneity * vector, rtol=0, atol=1e-13)


SLIPS = {
    "K doubled": lambda p: replace(p, K=2 * p.K),
    "K for D": lambda p: replace(p, D=p.K),
    "slopes without w w^T": lambda p: replace(p, slopes=p.slopes._replace(ww=0.0)),
    "slopes with half the mixed part": lambda p: replace(p, slopes=p.slopes._replace(wr=p.slopes.wr / 2)),
    "slopes with r r^T of the other sign": lambda p: replace(p, slopes=p.slopes._replace(rr=-p.slopes.rr)),
    "the ray of the slopes with the sign of the angle lost": lambda p: replace(
        p, slopes=p.slopes._replace(ray=-p.slopes.ray)
    ),
    "curvature without its trace": lambda p: replace(p, curvature=p.curvature._replace(I=0.0)),
    "curvature with w w^T of the slopes": lambda p: replace(p, curvature=p.curvature._replace(ww=p.slopes.ww)),
    "curvature with the mixed part doubled": lambda p: replace(
        p, curvature=p.curvature._replace(wr=2 * p.curvature.wr)
    ),
    "curvature without r r^T": lambda p: replace(p, curvature=p.curvature._replace(rr=0.0)),
    "no point masses": lambda p: replace(p, jumps=Tensor()),
    "a projector where a ray belongs": lambda p: replace(p, jumps=p.jumps._replace(ray=0.0)),
    "the ray twice": lambda p: replace(p, jumps=p.jumps._replace(ray=2 * p.jumps.ray)),
    "the identity for the projector": lambda p: replace(p, jumps=p.jumps._replace(ww=0.0)),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_wrong_pairs_are_noticed(slip):
    """On z^4 + 4z for z >= 0, where every coefficient is at work; the oracle is the one above."""
    phi = activation("quartic_relu")
    right = closed(phi, W, U)
    assert not agree(values(SLIPS[slip](right), W, U), ORACLE)


ORACLE = oracle(activation("quartic_relu"), W, U)
