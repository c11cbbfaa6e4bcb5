"""Arrays in one piece of memory: what they must be to take the place of arrays of their own."""

import itertools

import numpy as np
import pytest

from onenn.overparam.memory import _BLOCK, Room

SHAPES = [(3,), (2, 5), (1, 1), (0, 4), (7, 3, 2), (600, 1000), (5,), (300, 1000), (2, 9)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_a_room_are_contiguous_aligned_and_apart(dtype):
    """Also those that do not fit into what is left, and one that is larger than a block."""
    room = Room(np.dtype(dtype))
    arrays = [room.empty(shape) for shape in SHAPES]
    for array, shape in zip(arrays, SHAPES, strict=True):
        assert array.shape == shape and array.dtype == dtype and array.flags.c_contiguous and array.flags.writeable
        assert array.size == 0 or array.ctypes.data % 64 == 0
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(arrays, 2))
    for i, array in enumerate(arrays):
        array[...] = i
    assert all((array == i).all() for i, array in enumerate(arrays))


def test_a_copy_is_one_of_its_own():
    """Of any order, and cast to the dtype of the room."""
    room, a = Room(np.dtype(float)), np.arange(6, dtype=np.float32).reshape(2, 3).T
    b = room.copy(a)
    assert (b == a).all() and b.flags.c_contiguous and b.dtype == float and not np.shares_memory(a, b)


def test_small_arrays_share_a_block():
    """One piece of memory until it is full: that is what the room is for."""
    room = Room(np.dtype(float))
    small = [room.empty((8, 16)) for _ in range(20)]
    places = [array.ctypes.data for array in small]
    assert np.diff(places).tolist() == [8 * 8 * 16] * 19
    assert 20 * 8 * 8 * 16 < _BLOCK
