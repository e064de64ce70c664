"""ToolButton: a small flat button with one of our icons, tinted to the theme."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QCursor, QPalette
from PySide6.QtWidgets import QMenu, QToolButton

from reluviz.app.icons import make_icon


class ToolButton(QToolButton):
    """A button that shows an icon as large as its type and is reached by Tab, so that a click leaves the keys alone."""

    def __init__(self, icon: str, name: str, help: str, size: float = 1.15) -> None:
        super().__init__()
        self._icon, self._size = icon, size
        self._look: tuple[str, str, str, int] | None = None
        self.setAccessibleName(name)
        self.setToolTip(help)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tint()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._tint()

    def setMenu(self, menu: QMenu) -> None:
        """Take a menu, and notice after it whether the mouse has left: while it stands, Qt does not tell the button."""
        super().setMenu(menu)
        menu.aboutToHide.connect(self._look_for_mouse)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._tint()

    def _look_for_mouse(self) -> None:
        is_under = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_under)
        self.update()

    def _tint(self) -> None:
        ink = self.palette().color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText).name()
        faint = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText).name()
        look = (self._icon, ink, faint, round(self.fontMetrics().height() * self._size))
        if look == self._look:  # A change of theme tells each button some twenty times.
            return
        self._look = look
        if self._icon:
            self.setIcon(make_icon(self._icon, ink, faint))
        self.setIconSize(QSize(look[3], look[3]))
