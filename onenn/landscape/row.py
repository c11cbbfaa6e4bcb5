"""One unit w of the student against all units u_i of the residual: the sums that gradient and Hessian consist of.

grad_j = v_j sum_i c_i E[phi'(w.x) phi(u_i.x) x],   the residual being r(x) = sum_i c_i phi(u_i.x),
H_jj   = v_j^2 E[phi'(w.x)^2 x x^T] + v_j sum_i c_i E[phi''(w.x) phi(u_i.x) x x^T],
H_ji   = v_j v_i E[phi'(w.x) phi'(u_i.x) x x^T].

The same for doubles and for object arrays of balls.   Chapter: local-strong-convexity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from onenn.activations.pair import Pair, Tensor


@dataclass(frozen=True, kw_only=True)
class Row:
    """The pairs of w with u_1, ..., u_m: the entries of `pair` are arrays (m,), or the int 0.

    *Shapes*: w (d,), U (m, d); R (m, d), the vectors r of the tensors. rays(x, R) is sum_i x_i r_i r_i^T/|r_i|, where a
    vanishing r_i counts 0.
    """

    w: np.ndarray
    U: np.ndarray
    R: np.ndarray
    rays: Callable[[np.ndarray, np.ndarray], np.ndarray]
    pair: Pair

    def gradient(self, weights: np.ndarray) -> np.ndarray:
        """sum_i c_i E[phi'(w.x) phi(u_i.x) x] = (sum_i c_i M_i) w + sum_i c_i D_i u_i.  *Shapes*: (m,) -> (d,)."""
        return (weights @ self.pair.M) * self.w + (weights * self.pair.D) @ self.U

    def curvature(self, weights: np.ndarray, *, jumps: bool = True) -> np.ndarray:
        """sum_i c_i E[phi''(w.x) phi(u_i.x) x x^T], with or without the point masses of phi''."""
        regular = self._sum(self.pair.curvature, weights)
        return regular + self._sum(self.pair.jumps, weights) if jumps else regular

    def slopes(self, i: int) -> np.ndarray:
        """E[phi'(w.x) phi'(u_i.x) x x^T]."""
        return self._sum(self.pair.slopes, np.ones(1, dtype=int), slice(i, i + 1))

    def _sum(self, t: Tensor, weights: np.ndarray, which: slice = slice(None)) -> np.ndarray:
        """The weighted sum of the tensors of the units in `which`; an int is a coefficient that vanishes for all."""
        R, w = self.R[which], self.w
        I, ww, wr, rr, ray = (None if isinstance(x, int) else weights * x[which] for x in t)
        total: Any = np.zeros((len(w), len(w)), dtype=int)
        if I is not None:
            total = np.sum(I) * np.eye(len(w), dtype=int)
        if ww is not None:
            total = total + np.sum(ww) * np.multiply.outer(w, w)
        if wr is not None:
            mixed = np.multiply.outer(w, wr @ R)
            total = total + mixed + mixed.T
        if rr is not None:
            total = total + (R * rr[:, None]).T @ R
        if ray is not None:
            total = total + self.rays(ray, R)
        return total


def each(pair: Pair, array: Callable[[Any], np.ndarray]) -> Pair:
    """The pair with `array` applied to every coefficient that is not the int 0."""

    def tensor(t: Tensor) -> Tensor:
        return Tensor(*(x if isinstance(x, int) else array(x) for x in t))

    return Pair(
        K=array(pair.K),
        D=array(pair.D),
        slopes=tensor(pair.slopes),
        curvature=tensor(pair.curvature),
        jumps=tensor(pair.jumps),
        across=pair.across,
    )


def together(pairs: list[Pair], array: Callable[[list[Any]], np.ndarray]) -> Pair:
    """One pair whose coefficients are the arrays of those of the given ones."""

    def tensor(tensors: list[Tensor]) -> Tensor:
        identity, *others = zip(*tensors, strict=True)
        # what vanishes exactly, as E[phi'' phi''] of ReLU off its point masses, costs as little as what is not there
        vanish = [all(isinstance(x, int) for x in identity), *(all(x == 0 for x in column) for column in others)]
        return Tensor(*(0 if z else array(list(column)) for z, column in zip(vanish, (identity, *others), strict=True)))

    return Pair(
        K=array([pair.K for pair in pairs]),
        D=array([pair.D for pair in pairs]),
        slopes=tensor([pair.slopes for pair in pairs]),
        curvature=tensor([pair.curvature for pair in pairs]),
        jumps=tensor([pair.jumps for pair in pairs]),
        across=pairs[0].across,
    )
