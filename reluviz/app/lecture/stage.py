"""LectureStage: gives the main window its glass, figures, notice, bar of inks, black-out and the audience's window."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer
from PySide6.QtWidgets import QMenu

from reluviz.app.lecture.audience import AudienceWindow
from reluviz.app.lecture.audience_words import large_figures
from reluviz.app.lecture.blackout import Blackout
from reluviz.app.lecture.counters import Counters
from reluviz.app.lecture.glass import Glass
from reluviz.app.lecture.hiding import Hiding
from reluviz.app.lecture.ink_bar import InkBar
from reluviz.app.lecture.notice import Notice
from reluviz.app.lecture.places import WindowPlaces, canvas_part
from reluviz.app.lecture.screens import Screens
from reluviz.app.lecture.state import follow_commands, open_audience
from reluviz.app.state import AppState
from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.window import Window

GAP = 12
FOLLOWED = ("lecture", "chrome", "panes", "hero", "theme", "font_scale", "message", "until")


class LectureStage(QObject):
    """Follows `state.lecture`. What floats over the window lies in this order: figures, glass, notice, bar, black."""

    def __init__(self, store: Store, window: "Window") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.places = WindowPlaces(window)
        self.figures: list[Counters] = []
        self.glass = Glass(store, window, self.places)
        self.notice = Notice(window)
        self.ink_bar = InkBar(store, window.actions_of, window)
        self.ink_bar.hide()
        self.blackout = Blackout(store, window)
        self.hiding = Hiding(store, window)
        hidden = QMenu("Hidden in this scene", window)
        hidden.aboutToShow.connect(partial(self.hiding.fill_list, hidden))
        window.lecture_menu.addMenu(hidden)
        self.audience: AudienceWindow | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._place)
        window.installEventFilter(self)
        window.closed.connect(self._close)
        self._show(store.state)
        store.on(*FOLLOWED, "view", "run").connect(self._follow)
        store.on("snapshot", "picture").connect(self._follow_figures)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lay out anew with the window."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._settle.start()
        return False

    def _follow(self, old: AppState, new: AppState) -> None:
        followed = follow_commands(old, new)
        if followed is not new:
            self._store.apply(follow_commands_of, old=old)
            return
        sizes = (old.view.width, old.view.height) != (new.view.width, new.view.height)
        if sizes or any(getattr(old, name) is not getattr(new, name) for name in FOLLOWED):
            self._show(new)

    def _follow_figures(self, _old: AppState, new: AppState) -> None:
        if new.lecture.counters:
            self._show_figures(new)

    def _show(self, state: AppState) -> None:
        lecture = state.lecture
        if lecture.audience != (self.audience is not None):
            self._show_audience(lecture.audience)
        self.blackout.show_dark(lecture.is_dark and not lecture.audience)
        self.ink_bar.setVisible(bool(lecture.tool) and state.chrome)
        self._settle.start()

    def _show_audience(self, wanted: bool) -> None:
        if wanted:
            self.audience = AudienceWindow(self._store)
            self.audience.left.connect(self._leave)
            Screens(self.audience, self._window).place()
            if self._store.state.chrome:
                self._window.present("lecturer")
        elif self.audience is not None:
            audience, self.audience = self.audience, None
            audience.retire()

    def _leave(self) -> None:
        self._store.apply(open_audience, wanted=False)

    def _close(self) -> None:
        """End with the window."""
        self._leave()
        self._store.update(lecture=self._store.state.lecture)
        self.blackout.show_dark(False)

    def _place(self) -> None:
        """Put everything where the canvas is now."""
        state = self._store.state
        self._show_figures(state)
        part = canvas_part(self.places.canvases[0], self._window)
        stage = self._window.stage
        area = QRect(stage.mapTo(self._window, QPoint(0, 0)), stage.size())
        if not stage.isVisible() or area.width() < 40:
            area = self._window.rect()
        top = round(part.rect.top()) if part is not None and not state.panes else area.top()
        if state.chrome and not state.panes:
            top += round(2.6 * self._window.fontMetrics().height())  # Below the picture's title and the tools.
        self.notice.show_state(state, max(120, area.width() - 4 * GAP))
        self.notice.move(area.center().x() - self.notice.width() // 2, top + GAP)
        self.ink_bar.adjustSize()
        left = max(0, min(area.center().x() - self.ink_bar.width() // 2, self._window.width() - self.ink_bar.width()))
        shown = [counters for counters in self.figures if not counters.isHidden()]
        bottom = shown[0].y() if shown and not state.panes else area.bottom() - 2 * GAP
        self.ink_bar.move(left, bottom - self.ink_bar.height() - GAP)
        for layer in (*self.figures, self.glass, self.notice, self.ink_bar):
            layer.raise_()
        if self.blackout.isVisible():
            self.blackout.raise_()
        self.glass.refresh()

    def _show_figures(self, state: AppState) -> None:
        texts = large_figures(state) if not state.lecture.audience else ()
        while len(self.figures) < len(texts):
            self.figures.append(Counters(self._window))
            self._settle.start()  # It is put in its layer there.
        canvases = self.places.canvases
        for index, counters in enumerate(self.figures):
            part = canvas_part(canvases[index], self._window) if index < min(len(texts), len(canvases)) else None
            counters.setVisible(part is not None)
            if part is not None:
                counters.show_figures(texts[index], state.theme, part.rect.size().toSize())
                corner = part.rect.bottomLeft().toPoint()
                counters.move(corner.x() + GAP, corner.y() - counters.height() - GAP)


def follow_commands_of(state: AppState, old: AppState) -> AppState:
    """Return the newest state, moving again where the step from `old` to it asks for that."""
    return follow_commands(old, state)
