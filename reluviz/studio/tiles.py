"""Cells: how the pictures of a comparison share one frame."""

from typing import NamedTuple

from reluviz.core.view import Bounds


class Cell(NamedTuple):
    """A rectangle of a frame, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def place(self, bounds: Bounds, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the plane lies in the frame, in pixels, when the cell shows `bounds`."""
        xmin, xmax, ymin, ymax = bounds
        return (
            self.left + (x - xmin) / (xmax - xmin) * self.width,
            self.top + (ymax - y) / (ymax - ymin) * self.height,
        )


def share_out(width: int, height: int, count: int, gap: int) -> list[Cell]:
    """Return `count` cells of one size in reading order: as many columns as make the shorter side longest."""

    def size(columns: int) -> tuple[int, int]:
        rows = -(-count // columns)
        return (width - gap * (columns - 1)) // columns, (height - gap * (rows - 1)) // rows

    columns = max(range(1, count + 1), key=lambda number: min(size(number)))
    wide, high = size(columns)
    return [Cell(i % columns * (wide + gap), i // columns * (high + gap), wide, high) for i in range(count)]
