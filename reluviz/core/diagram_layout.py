"""lay_out: where each unit of a network stands in its diagram, one block of thumbnails per layer.

A wide layer condenses: its thumbnails shrink, then stand side by side, and only then is the diagram taller than the
room there is.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Long = NDArray[np.int64]
LARGEST, SMALL, SMALLEST, GAP = 72, 26, 18, 0.16
"""Sides of a thumbnail in units of the layout, and the gap between two as a share of the side."""
MARGIN = 4
LEAST_WAY = 1.4
"""The least room for links between two blocks, in thumbnails."""


@dataclass(frozen=True)
class Layout:
    """Blocks of units, inputs first, readout last.

    widths (columns) counts the units of each; side is a thumbnail's in pixels; lefts, tops (all units,) are their upper
    left corners; size (width, height) is the whole diagram's in pixels.
    """

    widths: tuple[int, ...]
    side: int
    lefts: Float
    tops: Float
    size: tuple[int, int]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first unit of each column among all, and one more: the number of all."""
        return tuple(np.cumsum([0, *self.widths]).tolist())

    def block(self, column: int) -> slice:
        """Return the units of a column among all."""
        return slice(self.starts[column], self.starts[column + 1])

    def centers(self, column: int) -> tuple[Float, Float]:
        """Return x and y of a column's units."""
        part = self.block(column)
        return self.lefts[part] + self.side / 2, self.tops[part] + self.side / 2

    def hit(self, x: float, y: float) -> tuple[int, int] | None:
        """Return (column, unit) of the thumbnail at a place, None where there is none."""
        inside = (self.lefts <= x) & (x < self.lefts + self.side) & (self.tops <= y) & (y < self.tops + self.side)
        found = np.flatnonzero(inside)
        if len(found) == 0:
            return None
        column = int(np.searchsorted(self.starts, found[0], side="right")) - 1
        return column, int(found[0]) - self.starts[column]

    def place(self, column: int, unit: int) -> tuple[float, float]:
        """Return the upper left corner of a unit."""
        index = self.starts[column] + unit
        return float(self.lefts[index]), float(self.tops[index])


def lay_out(widths: tuple[int, ...], width: int, height: int, unit: float = 1.0) -> Layout:
    """Place columns of `widths` units in a room of width x height pixels; `unit` is how many pixels LARGEST counts in.

    The largest thumbnails that fit are taken; where even the smallest do not, the layout is larger than the room.
    """
    height = max(1, height - 2 * MARGIN)
    largest, small, smallest = (max(2, round(side * unit)) for side in (LARGEST, SMALL, SMALLEST))
    step = -max(1, round(2 * unit))
    for side in range(largest, small - 1, step):  # One above the other is clearer than larger ones side by side.
        across = _across(widths, side, height)
        if max(across) == 1 and _width(across, side) <= width:
            return _placed(widths, side, across, width, height)
    for side in range(largest, smallest - 1, step):
        across = _across(widths, side, height)
        if _width(across, side) <= width and side <= height:
            return _placed(widths, side, across, width, height)
    side, pitch = smallest, smallest * (1 + GAP)
    free = max(1, int((width - LEAST_WAY * side * (len(widths) + 1)) / pitch))
    total = sum(widths)
    across = tuple(min(count, max(1, free * count // total)) for count in widths)
    return _placed(widths, side, across, width, height)


def _across(widths: tuple[int, ...], side: int, height: int) -> tuple[int, ...]:
    """Return how many thumbnails stand side by side in each block, so that it is no higher than `height`."""
    rows = max(1, int((height + GAP * side) / (side * (1 + GAP))))
    return tuple(-(-count // rows) for count in widths)


def _width(across: tuple[int, ...], side: int) -> float:
    return sum(across) * side * (1 + GAP) + LEAST_WAY * side * len(across)


def _placed(widths: tuple[int, ...], side: int, across: tuple[int, ...], width: int, height: int) -> Layout:
    pitch = side * (1 + GAP)
    rows = [-(-count // wide) for count, wide in zip(widths, across, strict=True)]
    tallest = max(rows) * pitch - GAP * side
    whole = (max(width, int(np.ceil(_width(across, side)))), max(height, int(np.ceil(tallest))))
    way = (whole[0] - sum(across) * pitch) / len(across)
    lefts, tops, left = [], [], way / 2
    for count, wide, deep in zip(widths, across, rows, strict=True):
        spread = min(1.5 * pitch, (whole[1] - side) / max(1, deep - 1)) if deep > 1 else pitch
        top = (whole[1] - (deep - 1) * spread - side) / 2
        index = np.arange(count)
        lefts.append(np.floor(left + index % wide * pitch))
        tops.append(np.floor(top + index // wide * spread) + MARGIN)
        left += wide * pitch + way
    size = (whole[0], whole[1] + 2 * MARGIN)
    return Layout(widths, side, np.concatenate(lefts), np.concatenate(tops), size)


def scaled(layout: Layout, ratio: float) -> Layout:
    """Return a layout in device pixels, `ratio` of them for each logical one."""
    if ratio == 1.0:
        return layout
    width, height = layout.size
    return Layout(
        layout.widths,
        round(layout.side * ratio),
        np.floor(layout.lefts * ratio),
        np.floor(layout.tops * ratio),
        (round(width * ratio), round(height * ratio)),
    )
