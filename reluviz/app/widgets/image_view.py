"""ImageView: shows pixels made in a thread, and tells what the mouse does on them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent

from reluviz.app.widgets.painted_view import PaintedView

PREPARING = "Preparing the picture."  # The very first time, kernels are compiled for seconds.


class ImageView(PaintedView):
    """Paints one image, or a sentence where there is none.

    `dragged(dx, dy, shift)` is in logical pixels, `wheeled(notches, x, y)` in wheel notches at a place from the middle,
    up and right, in halves of the shorter side; `resized` asks for an image of the new size.
    """

    preferred = (18, 16)
    least = (8, 7)
    dragged = Signal(float, float, bool)
    wheeled = Signal(float, float, float)
    resized = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pixels: Any = None
        self._image: QImage | None = None
        self._sentence = PREPARING
        self._from: QPointF | None = None

    def show_image(self, pixels: NDArray[np.uint32]) -> None:
        """Show (H, W) uint32 0xffRRGGBB pixels, which nobody writes to any more."""
        height, width = pixels.shape
        self._pixels = pixels  # QImage keeps only the address.
        self._image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
        self._sentence = ""
        self.update()

    def show_sentence(self, text: str) -> None:
        """Show in words why there is no image."""
        if text != self._sentence or self._image is not None:
            self._image, self._pixels, self._sentence = None, None, text
            self.update()

    @property
    def sentence(self) -> str:
        """What is said instead of an image, "" where there is one."""
        return self._sentence

    @property
    def pixel_size(self) -> tuple[int, int]:
        """Width and height in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the image over the whole widget, pixel for pixel where its size fits."""
        painter = QPainter(self)
        if self._image is None:
            painter.setPen(QColor(self.palette().placeholderText().color()))
            room = QRectF(self.rect()).adjusted(12, 12, -12, -12)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._sentence)
        else:
            fits = self.pixel_size == (self._image.width(), self._image.height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not fits)
            painter.drawImage(QRectF(self.rect()), self._image)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for an image that fits."""
        super().resizeEvent(event)
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell how far the drag went since the last move."""
        if self._from is not None:
            moved, self._from = event.position() - self._from, event.position()
            self.dragged.emit(moved.x(), moved.y(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self._from = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Tell how far the wheel turned."""
        half = max(1.0, min(self.width(), self.height()) / 2)
        x, y = event.position().x() - self.width() / 2, self.height() / 2 - event.position().y()
        self.wheeled.emit(event.angleDelta().y() / 120.0, x / half, y / half)
        event.accept()
