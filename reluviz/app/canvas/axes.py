"""DataAxis: an axis in the units of the data as it was given."""

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPen
from PySide6.QtWidgets import QGraphicsItem

from reluviz.core.palette import Palette

TICK_GAP = 4.6  # Line heights from tick to tick, at least.


def round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below `least`."""
    if not (least > 0 and math.isfinite(least)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next((times * power for times in (1.0, 2.0, 5.0) if times * power >= least * (1 - 1e-9)), 10.0 * power)


class DataAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types.
    """Undoes (x - center) / scale, by which points of a file were moved into the square."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self._center, self._scale = 0.0, 1.0
        self._line = 16
        self.enableAutoSIPrefix(False)
        # The picture beside an axis changes 60 times a second, the axis hardly ever.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def set_units(self, center: float, scale: float) -> None:
        """Set what undoes the move into the square."""
        if (center, scale) != (self._center, self._scale):
            self._center, self._scale = center, scale
            view = self.linkedView()
            if view is not None:
                self.linkedViewChanged(view)

    def style_as(self, palette: Palette, font: QFont) -> None:
        """Take the theme's colours and a type size; keeps a whole number of pixels, so the picture stays aligned."""
        metrics = QFontMetrics(font)
        self._line = metrics.height()
        self.setTickFont(font)
        self.setTextPen(QPen(QColor(palette.muted)))
        self.setPen(QPen(QColor(palette.border)))
        if self.orientation == "left":
            self.setWidth(metrics.horizontalAdvance("-0.000") + 10)
        else:
            self.setHeight(metrics.height() + 8)

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """Return one distance between ticks, and where they begin: the same rule for both axes, whatever their length.

        pyqtgraph's own grows denser with length: at 1920 x 1080 one axis had a number at every 0.1, the other at 0.5.
        """
        return [(round_step((maxVal - minVal) * TICK_GAP * self._line / max(1.0, size)), 0.0)]

    def linkedViewChanged(self, view: Any, newRange: Sequence[float] | None = None) -> None:
        """Show the view's range in the data's units."""
        low, high = newRange or view.viewRange()[1 if self.orientation == "left" else 0]
        self.setRange(self._center + self._scale * low, self._center + self._scale * high)
