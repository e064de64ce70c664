"""Scenery: what is seen besides the moment, as a Look that a journal can hold, and back into a state."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from reluviz.app.canvas.navigation import framed
from reluviz.app.canvas.point_size import pane_share, point_diameter
from reluviz.app.lecture.ink import INKS
from reluviz.app.lecture.state import Lecture, Spot, Stroke
from reluviz.app.lesson_state import LessonState
from reluviz.app.recovery.state import RESTORE
from reluviz.app.state import FONT_SCALES, AppState, Message
from reluviz.core.experiment import SETTINGS
from reluviz.core.palette import PALETTES
from reluviz.core.snapshot import FOREVER
from reluviz.studio.comparison import Setup, pane_label
from reluviz.studio.handwriting import added_points
from reluviz.studio.lesson import Lesson
from reluviz.studio.lesson_file import read_lesson
from reluviz.studio.look import LONGEST_TITLE, Ink, Look

SEEN = (
    *("view", "theme", "font_scale", "show_points", "show_test_points", "probe", "pins", "pin", "setup"),
    *("compositions", "flow_quantity", "log_loss", "swap_afresh", "chrome", "tool", "segment", "brush", "hero"),
    *("compared", "selected", "until", "steps_per_second", "step_unit", "message", "pictures_per_second", "lecture"),
    "lesson",
)
"""The fields of AppState that a Look is made of, but for what changes with every snapshot."""
_PLAIN = (
    *("compositions", "flow_quantity", "log_loss", "swap_afresh", "chrome", "pin", "tool", "segment", "brush"),
    *("hero", "compared", "selected", "step_unit", "font_scale", "theme"),
)


def is_seen_alike(old: AppState, new: AppState) -> bool:
    """Whether two states give one Look: snapshots alone change none, however much ink lies on the window."""
    return (
        all(getattr(old, name) is getattr(new, name) for name in SEEN)
        and (old.playing, old.time.is_looking_back) == (new.playing, new.time.is_looking_back)
        and len(old.panes) == len(new.panes)
        and all(one.experiment is other.experiment for one, other in zip(old.panes, new.panes, strict=True))
    )


def look_of_state(state: AppState) -> Look:
    """Return how a state is seen; the window's part names what only a window shows."""
    view, usual = state.view, Look()
    named = {
        row.name: getattr(view, row.name)
        for row in fields(Look)
        if hasattr(view, row.name) and row.name != "line_width"
    }
    window = {name: getattr(state, name) for name in _PLAIN} | {
        "playing": state.playing,
        "past": state.time.is_looking_back,
        "lesson": _lesson_of(state.lesson),
        "speed": 0.0 if math.isinf(state.steps_per_second) else state.steps_per_second,
        "pictures": None if math.isnan(state.pictures_per_second) else round(state.pictures_per_second),
        "message": _say(state.message),
        "setup": None if state.setup is None else [state.setup.field, list(state.setup.values)],
        "ink": [_kept_ink(stroke) for stroke in state.lecture.strokes],
        "drawing": None if state.lecture.drawing is None else _ink(state.lecture.drawing),
        "pointer": None if state.lecture.pointer is None else [state.lecture.pointer.part, state.lecture.pointer.point],
        "hand": [state.lecture.tool, state.lecture.color],
        "dark": state.lecture.is_dark,
        "figures": list(state.lecture.figures) if state.lecture.counters else None,
    }
    return replace(
        usual,
        **named | {"bounds": framed(view.bounds, 1, 1)},  # What a canvas of any shape shows, as this one does.
        points=state.show_points,
        test_points=state.show_test_points,
        probe=state.probe,
        pins=state.pins,
        line_width=state.preferences.line_strength,
        labels=_labels(state),
        ink=_canvas_ink(state),
        point_size=_point_size(state),
        window=window,
    )


def changes_of(old: Look, new: Look) -> dict[str, Any]:
    """Return the parts in which `new` differs, of the window's part only what differs there."""
    changed = {
        row.name: getattr(new, row.name)
        for row in fields(Look)
        if row.name != "window" and getattr(old, row.name) != getattr(new, row.name)
    }
    window = {name: value for name, value in new.window.items() if name not in old.window or old.window[name] != value}
    added = added_points(old.window.get("drawing"), window.get("drawing"))
    if added is not None:  # A stroke of 600 points else writes 600 lists of 300 points.
        del window["drawing"]
        window["drawn"] = added
    return changed | ({"window": window} if window else {})


def take_look(state: AppState, look: Look) -> AppState:
    """Return the state seen as a Look says; what does not fit is left out, and sizes in pixels stay.

    What is as it was stays the very same object, so that no view takes it for new.
    """
    taken = _taken(state, look)
    alike = (name for name in SEEN if getattr(taken, name) is not getattr(state, name))
    kept = {name: getattr(state, name) for name in alike if _is_alike(getattr(state, name), getattr(taken, name))}
    return replace(taken, **kept) if kept else taken


def _is_alike(one: Any, other: Any) -> bool:
    if isinstance(one, Lecture):  # Its strokes are compared as objects; those that stay are the same ones.
        return all(getattr(one, row.name) == getattr(other, row.name) for row in fields(Lecture))
    return bool(one == other)


def _taken(state: AppState, look: Look) -> AppState:
    own = ("bounds", "coloring", "lines", "boundary", "palette", "layer", "unit", "pin", "smooth", "epsilon", "eta")
    usual = 2.2 if look.palette == "projector" else 1.3
    view = replace(state.view, line_width=usual * look.line_width, **{name: getattr(look, name) for name in own})
    state = replace(
        state,
        view=view,
        theme=look.palette,
        show_points=look.points,
        show_test_points=look.test_points,
        probe=look.probe,
        pins=look.pins,
    )
    for name, value in look.window.items():
        change = _WINDOW.get(name)
        try:
            state = state if change is None else change(state, value)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            continue
    return state


def _point_size(state: AppState) -> float:
    """Return the diameter of data points as a share of the canvas's shorter side."""
    wide, high = (side / state.pixel_ratio for side in (state.view.width, state.view.height))
    share = pane_share(wide, high) if state.panes else 1.0
    return min(0.5, point_diameter(state.theme, state.font_scale) * share / max(1.0, min(wide, high)))


def _labels(state: AppState) -> tuple[str, ...]:
    if state.setup is None or not state.panes:
        return ()
    return tuple(pane_label(state.setup.field, pane.experiment)[:LONGEST_TITLE] for pane in state.panes)


def _canvas_ink(state: AppState) -> tuple[Ink, ...]:
    """Return the strokes that lie on the plane of a pane, in the colours of the theme."""
    colors = INKS[state.theme]
    lying = (stroke for stroke in state.lecture.strokes if stroke.part.startswith("plane:"))
    return tuple((int(stroke.part[6:]), colors[stroke.color % len(colors)], stroke.points) for stroke in lying)


def _lesson_of(opened: LessonState) -> list[Any] | None:
    if opened.lesson is None or opened.lesson.path is None:
        return None
    return [str(opened.lesson.path), opened.step, opened.entered, [list(guess) for guess in opened.guesses]]


@lru_cache(maxsize=4)
def _lesson(path: str) -> Lesson:
    return read_lesson(Path(path))


def _take_lesson(state: AppState, value: Any) -> AppState:
    opened = state.lesson
    if value == _lesson_of(opened):
        return state
    if value is None:
        return replace(state, lesson=replace(opened, lesson=None, step=0, guesses=(), results=()))
    path, step, entered, guesses = value
    lesson = _lesson(str(path))
    step = min(max(0, int(step)), len(lesson.steps) - 1)
    pairs = tuple((int(one), int(choice)) for one, choice in guesses)
    results = opened.results if opened.lesson is lesson and opened.step == step else ()
    opened = replace(opened, lesson=lesson, step=step, entered=int(entered), guesses=pairs, results=results)
    return replace(state, lesson=opened)


def _ink(stroke: Stroke) -> list[Any]:
    return [stroke.part, stroke.color, [list(point) for point in stroke.points]]


_kept_ink = lru_cache(maxsize=500)(_ink)
"""Of strokes that stand: what moves over them is noted 120 times a second."""


def _plain(name: str) -> Callable[[AppState, Any], AppState]:
    kinds: tuple[type, ...] = {
        "compositions": (int,),
        "brush": (int, float),
        **dict.fromkeys(("log_loss", "swap_afresh", "chrome"), (bool,)),
        **dict.fromkeys(("flow_quantity", "tool", "hero", "compared", "step_unit"), (str,)),
    }[name]

    def take(state: AppState, value: Any) -> AppState:
        if not isinstance(value, kinds):
            raise TypeError
        changes: dict[str, Any] = {name: value}
        return replace(state, **changes)

    return take


def _numbers(value: Any, count: int) -> tuple[float, ...]:
    numbers = tuple(map(float, value))
    if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
        raise ValueError
    return numbers


def _take_selected(state: AppState, value: Any) -> AppState:
    if value is None:
        return replace(state, selected=None)
    layer, unit = map(int, value)
    if not (0 <= layer < len(state.experiment.hidden) and 0 <= unit < state.experiment.hidden[layer]):
        raise ValueError
    return replace(state, selected=(layer, unit))


def _take_pin(state: AppState, value: Any) -> AppState:
    return replace(state, pin=None if value is None or not 0 <= int(value) < len(state.pins) else int(value))


def _take_segment(state: AppState, value: Any) -> AppState:
    if value is None:
        return replace(state, segment=None)
    x0, y0, x1, y1 = _numbers(value, 4)
    return replace(state, segment=(x0, y0, x1, y1))


def _take_setup(state: AppState, value: Any) -> AppState:
    if value is None:
        return replace(state, setup=None)
    field, values = value
    if field not in SETTINGS or not isinstance(values, list) or len(values) > 6:
        raise ValueError
    return replace(state, setup=Setup(field, tuple(tuple(one) if isinstance(one, list) else one for one in values)))


def _take_font_scale(state: AppState, value: Any) -> AppState:
    low, high = FONT_SCALES
    return replace(state, font_scale=min(high, max(low, float(value))))


def _take_theme(state: AppState, value: Any) -> AppState:
    if value not in PALETTES:
        raise ValueError
    return state  # The picture's palette says it.


def _say(message: Message) -> list[str]:
    """Return what a film shows of the status line: offers after a crash are for whoever sits at the window."""
    return ["", "note"] if message.action in (RESTORE, "film") else [message.text, message.kind]


def _take_message(state: AppState, value: Any) -> AppState:
    text, kind = value
    if kind not in ("note", "warning", "error"):
        raise ValueError
    return replace(state, message=Message(str(text)[:500], kind))


def _spot(value: Any) -> Spot | None:
    if value is None:
        return None
    part, point = value
    x, y = _numbers(point, 2)
    return Spot(str(part), (x, y))


def _take_ink(state: AppState, value: Any) -> AppState:
    there = state.lecture.strokes
    strokes = []
    for index, item in enumerate(value[:2000]):
        stands = index < len(there) and _kept_ink(there[index]) == item
        strokes.append(there[index] if stands else _stroke(item))
    return replace(state, lecture=replace(state.lecture, strokes=tuple(strokes)))


def _stroke(value: Any) -> Stroke:
    part, color, points = value
    places = tuple((x, y) for x, y in (_numbers(point, 2) for point in points))
    return Stroke(str(part), int(color) % 3, places)


def _take_drawing(state: AppState, value: Any) -> AppState:
    return replace(state, lecture=replace(state.lecture, drawing=None if value is None else _stroke(value)))


def _take_hand(state: AppState, value: Any) -> AppState:
    tool, color = value
    return replace(state, lecture=replace(state.lecture, tool=str(tool), color=int(color) % 3))


def _take_figures(state: AppState, value: Any) -> AppState:
    lecture = replace(state.lecture, counters=value is not None)
    return replace(state, lecture=lecture if value is None else replace(lecture, figures=tuple(map(str, value))))


_WINDOW: dict[str, Callable[[AppState, Any], AppState]] = {
    **{
        name: _plain(name)
        for name in ("compositions", "brush", "log_loss", "swap_afresh", "chrome", "flow_quantity", "tool", "hero")
    },
    **{name: _plain(name) for name in ("compared", "step_unit")},
    "selected": _take_selected,
    "pin": _take_pin,
    "segment": _take_segment,
    "setup": _take_setup,
    "font_scale": _take_font_scale,
    "theme": _take_theme,
    "message": _take_message,
    "playing": lambda state, value: replace(state, until=FOREVER if value is True else 0),
    "speed": lambda state, value: replace(state, steps_per_second=float(value) or math.inf),
    "pictures": lambda state, value: replace(state, pictures_per_second=math.nan if value is None else float(value)),
    "ink": _take_ink,
    "drawing": _take_drawing,
    "lesson": _take_lesson,
    "pointer": lambda state, value: replace(state, lecture=replace(state.lecture, pointer=_spot(value))),
    "hand": _take_hand,
    "dark": lambda state, value: replace(state, lecture=replace(state.lecture, is_dark=value is True)),
    "figures": _take_figures,
}


def merge(window: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the window's part of a Look with what changed in it."""
    return {**window, **changes}
