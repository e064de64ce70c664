"""Small pictures of activations: each one's own curve over its axes."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from reluviz.core.formula import activation_named

REACH = 3.2  # The curve is shown for |z| up to this, as high as wide: slopes can be compared.
STEEP = 8.0  # Neighbouring samples further apart than this many steps are a jump.


@lru_cache(maxsize=256)
def activation_icon(name: str, parameter: float | None, line: str, axis: str, side: int, ratio: float) -> QIcon:
    """Return the curve of an activation in the colours given, `side` device-independent pixels wide and high."""
    row = activation_named(name)
    curve = row.curve(row.default if parameter is None else parameter)
    z = np.linspace(-REACH, REACH, 129)
    value = curve.value(z)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(QRectF(0, 0, side, side))
    half = side / 2
    painter.setPen(QPen(QColor(axis), 1))
    painter.drawLines([QLineF(0, half, side, half), QLineF(half, 0, half, side)])
    pen = QPen(QColor(line), max(1.3, side / 13))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    scale = half / REACH
    jumps = np.flatnonzero(np.abs(np.diff(value)) > STEEP * (z[1] - z[0])) + 1
    for part_z, part in zip(np.split(z, jumps), np.split(value, jumps), strict=True):
        x, y = half + part_z * scale, half - np.clip(part, -99, 99) * scale
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]))
    painter.end()
    return QIcon(pixmap)
