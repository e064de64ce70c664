"""EventWatch: clicks and keys in a window, with the part of it that they were meant for."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from reluviz.app.application import application

Take = Callable[..., None]
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_WRITING = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)


class EventWatch(QObject):
    """Calls take("press", place=, x=, y=) and take("key", text=) while it is started."""

    def __init__(self, window: QWidget, take: Take) -> None:
        super().__init__(window)
        self._window, self._take = window, take
        self._newest: tuple[Any, ...] = ()

    def start(self) -> None:
        """Begin to watch."""
        application().installEventFilter(self)

    def stop(self) -> None:
        """Watch no more."""
        application().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the event and let it go on."""
        kind = event.type()
        # What a widget leaves to its parents comes here again, with the same time.
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick) and isinstance(event, QMouseEvent):
            seen: tuple[Any, ...] = (event.timestamp(), event.globalPosition())
            if isinstance(watched, QWidget) and seen != self._newest:
                self._newest = seen
                self._press(watched, event)
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # Shortcuts never become key presses; both are asked for by this first.
            seen = (event.timestamp(), event.key(), event.modifiers())
            if isinstance(watched, QWidget) and seen != self._newest:
                self._newest = seen
                self._key(watched, event)
        return False

    def _press(self, widget: QWidget, event: QMouseEvent) -> None:
        if widget.window() is not self._window:
            return
        place, x, y = place_of(widget, event.position(), self._window)
        self._take("press", place=place, x=x, y=y)

    def _key(self, widget: QWidget, event: QKeyEvent) -> None:
        if event.isAutoRepeat() or event.key() in _MODIFIERS or event.key() == Qt.Key.Key_unknown:
            return
        shortcut = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if isinstance(widget, _WRITING) and not shortcut:
            return  # Letters of a text are no commands.
        text = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
        if event.text() and event.text().isprintable() and len(text) > 1 and text.startswith("Shift+"):
            text = event.text() if not event.text().isalpha() else text
        if text:
            self._take("key", text=text.strip() or "Space")


def place_of(widget: QWidget, position: QPointF, window: QWidget) -> tuple[str, float, float]:
    """Return (part, x, y) of a place in a widget.

    On a canvas: "canvas" (of the second pane "canvas:1" and so on) and the point of the plane. Elsewhere: the nearest
    part that has a name, and the share of its width and height.
    """
    from reluviz.app.canvas.widget import CanvasWidget  # pyqtgraph takes 0.3 s; by now it is there.

    part: QWidget | None = widget
    while part is not None:
        if isinstance(part, CanvasWidget):
            inside = part.box.mapFromScene(part.mapToScene(position.toPoint()))
            if part.box.rect().contains(inside):
                pane = getattr(part, "index", 0)
                return (f"canvas:{pane}" if pane else "canvas", *part.box.to_plane(inside))
        if (part.objectName() and not part.objectName().startswith("qt_")) or part is window:
            inside = widget.mapTo(part, position)
            return (
                part.objectName() or "window",
                inside.x() / max(1, part.width()),
                inside.y() / max(1, part.height()),
            )
        part = part.parentWidget()
    return "window", 0.5, 0.5
