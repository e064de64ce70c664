"""Places: where the parts that ink lies on are in a window, and which part lies under a position."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtWidgets import QWidget

from reluviz.app.lecture.ink import Pixels
from reluviz.app.lecture.state import Point, Spot
from reluviz.core.view import Bounds

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget
    from reluviz.app.window import Window

PLANE = "plane:"


class Part:
    """One part of a window: where it is, in the window's logical pixels, and the plane that it shows, if it does."""

    def __init__(self, rect: QRectF, bounds: Bounds | None = None) -> None:
        self.rect, self.bounds = rect, bounds

    @property
    def key(self) -> tuple[object, ...]:
        """What a drawing of this part depends on."""
        return self.rect.getRect(), self.bounds

    def to_pixels(self, points: Iterable[Point]) -> Pixels:
        """Return points of the part as (n, 2) logical pixels of the window."""
        places = np.array(tuple(points), np.float64).reshape(-1, 2)
        corner, scale = np.array([self.rect.x(), self.rect.y()]), np.ones(2)
        if self.bounds is not None:
            xmin, xmax, ymin, ymax = self.bounds
            # Differences first: far zoomed in, coordinates agree in nearly all their digits.
            places = np.column_stack((places[:, 0] - xmin, ymax - places[:, 1]))
            scale = np.array([self.rect.width() / (xmax - xmin), self.rect.height() / (ymax - ymin)])
        pixels: Pixels = corner + places * scale
        return pixels

    def to_point(self, position: QPointF) -> Point:
        """Return a position in the window as a point of the part."""
        inside = position - self.rect.topLeft()
        if self.bounds is None:
            return inside.x(), inside.y()
        xmin, xmax, ymin, ymax = self.bounds
        x = xmin + inside.x() / self.rect.width() * (xmax - xmin)
        return x, ymax - inside.y() / self.rect.height() * (ymax - ymin)


class Places(Protocol):
    """Knows the parts of one window."""

    def part(self, name: str) -> Part | None:
        """Return a part by its name, None where it is not seen."""

    def spot(self, position: QPointF) -> Spot:
        """Return what lies at a position, in logical pixels of the window."""


def canvas_part(canvas: "CanvasWidget", window: QWidget) -> Part | None:
    """Return where a canvas shows the plane, None where it is not seen."""
    if not canvas.isVisible() or canvas.window() is not window:
        return None
    box = canvas.box
    corner = QPointF(canvas.viewport().mapTo(window, QPoint(0, 0)))
    rect = box.mapRectToScene(box.rect()).translated(corner)
    return Part(rect, box.bounds) if rect.width() >= 1 and rect.height() >= 1 else None


class WindowPlaces:
    """The main window: canvases by number, docks and the top bar by name, and the window itself as "window"."""

    def __init__(self, window: "Window") -> None:
        self._window = window

    @property
    def canvases(self) -> "list[CanvasWidget]":
        """The one canvas, or those of a comparison."""
        grid = self._window.stage.grid
        return list(grid.canvases) if grid is not None else [self._window.canvas]

    def part(self, name: str) -> Part | None:
        """Return a part by its name, None where it is not seen."""
        if name.startswith(PLANE):
            number = int(name.removeprefix(PLANE))
            canvases = self.canvases
            return canvas_part(canvases[number], self._window) if number < len(canvases) else None
        if name == "window":
            return Part(QRectF(self._window.rect()))
        widget = self._widgets().get(name)
        return Part(QRectF(self._rect(widget))) if widget is not None and self._is_seen(widget) else None

    def spot(self, position: QPointF) -> Spot:
        """Return what lies at a position."""
        for number, canvas in enumerate(self.canvases):
            part = canvas_part(canvas, self._window)
            if part is not None and part.rect.contains(position):
                return Spot(f"{PLANE}{number}", part.to_point(position))
        for name, widget in self._widgets().items():
            if self._is_seen(widget) and self._rect(widget).contains(position.toPoint()):
                return Spot(name, Part(QRectF(self._rect(widget))).to_point(position))
        return Spot("window", (position.x(), position.y()))

    def _widgets(self) -> dict[str, QWidget]:
        window = self._window
        docks = {f"dock:{name}": dock for name, dock in window.docks.items()}
        return {"bar": window.transport, "dock:settings": window.column_dock, **docks}

    def _is_seen(self, widget: QWidget) -> bool:
        # A panel behind another tab counts as visible to Qt, but nothing of it is.
        return widget.isVisible() and widget.window() is self._window and not widget.visibleRegion().isEmpty()

    def _rect(self, widget: QWidget) -> QRect:
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())
