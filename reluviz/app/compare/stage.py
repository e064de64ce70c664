"""Stage: the middle of the window: the canvas, or what is compared, under the bar that sets it up."""

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.compare.bar import CompareBar
from reluviz.app.compare.grid import PaneGrid
from reluviz.app.state import AppState
from reluviz.app.store import Store


class Stage(QWidget):
    """Shows `canvas` alone until something is compared; bar and grid are made when first needed."""

    def __init__(self, store: Store, canvas: CanvasWidget) -> None:
        super().__init__()
        self._store, self.canvas = store, canvas
        self.bar: CompareBar | None = None
        self.grid: PaneGrid | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._layers = QStackedLayout()
        self._column.addLayout(self._layers, 1)
        self._layers.addWidget(canvas)  # Shown at once: without a place by then it flashes up as a window of its own.
        store.on("setup", "panes", "chrome", "lesson").connect(self._follow)
        self._show(store.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        if (
            (new.setup is None) != (old.setup is None)
            or len(new.panes) != len(old.panes)
            or new.chrome != old.chrome
            or told_by_lesson(new) != told_by_lesson(old)
        ):
            self._show(new)

    def _show(self, state: AppState) -> None:
        if state.setup is not None and self.bar is None and not told_by_lesson(state):
            self.bar = CompareBar(self._store)
            self._column.insertWidget(0, self.bar)
        if self.bar is not None:
            was_hidden = self.bar.isHidden()
            shown = (state.chrome or not state.panes) and not told_by_lesson(state)
            self.bar.setVisible(state.setup is not None and shown)
            if was_hidden and not self.bar.isHidden() and not state.panes:
                self.bar.start.setFocus()
        self._show_grid(state)

    def _show_grid(self, state: AppState) -> None:
        if self.grid is not None and len(self.grid.canvases) != len(state.panes):
            old, self.grid = self.grid, None
            self._layers.removeWidget(old)
            old.close_canvases()
            old.deleteLater()
        if state.panes and self.grid is None:
            self.grid = PaneGrid(self._store, len(state.panes))
            self._layers.addWidget(self.grid)
        shown = self.grid or self.canvas
        if self._layers.currentWidget() is not shown:
            self._layers.setCurrentWidget(shown)
            shown.setFocus()


def told_by_lesson(state: AppState) -> bool:
    """Whether a lesson's step compares, and says what: then the panes need the bar's room."""
    step = state.lesson.current
    return step is not None and bool(state.panes) and state.setup == step.stage.compare
