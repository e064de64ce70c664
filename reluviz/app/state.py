"""AppState: the one truth of the window, and the pure functions that change it."""

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from reluviz.core.dataset import Dataset
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER, Plan, Snapshot
from reluviz.core.view import View

if TYPE_CHECKING:  # The picture module loads numba, which the first painted window must not wait for.
    from reluviz.core.picture import Picture


@dataclass(frozen=True)
class Message:
    """One sentence for the status line; `action` names the row of ACTIONS that mends it, if one does."""

    text: str = ""
    kind: Literal["note", "warning", "error"] = "note"
    action: str = ""


@dataclass(frozen=True, eq=False)
class AppState:
    """Everything the window shows; views redraw what differs between two of these.

    `until` is the step that training may go to (FOREVER plays, 0 pauses). `start` is the snapshot that the current
    run began from, None for weights drawn from the seeds. `snapshot` is the newest moment received, `picture` the
    newest one drawn (its own snapshot may be older). `probe` is the point under the mouse in the data's square.
    """

    experiment: Experiment = field(default_factory=Experiment)
    dataset: Dataset | None = None
    run: int = 0
    until: int = FOREVER
    steps_per_second: float = math.inf
    start: Snapshot | None = None
    snapshot: Snapshot | None = None
    picture: "Picture | None" = None
    view: View = field(default_factory=View)
    probe: tuple[float, float] | None = None
    engine: Literal["starting", "ready", "lost"] = "starting"
    message: Message = field(default_factory=Message)
    theme: str = "dark"
    font_scale: float = 1.0
    show_points: bool = True
    show_test_points: bool = True

    @property
    def playing(self) -> bool:
        """Whether training is wanted to go on beyond the newest snapshot."""
        return self.until > (self.snapshot.step if self.snapshot else 0)

    @property
    def plan(self) -> Plan:
        """What the engine is asked for."""
        return Plan(self.experiment, self.run, self.until, self.steps_per_second, self.start)


def play(state: AppState) -> AppState:
    """Train on without an end."""
    return replace(state, until=FOREVER)


def pause(state: AppState) -> AppState:
    """Stop where training is."""
    return replace(state, until=0)


def advance(state: AppState, steps: int) -> AppState:
    """Train `steps` more batches, then pause."""
    return replace(state, until=(state.snapshot.step if state.snapshot else 0) + steps)


def restart(state: AppState) -> AppState:
    """Begin again from the same first weights."""
    return replace(state, run=state.run + 1, start=None)


def edit_experiment(state: AppState, **changes: Any) -> AppState:
    """Change settings: live where the weights can stay, else as a new run. Raises `InputError`, changing nothing."""
    experiment = state.experiment.edit(**changes)
    changed = replace(state, experiment=experiment)
    return changed if state.experiment.same_start(experiment) else restart(changed)
