"""The regulariser that spreads units over the sphere, its gradient without a loop over pairs, and its minimisation.

R(W) = sum_{i != j} kappa_ij^2/(k (k-1)),   kappa = 1/4 + arcsin(<u_i, u_j>)/(2 pi),   u_i = w_i/|w_i|;
dR/dw_i = 2/(pi k (k-1) |w_i|) sum_{j != i} kappa_ij (u_j - t_ij u_i)/sqrt(1 - t_ij^2),   t_ij = <u_i, u_j>.

L2(W)^2 = (1 - 1/k) R(W) + 1/(4k) - 1/16 - V: least discrepancy is least R.   Chapter: diverse-units.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import is_numpy_namespace
from scipy.optimize import minimize

from onenn.arrays import Array, Arrays

from .inputs import directions, real_matrix
from .kernels import KERNELS


class Regularizer(NamedTuple):
    """The value of R, a float or a torch scalar, and its gradient, an array (k, d) like W."""

    value: Any
    gradient: Array


def regularizer(W: Any) -> Regularizer:
    """R(W) and its gradient, the mean of kappa^2 over pairs of different units; 0 < R <= 1/4.

    For a torch tensor that requires a gradient the value is a differentiable scalar: add it to a loss. The derivative
    is the closed form (so it stays finite where that of arcsin does not), and it can be taken once.
    At two parallel units R has a corner; each of the two then gets the force of the others only.
    *Shapes*: W (k, d), k >= 2.  *Law*: R does not change with the lengths of rows; each row of the gradient is
    orthogonal to that row of W.
    Raises: ValueError for k < 2, a zero row, a wrong shape, nan or inf.
    Source: section 5 of Xie, Liang and Song (2017) for the value.

    >>> value, gradient = regularizer([[1.0, 0.0], [0.0, 2.0]])
    >>> value, (gradient * 4 * np.pi).round(12).tolist()
    (0.0625, [[0.0, 1.0], [0.5, 0.0]])
    """
    xp, W = real_matrix(W, "W")
    given = W
    if hasattr(W, "detach"):
        W = W.detach()
    _, U, lengths = directions(W)
    k = U.shape[0]
    if k < 2:
        raise ValueError("W has one row; the regulariser is a mean over pairs of units, so it needs two or more")
    t = xp.clip(U @ U.T, min=-1.0, max=1.0)
    sine = xp.sqrt(1 - t * t)
    kappa = KERNELS["arcsine"].angular(Arrays(xp), xp.acos(t), t, sine)
    others = 1 - xp.eye(k, dtype=W.dtype, device=W.device) if not is_numpy_namespace(xp) else 1 - np.eye(k)
    value = xp.sum(kappa * kappa * others) / (k * (k - 1))

    straight = sine <= 4 * math.sqrt(xp.finfo(W.dtype).eps)
    # kappa/sin tends to 1/(2 pi) at opposite units; at parallel ones there is a corner
    ends = xp.where(t < 0, xp.ones_like(t) / (2 * math.pi), 0 * t)
    ratio = xp.where(straight, ends, kappa / xp.where(straight, 1, sine)) * others
    pull = ratio @ U - xp.sum(ratio * t, axis=1)[:, None] * U
    gradient = pull * (2 / (math.pi * k * (k - 1))) / lengths[:, None]
    if hasattr(given, "detach"):
        # the value, with the closed form for its derivative: given - W is zero
        return Regularizer(value + xp.sum((given - W) * gradient) if given.requires_grad else value, gradient)
    return Regularizer(float(value), gradient)


def diversify(W: Any, *, max_iterations: int = 2000, tolerance: float = 1e-9) -> np.ndarray:
    """Weights with the lengths of the rows of W whose directions minimise R, found from W by conjugate gradients.

    The end is a local minimum of R; the result depends on W. tolerance: largest entry of k times the gradient
    at unit lengths; the error in R is of the order of its square.
    *Shapes*: W (k, d), result (k, d), a NumPy array.
    Raises: ValueError as `regularizer`, and when two rows are parallel: R pulls neither off the other.

    >>> corners = diversify([[1.0, 0.1], [0.3, 1.0], [-1.0, 0.2]])
    >>> round(regularizer(corners).value, 12) == round((1 / 6) ** 2, 12)
    True
    """
    _, U, lengths = directions(W)
    U, lengths = np.asarray(U, dtype=float), np.asarray(lengths, dtype=float)
    k, d = U.shape
    t = U @ U.T - 2 * np.eye(k)
    if k > 1 and np.max(t) > 1 - 1e-14:
        i, j = np.unravel_index(np.argmax(t), t.shape)
        raise ValueError(f"rows {i} and {j} of W are parallel, a corner of R; move one of them a little")

    def energy(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = regularizer(flat.reshape(k, d))
        # scaled by the number of pairs, so that the force on one unit does not fade with k
        return k * value, k * np.asarray(gradient).ravel()

    options = {"maxiter": max_iterations, "gtol": tolerance}
    # two rounds: the first leaves rows of unequal length, which slows the last digits
    for _ in range(2):
        U = minimize(energy, U.ravel(), jac=True, method="CG", options=options).x.reshape(k, d)
        U /= np.linalg.norm(U, axis=1, keepdims=True)
    return U * lengths[:, None]
