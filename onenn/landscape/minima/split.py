"""A unit of a minimum in two parallel halves, moved apart along z with z^T C z < 0, and where descent ends then.

C = E[r phi''(w.x) x x^T], r the residual, is the unit's block of the Hessian without E[phi'(w.x)^2 x x^T] = I/2 (ReLU).
Chapter: spurious-minima-descent.
"""

from __future__ import annotations

import numpy as np

from onenn.network import OneHiddenLayer

from ..population import hessian
from .descents import Ends, descend


def split_unit(W: np.ndarray, unit: int, *, step: float = 1e-3) -> np.ndarray:
    """The weights with that unit in halves w/2 + step z and w/2 - step z, z the unit eigenvector of C least in value.

    *Shapes*: W (k, d) -> (k + 1, d), the second half last. ReLU units, v = 1, teacher e_1, ..., e_d.

    >>> split_unit(np.eye(2) + 0.1, 0, step=0.0).tolist()
    [[0.55, 0.05], [0.1, 1.1], [0.55, 0.05]]
    """
    k, d = W.shape
    H = hessian(OneHiddenLayer(W, np.ones(k), "relu"), OneHiddenLayer(np.eye(d), np.ones(d), "relu"))
    own = slice(unit * d, unit * d + d)
    z = np.linalg.eigh(H[own, own] - np.eye(d) / 2)[1][:, 0]
    result = np.concatenate([W, W[unit : unit + 1] / 2 - step * z])
    result[unit] = W[unit] / 2 + step * z
    return result


def descend_from_split(W: np.ndarray, *, steps: int = 3000) -> Ends:
    """Where descents from W with each of its units split in turn end.  *Shapes*: (k, d) -> k runs.

    >>> from onenn.landscape import certify_one_odd_unit
    >>> ends = descend_from_split(certify_one_odd_unit(6).student.W)
    >>> ends.recovered, ends.trapped
    (5, 1)
    """
    return descend(np.array([split_unit(W, unit) for unit in range(len(W))]), steps=steps)
