"""PictureItem: paints the one image of the canvas, pixel for pixel."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from reluviz.app.canvas.plane import PlaneBox
from reluviz.app.tints import faint
from reluviz.core.view import Bounds

Ring = "list[tuple[float, float]]"


class PictureItem(QGraphicsItem):
    """Paints a picture where its own bounds lie in the box now: 1:1 where they agree, moved or scaled until then.

    It is a child of the box, not of the box's transformed group: positions are computed in float64 from bounds,
    so that they hold however far one zooms in.
    """

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box)
        self._box = box
        self._image: QImage | None = None
        self._pixels: object = None
        self._bounds: Bounds = box.bounds
        self.setZValue(-100)

    def show_picture(self, pixels, bounds: Bounds) -> None:  # type: ignore[no-untyped-def]
        """Show (H, W) uint32 0xffRRGGBB pixels, C-contiguous, without copying them."""
        height, width = pixels.shape
        # QImage keeps only the address: the array must live as long as the image.
        self._pixels = pixels
        self._image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
        self._bounds = bounds
        self.update()

    def boundingRect(self) -> QRectF:
        """The whole box."""
        return self._box.rect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the image; two Qt calls when it fits."""
        if self._image is None:
            return
        target = to_box(self._bounds, self._box)
        ratio = painter.device().devicePixelRatioF()
        image = self._image
        fits = abs(target.width() * ratio - image.width()) < 0.5 and abs(target.height() * ratio - image.height()) < 0.5
        if fits:
            image.setDevicePixelRatio(ratio)
            origin = self._box.scenePos()
            x = round((origin.x() + target.x()) * ratio) / ratio - origin.x()
            y = round((origin.y() + target.y()) * ratio) / ratio - origin.y()
            painter.drawImage(QPointF(x, y), image)
            return
        image.setDevicePixelRatio(1.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(target, image)


class OutlineItem(QGraphicsItem):
    """Outlines the region under the mouse."""

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box)
        self._box = box
        self._ring = None
        self._pens: tuple[QPen, QPen] = (QPen(), QPen())
        self.setZValue(50)

    def set_colors(self, line: str, halo: str) -> None:
        """Set the outline's colour and that of the halo which keeps it visible on any fill."""
        self._pens = (QPen(faint(halo, 0.75), 3.5), QPen(QColor(line), 1.5))
        self.update()

    def show_ring(self, ring) -> None:  # type: ignore[no-untyped-def]
        """Show a region's ring (V, 2) in the plane, or None."""
        if ring is self._ring:
            return
        self._ring = ring
        self.update()

    def boundingRect(self) -> QRectF:
        """The whole box."""
        return self._box.rect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the ring twice, halo first."""
        if self._ring is None:
            return
        rect = self._box.rect()
        xmin, xmax, ymin, ymax = self._box.bounds
        x = (self._ring[:, 0] - xmin) * (rect.width() / (xmax - xmin)) + rect.left()
        y = (ymax - self._ring[:, 1]) * (rect.height() / (ymax - ymin)) + rect.top()
        polygon = QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for pen in self._pens:
            painter.setPen(pen)
            painter.drawPolygon(polygon)


def to_box(bounds: Bounds, box: PlaneBox) -> QRectF:
    """Return where bounds lie in the box, in its logical pixels."""
    rect = box.rect()
    xmin, xmax, ymin, ymax = box.bounds
    x_scale, y_scale = rect.width() / (xmax - xmin), rect.height() / (ymax - ymin)
    return QRectF(
        rect.left() + (bounds[0] - xmin) * x_scale,
        rect.top() + (ymax - bounds[3]) * y_scale,
        (bounds[1] - bounds[0]) * x_scale,
        (bounds[3] - bounds[2]) * y_scale,
    )
