"""ChoiceField: one of a few names as a drop-down list."""

from collections.abc import Mapping

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.field import Field


class ChoiceField(Field):
    """One of `choices` (name to label). Emits `edited({name: choice})`."""

    def __init__(self, name: str, label: str, help: str, choices: Mapping[str, str]) -> None:
        super().__init__()
        self._name = name
        self.list = Choice()
        self._choices: dict[str, str] = {}
        self.set_choices(choices)
        self.list.setAccessibleName(label)
        self.list.setToolTip(help)
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.list.activated.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self.setFocusProxy(self.list)

    def set_choices(self, choices: Mapping[str, str]) -> None:
        """Offer other choices; the one that holds must be shown again."""
        if dict(choices) == self._choices:
            return
        self._choices = dict(choices)
        self.list.clear()
        for choice, text in choices.items():
            self.list.addItem(text, choice)

    def show_value(self, value: str) -> None:
        """Show the choice; a name that is not on the list shows as nothing."""
        self.list.setCurrentIndex(self.list.findData(value))

    def _choose(self, index: int) -> None:
        self.edited.emit({self._name: self.list.itemData(index)})
