"""SeedField: a seed as text, with a dice that draws another."""

from PySide6.QtWidgets import QHBoxLayout

from reluviz.app.commands import draw_seed
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.tool_button import ToolButton


class SeedField(Field):
    """A seed. Emits `edited({name: seed})`."""

    def __init__(self, name: str, label: str, help: str) -> None:
        super().__init__()
        self._name = name
        self.number = NumberField(name, label, help, scale=None, whole=True)
        self.number.edited.connect(self.edited)
        self.dice = ToolButton("dice", f"New {label.lower()}", f"Draws another {label.lower()}: {help}", 1.15)
        self.dice.clicked.connect(self._draw)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.number, 1)
        layout.addWidget(self.dice)
        self.setFocusProxy(self.number)

    def show_value(self, value: int) -> None:
        """Show the seed."""
        self.number.show_value(value)

    def _draw(self) -> None:
        self.edited.emit({self._name: draw_seed()})
