"""The empirical risk, its gradient, its Hessian and products with it: blocked over samples, on NumPy or torch.

f_n(W) = sum_i r_i^2/(2n),   r_i = f(x_i; W, v) - y_i,   grad_j = (v_j/n) sum_i r_i phi'(w_j.x_i) x_i,
H_jl = (v_j/n) sum_i (v_l phi'(w_j.x_i) phi'(w_l.x_i) + 1{j=l} r_i phi''(w_j.x_i)) x_i x_i^T,

phi'' almost everywhere: for ReLU it is 0, and its mean misses a part of the Hessian of the population risk.
The memory beside X, y and the result is that of one block, whatever n.   Chapter: local-convergence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_numpy_namespace

from onenn.arrays import Array, evaluate
from onenn.network import OneHiddenLayer

_CACHE = 2**16
"""Numbers in the largest array of a block on NumPy: half a megabyte, which stays in the cache of one core."""

_DEVICE = 2**24
"""The same elsewhere: a launch on an accelerator costs more than memory."""


def empirical_risk(student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None) -> float:
    """f_n(W), a float >= 0.

    *Shapes*: X (n, d) a NumPy array or a torch tensor on any device, y (n,); computed in the dtype and on the device of
    X (float64 for lists and integers). block_size: samples per block; None: as many as fit a cache.
    *Law*: the mean over samples of the risks of each.
    Raises: ValueError on a wrong shape, no sample, nan or inf, block_size < 1.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_risk(student, np.array([[1.0, 5.0], [-1.0, 5.0]]), np.array([0.0, 2.0]))
    2.0
    """
    data = _Samples.of(student, X, y, block_size, student.k)
    data.check_finite()  # a bounded phi would hide an infinite input
    total = sum((r @ r for *_, r in data.blocks()), start=0.0)
    return data.finite(float(total)) / (2 * data.n)


def empirical_gradient(student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None) -> Array:
    """The gradient of f_n in W, an array (k, d) like X.  *Shapes*, Raises: as `empirical_risk`.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_gradient(student, np.array([[1.0, 5.0], [-1.0, 5.0]]), np.array([0.0, 2.0])).tolist()
    [[2.0, 10.0]]
    """
    return empirical_risk_and_gradient(student, X, y, block_size=block_size)[1]


def empirical_risk_and_gradient(
    student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None
) -> tuple[float, Array]:
    """f_n(W) and its gradient (k, d) at the cost of little more than the two matrix products X W^T and R^T X.

    *Shapes*, Raises: as `empirical_risk`.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_risk_and_gradient(student, np.array([[1.0, 5.0]]), np.array([0.0]))[0]
    2.0
    """
    data = _Samples.of(student, X, y, block_size, student.k)
    risk: Any = 0.0
    gradient: Any = 0.0
    for x, Z, r in data.blocks():
        risk = risk + r @ r
        R = data.slopes(Z)
        R *= r[:, None]  # in place, even where it is Z itself, which has served: a new array costs as much again
        gradient = gradient + R.T @ x
    gradient = data.finite(data.v[:, None] * gradient / data.n)
    return data.finite(float(risk)) / (2 * data.n), gradient


def empirical_hessian(student: OneHiddenLayer, X: Array, y: Array, *, block_size: int | None = None) -> Array:
    """The Hessian of f_n in W, phi'' almost everywhere: an array (k d, k d) like X, unit by unit.

    *Law*: symmetric; without the term of phi'' positive semidefinite (Gauss-Newton).  *Shapes*: as `empirical_risk`.
    Raises: as `empirical_risk`; ValueError when phi has no second derivative.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> empirical_hessian(student, np.array([[1.0, 5.0], [-1.0, 5.0]]), np.array([0.0, 2.0])).tolist()
    [[2.0, 10.0], [10.0, 50.0]]
    """
    k, d = student.k, student.d
    data = _Samples.of(student, X, y, block_size, k * d)
    data.check_finite("y")  # where phi'' = 0 the residuals do not enter
    H: Any = 0.0
    for x, Z, r in data.blocks():
        J = (data.slopes(Z) * data.v)[:, :, None] * x[:, None, :]
        J = data.xp.reshape(J, (x.shape[0], k * d))
        H = H + J.T @ J
        bends = evaluate(student.phi, "second_derivative", Z)
        if isinstance(bends, float) and bends == 0:
            continue
        weights = r[:, None] * data.v * bends
        for j in range(k):
            part = slice(j * d, (j + 1) * d)
            H[part, part] += (x * weights[:, j : j + 1]).T @ x
    return data.finite(H / data.n)


def hessian_vector_product(
    student: OneHiddenLayer, X: Array, y: Array, direction: Array, *, block_size: int | None = None
) -> Array:
    """H a for a = direction (k, d), without H: an array (k, d) like X, at twice the cost of a gradient.

    *Shapes*, Raises: as `empirical_hessian`; direction is (k, d) or its k d entries in a row, unit by unit.
    *Law*: linear in direction, a^T H b = b^T H a.

    >>> student = OneHiddenLayer([[1.0, 0.0]], [2.0], "relu")
    >>> hessian_vector_product(student, np.array([[1.0, 5.0], [-1.0, 5.0]]), np.array([0.0, 2.0]), [1.0, 0.0]).tolist()
    [[2.0, 10.0]]
    """
    data = _Samples.of(student, X, y, block_size, student.k)
    V = data.like(direction, "direction")
    if V.shape not in ((student.k, student.d), (student.k * student.d,)):
        raise ValueError(
            f"direction has shape {tuple(V.shape)}; expected {(student.k, student.d)}, one entry for each of W, or "
            "these in a row, unit by unit"
        )
    V = data.xp.reshape(V, (student.k, student.d))
    data.check_finite("y")
    product: Any = 0.0
    for x, Z, r in data.blocks():
        U = x @ V.T
        slopes = data.slopes(Z)
        C = ((slopes * U) @ data.v)[:, None] * slopes
        bends = evaluate(student.phi, "second_derivative", Z)
        if not isinstance(bends, float) or bends != 0:
            C = C + r[:, None] * bends * U
        product = product + C.T @ x
    return data.finite(data.v[:, None] * product / data.n)


@dataclass(frozen=True)
class _Samples:
    """The data and the student's weights as arrays of one namespace, dtype and device."""

    student: OneHiddenLayer
    X: Array
    y: Array
    W: Array
    v: Array
    block: int

    @classmethod
    def of(cls, student: OneHiddenLayer, X: Array, y: Array, block_size: int | None, width: int) -> _Samples:
        """width: the numbers per sample in the largest array of a block."""
        if not is_array_api_obj(X):
            X = np.asarray(X, dtype=float)
        xp = array_namespace(X)
        if not xp.isdtype(X.dtype, "real floating"):
            X = xp.astype(X, xp.float64)
        if X.ndim != 2 or X.shape[1] != student.d or X.shape[0] == 0:
            raise ValueError(
                f"X has shape {tuple(X.shape)}; expected (n, {student.d}), one sample per row and at least one: "
                "did you mean X.T?"
            )
        if block_size is None:
            block_size = max((_CACHE if is_numpy_namespace(xp) else _DEVICE) // width, 64)
        elif isinstance(block_size, bool) or not isinstance(block_size, (int, np.integer)) or block_size < 1:
            raise ValueError(f"block_size is {block_size!r}; expected an int >= 1, the samples per block")
        data = cls(student, X, X, X, X, int(block_size))
        y = data.like(y, "y")
        if tuple(y.shape) != (X.shape[0],):
            raise ValueError(
                f"y has shape {tuple(y.shape)} but X has {X.shape[0]} rows; expected ({X.shape[0]},), a target per row"
            )
        return cls(student, X, y, data.like(student.W, "W"), data.like(student.v, "v"), int(block_size))

    @property
    def n(self) -> int:
        return int(self.X.shape[0])

    @property
    def xp(self) -> Any:
        return array_namespace(self.X)

    def like(self, array: Any, name: str) -> Array:
        """The array in the namespace, dtype and device of X."""
        try:
            # a read-only NumPy array is copied: torch would warn that it cannot protect it
            array = np.array(array) if isinstance(array, np.ndarray) and not array.flags.writeable else array
            return self.xp.asarray(array, dtype=self.X.dtype, device=device(self.X))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name} is a {type(array).__name__} that is no array of numbers like X: {error}"
            ) from error

    def blocks(self) -> Iterator[tuple[Array, Array, Array]]:
        """(x, Z, r): the samples of a block (b, d), their x W^T (b, k), their residuals (b,)."""
        WT = self.W.T
        for start in range(0, self.n, self.block):
            x = self.X[start : start + self.block]
            Z = x @ WT
            value = evaluate(self.student.phi, "value", Z)
            yield x, Z, value @ self.v - self.y[start : start + self.block]

    def slopes(self, Z: Array) -> Array:
        """phi'(Z), an array where phi' is constant too."""
        slopes = evaluate(self.student.phi, "derivative", Z)
        return self.xp.full_like(Z, slopes) if isinstance(slopes, float) else slopes

    def check_finite(self, names: str = "Xy") -> None:
        """Raises: ValueError naming X or y where an entry is nan or inf."""
        for name in names:
            array = getattr(self, name)
            for start in range(0, self.n, self.block):
                bad = ~self.xp.isfinite(array[start : start + self.block])
                if self.xp.any(bad):
                    row = start + int(self.xp.nonzero(bad)[0][0])
                    raise ValueError(f"{name} has nan or inf in row {row}; drop or impute such samples")

    def finite(self, result: Any) -> Any:
        """The result, once it is known to be finite: a nan or inf of the data has always reached it."""
        if isinstance(result, float) and np.isfinite(result):
            return result
        if not isinstance(result, float) and bool(self.xp.all(self.xp.isfinite(result))):
            return result
        self.check_finite()
        raise OverflowError(f"W or X is so large that the result exceeds the range of {self.X.dtype}; scale it down")
