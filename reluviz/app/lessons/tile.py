"""Tile: one lesson in the browser: its picture, number, title and question."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton

from reluviz.app.lessons.check_mark import paint_tick, passed_color
from reluviz.core.palette import PALETTES
from reluviz.studio.lesson import Lesson

WIDTH, PICTURE, LINES = 16.5, 0.58, 3  # In heights of type; of the width; of the question.


class Tile(QAbstractButton):
    """`moved(columns, rows)` asks for the neighbour that an arrow key goes to."""

    moved = Signal(int, int)

    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self.lesson = lesson
        self._image: QImage | None = None
        self._done, self._theme = False, "dark"
        self._wide = 0
        number = lesson.name.partition("-")[0]
        self._number = str(int(number)) if number.isdigit() else ""
        self.setText(lesson.title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(f"{lesson.question} {len(lesson.steps)} steps, some {lesson.minutes:g} minutes.")

    def show_state(self, done: bool, theme: str) -> None:
        """Show whether the lesson was seen to its end, in a theme's colours."""
        self._done, self._theme = done, theme
        self.setAccessibleName(f"Lesson {self._number} {self.lesson.title}{', seen to its end' if done else ''}")
        self.setAccessibleDescription(self.lesson.question)
        self.update()

    def show_image(self, image: QImage) -> None:
        """Show the lesson's picture."""
        self._image = image
        self.update()

    def fit_width(self, room: int, gap: int) -> None:
        """Be as wide as lets whole tiles fill a row of `room` pixels."""
        usual = round(WIDTH * self.fontMetrics().height())
        across = max(1, (room + gap) // (usual + gap))
        self._wide = (room - gap * (across - 1)) // across
        self.updateGeometry()

    def picture_size(self) -> tuple[int, int]:
        """Return the picture's size in device pixels."""
        width = self.sizeHint().width() * self.devicePixelRatioF()
        return round(width), round(width * PICTURE)

    def sizeHint(self) -> QSize:
        """Return a size that follows the type."""
        line = self.fontMetrics().height()
        width = self._wide or round(WIDTH * line)
        return QSize(width, round(PICTURE * width + (1.9 + LINES) * line + 10))

    minimumSizeHint = sizeHint

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a neighbour with the arrows, open with Return."""
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if event.key() in steps:
            self.moved.emit(*steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tile."""
        colors, line = PALETTES[self._theme], self.fontMetrics().height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(box, 8, 8)
        painter.fillPath(shape, QColor(colors.raised))
        picture = QRectF(box.left(), box.top(), box.width(), PICTURE * box.width())
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(picture, QColor(colors.canvas))
        if self._image is not None:
            painter.drawImage(picture, self._image)
        painter.restore()
        hot = self.underMouse() or self.hasFocus()
        painter.setPen(QPen(QColor(colors.accent if hot else colors.border), 2.2 if hot else 1.2))
        painter.drawPath(shape)
        if self._done:
            side = 1.5 * line
            paint_tick(painter, QRectF(box.right() - side - 6, box.top() + 6, side, side), passed_color(colors))
        self._paint_words(painter, box.adjusted(9, PICTURE * box.width() + 0.4 * line, -9, -4))
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        colors, line = PALETTES[self._theme], self.fontMetrics().height()
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        left = room.left()
        if self._number:
            painter.setPen(QColor(colors.accent))
            painter.drawText(QPointF(left, room.top() + 0.85 * line), self._number)
            left += painter.fontMetrics().horizontalAdvance(self._number) + 0.5 * line
        painter.setPen(QColor(colors.ink))
        title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(room.right() - left))
        painter.drawText(QPointF(left, room.top() + 0.85 * line), title)
        painter.setFont(self.font())
        painter.setPen(QColor(colors.muted))
        top = room.top() + 1.35 * line
        for text in self._lines(round(room.width())):
            painter.drawText(QPointF(room.left(), top + 0.8 * line), text)
            top += line

    def _lines(self, width: int) -> list[str]:
        """Return the question on at most LINES lines, its end left out where it is longer."""
        layout = QTextLayout(self.lesson.question, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        layout.beginLayout()
        starts: list[tuple[int, int]] = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            starts.append((line.textStart(), line.textLength()))
        layout.endLayout()
        texts = [self.lesson.question[start : start + length].rstrip() for start, length in starts]
        if len(texts) > LINES:
            rest = self.lesson.question[starts[LINES - 1][0] :]
            texts = [*texts[: LINES - 1], self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, width)]
        return texts
