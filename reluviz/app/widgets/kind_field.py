"""KindField: whether a layer learns every weight, or scales over fixed sums."""

from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel

from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.section import label_width
from reluviz.core.experiment import SETTINGS
from reluviz.core.filter_bank import LAYER_KINDS


class KindField(Field):
    """A list of kinds of layers. Emits `edited` with "kind"."""

    def __init__(self, where: str, label: str = "") -> None:
        super().__init__()
        help = f"{SETTINGS['layer_kind'].help} Another kind begins with new weights."
        self.list = ChoiceField("kind", f"Kind of {where}", help, LAYER_KINDS)
        self.list.edited.connect(self.edited)
        self.label = QLabel(label)
        self.label.setObjectName("fieldLabel")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.label)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)

    def show_value(self, value: Any) -> None:
        """Show a kind's name."""
        self.list.show_value(value)

    def changeEvent(self, event: QEvent) -> None:
        """Keep the list in line with the fields above and below."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.label.setFixedWidth(label_width(self))
