"""SwitchView: every unit at one point as a lamp, with the path that the signal takes, input above, readout below."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip

from reluviz.app.tints import faint, mixed
from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.switchboard import Switchboard

Float = NDArray[np.float64]
LARGEST, SMALLEST = 30, 4  # A lamp with its gap, in logical pixels at 100 % type.
MOST_PATHS = 90  # Strongest links drawn per layer: more hide the lamps.
LEVELS = 5
WAYS = ((0.7, 2.6), (0.3, 1.6), (0.06, 0.9))  # Shares of the strongest link, and how wide such links are.


@dataclass(frozen=True, eq=False)
class Lit:
    """What a SwitchView shows: a board, the output whose path is drawn, the selected unit."""

    board: Switchboard | None = None
    output: int = 0
    selected: tuple[int, int] | None = None
    words: str = ""
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])


class SwitchView(PaintedView):
    """Paints a Lit. `picked` carries the hidden unit (layer, unit) that is clicked."""

    preferred = (14, 6)
    least = (8, 6)
    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__("Switches")
        self._lit = Lit()
        self._places: list[Float] = []
        self._cell = float(LARGEST)

    def show_lit(self, lit: Lit) -> None:
        """Paint `lit` from now on."""
        self._lit = lit
        self.setAccessibleDescription(say_lamps(lit.board) if lit.board is not None else lit.words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the paths, then the lamps over them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        lit, palette = self._lit, self._lit.palette
        if lit.board is None:
            painter.setPen(QColor(palette.muted))
            box = self.rect().adjusted(8, 0, -8, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, lit.words)
            painter.end()
            return
        widths = (len(lit.board.x), *(len(switches.z) for switches in lit.board.layers))
        self._places, self._cell = place_lamps(widths, self.width(), self.height(), self.fontMetrics().height() / 16)
        for layer, switches in enumerate(lit.board.layers):
            self._paint_path(painter, switches.path[lit.output], self._places[layer], self._places[layer + 1])
        for column, places in enumerate(self._places):
            self._paint_lamps(painter, column, places)
        painter.end()

    def _paint_path(self, painter: QPainter, path: Float, before: Float, after: Float) -> None:
        size = np.abs(np.nan_to_num(path))
        largest = float(size.max(initial=0.0))
        if largest == 0:
            return
        count = min(MOST_PATHS, size.size)
        chosen = np.argpartition(size.ravel(), -count)[-count:]
        unit, source = np.divmod(chosen, path.shape[1])
        share, positive = size[unit, source] / largest, path[unit, source] > 0
        upper = 1.01
        for low, width in WAYS:
            for sign, name in ((False, 0), (True, 1)):
                inside = (share >= low) & (share < upper) & (positive == sign)
                lines = [
                    QLineF(*before[s].tolist(), *after[u].tolist())
                    for u, s in zip(unit[inside].tolist(), source[inside].tolist(), strict=True)
                ]
                if lines:
                    color = faint(self._lit.palette.classes[name], 0.35 + 0.6 * min(1.0, low + 0.3))
                    painter.setPen(QPen(color, width))
                    painter.drawLines(lines)
            upper = low

    def _paint_lamps(self, painter: QPainter, column: int, places: Float) -> None:
        palette, last = self._lit.palette, len(self._places) - 1
        diameter = max(2.0, 0.74 * self._cell)
        points = [QPointF(x, y) for x, y in places.tolist()]
        if column in (0, last):
            groups = [(QColor(palette.ink), points)]
        else:
            levels = lamp_levels(self._lit.board, column - 1)
            dark, bright = QColor(palette.border), QColor(palette.lines[(column - 1) % len(palette.lines)])
            groups = [
                (mixed(dark, bright, level / (LEVELS - 1)), [points[i] for i in np.flatnonzero(levels == level)])
                for level in range(LEVELS)
            ]
        for color, some in groups:
            if some:
                painter.setPen(QPen(color, diameter, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPoints(some)
        chosen = self._lit.selected
        if chosen is not None and chosen[0] == column - 1 and chosen[1] < len(points) and column < last:
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.drawEllipse(points[chosen[1]], diameter / 2 + 2, diameter / 2 + 2)

    def unit_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the unit (layer, unit) of the lamp at a position; the readout counts as the last layer."""
        for layer, places in enumerate(self._places[1:]):
            away = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
            nearest = int(np.argmin(away))
            if away[nearest] <= self._cell / 2 + 1:
                return layer, nearest
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the unit."""
        unit = self.unit_at(event.position())
        if unit is not None and unit[0] < len(self._places) - 2:
            self.picked.emit(unit)

    def event(self, event: QEvent) -> bool:
        """Tell what a lamp is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            unit = self.unit_at(QPointF(event.pos()))
            if unit is None or self._lit.board is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), say_lamp(self._lit.board, unit), self)
            return True
        return super().event(event)


def place_lamps(widths: tuple[int, ...], width: int, height: int, scale: float = 1.0) -> tuple[list[Float], float]:
    """Return the lamps' centres (n, 2) by layer in a box, and the side of one lamp's cell.

    Wide layers go on in a further row; lamps shrink until all fit, the way between layers being at least one lamp.
    """
    for cell in np.arange(LARGEST * scale, SMALLEST - 1, -1.0).tolist() or [float(SMALLEST)]:
        columns = max(1, int((width - 8) // cell))
        rows = [-(-count // columns) for count in widths]
        way = (height - sum(rows) * cell) / max(1, len(widths) - 1)
        if way >= 1.2 * cell:
            break
    way = min(max(way, 0.5 * cell), 5 * cell)
    top = max(0.0, (height - sum(rows) * cell - way * (len(widths) - 1)) / 2)
    result = []
    for count, deep in zip(widths, rows, strict=True):
        across = -(-count // deep)
        index = np.arange(count)
        pitch = min(1.6 * cell, (width - 8) / across) if deep == 1 else cell
        x = width / 2 + (index % across - (across - 1) / 2) * pitch
        y = top + (index // across + 0.5) * cell
        result.append(np.stack([x, y], axis=1))
        top += deep * cell + way
    return result, float(cell)


def lamp_levels(board: Switchboard | None, layer: int) -> NDArray[np.int64]:
    """Return how bright each lamp of a layer is, 0 (off) to LEVELS - 1: by its slope, off only where that is 0."""
    assert board is not None
    slope = np.abs(board.layers[layer].slope)
    share = slope / max(1.0, float(slope.max(initial=0.0)))
    result: NDArray[np.int64] = np.where(slope > 0, np.clip(np.rint(share * (LEVELS - 1)), 1, LEVELS - 1), 0).astype(
        int
    )
    return result


def say_lamps(board: Switchboard) -> str:
    """Return how many lamps are lit, in words."""
    hidden = board.layers[:-1]
    return ", ".join(f"layer {i + 1}: {np.count_nonzero(s.slope)} of {len(s.slope)} on" for i, s in enumerate(hidden))


def say_lamp(board: Switchboard, unit: tuple[int, int]) -> str:
    """Return a lamp's numbers, in words."""
    layer, number = unit
    switches = board.layers[layer]
    if layer == len(board.layers) - 1:
        return f"Readout {number + 1}: f = {switches.z[number]:.4g}"
    state = "on" if switches.slope[number] else "off"
    return (
        f"Layer {layer + 1}, unit {number + 1}: z = {switches.z[number]:.4g}, {state}"
        f" (slope {switches.slope[number]:.4g}), gives {switches.h[number]:.4g}"
    ).replace("-", "\N{MINUS SIGN}")
