"""LessonStage: gives the main window the lesson's card, brings up each step's panels and watches the lesson's file."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QTabWidget, QWidget

from reluviz.app.forms import control_of
from reluviz.app.lessons import commands
from reluviz.app.lessons.pointing import Outline, panels_of, target_of
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.field import Field
from reluviz.studio.lesson import Step

if TYPE_CHECKING:
    from reluviz.app.lessons.card import LessonCard
    from reluviz.app.lessons.measuring import Measuring
    from reluviz.app.window import Window

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
WIDTH_SHARE, LEAST, MOST = 0.17, 250, 400  # What beside a panel leaves the canvas its room; in pixels of plain type.
LARGEST_SHARE = 0.36  # Of the window, for large type.
SETTLE_MS = 250  # Editors write a file in several goes.


@dataclass(frozen=True)
class Layout:
    """How docks lay before a lesson; `plain` is how they lay before a comparison, None where there was none."""

    docks: QByteArray
    plain: QByteArray | None


class LessonStage(QObject):
    """Follows `state.lesson`. The card shares the column on the left with the settings, as two tabs."""

    def __init__(self, store: Store, window: "Window") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.dock = QDockWidget("Lesson", window)
        self.dock.setObjectName("lesson")
        self.dock.setTitleBarWidget(QWidget())
        window.setTabPosition(LEFT, QTabWidget.TabPosition.North)
        window.addDockWidget(LEFT, self.dock)
        window.tabifyDockWidget(window.column_dock, self.dock)
        self.dock.hide()
        self.card: LessonCard | None = None
        self.measuring: Measuring | None = None
        self.outline = Outline(window)
        self._layout: Layout | None = None
        self._is_open = False
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._read_again)
        self._watcher.fileChanged.connect(self._note_change)
        window.closed.connect(self._end)
        store.on("lesson", "theme", "font_scale", "chrome").connect(self._follow)
        if store.state.lesson.lesson is not None:
            self._open(store.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        opened = new.lesson
        if opened is old.lesson:
            if opened.lesson is not None and (old.font_scale, old.theme) != (new.font_scale, new.theme):
                QTimer.singleShot(0, self, self._size)
            if opened.lesson is not None and new.chrome and not old.chrome:
                self._set_up(new)  # What steps asked for while everything was hidden.
            return
        if opened.lesson is None:
            if old.lesson.lesson is not None:
                self._close(new)
            return
        if not self._is_open:
            self._open(new)
        elif opened.entered != old.lesson.entered:
            self._set_up(new)
        if opened.lesson is not old.lesson.lesson:
            self._watch(new)
        if opened.pointed != old.lesson.pointed:
            self._point(new)

    def remember(self, _state: AppState) -> None:
        """Keep the layout that comes back when the lesson is left."""
        self._layout = Layout(self._window.saveState(), self._window.plain_layout)

    def _open(self, state: AppState) -> None:
        """Show the card."""
        if self._layout is None:
            self.remember(state)
        self._is_open = True
        if self.card is None:
            from reluviz.app.lessons.card import LessonCard  # With the checks, 0.2 s: when first needed.
            from reluviz.app.lessons.measuring import Measuring

            self.card = LessonCard(self._store)
            self.dock.setWidget(self.card)
            self.measuring = Measuring(self._store, self)
        self.dock.show()
        self.dock.raise_()
        self._size()
        QTimer.singleShot(0, self, self._size)  # Again once it is laid out: at first Qt gives it its hint.
        self._watch(state)
        self._set_up(state)

    def _close(self, state: AppState) -> None:
        """Hide the card, and lay out the window as it was."""
        self._unwatch()
        self.outline.hide()
        kept, self._layout, self._is_open = self._layout, None, False
        if kept is not None:
            self._window.restoreState(kept.docks)
            if state.panes:
                self._window.plain_layout = kept.plain
        self.dock.hide()
        self._window.size_docks(self._window.width())

    def _size(self) -> None:
        scale = self._store.state.font_scale
        least = LEAST * scale if scale > 1.0 else 0.0  # At 100 % the canvas keeps its 60 % of a small window.
        width = round(min(MOST * scale, max(least, WIDTH_SHARE * self._window.width())))
        self._window.resizeDocks(
            [self.dock], [min(width, round(LARGEST_SHARE * self._window.width()))], Qt.Orientation.Horizontal
        )

    def _set_up(self, state: AppState) -> None:
        step = state.lesson.current
        if step is None:
            return
        if state.chrome:
            self._show_panels(step)
        else:
            for dock in self._window.docks.values():
                dock.hide()
        self.dock.raise_()
        self.outline.hide()

    def _show_panels(self, step: Step) -> None:
        """Show the step's panels and no others, so that the canvas keeps its room."""
        stage = step.stage
        docks = self._window.docks
        wanted = list(panels_of(step))
        if stage.compare is not None and not wanted:
            wanted = ["comparison"]
        if stage.hero and stage.hero not in wanted:
            wanted.append(stage.hero)
        for name, dock in docks.items():
            if dock.isHidden() == (name in wanted):
                dock.setVisible(name in wanted)
        for name in reversed(wanted):
            if name in docks and name != "comparison":
                self._window.present(name)
        if "comparison" in wanted:
            # Asked for once the panels of the step before are gone.
            QTimer.singleShot(0, self, partial(self._window.size_table, len(stage.experiments)))

    def _point(self, state: AppState) -> None:
        """Bring what the step's hint names to the front, and outline it."""
        step = state.lesson.current
        if step is None:
            return
        kind, name = target_of(step)
        widget: QWidget = self._window.stage
        if kind == "panel" and name in self._window.docks:
            dock = self._window.docks[name]
            dock.show()
            dock.raise_()
            widget = dock
        elif kind == "control":
            self._window.column_dock.show()
            self._window.column_dock.raise_()
            self._store.update(wanted_control=name)
            control = control_of(name)
            widget = self._window.column.findChild(Field, control) or self._window.column_dock
        QTimer.singleShot(60, self, partial(self.outline.surround, widget, state.theme))

    def _watch(self, state: AppState) -> None:
        self._unwatch()
        lesson = state.lesson.lesson
        if lesson is not None and lesson.path is not None and lesson.path.is_file():
            self._watcher.addPath(str(lesson.path))

    def _unwatch(self) -> None:
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())

    def _note_change(self, _path: str) -> None:
        self._settle.start()

    def _read_again(self) -> None:
        lesson = self._store.state.lesson.lesson
        if lesson is None or lesson.path is None or not lesson.path.is_file():
            return
        commands.read_again(self._store)
        self._watch(self._store.state)  # Many editors put a new file in the old one's place.

    def _end(self) -> None:
        self._unwatch()
        if self.measuring is not None:
            self.measuring.stop()
