"""The steps of Algorithm 1 as functions of moments, so that they run on estimates and on exact values alike.

P_2 = M_{j_2}(I, I, alpha, ...) -> V;   R_3 = M_{j_3}(V, V, V, alpha, ...) -> directions u_i;   M_1, M_2 -> w_i, v_i.
Chapter: tensor-initialization.
"""

from __future__ import annotations

import numpy as np

from onenn.activations import Activation, activation
from onenn.network import OneHiddenLayer

from .decomposition import joint_diagonalizer
from .population import network_moment
from .route import route
from .subspace import leading_subspace


def tensor_directions(R: np.ndarray, *, rng: np.random.Generator, projections: int = 100) -> np.ndarray:
    """Unit columns (k, k), signs free, of the u_i in R = sum_i c_i u_i (x) u_i (x) u_i, linearly independent.

    Joint diagonalisation of `projections` random contractions R(I, I, theta); then again along the inverse factors
    found, whose contraction leaves one term each (the plug-in stage).
    Source: Kuleshov, Chaganty, Liang 2015, as zhong2017 uses it, reconstructed; the diagonaliser is FFDIAG.

    >>> u = np.array([[1.0, 0.6], [0.0, 0.8]])
    >>> R = np.einsum("ai,bi,ci->abc", u, u, u)
    >>> found = tensor_directions(R, rng=np.random.default_rng(0))
    >>> np.round(np.sort(np.abs(u.T @ found).max(axis=1)), 8).tolist()
    [1.0, 1.0]
    """
    k = R.shape[0]
    theta = rng.standard_normal((projections, k))
    theta /= np.linalg.norm(theta, axis=1)[:, None]
    first = joint_diagonalizer(np.tensordot(theta, R, axes=(1, 2)), rng=rng)
    inverse = np.linalg.pinv(first)
    inverse /= np.linalg.norm(inverse, axis=1)[:, None]
    return joint_diagonalizer(np.tensordot(inverse, R, axes=(1, 2)), rng=rng, start=first)


def tensor_matrices(T: np.ndarray) -> np.ndarray:
    """Symmetric matrices (L, k, k) that U diagonalises where T = sum_i c_i u_i^(x)j, each as large as its share of T.

    Of a third-order tensor the k slices; of a fourth-order one, as a k^2 x k^2 matrix, the k eigenmatrices of largest
    |eigenvalue|, times the eigenvalue: what is left out is noise.
    """
    k = T.shape[0]
    if T.ndim == 3:
        return T
    values, vectors = np.linalg.eigh(T.reshape(k * k, k * k))
    kept = np.argsort(-np.abs(values), kind="stable")[:k]
    found = (values[kept] * vectors[:, kept]).T.reshape(-1, k, k)
    return (found + np.transpose(found, (0, 2, 1))) / 2


def signs_and_magnitudes(
    V: np.ndarray, u: np.ndarray, M1: np.ndarray, M2: np.ndarray, phi: Activation | str
) -> OneHiddenLayer:
    """RecMagSign: the network with rows +-||w_i|| V u_i, v_i = +-1, from M_1 (d,) and M_2(V, V) (k, k).

    z = argmin ||sum z_i V u_i - M_1||, r = argmin ||sum r_i u_i u_i^T - M_2(V, V)||; for the network z_i =
    v_i s_i c_1 ||w_i||^q and r_i = v_i c_2 ||w_i||^q, c_j = m_j(1), so v_i = sign(r_i/c_2), s_i = sign(v_i z_i/c_1) and
    ||w_i|| = (|z_i|/|c_1|)^(1/q). Odd phi: v_i = 1, M_1 alone; even phi: M_2 alone, s_i = 1.
    Source: Algorithms 4 and 5 of zhong2017, reconstructed; lem-signs.

    >>> e = np.eye(2)
    >>> net = signs_and_magnitudes(e, e, np.array([1.0, -1.5]), 0.4 * np.eye(2), "relu")
    >>> net.W.tolist(), net.v.tolist()
    ([[2.0, 0.0], [-0.0, -3.0]], [1.0, 1.0])
    """
    phi, way = activation(phi), route(phi)
    k, q = u.shape[1], way.degree
    rows = (V @ u).T
    v, s, size = np.ones(k), np.ones(k), np.zeros(k)
    if way.even:
        basis = (u[:, None, :] * u[None, :, :]).reshape(-1, k)
        r = np.linalg.lstsq(basis, M2.reshape(-1), rcond=None)[0] / way.value(2)
        v, size = np.where(r < 0, -1.0, 1.0), np.abs(r)
    if way.linear:
        z = np.linalg.lstsq(rows.T, M1, rcond=None)[0] / way.value(1)
        s, size = np.where(v * z < 0, -1.0, 1.0), np.abs(z)
    lengths = np.maximum(size, np.finfo(float).tiny) ** (1 / q)
    return OneHiddenLayer((s * lengths)[:, None] * rows, v, phi)


def network_from_exact_moments(network: OneHiddenLayer, *, rng: np.random.Generator) -> OneHiddenLayer:
    """What Algorithm 1 makes of the moments of the network itself: the network, up to the order of its units.

    Up to the signs that odd and even phi leave free as well.  Raises: ValueError on dependent rows.
    *Domain*: phi homogeneous with M_3 or M_4 not zero, independent rows, v_i = +-1.  Source: thm-exact-moments.

    >>> from onenn import match
    >>> network = OneHiddenLayer([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]], [1, -1], "relu")
    >>> found = network_from_exact_moments(network, rng=np.random.default_rng(0))
    >>> match(found, network).relative_error < 1e-8
    True
    """
    if (rank := int(np.linalg.matrix_rank(network.W))) < network.k:
        raise ValueError(f"network.W has rank {rank} and k = {network.k} rows; expected linearly independent rows")
    way, M2 = route(network.phi), network_moment(network, 2)
    P = M2 if way.subspace == 2 else network_moment(network, 3) @ rng.standard_normal(network.d)
    V = leading_subspace(P, network.k)  # the power method has the same limit, but is slow
    T = network_moment(network, way.tensor, V)
    if way.tensor == 4:
        T = T @ rng.standard_normal(network.k)
    u = tensor_directions(T, rng=rng)
    return signs_and_magnitudes(V, u, network_moment(network, 1), V.T @ M2 @ V, network.phi)
