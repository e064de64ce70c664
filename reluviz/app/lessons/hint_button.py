"""HintButton: what to look at, as a sentence that points to it when it is clicked."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from reluviz.app.icons import make_icon

FLAGS = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)


class HintButton(QAbstractButton):
    """An eye and a sentence beside a bar in the accent's colour."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setAccessibleName(f"Look at: {text}")
        self.setToolTip("Brings it to the front and outlines it.")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        """Return the height that the sentence needs."""
        room = QRect(0, 0, max(20, width - self._left - 4), 10_000)
        return self.fontMetrics().boundingRect(room, FLAGS, self.text()).height() + 8

    def sizeHint(self) -> QSize:
        """Return a size that suits a narrow column."""
        width = 28 * self.fontMetrics().averageCharWidth()
        return QSize(width, self.heightForWidth(self.width() if self.width() > 60 else width))

    def minimumSizeHint(self) -> QSize:
        """Long words may break the line, nothing more."""
        return QSize(8 * self.fontMetrics().averageCharWidth(), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    @property
    def _left(self) -> int:
        return round(2.0 * self.fontMetrics().height())

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
        place.moveCenter(QPointF(0.58 * self._left, self.height() / 2))
        make_icon("eye", accent.name()).paint(painter, place.toRect())
        hot = self.underMouse() or self.hasFocus()
        painter.setPen(accent if hot else QColor(palette.color(QPalette.ColorRole.Text)))
        painter.drawText(self.rect().adjusted(self._left, 0, 0, 0), FLAGS, self.text())
        painter.end()
