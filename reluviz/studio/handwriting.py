"""Handwriting: what pen and light did over a recording, point by point with times: ink grows as it was drawn."""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

INKS = {
    "dark": ("#ffe45c", "#ff8a80", "#7ee8fa"),
    "light": ("#b3001b", "#0b3d91", "#4a148c"),
    "projector": ("#a80016", "#003a8c", "#4a148c"),
}
"""Colours of the pens by theme; each with a rim of the theme's halo, so that it is read on any fill."""
PLANE = "plane:"
TRAIL_SECONDS = 0.7
"""How long the laser's trail stays."""
MOST_POINTS, MOST_TRAIL = 2_000_000, 200
Point = tuple[float, float]
Written = tuple[str, int, tuple[Point, ...]]
"""A stroke: the part that it lies on, the number of its colour, its points so far."""


class Glow(NamedTuple):
    """A place of the light on its trail: how many seconds of film ago, on which part of the window, where on it."""

    age: float
    part: str
    point: Point


class Light(NamedTuple):
    """What a frame shows of the pointer: the tool ("laser", "spotlight", "" for none), its trail, the newest last."""

    tool: str = ""
    trail: tuple[Glow, ...] = ()


@dataclass
class _Stroke:
    part: str
    color: int
    begin: float
    end: float = math.inf
    times: list[float] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)


class Handwriting:
    """Takes changes of the window's part of a Look in the order of their times, and answers for any time."""

    def __init__(self) -> None:
        self._strokes: list[_Stroke] = []
        self._spots: list[tuple[float, str, str, Point]] = []
        self._tool = ""
        self._points = 0

    def __bool__(self) -> bool:
        """Whether there is anything: neither pen nor light was used in most recordings."""
        return bool(self._strokes or self._spots)

    def take(self, at: float, window: Mapping[str, Any]) -> dict[str, Any]:
        """Return a change of the window's part without what is kept here. Raises ValueError where it cannot be."""
        if "drawing" in window:
            self._draw(at, window["drawing"])
        if "drawn" in window:
            self._add(at, window["drawn"])
        if "hand" in window:
            self._tool = str(window["hand"][0])
        if "pointer" in window or "hand" in window:
            self._shine(at, window.get("pointer", self._pointer()))
        return {name: value for name, value in window.items() if name not in ("drawing", "drawn", "pointer")}

    def window_at(self, at: float) -> dict[str, Any]:
        """Return what a window shows of it at a time, as `scenery` writes it."""
        spot = self._spot(at)
        stroke = self.drawing_at(at)
        pointer = None if spot is None or not spot[1] else [spot[1], list(spot[3])]
        return {"drawing": None if stroke is None else list(stroke), "pointer": pointer}

    def light_at(self, at: float, rate: float) -> Light:
        """Return the light at a time; `rate` is seconds of the recording per second of film.

        A spotlight has no trail. The trail begins where the light last came on or went to another part.
        """
        spot = self._spot(at)
        if spot is None or not spot[1]:
            return Light()
        _, part, tool, point = spot
        trail = [Glow(0.0, part, point)]  # Where it rests it stays, and what it left fades.
        index = bisect_right(self._spots, at, key=_time) - 1 if tool == "laser" else -1
        while index >= 0 and self._spots[index][1:3] == (part, tool) and len(trail) < MOST_TRAIL:
            since, _, _, point = self._spots[index]
            if (at - since) / rate > TRAIL_SECONDS:
                break
            trail.append(Glow((at - since) / rate, part, point))
            index -= 1
        return Light(tool, tuple(reversed(trail)))

    def drawing_at(self, at: float) -> Written | None:
        """Return the stroke being drawn at a time as far as it had come, None for none."""
        index = bisect_right(self._strokes, at, key=_begin) - 1
        if index < 0 or self._strokes[index].end <= at:
            return None
        stroke = self._strokes[index]
        return stroke.part, stroke.color, tuple(stroke.points[: bisect_right(stroke.times, at)])

    def _spot(self, at: float) -> tuple[float, str, str, Point] | None:
        index = bisect_right(self._spots, at, key=_time) - 1
        return self._spots[index] if index >= 0 else None

    def _pointer(self) -> Any:
        newest = self._spots[-1] if self._spots else None
        return None if newest is None or not newest[1] else [newest[1], newest[3]]

    def _draw(self, at: float, value: Any) -> None:
        """Take the whole stroke being drawn, as older recordings have it with every point, or its end (None)."""
        open_one = self._strokes[-1] if self._strokes and math.isinf(self._strokes[-1].end) else None
        if value is None:
            if open_one is not None:
                open_one.end = at
            return
        part, color, points = value
        if open_one is not None:
            count = len(open_one.points)
            same = (open_one.part, open_one.color) == (part, color) and len(points) >= count
            if same and all(tuple(one) == other for one, other in zip(points, open_one.points, strict=False)):
                self._add(at, points[count:])
                return
            open_one.end = at
        if not isinstance(part, str) or not isinstance(color, int):
            raise ValueError("a stroke without a place")
        self._strokes.append(_Stroke(part, color % len(INKS["dark"]), at))
        self._add(at, points)

    def _add(self, at: float, points: Any) -> None:
        if not self._strokes or not math.isinf(self._strokes[-1].end):
            raise ValueError("ink without a stroke")
        self._points += len(points)
        if self._points > MOST_POINTS:
            raise ValueError(f"more than {MOST_POINTS:,} points of ink")
        stroke = self._strokes[-1]
        for value in points:
            stroke.points.append(_point(value))
            stroke.times.append(at)

    def _shine(self, at: float, value: Any) -> None:
        part, point = ("", (0.0, 0.0)) if value is None else (str(value[0]), _point(value[1]))
        shines = self._tool in ("laser", "spotlight")
        spot = (at, part if shines else "", self._tool, point)
        newest = self._spots[-1][1:] if self._spots else ("", self._tool, point)
        if newest != spot[1:]:
            self._spots.append(spot)


def ink_of(stroke: Written | None, palette: str) -> tuple[int, str, tuple[Point, ...]] | None:
    """Return a stroke as canvases draw it: pane, colour as #rrggbb, points; None where it lies on no plane."""
    if stroke is None or not stroke[0].startswith(PLANE) or not stroke[2]:
        return None
    return pane_of(stroke[0]), INKS[palette][stroke[1]], stroke[2]


def pane_of(part: str) -> int:
    """Return the number of the pane whose plane a part is, -1 for another part."""
    number = part.removeprefix(PLANE)
    return int(number) if part.startswith(PLANE) and number.isdecimal() and len(number) < 4 else -1


def added_points(old: Any, new: Any) -> list[Any] | None:
    """Return the points that a stroke has more than it had, as `drawn` records them; None where it is another one."""
    if not old or not new or old[:2] != new[:2] or len(new[2]) <= len(old[2]) or new[2][: len(old[2])] != old[2]:
        return None
    return list(new[2][len(old[2]) :])


def _point(value: Any) -> Point:
    x, y = value
    if not (isinstance(x, int | float) and isinstance(y, int | float) and abs(x) <= 1e12 and abs(y) <= 1e12):
        raise ValueError("a point that is none")
    return float(x), float(y)


def _time(spot: tuple[float, str, str, Point]) -> float:
    return spot[0]


def _begin(stroke: _Stroke) -> float:
    return stroke.begin
