"""What the samples know of the parameters: the Fisher information J^T J/sigma^2, and whether residuals are only noise.

y_s = f(x_s; theta) + sigma e_s, e_s ~ N(0, 1):  Cov(any unbiased estimate of theta) >= sigma^2 (J^T J)^-1 (Cramer-Rao).
theta = W in the normal form of homogeneous phi, else (W, v).   Chapter: global-recovery.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj

from onenn.arrays import Array, evaluate
from onenn.network import OneHiddenLayer

_BLOCK = 2**21
"""Numbers in one block of the Jacobian."""


def gram(network: OneHiddenLayer, X: Array, *, train_v: bool | None = None) -> np.ndarray:
    """J^T J on the samples, (p, p) on the host: the k d entries of W unit by unit, then v when `train_v`.

    *Shapes*: X (n, d) a NumPy array or a torch tensor on any device; summed over blocks, in the dtype of X, and then
    in float64. train_v: None: False for homogeneous phi, where v can be absorbed into W, else True.
    *Law*: symmetric positive semidefinite; additive over samples.  Cost n p^2.

    >>> gram(OneHiddenLayer([[1.0, 0.0]], [2.0], "relu"), np.array([[1.0, 3.0], [-1.0, 3.0]])).tolist()
    [[4.0, 12.0], [12.0, 36.0]]
    """
    train_v = network.phi.homogeneity is None if train_v is None else train_v
    X = X if is_array_api_obj(X) else np.asarray(X, dtype=float)
    p = network.k * (network.d + train_v)
    block = max(64, _BLOCK // p)
    total = np.zeros((p, p))
    for start in range(0, int(X.shape[0]), block):
        J = jacobian(network, X[start : start + block], train_v=train_v)
        A = J.T @ J
        total += A.detach().cpu().numpy() if hasattr(A, "detach") else A
    return total


def jacobian(network: OneHiddenLayer, X: Array, *, train_v: bool = False) -> Array:
    """The derivatives (n, p) of the predictions in the k d entries of W, unit by unit, and then in v when `train_v`.

    >>> jacobian(OneHiddenLayer([[1.0, 0.0]], [2.0], "relu"), np.array([[1.0, 3.0]]), train_v=True).tolist()
    [[2.0, 6.0, 1.0]]
    """
    X = X if is_array_api_obj(X) else np.asarray(X, dtype=float)
    xp: Any = array_namespace(X)
    W, v = (xp.asarray(a.copy(), dtype=X.dtype, device=device(X)) for a in (network.W, network.v))
    Z = X @ W.T
    slopes = evaluate(network.phi, "derivative", Z) * (v + xp.zeros_like(Z))
    J = xp.reshape(slopes[:, :, None] * X[:, None, :], (int(X.shape[0]), -1))
    return xp.concat([J, evaluate(network.phi, "value", Z) + xp.zeros_like(Z)], axis=1) if train_v else J


@dataclass(frozen=True, kw_only=True, eq=False)
class StandardErrors:
    """Root mean square errors W (k, d) and v (k,) of an efficient estimator, their covariance (p, p), and its rank.

    v is 0 where it was not estimated. Where the samples do not determine a parameter the error is inf.
    """

    W: np.ndarray
    v: np.ndarray
    covariance: np.ndarray
    rank: int

    @property
    def total(self) -> float:
        """The root of the summed squares: what |W - W*|_F (and v) is about, in root mean square."""
        return float(np.sqrt(np.sum(self.W**2) + np.sum(self.v**2)))


def standard_errors(network: OneHiddenLayer, X: Array, noise: float, *, train_v: bool | None = None) -> StandardErrors:
    """sigma^2 (J^T J)^-1 at a network: the Cramer-Rao bound, which least squares reaches for many samples.

    *Shapes*: X (n, d). noise: sigma >= 0, the standard deviation of y given x. train_v as in `gram`.
    Homogeneous phi: for the normal form (|v_i| = 1, W carries the scale).  Source: thm-cramer-rao.
    Raises: ValueError when noise is negative.

    >>> X = np.random.default_rng(0).standard_normal((1000, 2))
    >>> errors = standard_errors(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu"), X, 0.1)
    >>> bool(np.all(abs(errors.W / (0.1 * np.sqrt(2 / 1000)) - 1) < 0.1))
    True
    """
    if not noise >= 0:
        raise ValueError(f"noise is {noise}; expected the standard deviation of y given x, a number >= 0")
    train_v = network.phi.homogeneity is None if train_v is None else train_v
    k, d = network.k, network.d
    eigenvalues, vectors, scale, rank = _spectrum(gram(network, X, train_v=train_v))
    inverse = np.where(np.arange(len(eigenvalues)) >= len(eigenvalues) - rank, 1, 0) / np.maximum(eigenvalues, 1e-300)
    covariance = noise**2 * (vectors * inverse) @ vectors.T * np.outer(scale, scale)
    variance = np.diag(covariance).copy()
    hidden = np.sum(vectors[:, : len(eigenvalues) - rank] ** 2, axis=1) > 1e-8
    errors = np.where(hidden, np.inf, np.sqrt(np.maximum(variance, 0)))
    v = errors[k * d :] if train_v else np.zeros(k)
    return StandardErrors(W=errors[: k * d].reshape(k, d), v=v, covariance=covariance, rank=rank)


def _spectrum(A: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Eigenvalues and vectors of A with a unit diagonal, the scale 1/sqrt(diag A), and the numerical rank."""
    if not np.isfinite(A).all():
        raise ValueError("J^T J is not finite: X has nan or inf, or the network exceeds the range of floats on it")
    diagonal = np.diag(A)
    scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1)), 0)
    eigenvalues, vectors = np.linalg.eigh(A * np.outer(scale, scale))
    # squared singular values: below 1e-12 a column of J is a combination of others to six digits
    rank = int(np.sum(eigenvalues > 1e-12 * max(float(eigenvalues[-1]), 1e-300)))
    return eigenvalues, vectors, scale, rank


def jacobian_rank(network: OneHiddenLayer, X: Array, *, train_v: bool | None = None) -> int:
    """The numerical rank of J on the samples: below p some parameters can move without a change to the data.

    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> jacobian_rank(OneHiddenLayer([[1.0, 2.0], [1.0, 2.0]], [1.0, 1.0], "relu"), X)
    2
    """
    return _spectrum(gram(network, X, train_v=train_v))[3]


def _alternatives(network: OneHiddenLayer, X: np.ndarray, m: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Groups of at most m features: x itself; phi(u . x) anywhere; products of two and of three coordinates of W x."""
    k, half = network.k, max(1, m // 2)
    U = rng.standard_normal((m, network.d))
    U *= np.exp(rng.uniform(np.log(0.5), np.log(3.0), (m, 1))) / np.linalg.norm(U, axis=1, keepdims=True)
    Z = X @ np.linalg.svd(network.W, full_matrices=False)[2].T
    factors = [Z @ rng.standard_normal((k, half)) / np.sqrt(k) for _ in range(3)]
    products = np.column_stack([factors[0] * factors[1], factors[0] * factors[1] * factors[2]])
    linear = X if X.shape[1] <= m else X @ rng.standard_normal((X.shape[1], m))
    return [linear, np.asarray(network.phi(X @ U.T / np.std(X))), products]


def lack_of_fit(
    network: OneHiddenLayer, X: np.ndarray, y: np.ndarray, *, train_v: bool, rng: np.random.Generator
) -> float:
    """p-value of the hypothesis that the residuals are noise, against residuals that depend on x.

    The least of three F tests, times three: of x itself, of one more unit at random places, and of products of
    coordinates in the span of W, after the tangent space J is taken out; valid for normal noise at a least-squares fit
    with many samples.  *Shapes*: X (n, d), y (n,) on the host.
    *Returns*: a number in [0, 1]; nan where n leaves no degrees of freedom.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((500, 3))
    >>> net = OneHiddenLayer([[1.0, 0.0, 0.0]], [1.0], "relu")
    >>> missing = OneHiddenLayer([[0.0, 1.0, 0.0]], [0.5], "relu").predict(X)
    >>> lack_of_fit(net, X, net.predict(X) + missing, train_v=False, rng=rng) < 1e-6
    True
    """
    J = jacobian(network, X, train_v=train_v)
    free = len(y) - J.shape[1]
    m = min(30, free // 2)
    if m < 1:
        return float("nan")
    Q, _ = np.linalg.qr(J)
    residual = y - network.predict(X)
    residual = residual - Q @ (Q.T @ residual)
    groups = (G - Q @ (Q.T @ G) for G in _alternatives(network, X, m, rng))
    p_values = [_f_test(residual, G, free) for G in groups]
    known = [p for p in p_values if not math.isnan(p)]
    return min(1.0, len(known) * min(known)) if known else float("nan")


def _f_test(residual: np.ndarray, G: np.ndarray, free: int) -> float:
    """p-value that the residual, normal noise of `free` degrees of freedom, has no part in the columns of G."""
    from scipy.stats import f as f_distribution

    sizes = np.linalg.norm(G, axis=0)
    G = G[:, sizes > 1e-9 * max(float(sizes.max(initial=0.0)), 1e-300)]
    if not G.shape[1]:
        return float("nan")
    R, singular, _ = np.linalg.svd(G / np.linalg.norm(G, axis=0), full_matrices=False)
    R = R[:, singular > 1e-7 * singular[0]]
    m = R.shape[1]
    explained = float(np.sum((R.T @ residual) ** 2))
    left = float(residual @ residual) - explained
    if free <= m or left <= 0:
        return 0.0 if free > m and explained > 0 else float("nan")
    return float(f_distribution.sf(explained / m / (left / (free - m)), m, free - m))
