"""Hermite moments of the data, contracted on the fly:  M_j = E[y He_j(x)],  M_j(B, ..., B) from z = B^T x alone.

With G = B^T B and r a residual of y, the sums of r, r z, r z z, ... over the samples and Isserlis' corrections give

M_2(B, B) = E[r z z] - E[r] G,   M_3(B, B, B) = E[r z z z] - (E[r z] G, 3 placements),
M_4(B, B, B, B) = E[r z z z z] - (E[r z z] G, 6 placements) + E[r] (G G, 3 pairings).

Tensors of side d are never formed.   Chapter: tensor-initialization.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from onenn.arrays import Array

from .data import Samples
from .sums import like
from .weighted_sums import gram_sums


@dataclass(frozen=True, kw_only=True)
class LowMoments:
    """What one pass over the data yields: n, the mean and variance of y, E[x], E[x x^T], M_1 (d,) and M_2 (d, d)."""

    n: int
    mean: float
    variance: float
    centre: np.ndarray
    covariance: np.ndarray
    M1: np.ndarray
    M2: np.ndarray


@dataclass(frozen=True)
class Fit:
    """The polynomial c + b.x + sum_ij A_ij ((U^T x)_i (U^T x)_j - delta_ij) of degree two; U (d, m), A (m, m)."""

    c: float
    b: np.ndarray
    U: np.ndarray
    A: np.ndarray

    def residual(self, x: Array, y: Array) -> Array:
        """y minus the polynomial, in the dtype and on the device of x."""
        r = y - self.c + float(np.trace(self.A)) - x @ like(self.b, x)
        if self.U.shape[1]:
            z = x @ like(self.U, x)
            r = r - array_namespace(x).sum((z @ like(self.A, x)) * z, axis=1)
        return r


def low_moments(data: Samples, *, constant: bool = False) -> LowMoments:
    """n, mean and variance of y, E[x], E[x x^T], M_1 = E[y x] and M_2 = E[y (x x^T - I)], in one pass.

    *Law*: linear in y; M_2 symmetric.
    *Speed* on NumPy: two symmetric products where X^T X is one, so at most half as fast as X^T X alone. Measured at
    d = 50 on one thread: 0.42 to 0.47 of its speed in float64, 0.29 to 0.35 in float32; less on a busy machine.
    Raises: ValueError when y is constant, unless that is allowed: there is nothing to recover.

    >>> from onenn.recovery import samples
    >>> found = low_moments(samples([[1.0, 0.0], [-1.0, 2.0]], [1.0, 3.0]))
    >>> found.M1.tolist(), found.M2.round(12).tolist()
    ([-1.0, 3.0], [[0.0, -3.0], [-3.0, 4.0]])
    """
    first = next(data.blocks(), None)
    reference = 0.0 if first is None else float(first[1][0])  # without samples the sum says why
    n, y, yy, x, xx, yx, yxx = data.sum(low_sums, reference, in_parts=True)
    n = int(n)
    if yy == 0 and not constant:
        raise ValueError(f"y is constant ({reference}); expected the values of a network, which vary with x")
    return LowMoments(
        n=n,
        mean=reference + float(y) / n,
        variance=float(yy / n - (y / n) ** 2),
        centre=x / n,
        covariance=xx / n,
        M1=(yx + reference * x) / n,
        M2=_symmetric(yxx + reference * xx) / n - (reference + float(y) / n) * np.eye(data.d),
    )


def low_sums(x: Array, y: Array, reference: float) -> list[Array]:
    """The sums of e, e^2, x, x x^T, e x, e x x^T for e = y - reference: exactly zero where y is constant."""
    e = y - reference
    if isinstance(x, np.ndarray):
        centre, ex, gram, weighted = gram_sums(x, e)
        total, squares = e.sum(dtype=float), np.square(e, dtype=float).sum()
        return [total, squares, centre, gram, ex, weighted]
    ex = e[:, None] * x
    one = array_namespace(x).ones_like(e)
    # products with a row of ones: a sum along the rows takes as long as a Gram matrix
    return [one @ e, e @ e, one @ x, x.T @ x, one @ ex, ex.T @ x]


def second_moment(data: Samples, fit: Fit) -> np.ndarray:
    """M_2 of the residual of y after the fit, (d, d), in one pass.

    *Law*: its expectation is M_2 of y less 2 U A U^T.
    """
    n, r, rxx = data.sum(_second_sums, fit)
    return (_symmetric(rxx) - float(r) * np.eye(data.d)) / float(n)


def _second_sums(x: Array, y: Array, fit: Fit) -> list[Array]:
    r = fit.residual(x, y)
    return [array_namespace(x).sum(r), (r[:, None] * x).T @ x]


def projected_moment(data: Samples, order: int, B: np.ndarray, fit: Fit | None = None) -> np.ndarray:
    """M_j(B, ..., B) for j = order in 1, 2, 3, 4, an array of side m, of y or of its residual after a fit; one pass.

    *Shapes*: B (d, m), any columns.  Cost per sample: d m + m^j/2.
    *Law*: symmetric; multilinear in B.  Raises: ValueError for another order.

    >>> from onenn.recovery import samples
    >>> projected_moment(samples([[2.0]], [1.0]), 3, np.ones((1, 1))).item()       # He_3(2) = 8 - 6
    2.0
    """
    if order not in (1, 2, 3, 4):
        raise ValueError(f"order is {order!r}; expected 1, 2, 3 or 4")
    B = np.asarray(B, dtype=float)
    if B.ndim != 2 or B.shape[0] != data.d:
        raise ValueError(f"B has shape {B.shape}; expected ({data.d}, m), one direction per column")
    m = B.shape[1]
    n, r, rz, rzz, *top = data.sum(_projected_sums, order, B, fit, width=max(data.d, m * m if order > 2 else m))
    return hermite_tensor(order, [a / float(n) for a in (r, rz, rzz, *top)], B.T @ B)


def _projected_sums(x: Array, y: Array, order: int, B: np.ndarray, fit: Fit | None) -> list[Array]:
    xp = array_namespace(x)
    r = y if fit is None else fit.residual(x, y)
    z = x @ like(B, x)
    m = B.shape[1]
    rz = r[:, None] * z
    sums = [xp.sum(r), xp.sum(rz, axis=0), rz.T @ z]
    if order > 2:
        zz = xp.reshape(z[:, :, None] * z[:, None, :], (-1, m * m))
        right = rz if order == 3 else xp.reshape(rz[:, :, None] * z[:, None, :], (-1, m * m))
        sums.append(xp.reshape(zz.T @ right, (m,) * order))
    return sums


def hermite_tensor(order: int, powers: list[np.ndarray], G: np.ndarray) -> np.ndarray:
    """M_j(B, ..., B) from powers = [E r, E r z, E r z z, (E r z^j)] and G = B^T B.   Source: eq-hermite-tensors.

    >>> hermite_tensor(2, [np.array(1.0), np.zeros(1), np.array([[5.0]])], np.eye(1)).item()
    4.0
    """
    r, rz, rzz, *top = powers
    if order == 1:
        return rz
    if order == 2:
        return rzz - r * G
    if order == 3:
        return top[0] - symmetrised(np.multiply.outer(rz, G), ((0, 1, 2), (1, 0, 2), (1, 2, 0)))
    six = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 2, 3, 1), (2, 0, 1, 3), (2, 0, 3, 1), (2, 3, 0, 1))
    three = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 2, 3, 1))
    correction = symmetrised(np.multiply.outer(rzz, G), six)
    return top[0] - correction + r * symmetrised(np.multiply.outer(G, G), three)


def symmetrised(T: np.ndarray, placements: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """The sum of the transpositions of T: for each placement, slot placement[s] of T becomes slot s.

    >>> symmetrised(np.array([[0.0, 1.0], [0.0, 0.0]]), ((0, 1), (1, 0))).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return sum((np.transpose(T, placement) for placement in placements), start=np.zeros_like(T))


def _symmetric(A: np.ndarray) -> np.ndarray:
    return (A + A.T) / 2
