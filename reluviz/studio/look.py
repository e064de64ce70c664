"""Look: how one frame of a film shows its moment, as plain values that key frames and recordings can hold."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES
from reluviz.core.view import HOME, SMOOTH_PICTURES, Bounds, View

LINES = ("bend", "equal", "none")
PROJECTED = 1.7  # Lines of the projector's palette are that much thicker, as in the window.
LONGEST_TITLE = 200
MOST_LABELS = 6
Point = tuple[float, float]
Ink = tuple[int, str, tuple[Point, ...]]
MOST_INK = 200_000


@dataclass(frozen=True)
class Look:
    """What a View says without its size in pixels, and what stands over the picture.

    line_width is a factor of the usual one. probe is the point under the mouse, pins are points held; labels name the
    panes of a comparison. ink is drawn over the plane: pane, colour as #rrggbb, points. point_size is the diameter of
    data points as a share of the picture's shorter side, None for what suits a picture. window holds what only a window
    shows, as plain values.
    """

    bounds: Bounds = HOME
    coloring: str = "pattern"
    lines: str = "bend"
    boundary: bool = True
    palette: str = "dark"
    line_width: float = 1.0
    layer: int = -1
    unit: int = -1
    pin: Point | None = None
    smooth: str = "soft"
    epsilon: float = 0.05
    eta: float = 10.0
    points: bool = True
    test_points: bool = True
    title: str = ""
    counters: bool = False
    probe: Point | None = None
    pins: tuple[Point, ...] = ()
    labels: tuple[str, ...] = ()
    ink: tuple[Ink, ...] = ()
    point_size: float | None = None
    window: Mapping[str, Any] = field(default_factory=dict)

    def view(self, width: int, height: int) -> View:
        """Return the view of a picture of this size; bounds grow to its shape."""
        names = ("coloring", "lines", "boundary", "palette", "layer", "unit", "pin", "smooth", "epsilon", "eta")
        thick = PROJECTED if self.palette == "projector" else 1.0
        return View(
            bounds=widen(self.bounds, width, height),
            width=width,
            height=height,
            line_width=1.3 * max(1.0, min(width, height) / 900) * thick * self.line_width,
            **{name: getattr(self, name) for name in names},
        )

    def to_plain(self) -> dict[str, Any]:
        """Return what JSON can hold, and `take_plain` reads."""
        return {row.name: getattr(self, row.name) for row in fields(self)}


def look_of(view: View, **more: Any) -> Look:
    """Return the look of a view, with whatever else is said of it; its line width is the usual one."""
    names = [row.name for row in fields(Look) if hasattr(view, row.name) and row.name != "line_width"]
    return Look(**{name: getattr(view, name) for name in names} | more)


def take_plain(look: Look, values: Mapping[str, Any], place: str) -> Look:
    """Return `look` with `values` from a file. Raises `InputError` naming `place` and the first value that misfits."""
    return replace(look, **{name: check_value(name, value, place) for name, value in values.items()})


def check_value(name: str, value: Any, place: str) -> Any:
    """Return one value of a look as it is held. Raises `InputError`."""
    if name not in _CHECKS:
        raise InputError(f"{place}: {name!r} is no part of a look; allowed are {', '.join(_CHECKS)}.")
    allowed, read = _CHECKS[name]
    try:
        return read(value)
    except (TypeError, ValueError, KeyError, OverflowError):
        raise InputError(f"{place}: {name} {_short(value)} cannot be used; allowed is {allowed}.") from None


def widen(bounds: Bounds, width: int, height: int) -> Bounds:
    """Return the smallest bounds around the same middle that have the shape of the picture: units are square."""
    xmin, xmax, ymin, ymax = bounds
    unit = max((xmax - xmin) / width, (ymax - ymin) / height)
    x, y = 0.5 * xmin + 0.5 * xmax, 0.5 * ymin + 0.5 * ymax
    across, up = 0.5 * unit * width, 0.5 * unit * height
    return (x - across, x + across, y - up, y + up)


def _one_of(names: Any) -> tuple[str, Callable[[Any], Any]]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError
        return value

    return f"one of {', '.join(names)}", read


def _number(low: float, high: float) -> tuple[str, Callable[[Any], Any]]:
    return f"a number from {low:g} to {high:g}", lambda value: _within(value, low, high)


def _whole(low: int, high: int) -> tuple[str, Callable[[Any], Any]]:
    def read(value: Any) -> int:
        if not isinstance(value, int):
            raise TypeError
        return int(_within(value, low, high))

    return f"a whole number from {low} to {high}", read


def _within(value: Any, low: float, high: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError
    return float(value)


def _share(value: Any) -> float | None:
    return None if value is None else _within(value, 1e-4, 0.5)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _bounds(value: Any) -> Bounds:
    xmin, xmax, ymin, ymax = (_within(side, -1e12, 1e12) for side in value)
    if not (xmin < xmax and ymin < ymax and math.isfinite((xmax - xmin) / (ymax - ymin))):
        raise ValueError
    return xmin, xmax, ymin, ymax


def _point(value: Any) -> Point | None:
    if value is None:
        return None
    x, y = (_within(side, -1e12, 1e12) for side in value)
    return x, y


def _points(value: Any) -> tuple[Point, ...]:
    found = tuple(_point(item) for item in value)
    if len(found) > 1000 or None in found:
        raise ValueError
    return tuple(point for point in found if point is not None)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TITLE:
        raise ValueError
    return "".join(sign for sign in value if sign.isprintable())


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or len(value) > MOST_LABELS:
        raise ValueError
    return tuple(_text(item) for item in value)


def _inks(value: Any) -> tuple[Ink, ...]:
    strokes = []
    for pane, color, points in value:
        if not isinstance(pane, int) or not re.fullmatch(r"#[0-9a-f]{6}", color):
            raise ValueError
        places = tuple((_within(x, -1e12, 1e12), _within(y, -1e12, 1e12)) for x, y in points)
        strokes.append((pane, color, places))
    if sum(len(stroke[2]) for stroke in strokes) > MOST_INK:
        raise ValueError
    return tuple(strokes)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise TypeError
    return value


_POINT = "two numbers or null"
_CHECKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "bounds": ("[XMIN, XMAX, YMIN, YMAX] with XMIN < XMAX and YMIN < YMAX", _bounds),
    "coloring": _one_of(COLORINGS),
    "lines": _one_of(LINES),
    "boundary": ("true or false", _switch),
    "palette": _one_of(PALETTES),
    "line_width": _number(0.1, 10.0),
    "layer": _whole(-1, 64),
    "unit": _whole(-1, 4096),
    "pin": (_POINT, _point),
    "smooth": _one_of(SMOOTH_PICTURES),
    "epsilon": _number(1e-6, 10.0),
    "eta": _number(1e-6, 1e6),
    "points": ("true or false", _switch),
    "test_points": ("true or false", _switch),
    "title": (f"a text of at most {LONGEST_TITLE} characters", _text),
    "counters": ("true or false", _switch),
    "probe": (_POINT, _point),
    "pins": ("a list of pairs of numbers", _points),
    "labels": (f"a list of at most {MOST_LABELS} texts", _texts),
    "ink": ("a list of [pane, #rrggbb, points]", _inks),
    "point_size": ("a number from 0.0001 to 0.5, or null", _share),
    "window": ("an object", _mapping),
}


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "of that size"
    return text if len(text) <= 40 else f"{text[:37]}..."
