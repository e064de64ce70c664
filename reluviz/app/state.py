"""AppState: the one truth of the window, and the pure functions that change it."""

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from reluviz.app.gauging import Gauge
from reluviz.app.held import Held, hold
from reluviz.app.lecture.state import Lecture
from reluviz.app.lesson_state import LessonState
from reluviz.app.panes import Pane
from reluviz.app.preferences.state import Preferences
from reluviz.app.recording.state import Recording
from reluviz.app.recovery.state import Recovery
from reluviz.app.time_travel import TimeTravel
from reluviz.app.undo import History
from reluviz.core.cost import ActivationCost
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.edit_weights import edited_snapshot
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.flow import Flow
from reluviz.core.network import Network
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.point_edits import apply_edits
from reluviz.core.snapshot import FOREVER, Plan, Snapshot
from reluviz.core.view import View
from reluviz.studio.comparison import Setup, carry_over, with_value
from reluviz.studio.curves import Curves
from reluviz.studio.flow_history import FlowHistory

if TYPE_CHECKING:  # The picture module loads numba, which the first painted window must not wait for.
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture

DATA_FIELDS = tuple(name for name, setting in SETTINGS.items() if setting.group == "Data")
FONT_SCALES = (0.8, 2.5)
HELD_STEPS_PER_SECOND = 1_000.0
"""How fast training goes at most while something moves under the hand: the picture that follows gets the processor."""
PROJECTOR_SCALE = 1.25
LINE_WIDTHS = {"projector": 2.2}
PLAIN_LINE_WIDTH = View().line_width

MessageKind = Literal["note", "warning", "error"]


@dataclass(frozen=True)
class Message:
    """One sentence for the status line; `action` names the row of ACTIONS that mends it, if one does."""

    text: str = ""
    kind: MessageKind = "note"
    action: str = ""


@dataclass(frozen=True, eq=False)
class AppState:
    """Everything the window shows; views redraw what differs between two of these.

    `until` is the step that training may go to (FOREVER plays, 0 pauses). `start` is the snapshot that the current
    run began from, None for weights drawn from the seeds. `snapshot` is the newest moment received, `picture` the
    newest one drawn (its own snapshot may be older), `gauge` what was last measured in one.
    `flow` is the newest gradient flow of this run, `flows` what of it is kept over the steps. `compositions`: how often
    the activation panel composes an activation with itself, 0 for not at all. `flow_quantity` is the row of QUANTITIES
    that is shown. `cost` is what activations cost here, as far as measured; `costs_asked` counts how often that was
    asked for. `wanted_control` names a field of the experiment whose control is to be shown.
    `probe` is the point under the mouse in the data's square; while `probe_held` it was put there by keys, and stays.
    `dataset` always belongs to `experiment`; it is None only before the first one is read. `step_unit` is what one
    single step trains on. `curves` is what was measured over
    the steps of this run. `chrome` is everything around the canvas. `plain_theme` is the theme to return to
    from the projector's. `lent_theme` is the theme that is remembered instead of the one that a start was given, ""
    for none: it goes with the first choice of another. `folder` is where files were last opened, `recent` are the
    scenes opened or saved last, newest first. `swap_afresh`: another activation begins a new run
    from the same seed, instead of keeping the weights.

    `setup` is the comparison that is being set up or that runs, None for neither. `panes` are what is compared, none
    where nothing is; the first mirrors `experiment`, `snapshot` and `picture`. `compared` is the column of
    the table whose values are plotted over time.

    `selected` is the hidden unit (layer, unit) that is looked at, both counted from 0; the view's layer and unit follow
    it. `pins` are points held for reading, `pin` says which of them is read, None the mouse. `tool` is what a drag on
    the canvas does, a row of its TOOLS; `brush` is the class or value of points that are painted. `history` is what
    can be undone; changes made while `stroke` has one number above 0 are undone together. `segment` is the line
    (x0, y0, x1, y1) that is walked along.
    `hero` names the panel that stands in the canvas's place, "" for none; `asked_panel` the one opened last.
    `lecture` is what a lecturer does to the screen. `sheet` names what stands over the window: a row of SHEETS, ""
    for nothing.
    `recovery` is what a window that ended unexpectedly left behind.

    `lesson` is the lesson that is open and how far it went. `recording` is what is being recorded and filmed.

    `time` is the timeline of all moments kept. While it shows an earlier one than the newest, `experiment`, `dataset`,
    `snapshot`, `flow` and `panes` are those of that moment.
    `edits` are the first and the last of the runs that follow each other by edits of weights alone; `held` are the
    numbers that those of the present or last stroke changed.
    """

    experiment: Experiment = field(default_factory=Experiment)
    dataset: Dataset | None = None
    run: int = 0
    until: int = FOREVER
    steps_per_second: float = math.inf
    step_unit: Literal["batch", "epoch"] = "batch"
    start: Snapshot | None = None
    snapshot: Snapshot | None = None
    picture: "Picture | Preview | None" = None
    pictures_per_second: float = math.nan
    gauge: Gauge | None = None
    flow: Flow | None = None
    flows: FlowHistory = field(default_factory=FlowHistory)
    compositions: int = 0
    flow_quantity: str = "gradient"
    cost: tuple[ActivationCost, ...] = ()
    costs_asked: int = 0
    wanted_control: str = ""
    curves: Curves = field(default_factory=Curves)
    log_loss: bool = True
    view: View = field(default_factory=View)
    pixel_ratio: float = 1.0
    probe: tuple[float, float] | None = None
    probe_held: bool = False
    engine: Literal["starting", "ready", "lost"] = "starting"
    message: Message = field(default_factory=Message)
    theme: str = "dark"
    plain_theme: str = "dark"
    lent_theme: str = ""
    font_scale: float = 1.0
    swap_afresh: bool = False
    show_points: bool = True
    show_test_points: bool = True
    fullscreen: bool = False
    chrome: bool = True
    keys_shown: bool = False
    folder: str = ""
    recent: tuple[str, ...] = ()
    setup: Setup | None = None
    panes: tuple[Pane, ...] = ()
    compared: str = "test_loss"
    selected: tuple[int, int] | None = None
    pins: tuple[tuple[float, float], ...] = ()
    pin: int | None = None
    tool: str = "move"
    segment: tuple[float, float, float, float] | None = None
    brush: float = 0.0
    history: History = field(default_factory=History)
    stroke: int = 0
    edits: tuple[int, int] = (-1, -1)
    held: Held | None = None
    hero: str = ""
    asked_panel: str = ""
    preferences: Preferences = field(default_factory=Preferences)
    sheet: str = ""
    recovery: Recovery = field(default_factory=Recovery)
    lecture: Lecture = field(default_factory=Lecture)
    time: TimeTravel = field(default_factory=TimeTravel)
    recording: Recording = field(default_factory=Recording)
    lesson: LessonState = field(default_factory=LessonState)

    @property
    def playing(self) -> bool:
        """Whether training is wanted to go on beyond the newest snapshot."""
        return self.until == FOREVER or self.until > self.step

    @property
    def step(self) -> int:
        """The newest step received; of several panes, one may rest at an earlier step."""
        moments = [self.snapshot, *(pane.snapshot for pane in self.panes)]
        return max((moment.step for moment in moments if moment is not None), default=0)

    @property
    def plan(self) -> Plan:
        """What the engine is asked for: while an earlier moment is shown, to rest where it is."""
        now = self.time.now
        if now is not None:
            panes = tuple(pane.snapshot for pane in now.panes[1:]) if self.start is not None else ()
            beside = tuple(pane.experiment for pane in now.panes[1:])
            return Plan(now.experiment, self.run, 0, self.steps_per_second, self.start, beside, panes)
        # Where the main run begins from given weights, the panes beside it go on from what they are.
        starts = tuple(pane.snapshot for pane in self.panes[1:]) if self.start is not None else ()
        variants = variants_of(self)
        speed = min(self.steps_per_second, HELD_STEPS_PER_SECOND) if self.stroke else self.steps_per_second
        return Plan(self.experiment, self.run, self.until, speed, self.start, variants, starts)

    @property
    def steps_per_epoch(self) -> int:
        """How many batches show every training point once; 1 while no data set is known."""
        count = self.dataset.train_count if self.dataset else 1
        return max(1, math.ceil(count / self.experiment.batch_size))


def play(state: AppState) -> AppState:
    """Train on without an end."""
    return replace(state, until=FOREVER)


def pause(state: AppState) -> AppState:
    """Stop where training is."""
    return replace(state, until=0)


def advance(state: AppState, steps: int) -> AppState:
    """Train `steps` more batches, then pause."""
    return replace(state, until=state.step + steps)


def restart(state: AppState) -> AppState:
    """Begin again from the same first weights; what was paused stays paused, at the beginning."""
    return replace(state, run=state.run + 1, start=None, until=FOREVER if state.until == FOREVER else 0)


def edit_weights(state: AppState, network: Network) -> AppState:
    """Go on with the numbers of `network`, as a new run from the step now seen. Raises `InputError` where none can."""
    if state.snapshot is None:
        return state
    edited = edited_snapshot(state.snapshot, network)
    run = state.run + 1
    first = state.edits[0] if state.edits[1] == state.run else state.run
    held = hold(state.held, state.stroke, run, state.snapshot, edited)
    changed = replace(state, run=run, start=edited, edits=(first, run), held=held)
    if state.panes:  # The run's beginning is made with those of the other panes.
        return changed
    curves, flows = state.curves.before(edited.step + 1), state.flows.before(edited.step + 1)
    flow = state.flow if state.stroke else edited.flow  # Under the hand the last one stays until the next is there.
    return replace(changed, snapshot=replace(edited, run=run), curves=curves, flow=flow, flows=flows)


def is_stroke_edit(old: AppState, new: AppState) -> bool:
    """Whether the change is one of the many edits of weights that one stroke makes; a comparison's are followed."""
    first, last = new.edits
    return bool(new.stroke) and new.stroke == old.stroke and first <= old.run < new.run == last and not new.panes


def shows_run(state: AppState, run: int) -> bool:
    """Whether a picture of `run` may still be shown: of the present run, or of one that edits alone led on from.

    Under the hand a new run begins every few milliseconds: showing pictures of the newest only would show none.
    """
    return run == state.run or (state.edits[1] == state.run and run >= state.edits[0])


def take_experiment(state: AppState, experiment: Experiment, dataset: Dataset | None = None) -> AppState:
    """Make `experiment` the current one, with its data set (read here where not given).

    An explicit loss that new data cannot serve becomes `auto`, and the message says so; any other misfit raises
    `InputError`. The run goes on where the weights can stay, else a new one begins.
    """
    new_data = state.dataset is None or not same_data(state.experiment, experiment)
    if dataset is None:
        dataset = state.dataset if state.dataset is not None and not new_data else _data_of(state, experiment)
    message = Message()
    try:
        resolve_loss(experiment.loss, dataset)
    except InputError:
        if not new_data:
            raise
        message = Message(
            f"The loss went from {experiment.loss} to auto, because this data has values and no class labels.",
            "warning",
        )
        experiment = experiment.edit(loss="auto")
    changed = replace(state, experiment=experiment, dataset=dataset)
    if message.text or not state.message.action:
        changed = replace(changed, message=message)
    if state.setup is not None:
        changed = _carry_panes(state, changed)
    before, after = (state.experiment, *variants_of(state)), (experiment, *variants_of(changed))
    stays = all(
        one.same_start(other) and (state.dataset is None or _outputs(one, state.dataset) == _outputs(other, dataset))
        for one, other in zip(before, after, strict=True)
    )
    return changed if stays else restart(changed)


def variants_of(state: AppState) -> tuple[Experiment, ...]:
    """Return what is trained beside the main experiment."""
    return tuple(pane.experiment for pane in state.panes[1:])


def _carry_panes(old: AppState, new: AppState) -> AppState:
    """Return `new` with its change made in all panes. Raises `InputError` where a pane cannot take it."""
    assert new.setup is not None
    assert new.dataset is not None
    name = new.setup.field
    was, own = getattr(old.experiment, name), getattr(new.experiment, name)
    setup = new.setup if was == own else with_value(new.setup, 0, own)
    if not old.panes:
        return replace(new, setup=setup)
    panes = tuple(pane.experiment for pane in old.panes)
    carried = carry_over(panes, setup.field, old.experiment, new.experiment)
    for experiment in carried:
        resolve_loss(experiment.loss, new.dataset)
    kept = tuple(replace(pane, experiment=e) for pane, e in zip(old.panes, carried, strict=True))
    return replace(new, setup=setup, panes=kept)


def _outputs(experiment: Experiment, dataset: Dataset) -> int:
    return output_count(resolve_loss(experiment.loss, dataset), dataset)


def _data_of(state: AppState, experiment: Experiment) -> Dataset:
    """Return an experiment's points; those that came from a file are not read again for what a hand does to them."""
    if state.dataset is not None and same_base(state.experiment, experiment):
        return apply_edits(state.dataset.base or state.dataset, experiment.point_edits)
    return load_dataset(experiment)


def same_data(one: Experiment, other: Experiment) -> bool:
    """Whether both experiments ask for the same points."""
    return all(getattr(one, name) == getattr(other, name) for name in DATA_FIELDS)


def same_base(one: Experiment, other: Experiment) -> bool:
    """Whether both experiments ask for the same points but for what a hand did to them."""
    return all(getattr(one, name) == getattr(other, name) for name in DATA_FIELDS if name != "point_edits")


def take_theme(state: AppState, name: str) -> AppState:
    """Show window and picture in one palette; the projector's comes with larger type and thicker lines."""
    if name == state.theme:
        return state
    width = LINE_WIDTHS.get(name, PLAIN_LINE_WIDTH) * state.preferences.line_strength
    view = replace(state.view, palette=name, line_width=width)
    changed = replace(state, theme=name, lent_theme="", view=view)
    if name == "projector":
        return take_font_scale(replace(changed, plain_theme=state.theme), state.font_scale * PROJECTOR_SCALE)
    if state.theme == "projector":
        return take_font_scale(changed, state.font_scale / PROJECTOR_SCALE)
    return changed


def lend_theme(state: AppState, name: str) -> AppState:
    """Show a theme until another one is chosen; what is remembered is the theme before it."""
    return state if name == state.theme else replace(take_theme(state, name), lent_theme=state.theme)


def take_font_scale(state: AppState, scale: float) -> AppState:
    """Set the size of type, kept within FONT_SCALES and on whole per cents."""
    low, high = FONT_SCALES
    return replace(state, font_scale=round(min(high, max(low, scale)), 2))
