"""DataPoints: the data set on the canvas, told apart by colour and by shape."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from reluviz.app.canvas.plane import PlaneBox
from reluviz.app.tints import faint
from reluviz.core.dataset import Dataset
from reluviz.core.fills import OWN
from reluviz.core.luts import value_lut
from reluviz.core.palette import Palette
from reluviz.core.reading import value_scale

SYMBOLS = ("o", "s", "t", "d", "p", "star", "h", "t1")
MOST_SHOWN = 2_000  # More markers hide the regions, and each costs 0.3 us of every paint.
_SHADES = 24


class DataPoints(pg.ScatterPlotItem):  # type: ignore[misc]  # pyqtgraph has no types.
    """Draws each point's class as colour and marker; training points filled, test points hollow."""

    def __init__(self, box: PlaneBox) -> None:
        self._box = box
        self._laid_out: tuple[QTransform, float] | None = None
        super().__init__(pxMode=True, antialias=True)
        self.setZValue(20)

    def boundingRect(self) -> QRectF:
        """What is in view: the markers' own extent changes with every pixel of zoom."""
        xmin, xmax, ymin, ymax = self._box.bounds
        return QRectF(xmin, ymin, xmax - xmin, ymax - ymin)

    def setData(self, *args: Any, **kwargs: Any) -> None:
        """Take points, to be laid out anew."""
        self._laid_out = None
        super().setData(*args, **kwargs)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the markers; where only the picture below them is new they are where they were, which saves 0.3 ms."""
        ratio = widget.devicePixelRatioF() if widget is not None else 0.0
        place = (painter.transform(), ratio)
        if place == self._laid_out:
            painter.resetTransform()
            fragments = self._pixmapFragments.drawargs()  # Memory and a number: the stubs know a list alone.
            painter.drawPixmapFragments(*fragments, self.fragmentAtlas.pixmap)  # type: ignore[call-arg]
            return
        super().paint(painter, option, widget)
        self._laid_out = place

    def _maskAt(self, area: Any) -> Any:
        """Return which points can show in `area`; pyqtgraph inverts three transforms on the way, every frame."""
        if not isinstance(area, QRectF):
            return super()._maskAt(area)
        xmin, xmax, ymin, ymax = self._box.bounds
        near = 0.05 * (xmax - xmin), 0.05 * (ymax - ymin)  # More than half a marker of the largest size.
        x, y = self.data["x"], self.data["y"]
        return (x > xmin - near[0]) & (x < xmax + near[0]) & (y > ymin - near[1]) & (y < ymax + near[1])

    def show_data(self, dataset: Dataset, palette: Palette, size: float, with_test: bool, fills: str = OWN) -> None:
        """Draw `dataset`, evenly thinned beyond MOST_SHOWN points; size in logical pixels."""
        shown = shown_points(dataset, with_test)
        kinds = _kinds(dataset)[shown]
        train = dataset.is_train[shown]
        colors = _class_colors(palette) if dataset.is_classes else _value_colors(palette, fills)
        symbols = np.array(SYMBOLS if dataset.is_classes else SYMBOLS[:1])
        filled, hollow = _styles(colors, palette, size)
        self.setData(
            pos=dataset.points[shown],
            size=size,
            symbol=symbols[kinds % len(symbols)].tolist(),
            brush=[(filled if is_train else hollow)[kind][0] for kind, is_train in zip(kinds, train, strict=True)],
            pen=[(filled if is_train else hollow)[kind][1] for kind, is_train in zip(kinds, train, strict=True)],
        )


def shown_points(dataset: Dataset, with_test: bool) -> NDArray[np.int64]:
    """Return which points to draw: every k-th of a fixed shuffle where there are more than MOST_SHOWN."""
    wanted = np.arange(len(dataset.points)) if with_test else np.flatnonzero(dataset.is_train)
    if len(wanted) <= MOST_SHOWN:
        return wanted
    return np.sort(np.random.default_rng(0).permutation(wanted)[:MOST_SHOWN])


def _kinds(dataset: Dataset) -> NDArray[np.int64]:
    """Return each point's class, or its shade on the colour scale."""
    if dataset.is_classes:
        return np.asarray(dataset.targets, dtype=np.int64) % len(SYMBOLS)
    low, high = value_scale(dataset) or (0.0, 1.0)
    share = (dataset.targets[:, 0] - low) / (high - low)
    return np.clip(share * _SHADES, 0, _SHADES - 1).astype(np.int64)


def _class_colors(palette: Palette) -> list[QColor]:
    return [QColor(color) for color in palette.classes]


def _value_colors(palette: Palette, fills: str) -> list[QColor]:
    lut = value_lut(palette.name, fills=fills)
    return [QColor(int(lut[i])) for i in np.linspace(0, len(lut) - 1, _SHADES).astype(int)]


Style = tuple[QBrush, QPen]


def _styles(colors: list[QColor], palette: Palette, size: float) -> tuple[list[Style], list[Style]]:
    # A rim in the canvas's own colour keeps a marker visible on a fill of its own hue.
    rim = pg.mkPen(palette.halo, width=max(1.0, size / 8))
    inside = faint(palette.halo, 0.55)
    filled = [(QBrush(color), rim) for color in colors]
    hollow = [(QBrush(inside), pg.mkPen(color, width=max(1.2, size / 5))) for color in colors]
    return filled, hollow
