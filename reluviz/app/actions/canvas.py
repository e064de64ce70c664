"""Commands that move, zoom and point on the canvas by keyboard."""

from functools import partial

from reluviz.app import canvas_keys
from reluviz.app.actions.action import Action
from reluviz.app.canvas_keys import CLOSER

WAYS = {"Right": (1, 0), "Left": (-1, 0), "Up": (0, 1), "Down": (0, -1)}

ROWS: tuple[Action, ...] = (
    Action(
        "closer",
        "Closer",
        "Zooms in on the point that is pointed at, else on the middle; regions are computed anew for what is in view.",
        partial(canvas_keys.zoom, factor=CLOSER),
        "Canvas",
        keys=("Shift+PgUp",),
    ),
    Action(
        "farther",
        "Farther",
        "Zooms out.",
        partial(canvas_keys.zoom, factor=1 / CLOSER),
        "Canvas",
        keys=("Shift+PgDown",),
    ),
    *(
        Action(
            f"pan_{name.lower()}",
            f"Look further {name.lower()}",
            f"Moves the view an eighth of its side {name.lower()}.",
            partial(canvas_keys.pan, x=x, y=y),
            "Canvas",
            3,
            (f"Ctrl+Shift+{name}",),
        )
        for name, (x, y) in WAYS.items()
    ),
    *(
        Action(
            f"point_{name.lower()}",
            f"Point further {name.lower()}",
            f"Moves the point that is read a fortieth of the view {name.lower()}, beginning in the middle.",
            partial(canvas_keys.point, x=x, y=y),
            "Canvas",
            4,
            (f"Alt+Shift+{name}",),
        )
        for name, (x, y) in WAYS.items()
    ),
)
