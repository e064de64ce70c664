"""PictureItem: paints the one image of the canvas, pixel for pixel."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from reluviz.app.canvas.box_item import BoxItem
from reluviz.app.canvas.plane import PlaneBox
from reluviz.app.tints import faint
from reluviz.core.view import Bounds

Ring = NDArray[np.float64]


class PictureItem(BoxItem):
    """Paints a picture where its own bounds lie in the box now: 1:1 where they agree, moved or scaled until then."""

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box, -100)
        self._image: QImage | None = None
        self._pixels: object = None
        self._bounds: Bounds = box.bounds
        self.after_paint: list[Callable[[], None]] = []  # For whoever measures what is really painted.

    def show_picture(self, pixels: NDArray[np.uint32], bounds: Bounds) -> None:
        """Show (H, W) uint32 0xffRRGGBB pixels, C-contiguous, without copying them."""
        height, width = pixels.shape
        # QImage keeps only the address: the array must live as long as the image.
        self._pixels = pixels
        self._image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
        self._bounds = bounds
        self.update()

    def hides(self, rect: QRectF) -> bool:
        """Whether nothing can be seen below the picture within a rectangle of the scene."""
        return (
            self._bounds == self._box.bounds
            and self._image is not None
            and self._box.sceneBoundingRect().contains(rect)
        )

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the image; two Qt calls when it fits."""
        if self._image is None:
            return
        xmin, xmax, ymin, ymax = self._bounds
        target = QRectF(self._box.place((xmin, ymax)), self._box.place((xmax, ymin)))
        ratio = painter.device().devicePixelRatioF()
        image = self._image
        fits = abs(target.width() * ratio - image.width()) < 0.5 and abs(target.height() * ratio - image.height()) < 0.5
        if fits:
            image.setDevicePixelRatio(ratio)
            origin = self._box.scenePos()
            x = round((origin.x() + target.x()) * ratio) / ratio - origin.x()
            y = round((origin.y() + target.y()) * ratio) / ratio - origin.y()
            painter.drawImage(QPointF(x, y), image)
        else:
            image.setDevicePixelRatio(1.0)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(target, image)
        for tell in self.after_paint:
            tell()


class OutlineItem(BoxItem):
    """Outlines the region under the mouse."""

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box, 50)
        self._ring: Ring | None = None
        self._pens: tuple[QPen, QPen] = (QPen(), QPen())

    def set_colors(self, line: str, halo: str) -> None:
        """Set the outline's colour and that of the halo which keeps it visible on any fill."""
        self._pens = (QPen(faint(halo, 0.75), 3.5), QPen(QColor(line), 1.5))
        self.update()

    def show_ring(self, ring: Ring | None) -> None:
        """Show a region's ring (V, 2) in the plane, or None."""
        if ring is self._ring:
            return
        self._ring = ring
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the ring twice, halo first."""
        if self._ring is None:
            return
        polygon = QPolygonF([QPointF(x, y) for x, y in self._box.places(self._ring).tolist()])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for pen in self._pens:
            painter.setPen(pen)
            painter.drawPolygon(polygon)
