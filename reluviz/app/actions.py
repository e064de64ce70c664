"""ACTIONS: every command, one row each; menus, the top bar, shortcuts and the sheet of keys follow from this table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from reluviz.app import commands, edit_commands, files, look_commands
from reluviz.app.canvas.tools import TOOLS
from reluviz.app.received import BACK_TO_FINITE
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.activations import ACTIVATIONS, Activation
from reluviz.core.palette import PALETTES

MENUS = ("File", "Edit", "Training", "Activation", "View", "Help")
TYPE_STEP = 0.1
BY_DIGIT = ("relu", "leaky_relu", "shifted_relu", "abs", "sigmoid", "tanh", "elu", "gelu", "sin")
"""What the keys 1 to 9 choose: the piecewise-linear ones that are talked about most, then the smooth ones."""


@dataclass(frozen=True)
class Action:
    """One command.

    `help` is one sentence on what it does to the picture. `keys` are shortcuts in Qt's portable spelling, the first
    one is shown. `checked` makes it a switch and tells its position; `look` gives a title and an icon that depend on
    the state. `group` separates blocks within a menu; an empty `menu` is for
    what only a button beside a message offers.
    """

    id: str
    title: str
    help: str
    run: Callable[[Store], object]
    menu: str
    group: int = 0
    keys: tuple[str, ...] = ()
    icon: str = ""
    checked: Callable[[AppState], bool] | None = None
    look: Callable[[AppState], tuple[str, str]] | None = None


def _play_look(state: AppState) -> tuple[str, str]:
    return ("Pause", "pause") if state.playing else ("Play", "play")


def _step_look(state: AppState) -> tuple[str, str]:
    return f"Step one {state.step_unit}", "step"


def _compares(state: AppState) -> bool:
    return state.setup is not None


def _is_on(name: str) -> Callable[[AppState], bool]:
    return lambda state: bool(getattr(state, name))


def _has_tool(name: str) -> Callable[[AppState], bool]:
    return lambda state: state.tool == name


def _has_theme(name: str) -> Callable[[AppState], bool]:
    return lambda state: state.theme == name


def _digit_first(row: Activation) -> int:
    return BY_DIGIT.index(row.name) if row.name in BY_DIGIT else len(BY_DIGIT)


def _has_activation(name: str) -> Callable[[AppState], bool]:
    return lambda state: set(state.experiment.activation) == {name}


_ROWS: tuple[Action, ...] = (
    Action(
        "open",
        "Open …",
        "Opens a scene at the moment it was saved, or an experiment and begins it afresh.",
        files.ask_open,
        "File",
        keys=("Ctrl+O",),
        icon="open",
    ),
    Action(
        "save",
        "Save …",
        "Writes a scene with its weights, which goes on exactly where it was, or the experiment alone as JSON.",
        files.ask_save,
        "File",
        keys=("Ctrl+S",),
        icon="save",
    ),
    Action(
        "open_data",
        "Open data …",
        "Learns points from a CSV file (x, y, label or value) or the pixels of an image.",
        files.ask_data,
        "File",
        keys=("Ctrl+D",),
        icon="file",
    ),
    Action(
        "quit",
        "Quit",
        "Closes the window and keeps what it shows for the next start.",
        files.close_windows,
        "File",
        1,
        ("Ctrl+Q",),
    ),
    Action(
        "undo",
        "Undo",
        "Takes back the last change of settings, data or weights; 200 changes are kept.",
        edit_commands.take_back,
        "Edit",
        keys=("Ctrl+Z",),
        icon="undo",
    ),
    Action(
        "redo",
        "Redo",
        "Makes the change again that was undone last.",
        edit_commands.do_again,
        "Edit",
        keys=("Ctrl+Y", "Ctrl+Shift+Z"),
        icon="redo",
    ),
    *(
        Action(
            f"tool_{row.name}",
            row.title,
            row.help,
            partial(edit_commands.take_tool, name=row.name),
            "Edit",
            1,
            row.keys,
            row.icon,
            checked=_has_tool(row.name),
        )
        for row in TOOLS.values()
    ),
    Action(
        "forget_edits",
        "Data as it came",
        "Undoes all that was painted, moved and erased by hand, in one step.",
        edit_commands.forget_edits,
        "Edit",
        2,
    ),
    Action(
        "play",
        "Play",
        "Trains on and lets the regions move, or holds them still.",
        commands.toggle_play,
        "Training",
        keys=("Space",),
        look=_play_look,
    ),
    Action(
        "step",
        "Step",
        "Trains one batch or one epoch, as chosen beside it, and pauses.",
        commands.step,
        "Training",
        keys=("Right",),
        look=_step_look,
    ),
    Action(
        "reset",
        "Reset",
        "Takes the regions back to where this run began, with the same first weights.",
        commands.reset,
        "Training",
        keys=("R",),
        icon="reset",
    ),
    Action(
        "new_weights",
        "New weights",
        "Draws other first weights and folds the plane anew.",
        commands.new_weights,
        "Training",
        keys=("N",),
        icon="dice",
    ),
    Action(
        "compare",
        "Compare",
        "Trains several activations, or values of any other setting, side by side on the same batches.",
        commands.toggle_compare,
        "Training",
        1,
        ("C",),
        "compare",
        checked=_compares,
    ),
    Action(
        BACK_TO_FINITE,
        "Back",
        "Goes back to the last finite moment, at a tenth of the learning rate.",
        commands.back_to_finite,
        "",
    ),
    *(
        Action(
            f"activation_{row.name}",
            row.label,
            f"Gives every layer {row.label}, {row.formula}, while training goes on.",
            partial(commands.set_activation, name=row.name),
            "Activation",
            keys=(str(BY_DIGIT.index(row.name) + 1),) if row.name in BY_DIGIT else (),
            checked=_has_activation(row.name),
        )
        for row in sorted(ACTIVATIONS.values(), key=_digit_first)
    ),
    Action(
        "fit",
        "Fit the data",
        "Shows the whole training square again.",
        commands.fit,
        "View",
        keys=("Z",),
        icon="fit",
    ),
    Action(
        "boundary",
        "Decision boundary",
        "Draws the line where the network changes its mind.",
        commands.toggle_boundary,
        "View",
        keys=("B",),
        checked=lambda state: state.view.boundary,
    ),
    Action(
        "lines",
        "Next line style",
        "Draws bent lines as strong as f bends there, all alike, or not at all.",
        commands.next_lines,
        "View",
        keys=("E",),
    ),
    Action(
        "points",
        "Training points",
        "Shows the points that are learned.",
        partial(commands.toggle_state, name="show_points"),
        "View",
        keys=("D",),
        checked=_is_on("show_points"),
    ),
    Action(
        "test_points",
        "Test points",
        "Shows the points that only test.",
        partial(commands.toggle_state, name="show_test_points"),
        "View",
        keys=("T",),
        checked=_is_on("show_test_points"),
    ),
    Action(
        "pin",
        "Pin the point",
        "Holds the point under the mouse for the switchboard; a click with Ctrl does the same.",
        look_commands.pin_probe,
        "View",
        1,
        ("I",),
    ),
    Action(
        "unpin",
        "Unpin",
        "Lets go of the pin that is read, or of the last one.",
        look_commands.let_go,
        "View",
        1,
        ("U",),
    ),
    Action(
        "unpin_all",
        "Unpin all",
        "Lets go of all pins.",
        look_commands.let_all_go,
        "View",
        1,
    ),
    Action(
        "shade",
        "Shade where the unit is on",
        "Colours the canvas by where the selected unit is on.",
        look_commands.toggle_shade,
        "View",
        1,
        ("S",),
        checked=lambda state: state.view.coloring == "unit",
    ),
    Action(
        "hero",
        "Enlarge the panel",
        "Lets the panel that has the keyboard change places with the regions, and puts it back.",
        look_commands.toggle_hero,
        "View",
        1,
        ("Y",),
        checked=lambda state: bool(state.hero),
    ),
    Action(
        "deselect",
        "Select nothing",
        "Puts out the selected unit's line, and the regions back into the middle.",
        look_commands.select_none,
        "View",
        1,
        ("Esc",),
    ),
    Action(
        "larger",
        "Larger type",
        "Makes all type larger, up to 250 %.",
        partial(commands.change_type, by=TYPE_STEP),
        "View",
        1,
        ("+", "=", "Ctrl++", "Ctrl+="),
    ),
    Action(
        "smaller",
        "Smaller type",
        "Makes all type smaller, down to 80 %.",
        partial(commands.change_type, by=-TYPE_STEP),
        "View",
        1,
        ("-", "Ctrl+-"),
    ),
    Action(
        "plain_type",
        "Type at 100 %",
        "Gives type its first size again.",
        partial(commands.change_type, by=0.0),
        "View",
        1,
        ("Ctrl+0",),
    ),
    *(
        Action(
            f"theme_{name}",
            f"{name.capitalize()} theme",
            f"Shows everything in the {name} colours.",
            partial(commands.set_theme, name=name),
            "View",
            2,
            checked=_has_theme(name),
        )
        for name in PALETTES
    ),
    Action(
        "projector",
        "Projector",
        "Changes to black on white with thick lines and larger type, and back.",
        commands.toggle_projector,
        "View",
        3,
        ("P",),
        "projector",
        checked=_has_theme("projector"),
    ),
    Action(
        "fullscreen",
        "Fullscreen",
        "Fills the screen with the window.",
        partial(commands.toggle_state, name="fullscreen"),
        "View",
        3,
        ("F", "F11"),
        "fullscreen",
        checked=_is_on("fullscreen"),
    ),
    Action(
        "chrome",
        "Hide everything but the regions",
        "Leaves the canvas alone in the window.",
        partial(commands.toggle_state, name="chrome"),
        "View",
        3,
        ("H",),
        "chrome",
        checked=lambda state: not state.chrome,
    ),
    Action(
        "keys",
        "Keys",
        "Lists every command and its key.",
        partial(commands.toggle_state, name="keys_shown"),
        "Help",
        keys=("?", "F1"),
        icon="keys",
    ),
)

ACTIONS: dict[str, Action] = {row.id: row for row in _ROWS}
