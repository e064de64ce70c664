"""Window: lays out the canvas, the settings, the docks, the top bar and the status line."""

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from reluviz.app.panel import PANELS
from reluviz.app.state import AppState
from reluviz.app.store import Store

_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class Window(QMainWindow):
    """The main window. `painted` comes once, after its first paint; what is heavy is made then."""

    painted = Signal()
    closed = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.setWindowTitle("reluviz")
        self.setDockNestingEnabled(True)
        self._store = store
        self._is_painted = False
        self.setCentralWidget(QWidget())
        self.docks = {panel.name: self._make_dock(panel.name, panel.title, panel.area) for panel in PANELS}
        store.changed.connect(self._follow)

    def fill(self) -> None:
        """Make the canvas and the panels; called once the window stands."""
        from reluviz.app.canvas.widget import CanvasWidget  # pyqtgraph takes 0.3 s: after the first paint.

        self.setCentralWidget(CanvasWidget(self._store))
        for panel in PANELS:
            self.docks[panel.name].setWidget(panel.factory(self._store))

    def layout_state(self) -> tuple[str, str]:
        """Return geometry and dock layout as base64 texts."""
        return tuple(bytes(a.toBase64().data()).decode() for a in (self.saveGeometry(), self.saveState()))

    def restore(self, geometry: str, docks: str) -> None:
        """Take back what `layout_state` returned; what does not fit is ignored by Qt."""
        self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        self.restoreState(QByteArray.fromBase64(docks.encode()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and say so the first time."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window closes while its layout can still be read."""
        self.closed.emit()
        super().closeEvent(event)

    def _make_dock(self, name: str, title: str, area: str) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        self.addDockWidget(_AREAS[area], dock)
        return dock

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.fullscreen != old.fullscreen:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
