"""ActivationField: an activation, and its own number where it has one."""

from typing import Any

from PySide6.QtWidgets import QLabel, QVBoxLayout

from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.scale import make_scale
from reluviz.core.activations import ACTIVATIONS

HELP = "The nonlinearity: how each unit bends the plane."


class ActivationField(Field):
    """A list of activations over a slider. Emits `edited` with "activation" or "parameter"."""

    def __init__(self, where: str) -> None:
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
        self._layout.addWidget(self.list)
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
            help = f"Moves the pieces of {ACTIVATIONS[self._shown].formula}, {parameter.minimum:g} to {parameter.maximum:g}."
            self.number = NumberField("parameter", f"{label} of {self._where}", help, scale, False)
            self.number.edited.connect(self.edited)
            self._layout.addWidget(self.number)
