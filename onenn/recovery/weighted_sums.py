"""Sums of x x^T and e x x^T over samples on NumPy, in float64 each by symmetric products, half of general ones.

With a shift c >= 0 the weights e + c are nonnegative but for a few samples R, and with their roots

sum e x x^T = P^T P - Q^T Q - c sum x x^T,   P = rows (e + c)_+^(1/2) x,   Q = rows (-e - c)^(1/2) x in R.

c is three times the median of |e|, so at most half of the samples are in R, usually one in fifty, and the difference
costs a digit. In float32 that is one too many, and a general product only a quarter slower: there it is (e x)^T x.
A part of the samples stays in the cache for all of its products.   Chapter: tensor-initialization.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import dsyrk  # type: ignore[attr-defined]

_ROWS, _BYTES = 704, 704 * 50 * 8
"""Rows of a part at least; in float64 as many as have these bytes, in float32 no more, for the sake of accuracy.

OpenBLAS cuts 704 rows in two panels of 352, which do not collide in the cache as its panels of 256 and 384 do.
"""

_SHIFT = 3.0
_SAMPLE = 256
"""Entries of e whose median is taken."""


def gram_sums(x: np.ndarray, e: np.ndarray) -> list[np.ndarray]:
    """[sum x, sum e x, sum x x^T, sum e x x^T] in float64: two of shape (d,), two symmetric ones (d, d).

    *Shapes*: x (b, d), e (b,), of one dtype, in which the products of a part are computed.
    *Law*: linear in e.  *Accuracy*: rounding errors are those of sums of (|e| + 2 c) |x|^2, c = 0 in float32.

    >>> gram_sums(np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([1.0, -3.0]))[3].round(12).tolist()
    [[-2.0, -6.0], [-6.0, -12.0]]
    """
    symmetric = x.dtype == np.float64
    part = max(_ROWS, _BYTES // x[:1].nbytes) if symmetric else _ROWS
    c = _shift(e) if symmetric else 0.0
    w = e + c
    factors = np.sqrt(np.maximum(w, 0)) if symmetric else e
    d = x.shape[1]
    pair = np.empty((2, e.size), x.dtype)
    pair[0], pair[1] = 1, e
    vectors, gram, weighted = np.zeros((2, d)), np.zeros((d, d), order="F"), np.zeros((d, d), order="F")
    buffer = np.empty((min(part, e.size), d), x.dtype)
    for start in range(0, e.size, part):
        these = slice(start, start + part)
        rows = x[these]
        _add_product(gram, rows, rows)
        vectors += pair[:, these] @ rows
        scaled = buffer[: rows.shape[0]]
        # two passes, as a product with a column runs a loop for each row
        np.copyto(scaled, factors[these, None])
        scaled *= rows
        _add_product(weighted, scaled, scaled if symmetric else rows)
    if not symmetric:
        return [*vectors, gram, (weighted + weighted.T) / 2]
    below = np.flatnonzero(w < 0)
    for start in range(0, below.size, part):
        these = below[start : start + part]
        scaled = np.sqrt(-w[these])[:, None] * x[these]
        _add_product(weighted, scaled, scaled, -1.0)
    weighted -= c * gram
    return [*vectors, _from_upper(gram), _from_upper(weighted)]


def _add_product(total: np.ndarray, A: np.ndarray, B: np.ndarray, sign: float = 1.0) -> None:
    """Add sign * A^T A to the upper triangle of a Fortran-ordered total in float64; in float32 A^T B to all of it."""
    if A.dtype == np.float64:
        dsyrk(sign, A.T, beta=1.0, c=total, overwrite_c=True)  # without a copy of A where its rows are contiguous
    else:
        into = total.T  # in the order of the product; what is not symmetric by rounding is made so in the end
        into += A.T @ B


def _from_upper(A: np.ndarray) -> np.ndarray:
    """The symmetric matrix with the upper triangle of A, whose lower one is zero."""
    full = A + A.T
    full.flat[:: len(A) + 1] = A.diagonal()
    return full


def _shift(e: np.ndarray) -> float:
    """c; it is nan only where e has such entries."""
    sample = np.abs(e[:: max(1, e.size // _SAMPLE)])
    return _SHIFT * float(np.partition(sample, sample.size // 2)[sample.size // 2])
