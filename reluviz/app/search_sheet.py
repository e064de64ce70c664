"""SearchSheet: a card over the whole window that begins with a line to search in."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QWidget
from shiboken6 import isValid

from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.tints import faint
from reluviz.core.palette import PALETTES

if TYPE_CHECKING:
    from reluviz.app.window import Window


class SearchSheet(QWidget):
    """Lies over the whole window, so that a click beside the card closes it; `closed` tells that it is over.

    Who makes one lays out `_card`, then calls `_appear`.
    """

    closed = Signal()
    follows: ClassVar[tuple[str, ...]] = ("theme", "font_scale")
    shade: ClassVar[float] = 0.47  # How far the window steps back.

    def __init__(self, store: Store, window: "Window", name: str, hint: str) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._before = QApplication.focusWidget()
        self._has_appeared = False
        self.setAccessibleName(name)
        self._card = QFrame(self)
        self._card.setObjectName("paletteCard")
        self.line = QLineEdit()
        self.line.setObjectName("paletteLine")
        self.line.setPlaceholderText(hint)
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)

    def end(self) -> None:
        """Close, give the keyboard back, and do what was taken."""
        if self.isHidden():
            return
        self._window.removeEventFilter(self)
        self._store.on(*self.follows).disconnect(self._follow)
        self.hide()
        before = self._before if self._before is not None and isValid(self._before) else self._window.canvas
        before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()
        self._finish()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the size of the window."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the window step back."""
        background = PALETTES[self._store.state.theme].background
        QPainter(self).fillRect(event.rect(), faint(background, self.shade))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close where the click is beside the card."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self._has_appeared:
            self._fit()

    def _appear(self) -> None:
        self._window.installEventFilter(self)
        self._store.on(*self.follows).connect(self._follow)
        self._has_appeared = True
        self._search("")
        self._fit()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _search(self, text: str) -> None:
        """Show what has these words."""

    def _follow(self, old: AppState, new: AppState) -> None:
        """Show what became of the state."""

    def _fit(self) -> None:
        """Lay the card out in the window."""

    def _finish(self) -> None:
        """Do what was taken, once the sheet is gone."""
