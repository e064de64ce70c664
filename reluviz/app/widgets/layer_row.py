"""LayerRow: one hidden layer as - width +."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.tool_button import ToolButton

REPEAT_DELAY_MS, REPEAT_EVERY_MS = 350, 60


class LayerRow(QWidget):
    """One layer's number of units. `wanted(index, width)` asks for another; text that is no number comes as it is."""

    wanted = Signal(int, object)

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index, self._width = index, 0
        name = f"Layer {index + 1}"
        self.label = QLabel(name)
        self.label.setObjectName("fieldLabel")
        self.fewer = ToolButton(
            "minus", f"One unit fewer in layer {index + 1}", f"Takes one unit from layer {index + 1}."
        )
        self.more = ToolButton(
            "plus", f"One unit more in layer {index + 1}", f"Gives layer {index + 1} one more line to bend."
        )
        self.number = NumberField("width", f"Units in layer {index + 1}", "Units of this layer, 1 to 256.", None, True)
        self.number.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.edited.connect(self._type)
        for button, by in ((self.fewer, -1), (self.more, 1)):
            button.setAutoRepeat(True)
            button.setAutoRepeatDelay(REPEAT_DELAY_MS)
            button.setAutoRepeatInterval(REPEAT_EVERY_MS)
            button.setProperty("by", by)
            button.clicked.connect(self._change)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for widget, stretch in ((self.label, 3), (self.fewer, 0), (self.number, 2), (self.more, 0)):
            layout.addWidget(widget, stretch)

    def show_width(self, width: int) -> None:
        """Show the number of units."""
        self._width = width
        self.number.show_value(width)

    def _change(self) -> None:
        self.wanted.emit(self._index, self._width + int(self.sender().property("by")))

    def _type(self, changes: dict[str, object]) -> None:
        self.wanted.emit(self._index, changes["width"])
