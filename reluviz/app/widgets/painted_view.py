"""PaintedView: what all that paints itself in a panel has in common: a name, and sizes that grow with the type."""

from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget


class PaintedView(QWidget):
    """Takes all the room there is.

    `preferred` and `least` are (width, height) in line heights. Little more is preferred than what is needed: below
    what is preferred, a column begins to scroll.
    """

    preferred: ClassVar[tuple[float, float]]
    least: ClassVar[tuple[float, float]]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return the preferred size in pixels."""
        return self._in_lines(*self.preferred)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in pixels."""
        return self._in_lines(*self.least)

    def _in_lines(self, width: float, height: float) -> QSize:
        line = self.fontMetrics().height()
        return QSize(round(width * line), round(height * line))
