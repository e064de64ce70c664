"""Large arrays whose memory is used again.

A system clears every page of memory that it hands out. Where each picture takes 80 MB anew and gives them back, that
was a fifth of decomposing 100,000 regions; here the memory of an array that nobody holds any more goes to a shelf,
from which the next one of its size is taken.
"""

import mmap
import sys
import weakref
from collections import deque
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LARGE = 1 << 20
"""Bytes from which arrays come from the shelf: smaller ones are cheap to allocate."""
KEPT = 256 << 20
"""Bytes that the shelf holds at most."""

_shelf: list[mmap.mmap] = []
_lock = Lock()
# What is given back waits here: arrays may go at any time, even while this thread holds the lock.
_returned: deque[mmap.mmap] = deque()


def reserve(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array whose content is arbitrary, as `np.empty` does."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if size < LARGE:
        return np.empty(shape, kind)
    memory = _take(size) or _map(size)
    # Views of this array, whatever is made of them, hold it and not `memory`: when it goes, nobody reads there.
    whole = np.frombuffer(memory, np.uint8)
    weakref.finalize(whole, _returned.append, memory).atexit = False
    return whole[:size].view(kind).reshape(shape)


def shelved() -> int:
    """Return how many bytes wait to be used again."""
    with _lock:
        _put_back()
        return sum(map(len, _shelf))


def _map(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    # By default a map is shared: after a fork, both processes would write their arrays to the same memory.
    return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _take(size: int) -> mmap.mmap | None:
    """Take the smallest piece of memory of at least this size and at most twice as much off the shelf."""
    with _lock:
        _put_back()
        fitting = [memory for memory in _shelf if size <= len(memory) <= 2 * size]
        if not fitting:
            return None
        best = min(fitting, key=len)
        _shelf.remove(best)
        return best


def _put_back() -> None:
    while _returned:
        _shelf.append(_returned.popleft())
    # The oldest go first: sizes change with the network, and what no longer fits would stay for ever.
    while sum(map(len, _shelf)) > KEPT:
        _shelf.pop(0)
