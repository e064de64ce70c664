"""AudienceWindow: what the room sees on the second screen: pictures, ink, large figures, the lesson's words."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from reluviz.app.compare.pane_header import paint_badge
from reluviz.app.icons import app_icon
from reluviz.app.lecture.audience_canvas import AudienceCanvas
from reluviz.app.lecture.audience_words import large_figures, lesson_words, pane_titles
from reluviz.app.lecture.counters import Counters
from reluviz.app.lecture.glass import Glass
from reluviz.app.lecture.places import PLANE, Part, canvas_part
from reluviz.app.lecture.state import Spot, seen_by_audience
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.core.palette import PALETTES

COLUMN = 0.3
"""Share of the width that words and figures take beside the picture."""
MARGIN = 0.018
"""Of the shorter side, around everything."""
TEXT, SMALLEST_TEXT = 0.042, 0.02
"""Size of the lesson's words as a share of the height, and the least that a long step goes down to."""
HEADING = 0.72
CELL_GAP = 10
FOLLOWED = ("lecture", "lesson", "setup", "panes", "view", "theme", "font_scale", "snapshot", "picture")


class AudiencePlaces:
    """The audience's window knows its canvases alone."""

    def __init__(self, window: "AudienceWindow") -> None:
        self._window = window

    def part(self, name: str) -> Part | None:
        """Return a canvas by its name, None for what only the lecturer sees."""
        number = int(name.removeprefix(PLANE)) if name.startswith(PLANE) else len(self._window.canvases)
        return canvas_part(self._window.canvases[number], self._window) if number < len(self._window.canvases) else None

    def spot(self, position: QPointF) -> Spot:
        """Return a place of the window itself: nothing is drawn here."""
        return Spot("window", (position.x(), position.y()))


class AudienceWindow(QWidget):
    """A window without menus that follows the state and takes no commands; Escape and a double click resize it."""

    left = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._store = store
        self.setWindowTitle("Audience")
        self.setWindowIcon(app_icon())
        self.setAccessibleName("Audience")
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 200)
        self.canvases: list[AudienceCanvas] = []
        self.figures: list[Counters] = []
        self._titles: tuple[str, ...] = ()
        self._heads: list[QRect] = []
        self._words = ("", "")
        self._words_at = QRect()
        self._is_leaving = False
        self.glass = Glass(store, self, AudiencePlaces(self), is_read_only=True)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._place)
        self._make_canvases()
        self._restyle(store.state)
        store.on(*FOLLOWED).connect(self._follow)

    def retire(self) -> None:
        """Close and hear of no more changes."""
        self._is_leaving = True
        self._store.on(*FOLLOWED).disconnect(self._follow)
        for canvas in self.canvases:
            canvas.retire()
        self.glass.retire()
        self.close()
        self.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that a person closed this window."""
        super().closeEvent(event)
        if not self._is_leaving:
            self.left.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out at the size that the screen gives."""
        super().showEvent(event)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the picture again where it is black; Escape leaves the full screen."""
        lecture = self._store.state.lecture
        if lecture.is_dark:
            self._lighten()
        elif event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.showNormal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the picture again where it is black."""
        if self._store.state.lecture.is_dark:
            self._lighten()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, the panes' names and the lesson's words; black where that is wanted."""
        painter = QPainter(self)
        state = self._store.state
        palette = PALETTES[seen_by_audience(state).theme]
        if state.lecture.is_dark:
            painter.fillRect(event.rect(), Qt.GlobalColor.black)
            painter.end()
            return
        painter.fillRect(event.rect(), QColor(palette.canvas))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for number, (rect, title) in enumerate(zip(self._heads, self._titles, strict=False), 1):
            size = round(0.62 * rect.height())
            end = paint_badge(painter, number, palette, QRectF(rect.x(), rect.y(), 0.8 * rect.height(), rect.height()))
            painter.setFont(_sized(size, QFont.Weight.DemiBold))
            painter.setPen(QColor(palette.ink))
            room = QRectF(end + 0.4 * size, rect.y(), rect.right() - end - 0.4 * size, rect.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        if self._words[1]:
            self._paint_words(painter)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        palette = PALETTES[seen_by_audience(self._store.state).theme]
        flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop)
        size = fitting_size(self._words, self._words_at.size(), self.height())
        head, body = _sized(round(HEADING * size), QFont.Weight.DemiBold), _sized(size)
        painter.setFont(head)
        painter.setPen(QColor(palette.accent))
        high = QFontMetrics(head).boundingRect(self._words_at, flags, self._words[0]).height()
        painter.drawText(self._words_at, flags, self._words[0])
        painter.setFont(body)
        painter.setPen(QColor(palette.ink))
        painter.drawText(self._words_at.adjusted(0, high + size // 2, 0, 0), flags, self._words[1])

    def _lighten(self) -> None:
        from reluviz.app.lecture import commands

        commands.toggle_dark(self._store)

    def _follow(self, old: AppState, new: AppState) -> None:
        was, seen = seen_by_audience(old), seen_by_audience(new)
        if len(seen.panes or (1,)) != len(self.canvases):
            self._make_canvases()
        if (seen.theme, seen.font_scale) != (was.theme, was.font_scale):
            self._restyle(new)
        one, other = old.lecture, new.lecture
        if one.is_dark != other.is_dark:
            self._darken(other.is_dark)
        laid_out = (was.view.width, was.view.height, pane_titles(was), lesson_words(was), one.counters, one.figures)
        now = (seen.view.width, seen.view.height, pane_titles(seen), lesson_words(seen), other.counters, other.figures)
        if laid_out != now:
            self._settle.start()
        elif other.counters and (was.snapshot is not seen.snapshot or was.picture is not seen.picture):
            self._show_figures()

    def _make_canvases(self) -> None:
        for canvas in self.canvases:
            canvas.retire()
            canvas.hide()
            canvas.deleteLater()
        for counters in self.figures:
            counters.hide()
            counters.deleteLater()
        self.figures = []
        seen = seen_by_audience(self._store.state)
        self.canvases = [AudienceCanvas(self._store, index) for index in range(max(1, len(seen.panes)))]
        for canvas in self.canvases:
            canvas.setParent(self)
            canvas.show()
        self.glass.raise_()
        self._settle.start()

    def _restyle(self, state: AppState) -> None:
        self._settle.start()
        self.update()

    def _darken(self, dark: bool) -> None:
        self.setCursor(Qt.CursorShape.BlankCursor if dark else Qt.CursorShape.ArrowCursor)
        self._place()
        self.update()

    def _place(self) -> None:
        """Lay out: pictures as large as their shape allows, words and figures in a column beside them."""
        state = self._store.state
        seen = seen_by_audience(state)
        dark = state.lecture.is_dark
        self._titles, self._words = pane_titles(seen), lesson_words(seen)
        gap = round(MARGIN * min(self.width(), self.height()))
        room = self.rect().adjusted(gap, gap, -gap, -gap)
        alone = len(self.canvases) == 1
        has_column = bool(self._words[1]) or (state.lecture.counters and alone)
        column = QRect()
        if has_column:
            wide = round(COLUMN * self.width())
            column = QRect(room.right() - wide + 1, room.y(), wide, room.height())
            room.setRight(column.left() - 2 * gap)
        head = 0 if alone else round(0.055 * self.height())
        xmin, xmax, ymin, ymax = seen.view.bounds
        aspect = (xmax - xmin) / (ymax - ymin)
        cells = cells_for(room.size(), len(self.canvases), head, aspect)
        self._heads = []
        for cell, canvas in zip(cells, self.canvases, strict=True):
            spot = fitted(cell.translated(room.topLeft()).adjusted(0, head, 0, 0), aspect)
            if has_column and alone:  # No empty strip between the picture and what is said of it.
                spot.moveLeft(room.x() + max(0, (room.width() - spot.width()) // 2))
            wide = max(spot.width(), cell.width() - (spot.x() - room.x() - cell.x()))
            self._heads.append(QRect(spot.x(), spot.y() - head, wide, head) if head else QRect())
            canvas.setGeometry(spot)
            canvas.setVisible(not dark)
            canvas.resized()
        self._place_column(column, gap)
        self.glass.setVisible(not dark and not self.glass.isHidden())
        self.glass.refresh()
        self.update()

    def _place_column(self, column: QRect, gap: int) -> None:
        state = self._store.state
        texts = large_figures(state)
        alone = len(self.canvases) == 1
        while len(self.figures) < len(texts):
            self.figures.append(Counters(self, is_column=alone))
            self.glass.raise_()
        for index, counters in enumerate(self.figures):
            counters.setVisible(index < len(texts) and not state.lecture.is_dark)
        self._figures_room = column.size() if alone else QSize()
        if self._words[1] and texts and alone:
            self._figures_room = QSize(column.width(), round(0.45 * column.height()))
        self._show_figures()
        top = column.y()
        if texts and alone:
            self.figures[0].move(column.x(), column.y())
            top += self.figures[0].height() + 3 * gap
        elif texts:
            for canvas, counters in zip(self.canvases, self.figures, strict=False):
                place = canvas.geometry()
                counters.move(place.x() + gap, place.bottom() - counters.height() - gap)
        self._words_at = QRect(column.x(), top, column.width(), max(1, column.bottom() - top))

    def _show_figures(self) -> None:
        seen = seen_by_audience(self._store.state)
        texts = large_figures(self._store.state)
        for canvas, counters, known in zip(self.canvases, self.figures, texts, strict=False):
            room = self._figures_room if len(self.canvases) == 1 else canvas.size()
            counters.show_figures(known, seen.theme, room)


def cells_for(room: QSize, count: int, head: int, aspect: float) -> list[QRect]:
    """Return one cell per picture in reading order, in as many columns as make pictures of an aspect largest."""

    def cell(columns: int) -> QSize:
        rows = -(-count // columns)
        return QSize(
            (room.width() - CELL_GAP * (columns - 1)) // columns, (room.height() - CELL_GAP * (rows - 1)) // rows
        )

    def picture_height(columns: int) -> float:
        size = cell(columns)
        return min(size.height() - head, size.width() / aspect)

    columns = max(range(1, count + 1), key=picture_height)
    size = cell(columns)
    return [
        QRect(i % columns * (size.width() + CELL_GAP), i // columns * (size.height() + CELL_GAP), *size.toTuple())
        for i in range(count)
    ]


def fitted(room: QRect, aspect: float) -> QRect:
    """Return the largest rectangle of an aspect in the middle of a room."""
    width = min(room.width(), round(room.height() * aspect))
    height = min(room.height(), round(room.width() / aspect))
    return QRect(room.x() + (room.width() - width) // 2, room.y() + (room.height() - height) // 2, width, height)


def fitting_size(words: tuple[str, str], room: QSize, height: int) -> int:
    """Return the size of type, in pixels, in which a heading and its text fit a room."""
    flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
    size = round(TEXT * height)
    while size > max(10, SMALLEST_TEXT * height):
        fonts = (_sized(round(HEADING * size), QFont.Weight.DemiBold), _sized(size))
        space = QRect(0, 0, room.width(), 10 * height)
        needs = [
            QFontMetrics(f).boundingRect(space, flags, text).height() for f, text in zip(fonts, words, strict=True)
        ]
        if sum(needs) + size // 2 <= room.height():
            break
        size -= 1
    return size


def _sized(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = make_font(1.0, weight)
    font.setPixelSize(max(8, pixels))
    return font
