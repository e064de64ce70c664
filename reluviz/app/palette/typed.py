"""Values typed in the palette: `learning rate 0.01` becomes a row that makes it so, by the field's own check."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from reluviz.app.commands import edit_network
from reluviz.app.forms import CHOICE_LABELS, NETWORK_KINDS
from reluviz.app.palette.rows import Row, say_value
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.view_form import VIEW_SETTINGS, ViewSetting
from reluviz.app.widgets.number_field import number_text, read_number
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS
from reluviz.core.field_text import value_of
from reluviz.core.setting import Setting, check_value

NUMBER_STARTS = "0123456789.-\N{MINUS SIGN}"
NUMBERS = ("int", "float", "widths", "parameters")
LONGEST = 300


def typed_rows(query: str, state: AppState) -> list[Row]:
    """Return what a query that names a setting and a value would change; a value that does not fit says why."""
    words = query[:LONGEST].replace("=", " ").split()
    rows: list[Row] = list(_width_rows(words, state))
    for count in range(len(words) - 1, 0, -1):
        name, text = words[:count], " ".join(words[count:])
        rows += [row for setting in SETTINGS for row in _experiment_rows(name, text, setting, state)]
        rows += [row for view in VIEW_SETTINGS for row in _view_rows(name, text, view, state)]
        if rows:  # The longest name that is one: `batch seed 3` is no batch size.
            return rows
    return rows


def _width_rows(words: list[str], state: AppState) -> Iterator[Row]:
    """Yield the width of one layer: `layer 2 8`; of a word beginning with `layers` all widths are meant."""
    hidden = state.experiment.hidden
    if len(words) != 3 or words[0].casefold() != "layer" or not (words[1].isdecimal() and words[2].isdecimal()):
        return
    number, width = int(words[1]), int(words[2])
    if 1 <= number <= len(hidden):
        value = (*hidden[: number - 1], width, *hidden[number:])
        row = _experiment_row("hidden", value, SETTINGS["hidden"], state)
        said = f"now {hidden[number - 1]}"
        yield replace(row, id=f"set:layer{number}", title=f"Layer {number}: {width} units", value=said)


def means(typed: list[str], label: str) -> bool:
    """Whether typed words begin words of a label, in its order, or are its initials."""
    words = label.casefold().split()
    if "".join(typed).casefold() == "".join(word[0] for word in words) and len(words) > 1:
        return True
    place = 0
    for word in typed:
        while place < len(words) and not words[place].startswith(word.casefold()):
            place += 1
        if place == len(words):
            return False
        place += 1
    return True


def _experiment_rows(typed: list[str], text: str, name: str, state: AppState) -> Iterator[Row]:
    setting = SETTINGS[name]
    if not (means(typed, setting.label) or means(typed, name.replace("_", " "))):
        return
    if setting.kind in NUMBERS:
        if text[0] not in NUMBER_STARTS:
            return
        values = [_number(name, text, setting)]
    elif setting.kind == "activations":
        values = [value_of(name, text, setting)] if "z" in text or text in setting.choices else []
    elif setting.choices and setting.kind != "kinds":
        values = [choice for choice in setting.choices if _begins(text, choice)]
    else:
        return
    for value in values:
        yield _experiment_row(name, value, setting, state)


def _experiment_row(name: str, value: Any, setting: Setting, state: AppState) -> Row:
    reason = ""
    try:
        value = check_value(name, value, setting)
        experiment = state.experiment.edit(**{name: value})
        said = say_value(name, experiment)
    except InputError as error:
        reason, said = str(error), value if isinstance(value, str) else str(value)
    return Row(
        f"set:{name}",
        f"{setting.label} {said}",
        setting.help,
        "Set",
        partial(_edit, name=name, value=value),
        value=f"now {say_value(name, state.experiment)}",
        why_not=reason,
        lasting=False,
    )


def _view_rows(typed: list[str], text: str, row: ViewSetting, state: AppState) -> Iterator[Row]:
    if row.scale is None or text[0] not in NUMBER_STARTS or not means(typed, row.label.replace(", %", "")):
        return
    if row.applies is not None and not row.applies(state):
        return
    number = read_number(text, row.scale.whole)
    low, high = row.scale.minimum, row.scale.maximum
    fits = isinstance(number, int | float) and low <= number <= high
    said = number_text(number, row.scale.whole) if isinstance(number, int | float) else text
    yield Row(
        f"set:{row.name}",
        f"{row.label} {said}",
        row.help,
        "Set",
        partial(_change_view, row=row, value=number),
        value=f"now {number_text(row.read(state), row.scale.whole)}",
        why_not="" if fits else f"{row.label}: {said} cannot be used; allowed is a number from {low:g} to {high:g}.",
        lasting=False,
    )


def _number(name: str, text: str, setting: Setting) -> Any:
    if setting.kind in ("int", "float"):
        return read_number(text, setting.kind == "int")
    return value_of(name, ",".join(text.replace(",", " ").split()), setting)


def _begins(text: str, choice: str) -> bool:
    label = CHOICE_LABELS.get(choice, choice)
    return any(name.casefold().startswith(text.casefold()) for name in (choice, label))


def _edit(store: Store, name: str, value: Any) -> None:
    if SETTINGS[name].kind in NETWORK_KINDS:
        edit_network(store, **{name: value})
    else:
        store.edit(**{name: value})


def _change_view(store: Store, row: ViewSetting, value: Any) -> None:
    store.set(row.change(store.state, value))
