"""HintButton: what to look at, as a sentence that points to it when it is clicked."""

from PySide6.QtCore import QMargins, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette

from reluviz.app.icons import make_icon
from reluviz.app.widgets.wrapped_button import WrappedButton


class HintButton(WrappedButton):
    """An eye and a sentence beside a bar in the accent's colour."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(f"Look at: {text}")
        self.setToolTip("Brings it to the front and outlines it.")

    def around(self) -> QMargins:
        """Return the room for bar and eye on the left, and a little on the other sides."""
        return QMargins(round(2.0 * self.fontMetrics().height()), 4, 4, 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bar, eye and sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(0, 2, 3, self.height() - 4), 1.5, 1.5)
        side = round(1.15 * self.fontMetrics().height())
        place = QRectF(0, 0, side, side)
        place.moveCenter(QPointF(0.58 * self.around().left(), self.height() / 2))
        make_icon("eye", accent.name()).paint(painter, place.toRect())
        hot = self.underMouse() or self.hasFocus()
        painter.setPen(accent if hot else QColor(palette.color(QPalette.ColorRole.Text)))
        self.draw_text(painter)
        painter.end()
