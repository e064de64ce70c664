"""Curves of any width at the price of hairlines."""

from functools import cache
from math import ceil, cos, sin, tau
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from shiboken6 import VoidPtr

DASHED = (3.0, 2.5)
"""The usual gaps, in widths of a hairline."""


def curve_of(x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
    """Return the curve through points x, y (N,); written into Qt's memory, as 600 points one by one took 0.26 ms."""
    curve = QPolygonF()
    if len(x):
        curve.resize(len(x))
        # The types of shiboken know neither the size nor what numpy can read.
        memory: Any = VoidPtr(curve.data(), 16 * len(x), True)  # type: ignore[call-arg, arg-type]
        np.frombuffer(memory, np.float64).reshape(-1, 2)[:] = np.stack([x, y], axis=1)
    return curve


def stroke_curve(
    painter: QPainter, curve: QPolygonF, color: QColor, width: float, dashes: tuple[float, ...] = ()
) -> None:
    """Draw a curve `width` device-independent pixels wide, as hairlines less than a device pixel apart.

    `dashes` are the lengths of dash, gap, dash, ..., none for a whole line.

    Qt's rasteriser has a fast path for antialiased pens of one device pixel: 0.2 ms for 600 points, where a pen of
    1.7 took 11 and a dotted one 15, half of the window's time while training.
    """
    pen = QPen(color, 1.0)
    pen.setCosmetic(True)
    if dashes:
        pen.setDashPattern(dashes)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    scale = painter.device().devicePixelRatioF()
    for offset in _offsets(max(0.0, width * scale - 1.0) / 2):
        painter.drawPolyline(curve.translated(offset / scale))


@cache
def _offsets(reach: float) -> tuple[QPointF, ...]:
    """Return where to set a hairline so that it covers a disc: the centre, and rings up to `reach` device pixels."""
    rings = ceil(reach / 0.8)
    turns = [
        (reach * ring / rings, tau * turn / (4 * ring)) for ring in range(1, rings + 1) for turn in range(4 * ring)
    ]
    return QPointF(0, 0), *(QPointF(r * cos(angle), r * sin(angle)) for r, angle in turns)
