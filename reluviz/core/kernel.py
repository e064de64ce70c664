"""How every numba kernel of reluviz is compiled.

`nogil` keeps the window fluid while a worker thread computes; `cache` makes the second start warm.
`parallel` is left off: numba's pool spins and runs in 8 ms quanta when a core is busy, while plain
threads over nogil kernels give the same speed-up.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

# Colours for error messages that nobody sees cost a twentieth of all compilation.
os.environ.setdefault("NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING", "1")

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` on first call, without the GIL, cached on disk."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def fast_kernel(function: F) -> F:
    """As `kernel`, and let LLVM contract and reorder sums (pictures, never geometry's decisions)."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)(function))


def bare_kernel(function: F) -> F:
    """As `kernel`, for functions that allocate nothing: no reference counting, which costs time and compilation."""
    return cast(F, numba.njit(**_BARE)(function))


def part_kernel(function: F) -> F:
    """As `bare_kernel`, for functions that only other kernels call: nothing of them is kept on disk."""
    return cast(F, numba.njit(**_PART)(function))


def fast_part_kernel(function: F) -> F:
    """As `part_kernel`, for parts of a `fast_kernel`."""
    return cast(F, numba.njit(**(_PART | {"fastmath": True}))(function))


def lean_part_kernel(function: F) -> F:
    """As `part_kernel`, for parts of a `lean_kernel`."""
    return cast(F, numba.njit(**(_LEAN | _PART))(function))


def fast_bare_kernel(function: F) -> F:
    """As `bare_kernel`, and let LLVM contract and reorder sums (pictures, never geometry's decisions)."""
    return cast(F, numba.njit(**(_BARE | {"fastmath": True}))(function))


def lean_kernel(function: F) -> F:
    """As `kernel`, for functions that allocate nothing: no reference counting, and a * b + c may round once."""
    return cast(F, numba.njit(**_LEAN)(function))


def inlined_kernel(function: F) -> F:
    """As `lean_kernel`, always inlined: for parts that take NamedTuples of arrays.

    Such an argument is copied word by word at a real call: half the time of the geometry kernel. Counting references to
    its arrays made that kernel 4 times slower and its compilation 2 times.
    """
    return cast(F, numba.njit(**_INLINED)(function))


_BARE: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cfunc_wrapper": True,
}
_LEAN = _BARE | {"fastmath": {"contract"}}
# Only other kernels call these: the wrappers that Python would call cost a fifth of the compilation.
_PART = _BARE | {"cache": False, "no_cpython_wrapper": True}
_INLINED = _LEAN | {"cache": False, "forceinline": True, "no_cpython_wrapper": True}
