"""Light: the laser's dot with its fading trail, and the spotlight; what they leave is never kept."""

import time
from collections import deque
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QRadialGradient

from reluviz.app.tints import faint
from reluviz.studio.handwriting import TRAIL_SECONDS

FADE = TRAIL_SECONDS
"""Seconds that the laser's trail stays."""
DOT = 7.0
"""Radius of the laser's dot, in logical pixels at 100 % type."""
RED = "#ff2a3c"
CIRCLE = 0.17
"""Radius of the spotlight, as a share of the window's shorter side."""
SHADE = 0.66
"""How dark it is around the spotlight."""


class Trail:
    """Where the laser was in the last FADE seconds, in logical pixels of one window."""

    def __init__(self) -> None:
        self._places: deque[tuple[float, QPointF]] = deque()

    def move(self, place: QPointF | None, now: float) -> None:
        """Point at a place, or at none."""
        if place is None:
            self._places.clear()
        else:
            self._places.append((now, place))
        self.fade(now)

    def fade(self, now: float) -> bool:
        """Forget what is older than FADE, but for where the laser is; return whether a trail is still seen."""
        while len(self._places) > 1 and now - self._places[0][0] > FADE:
            self._places.popleft()
        return len(self._places) > 1

    def rect(self, scale: float) -> QRectF:
        """Return what the laser covers."""
        rect = QRectF()
        for _, place in self._places:
            rect = rect.united(QRectF(place.x() - 0.5, place.y() - 0.5, 1, 1))
        reach = 2.6 * DOT * scale
        return rect.adjusted(-reach, -reach, reach, reach) if self._places else rect

    def paint(self, painter: QPainter, scale: float, now: float) -> None:
        """Draw the trail, thinner and fainter with age, and the dot with its glow."""
        if not self._places:
            return
        places = list(self._places)
        for (_, start), (since, end) in pairwise(places):
            share = max(0.0, 1.0 - (now - since) / FADE)
            width = 1.5 + 1.3 * DOT * scale * share * share
            painter.setPen(QPen(faint(RED, 0.85 * share), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(start, end)
        paint_dot(painter, places[-1][1], DOT * scale)


def paint_dot(painter: QPainter, place: QPointF, radius: float) -> None:
    """Draw a red dot that glows, with a light heart, so that it is seen on any fill."""
    glow = QRadialGradient(place, 2.4 * radius)
    for share, alpha in ((0.0, 0.75), (0.45, 0.4), (1.0, 0.0)):
        color = faint(RED, alpha)
        glow.setColorAt(share, color)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(glow))
    painter.drawEllipse(place, 2.4 * radius, 2.4 * radius)
    painter.setBrush(QColor(RED))
    painter.drawEllipse(place, radius, radius)
    painter.setBrush(QColor("#ffffff"))
    painter.drawEllipse(place, 0.42 * radius, 0.42 * radius)


def clock() -> float:
    """Return the seconds that trails fade by."""
    return time.monotonic()


def circle_of(place: QPointF, room: QRectF) -> QRectF:
    """Return the spotlight's circle around a place."""
    radius = CIRCLE * min(room.width(), room.height())
    return QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)


def paint_spotlight(painter: QPainter, place: QPointF, room: QRectF) -> None:
    """Darken all but a circle."""
    path = QPainterPath()
    path.addRect(room)
    path.addEllipse(circle_of(place, room))
    shade = faint("#000000", SHADE)
    painter.fillPath(path, shade)
