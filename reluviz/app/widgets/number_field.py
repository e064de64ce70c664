"""NumberField: a number as a slider and as text."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from reluviz.app.widgets.field import Field, Slider
from reluviz.app.widgets.scale import TICKS, Scale


class NumberField(Field):
    """One number. Emits `edited({name: number})`; text that is no number is passed on as text, for the check to refuse.

    `scale` None leaves the slider away.
    """

    def __init__(self, name: str, label: str, help: str, scale: Scale | None, whole: bool, digits: int = 6) -> None:
        super().__init__()
        self._name, self._scale, self._whole, self._digits = name, scale, whole, digits
        self._value = 0.0
        self.slider: Slider | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        if scale is not None:
            self.slider = Slider(Qt.Orientation.Horizontal)
            self.slider.setRange(0, TICKS)
            self.slider.setSingleStep(TICKS // 100)
            self.slider.setPageStep(TICKS // 10)
            self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.slider.setAccessibleName(f"{label}, slider")
            self.slider.setToolTip(help)
            self.slider.valueChanged.connect(self._slide)
            layout.addWidget(self.slider, 1)
        self.text = QLineEdit()
        self.text.setAccessibleName(label)
        self.text.setToolTip(help)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.text.setMaxLength(40)
        self.text.editingFinished.connect(self._type)
        self.text.returnPressed.connect(self._leave)
        layout.addWidget(self.text, 0 if scale is not None else 1)
        self.setFocusProxy(self.text)

    def show_value(self, value: float) -> None:
        """Show `value`, and forget what was typed."""
        self._value = value
        self.text.setText(number_text(value, self._whole))
        self.text.setModified(False)
        self._move_slider()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the text as wide as its digits need in the present type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self.slider is not None:
            self.text.setFixedWidth(self.text.fontMetrics().horizontalAdvance("0" * self._digits) + 14)

    def _move_slider(self) -> None:
        if self.slider is not None and self._scale is not None:
            position = self._scale.position(self._value)
            # A number typed between two positions, or rounded from this one, must not move back by itself.
            if self._scale.value(self.slider.value()) != self._value:
                self.slider.setValue(position)

    def _slide(self, position: int) -> None:
        value = self._scale.value(position) if self._scale else self._value
        if self._scale and self._scale.position(self._value) != position and value != self._value:
            self.edited.emit({self._name: int(value) if self._whole else value})

    def _type(self) -> None:
        if self.text.isModified():
            self.text.setModified(False)
            self.edited.emit({self._name: read_number(self.text.text(), self._whole)})

    def _leave(self) -> None:
        self.text.clearFocus()


def read_number(text: str, whole: bool) -> float | int | str:
    """Return the number a person typed (1,000 is a whole thousand, 0,5 a half), or the text itself where it is none."""
    plain = text.strip().replace("\u2212", "-").replace("\u202f", "").replace(" ", "")
    plain = plain.replace(",", "" if whole else ".")
    try:
        return int(plain) if whole else float(plain)
    except ValueError:
        return text.strip()


def number_text(value: float, whole: bool) -> str:
    """Return a number as short as it can be typed back."""
    return str(int(value)) if whole else f"{value:.6g}"
