"""Settings: what the window remembers from one day to the next, as one JSON file."""

import json
import math
import os
from collections.abc import Container
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from reluviz.app.files import write_text
from reluviz.app.preferences.detail import BUDGETS, take_line_strength
from reluviz.app.preferences.keys import without_conflicts
from reluviz.app.preferences.state import from_plain, to_plain
from reluviz.app.state import FONT_SCALES, AppState, take_theme
from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.fills import FILLS, OWN
from reluviz.core.palette import PALETTES
from reluviz.core.view import SMOOTH_PICTURES

VERSION = 1
VARIABLE = "RELUVIZ_SETTINGS"  # A folder to keep settings in instead of the system's own place.
LINES = ("bend", "equal", "none")
OF_VIEW = ("coloring", "lines", "boundary", "smooth", "epsilon", "eta", "fills", "region_budget")
RANGES = {"font_scale": FONT_SCALES, "epsilon": (1e-6, 10.0), "eta": (1e-6, 1e6), "speed": (0.0, 1e6)}


@dataclass(frozen=True)
class Settings:
    """Geometry and docks are Qt's own bytes in base64; `speed` 0 stands for as fast as it goes.

    The first start trains at 200 steps a second: at full speed the spiral is learnt before anyone has seen it fold.
    """

    experiment: dict[str, Any] = field(default_factory=dict)
    geometry: str = ""
    docks: str = ""
    folded: tuple[str, ...] = ()
    theme: str = "dark"
    plain_theme: str = "dark"
    font_scale: float = 1.0
    coloring: str = "pattern"
    lines: str = "bend"
    boundary: bool = True
    show_points: bool = True
    show_test_points: bool = True
    speed: float = 200.0
    step_unit: str = "batch"
    playing: bool = True
    folder: str = ""
    recent: tuple[str, ...] = ()
    lessons_done: tuple[str, ...] = ()
    smooth: str = "soft"
    epsilon: float = 0.05
    eta: float = 10.0
    fills: str = OWN
    region_budget: int = 250_000
    swap_afresh: bool = False
    preferences: dict[str, Any] = field(default_factory=dict)


def settings_path() -> Path:
    """Return where the settings lie on this system."""
    from platformdirs import user_config_path

    folder = os.environ.get(VARIABLE)
    return (Path(folder) if folder else user_config_path("reluviz", appauthor=False)) / "settings.json"


def read_settings(path: Path) -> tuple[Settings, str]:
    """Return what was saved, and a sentence where it could not be used.

    A file that cannot be read is set aside as `settings.json.broken`, never overwritten unseen; a single value that
    does not fit is left at its default.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError("no object")
    except FileNotFoundError:
        return Settings(), ""
    except OSError as error:
        return Settings(), f"The settings in {path} cannot be read ({error.strerror}); defaults hold."
    except (ValueError, RecursionError):
        return Settings(), _set_aside(path)
    kinds = {f.name: f.type for f in fields(Settings)}
    usable = {name: value for name, value in data.items() if name in kinds and _fits(name, value)}
    for name in {"folded", "recent", "lessons_done"} & set(usable):
        usable[name] = tuple(usable[name])
    return Settings(**usable), ""


def write_settings(path: Path, settings: Settings) -> None:
    """Write the file aside and rename it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {f.name: getattr(settings, f.name) for f in fields(settings)}
    write_text(path, json.dumps({"version": VERSION, **values}, indent=2) + "\n")


def take_settings(state: AppState, settings: Settings) -> AppState:
    """Return the state as it was left, without its experiment."""
    preferences = without_conflicts(from_plain(settings.preferences))
    state = replace(state, plain_theme=settings.plain_theme, preferences=preferences)
    state = take_line_strength(take_theme(state, settings.theme), preferences.line_strength)
    return replace(
        state,
        view=replace(state.view, **{name: getattr(settings, name) for name in OF_VIEW}),
        swap_afresh=settings.swap_afresh,
        plain_theme=settings.plain_theme,
        font_scale=settings.font_scale,
        show_points=settings.show_points,
        show_test_points=settings.show_test_points,
        steps_per_second=settings.speed or math.inf,
        step_unit="epoch" if settings.step_unit == "epoch" else "batch",
        folder=settings.folder,
        recent=settings.recent,
        lesson=replace(state.lesson, done=settings.lessons_done),
    )


def settings_of(state: AppState, geometry: str, docks: str, folded: tuple[str, ...]) -> Settings:
    """Return what is to be remembered of a state and its window; a theme that was only lent is not."""
    if state.lent_theme:
        state = take_theme(state, state.lent_theme)
    return Settings(
        experiment=state.experiment.to_dict(),
        geometry=geometry,
        docks=docks,
        folded=folded,
        theme=state.theme,
        plain_theme=state.plain_theme,
        font_scale=state.font_scale,
        **{name: getattr(state.view, name) for name in OF_VIEW},
        swap_afresh=state.swap_afresh,
        preferences=to_plain(state.preferences),
        show_points=state.show_points,
        show_test_points=state.show_test_points,
        speed=0.0 if math.isinf(state.steps_per_second) else state.steps_per_second,
        step_unit=state.step_unit,
        playing=state.playing,
        folder=state.folder,
        recent=state.recent,
        lessons_done=state.lesson.done,
    )


def saved_experiment(settings: Settings) -> tuple[Experiment, str]:
    """Return the experiment of last time, and a sentence where it cannot be used."""
    try:
        return Experiment.from_dict(settings.experiment, "The experiment of last time"), ""
    except InputError as error:
        return Experiment(), f"{error} The default one is shown."


def _set_aside(path: Path) -> str:
    broken = path.with_name(f"{path.name}.broken")
    try:
        os.replace(path, broken)
    except OSError as error:
        return f"The settings in {path} are damaged and cannot be set aside ({error.strerror}); defaults hold."
    return f"The settings were damaged: they are set aside as {broken}, and defaults hold."


def _fits(name: str, value: Any) -> bool:
    """Whether one saved value can be used."""
    names: dict[str, Container[str]] = {
        "theme": PALETTES,
        "plain_theme": PALETTES,
        "coloring": COLORINGS,
        "lines": LINES,
    }
    names |= {"step_unit": ("batch", "epoch"), "smooth": SMOOTH_PICTURES, "fills": FILLS}
    if name in names:
        return isinstance(value, str) and value in names[name]
    if name in ("geometry", "docks", "folder"):
        return isinstance(value, str)
    if name in ("boundary", "show_points", "show_test_points", "swap_afresh", "playing"):
        return isinstance(value, bool)
    if name in ("experiment", "preferences"):
        return isinstance(value, dict)
    if name == "region_budget":
        return isinstance(value, int) and value in BUDGETS
    if name in ("folded", "recent", "lessons_done"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    low, high = RANGES[name]
    return number and low <= value <= high
