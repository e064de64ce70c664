"""ActivationField: an activation, and its own number where it has one."""

from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.scale import make_scale
from reluviz.app.widgets.section import label_width
from reluviz.core.activations import ACTIVATIONS

HELP = "The nonlinearity: how each unit bends the plane."


class ActivationField(Field):
    """A list of activations over a slider. Emits `edited` with "activation" or "parameter"."""

    def __init__(self, where: str, label: str = "") -> None:
        super().__init__()
        self._where = where
        choices = {name: row.label for name, row in ACTIVATIONS.items()}
        self.list = ChoiceField("activation", f"Activation of {where}", HELP, choices)
        self.list.edited.connect(self.edited)
        self.caption = QLabel()
        self.caption.setObjectName("fieldLabel")
        self.number: NumberField | None = None
        self._shown = ""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.label = QLabel(label)
        self.label.setObjectName("fieldLabel")
        row.addWidget(self.label)
        row.addWidget(self.list, 1)
        self._layout.addLayout(row)
        self._layout.addWidget(self.caption)
        self.setFocusProxy(self.list)

    def show_value(self, value: Any) -> None:
        """Show (activation, parameter); None is the activation's default."""
        name, number = value
        row = ACTIVATIONS[name]
        self.list.show_value(name)
        self.list.list.setToolTip(f"{HELP} {row.label}: {row.formula}.")
        if name != self._shown:
            self._shown = name
            self._change_number()
        self.caption.setVisible(row.parameter is not None)
        if self.number is not None:
            self.number.show_value(row.default if number is None else number)

    def changeEvent(self, event: QEvent) -> None:
        """Keep the list in line with the fields above and below."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.label.setFixedWidth(label_width(self))

    def _change_number(self) -> None:
        if self.number is not None:
            self._layout.removeWidget(self.number)
            self.number.hide()
            self.number.deleteLater()
            self.number = None
        parameter = ACTIVATIONS[self._shown].parameter
        if parameter is not None:
            label = parameter.label.capitalize()
            scale = make_scale(parameter.minimum, parameter.maximum, False, False, parameter.default)
            self.caption.setText(label)
            span = f"{parameter.minimum:g} to {parameter.maximum:g}"
            help = f"Moves the pieces of {ACTIVATIONS[self._shown].formula}, {span}."
            self.number = NumberField("parameter", f"{label} of {self._where}", help, scale, False)
            self.number.edited.connect(self.edited)
            self._layout.addWidget(self.number)
