"""The forms of Data, Network and Training, made from `core.experiment.SETTINGS`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from reluviz.app import files
from reluviz.app.commands import edit_network
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.view_form import SWAP_AFRESH, make_view_field, make_view_section
from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.dataset_field import DatasetField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.network_field import NetworkField
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.scale import make_scale
from reluviz.app.widgets.section import Section
from reluviz.app.widgets.seed_field import SeedField
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.setting import Setting

GROUPS = tuple(dict.fromkeys(setting.group for setting in SETTINGS.values()))
NETWORK_KINDS = ("widths", "kinds", "activations", "parameters")  # One control shows these: they change together.
ELSEWHERE = ("units", "edits")  # Units are switched off, and points edited, where they are seen, not in a form.
CHOICE_LABELS = {
    "auto": "Automatic",
    "softmax": "Softmax cross-entropy",
    "logistic": "Logistic",
    "squared": "Squared error",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "default": "PyTorch default",
    "he": "He",
    "cpu": "CPU",
    "cuda": "CUDA",
    "mps": "MPS",
}


def make_sections(store: Store) -> list[Section]:
    """Return one section per group of settings, and one for the view."""
    return [*(make_section(group, store) for group in GROUPS), make_view_section(store)]


def make_section(group: str, store: Store) -> Section:
    """Return the controls of one group in the order of Experiment's fields."""
    section = Section(group)
    has_network = False
    for name, setting in SETTINGS.items():
        if setting.group != group or setting.kind in ELSEWHERE:
            continue
        if setting.kind in NETWORK_KINDS:
            if not has_network:
                section.add_wide(bind(NetworkField(), store, "activation", _whole, edit_network))
                section.add_wide(make_view_field(SWAP_AFRESH, store))
            has_network = True
        elif setting.kind == "dataset":
            field = DatasetField(name, setting.label, setting.help)
            field.asked.connect(partial(files.ask_data, store))
            field.show_theme(store.state.theme)
            store.on("theme").connect(partial(_follow_theme, field))
            section.add_wide(bind(field, store, name, partial(_value, name)))
        else:
            section.add_row(
                setting.label, setting.help, bind(make_field(name, setting), store, name, partial(_value, name))
            )
    return section


def make_field(name: str, setting: Setting) -> Field:
    """Return the control for one setting."""
    if setting.kind == "choice":
        labels = {choice: CHOICE_LABELS.get(choice, choice.capitalize()) for choice in setting.choices}
        return ChoiceField(name, setting.label, setting.help, labels)
    if name.endswith("seed"):
        return SeedField(name, setting.label, setting.help)
    whole = setting.kind == "int"
    scale = make_scale(setting.minimum, setting.maximum, setting.logarithmic, whole)
    return NumberField(name, setting.label, setting.help, scale, whole)


def bind(
    field: Field,
    store: Store,
    name: str,
    read: Callable[[Experiment], Any],
    edit: Callable[..., object] = Store.edit,
) -> Field:
    """Let `field` show what `read` finds in the experiment, and ask the store, by `edit`, for what a person enters."""
    field.setObjectName(f"control_{name}")
    field.show_value(read(store.state.experiment))
    field.edited.connect(partial(_edit, field, store, read, edit))
    store.on("experiment").connect(partial(_follow, field, read))
    return field


class SettingsColumn(QWidget):
    """All sections above each other."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.setObjectName("settingsColumn")
        self.sections = {section.title: section for section in make_sections(store)}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 8, 12)
        layout.setSpacing(2)
        for section in self.sections.values():
            layout.addWidget(section)
        layout.addStretch(1)
        self._store = store
        store.on("wanted_control").connect(self._follow)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.wanted_control and new.wanted_control != old.wanted_control:
            self._show_control(new.wanted_control)
            self._store.update(wanted_control="")

    def _show_control(self, name: str) -> None:
        """Unfold the section of a field, scroll to its control and give that the focus."""
        title = SETTINGS[name].group
        field = self.findChild(Field, control_of(name))
        if field is None or title not in self.sections:
            return
        self.sections[title].fold(False)
        viewport = self.parentWidget()
        view = viewport.parentWidget() if viewport is not None else None
        if isinstance(view, QScrollArea):
            QTimer.singleShot(0, view, partial(view.ensureWidgetVisible, field, 0, 60))
        field.setFocus(Qt.FocusReason.OtherFocusReason)


def control_of(name: str) -> str:
    """Return the object name of the control that shows a field of the experiment."""
    return f"control_{'activation' if SETTINGS[name].kind in NETWORK_KINDS else name}"


def _edit(
    field: Field,
    store: Store,
    read: Callable[[Experiment], Any],
    edit: Callable[..., object],
    changes: dict[str, Any],
) -> None:
    edit(store, **changes)
    # Refused, or waiting for a file: the old value stays in view.
    field.show_value(read(store.state.experiment))


def _follow(field: Field, read: Callable[[Experiment], Any], old: AppState, new: AppState) -> None:
    field.show_value(read(new.experiment))


def _follow_theme(field: DatasetField, old: AppState, new: AppState) -> None:
    field.show_theme(new.theme)


def _value(name: str, experiment: Experiment) -> Any:
    return getattr(experiment, name)


def _whole(experiment: Experiment) -> Experiment:
    return experiment
