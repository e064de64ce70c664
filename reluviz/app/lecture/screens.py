"""Which screen the audience's window goes to, and what becomes of it when screens come and go."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from reluviz.app.application import application

SHARE = 0.62
"""Of a screen that it has to share with the main window, for its width."""
ASPECT = 16 / 9


class Screens(QObject):
    """Puts one window on the screen that another window is not on, for as long as both are there."""

    def __init__(self, audience: QWidget, window: QWidget) -> None:
        super().__init__(audience)
        self._audience, self._window = audience, window
        app = application()
        app.screenAdded.connect(self._changed)
        app.screenRemoved.connect(self._changed)

    def place(self) -> None:
        """Fill a free screen, or be a window beside the other one."""
        screen = free_screen(self._window.screen(), QGuiApplication.screens())
        if screen is not None:
            self._audience.setScreen(screen)
            self._audience.setGeometry(screen.geometry())
            self._audience.showFullScreen()
            return
        room = self._window.screen().availableGeometry()
        width = round(SHARE * min(room.width(), room.height() * ASPECT))
        self._audience.resize(width, round(width / ASPECT))
        self._audience.move(room.right() - width - 24, room.bottom() - round(width / ASPECT) - 24)
        self._audience.showNormal()

    def _changed(self, _screen: QScreen) -> None:
        # Qt moves windows of a screen that has gone by itself, after it has told of it.
        QTimer.singleShot(0, self, self.place)


def free_screen(own: QScreen | None, screens: list[QScreen]) -> QScreen | None:
    """Return the first screen that shows another part of the desktop than `own`, None where all show the same."""
    others = [s for s in screens if s is not own and (own is None or s.geometry() != own.geometry())]
    return others[0] if others and own is not None else None
