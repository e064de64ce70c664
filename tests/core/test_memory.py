"""Large arrays get memory that nobody holds any more, and never memory that somebody does."""

import ctypes
import os
import subprocess
import sys
import threading
import zlib
from dataclasses import fields

import numba
import numpy as np
import pytest

from reluviz.core import memory
from reluviz.core.memory import LARGE, reserve, shelved
from reluviz.core.partition import decompose
from tests.core.networks import random_network


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


@numba.njit
def _tail(array):
    return array[3:]


@numba.njit
def _pair(array):
    return array[::2], array.reshape(2, -1)


class _Labelled(np.ndarray):
    pass


HOLDERS = {
    "the array": lambda array: array,
    "a slice": lambda array: array[7:9],
    "a slice of a slice": lambda array: array[7:900][1:3].T,
    "a reversed slice": lambda array: array[::-3],
    "other numbers": lambda array: array.view(np.float64),
    "another shape": lambda array: array.reshape(4, -1)[:, None, 5:],
    "a subclass": lambda array: array.view(_Labelled)[5:],
    "fields": lambda array: array.view([("x", np.int32), ("y", np.int32)])["y"],
    "a broadcast": lambda array: np.broadcast_to(array, (3, len(array)))[1],
    "strides": lambda array: np.lib.stride_tricks.sliding_window_view(array, 5),
    "its buffer": memoryview,
    "a part of its buffer": lambda array: memoryview(array)[10:20],
    "an array of its buffer": lambda array: np.frombuffer(memoryview(array), np.uint16)[3:],
    "an iterator": lambda array: array.flat,
    "a C pointer": lambda array: array.ctypes.data_as(ctypes.POINTER(ctypes.c_byte)),
    "what a kernel returns": _tail,
    "one of what a kernel returns": lambda array: _pair(array)[1],
    "what a kernel returns of a part": lambda array: _tail(array[100:200]),
    "a frame": lambda array: lambda: array[0],
}


@pytest.mark.parametrize("name", HOLDERS)
def test_memory_is_kept_as_long_as_anything_leads_to_it(name):
    array = reserve((LARGE,), np.int8)
    held = HOLDERS[name](array)
    del array
    assert shelved() == 0
    del held
    assert shelved() == LARGE


def test_an_image_keeps_the_memory_that_it_shows():
    image = pytest.importorskip("PySide6.QtGui").QImage
    pixels = reserve((512, 512), np.uint32)
    shown = image(pixels.data, 512, 512, 4 * 512, image.Format.Format_RGB32)
    del pixels
    assert shelved() == 0
    del shown
    assert shelved() == LARGE


def test_threads_that_take_and_give_back_never_meet():
    wrong = []

    def work(number):
        generator, held = np.random.default_rng(number), []
        for turn in range(300):
            if held and (len(held) > 3 or generator.random() < 0.5):
                array, value = held.pop(generator.integers(len(held)))
                if array[0] != value or array[-1] != value:
                    wrong.append((number, turn))
            else:
                array = reserve((LARGE + 64 * int(generator.integers(3)),), np.int8)
                value = int(generator.integers(127))
                array[0] = array[-1] = value
                held.append((array[:], value))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_kept_of_networks_stays_as_it_was(monkeypatch):
    """Any part of what was decomposed outlives the rest, whatever is decomposed in the memory of that."""
    monkeypatch.setattr(memory, "LARGE", 1)
    kept, used_again = [], set()
    for seed in range(12):
        partition = decompose(random_network("relu", "relu", width=8 + seed % 3, seed=seed), (-2.0, 2.0, -2.0, 2.0))
        adjacency = partition.adjacency
        arrays = [getattr(owner, row.name, None) for owner in (partition, adjacency) for row in fields(owner)]
        arrays = [array for array in arrays if isinstance(array, np.ndarray) and array.size]
        addresses = {array.ctypes.data for array in arrays}
        used_again |= addresses & {address for _, _, address in kept}
        part = arrays[seed % len(arrays)]
        kept.append((part[: 1 + len(part) // 2], zlib.crc32(part[: 1 + len(part) // 2].tobytes()), part.ctypes.data))
        del partition, adjacency, arrays, part
        assert all(zlib.crc32(array.tobytes()) == checksum for array, checksum, _ in kept)
    assert not used_again
    assert shelved()


FORKED = """
import os
import numpy as np
from reluviz.core.memory import LARGE, reserve
kept = reserve((LARGE,), np.int8)
kept[:] = 1
reserve((LARGE,), np.int8)  # Goes to the shelf, of which both processes have one.
child = os.fork()
mine = reserve((LARGE,), np.int8)
mine[:] = 2 if child else 3
kept[:] = 4 if child else 5
if not child:
    os._exit(0)
os.waitpid(child, 0)
print(int(mine[0]), int(kept[0]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_processes_that_forked_have_memory_of_their_own():
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "4"]
