"""LessonBrowser: all lessons as tiles over the window, to be searched and begun."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMargins, QObject, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from reluviz.app.lessons import commands
from reluviz.app.lessons.thumbnails import Request, Thumbnailer
from reluviz.app.lessons.tile import Tile
from reluviz.app.search_sheet import SearchSheet
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.errors import InputError
from reluviz.studio.lesson import Lesson
from reluviz.studio.lesson_file import find_lessons, read_lesson

if TYPE_CHECKING:
    from reluviz.app.window import Window

GAP = 12
NOTHING = "No lesson has these words."


class LessonBrowser(SearchSheet):
    """A tile per lesson, with its picture and whether it was seen to its end."""

    follows = (*SearchSheet.follows, "lesson")
    shade = 0.67

    def __init__(self, store: Store, window: "Window") -> None:
        super().__init__(store, window, "Lessons", "Search titles, questions and texts ...")
        self._taken: Path | None = None
        self.line.setAccessibleName("Search lessons")
        self.open = QPushButton("Open a lesson file \N{HORIZONTAL ELLIPSIS}")
        self.open.setToolTip("Begins a lesson of one's own; a file dropped on the window does as well.")
        self.open.clicked.connect(self._ask_file)
        shut = ToolButton("leave", "Close", "Puts the lessons away (Escape).")
        shut.clicked.connect(self._close)
        self.nothing = QLabel(NOTHING)
        self.nothing.setObjectName("fieldLabel")
        self.tiles = [Tile(lesson) for lesson in known_lessons(store)]
        self._lay_out(shut)
        self.thumbnailer = Thumbnailer(self._show_image)
        for tile in self.tiles:
            tile.clicked.connect(partial(self._take, tile))
            tile.moved.connect(partial(self._move, tile))
        self._style(store.state)
        self._appear()

    def _lay_out(self, shut: QWidget) -> None:
        title = QLabel("Lessons")
        title.setObjectName("lessonTitle")
        head = QHBoxLayout()
        head.setSpacing(10)
        for widget, stretch in ((title, 0), (self.line, 1), (self.open, 0), (shut, 0)):
            head.addWidget(widget, stretch)
        page = QWidget()
        page.setObjectName("lessonPage")
        self._flow = FlowLayout(QMargins(2, 2, 2, 2), GAP, spread=False)
        page.setLayout(self._flow)
        for tile in self.tiles:
            self._flow.addWidget(tile)
        self.area = QScrollArea()
        self.area.setObjectName("lessonArea")
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(page)
        self.area.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.nothing)
        column.addWidget(self.area, 1)

    @property
    def shown(self) -> list[Tile]:
        """The tiles that the search left."""
        return [tile for tile in self.tiles if not tile.isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the search line to the tiles."""
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down and self.shown:
                self.shown[0].setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.shown:
                self._take(self.shown[0])
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape; what is typed beside the search line goes there."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.text().isprintable() and event.text().strip():
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self.line.insert(event.text())

    def event(self, event: QEvent) -> bool:
        """Keep keys from the window's shortcuts while the lessons are shown."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def _finish(self) -> None:
        self.thumbnailer.stop()
        if self._taken is not None:
            commands.begin(self._store, self._taken)

    def _close(self, *_: object) -> None:
        self.end()

    def _ask_file(self, *_: object) -> None:
        self.end()
        commands.ask_lesson(self._store)

    def _take(self, tile: Tile, *_: object) -> None:
        self._taken = tile.lesson.path
        self.end()

    def _move(self, tile: Tile, columns: int, rows: int) -> None:
        """Give the focus to the neighbour of a tile; above the first row stands the search line."""
        shown = self.shown
        across = max(1, sum(other.y() == shown[0].y() for other in shown))
        place = shown.index(tile) + columns + rows * across
        if place < 0 and rows:
            self.line.setFocus(Qt.FocusReason.BacktabFocusReason)
        elif 0 <= place < len(shown):
            shown[place].setFocus(Qt.FocusReason.TabFocusReason)
            self.area.ensureWidgetVisible(shown[place])

    def _search(self, text: str) -> None:
        words = text.lower().split()
        for tile in self.tiles:
            said = words_of(tile.lesson)
            tile.setVisible(all(word in said for word in words))
        self.nothing.setVisible(not self.shown)
        self._flow.invalidate()

    def _show_image(self, name: str, image: QImage) -> None:
        for tile in self.tiles:
            if tile.lesson.name == name:
                tile.show_image(image)

    def _follow(self, old: AppState, new: AppState) -> None:
        if (old.theme, old.font_scale) != (new.theme, new.font_scale) or old.lesson.done != new.lesson.done:
            self._style(new)

    def _style(self, state: AppState) -> None:
        for tile in self.tiles:
            tile.show_state(tile.lesson.name in state.lesson.done, state.theme)
        self._ask_pictures()

    def _ask_pictures(self) -> None:
        if self.tiles:
            size = self.tiles[0].picture_size()
            self.thumbnailer.ask([Request(tile.lesson, self._store.state.theme, *size) for tile in self.tiles])

    def _fit(self) -> None:
        room = self._window.size()
        self.resize(room)
        margin_x, margin_y = round(0.06 * room.width()), round(0.07 * room.height())
        self._card.setGeometry(margin_x, margin_y, room.width() - 2 * margin_x, room.height() - 2 * margin_y)
        bar = self.area.verticalScrollBar().sizeHint().width()
        for tile in self.tiles:
            tile.fit_width(self._card.width() - 28 - 4 - bar - 8, GAP)
        self._flow.invalidate()
        self._ask_pictures()


def known_lessons(store: Store) -> list[Lesson]:
    """Return the lessons that come along, and the one that is open if it is another; a bad file is said."""
    lessons: list[Lesson] = []
    for path in find_lessons():
        try:
            lessons.append(read_lesson(path))
        except InputError as error:
            store.say(str(error), "error")
    current = store.state.lesson.lesson
    if current is not None and current.path not in [lesson.path for lesson in lessons]:
        lessons.append(current)
    return lessons


def words_of(lesson: Lesson) -> str:
    """Return all that a search looks through."""
    return " ".join((lesson.title, lesson.question, *(step.text for step in lesson.steps))).lower()
