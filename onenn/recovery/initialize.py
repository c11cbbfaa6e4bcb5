"""The tensor initialisation that wastes no samples: subspace, tensor and magnitudes from residuals.

U from the residual moment, T = M_j(y - fit of degree two) in U, its joint diagonalisation together with A, then signs
and magnitudes by least squares.   Chapter: tensor-initialization.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.network import OneHiddenLayer

from .data import Samples, check_units, samples
from .decomposition import joint_diagonalizer
from .magnitudes import least_squares_signs
from .moments import Fit, low_moments, projected_moment
from .route import Route, route
from .subspace import residual_subspace, third_moment_subspace


def tensor_initialize(
    X: Any,
    y: Any,
    k: int,
    phi: Activation | str,
    *,
    rng: np.random.Generator | int,
    dtype: str = "float64",
    executor: Any = None,
) -> OneHiddenLayer:
    """A network with k units near the one whose values y are, x ~ N(0, I_d); v_i = +-1.

    Six passes over the samples; memory of a few blocks, whatever n. *Shapes*: X (n, d), y (n,): NumPy arrays, mapped
    files, tensors of torch on any device; or X an iterable of blocks (or a function that makes one) and y = None.
    *Domain*: phi homogeneous with M_3 or M_4 not zero; the rows of W linearly independent.
    rng: a Generator, or an integer that seeds one. dtype, executor: as in `onenn.recovery.samples`.
    Raises: ValueError on k > d, constant y, nan, inf, an activation the moments do not determine; TypeError on a
    one-shot iterator.  Warns: UserWarning when n < k (d + 1), the number of parameters.

    >>> from onenn import match, random_teacher
    >>> teacher = random_teacher(2, 5, "relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((4000, 5))
    >>> start = tensor_initialize(X, teacher.predict(X), 2, "relu", rng=2)
    >>> match(start, teacher).relative_error < 0.2
    True
    """
    phi, rng = activation(phi), np.random.default_rng(rng)
    way = route(phi)
    data = samples(X, y, dtype=dtype, executor=executor)
    k = check_units(k, data.d)
    low = low_moments(data)
    if low.n < k * (data.d + 1):
        warnings.warn(
            f"n = {low.n} samples are fewer than the k (d + 1) = {k * (data.d + 1)} parameters: other networks have "
            "the same values on them, and the start is a guess",
            stacklevel=2,
        )
    if way.subspace == 2:
        U, fit = residual_subspace(data, k, low)
    else:
        U, fit = third_moment_subspace(data, k, low, rng=rng)
    directions = residual_directions(data, U, fit, way, rng)
    return least_squares_signs(data, U @ directions, phi, way)[0]


def residual_directions(data: Samples, U: np.ndarray, fit: Fit, way: Route, rng: np.random.Generator) -> np.ndarray:
    """The directions of the units in the coordinates of U, unit columns (k, k) with free signs; one pass."""
    k = U.shape[1]
    T = projected_moment(data, way.tensor, U, fit)
    matrices = tensor_matrices(T)
    if fit.A.shape == (k, k) and way.subspace == 2:
        A = 2 * fit.A / way.value(2) * way.value(way.tensor)
        matrices = np.concatenate([matrices, A[None]])
    return joint_diagonalizer(matrices, rng=rng)


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
