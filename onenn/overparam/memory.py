"""Arrays side by side in one piece of memory.

NumPy asks the system to hold arrays of 4 MB and more in large pages. What a loop reads and writes again and again takes
less than that in many small arrays, each in small pages of its own; together in one large array it costs up to a tenth
less time, and as much in every run.   Chapter: moderate-overparameterization.
"""

from __future__ import annotations

import math

import numpy as np

_BLOCK = 2**22
"""Bytes from which NumPy asks for large pages."""
_LINE = 64
"""Bytes of a line of the cache, at which each array begins."""


class Room:
    """Where arrays of one dtype are put side by side; more memory is taken when it is full.

    >>> room = Room(np.dtype(float))
    >>> a, b = room.empty((2, 3)), room.copy(np.ones(4))
    >>> a.shape, b.tolist(), (b.ctypes.data - a.ctypes.data) % 64
    ((2, 3), [1.0, 1.0, 1.0, 1.0], 0)
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype
        self._left = np.empty(0, np.uint8)

    def empty(self, shape: tuple[int, ...]) -> np.ndarray:
        """A contiguous array of this shape; its entries are whatever was there."""
        size = math.prod(shape) * self.dtype.itemsize
        room = -(-size // _LINE) * _LINE
        if self._left.size < room:
            block = np.empty(max(room + _LINE, _BLOCK), np.uint8)
            self._left = block[-block.ctypes.data % _LINE :]
        taken, self._left = self._left[:size], self._left[room:]
        return taken.view(self.dtype).reshape(shape)

    def copy(self, a: np.ndarray) -> np.ndarray:
        """A contiguous copy of a."""
        kept = self.empty(a.shape)
        kept[...] = a
        return kept
