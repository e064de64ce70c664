"""Readout: one figure under its name, wide enough that it does not jitter."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget


class Readout(QWidget):
    """A caption over a value. `template` is the widest value expected."""

    def __init__(self, caption: str, template: str, help: str) -> None:
        super().__init__()
        self._template = template
        self.caption = QLabel(caption)
        self.caption.setObjectName("readoutCaption")
        self.value = QLabel("\u2013")
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
        if text != self.value.text():
            self.value.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Keep room for the widest value in the present type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.value.ensurePolished()  # Else it is measured in the type of before.
            self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(self._template))
