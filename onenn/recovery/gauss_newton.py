"""Gauss-Newton on all samples without the Jacobian:  J^T J step = -J^T r  by preconditioned conjugate gradients.

J a = sum_i v_i phi'(w_i . x) a_i . x + sum_i b_i phi(w_i . x)  costs the two matrix products X A^T and R^T X. The
preconditioner is J^T J on a few samples for each parameter, which is J^T J on all of them up to a factor near 1: the
number of products hardly depends on n, d, k or the teacher's condition.   Chapter: global-recovery.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj

from onenn.activations import Activation
from onenn.arrays import Array, evaluate
from onenn.network import OneHiddenLayer

from .entries import check_finite

_PER_PARAMETER = 4, 16
"""Samples of the preconditioner for each parameter: c of them leave a condition of about ((1 + c^-1/2)/(1 - c^-1/2))^2,
9 for four and 2.8 for sixteen; more than four where they cost less than ten products."""

_MOST = 60
"""Products in one step; twice what condition 9 needs for two digits."""

_STALLED = 1000.0
"""Three steps that gain less than this times `relative` are the last: under noise the kinks of ReLU leave a decrement
that never vanishes, and some forty halved steps more would move W by 1 % of its standard error."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Refinement:
    """The refined network, its mean squared residual, the steps and the products J a (each with one J^T b), and

    `decrement`, the mean square of J step at the end: what one more step would gain. It is 0 at a stationary point.
    """

    network: OneHiddenLayer
    mean_square: float
    steps: int
    products: int
    decrement: float


def gauss_newton(
    network: OneHiddenLayer,
    X: Array,
    y: Array,
    *,
    train_v: bool = False,
    steps: int = 50,
    relative: float = 1e-6,
    target: float = 0.0,
) -> Refinement:
    """Least squares on all samples from a network near the answer, with halved steps where the full one does not help.

    *Shapes*: X (n, d) a NumPy array or a torch tensor on any device, y (n,); computed where X is, in the dtype of X.
    Ends when a step would gain less than `relative` times what an efficient estimator errs by (mean_square p/n), when
    three steps together gained less than 1000 times that, when the mean square is at most `target`, when no step lowers
    it, or after `steps`.
    *Law*: the mean square never rises.  Raises: ValueError on another shape, nan or inf.

    >>> from onenn import random_teacher
    >>> X = np.random.default_rng(0).standard_normal((200, 3))
    >>> teacher = random_teacher(2, 3, "relu", rng=0)
    >>> start = OneHiddenLayer(teacher.W + 0.05, teacher.v, "relu")
    >>> bool(np.allclose(gauss_newton(start, X, teacher.predict(X)).network.W, teacher.W, atol=1e-12))
    True
    """
    if X.ndim != 2 or X.shape[1] != network.d or tuple(y.shape) != (X.shape[0],):
        raise ValueError(
            f"X has shape {tuple(X.shape)} and y {tuple(y.shape)}; expected (n, {network.d}), one sample per row, and "
            "(n,)"
        )
    problem = _Problem(network, X, y, train_v)
    point = problem.at(problem.W, problem.v)
    if not math.isfinite(point.mean_square):  # or the network is so large there
        for name, array in (("X", X), ("y", y)):
            check_finite(name, array)
    decrement, products, taken = np.inf, 0, 0
    sample = problem.sample()
    inverse: Array | None = None
    used, past = 0, [point.mean_square]
    while taken < steps and point.mean_square > target:
        if inverse is None or used > _MOST // 2:
            # the first one serves to the end, unless the start was far away
            inverse = problem.preconditioner(point, sample)
        step, decrement, used = _conjugate_gradients(problem, point, inverse)
        products += used
        small = relative * point.mean_square * problem.p / problem.n
        if decrement <= small or (taken >= 3 and past[-4] - past[-1] <= _STALLED * small):
            break
        length, trial = 1.0, problem.moved(point, step, 1.0)
        while not trial.mean_square < point.mean_square and length > 1e-4:
            length /= 2
            trial = problem.moved(point, step, length)
        if not trial.mean_square < point.mean_square:
            break
        point = trial
        past.append(point.mean_square)
        taken += 1
    W, v = (problem.to_host(array) for array in (point.W, point.v))
    return Refinement(
        network=OneHiddenLayer(W, v, network.phi),
        mean_square=point.mean_square,
        steps=taken,
        products=products,
        decrement=float(decrement),
    )


def _conjugate_gradients(
    problem: _Problem, point: _Point, inverse: Array, tolerance: float = 1e-2, most: int = _MOST
) -> tuple[Array, float, int]:
    """The step, |J step|^2/n and the products with J^T J/n that it took."""
    residual = -problem.gradient(point)
    s = problem.xp.zeros_like(residual)
    z = inverse @ residual
    direction, rz = z, float(residual @ z)
    first, decrement = rz, 0.0
    for products in range(1, most + 1):
        curved = problem.product(point, direction)
        curvature = float(direction @ curved)
        if not curvature > 0:
            return s, decrement, products
        length = rz / curvature
        s = s + length * direction
        decrement += length * rz
        residual = residual - length * curved
        z = inverse @ residual
        rz, before = float(residual @ z), rz
        if rz <= tolerance**2 * first:
            return s, decrement, products
        direction = z + (rz / before) * direction
    return s, decrement, most


@dataclass(frozen=True)
class _Point:
    W: Array
    v: Array
    slopes: Array
    values: Array
    residual: Array
    mean_square: float


class _Problem:
    """Data and parameters as arrays of one namespace, dtype and device; parameters in a row: W unit by unit, then v."""

    def __init__(self, network: OneHiddenLayer, X: Array, y: Array, train_v: bool) -> None:
        X = X if is_array_api_obj(X) else np.asarray(X, dtype=float)
        self.xp: Any = array_namespace(X)
        self.phi: Activation = network.phi
        self.X = X
        like = {"dtype": X.dtype, "device": device(X)}
        self.y, self.W, self.v = (
            self.xp.asarray(np.array(a) if isinstance(a, np.ndarray) else a, **like) for a in (y, network.W, network.v)
        )
        self.train_v = train_v
        self.n, self.k, self.d = int(X.shape[0]), network.k, network.d
        self.p = self.k * (self.d + train_v)

    def at(self, W: Array, v: Array) -> _Point:
        Z = self.X @ W.T
        values = self._full(evaluate(self.phi, "value", Z), Z)
        slopes = self._full(evaluate(self.phi, "derivative", Z), Z) * v
        residual = values @ v - self.y
        mean_square = float(residual @ residual) / self.n
        return _Point(W, v, slopes, values, residual, mean_square if np.isfinite(mean_square) else np.inf)

    def moved(self, point: _Point, step: Array, length: float) -> _Point:
        A, b = self.split(step)
        return self.at(point.W + length * A, point.v if b is None else point.v + length * b)

    def split(self, a: Array) -> tuple[Array, Array | None]:
        kd = self.k * self.d
        return self.xp.reshape(a[:kd], (self.k, self.d)), a[kd:] if self.train_v else None

    def pull(self, point: _Point, r: Array) -> Array:
        """J^T r/n."""
        A = (point.slopes * r[:, None]).T @ self.X
        parts = [self.xp.reshape(A, (-1,))]
        if self.train_v:
            parts.append(point.values.T @ r)
        return (self.xp.concat(parts) if self.train_v else parts[0]) / self.n

    def gradient(self, point: _Point) -> Array:
        return self.pull(point, point.residual)

    def product(self, point: _Point, a: Array) -> Array:
        """J^T J a/n."""
        A, b = self.split(a)
        t = self.xp.sum((self.X @ A.T) * point.slopes, axis=1)
        return self.pull(point, t if b is None else t + point.values @ b)

    def sample(self) -> slice:
        """Samples at a stride: a stride costs no index and no random numbers."""
        least, most = (c * self.p for c in _PER_PARAMETER)
        return slice(None, None, max(1, self.n // min(max(least, 10 * self.n // self.p), most)))

    def preconditioner(self, point: _Point, sample: slice) -> Array:
        """(J^T J/m + 1e-8 of its size)^-1 on m samples."""
        x, slopes = self.X[sample], point.slopes[sample]
        J = self.xp.reshape(slopes[:, :, None] * x[:, None, :], (x.shape[0], -1))
        if self.train_v:
            J = self.xp.concat([J, point.values[sample]], axis=1)
        A = J.T @ J / x.shape[0]
        size = float(self.xp.sum(A * self.xp.eye(self.p, dtype=A.dtype, device=device(A)))) / self.p
        A = A + (1e-8 * size + 1e-300) * self.xp.eye(self.p, dtype=A.dtype, device=device(A))
        return self.xp.linalg.inv(A)

    def _full(self, value: Array | float, Z: Array) -> Array:
        return self.xp.full_like(Z, value) if isinstance(value, float) else value

    @staticmethod
    def to_host(array: Array) -> np.ndarray:
        return (array.detach().cpu().numpy() if hasattr(array, "detach") else np.asarray(array)).astype(float)
