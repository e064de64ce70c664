"""read_camera: a camera that moves from key frame to key frame, easing in and out of each."""

import json
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from reluviz.core.errors import InputError
from reluviz.core.view import Bounds

ALLOWED = 'allowed is a JSON list of {"at": 0 to 1, "bounds": [XMIN, XMAX, YMIN, YMAX]}'
MAX_BYTES, MAX_KEYS = 1_000_000, 10_000
Key = tuple[float, Bounds]


def read_camera(path: Path) -> list[Key]:
    """Read key frames: where in the film, as a share of it, and what is then in view. Raises `InputError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); {ALLOWED}.") from None
    try:
        items = json.loads(data) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_KEYS:
        raise InputError(f"{path}: holds no key frames; {ALLOWED}.")
    keys = [_key(f"{path}: key frame {index + 1}", item) for index, item in enumerate(items)]
    if any(later[0] <= earlier[0] for earlier, later in pairwise(keys)):
        raise InputError(f"{path}: key frames are not in order; allowed is that each is later than the one before.")
    return keys


def move_camera(keys: Sequence[Key], fit: Callable[[Bounds], Bounds]) -> Callable[[float], Bounds]:
    """Return the bounds at each share of the film; `fit` gives those of a key frame the picture's shape.

    From key frame to key frame the share is eased by 3 t^2 - 2 t^3. The width changes by equal factors, and the
    middle moves as the width does, so that a zoom is one into a fixed point.
    """
    times, views = [at for at, _ in keys], [fit(bounds) for _, bounds in keys]

    def camera(share: float) -> Bounds:
        index = bisect_right(times, share)
        if index in (0, len(times)):
            return views[0 if index == 0 else -1]
        t = (share - times[index - 1]) / (times[index] - times[index - 1])
        return _between(views[index - 1], views[index], t * t * (3.0 - 2.0 * t))

    return camera


def _between(one: Bounds, other: Bounds, share: float) -> Bounds:
    first, last = one[1] - one[0], other[1] - other[0]
    width = first * (last / first) ** share
    moved = share if math.isclose(first, last, rel_tol=1e-6) else (width - first) / (last - first)
    x, y = ((1.0 - moved) * (one[i] + one[i + 1]) / 2 + moved * (other[i] + other[i + 1]) / 2 for i in (0, 2))
    height = width * (one[3] - one[2]) / first
    return (x - width / 2, x + width / 2, y - height / 2, y + height / 2)


def _key(place: str, item: Any) -> Key:
    if not isinstance(item, dict) or set(item) != {"at", "bounds"}:
        raise InputError(f"{place} has other names than at and bounds; {ALLOWED}.")
    at, bounds = item["at"], item["bounds"]
    numbers = [at, *bounds] if isinstance(bounds, list) else []
    if len(numbers) != 5 or not all(_is_number(number) for number in numbers) or not 0 <= at <= 1:
        raise InputError(f"{place} is not a share and four numbers; {ALLOWED}.")
    xmin, xmax, ymin, ymax = map(float, bounds)
    if not (xmin < xmax and ymin < ymax):
        raise InputError(f"{place} has bounds without an inside; allowed are XMIN < XMAX and YMIN < YMAX.")
    return float(at), (xmin, xmax, ymin, ymax)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e12 <= value <= 1e12
