"""Lecture: what a lecturer has done to the screen, and the pure functions that change it."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reluviz.app.lecture.timer import Timer

if TYPE_CHECKING:  # AppState holds a Lecture.
    from reluviz.app.state import AppState

TOOLS = ("pen", "erase", "laser", "spotlight")
PEN_COLORS = 3
UNDO_DEPTH = 100
FIGURES = ("step", "epoch", "train_loss", "test_loss", "accuracy", "regions")
"""Which of the top bar's figures can be shown large."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """A place on the screen: the part that it lies on, and where.

    `part` is "plane:0" for the canvas or the first pane of a comparison, "plane:1" for the second and so on, with
    `point` in the plane's own coordinates, so that it moves with pan and zoom; else it names a part of the window, with
    `point` in logical pixels from that part's upper left corner.
    """

    part: str
    point: Point


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line of ink: the part of the screen that it lies on, its colour (an index), and its points there."""

    part: str
    color: int
    points: tuple[Point, ...]


@dataclass(frozen=True, eq=False)
class Lecture:
    """`tool` is what the mouse does everywhere in the window, one of TOOLS, "" for what it always does.

    `strokes` is the ink that stands, `drawing` the line that is being drawn; `past` and `future` are what undo and redo
    go to. `pointer` is where laser or spotlight point; it is never kept. `held` is the moment at which the picture was
    frozen. `is_dark` blacks it out. Both act on the audience's window where one is open (`audience`), else on this one.
    `figures` are shown large while `counters` holds. `hidden` names the controls that this scene does not show.
    """

    tool: str = ""
    color: int = 0
    strokes: tuple[Stroke, ...] = ()
    drawing: Stroke | None = None
    past: tuple[tuple[Stroke, ...], ...] = ()
    future: tuple[tuple[Stroke, ...], ...] = ()
    pointer: Spot | None = None
    held: "AppState | None" = None
    is_dark: bool = False
    counters: bool = False
    figures: tuple[str, ...] = ("step", "train_loss", "accuracy", "regions")
    audience: bool = False
    timer: Timer = field(default_factory=Timer)
    hidden: tuple[str, ...] = ()


def take_tool(lecture: Lecture, name: str) -> Lecture:
    """Take a tool into the hand, or "" for none; what was being drawn stays as far as it went."""
    return replace(end_stroke(lecture), tool=name, pointer=None)


def take_color(lecture: Lecture, index: int) -> Lecture:
    """Take the pen in one of its colours."""
    return replace(take_tool(lecture, "pen"), color=index % PEN_COLORS)


def begin_stroke(lecture: Lecture, spot: Spot) -> Lecture:
    """Put the pen down."""
    return replace(end_stroke(lecture), drawing=Stroke(spot.part, lecture.color, (spot.point,)))


def go_on(lecture: Lecture, point: Point) -> Lecture:
    """Draw on to a point, in the coordinates of the part that the stroke began on."""
    if lecture.drawing is None:
        return lecture
    drawing = replace(lecture.drawing, points=(*lecture.drawing.points, point))
    return replace(lecture, drawing=drawing)


def end_stroke(lecture: Lecture, points: tuple[Point, ...] | None = None) -> Lecture:
    """Lift the pen; `points` are those to keep, all by default."""
    if lecture.drawing is None:
        return lecture
    stroke = lecture.drawing if points is None else replace(lecture.drawing, points=points)
    return _with_strokes(replace(lecture, drawing=None), (*lecture.strokes, stroke))


def erase(lecture: Lecture, gone: tuple[Stroke, ...], goes_on: bool = False) -> Lecture:
    """Take whole strokes away; those of one movement of the hand (`goes_on`) come back by one undo."""
    left = tuple(stroke for stroke in lecture.strokes if stroke not in gone)
    if len(left) == len(lecture.strokes):
        return lecture
    return replace(lecture, strokes=left) if goes_on else _with_strokes(lecture, left)


def clear(lecture: Lecture) -> Lecture:
    """Take all ink away."""
    if not lecture.strokes and lecture.drawing is None:
        return lecture
    return _with_strokes(replace(lecture, drawing=None), ())


def undo_ink(lecture: Lecture) -> Lecture:
    """Take back the last stroke, erasure or clearing."""
    if not lecture.past:
        return lecture
    future = (*lecture.future, lecture.strokes)
    return replace(lecture, strokes=lecture.past[-1], past=lecture.past[:-1], future=future, drawing=None)


def redo_ink(lecture: Lecture) -> Lecture:
    """Do again what was taken back last."""
    if not lecture.future:
        return lecture
    past = (*lecture.past, lecture.strokes)
    return replace(lecture, strokes=lecture.future[-1], past=past, future=lecture.future[:-1], drawing=None)


def _with_strokes(lecture: Lecture, strokes: tuple[Stroke, ...]) -> Lecture:
    past = (*lecture.past, lecture.strokes)[-UNDO_DEPTH:]
    return replace(lecture, strokes=strokes, past=past, future=())


def freeze(state: "AppState") -> "AppState":
    """Hold what is seen; training goes on."""
    held = replace(state, lecture=replace(state.lecture, held=None))
    return replace(state, lecture=replace(state.lecture, held=held))


def thaw(state: "AppState") -> "AppState":
    """Show what is there now."""
    return replace(state, lecture=replace(state.lecture, held=None))


def holds_news(state: "AppState") -> bool:
    """Whether this window stands still; beside an audience's window, only that one does."""
    return state.lecture.held is not None and not state.lecture.audience


def seen_by_audience(state: "AppState") -> "AppState":
    """Return the state whose picture and figures the audience sees."""
    return state.lecture.held or state


def open_audience(state: "AppState", wanted: bool) -> "AppState":
    """Open or close the audience's window; what stood still or was black for the other window is so no longer."""
    if wanted == state.lecture.audience:
        return state
    return replace(state, lecture=replace(state.lecture, audience=wanted, held=None, is_dark=False))


def follow_commands(old: "AppState", new: "AppState") -> "AppState":
    """Return `new` with this window's picture moving again where a command asks for another moment of training."""
    asked = (new.run, new.until, len(new.panes)) != (old.run, old.until, len(old.panes))
    return thaw(new) if asked and holds_news(new) and old.lecture.held is not None else new
