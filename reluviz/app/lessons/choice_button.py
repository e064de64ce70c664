"""ChoiceButton: one answer that an audience can give, as many lines of text as it needs."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from reluviz.app.lessons.check_mark import paint_cross, paint_tick
from reluviz.core.palette import PALETTES

FLAGS = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)


class ChoiceButton(QAbstractButton):
    """`told` is "" while the guess is open, then "right", "wrong" (guessed, but not so) or "other"."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip("The audience's guess; the answer follows.")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._told, self._theme = "", "dark"

    def show_told(self, told: str, theme: str) -> None:
        """Show what became of this choice."""
        self._told, self._theme = told, theme
        self.setEnabled(not told)
        said = {"right": "this is so", "wrong": "guessed, but not so", "other": "not so"}.get(told, "")
        self.setAccessibleDescription(said)
        self.update()

    def heightForWidth(self, width: int) -> int:
        """Return the height that the text needs."""
        room = QRect(0, 0, max(20, width - self._left - self._pad), 10_000)
        return self.fontMetrics().boundingRect(room, FLAGS, self.text()).height() + 2 * round(0.75 * self._pad)

    def sizeHint(self) -> QSize:
        """Return a size that suits a narrow column."""
        width = 14 * self.fontMetrics().averageCharWidth()
        return QSize(width, self.heightForWidth(self.width() if self.width() > 60 else 2 * width))

    def minimumSizeHint(self) -> QSize:
        """Long words may break the line, nothing more."""
        return QSize(8 * self.fontMetrics().averageCharWidth(), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    @property
    def _pad(self) -> int:
        return round(0.75 * self.fontMetrics().height())

    @property
    def _left(self) -> int:
        return round(2.1 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a box with a ring or a mark, and the text."""
        colors = PALETTES[self._theme]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        hot = not self._told and (self.underMouse() or self.hasFocus())
        edge = {"right": colors.accent, "wrong": colors.warning}.get(
            self._told, colors.accent if hot else colors.border
        )
        painter.setPen(QPen(QColor(edge), 2.0 if self._told in ("right", "wrong") else 1.2))
        painter.setBrush(QColor(colors.raised) if self._told != "other" else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 6, 6)
        side = 0.95 * self.fontMetrics().height()
        ring = QRectF(0, 0, side, side)
        ring.moveCenter(QPointF(0.5 * self._left + 2, box.center().y()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._told == "right":
            paint_tick(painter, ring, QColor(colors.accent))
        elif self._told == "wrong":
            paint_cross(painter, ring, QColor(colors.warning))
        else:
            painter.setPen(QPen(QColor(colors.muted if not hot else colors.accent), 1.4))
            painter.drawEllipse(ring.adjusted(2, 2, -2, -2))
        painter.setPen(QColor(colors.muted if self._told in ("other", "wrong") else colors.ink))
        painter.drawText(self.rect().adjusted(self._left, 0, -self._pad, 0), FLAGS, self.text())
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the choice with Return as well."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
