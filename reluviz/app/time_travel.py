"""TimeTravel: the moments kept of training, and which of them the window shows."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reluviz.app.panes import Pane
from reluviz.core.dataset import Dataset
from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.snapshot import Snapshot
from reluviz.studio.comparison import Setup
from reluviz.studio.curves import Curves
from reluviz.studio.flow_history import FlowHistory
from reluviz.studio.line import Mark, step_of
from reluviz.studio.timeline import Timeline

if TYPE_CHECKING:
    from reluviz.app.state import AppState

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
SPAN_SECONDS = 16.0
"""How long the whole line takes to play at speed 1."""


@dataclass(frozen=True, eq=False)
class Standing:
    """What stands at the newest moment of a line, to be there again when a person comes back to it.

    `until` is how far training may go. Pictures are not kept.
    """

    experiment: Experiment
    dataset: Dataset | None
    snapshot: Snapshot | None
    until: int
    flow: Flow | None
    flows: FlowHistory
    curves: Curves
    setup: Setup | None
    panes: tuple[Pane, ...]


@dataclass(frozen=True, eq=False)
class TimeTravel:
    """The timeline, and the place in it that is shown.

    `moment` is the index shown, None for the newest, which training goes on from; while another is shown, the state's
    experiment, data, snapshot, flow and panes are those of that moment, `now` keeps those of the newest, and training
    rests. `direction` is -1 or 1 while moments play back or forward, at `speed` times the line in SPAN_SECONDS; `loop`
    begins again at the end. `standings` are what stands on each line left, by its number.

    `recorded` is the newest moment as it was received, `run` the run it belongs to. `fresh` makes the next moment
    begin a line of its own. `datasets` are the points of moments with other data than the newest has.
    """

    timeline: Timeline = field(default_factory=Timeline)
    moment: int | None = None
    direction: int = 0
    speed: float = 1.0
    loop: bool = False
    now: Standing | None = None
    standings: tuple[tuple[int, Standing], ...] = ()
    standing: Standing | None = None
    recorded: tuple[Snapshot, ...] = ()
    run: int = -1
    fresh: bool = False
    datasets: tuple[tuple[Experiment, Dataset], ...] = ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the line that is trained on, by step."""
        return self.timeline.marks

    @property
    def has_past(self) -> bool:
        """Whether there is an earlier moment than the newest."""
        return len(self.timeline) > 1

    @property
    def is_looking_back(self) -> bool:
        """Whether an earlier moment than the newest is shown."""
        return self.moment is not None

    @property
    def step(self) -> int:
        """The step of the moment shown; 0 where there is none."""
        return self.last_step if self.moment is None else int(self.timeline.steps[self.moment])

    @property
    def cursor(self) -> float | None:
        """Where curves over the steps are read: the step that is looked at, None for their ends."""
        return float(self.step) if self.is_looking_back else None

    @property
    def last_step(self) -> int:
        """The newest step of the line; asked for with every snapshot, so it does not list the steps of all moments."""
        tip = self.timeline.line.tip
        return step_of(tip) if tip is not None else 0

    def standing_of(self, number: int) -> Standing | None:
        """Return what stands on a line that was left."""
        return dict(self.standings).get(number)


def standing_of(state: "AppState") -> Standing:
    """Return what stands in a state that shows the newest moment."""
    panes = tuple(replace(pane, picture=None) for pane in state.panes)
    return Standing(
        state.experiment,
        state.dataset,
        state.snapshot,
        state.until,
        state.flow,
        state.flows,
        state.curves,
        state.setup,
        panes,
    )
