"""SwitchField: something that is on or off."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout

from reluviz.app.widgets.field import Field


class SwitchField(Field):
    """A check box. Emits `edited({name: bool})`."""

    def __init__(self, name: str, label: str, help: str) -> None:
        super().__init__()
        self._name = name
        self.box = QCheckBox(label)
        self.box.setToolTip(help)
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.box.clicked.connect(self._click)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        self.setFocusProxy(self.box)

    def show_value(self, value: bool) -> None:
        """Show on or off."""
        self.box.setChecked(value)

    def _click(self, checked: bool) -> None:
        self.edited.emit({self._name: checked})
