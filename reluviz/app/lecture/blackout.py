"""Blackout: black over a whole window until any key or click."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from reluviz.app.application import application
from reluviz.app.lecture import commands
from reluviz.app.store import Store

_RETURNS = (
    QEvent.Type.KeyPress,
    QEvent.Type.ShortcutOverride,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TabletPress,
    QEvent.Type.TouchBegin,
)
_TAKEN = (QEvent.Type.KeyPress, QEvent.Type.Shortcut, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class Blackout(QWidget):
    """Nothing but black. While it is there it takes every key and click, and the first one ends it."""

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.setAccessibleName("Black: any key or click returns")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.hide()
        window.installEventFilter(self)

    def show_dark(self, dark: bool) -> None:
        """Cover the window, or let it be seen again."""
        if dark == self.isVisibleTo(self._window):
            return
        self.setGeometry(self._window.rect())
        self.setVisible(dark)
        app = application()
        if dark:
            self.raise_()
            app.installEventFilter(self)
        else:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the window's size; take what a hand does."""
        kind = event.type()
        if watched is self._window and kind == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        if not self.isVisible() or not isinstance(watched, QWidget) or watched.window() is not self.window():
            return False
        if kind in _RETURNS and not (isinstance(event, QKeyEvent) and event.key() in _MODIFIERS):
            if kind == QEvent.Type.ShortcutOverride:
                event.accept()  # So that it comes as a key and runs no command.
                return True
            commands.toggle_dark(self._store)
            return True
        return kind in _TAKEN

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint black."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), Qt.GlobalColor.black)
        painter.end()
