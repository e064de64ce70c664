"""Readout: one figure under its name, wide enough that it does not jitter."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget


class Figure(QLabel):
    """A text of one size, at least as wide as `template` is.

    Qt lays out the whole window anew for each new text of a label, unless the label's size is fixed.
    """

    def __init__(self, template: str) -> None:
        super().__init__("\u2013")
        self._template = template
        self._usual = 0
        self._keep_room()

    def show_text(self, text: str) -> None:
        """Show a text; a wider one than was expected gets its room."""
        if text != self.text():
            self.setText(text)
            if max(self._usual, self.fontMetrics().horizontalAdvance(text)) != self.width():
                self._keep_room()

    def changeEvent(self, event: QEvent) -> None:
        """Keep room for the widest text in the present type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._keep_room()

    def _keep_room(self) -> None:
        self.ensurePolished()  # Else it is measured in the type of before.
        self._usual = self.fontMetrics().horizontalAdvance(self._template)
        self.setMinimumSize(0, 0)  # A label's hint is never less than what it was fixed to before.
        hint = self.sizeHint()
        self.setFixedSize(max(self._usual, hint.width()), hint.height())


class Readout(QWidget):
    """A caption over a value. `template` is the widest value expected."""

    def __init__(self, caption: str, template: str, help: str) -> None:
        super().__init__()
        self.caption = QLabel(caption)
        self.caption.setObjectName("readoutCaption")
        self.value = Figure(template)
        self.value.setObjectName("readoutValue")
        self.value.setAccessibleName(caption)
        self.setToolTip(help)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for label in (self.caption, self.value):
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(label)

    def show_text(self, text: str) -> None:
        """Show a value."""
        self.value.show_text(text)
