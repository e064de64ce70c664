"""What the palette of commands offers: every command, setting, choice, panel and recent file as one row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from reluviz.app import files
from reluviz.app.actions import ACTIONS, perform, title_of
from reluviz.app.forms import CHOICE_LABELS, ELSEWHERE, NETWORK_KINDS
from reluviz.app.lessons import commands as lessons
from reluviz.app.palette.lesson_titles import lesson_titles
from reluviz.app.preferences.keys import keys_of
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.view_form import SWAP_AFRESH, VIEW_SETTINGS, ViewSetting
from reluviz.core.experiment import DATASETS, SETTINGS, Experiment

UNSEEN = ("commands",)  # Actions that make no sense in the palette itself.


@dataclass(frozen=True)
class Row:
    """One thing to do. `kind` says what it is, `value` what holds now, `words` what else it is found by.

    `why_not` is a sentence where it can do nothing now. `lasting` rows are put first once they were used.
    """

    id: str
    title: str
    help: str
    kind: str
    run: Callable[[Store], object]
    keys: tuple[str, ...] = ()
    value: str = ""
    words: str = ""
    why_not: str = ""
    checked: bool = False
    lasting: bool = True

    @property
    def more(self) -> str:
        """What a search looks through besides the title."""
        return f"{self.kind} {self.words} {self.help}"


def rows_of(state: AppState) -> list[Row]:
    """Return all rows but those of panels, which the window knows."""
    parts = (_commands(state), _settings(state), _choices(state), _views(state), _lessons(), _recent(state))
    return list(chain(*parts))


def _commands(state: AppState) -> Iterator[Row]:
    for action in ACTIONS.values():
        if action.id in UNSEEN or not action.menu:
            continue
        kind = "Activation" if action.menu == "Activation" else "Command"
        yield Row(
            f"action:{action.id}",
            title_of(action, state).removesuffix(" …"),
            action.help,
            kind,
            partial(perform, row=action),
            keys_of(state.preferences, action),
            words=f"{action.menu} {action.id.replace('_', ' ')}",
            why_not=action.why_not(state) if action.why_not is not None else "",
            checked=action.checked is not None and action.checked(state),
        )


def _settings(state: AppState) -> Iterator[Row]:
    """Return one row per control of a form: it leads there."""
    for name, setting in SETTINGS.items():
        if setting.kind in ELSEWHERE:
            continue
        yield Row(
            f"setting:{name}",
            setting.label,
            setting.help,
            "Setting",
            partial(_show_control, name=name),
            value=say_value(name, state.experiment),
            words=f"{name} {setting.group}",
        )


def _choices(state: AppState) -> Iterator[Row]:
    """Return one row per data set, and per choice of a setting that has a few."""
    for name in DATASETS:
        label = name.capitalize()
        yield Row(
            f"dataset:{name}",
            label,
            f"Learns the built-in data set {label}.",
            "Data set",
            partial(Store.edit, dataset=name),
            words=name,
            checked=state.experiment.dataset == name,
        )
    for name, setting in SETTINGS.items():
        for choice in setting.choices if setting.kind == "choice" else ():
            yield Row(
                f"setting:{name}={choice}",
                f"{setting.label}: {CHOICE_LABELS.get(choice, choice.capitalize())}",
                setting.help,
                "Setting",
                partial(_edit, name=name, value=choice),
                words=f"{name} {choice}",
                checked=getattr(state.experiment, name) == choice,
            )


def _views(state: AppState) -> Iterator[Row]:
    """Return rows for how things are drawn: each choice of a list, and switches."""
    for row in (*VIEW_SETTINGS, SWAP_AFRESH):
        if row.name == "theme" or (row.applies is not None and not row.applies(state)):
            continue  # Themes are commands.
        choices = row.choices_of(state) if row.choices_of is not None else row.choices
        for choice, label in (choices or {}).items():
            yield Row(
                f"view:{row.name}={choice}",
                f"{row.label}: {label}",
                row.helps.get(choice, row.help),
                "Colour" if row.name == "coloring" else "View",
                partial(_change_view, row=row, value=choice),
                words=f"{row.name} {choice}",
                checked=row.read(state) == choice,
            )
        if choices is None and row.scale is None and row.name not in ("boundary", "points", "test"):
            yield Row(
                f"view:{row.name}",
                row.label,
                row.help,
                "View",
                partial(_toggle_view, row=row),
                words=row.name,
                checked=bool(row.read(state)),
            )


def _lessons() -> Iterator[Row]:
    for number, lesson in enumerate(lesson_titles(), 1):
        yield Row(
            f"lesson:{lesson.path.stem}",
            f"Lesson {number}: {lesson.title}",
            lesson.question,
            "Lesson",
            partial(lessons.begin, path=lesson.path),
            words=lesson.path.stem.replace("-", " "),
        )


def _recent(state: AppState) -> Iterator[Row]:
    for name in state.recent:
        path = Path(name)
        yield Row(
            f"recent:{name}",
            path.name,
            f"Opens {name}.",
            "Recent",
            partial(files.open_scene, path=path),
            words=str(path.parent),
            lasting=False,
        )


def say_value(name: str, experiment: Experiment) -> str:
    """Return a field's value in the words of the forms."""
    value = getattr(experiment, name)
    if isinstance(value, tuple):
        return ", ".join("default" if item is None else f"{item}" for item in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return CHOICE_LABELS.get(text, Path(text).name if name == "dataset" else text)


def _show_control(store: Store, name: str) -> None:
    store.update(wanted_control="activation" if SETTINGS[name].kind in NETWORK_KINDS else name)


def _edit(store: Store, name: str, value: Any) -> None:
    store.edit(**{name: value})


def _change_view(store: Store, row: ViewSetting, value: Any) -> None:
    store.set(row.change(store.state, value))


def _toggle_view(store: Store, row: ViewSetting) -> None:
    store.set(row.change(store.state, not row.read(store.state)))
