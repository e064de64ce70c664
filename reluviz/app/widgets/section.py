"""Section: a titled part of a column that can be folded away."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from reluviz.app.widgets.tool_button import ToolButton


class Section(QWidget):
    """A header that folds the rows under it. `folded(bool)` tells when a person does so."""

    folded = Signal(bool)

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.header = ToolButton("down", title, f"Shows or hides the {title.lower()} settings.", size=1.0)
        self.header.setObjectName("sectionHeader")
        self.header.setText(title)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.header.clicked.connect(self._toggle)
        self.body = QWidget()
        self._grid = QGridLayout(self.body)
        self._grid.setContentsMargins(0, 2, 0, 10)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.body)

    @property
    def is_folded(self) -> bool:
        """Whether the rows are hidden."""
        return self.body.isHidden()

    def fold(self, folded: bool) -> None:
        """Hide or show the rows."""
        self.body.setVisible(not folded)
        self.header.set_icon("right" if folded else "down")

    def add_row(self, label: str, help: str, field: QWidget) -> QLabel:
        """Add a control with its label, and return the label; its letter works as in any form by giving the focus."""
        text = QLabel(label)
        text.setObjectName("fieldLabel")
        text.setToolTip(help)
        text.setBuddy(field)
        row = self._grid.rowCount()
        self._grid.addWidget(text, row, 0)
        self._grid.addWidget(field, row, 1)
        return text

    def add_wide(self, field: QWidget) -> None:
        """Add a control over the whole width."""
        self._grid.addWidget(field, self._grid.rowCount(), 0, 1, 2)

    def changeEvent(self, event: QEvent) -> None:
        """Keep labels in one column across sections, whatever the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._grid.setColumnMinimumWidth(0, label_width(self))

    def _toggle(self) -> None:
        self.fold(not self.is_folded)
        self.folded.emit(self.is_folded)


def label_width(widget: QWidget) -> int:
    """Return how wide the labels of a form are in a widget's type."""
    return widget.fontMetrics().horizontalAdvance("Learning rate ")
