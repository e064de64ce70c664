"""The rows of the palette as a list: its model, and how a row is drawn."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reluviz.app.action_set import key_text
from reluviz.app.palette.ranking import Ranked
from reluviz.app.palette.rows import Row
from reluviz.core.palette import PALETTES, Palette

Index = QModelIndex | QPersistentModelIndex
LINE = 2.1  # A row's height in heights of its type.
MOST_KEYS = 2


class Role(IntEnum):
    """What the model holds besides Qt's own."""

    RANKED = Qt.ItemDataRole.UserRole


class RowModel(QAbstractListModel):
    """The rows found, best first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Ranked] = []

    def show_rows(self, rows: Sequence[Ranked]) -> None:
        """Hold other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a row, its title, or what a screen reader says of it."""
        found = self.rows[index.row()]
        if role == Role.RANKED:
            return found
        if role == Qt.ItemDataRole.DisplayRole:
            return found.row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return say_row(found.row)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return found.row.why_not or found.row.help
        return None


def say_row(row: Row) -> str:
    """Return a row in words: title, what it is, whether it is on, its keys."""
    parts = [row.title, row.kind, row.value, "on" if row.checked else "", *(key_text(key) for key in row.keys)]
    return ", ".join(part for part in parts if part) + (". Not now" if row.why_not else "")


class RowDelegate(QStyledItemDelegate):
    """Draws a row: title with the typed letters marked, what it does, and at the right its keys or what it is."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = "dark"

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the same height for all rows."""
        return QSize(100, round(LINE * option.fontMetrics.height()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        found: Ranked = index.data(Role.RANKED)
        row, colors = found.row, PALETTES[self.theme]
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = QColor(colors.ink)
        quiet = ink if chosen and not row.why_not else QColor(colors.muted)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room, unit = QRectF(option.rect), float(option.fontMetrics.height())
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(chosen_color(colors))
            painter.drawRoundedRect(room.adjusted(0, 1, 0, -1), 5, 5)
            painter.setBrush(QColor(colors.accent))  # A bar as well: the choice is not told by a tint alone.
            painter.drawRoundedRect(QRectF(room.left(), room.top() + 5, 3, room.height() - 10), 1.5, 1.5)
        inside = room.adjusted(0.7 * unit, 0, -0.7 * unit, 0)
        right = _draw_keys(painter, option.font, inside, row, colors.border, quiet)
        if row.checked:
            _draw_check(painter, QPointF(inside.left(), inside.center().y()), unit, QColor(colors.accent))
        inside.setLeft(inside.left() + 1.2 * unit)
        inside.setRight(right - 0.8 * unit)
        accent = QColor(colors.accent)
        end = _draw_title(painter, option.font, inside, found, quiet if row.why_not else ink, accent)
        inside.setLeft(end + 0.9 * unit)
        _draw_rest(painter, option.font, inside, row, ink if chosen else quiet, quiet)
        painter.restore()


def _draw_keys(painter: QPainter, font: QFont, room: QRectF, row: Row, border: str, quiet: QColor) -> float:
    """Draw the keys as caps, or what the row is; return where that begins."""
    small = QFont(font)
    small.setPixelSize(max(6, round(0.88 * font.pixelSize())))
    metrics = QFontMetrics(small)
    painter.setFont(small)
    right = room.right()
    if not row.keys:
        begin = right - metrics.horizontalAdvance(row.kind)
        painter.setPen(quiet)
        painter.drawText(QRectF(begin, room.top(), right - begin + 1, room.height()), _CENTERED, row.kind)
        return begin
    for key in reversed(row.keys[:MOST_KEYS]):
        text = key_text(key)
        width = max(metrics.horizontalAdvance(text), metrics.height() * 0.6) + 0.8 * metrics.height()
        cap = QRectF(right - width, room.center().y() - 0.72 * metrics.height(), width, 1.44 * metrics.height())
        painter.setPen(QPen(QColor(border).lighter(130) if border else quiet, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cap, 4, 4)
        painter.setPen(quiet)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, text)
        right -= width + 0.35 * metrics.height()
    return right


_CENTERED = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


def _draw_title(painter: QPainter, font: QFont, room: QRectF, found: Ranked, ink: QColor, accent: QColor) -> float:
    """Draw the title, the typed letters in another colour and underlined; return where it ends."""
    painter.setFont(font)
    metrics = QFontMetrics(font)
    title = metrics.elidedText(found.row.title, Qt.TextElideMode.ElideRight, round(room.width()))
    x, base = room.left(), room.center().y() + (metrics.ascent() - metrics.descent()) / 2
    marked = set(found.places)
    begin = 0
    while begin < len(title):
        end = begin + 1
        while end < len(title) and (end in marked) == (begin in marked):
            end += 1
        part = title[begin:end]
        width = metrics.horizontalAdvance(part)
        painter.setPen(accent if begin in marked else ink)
        painter.drawText(QPointF(x, base), part)
        if begin in marked:
            painter.setPen(QPen(accent, 1.2))
            painter.drawLine(QPointF(x, base + 2.5), QPointF(x + width, base + 2.5))
        x += width
        begin = end
    return x


def _draw_rest(painter: QPainter, font: QFont, room: QRectF, row: Row, ink: QColor, quiet: QColor) -> None:
    """Draw what holds now, and what the row does as far as there is room."""
    metrics = QFontMetrics(font)
    if row.value and room.width() > metrics.averageCharWidth() * 4:
        value = metrics.elidedText(row.value, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.setPen(ink)
        painter.drawText(room, _CENTERED, value)
        room.setLeft(room.left() + metrics.horizontalAdvance(value) + metrics.averageCharWidth() * 2)
    if room.width() > metrics.averageCharWidth() * 14:
        painter.setPen(quiet)
        text = row.why_not or row.help
        painter.drawText(room, _CENTERED, metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(room.width())))


def _draw_check(painter: QPainter, left: QPointF, unit: float, color: QColor) -> None:
    painter.setPen(QPen(color, max(1.5, 0.12 * unit), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    points = [(0.05, 0.02), (0.27, 0.26), (0.68, -0.26)]
    painter.drawPolyline(QPolygonF([left + QPointF(x * unit, y * unit) for x, y in points]))


def chosen_color(colors: Palette) -> QColor:
    """Return what lies under the chosen row: a little of the accent, so little that text on it keeps its contrast."""
    share = 0.22 if colors.is_dark else 0.09
    a, b = QColor(colors.surface), QColor(colors.accent)
    parts = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(x + (y - x) * share) for x, y in parts))
