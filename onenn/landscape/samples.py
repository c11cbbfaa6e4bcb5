"""Samples as arrays of one library, block by block: what every sum over samples in this package runs on.

The memory beside X and y is that of one block, whatever n; dtype and device are those of X.
Chapter: local-convergence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj

from onenn.arrays import Array, evaluate, value_and_derivative
from onenn.network import OneHiddenLayer

_CACHE = 2**18
"""Numbers in all arrays of a block on a CPU: two megabytes, which stay in the cache of one core."""

_ROWS = 1024
"""As many rows at least: fewer cost more in calls than they spare in memory."""

_DEVICE = 2**24
"""Numbers in the largest array elsewhere: a launch on an accelerator costs more than memory."""


@dataclass(frozen=True)
class Samples:
    """The data and the student's weights as arrays of one namespace, dtype and device."""

    student: OneHiddenLayer
    X: Array
    y: Array
    W: Array
    v: Array
    block: int

    @classmethod
    def of(cls, student: OneHiddenLayer, X: Array, y: Array | None, block_size: int | None, width: int) -> Samples:
        """width: the numbers per sample in the largest array of a block beside x.  y: None stands for zeros."""
        X = _array(X)
        xp = array_namespace(X)
        if not xp.isdtype(X.dtype, "real floating"):
            X = xp.astype(X, xp.float64)
        if X.ndim != 2 or X.shape[1] != student.d or X.shape[0] == 0:
            raise ValueError(
                f"X has shape {tuple(X.shape)}; expected (n, {student.d}), one sample per row and at least one: "
                "did you mean X.T?"
            )
        if block_size is None:
            on_cpu = str(device(X)).startswith("cpu")
            # beside x about four arrays like Z: Z, phi, phi' and what becomes of them
            block_size = max(_CACHE // (student.d + 4 * width), _ROWS) if on_cpu else max(_DEVICE // width, 64)
        elif isinstance(block_size, bool) or not isinstance(block_size, (int, np.integer)) or block_size < 1:
            raise ValueError(f"block_size is {block_size!r}; expected an int >= 1, the samples per block")
        data = cls(student, X, X, X, X, int(block_size))
        targets = data.like(xp.zeros(X.shape[0]) if y is None else y, "y")
        if tuple(targets.shape) != (X.shape[0],):
            raise ValueError(
                f"y has shape {tuple(targets.shape)} but X has {X.shape[0]} rows; expected ({X.shape[0]},), one each"
            )
        return cls(student, X, targets, data.like(student.W, "W"), data.like(student.v, "v"), int(block_size))

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
        """(x, Z, r): the samples of a block (b, d), their W x^T (k, b), their residuals (b,)."""
        for start, x, Z in self._products():
            yield x, Z, self._residuals(start, evaluate(self.student.phi, "value", Z))

    def sloped_blocks(self) -> Iterator[tuple[Array, Array, Array, Array]]:
        """(x, Z, S, r): those of `blocks`, and S = phi'(Z) (k, b), found with the residuals in one pass over Z.

        S may be written into when Z has served: it may be Z itself.
        """
        for start, x, Z in self._products():
            value, slopes = value_and_derivative(self.student.phi, Z)
            r = self._residuals(start, value)
            yield x, Z, self.xp.full_like(Z, slopes) if isinstance(slopes, float) else slopes, r

    def _products(self) -> Iterator[tuple[int, Array, Array]]:
        for start in range(0, self.n, self.block):
            x = self.X[start : start + self.block]
            # not x W^T: with few units rows of samples are the longer ones, which every later operation runs along
            yield start, x, self.W @ x.T

    def _residuals(self, start: int, value: Array) -> Array:
        r = self.v @ value
        r -= self.y[start : start + self.block]
        return r

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


def _array(X: Any) -> Array:
    return X if is_array_api_obj(X) else np.asarray(X, dtype=float)
