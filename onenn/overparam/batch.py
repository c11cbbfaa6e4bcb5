"""Residuals and gradients of many networks of one shape at once, in batched products.

r_b = phi(X_b W_b^T) v_b - y_b,      eta_b mat(J_b^T r_b) = diag(eta_b v_b) (phi'(W_b X_b^T) diag(r_b)) X_b.

On NumPy the networks are taken in groups whose arrays stay in the cache, in buffers that are allocated once: without
both, twenty networks at once are slower than one after the other.   Chapter: moderate-overparameterization.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_numpy_namespace

from onenn.activations import Activation
from onenn.arrays import Array, value_and_derivative

from .memory import Room

_CACHE = 2**15
"""Numbers in the largest array of a group: the three arrays of a group fit a cache of 1 MB."""

Step = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(Z, P, Q) -> an array. The second step of a pair finds Z and the buffers as the first has left them."""


def _tanh(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    return np.tanh(Z, out=Z)


def _tanh_slopes(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    return np.subtract(1.0, np.multiply(Z, Z, out=Z), out=Z)


def _softplus(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    # log(1 + p) + max(z, 0) with p = e^{-|z|}
    np.exp(np.negative(np.abs(Z, out=P), out=P), out=P)
    np.maximum(Z, 0.0, out=Z)
    return np.add(np.log1p(P, out=Q), Z, out=Q)


def _softplus_slopes(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    # max(1{z > 0}, p)/(1 + p), as p <= 1
    np.maximum(np.greater(Z, 0.0, out=Z), P, out=Z)
    return np.divide(Z, np.add(P, 1.0, out=P), out=Z)


def _relu(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    return np.maximum(Z, _speck(Z.dtype), out=Z)


def _relu_slopes(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    # floats: booleans would be cast in the product that follows; copied after, which is quicker than written as floats
    np.copyto(Z, np.greater_equal(Z, 0.0))
    return Z


@functools.cache
def _speck(dtype: np.dtype) -> float:
    """Below 0, for 0: it keeps the sign for the slope, adds nothing to a sum, and is no subnormal, which is slow."""
    return -float(np.sqrt(np.finfo(dtype).tiny))


_PAIRS: dict[str, tuple[Step, Step]] = {
    "relu": (_relu, _relu_slopes),
    "tanh": (_tanh, _tanh_slopes),
    "softplus": (_softplus, _softplus_slopes),
}
"""phi and then phi' of activations that share work between the two, or need no new array."""


def _by_formula(phi: Activation) -> tuple[Step, Step]:
    kept: list[Any] = []

    def values(Z: np.ndarray, P: np.ndarray, Q: np.ndarray) -> np.ndarray:
        value, slope = value_and_derivative(phi, Z)
        kept.append(slope)
        return _full(value, Z)

    return values, lambda Z, P, Q: _full(kept.pop(), Z)


class Batch:
    """B networks with the activation phi, output weights v (B, k), inputs X (B, n, d) or (n, d), labels y (B, n).

    X (n, d) is shared by all; eta (B,) are the steps. The arrays are of one library, device and dtype.
    """

    def __init__(self, phi: Activation, v: Array, X: Array, y: Array, eta: Array) -> None:
        self.phi, self.v, self.X, self.y = phi, v, X, y
        self.back = (eta[:, None] * v)[:, :, None]
        self.xp: Any = array_namespace(X)
        self.XT = self.xp.matrix_transpose(X)
        self.on_numpy = is_numpy_namespace(self.xp)
        if self.on_numpy:
            self._prepare()

    def _prepare(self) -> None:
        """The buffers and the views of each group: made once, as a view costs as much as a small product."""
        B, k = self.v.shape
        n, d = self.X.shape[-2:]
        known = self.phi.base is None and not self.phi.parameters
        self._pair = _PAIRS.get(self.phi.name if known else "", _by_formula(self.phi))
        self.room = room = Room(self.XT.dtype)
        XT = room.copy(self.XT)
        # the steps beside the room for another array of their shape: the norms of both are one call
        self.rows = room.empty((2, B, k * d))
        self.moved, self._G = self.rows.reshape(2, B, k, d)
        self._r, y, v = room.empty((B, n)), room.copy(self.y), room.copy(self.v)
        rows = room.copy(np.repeat(self.back, d, axis=2))  # a product of equal shapes is quicker
        group = -(-B // -(-B * k * n // _CACHE))  # as even as possible
        buffers = room.empty((3, k * group * n))
        self._groups = []
        for start in range(0, B, group):
            part, m = slice(start, start + group), min(group, B - start)
            # unit by unit, the networks beside one another: the residuals of all meet each unit in one long row
            Z, P, Q = buffers[:, : k * m * n].reshape(3, k, m, n)
            xt = XT if XT.ndim == 2 else XT[part]
            # one copy of the inputs serves both products: two would not stay in the cache
            x = xt.swapaxes(-1, -2)
            given = (xt, x, v[part, None, :], y[part], rows[part])
            self._groups.append((part, (Z, P, Q), given, self._r[part], self._G[part]))

    def residuals_and_steps(self, W: Array) -> tuple[Array, Array]:
        """(r (B, n), eta mat(J^T r) (B, k, d)) at W (B, k, d); on NumPy both are overwritten by the next call."""
        if not self.on_numpy:
            Z = W @ self.XT
            value, slope = value_and_derivative(self.phi, Z)
            r = (self.v[:, None, :] @ _full(value, Z))[:, 0] - self.y
            G = (_full(slope, Z) * r[:, None, :]) @ self.X
            return r, G * self.back
        values, slopes = self._pair
        for part, (Z, P, Q), (XT, X, v, y, back), r, G in self._groups:
            np.matmul(W[part], XT, out=Z.swapaxes(0, 1))
            np.matmul(v, values(Z, P, Q).swapaxes(0, 1), out=r[:, None, :])
            np.subtract(r, y, out=r)
            slope = slopes(Z, P, Q)
            np.multiply(slope, r, out=slope)
            np.matmul(slope.swapaxes(0, 1), X, out=G)
            np.multiply(G, back, out=G)
        return self._r, self._G


def _full(a: Array | float, Z: Array) -> Array:
    return 0 * Z + a if isinstance(a, float) else a
