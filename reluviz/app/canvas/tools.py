"""TOOLS: what the left button does on the canvas, one row each; the tool bar, actions and keys follow from it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor

from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

Point = tuple[float, float]
_strokes = itertools.count(1)


def next_stroke() -> int:
    """Return a number for one movement of the hand, which is undone as one."""
    return next(_strokes)


@dataclass(frozen=True)
class Touch:
    """Where the mouse is: a point of the plane, how wide one logical pixel is there, and whether Shift is held."""

    point: Point
    pixel: float
    shift: bool = False


class Tool:
    """What happens between press and release; made when it is first taken into the hand.

    `press` returns whether it took hold; where it did not, the drag moves the view.
    """

    cursor: Qt.CursorShape | QCursor = Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        self.canvas, self.store = canvas, store

    def hover(self, touch: Touch) -> None:
        """Follow the mouse while no button is held."""

    def press(self, touch: Touch) -> bool:
        """Take hold of what is there."""
        return False

    def drag(self, touch: Touch) -> None:
        """Move what was taken hold of."""

    def release(self, touch: Touch) -> None:
        """Let go."""

    def leave(self) -> None:
        """Clear away what hovering showed: the mouse has gone, or another tool is taken."""


@dataclass(frozen=True)
class ToolRow:
    """One tool: its key in `AppState.tool`, title, one sentence, icon, shortcuts and what makes it."""

    name: str
    title: str
    help: str
    icon: str
    keys: tuple[str, ...]
    factory: Callable[..., Tool]


def _from(module: str, name: str) -> Callable[..., Tool]:
    def make(*arguments: Any) -> Tool:
        made: Tool = getattr(import_module(module), name)(*arguments)
        return made

    return make


TOOLS: dict[str, ToolRow] = {
    row.name: row
    for row in (
        ToolRow("move", "Move the view", "Dragging moves the plane under the window.", "hand", ("V",), Tool),
        ToolRow(
            "line",
            "Bend",
            "Dragging moves the bent line under the mouse; with Shift, or at a line's handle, it turns.",
            "bend",
            ("K",),
            _from("reluviz.app.canvas.line_tool", "LineTool"),
        ),
        ToolRow(
            "points",
            "Points",
            "Dragging a data point moves it; elsewhere it paints points of the chosen class.",
            "brush",
            ("A",),
            _from("reluviz.app.canvas.point_tools", "BrushTool"),
        ),
        ToolRow(
            "erase",
            "Eraser",
            "Dragging takes data points away.",
            "eraser",
            ("X",),
            _from("reluviz.app.canvas.point_tools", "EraserTool"),
        ),
        ToolRow(
            "walk",
            "Line walk",
            "Dragging lays a segment across the regions; f, its slope and the lines it crosses are plotted along it.",
            "walk",
            ("W",),
            _from("reluviz.app.canvas.walk_tool", "WalkTool"),
        ),
    )
}
