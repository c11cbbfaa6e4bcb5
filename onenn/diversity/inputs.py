"""Checks of the arguments that several modules share: points as rows, directions of nonzero rows, points of the sphere.

u_i = w_i/|w_i|.   Chapter: diverse-units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_numpy_namespace

from onenn.arrays import Array

UNIT_TOLERANCE = 1e-8
"""How far the length of an input may be from 1: the error of a few roundings in single precision is no error."""


def real_matrix(given: Any, argument: str, columns: int | None = None) -> tuple[Any, Array]:
    """(the array library, the finite matrix of floats `given`); NumPy float64 unless it is an array of another library.

    Raises: ValueError when it is no matrix, is empty, has another number of columns, or holds nan or inf.
    """
    own = is_array_api_obj(given) and not is_numpy_namespace(array_namespace(given))
    A: Any = given if own else np.asarray(given, dtype=float)
    xp = array_namespace(A)
    if A.ndim != 2 or 0 in A.shape:
        raise ValueError(f"{argument} has shape {tuple(A.shape)}; expected a matrix with at least one row and column")
    if columns is not None and A.shape[1] != columns:
        raise ValueError(
            f"{argument} has {A.shape[1]} columns but the inputs have {columns} entries; rows of W are units and rows "
            f"of X are inputs, so did you mean {argument}.T?"
        )
    if not bool(xp.all(xp.isfinite(A))):
        raise ValueError(f"{argument} holds nan or inf; expected finite numbers")
    return xp, A


def directions(W: Any, argument: str = "W") -> tuple[Any, Array, Array]:
    """(the array library, the rows divided by their lengths, the lengths).

    Raises: ValueError as `real_matrix`, and for a zero row, which has no direction.
    """
    xp, W = real_matrix(W, argument)
    scale = xp.max(xp.abs(W), axis=1)  # the squares of a row of 1e-200 would underflow
    if bool(xp.any(scale == 0)):
        row = int(xp.argmin(scale))
        raise ValueError(f"row {row} of {argument} is zero and has no direction; remove it, or draw it anew")
    lengths = scale * xp.sqrt(xp.sum((W / scale[:, None]) ** 2, axis=1))
    return xp, W / scale[:, None] / (lengths / scale)[:, None], lengths


def on_sphere(X: Any, argument: str = "X") -> tuple[Any, Array]:
    """(the array library, X) when every row of X has length 1.

    Raises: ValueError as `real_matrix`, and for a row off the sphere.
    """
    xp, X = real_matrix(X, argument)
    lengths = xp.sqrt(xp.sum(X * X, axis=1))
    gaps = xp.abs(lengths - 1)
    tolerance = max(UNIT_TOLERANCE, 64 * float(xp.finfo(X.dtype).eps))
    if not bool(xp.all(gaps <= tolerance)):
        row = int(xp.argmax(gaps))
        raise ValueError(
            f"row {row} of {argument} has length {float(lengths[row]):.6g}; expected points of the unit sphere: divide "
            f"each row by its length, {argument} / np.linalg.norm({argument}, axis=1, keepdims=True)"
        )
    return xp, X


def uniform_inputs(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """n independent uniform points of the sphere of R^d, array (n, d).

    >>> X = uniform_inputs(2, 3, np.random.default_rng(0))
    >>> bool(np.allclose(np.sum(X * X, axis=1), 1))
    True
    """
    X = rng.standard_normal((n, d))
    return X / np.linalg.norm(X, axis=1, keepdims=True)
