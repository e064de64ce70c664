"""Field: what every control of a form is to the form."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget


class Field(QWidget):
    """A control for one or more settings. `edited` carries the wanted changes; what is shown follows `show_value`."""

    edited = Signal(dict)

    def show_value(self, value: Any) -> None:
        """Show the value that holds now, without emitting `edited`."""
        raise NotImplementedError


class Slider(QSlider):
    """A slider that leaves the wheel to the column it lies in: scrolling must not change a setting."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the column scroll."""
        event.ignore()
