"""PaneGrid: the panes' canvases side by side, all of one size, so that one view serves them all."""

from functools import partial

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from reluviz.app.compare.pane_canvas import PaneCanvas
from reluviz.app.compare.pane_header import PaneHeader
from reluviz.app.comparing import promote
from reluviz.app.pane_words import pane_title, say_pane
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.experiment import SETTINGS
from reluviz.core.palette import PALETTES

GAP = 8
BROAD = 0.8
FOLLOWED = ("theme", "font_scale", "panes", "probe", "chrome")
REFRESH_MS = 120  # Faster than eight times a second, a number is a flicker.


class PaneGrid(QWidget):
    """One header and one canvas per pane, in as many columns as make the canvases largest."""

    def __init__(self, store: Store, count: int) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Compared experiments")
        self.headers = [PaneHeader(index + 1) for index in range(count)]
        self.canvases = [PaneCanvas(store, index) for index in range(count)]
        for index, (header, canvas) in enumerate(zip(self.headers, self.canvases, strict=True)):
            header.setParent(self)
            canvas.setParent(self)
            header.keep.clicked.connect(partial(self._keep, index))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._restyle(store.state)
        self._refresh()
        store.on(*FOLLOWED).connect(self._follow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out in whole pixels."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what lies between the panes; a palette's colour would be the old theme's once the style is new."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._background)
        painter.end()

    def close_canvases(self) -> None:
        """Hear of no more changes: other panes are to be shown."""
        self._timer.stop()
        self._store.on(*FOLLOWED).disconnect(self._follow)
        for canvas in self.canvases:
            canvas.retire()

    def _place(self) -> None:
        head = self.headers[0].height()
        cells = share_out(self.width(), self.height(), len(self.headers), head)
        # The first canvas tells the state its size: the others must have it by then.
        for cell, header, canvas in reversed(list(zip(cells, self.headers, self.canvases, strict=True))):
            header.setGeometry(cell.x(), cell.y(), cell.width(), head)
            canvas.setGeometry(cell.x(), cell.y() + head, cell.width(), cell.height() - head)

    def _follow(self, old: AppState, new: AppState) -> None:
        if (new.theme, new.font_scale) != (old.theme, old.font_scale):
            self._restyle(new)
            self._place()
        moved = new.panes is not old.panes or new.probe != old.probe or new.chrome != old.chrome
        if moved and not self._timer.isActive():
            self._timer.start()

    def _restyle(self, state: AppState) -> None:
        palette = PALETTES[state.theme]
        self._background = QColor(palette.background)
        self.update()
        for header in self.headers:
            header.style_as(palette, state.font_scale)

    def _refresh(self) -> None:
        state = self._store.state
        if state.setup is None or len(state.panes) != len(self.headers):
            return
        field = state.setup.field
        # Alone on the screen, without the bar that names the field, a bare number says nothing.
        named = "" if state.chrome or field == "activation" else f"{SETTINGS[field].label} "
        for header, pane in zip(self.headers, state.panes, strict=True):
            header.show_texts(named + pane_title(field, pane.experiment), *say_pane(pane, state.probe))

    def _keep(self, index: int, _checked: bool = False) -> None:
        self._store.apply(promote, index=index)


def share_out(width: int, height: int, count: int, head: int) -> list[QRect]:
    """Return `count` cells of one size in reading order: as many columns as make the shorter side largest.

    A last row that is not full stands in the middle.
    """

    def size(columns: int) -> tuple[int, int]:
        rows = -(-count // columns)
        return (width - GAP * (columns - 1)) // columns, (height - GAP * (rows - 1)) // rows

    def short_side(columns: int) -> float:
        wide, high = size(columns)
        # Broad cells have room for what their header says; where sides are equal, fewer empty cells.
        return min(BROAD * wide, high - head) - 0.5 * (columns * -(-count // columns) - count)

    columns = max(range(1, count + 1), key=short_side)
    wide, high = size(columns)
    free = -count % columns * (wide + GAP) // 2
    last = count - columns + -count % columns  # The first cell of the last row.
    return [
        QRect(
            index % columns * (wide + GAP) + (free if index >= last else 0), index // columns * (high + GAP), wide, high
        )
        for index in range(count)
    ]
