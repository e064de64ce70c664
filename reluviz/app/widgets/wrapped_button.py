"""WrappedButton: a button whose text takes as many lines as it needs."""

from typing import ClassVar

from PySide6.QtCore import QEvent, QMargins, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

FLAGS = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
LEAST_CHARACTERS, USUAL_CHARACTERS = 8, 28  # A line's width: long words may break it, nothing more.


class WrappedButton(QAbstractButton):
    """Who makes one of it says what stands around the text, in `around`, and paints it."""

    preferred: ClassVar[int] = USUAL_CHARACTERS  # The width that is asked for, in characters.

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def around(self) -> QMargins:
        """Return the room around the text, in logical pixels."""
        return QMargins()

    def heightForWidth(self, width: int) -> int:
        """Return the height that the text needs."""
        around = self.around()
        room = QRect(0, 0, max(20, width - around.left() - around.right()), 10_000)
        text = self.fontMetrics().boundingRect(room, FLAGS, self.text())
        return text.height() + around.top() + around.bottom()

    def sizeHint(self) -> QSize:
        """Return a size that suits a narrow column."""
        character = self.fontMetrics().averageCharWidth()
        width = self.width() if self.width() > 60 else USUAL_CHARACTERS * character  # Not yet laid out.
        return QSize(self.preferred * character, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Long words may break the line, nothing more."""
        return QSize(LEAST_CHARACTERS * self.fontMetrics().averageCharWidth(), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def draw_text(self, painter: QPainter) -> None:
        """Write the text in its place, in the painter's colour."""
        around = self.around()
        painter.drawText(self.rect().adjusted(around.left(), 0, -around.right(), 0), FLAGS, self.text())
