"""Joint diagonalisation of symmetric matrices C_l = U diag(D_l) U^T with one U that need not be orthogonal.

FFDIAG: repeat C_l <- (I + W) C_l (I + W)^T with the W, zero on the diagonal, that is best to first order; then U is
the inverse of the product of all I + W.   Chapter: tensor-initialization.
"""

from __future__ import annotations

import numpy as np

_LARGEST_STEP, _SMALLEST_STEP = 0.9, 1e-8
_STARTS = 3


def joint_diagonalizer(
    matrices: np.ndarray, *, rng: np.random.Generator, start: np.ndarray | None = None, sweeps: int = 100
) -> np.ndarray:
    """U (k, k) with unit columns and V C_l V^T nearly diagonal for all l, V = U^{-1}.

    *Shapes*: matrices (L, k, k), symmetric, definite or not; start (k, k), a guess of U, tried beside others.
    *Law*: invariant under C_l -> A C_l A^T up to U -> A U, signs and order of the columns.
    Raises: ValueError on another shape.  Source: the fast Frobenius diagonalisation of Ziehe et al. 2004.

    >>> U = np.array([[1.0, 0.6], [0.0, 0.8]])
    >>> matrices = np.array([U @ np.diag(D) @ U.T for D in ([1.0, 2.0], [3.0, -1.0])])
    >>> found = joint_diagonalizer(matrices, rng=np.random.default_rng(0))
    >>> np.round(np.sort(np.abs(U.T @ found).max(axis=1)), 8).tolist()
    [1.0, 1.0]
    """
    C = np.array(matrices, dtype=float)
    if C.ndim != 3 or C.shape[1] != C.shape[2]:
        raise ValueError(f"matrices has shape {C.shape}; expected (L, k, k)")
    k = C.shape[1]
    scale = np.sqrt(np.mean(C**2)) or 1.0
    best, least = np.eye(k), np.inf
    given = [] if start is None else [np.linalg.pinv(start)]
    for V in [*given, *_starts(C, rng)]:
        U = _unit_columns(np.linalg.pinv(_sweep(C / scale, V, sweeps)))
        misfit = diagonal_misfit(C, U)
        if misfit < least:
            best, least = U, misfit
    return best


def diagonal_misfit(C: np.ndarray, U: np.ndarray) -> float:
    """min over D of sum_l ||C_l - U diag(D_l) U^T||^2 / sum_l ||C_l||^2, in [0, 1].

    >>> diagonal_misfit(np.array([[[0.0, 1.0], [1.0, 0.0]]]), np.eye(2))
    1.0
    """
    L, k, _ = C.shape
    basis = (U[:, None, :] * U[None, :, :]).reshape(k * k, k)
    flat = C.reshape(L, k * k).T
    D = np.linalg.lstsq(basis, flat, rcond=None)[0]
    total = float(np.sum(flat**2))
    return float(np.sum((flat - basis @ D) ** 2)) / total if total else 0.0


def _starts(C: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Inverses of eigenvectors of A B^{-1} for random combinations A, B, exact where the C_l are; and the identity."""
    L, k, _ = C.shape
    found = [np.eye(k)]
    for _ in range(_STARTS):
        A, B = (np.tensordot(rng.standard_normal(L), C, axes=1) for _ in range(2))
        try:
            vectors = np.asarray(np.linalg.eig(A @ np.linalg.pinv(B)).eigenvectors, dtype=complex)
        except np.linalg.LinAlgError:
            continue
        real = np.real(vectors) + np.imag(vectors)  # of a complex pair, two real vectors of its plane
        if np.linalg.cond(real) < 1e4:
            found.append(np.linalg.inv(real))
    return found


def _sweep(C: np.ndarray, V: np.ndarray, sweeps: int) -> np.ndarray:
    k = V.shape[0]
    V = V / np.linalg.norm(V, axis=1)[:, None]
    C = V @ C @ V.T
    for _ in range(sweeps):
        D = np.diagonal(C, axis1=1, axis2=2)
        E = C - D[:, :, None] * np.eye(k)
        Z, Y = D.T @ D, np.einsum("lj,lij->ij", D, E)
        z = np.diag(Z)
        determinant = np.multiply.outer(z, z) - Z**2
        with np.errstate(divide="ignore", invalid="ignore"):
            W = (Z * Y.T - z[:, None] * Y) / determinant
        W = np.where(np.isfinite(W), W, 0.0)
        np.fill_diagonal(W, 0.0)
        size = float(np.linalg.norm(W))
        if size > _LARGEST_STEP:
            W *= _LARGEST_STEP / size
        step = np.eye(k) + W
        V = step @ V
        lengths = np.linalg.norm(V, axis=1)[:, None]
        V, step = V / lengths, step / lengths
        C = step @ C @ step.T
        if size < _SMALLEST_STEP:
            break
    return V


def _unit_columns(U: np.ndarray) -> np.ndarray:
    return U / np.linalg.norm(U, axis=0)
