"""Commands on how the window looks: type, themes, room."""

from functools import partial

from reluviz.app import commands
from reluviz.app.actions.action import Action, holds, is_on
from reluviz.core.palette import PALETTES

TYPE_STEP = 0.1

ROWS: tuple[Action, ...] = (
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
            checked=holds("theme", name),
            reads=("theme",),
        )
        for name in PALETTES
        if name != "projector"
    ),
    Action(
        "projector",
        "Projector theme",
        "Changes to black on white with thick lines and larger type, and back.",
        commands.toggle_projector,
        "View",
        2,
        ("P",),
        "projector",
        checked=holds("theme", "projector"),
        reads=("theme",),
    ),
    Action(
        "fullscreen",
        "Fullscreen",
        "Fills the screen with the window.",
        partial(commands.toggle_state, name="fullscreen"),
        "View",
        3,
        ("F", "F11", "F5", "Shift+F5"),
        "fullscreen",
        checked=is_on("fullscreen"),
        reads=("fullscreen",),
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
        reads=("chrome",),
    ),
)
