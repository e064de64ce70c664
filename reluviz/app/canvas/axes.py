"""DataAxis: an axis in the units of the data as it was given."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPen
from PySide6.QtWidgets import QGraphicsItem

from reluviz.core.palette import Palette


class DataAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types.
    """Undoes (x - center) / scale, by which points of a file were moved into the square."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self._center, self._scale = 0.0, 1.0
        self.enableAutoSIPrefix(False)
        self.setTickDensity(0.6)
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
        self.setTickFont(font)
        self.setTextPen(QPen(QColor(palette.muted)))
        self.setPen(QPen(QColor(palette.border)))
        if self.orientation == "left":
            self.setWidth(metrics.horizontalAdvance("-0.000") + 10)
        else:
            self.setHeight(metrics.height() + 8)

    def linkedViewChanged(self, view: Any, newRange: Sequence[float] | None = None) -> None:
        """Show the view's range in the data's units."""
        low, high = newRange or view.viewRange()[1 if self.orientation == "left" else 0]
        self.setRange(self._center + self._scale * low, self._center + self._scale * high)
