"""Large arrays get memory that nobody holds any more, and never memory that somebody does."""

import numpy as np
import pytest

from reluviz.core import memory
from reluviz.core.memory import LARGE, reserve, shelved


@pytest.fixture(autouse=True)
def _empty_shelf(monkeypatch):
    monkeypatch.setattr(memory, "_shelf", [])
    memory._returned.clear()


def test_arrays_are_as_asked_for():
    for shape, dtype in (((0, 3), np.int8), ((5,), np.float64), ((LARGE, 2), np.int32), ((LARGE // 8,), np.int64)):
        array = reserve(shape, dtype)
        assert (array.shape, array.dtype) == (shape, dtype)
        assert array.flags.writeable
        assert array.flags.c_contiguous
        array[...] = 1


def test_memory_is_used_again_once_no_view_is_left():
    array = reserve((LARGE,), np.int8)
    address = array.ctypes.data
    view = array.reshape(2, -1)[:, 5:].view(np.uint8)
    del array
    assert shelved() == 0
    assert reserve((LARGE,), np.int8).ctypes.data != address
    del view
    assert shelved() == 2 * LARGE
    again = [reserve((LARGE,), np.int8) for _ in range(2)]
    assert address in {array.ctypes.data for array in again}


def test_two_arrays_never_share_memory():
    arrays = [reserve((LARGE // 4,), np.int32) for _ in range(4)]
    del arrays[::2]
    arrays += [reserve((LARGE // 4,), np.int32) for _ in range(4)]
    for number, array in enumerate(arrays):
        array[:] = number
    assert [int(array.min()) for array in arrays] == [int(array.max()) for array in arrays] == list(range(6))


def test_memory_of_another_size_is_not_used():
    reserve((4 * LARGE,), np.int8)
    assert shelved() == 4 * LARGE
    held = reserve((LARGE,), np.int8)
    assert shelved() == 4 * LARGE
    assert held.nbytes == LARGE


def test_the_shelf_lets_the_oldest_go(monkeypatch):
    monkeypatch.setattr(memory, "KEPT", 3 * LARGE)
    for size in (LARGE, 3 * LARGE // 2, 2 * LARGE):
        reserve((size,), np.int8)
    assert shelved() == 2 * LARGE


def test_small_arrays_stay_off_the_shelf():
    reserve((LARGE - 1,), np.int8)
    assert shelved() == 0
