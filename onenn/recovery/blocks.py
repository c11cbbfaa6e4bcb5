"""Chunks of samples: slices of arrays, parts of mapped files that travel by name, blocks that can be iterated again.

A chunk is read in blocks of rows, all of one dtype.   Chapter: tensor-initialization.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from onenn.arrays import Array

from .entries import real_array

_ROWS = {"float64": 2**12, "float32": 2**9}
"""Rows of a block, unless they are so long that it would have more than _NUMBERS entries.

In float32 the sums over a block have errors that grow with its rows: with 2^12 of them 1e-5 of a fourth moment.
"""

_NUMBERS = 2**18
_ON_DEVICE = 2**6
"""As many blocks in one on an accelerator, where a launch costs more than memory."""

BLOCKS_PER_TASK = 16
"""Blocks in a slice of an array: what one task of an executor reads."""


def rows_of_a_block(width: int, dtype: str = "float64") -> int:
    """Rows of a block whose largest array has `width` entries per row.

    >>> rows_of_a_block(10), rows_of_a_block(10, "float32"), rows_of_a_block(10**6)
    (4096, 512, 64)
    """
    return max(64, min(_ROWS[dtype], _NUMBERS // width))


@dataclass(frozen=True)
class Slices:
    """Arrays in slices; a mapped file travels to another process by its name."""

    X: Any
    y: Any
    rows: int

    def __call__(self) -> Iterator[tuple[Any, Any]]:
        for start in range(0, self.X.shape[0], self.rows):
            part = slice(start, start + self.rows)
            yield _Mapped.of(self.X[part]), _Mapped.of(self.y[part])


@dataclass(frozen=True)
class Again:
    """Blocks from an iterable, or from a function that makes an iterator."""

    make: Any

    def __call__(self) -> Iterator[tuple[Any, Any]]:
        blocks: Any = self.make() if callable(self.make) else self.make
        if not isinstance(blocks, Iterable):
            raise TypeError(f"X makes a {type(blocks).__name__}; expected an iterator of pairs (X_block, y_block)")
        for pair in blocks:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise ValueError("X yields blocks that are no pairs; expected (X_block, y_block), or pass y as well")
            yield pair[0], pair[1]


@dataclass(frozen=True, eq=False)
class _Mapped:
    """A part of a mapped file; pickled as the place where it stands."""

    array: np.ndarray
    pages: Any
    path: str
    start: int
    """Where in the file the pages begin."""

    @staticmethod
    def of(array: Any) -> Any:
        # mode "c" holds changes that are not in the file
        if not isinstance(array, np.memmap) or array.mode == "c" or array.filename is None:
            return array
        if min(array.strides) < 0:
            return np.asarray(array)
        start = array.offset - array.offset % mmap.ALLOCATIONGRANULARITY
        return _Mapped(np.asarray(array), array._mmap, str(array.filename), start)  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple:
        base = np.frombuffer(self.pages, dtype=np.uint8)
        inside = self.array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        return _reopen, (self.path, self.start + inside, self.array.dtype, self.array.shape, self.array.strides)

    def forget(self) -> None:
        """Lets the system take back the pages that were read: they would count as memory of this process."""
        if hasattr(self.pages, "madvise") and hasattr(mmap, "MADV_DONTNEED"):
            self.pages.madvise(mmap.MADV_DONTNEED)


def _reopen(path: str, offset: int, dtype: np.dtype, shape: tuple[int, ...], strides: tuple[int, ...]) -> _Mapped:
    length = dtype.itemsize + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    whole = np.memmap(path, dtype=np.uint8, mode="r", offset=offset, shape=(length,))
    array = np.ndarray(shape, dtype, buffer=whole, strides=strides)
    return _Mapped(array, whole._mmap, path, offset - offset % mmap.ALLOCATIONGRANULARITY)  # type: ignore[attr-defined]


def checked_block(X: Any, y: Any, d: int | None) -> tuple[Any, Any]:
    """X (b, d) and y (b,) as arrays of real numbers.

    Raises: ValueError on another shape; TypeError on what is no real number.

    >>> checked_block([[1, 2]], [3], 2)[0].shape
    (1, 2)
    """
    X, y = real_array("X", X), real_array("y", y)
    if X.ndim != 2 or (d is not None and X.shape[1] != d):
        raise ValueError(
            f"a block of X has shape {tuple(X.shape)}; expected (b, {'d' if d is None else d}), one sample per row"
        )
    if tuple(y.shape) != (X.shape[0],):
        raise ValueError(f"a block of y has shape {tuple(y.shape)}; expected ({X.shape[0]},), as its X has those rows")
    return X, y


@dataclass(frozen=True)
class Reading:
    """How a chunk is cut into blocks."""

    d: int
    rows: int
    dtype: str
    part: tuple[int, int]
    rows_on_numpy: int | None = None
    """Where another number of rows serves there."""

    def rows_of(self, X: Any, y: Any) -> Iterator[tuple[Array, Array]]:
        """The blocks (x, y) of this part of the chunk; the pages of a mapped file are given back after each."""
        mapped = [a for a in (X, y) if isinstance(a, _Mapped)]
        X, y = (a.array if isinstance(a, _Mapped) else a for a in (X, y))
        X, y = checked_block(X, y, self.d)
        i, of = self.part
        first, last = (X.shape[0] * j // of for j in (i, i + 1))
        rows = self._rows_at_once(X)
        for start in range(first, last, rows):
            stop = min(start + rows, last)
            yield self._cast(X[start:stop], y[start:stop])
            for a in mapped:
                a.forget()

    def _rows_at_once(self, X: Array) -> int:
        if isinstance(X, np.ndarray):
            return self.rows_on_numpy or self.rows
        return self.rows if str(device(X)).startswith("cpu") else _ON_DEVICE * self.rows

    def _cast(self, x: Array, y: Array) -> tuple[Array, Array]:
        if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):  # asking the array API takes as long as a product
            return x.astype(self.dtype, copy=False), y.astype(self.dtype, copy=False)
        xp = array_namespace(x)
        kind = getattr(xp, self.dtype)
        x = xp.astype(x, kind, copy=False)
        return x, xp.asarray(y, dtype=kind, device=device(x))
