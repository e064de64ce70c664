"""PlaneBox: the pyqtgraph view box of the input plane, moved by wheel, drag and double click."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal

from reluviz.app.canvas.navigation import panned, zoomed
from reluviz.core.view import HOME, Bounds

ZOOM_PER_DEGREE = 1.01  # A wheel notch is 15 degrees: 16 % closer.


class PlaneBox(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types.
    """Shows exactly the bounds it is given; what a person does with the mouse comes out as wishes for other bounds."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.bounds: Bounds = HOME

    def show_bounds(self, bounds: Bounds) -> None:
        """Show these bounds, which must have the box's aspect."""
        self.bounds = bounds
        self.setRange(xRange=bounds[:2], yRange=bounds[2:], padding=0, disableAutoRange=False)

    def boundingRect(self) -> QRectF:
        """The box itself; pyqtgraph would ask Qt three times more, ten times a frame."""
        rect: QRectF = self.rect()
        return rect

    def to_plane(self, position: QPointF) -> tuple[float, float]:
        """Return the point of the plane at a position in the box, in logical pixels."""
        rect: QRectF = self.rect()
        xmin, xmax, ymin, ymax = self.bounds
        x = xmin + (position.x() - rect.left()) / rect.width() * (xmax - xmin)
        y = ymax - (position.y() - rect.top()) / rect.height() * (ymax - ymin)
        return x, y

    def place(self, point: Sequence[float]) -> QPointF:
        """Return where a point of the plane lies in the box, in logical pixels."""
        rect: QRectF = self.rect()
        xmin, xmax, ymin, ymax = self.bounds
        x = rect.left() + (point[0] - xmin) / (xmax - xmin) * rect.width()
        y = rect.top() + (ymax - point[1]) / (ymax - ymin) * rect.height()
        return QPointF(x, y)

    def places(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points (N, 2) of the plane lie in the box, (N, 2) logical pixels."""
        rect: QRectF = self.rect()
        xmin, xmax, ymin, ymax = self.bounds
        scale = np.array([rect.width() / (xmax - xmin), -rect.height() / (ymax - ymin)])
        places: NDArray[np.float64] = (points - (xmin, ymax)) * scale + (rect.left(), rect.top())
        return places

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Zoom about the cursor."""
        factor = ZOOM_PER_DEGREE ** (-event.delta() / 8)
        self.wanted.emit(zoomed(self.bounds, factor, *self.to_plane(event.pos())))
        event.accept()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Pan: the point under the cursor stays under it."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        event.accept()
        (x0, y0), (x1, y1) = self.to_plane(event.lastPos()), self.to_plane(event.pos())
        self.wanted.emit(panned(self.bounds, x0 - x1, y0 - y1))
