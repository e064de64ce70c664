"""How every numba kernel of reluviz is compiled.

`nogil` keeps the window fluid while a worker thread computes; `cache` makes the second start warm.
`parallel` is left off: numba's pool spins and runs in 8 ms quanta when a core is busy, while plain
threads over nogil kernels give the same speed-up.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` on first call, without the GIL, cached on disk."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def fast_kernel(function: F) -> F:
    """As `kernel`, and let LLVM contract and reorder sums (pictures, never geometry's decisions)."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)(function))
