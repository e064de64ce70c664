"""The form of the view: how the picture is drawn, without an effect on training."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from reluviz.app import smooth_choices
from reluviz.app.state import FONT_SCALES, AppState, take_font_scale, take_theme
from reluviz.app.store import Store
from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.scale import Scale
from reluviz.app.widgets.section import Section
from reluviz.app.widgets.switch_field import SwitchField
from reluviz.core.coloring import COLORINGS
from reluviz.core.palette import PALETTES


@dataclass(frozen=True)
class ViewSetting:
    """One row of VIEW_SETTINGS: `choices` make a list, `scale` a slider, neither a switch.

    `choices_of` gives choices that depend on the state; the row is there only while `applies`. `helps` says what a
    choice does, where `help` does not.
    """

    name: str
    label: str
    help: str
    read: Callable[[AppState], Any]
    change: Callable[[AppState, Any], AppState]
    choices: Mapping[str, str] | None = None
    scale: Scale | None = None
    choices_of: Callable[[AppState], Mapping[str, str]] | None = None
    applies: Callable[[AppState], bool] | None = None
    helps: Mapping[str, str] = dataclasses.field(default_factory=dict)


def _of_view(name: str) -> dict[str, Any]:
    return {"read": partial(_read_view, name), "change": partial(_change_view, name)}


def _of_state(name: str) -> dict[str, Any]:
    return {"read": partial(_read_state, name), "change": partial(_change_state, name)}


def _read_view(name: str, state: AppState) -> Any:
    return getattr(state.view, name)


def _change_view(name: str, state: AppState, value: Any) -> AppState:
    return replace(state, view=replace(state.view, **{name: value}))


def _of_number(name: str) -> dict[str, Any]:
    return {"read": partial(_read_view, name), "change": partial(_change_number, name)}


def _change_number(name: str, state: AppState, value: Any) -> AppState:
    return _change_view(name, state, value) if isinstance(value, float | int) and value > 0 else state


def _read_state(name: str, state: AppState) -> Any:
    return getattr(state, name)


def _change_state(name: str, state: AppState, value: Any) -> AppState:
    return replace(state, **{name: value})


def _read_size(state: AppState) -> float:
    return round(100 * state.font_scale)


def _change_size(state: AppState, percent: Any) -> AppState:
    return take_font_scale(state, percent / 100) if isinstance(percent, int) else state


VIEW_SETTINGS = (
    ViewSetting(
        "coloring",
        "Colour",
        "What a region's colour means.",
        **_of_view("coloring"),
        choices={name: row.label for name, row in COLORINGS.items()},
        helps={name: row.help for name, row in COLORINGS.items()},
    ),
    ViewSetting(
        "layer",
        "Of layer",
        "The hidden layer whose gain, or whose unit, colours the plane.",
        read=smooth_choices.read_layer,
        change=smooth_choices.change_layer,
        choices_of=smooth_choices.layer_choices,
        applies=lambda state: state.view.coloring == "gain" and len(state.experiment.hidden) > 1,
    ),
    ViewSetting(
        "smooth",
        "Picture",
        "Which picture is drawn: exact regions, soft boundaries, a stand-in's regions, or the network melted.",
        read=smooth_choices.read_picture,
        change=partial(_change_view, "smooth"),
        choices_of=smooth_choices.picture_choices,
    ),
    ViewSetting(
        "epsilon",
        "Epsilon",
        "How far a stand-in's activations may be from the true ones: smaller needs more regions.",
        **_of_number("epsilon"),
        scale=Scale(0.001, 1.0, logarithmic=True),
        applies=lambda state: smooth_choices.read_picture(state) == "epsilon",
    ),
    ViewSetting(
        "eta",
        "Hardness \N{GREEK SMALL LETTER ETA}",
        "How hard a unit chooses between its pieces: SiLU at 1, near GELU at 1.7, ReLU at infinity.",
        **_of_number("eta"),
        scale=Scale(0.5, 1000.0, logarithmic=True),
        applies=lambda state: smooth_choices.read_picture(state) == "melt",
    ),
    ViewSetting(
        "lines",
        "Lines",
        "Draws each bent line as strong as f bends there, all alike, or not at all.",
        **_of_view("lines"),
        choices={"bend": "By bend", "equal": "Equal", "none": "None"},
    ),
    ViewSetting(
        "theme",
        "Theme",
        "The colours of window and picture; projector is black on white with larger type.",
        read=partial(_read_state, "theme"),
        change=take_theme,
        choices={name: name.capitalize() for name in PALETTES},
    ),
    ViewSetting(
        "size",
        "Type size, %",
        "How large all type is.",
        read=_read_size,
        change=_change_size,
        scale=Scale(100 * FONT_SCALES[0], 100 * FONT_SCALES[1], whole=True),
    ),
    ViewSetting(
        "boundary", "Decision boundary", "Draws the line where the network changes its mind.", **_of_view("boundary")
    ),
    ViewSetting("points", "Training points", "Shows the points that are learned.", **_of_state("show_points")),
    ViewSetting("test", "Test points", "Shows the points that only test.", **_of_state("show_test_points")),
)


READ = ("experiment", "view", "theme", "font_scale", "show_points", "show_test_points", "swap_afresh")
"""The fields of the state that rows read; for others no row is looked at."""

SWAP_AFRESH = ViewSetting(
    "swap_afresh",
    "Swap starts afresh",
    "Another activation begins a new run from the same seed; else it goes on with the trained weights.",
    **_of_state("swap_afresh"),
)


def make_view_field(row: ViewSetting, store: Store) -> Field:
    """Return the control of one row, which follows the state."""
    field = _make_field(row, store)
    store.on(*READ).connect(partial(_follow, ((field, row, ()),)))
    return field


def make_view_section(store: Store) -> Section:
    """Return the controls of the view."""
    section = Section("View")
    rows = []
    for row in VIEW_SETTINGS:
        field = _make_field(row, store)
        parts: tuple[QWidget, ...] = (field,)
        if isinstance(field, SwitchField):
            section.add_wide(field)
        else:
            parts = (section.add_row(row.label, row.help, field), field)
        _show_parts(row, parts, None, store.state)
        rows.append((field, row, parts))
    store.on(*READ).connect(partial(_follow, tuple(rows)))
    return section


def _make_field(row: ViewSetting, store: Store) -> Field:
    field = make_plain_field(row)
    _show_value(field, row, None, store.state)
    field.edited.connect(partial(_edit, field, row, store))
    return field


def make_plain_field(row: ViewSetting) -> Field:
    """Return the control of one row, which shows nothing yet."""
    if row.choices_of is not None:
        return ChoiceField(row.name, row.label, row.help, {})
    if row.choices is not None:
        return ChoiceField(row.name, row.label, row.help, row.choices)
    if row.scale is not None:
        return NumberField(row.name, row.label, row.help, row.scale, row.scale.whole)
    return SwitchField(row.name, row.label, row.help)


def _edit(field: Field, row: ViewSetting, store: Store, changes: dict[str, Any]) -> None:
    store.set(row.change(store.state, changes[row.name]))
    field.show_value(row.read(store.state))


def _follow(rows: tuple[tuple[Field, ViewSetting, tuple[QWidget, ...]], ...], old: AppState, new: AppState) -> None:
    for field, row, parts in rows:
        _show_value(field, row, old, new)
        _show_parts(row, parts, old, new)


def _show_value(field: Field, row: ViewSetting, old: AppState | None, new: AppState) -> None:
    value, choices_of = row.read(new), row.choices_of
    changed = old is None or value != row.read(old)
    if choices_of is not None and isinstance(field, ChoiceField):
        changed = changed or old is None or choices_of(new) != choices_of(old)
        field.set_choices(choices_of(new))
    if changed:
        field.show_value(value)


def _show_parts(row: ViewSetting, parts: tuple[QWidget, ...], old: AppState | None, new: AppState) -> None:
    if row.applies is None:
        return
    shown = row.applies(new)
    if old is None or row.applies(old) != shown:
        for part in parts:
            part.setVisible(shown)
