"""Cells: how the pictures of a comparison share one frame."""

from typing import NamedTuple

from reluviz.core.view import Bounds

BROAD = 1.05  # What broad cells may lack: a name and counters have room in them.


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
    """Return `count` cells of one size in reading order: as many columns as make the shorter side longest.

    Of layouts as good, the one with the fewest places left over. Rows that are not full stand in the middle, so that no
    corner is empty: of one size cells show as much of the plane, and their counts can be compared.
    """

    def size(columns: int) -> tuple[int, int]:
        rows = -(-count // columns)
        return (width - gap * (columns - 1)) // columns, (height - gap * (rows - 1)) // rows

    def merit(columns: int) -> tuple[float, int]:
        wide, high = size(columns)
        return min(wide, high) * (BROAD if wide >= high else 1.0), -(-count % columns)

    columns = max(range(1, count + 1), key=merit)
    wide, high = size(columns)
    cells = []
    for index in range(count):
        row, column = divmod(index, columns)
        here = min(columns, count - row * columns)
        left = (width - here * wide - (here - 1) * gap) // 2 if here < columns else 0
        cells.append(Cell(left + column * (wide + gap), row * (high + gap), wide, high))
    return cells
