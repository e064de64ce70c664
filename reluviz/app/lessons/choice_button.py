"""ChoiceButton: one answer that an audience can give, as many lines of text as it needs."""

from PySide6.QtCore import QMargins, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen

from reluviz.app.lessons.check_mark import paint_cross, paint_tick
from reluviz.app.widgets.wrapped_button import WrappedButton
from reluviz.core.palette import PALETTES

AIR, CLOSE_AIR = 0.75, 0.35  # Above and below the text, as shares of what is beside it.


class ChoiceButton(WrappedButton):
    """`told` is "" while the guess is open, then "right", "wrong" (guessed, but not so) or "other"."""

    preferred = 14

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        self.setToolTip("The audience's guess; the answer follows.")
        self._told, self._theme = "", "dark"
        self._air = AIR

    def set_close(self, is_close: bool) -> None:
        """Take the air out above and below the text, or give it back."""
        self._air = CLOSE_AIR if is_close else AIR
        self.updateGeometry()

    def show_told(self, told: str, theme: str) -> None:
        """Show what became of this choice."""
        self._told, self._theme = told, theme
        self.setEnabled(not told)
        said = {"right": "this is so", "wrong": "guessed, but not so", "other": "not so"}.get(told, "")
        self.setAccessibleDescription(said)
        self.update()

    def around(self) -> QMargins:
        """Return the room for the ring on the left, and some on the other sides."""
        line = self.fontMetrics().height()
        side = round(0.75 * line)
        air = round(self._air * side)
        return QMargins(round(2.1 * line), air, side, air)

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
        ring.moveCenter(QPointF(0.5 * self.around().left() + 2, box.center().y()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._told == "right":
            paint_tick(painter, ring, QColor(colors.accent))
        elif self._told == "wrong":
            paint_cross(painter, ring, QColor(colors.warning))
        else:
            painter.setPen(QPen(QColor(colors.muted if not hot else colors.accent), 1.4))
            painter.drawEllipse(ring.adjusted(2, 2, -2, -2))
        painter.setPen(QColor(colors.muted if self._told in ("other", "wrong") else colors.ink))
        self.draw_text(painter)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the choice with Return as well."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
