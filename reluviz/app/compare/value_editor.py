"""ValueEditor: what one pane of a comparison differs by, as a list or as text."""

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from reluviz.app.compare.pane_header import paint_badge
from reluviz.app.forms import CHOICE_LABELS
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.number_field import read_number
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import SETTINGS
from reluviz.core.filter_bank import LAYER_KINDS
from reluviz.core.palette import Palette
from reluviz.studio.comparison import value_text

PER_LAYER = ("activation", "layer_kind")  # One value for all layers, or one each.
TEMPLATES = {"activation": "Leaky ReLU  ", "layer_kind": "Walsh sums, De  "}


class Badge(QWidget):
    """A pane's number on a disc of its colour."""

    def __init__(self, number: int, palette: Palette) -> None:
        super().__init__()
        self._number, self._palette = number, palette

    def style_as(self, palette: Palette) -> None:
        """Take the theme's colours."""
        self._palette = palette
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            side = round(1.35 * self.fontMetrics().height())
            self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the badge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        box = QRectF(QPointF(1, 1), QPointF(self.width() - 1, self.height() - 1))
        paint_badge(painter, self._number, self._palette, box)
        painter.end()


class ValueEditor(QWidget):
    """Emits `edited(index, value)` and `removed(index)`; what is shown follows `show_value`."""

    edited = Signal(int, object)
    removed = Signal(int)

    def __init__(self, field: str, index: int, palette: Palette) -> None:
        super().__init__()
        self._field, self._index = field, index
        setting = SETTINGS[field]
        self.badge = Badge(index + 1, palette)
        self.input: QComboBox | QLineEdit
        if setting.choices:
            self.input = Choice()
            for value, text in _choices(field).items():
                self.input.addItem(text, value)
            self.input.activated.connect(self._choose)
        else:
            self.input = QLineEdit()
            self.input.setMaxLength(60)
            self.input.editingFinished.connect(self._type)
        self.input.setAccessibleName(f"{setting.label} of pane {index + 1}")
        self.input.setToolTip(f"What pane {index + 1} differs by: {setting.help}")
        self.less = ToolButton("minus", f"Remove pane {index + 1}", "Takes this pane out of the comparison.", 0.95)
        self.less.clicked.connect(self._remove)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.badge, self.input, self.less):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_value(self, value: Any, removable: bool) -> None:
        """Show the value that holds now."""
        self.less.setVisible(removable)
        text = value_text(self._field, value)
        if isinstance(self.input, QLineEdit):
            self.input.setText(text)
            self.input.setModified(False)
            return
        key = value[0] if self._field in PER_LAYER and len(set(value)) == 1 else value
        place = self.input.findData(key) if isinstance(key, str) else self.input.findText(text)
        if place < 0:  # One value for each layer: what cannot be chosen in one go still has a name.
            place = self.input.count()
            self.input.addItem(text, key)
        self.input.setCurrentIndex(place)

    def changeEvent(self, event: QEvent) -> None:
        """Give the field the width that its values need in the present type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            template = "16, 16, 16, 16" if self._field == "hidden" else "0.00012"
            if not isinstance(self.input, QLineEdit):
                template = TEMPLATES.get(self._field, "Softmax cros  ")
            self.input.setFixedWidth(self.fontMetrics().horizontalAdvance(template) + 26)

    def _choose(self, place: int) -> None:
        assert isinstance(self.input, QComboBox)
        value = self.input.itemData(place)
        one_for_all = self._field in PER_LAYER and not isinstance(value, tuple)
        self.edited.emit(self._index, (value,) if one_for_all else value)

    def _type(self) -> None:
        assert isinstance(self.input, QLineEdit)
        if self.input.isModified():
            self.input.setModified(False)
            self.edited.emit(self._index, parse_value(self._field, self.input.text()))

    def _remove(self, _checked: bool = False) -> None:
        self.removed.emit(self._index)


def parse_value(field: str, text: str) -> Any:
    """Return the value that a person typed; what is no number is passed on, for the experiment's check to refuse."""
    kind = SETTINGS[field].kind
    if kind == "widths":
        words = text.replace(",", " ").replace("\N{MULTIPLICATION SIGN}", " ").split()
        return () if text.strip() == "no hidden layer" else tuple(read_number(word, True) for word in words)
    if kind == "parameters":
        words = text.replace(",", " ").split()
        return tuple(None if word == "default" else read_number(word, False) for word in words)
    return read_number(text, kind == "int")


def _choices(field: str) -> dict[str, str]:
    if field == "activation":
        return {name: row.label for name, row in ACTIVATIONS.items()}
    if field == "layer_kind":
        return LAYER_KINDS
    return {choice: CHOICE_LABELS.get(choice, choice.capitalize()) for choice in SETTINGS[field].choices}
