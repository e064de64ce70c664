"""BoxItem: what everything that is painted over the plane has in common."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsItem

from reluviz.app.canvas.plane import PlaneBox


class BoxItem(QGraphicsItem):
    """A child of the box, not of the box's transformed group.

    Places are computed in float64 from bounds, so that they hold however far one zooms in.
    """

    def __init__(self, box: PlaneBox, depth: float) -> None:
        super().__init__(box)
        self._box = box
        self.setZValue(depth)

    def boundingRect(self) -> QRectF:
        """The whole box."""
        rect: QRectF = self._box.rect()
        return rect
