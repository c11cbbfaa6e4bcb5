"""Samples (x, y) as blocks that can be read again and again, and sums over them: sum over all blocks of f(x, y).

The memory is that of a few blocks, whatever n. A block is computed in float64, or in float32 on request; the sums are
float64 and are merged in the order of the samples, so that they do not depend on who computed them.
Chapter: tensor-initialization.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from onenn.arrays import Array

from .blocks import BLOCKS_PER_TASK, Again, Reading, Slices, checked_block, rows_of_a_block
from .entries import real_pair
from .sums import host, in_order, sum_of_chunk


@dataclass(frozen=True)
class Samples:
    """The samples as blocks (x, y), x (b, d), y (b,), in one dtype; made by `samples`.

    `source` yields chunks (X, y) of any length each time it is called; n is None until it is known.
    """

    source: Callable[[], Iterable[tuple[Any, Any]]]
    d: int
    n: int | None
    dtype: str = "float64"
    executor: Any = None
    thirds: tuple[int, int] = (0, 1)

    def part(self, i: int, of: int) -> Samples:
        """The i-th of `of` disjoint parts: from each chunk a share of its rows, so that n need not be known.

        >>> X, y = np.zeros((7, 2)), np.arange(7.0)
        >>> [samples(X, y).part(i, 3).count() for i in range(3)]
        [2, 2, 3]
        """
        if not 0 <= i < of:
            raise ValueError(f"i is {i} and of is {of}; expected 0 <= i < of")
        return replace(self, thirds=(i, of), n=None)

    def blocks(self) -> Iterator[tuple[Array, Array]]:
        """(x, y): x (b, d) and y (b,) of one dtype and device."""
        for X, y in self.source():
            yield from self._reading(self.d).rows_of(X, y)

    def sum(self, f: Callable, *arguments: Any, width: int | None = None, in_parts: bool = False) -> list[np.ndarray]:
        """The sums over all blocks of the arrays f(x, y, *arguments), as float64 NumPy arrays; in front the number n.

        f: a function of a module when there is an executor, which may run in another process.
        width: the entries per sample of the largest array in f, which bounds the rows of a block.
        in_parts: f itself sums over parts of a block on NumPy, which may then be as long in float32 as in float64.
        Raises: ValueError where X or y has nan or inf; OverflowError where a sum exceeds the range of the dtype.
        """
        reading = self._reading(max(width or 0, self.d), in_parts)
        tasks = ((sum_of_chunk, reading, X, y, f, *arguments) for X, y in self.source())
        total: list[np.ndarray] | None = None
        for found in self._shown(in_order(self.executor, tasks)):
            total = found if total is None else [a + b for a, b in zip(total, found, strict=True)]
        if total is None:
            raise self._without_samples()
        if not all(np.isfinite(array).all() for array in total):
            self._check_finite()
            raise OverflowError(f"X or y is so large that a sum exceeds the range of {self.dtype}; scale it down")
        return total

    def count(self) -> int:
        """n, counted in a pass where it is not known."""
        return self.n if self.n is not None else int(self.sum(_nothing)[0])

    def first(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """The first rows, or all when there are fewer, as float64 NumPy arrays: copied to the host."""
        found, left = [], rows
        for x, y in self.blocks():
            found.append((host(x[:left]), host(y[:left])))
            left -= found[-1][1].shape[0]
            if left == 0:
                break
        if not found:
            raise self._without_samples()
        return np.concatenate([x for x, _ in found]), np.concatenate([y for _, y in found])

    def _without_samples(self) -> Exception:
        if isinstance(self.source, Again):  # its first block was there when it was checked
            return TypeError(
                "X yields no samples when it is read again; expected the same blocks in every pass, some of them not "
                "empty: pass a function that makes a new iterator each time, not one that returns the same"
            )
        return ValueError(f"X has too few samples for part {self.thirds[0] + 1} of {self.thirds[1]}; pass more")

    def _shown(self, sums: Iterator[list[np.ndarray]]) -> Iterable[list[np.ndarray]]:
        """With a progress bar, on a terminal, where a pass takes longer than a few seconds."""
        from tqdm import tqdm

        return tqdm(sums, desc="samples", unit=" chunks", disable=None, delay=3, leave=False)

    def _reading(self, width: int, in_parts: bool = False) -> Reading:
        long = rows_of_a_block(width) if in_parts else None
        return Reading(self.d, rows_of_a_block(width, self.dtype), self.dtype, self.thirds, long)

    def _check_finite(self) -> None:
        row = 0
        for x, y in self.blocks():
            for name, array in (("X", x), ("y", y)):
                xp = array_namespace(array)
                bad = ~xp.isfinite(array)
                if bool(xp.any(bad)):
                    where = row + int(xp.nonzero(bad)[0][0])
                    raise ValueError(f"{name} has nan or inf in row {where}; drop or impute such samples")
            row += x.shape[0]


def samples(X: Any, y: Any = None, *, dtype: str = "float64", executor: Any = None) -> Samples:
    """The samples of X (n, d) and y (n,), or of blocks of them, checked.

    X: an array, a memory-mapped file, a tensor of torch on any device. With y = None: what yields pairs
    (X_block, y_block) each time it is iterated, or the function that makes such an iterator.
    dtype: "float64" or "float32", that of the computations on a block; sums are float64.
    executor: what has submit(f, *arguments) -> future, as those of concurrent.futures, joblib's
    `get_reusable_executor` and the client of a Dask cluster; None: in this process.
    Raises: ValueError on a wrong shape, no sample or masked entries; TypeError on an iterator that can be read only
    once, and on complex numbers, strings or sparse matrices.

    >>> data = samples([[1.0, 2.0], [3.0, 4.0]], [0.0, 1.0])
    >>> data.n, data.d
    (2, 2)
    """
    if dtype not in ("float64", "float32"):
        raise ValueError(f"dtype is {dtype!r}; expected 'float64' or 'float32'")
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(
            f"executor is a {type(executor).__name__} without submit; pass one of concurrent.futures, joblib's "
            "get_reusable_executor() or the client of a Dask cluster"
        )
    if isinstance(X, Samples):
        if y is not None:
            raise ValueError("X is Samples, which has its own y; expected y = None")
        return X
    if y is None:
        return _of_blocks(X, dtype, executor)
    X, y = real_pair(X, y)
    chunk = BLOCKS_PER_TASK * rows_of_a_block(X.shape[1])
    return Samples(Slices(X, y, chunk), int(X.shape[1]), int(X.shape[0]), dtype, executor)


def check_units(k: int, d: int) -> int:
    """k, an int with 1 <= k <= d.

    Raises: ValueError otherwise.

    >>> check_units(2, 3)
    2
    """
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ValueError(f"k is {k!r}; expected an int >= 1, the number of units")
    if k > d:
        raise ValueError(
            f"k is {k} but X has d = {d} columns; expected k <= d, as the units must be linearly independent"
        )
    return int(k)


def _of_blocks(X: Any, dtype: str, executor: Any) -> Samples:
    if is_array_api_obj(X) or not (callable(X) or isinstance(X, Iterable)):
        raise ValueError("y is None but X is no iterable of blocks; pass y, or blocks (X_block, y_block)")
    if not callable(X) and iter(X) is X:
        raise TypeError(
            f"X is a {type(X).__name__} that can be read once, but several passes are made; pass the function that "
            "makes it (X=lambda: my_blocks()), a list of the blocks, or an object whose __iter__ starts again"
        )
    source = Again(X)
    first = next(iter(source()), None)
    if first is None:
        raise ValueError("X has no blocks; expected at least one pair (X_block, y_block)")
    return Samples(source, int(checked_block(*first, None)[0].shape[1]), None, dtype, executor)


def _nothing(x: Array, y: Array) -> list[Array]:
    return []
