"""InkLayers: all ink of one window, drawn once into two pictures and from then on only added to."""

import math
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from reluviz.app.lecture.ink import INKS, RIM, WIDTH, Pixels, pieces
from reluviz.app.lecture.places import Part, Places
from reluviz.app.lecture.state import Lecture, Stroke
from reluviz.core.palette import PALETTES


class InkLayers:
    """The rims of all strokes below the ink of all strokes, so that a stroke can be added without drawing the others.

    A wide antialiased pen takes 2 ms for a stroke of 600 points, the two finished pictures 0.4 ms a frame.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._key: object = None
        self._strokes: tuple[Stroke, ...] = ()
        self._drawn = 0
        self._drawing: Stroke | None = None
        self.layers: tuple[QPixmap, QPixmap] | None = None
        self._inked = QRectF()  # What of the window has ink on it.
        self.renderings = 0  # How often everything was drawn anew.

    def update(self, lecture: Lecture, theme: str, scale: float, size: QSize, ratio: float) -> QRectF:
        """Draw what is new; return what changed, in logical pixels of the window: all of it, or the newest piece."""
        names = {stroke.part for stroke in lecture.strokes} | ({lecture.drawing.part} if lecture.drawing else set())
        parts = {name: self._places.part(name) for name in sorted(names)}
        key = (theme, scale, size, ratio, tuple((name, part.key if part else None) for name, part in parts.items()))
        whole = QRectF(QPointF(0, 0), size.toSizeF())
        added = lecture.strokes[len(self._strokes) :]
        grown = lecture.strokes[: len(self._strokes)] == self._strokes
        finished = grown and len(added) == 1 and self._drawing is not None and _ends_alike(added[0], self._drawing)
        if key == self._key and grown and (not added or finished):
            self._strokes = lecture.strokes
            if finished:  # It stands on the picture already, to less than a pixel.
                self._drawing, self._drawn = None, 0
            return self._go_on(lecture.drawing, parts, theme, scale)
        had = self.layers is not None
        self._key, self._strokes, self._drawing, self._drawn = key, lecture.strokes, None, 0
        if not names:
            self.layers = None
            return whole if had else QRectF()
        self.layers, self._inked = (_blank(size, ratio), _blank(size, ratio)), QRectF()
        self.renderings += 1
        for stroke in lecture.strokes:
            part = parts[stroke.part]
            if part is not None:
                self._paint(part, part.to_pixels(stroke.points), stroke.color, theme, scale)
        self._go_on(lecture.drawing, parts, theme, scale)
        return whole

    def paint(self, painter: QPainter, where: QRectF) -> None:
        """Put the part of both pictures that lies in `where` (logical pixels) on the window."""
        where = where.intersected(self._inked)
        for layer in (self.layers or ()) if not where.isEmpty() else ():
            ratio = layer.devicePixelRatio()
            source = QRectF(where.topLeft() * ratio, where.size() * ratio)
            painter.drawPixmap(where, layer, source)

    def _go_on(self, drawing: Stroke | None, parts: dict[str, Part | None], theme: str, scale: float) -> QRectF:
        """Add what the hand drew since the last time."""
        if drawing is None:
            self._drawing, self._drawn = None, 0
            return QRectF()
        if self.layers is None or (drawing is self._drawing and self._drawn == len(drawing.points)):
            return QRectF()  # Else each painting would ask for one more, for as long as the pen is down.
        begin = max(0, self._drawn - 2) if self._drawing is not None else 0
        self._drawing, self._drawn = drawing, len(drawing.points)
        part = parts[drawing.part]
        if part is None:
            return QRectF()
        return self._paint(part, part.to_pixels(drawing.points[begin:]), drawing.color, theme, scale, begin > 0)

    def _paint(self, part: Part, points: Pixels, color: int, theme: str, scale: float, goes_on: bool = False) -> QRectF:
        assert self.layers is not None
        width = pen_width(scale)
        path = smooth_path(points, goes_on)
        looks = ((PALETTES[theme].halo, width + 2 * RIM), (INKS[theme][color], width))
        for layer, (ink, wide) in zip(self.layers, looks, strict=True):
            painter = QPainter(layer)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setClipRect(part.rect)
            painter.setPen(
                QPen(QColor(ink), wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            )
            painter.drawPath(path)
            painter.end()
        reach = width + 2 * RIM
        inked = path.boundingRect().adjusted(-reach, -reach, reach, reach)
        self._inked = self._inked.united(inked.intersected(part.rect))
        return inked


def _ends_alike(stroke: Stroke, drawing: Stroke) -> bool:
    """Whether a stroke is what was being drawn; a film's frames may lie on either side of its last points."""
    return stroke.part == drawing.part and stroke.points[-1:] == drawing.points[-1:]


def pen_width(scale: float) -> float:
    """Return the width of the pen at a size of type, in logical pixels."""
    return WIDTH * math.sqrt(max(1.0, scale))


def smooth_path(points: Pixels, goes_on: bool = False) -> QPainterPath:
    """Return a smooth curve along a polyline: through the middles of its sides, bent towards its corners.

    One that `goes_on` begins at the middle of its first side, where an earlier piece may have ended.
    """
    path = QPainterPath()
    for piece in pieces(points):
        places = [QPointF(x, y) for x, y in piece.tolist()]
        begin = (places[0] + places[1]) / 2 if goes_on and len(places) > 1 else places[0]
        path.moveTo(begin)
        if len(places) == 1:
            path.lineTo(begin + QPointF(0.01, 0.0))  # A dot: Qt draws no cap on a line without a length.
        for corner, following in pairwise(places[1:]):
            path.quadTo(corner, (corner + following) / 2)
        path.lineTo(places[-1])
    return path


def _blank(size: QSize, ratio: float) -> QPixmap:
    made = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made
