"""Choice: a drop-down list for narrow columns."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

GAP = 2  # Between a text and the arrow, in pixels.


class Choice(QComboBox):
    """Ends a long text in dots, opens wide enough to read, and leaves the wheel to the column it lies in."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def setAccessibleName(self, name: str) -> None:
        """Name the field, and the list that it opens."""
        super().setAccessibleName(name)
        self.view().setAccessibleName(f"{name}, choices")

    def sizeHint(self) -> QSize:
        """Return room for the longest choice, and for the gap that `paintEvent` leaves after it."""
        return super().sizeHint() + QSize(2 * GAP, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the column scroll."""
        event.ignore()

    def showPopup(self) -> None:
        """Open as wide as the longest choice."""
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * self.fontMetrics().averageCharWidth())
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as any list, but never half a letter."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        style = self.style()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = style.subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        icon = 0 if option.currentIcon.isNull() else option.iconSize.width() + 4
        option.currentText = option.fontMetrics.elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room.width() - icon - GAP
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
