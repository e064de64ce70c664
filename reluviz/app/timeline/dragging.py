"""Dragging: a hand that drags the timeline's handle to and fro, to measure how many pictures that brings."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from reluviz.app.timeline.strip import Strip

MOVE_MS, MOVE_PIXELS = 8, 3.0  # A mouse tells its place 125 times a second.


class Dragging(QObject):
    """Sends the strip the events of a mouse that drags its handle from end to end, until `stop`."""

    def __init__(self, strip: Strip) -> None:
        super().__init__()
        self._strip = strip
        self._place = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(MOVE_MS)
        self._timer.timeout.connect(self._move)

    def start(self) -> None:
        """Press the button at the left end and begin to drag."""
        self._send(QEvent.Type.MouseButtonPress)
        self._timer.start()

    def stop(self) -> None:
        """Let the handle go."""
        self._timer.stop()
        self._send(QEvent.Type.MouseButtonRelease)

    def _move(self) -> None:
        self._place += MOVE_PIXELS
        self._send(QEvent.Type.MouseMove)

    def _send(self, kind: QEvent.Type) -> None:
        plot = self._strip.frame().plot
        span = plot.width() - 4  # Short of the right end, which is the newest moment.
        place = QPointF(plot.left() + span - abs(self._place % (2 * span) - span), plot.center().y())
        none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        button = none if kind == QEvent.Type.MouseMove else left
        held = none if kind == QEvent.Type.MouseButtonRelease else left
        where = self._strip.mapToGlobal(place)
        event = QMouseEvent(kind, place, where, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._strip, event)
