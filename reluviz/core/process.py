"""How a process that computes pictures is set up, before numpy is loaded, and its threads."""

import contextlib
import ctypes
import os
import sys
import threading

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # glibc's malloc.h
_KEEP = 1 << 30


def prepare_process() -> None:
    """Keep freed pages for the next picture, and leave matrix products to one thread.

    Every picture allocates and frees the same few megabytes. glibc hands them back to the system each time and
    gets them page by page again: a whole picture took 20.8 instead of 11.2 ms at 2,000 regions and 85 instead of 39 ms
    at 19,000 (Linux in a virtual machine, 1200x900). Two BLAS threads beside a busy core wait for each other: a
    product of 0.2 ms took 14 to 55.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none.
    if mallopt:
        mallopt(_MMAP_THRESHOLD, _KEEP)
        mallopt(_TRIM_THRESHOLD, 2 * _KEEP - 1)
        mallopt(_ARENA_MAX, 1)


def give_way() -> None:
    """Let the calling thread go last where cores are short.

    With engine, drawing and window on two busy cores, the window's 99th percentile heartbeat went from 36 to 27 ms and
    the worst from 40 to 30; it cost a tenth of the pictures. Only Linux gives threads a niceness of their own.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, 0) + 5
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
