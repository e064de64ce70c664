"""Commands on what the canvas shows."""

from functools import partial

from reluviz.app import commands, look_commands
from reluviz.app.actions.action import Action, is_on
from reluviz.app.state import AppState


def _needs_pins(state: AppState) -> str:
    return "" if state.pins else "No point is pinned; I pins the one under the mouse."


ROWS: tuple[Action, ...] = (
    Action(
        "fit",
        "Fit the data",
        "Shows the whole training square again.",
        commands.fit,
        "Canvas",
        keys=("Z",),
        icon="fit",
    ),
    Action(
        "boundary",
        "Decision boundary",
        "Draws the line where the network changes its mind.",
        commands.toggle_boundary,
        "Canvas",
        1,
        ("O",),
        checked=lambda state: state.view.boundary,
        reads=("view",),
    ),
    Action(
        "lines",
        "Next line style",
        "Draws bent lines as strong as f bends there, all alike, or not at all.",
        commands.next_lines,
        "Canvas",
        1,
        ("E",),
    ),
    Action(
        "points",
        "Training points",
        "Shows the points that are learned.",
        partial(commands.toggle_state, name="show_points"),
        "Canvas",
        1,
        ("D",),
        checked=is_on("show_points"),
        reads=("show_points",),
    ),
    Action(
        "test_points",
        "Test points",
        "Shows the points that only test.",
        partial(commands.toggle_state, name="show_test_points"),
        "Canvas",
        1,
        ("T",),
        checked=is_on("show_test_points"),
        reads=("show_test_points",),
    ),
    Action(
        "pin",
        "Pin the point",
        "Holds the point under the mouse for the switchboard; a click with Ctrl does the same.",
        look_commands.pin_probe,
        "Canvas",
        2,
        ("I",),
    ),
    Action(
        "unpin",
        "Unpin",
        "Lets go of the pin that is read, or of the last one.",
        look_commands.let_go,
        "Canvas",
        2,
        ("U",),
        why_not=_needs_pins,
    ),
    Action(
        "unpin_all",
        "Unpin all",
        "Lets go of all pins.",
        look_commands.let_all_go,
        "Canvas",
        2,
        why_not=_needs_pins,
    ),
    Action(
        "shade",
        "Shade where the unit is on",
        "Colours the canvas by where the selected unit is on.",
        look_commands.toggle_shade,
        "Canvas",
        1,
        ("S",),
        checked=lambda state: state.view.coloring == "unit",
        reads=("view",),
    ),
    Action(
        "hero",
        "Enlarge the panel",
        "Lets the panel that has the keyboard change places with the regions, and puts it back.",
        look_commands.toggle_hero,
        "View",
        3,
        ("Y",),
        checked=lambda state: bool(state.hero),
        reads=("hero",),
    ),
    Action(
        "deselect",
        "Leave",
        "Puts down pen or laser; else leaves a comparison's set-up, the selection, the bare canvas, the full screen.",
        look_commands.leave,
        "View",
        3,
        ("Esc",),
    ),
)
