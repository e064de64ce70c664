"""Key frames: where in a film the camera stands and how it is looked at, and how it comes from one to the next.

Numbers move from key to key. What can only be one thing or another (a colouring, a theme, lines on or off) fades: the
last frames before its key are a mix of both pictures, pixel by pixel.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.view import Bounds
from reluviz.studio.look import Look, check_value, widen

VERSION = 1
MAX_BYTES, MAX_KEYS = 4_000_000, 10_000
UNITS = {"share": 1.0, "time": 1e5, "step": 2.0**53}
"""How a key's place is named, and the largest: a share of the film, its seconds, or the step that is shown."""
SETTINGS = (
    *("bounds", "coloring", "lines", "line_width", "boundary", "palette", "layer", "unit", "smooth", "epsilon"),
    *("eta", "points", "test_points", "title", "counters"),
)
ALLOWED = (
    'allowed is {"version": 1, "keys": [{"share", "time" or "step": number, "easing": "ease", "linear" or "hold",'
    ' "fade": seconds, "bounds": [XMIN, XMAX, YMIN, YMAX], "coloring": ...}, ...]}'
)
EASINGS: dict[str, Callable[[float], float]] = {
    "ease": lambda t: t * t * (3.0 - 2.0 * t),
    "linear": lambda t: t,
    "hold": lambda t: 0.0,
}
"""How far the way to the next key is gone at a share t of the time to it."""
FADE, LONGEST_FADE = 0.4, 10.0
"""Seconds over which a choice fades in where a key says nothing, and at most; 0 cuts."""


@dataclass(frozen=True)
class Key:
    """A look, or a part of one, at a place in the film; `easing` says how it goes on to the next key.

    fade: seconds of film that its choices take to come in; they are all there at the key itself.
    """

    unit: str
    at: float
    values: Mapping[str, Any]
    easing: str = "ease"
    fade: float = FADE


@dataclass(frozen=True)
class _Mark:
    """What one key says of one setting: at a frame, the easing from there on, and over how many frames it fades in."""

    frame: float
    value: Any
    easing: str
    fade: int


def read_keys(path: Path) -> tuple[Key, ...]:
    """Read key frames; a bare list of {"at": share, "bounds": ...} is one, too. Raises `InputError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); {ALLOWED}.") from None
    try:
        value = json.loads(data) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        version = value.get("version")
        if isinstance(version, int) and version > VERSION:
            raise InputError(f"{path}: was written by a newer reluviz (version {version}); this one reads {VERSION}.")
        value = value.get("keys")
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_KEYS:
        raise InputError(f"{path}: holds no key frames; {ALLOWED}.")
    return tuple(_key(f"{path}: key frame {index + 1}", item) for index, item in enumerate(value))


def keys_to_json(keys: Sequence[Key]) -> str:
    """Return key frames as `read_keys` reads them."""
    rows = [{key.unit: key.at, "easing": key.easing, "fade": key.fade, **key.values} for key in keys]
    return json.dumps({"version": VERSION, "keys": rows}, indent=2, allow_nan=False) + "\n"


class Course:
    """Key frames laid over the frames of one film."""

    def __init__(self, keys: Sequence[Key], steps: NDArray[np.int64], fps: int) -> None:
        """`steps` (frames,) are those shown by each frame."""
        placed = sorted(((_frame(key, steps, fps), key) for key in keys), key=lambda item: item[0])
        self._tracks: dict[str, list[_Mark]] = {}
        for frame, key in placed:
            for name, value in key.values.items():
                mark = _Mark(frame, value, key.easing, round(key.fade * fps))
                self._tracks.setdefault(name, []).append(mark)

    def __bool__(self) -> bool:
        return bool(self._tracks)

    def look(self, frame: int, look: Look, width: int, height: int) -> Look:
        """Return `look` at a frame, with what the key frames say of it.

        The camera, and what else can be between two values, stands before the first key as it does there; a setting
        that can only be one or another is the look's own until its first key.
        """
        if not self._tracks:
            return look

        def fit(bounds: Bounds) -> Bounds:
            return widen(bounds, width, height)

        begun = {name: track for name, track in self._tracks.items() if name in _WAYS or track[0].frame <= frame}
        return replace(look, **{name: _value(name, track, frame, fit) for name, track in begun.items()})

    def looks(self, frame: int, look: Look, width: int, height: int) -> tuple[tuple[Look, float], ...]:
        """Return the looks that a frame is mixed of, and their weights, which add up to 1; mostly one.

        Settings that fade at once and as far come in together. Where some are farther than others, the picture lies
        between one with none of them, one with those that are farthest, and so on to one with all.
        """
        shown = self.look(frame, look, width, height)
        coming: dict[float, dict[str, Any]] = {}
        for name, track in self._tracks.items():
            share, value = _coming(name, track, frame)
            if share > 0.0 and value != getattr(shown, name):
                coming.setdefault(share, {})[name] = value
        mixed, left = [], 1.0
        for share in sorted(coming, reverse=True):
            mixed.append((shown, left - share))
            shown, left = replace(shown, **coming[share]), share
        return (*mixed, (shown, left))


def _value(name: str, track: list[_Mark], frame: int, fit: Callable[[Bounds], Bounds]) -> Any:
    after = _after(track, frame)
    mark = track[max(0, after - 1)]
    value = fit(mark.value) if name == "bounds" else mark.value
    if name not in _WAYS or after in (0, len(track)):
        return value
    end = track[after]
    following = fit(end.value) if name == "bounds" else end.value
    return _WAYS[name](value, following, EASINGS[mark.easing]((frame - mark.frame) / (end.frame - mark.frame)))


def _coming(name: str, track: list[_Mark], frame: int) -> tuple[float, Any]:
    """Return how far a choice has faded in that stands from its next key on, 0 to 1, and the choice.

    Between two keys that are closer than the fade is long, it begins at the first; after one that holds it cuts.
    """
    after = _after(track, frame)
    if name in _WAYS or after == len(track):
        return 0.0, None
    mark, before = track[after], track[after - 1] if after else None
    if before is not None and before.easing == "hold":
        return 0.0, None
    end = math.ceil(mark.frame)  # The first frame that shows the key.
    begin = max(end - mark.fade, 0 if before is None else math.ceil(before.frame))
    return (max(0, frame - begin) / (end - begin) if end > begin else 0.0), mark.value


def _after(track: list[_Mark], frame: int) -> int:
    """Return the index of the first mark after a frame."""
    return next((index for index, mark in enumerate(track) if mark.frame > frame), len(track))


def _frame(key: Key, steps: NDArray[np.int64], fps: int) -> float:
    last = max(0, len(steps) - 1)
    if key.unit == "share":
        return key.at * last
    if key.unit == "time":
        return key.at * fps
    reached = np.flatnonzero(steps >= key.at)
    return float(reached[0]) if len(reached) else float(last)


def _grow(one: float, other: float, share: float) -> float:
    """Return a number on the way, by equal factors."""
    return float(one * (other / one) ** share)


def _move(one: Bounds, other: Bounds, share: float) -> Bounds:
    """Return bounds on the way: the width changes by equal factors, and the middle moves as the width does.

    So a zoom is one into a fixed point.
    """
    first, last = one[1] - one[0], other[1] - other[0]
    width = first * (last / first) ** share
    moved = share if math.isclose(first, last, rel_tol=1e-6) else (width - first) / (last - first)
    x, y = ((1.0 - moved) * (one[i] + one[i + 1]) / 2 + moved * (other[i] + other[i + 1]) / 2 for i in (0, 2))
    height = width * (one[3] - one[2]) / first
    return (x - width / 2, x + width / 2, y - height / 2, y + height / 2)


_WAYS: dict[str, Callable[[Any, Any, float], Any]] = {
    "bounds": _move,
    **dict.fromkeys(("line_width", "epsilon", "eta"), _grow),
}


def _key(place: str, item: Any) -> Key:
    if not isinstance(item, dict):
        raise InputError(f"{place} is no object; {ALLOWED}.")
    item = {"share" if name == "at" else name: value for name, value in item.items()}
    units = [unit for unit in UNITS if unit in item]
    if len(units) != 1:
        raise InputError(f"{place} has {len(units)} of share, time and step; {ALLOWED}.")
    unit = units[0]
    at = item.pop(unit)
    if not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at <= UNITS[unit]:
        raise InputError(f"{place}: {unit} cannot be used; allowed is a number from 0 to {UNITS[unit]:g}.")
    fade = item.pop("fade", FADE)
    if not isinstance(fade, int | float) or isinstance(fade, bool) or not 0 <= fade <= LONGEST_FADE:
        raise InputError(f"{place}: fade cannot be used; allowed is a number of seconds from 0 to {LONGEST_FADE:g}.")
    easing = item.pop("easing", "ease")
    if not isinstance(easing, str) or easing not in EASINGS:
        raise InputError(f"{place}: easing is unknown; allowed are {', '.join(EASINGS)}.")
    other = [name for name in item if name not in SETTINGS]
    if other or not item:
        named = f"{other[0]!r} is no setting of a key frame" if other else "says nothing of the look"
        raise InputError(f"{place}: {named}; allowed are {', '.join(SETTINGS)}.")
    values = {name: check_value(name, value, place) for name, value in item.items()}
    return Key(unit, float(at), values, easing, float(fade))
