"""ActionButton: a flat button for one QAction."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton


class ActionButton(QToolButton):
    """Shows an action's icon as large as the type; reached by Tab, so that a click leaves the keys alone."""

    def __init__(self, action: QAction, size: float = 1.6) -> None:
        super().__init__()
        self._size = size
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setDefaultAction(action)
        self._follow_action()
        action.changed.connect(self._follow_action)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            side = round(self.fontMetrics().height() * self._size)
            self.setIconSize(QSize(side, side))

    def _follow_action(self) -> None:
        self.setAccessibleName(self.defaultAction().text())
