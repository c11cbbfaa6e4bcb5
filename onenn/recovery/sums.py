"""Sums over chunks of samples, in this process or in others, merged in the order of the samples.

Chapter: tensor-initialization."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from onenn.arrays import Array

from .blocks import Reading

_TASKS_AHEAD = 8


def host(x: Array) -> np.ndarray:
    """The array as float64 of NumPy, copied from its device where it is not there.

    >>> host([1, 2]).dtype
    dtype('float64')
    """
    return np.asarray(x.detach().cpu() if hasattr(x, "detach") else x, dtype=float)


def like(array: np.ndarray, x: Array) -> Array:
    """The array in the namespace and dtype, and on the device, of x.

    >>> like(np.ones(2), np.zeros(2, dtype=np.float32)).dtype
    dtype('float32')
    """
    return array_namespace(x).asarray(np.array(array), dtype=x.dtype, device=device(x))


def sum_of_chunk(reading: Reading, X: Any, y: Any, f: Callable, *arguments: Any) -> list[np.ndarray]:
    """The number of samples in a chunk and the sums of the arrays f(x, y, *arguments) over its blocks, in float64."""
    total: list[Any] | None = None
    count = 0
    for x, t in reading.rows_of(X, y):
        count += x.shape[0]
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is found in the total
            found = [_double(a) for a in f(x, t, *arguments)]
        total = found if total is None else [a + b for a, b in zip(total, found, strict=True)]
    return [np.asarray(count), *map(host, total or [])]


def _double(a: Array) -> Array:
    if isinstance(a, np.ndarray | np.floating):
        return a.astype(np.float64, copy=False)
    xp = array_namespace(a)
    return xp.astype(a, xp.float64, copy=False)


def in_order(executor: Any, tasks: Iterable[tuple]) -> Iterator[list[np.ndarray]]:
    """The results of the tasks (f, *arguments) in their order; with an executor, a few tasks ahead."""
    tasks = iter(tasks)
    if executor is None:
        found = (f(*arguments) for f, *arguments in tasks)
    else:
        found = _ahead(executor, tasks)
    for sums in found:
        if sums[0] > 0:
            yield sums


def _ahead(executor: Any, tasks: Iterator[tuple]) -> Iterator[list[np.ndarray]]:
    waiting = deque(executor.submit(*task) for task in islice(tasks, _TASKS_AHEAD))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(executor.submit(*task) for task in islice(tasks, 1))
