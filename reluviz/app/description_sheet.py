"""DescriptionSheet: the state in plain sentences, to read, to hear and to copy."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from reluviz.app.describe import describe_state
from reluviz.app.store import Store

LETTERS_WIDE, LINES_HIGH = 76, 16


class DescriptionSheet(QDialog):
    """Holds what was shown when it was opened, so that nothing changes while it is read; it can be asked again."""

    closed = Signal()

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store = store
        self.setWindowTitle("What is shown")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("What is shown")
        # The caret lets the keyboard, and a screen reader, walk through the words.
        self.text.setTextInteractionFlags(self.text.textInteractionFlags().TextBrowserInteraction)
        again, copy = QPushButton("Again"), QPushButton("Copy")
        again.setToolTip("Describes what is shown now.")
        copy.setToolTip("Copies these sentences.")
        again.clicked.connect(self.describe)
        copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(again)
        row.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.addWidget(self.text)
        column.addLayout(row)
        self.describe()
        letter, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().lineSpacing()
        self.resize(min(window.width() - 40, LETTERS_WIDE * letter), min(window.height() - 40, LINES_HIGH * line))
        self.finished.connect(self._finish)
        self.open()
        self.text.setFocus()

    def describe(self) -> None:
        """Describe what is shown now."""
        self.text.setPlainText(describe_state(self._store.state))

    def end(self) -> None:
        """Close."""
        self.done(0)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())

    def _finish(self, _result: int) -> None:
        self.closed.emit()
