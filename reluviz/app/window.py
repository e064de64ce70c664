"""Window: lays out the canvas, the settings, the docks, the top bar and the status line."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QMenu, QMenuBar, QTabBar, QVBoxLayout, QWidget

from reluviz.app import files
from reluviz.app.action_set import ActionSet, needs_key
from reluviz.app.application import application
from reluviz.app.enlarging import Enlarging
from reluviz.app.forms import SettingsColumn
from reluviz.app.icons import app_icon
from reluviz.app.keys_sheet import KeysSheet
from reluviz.app.panel import PANELS, Panel
from reluviz.app.recent import RecentMenu
from reluviz.app.sheets import Sheets
from reluviz.app.state import AppState
from reluviz.app.status import StatusLine
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme
from reluviz.app.timeline.bar import TimelineBar
from reluviz.app.transport import Transport
from reluviz.app.widgets.side_column import SideColumn

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget
    from reluviz.app.lessons.stage import LessonStage

FIRST_SIZE = QSize(1440, 900)
LEFT_SHARE, RIGHT_SHARE = 0.17, 0.146  # What a 60 % canvas at 1280 x 720 leaves.
LEAST_COLUMN = 254  # At 100 % type: holds "Activation pattern" and "Absolute value" uncut.
MOST_COLUMN, MOST_DOCKS = 290, 380
MOST_BOTTOM = 0.42  # Of the height between the bars, for what is shown below the canvas,
MOST_RIGHT = 0.62  # and of the window's, for what is asked for beside it.
TIGHT_LINES, TIGHT_WIDTH = 36, 64  # In line heights; 1280 x 720 has 48 x 85 of them, and 24 x 43 at 200 %.
FOLLOWED = (
    *("lesson", "fullscreen", "chrome", "panes", "setup", "view", "theme", "font_scale", "keys_shown"),
    *(panel.raised_by for panel in PANELS if panel.raised_by),
)
_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class Window(QMainWindow):
    """The main window. `painted` comes once, after its first paint; what is heavy is made then."""

    painted = Signal()
    closed = Signal()
    canvas: "CanvasWidget"

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._is_painted = False
        self._is_restored = False
        self._sheet: KeysSheet | None = None
        self.setWindowTitle("reluviz")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, _AREAS["left"])  # What is below takes room from the canvas alone.
        self.setCorner(Qt.Corner.BottomRightCorner, _AREAS["right"])
        self.actions_of = ActionSet(store, self)
        menus = self._make_menus()
        self.transport = Transport(store, self.actions_of, menus)
        self.setMenuWidget(self.transport)
        # The centre stays and only its content changes: a new central widget would make Qt share all widths anew.
        center = QWidget()
        self.setCentralWidget(center)
        self._center = QVBoxLayout(center)
        self._center.setContentsMargins(0, 0, 0, 0)
        self.column, self.column_dock = self._make_column()
        self.docks: dict[str, QDockWidget] = {}
        for panel in PANELS:
            self.docks[panel.name] = self._make_dock(panel)
        self._enlarging = Enlarging(store, self.docks, self._center, self)
        self.status_line = StatusLine(store, self.actions_of)
        self.timeline = TimelineBar(store, self.actions_of)
        self._place_status()
        self._add_panel_switches(menus)
        self._styled_scale = store.state.font_scale
        self._restyle = QTimer(self)  # A slider of type size moves faster than 300 widgets are styled (0.3 s).
        self._restyle.setSingleShot(True)
        self._restyle.timeout.connect(self._style)
        self.plain_layout: QByteArray | None = None  # That of before, while panes are compared.
        self.sheets = Sheets(store, self)
        self.lessons: LessonStage | None = None
        store.on(*FOLLOWED).connect(self._follow)

    def fill(self) -> None:
        """Make the canvas and the panels; called once the window stands."""
        from reluviz.app.canvas.widget import CanvasWidget  # pyqtgraph takes 0.3 s: after the first paint.
        from reluviz.app.compare.stage import Stage
        from reluviz.app.lecture.stage import LectureStage
        from reluviz.app.lessons.stage import LessonStage
        from reluviz.app.recording.hosting import Host

        self.canvas = CanvasWidget(self._store)
        self.stage = Stage(self._store, self.canvas)
        self._center.addWidget(self.stage)
        for panel in PANELS:
            room = self.docks[panel.name].widget()
            assert isinstance(room, SideColumn)
            room.take(panel.factory(self._store))
        if not self._is_restored:
            self._share_heights()
        self.lecture = LectureStage(self._store, self)
        self.lessons = LessonStage(self._store, self)
        self.recording = Host(self._store, self)
        self.closed.connect(self.recording.close)
        self.canvas.setFocus()

    def size_docks(self, width: int) -> None:
        """Give the columns beside the canvas their first widths, for a window of this width."""
        scale = self._store.state.font_scale
        left = min(MOST_COLUMN, max(220, LEFT_SHARE * width)) * scale
        if scale > 1.0:  # At 100 % the canvas keeps its 60 %; where larger type takes that anyway, words come first.
            left = max(left, min(LEAST_COLUMN * scale, 0.22 * width))
        left = round(left)
        right = round(min(MOST_DOCKS * scale, max(186, RIGHT_SHARE * width * scale), 0.24 * width))
        docks = [self.docks[panel.name] for panel in PANELS if panel.area == "right"]
        widths = [left, *([right] * len(docks))]
        for dock, size in zip([self.column_dock, *docks], widths, strict=True):
            column = dock.widget()
            if isinstance(column, SideColumn):
                column.want_width(size)
        if self.isVisible():
            self.resizeDocks([self.column_dock, *docks], widths, Qt.Orientation.Horizontal)

    def layout_texts(self) -> tuple[str, str]:
        """Return geometry and dock layout as base64."""
        docks = self.saveState() if self.plain_layout is None else self.plain_layout
        geometry, layout = (bytes(part.toBase64().data()).decode() for part in (self.saveGeometry(), docks))
        return geometry, layout

    def restore(self, geometry: str, docks: str) -> None:
        """Take back what `layout_texts` returned; what does not fit is ignored by Qt, off-screen places included."""
        self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        self._is_restored = self.restoreState(QByteArray.fromBase64(docks.encode()))

    def event(self, event: QEvent) -> bool:
        """Leave to a focused control the keys it works with, before shortcuts take them."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and needs_key(QApplication.focusWidget(), event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Say why nothing comes of a key whose command can do nothing now."""
        if not self.actions_of.answer(event):
            super().keyPressEvent(event)

    def childEvent(self, event: QChildEvent) -> None:
        """Give a name to the tabs that Qt makes where docks lie on each other."""
        super().childEvent(event)
        child = event.child() if event.type() == QEvent.Type.ChildPolished else None
        if isinstance(child, QTabBar):
            child.setAccessibleName("Panels in one place")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and say so the first time."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a desktop that enters or leaves fullscreen by itself."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self.isFullScreen() != self._store.state.fullscreen:
            self._store.update(fullscreen=self.isFullScreen())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window closes while its layout can still be read."""
        self.closed.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file dropped, once the drag has ended."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        QTimer.singleShot(0, self, partial(files.open_any, self._store, paths[0]))

    def _make_menus(self) -> list[QMenu]:
        menus = self.actions_of.make_menus(self)
        menus[0].insertMenu(self.actions_of.actions["open_data"], RecentMenu(self._store, self))
        self.view_menu = next(menu for menu in menus if menu.title() == "&View")
        self.lecture_menu = next(menu for menu in menus if menu.title() == "&Lecture")
        if sys.platform != "darwin":
            return menus
        self._menu_bar = QMenuBar(None)  # macOS shows menus at the top of the screen; elsewhere a button holds them.
        for menu in menus:
            self._menu_bar.addMenu(menu)
        return []

    def _make_column(self) -> tuple[SettingsColumn, QDockWidget]:
        column = SettingsColumn(self._store)
        scroll = SideColumn(column, 0)
        dock = QDockWidget("Settings", self)
        dock.setObjectName("settings")
        dock.setTitleBarWidget(QWidget())
        dock.setWidget(scroll)
        self.addDockWidget(_AREAS["left"], dock)
        return column, dock

    def _make_dock(self, panel: Panel) -> QDockWidget:
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(panel.name)
        dock.setToolTip(panel.help)
        dock.setWidget(SideColumn(QWidget(), 0))  # Keeps the room until the panel is made.
        self.addDockWidget(_AREAS[panel.area], dock)
        beside = [other for other in PANELS if other.name in self.docks and other.area == panel.area]
        if beside and not panel.shown:  # What is shown on demand becomes a tab, so that it takes no room from others.
            self.tabifyDockWidget(self.docks[beside[-1].name], dock)
        dock.setVisible(panel.shown)
        dock.toggleViewAction().triggered.connect(partial(self._present, dock))
        dock.toggleViewAction().toggled.connect(partial(self._note_panel, dock))
        return dock

    def present(self, name: str) -> None:
        """Show a panel in front of those that lie in its place."""
        self.docks[name].setVisible(True)
        self._present(self.docks[name])

    def _note_panel(self, dock: QDockWidget, is_open: bool) -> None:
        """Forget a panel that is closed as the one asked for."""
        if not is_open and self._store.state.asked_panel == dock.objectName():
            self._store.update(asked_panel="")

    def _present(self, dock: QDockWidget) -> None:
        """Bring a panel that was just asked for to the front, as high as it likes to be."""
        if not dock.toggleViewAction().isChecked():
            return
        self._store.update(asked_panel=dock.objectName())
        dock.raise_()
        room = dock.widget()
        area = self.dockWidgetArea(dock)
        if isinstance(room, SideColumn) and area in (_AREAS["bottom"], _AREAS["right"]):
            between = self.height() - self.transport.height() - self.statusBar().height()
            most = MOST_BOTTOM * between if area == _AREAS["bottom"] else MOST_RIGHT * self.height()
            wanted = min(room.content.sizeHint().height() + 60, round(most))
            if dock.height() < wanted:
                others = [other for other in self.docks.values() if self._stands_beside(other, dock)]
                left = max(0, sum(other.height() for other in others) + dock.height() - wanted)
                heights = [wanted, *(left // max(1, len(others)) for _ in others)]
                # Asked for once it is laid out as a tab: until then Qt does not take it into account.
                QTimer.singleShot(0, self, partial(self._resize_docks, [dock, *others], heights))

    def _stands_beside(self, other: QDockWidget, dock: QDockWidget) -> bool:
        """Whether another dock is seen above or below this one, and not as a tab with it."""
        same = self.dockWidgetArea(other) == self.dockWidgetArea(dock) and other not in self.tabifiedDockWidgets(dock)
        return other is not dock and same and other.isVisible() and not other.isFloating()

    def _resize_docks(self, docks: list[QDockWidget], heights: list[int]) -> None:
        self.resizeDocks(docks, heights, Qt.Orientation.Vertical)

    def _place_status(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        layout = bar.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.timeline)
        column.addWidget(self.status_line)
        bar.addWidget(both, 1)

    def _add_panel_switches(self, menus: list[QMenu]) -> None:
        first = self.view_menu.actions()[0]
        self.panels_menu = QMenu("Panels", self.view_menu)  # A list of its own: 18 rows more would fill a screen.
        self.view_menu.insertMenu(first, self.panels_menu)
        self.view_menu.insertSeparator(first)
        for dock in (self.column_dock, *self.docks.values()):
            self.panels_menu.addAction(dock.toggleViewAction())

    def _follow(self, old: AppState, new: AppState) -> None:
        if self.lessons is not None and old.lesson.lesson is None and new.lesson.lesson is not None:
            self.lessons.remember(old)  # Before a step brings up panels.
        if new.fullscreen != old.fullscreen:
            self._show_fullscreen(new.fullscreen)
        if new.chrome != old.chrome:
            self._show_chrome(new.chrome)
        for panel in PANELS:
            if panel.raised_by and not getattr(old, panel.raised_by) and getattr(new, panel.raised_by):
                self.docks[panel.name].setVisible(True)
                self._present(self.docks[panel.name])
        is_offered = new.setup is not None and new.lesson.lesson is None and self._is_tight()
        if new.chrome and (bool(new.panes) or is_offered) == (self.plain_layout is None):
            self._show_compared(len(new.panes), bool(new.panes) or is_offered)
        if new.theme != old.theme:  # At once: half a window in either theme is a flash on a projector.
            self._restyle.stop()
            self._style()
        elif new.font_scale != old.font_scale:
            self._restyle.start()
        if new.keys_shown and self._sheet is None:
            self._sheet = KeysSheet(self._store, self)
            self._sheet.open()
        elif not new.keys_shown and self._sheet is not None:
            sheet, self._sheet = self._sheet, None
            sheet.close()
            sheet.deleteLater()

    def _show_compared(self, count: int, wanted: bool) -> None:
        """Give the panes the room of the docks beside them, and their table the bottom, for as long as they stand.

        Where large type leaves too little for all that, the pictures have the window: the View menu brings the rest.
        """
        if not wanted:
            layout, self.plain_layout = self.plain_layout, None
            if layout is not None:
                self.restoreState(layout)
            return
        self.plain_layout = self.saveState()
        is_tight = self._store.state.lesson.lesson is None and self._is_tight()
        for panel in PANELS:
            self.docks[panel.name].setVisible(panel.name == "comparison" and not is_tight)
        if is_tight:
            self.column_dock.hide()
        else:
            self.size_table(count)

    def _is_tight(self) -> bool:
        """Whether the window is too small, in its own type, for a comparison with all that stands around it."""
        line = self.fontMetrics().height()
        return self.height() < TIGHT_LINES * line or self.width() < TIGHT_WIDTH * line

    def size_table(self, count: int) -> None:
        """Give the table of a comparison the height of so many rows."""
        line = self.fontMetrics().height()
        height = round(line * (max(7.5, 1.55 * (count + 1) + 1.2) + 2.4))
        height = min(height, round(0.3 * self.height()))
        self.resizeDocks([self.docks["comparison"]], [height], Qt.Orientation.Vertical)

    def _show_fullscreen(self, wanted: bool) -> None:
        if wanted != self.isFullScreen():
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _share_heights(self) -> None:
        """Give docks below each other the heights that their panels need, and of what is left, those they ask for."""
        right = _AREAS["right"]
        docks = [dock for dock in self.docks.values() if dock.isVisible() and self.dockWidgetArea(dock) == right]
        rooms = [(dock, dock.widget()) for dock in docks]
        columns = [(dock, room) for dock, room in rooms if isinstance(room, SideColumn)]
        title = 2 * self.fontMetrics().height()
        needed = [title + room.needed_height() for _, room in columns]
        wanted = [title + room.content.sizeHint().height() for _, room in columns]
        spare = sum(dock.height() for dock, _ in columns) - sum(needed)
        more = [max(1, a - b) if spare > 0 else b for a, b in zip(wanted, needed, strict=True)]
        heights = [round(b + spare * a / max(1, sum(more))) for a, b in zip(more, needed, strict=True)]
        self.resizeDocks([dock for dock, _ in columns], heights, Qt.Orientation.Vertical)

    def _style(self) -> None:
        state = self._store.state
        apply_theme(application(), state.theme, state.font_scale)
        if state.font_scale != self._styled_scale:
            self._styled_scale = state.font_scale
            self.size_docks(self.width())
            if not self._is_restored:  # Larger type needs other shares, once it is laid out.
                QTimer.singleShot(0, self, self._share_heights)

    def _show_chrome(self, shown: bool) -> None:
        if not shown:
            self._full_layout = self.saveState()
        for part in (self.transport, self.statusBar(), self.column_dock, *self.docks.values()):
            part.setVisible(shown)
        if shown:
            self.restoreState(self._full_layout)
