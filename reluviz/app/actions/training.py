"""Commands of training."""

from reluviz.app import commands
from reluviz.app.actions.action import Action
from reluviz.app.received import BACK_TO_FINITE
from reluviz.app.state import AppState


def _play_look(state: AppState) -> tuple[str, str]:
    if state.time.is_looking_back:
        return "Resume from here", "play"
    return ("Pause", "pause") if state.playing else ("Play", "play")


def _step_look(state: AppState) -> tuple[str, str]:
    return "Next moment" if state.time.is_looking_back else f"Step one {state.step_unit}", "step"


def _compares(state: AppState) -> bool:
    return state.setup is not None


ROWS: tuple[Action, ...] = (
    Action(
        "play",
        "Play",
        "Trains on and lets the regions move, or holds them still.",
        commands.toggle_play,
        "Training",
        keys=("Space",),
        look=_play_look,
        reads=("time.moment", "until", "snapshot", "panes"),
    ),
    Action(
        "step",
        "Step",
        "Trains one batch or one epoch, as chosen beside it, and pauses.",
        commands.step,
        "Training",
        keys=("Right",),
        look=_step_look,
        reads=("time.moment", "step_unit"),
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
        reads=("setup",),
    ),
    Action(
        BACK_TO_FINITE,
        "Back",
        "Goes back to the last finite moment, at a tenth of the learning rate.",
        commands.back_to_finite,
        "",
    ),
)
