"""NetworkField: the hidden layers with their widths, kinds and activations, changed by + and -."""

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout

from reluviz.app import layers
from reluviz.app.widgets.activation_field import ActivationField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.kind_field import KindField
from reluviz.app.widgets.layer_row import LayerRow
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.experiment import Experiment
from reluviz.core.setting import MAX_LAYERS

COUNTS = ("No hidden layer", "1 hidden layer")


class NetworkField(Field):
    """Hidden widths, kinds, activations and their parameters together, because they change together.

    Emits `edited` with "hidden", "layer_kind", "activation" and "activation_parameter".
    """

    def __init__(self) -> None:
        super().__init__()
        self._experiment = Experiment()
        self.count = QLabel()
        self.fewer = ToolButton("minus", "One layer fewer", "Takes the last hidden layer away.")
        self.more = ToolButton("plus", "One layer more", "Folds the plane once more: another hidden layer.")
        self.fewer.clicked.connect(partial(self._apply, layers.remove_layer))
        self.more.clicked.connect(partial(self._apply, layers.add_layer))
        top = QHBoxLayout()
        top.setSpacing(3)
        for widget, stretch in ((self.count, 1), (self.fewer, 0), (self.more, 0)):
            top.addWidget(widget, stretch)
        self.rows: list[LayerRow] = []
        self.own: list[ActivationField] = []
        self.own_kinds: list[KindField] = []
        self.kind = KindField("all layers", "Layers")
        self.all = ActivationField("all layers", "Activation")
        self.each = QCheckBox("Each layer its own")
        self.each.setToolTip("Lets every layer have an activation and a kind of its own.")
        self.each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.each.clicked.connect(self._split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        self._layers = QVBoxLayout()
        self._layers.setSpacing(4)
        layout.addLayout(self._layers)
        for field in (self.all, self.kind):
            field.edited.connect(self._change_all)
            layout.addWidget(field)
        layout.addWidget(self.each)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Give the focus to the activation of all layers; as a proxy it would hide from Tab what stands above it."""
        self.all.setFocus(reason)

    def show_value(self, value: Any) -> None:
        """Show an experiment's layers."""
        self._experiment = value
        shown = layers.layers_of(value)
        uniform = layers.is_uniform(value)
        self.count.setText(COUNTS[len(shown)] if len(shown) < 2 else f"{len(shown)} hidden layers")
        self.fewer.setEnabled(len(shown) > 0)
        self.more.setEnabled(len(shown) < MAX_LAYERS)
        while len(self.rows) < len(shown):
            self._add_row()
        for index, (row, own, kind) in enumerate(zip(self.rows, self.own, self.own_kinds, strict=True)):
            row.setVisible(index < len(shown))
            own.setVisible(index < len(shown) and not uniform)
            kind.setVisible(index < len(shown) and not uniform)
            if index < len(shown):
                row.show_width(shown[index].width)
                own.show_value((shown[index].activation, shown[index].parameter))
                kind.show_value(shown[index].kind)
        self.all.setVisible(uniform)
        self.kind.setVisible(uniform and len(shown) > 0)
        self.each.setVisible(len(shown) > 1)
        self.each.setChecked(not uniform)
        if uniform:
            self.all.show_value((value.activation[0], value.activation_parameter[0]))
            self.kind.show_value(value.layer_kind[0])

    def _add_row(self) -> None:
        # Made when first needed: ten layers of controls nobody sees cost 50 ms at start and at every change of theme.
        index = len(self.rows)
        row, own, kind = LayerRow(index), ActivationField(f"layer {index + 1}"), KindField(f"layer {index + 1}")
        row.wanted.connect(self._resize)
        own.edited.connect(partial(self._change, index))
        kind.edited.connect(partial(self._change, index))
        for part in (row, own, kind):
            self._layers.addWidget(part)
        self.rows.append(row)
        self.own.append(own)
        self.own_kinds.append(kind)

    def _apply(self, change: Any, _checked: bool = False) -> None:
        self.edited.emit(change(self._experiment))

    def _resize(self, index: int, width: object) -> None:
        self.edited.emit(layers.change_layer(self._experiment, index, width=width))

    def _change(self, index: int, changes: dict[str, Any]) -> None:
        self.edited.emit(layers.change_layer(self._experiment, index, **changes))

    def _change_all(self, changes: dict[str, Any]) -> None:
        self.edited.emit(layers.change_all(self._experiment, **changes))

    def _split(self, each: bool) -> None:
        self.edited.emit(layers.split(self._experiment) if each else layers.join(self._experiment))
