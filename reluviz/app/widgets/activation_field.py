"""ActivationField: an activation with its curve, its own number where it has one, or a formula."""

from typing import Any

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from reluviz.app.widgets.activation_icon import activation_icon
from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.formula_field import FIRST, FormulaField
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.scale import make_scale
from reluviz.app.widgets.section import label_width
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.formula import PREFIX, activation_named

HELP = "The nonlinearity: how each unit bends the plane."
OWN = "own"  # The last entry of the list: a formula.


class ActivationField(Field):
    """A list of activations over a slider or a formula. Emits `edited` with "activation" or "parameter"."""

    def __init__(self, where: str, label: str = "") -> None:
        super().__init__()
        self._where = where
        choices = {name: row.label for name, row in ACTIVATIONS.items()} | {OWN: "Own formula \N{HORIZONTAL ELLIPSIS}"}
        self.list = ChoiceField("activation", f"Activation of {where}", HELP, choices)
        self.list.edited.connect(self._choose)
        self.caption = QLabel()
        self.caption.setObjectName("fieldLabel")
        self.number: NumberField | None = None
        self.formula: FormulaField | None = None
        self._shown = ""
        self._drawn: tuple[str, str, int] | None = None
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
        row = activation_named(name)
        is_own = name.startswith(PREFIX)
        self.list.show_value(OWN if is_own else name)
        self.list.list.setToolTip(f"{HELP} {row.label}: {row.formula}.")
        if name != self._shown:
            self._shown = name
            self._change_number()
        if is_own and self.formula is None:
            self.formula = FormulaField(self._where)
            self.formula.edited.connect(self.edited)
            self._layout.addWidget(self.formula)
        if self.formula is not None:
            self.formula.setVisible(is_own)
            if is_own:
                self.formula.show_value(name.removeprefix(PREFIX))
        self.caption.setVisible(row.parameter is not None)
        if self.number is not None:
            self.number.show_value(row.default if number is None else number)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the curves once they can be seen: nineteen of them take 6 ms."""
        super().showEvent(event)
        self._draw_icons()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the list in line with the fields above and below, and its curves in the theme's colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self.label.setFixedWidth(label_width(self))
            if self.isVisible():
                self._draw_icons()

    def _draw_icons(self) -> None:
        palette = self.palette()
        line, axis = (palette.color(role).name() for role in (QPalette.ColorRole.Accent, QPalette.ColorRole.Mid))
        side = round(1.25 * self.fontMetrics().height())
        if (line, axis, side) == self._drawn:
            return
        self._drawn = (line, axis, side)
        box = self.list.list
        box.setIconSize(QSize(side, side))
        for index in range(box.count()):
            name = box.itemData(index)
            curve = PREFIX + "0.6*z + sin(2*z)" if name == OWN else name
            box.setItemIcon(index, activation_icon(curve, None, line, axis, side, self.devicePixelRatioF()))

    def _choose(self, changes: dict[str, Any]) -> None:
        own = changes["activation"] == OWN
        self.edited.emit({"activation": self._formula()} if own else changes)

    def _formula(self) -> str:
        typed = self.formula.text.text().strip() if self.formula is not None else ""
        return PREFIX + (typed or FIRST)

    def _change_number(self) -> None:
        if self.number is not None:
            self._layout.removeWidget(self.number)
            self.number.hide()
            self.number.deleteLater()
            self.number = None
        row = activation_named(self._shown)
        parameter = row.parameter
        if parameter is not None:
            label = parameter.label.capitalize()
            scale = make_scale(parameter.minimum, parameter.maximum, False, False, parameter.default)
            self.caption.setText(label)
            span = f"{parameter.minimum:g} to {parameter.maximum:g}"
            help = f"Moves the curve {row.formula}, {span}."
            self.number = NumberField("parameter", f"{label} of {self._where}", help, scale, False)
            self.number.edited.connect(self.edited)
            self._layout.addWidget(self.number)
