"""Comparing: how several panes are set up, fed, promoted and closed, as pure changes of the state."""

from dataclasses import replace
from typing import TYPE_CHECKING

from reluviz.app.gauging import Gauge
from reluviz.app.panes import Pane, take_gauge, take_moment, take_pane_picture
from reluviz.app.received import begin_run, take_picture, take_snapshot
from reluviz.app.state import AppState, Message, restart, shows_run
from reluviz.core.experiment import Experiment
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import FOREVER, Snapshot
from reluviz.engine.process import Divergence
from reluviz.studio.comparison import Setup, make_experiments, make_setup, say_shared

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture


def open_setup(state: AppState) -> AppState:
    """Offer a comparison around the main experiment: of activations, or of what was compared last."""
    return replace(state, setup=make_setup(state.experiment), hero="")


def start_comparison(state: AppState) -> AppState:
    """Train what the set-up says side by side, from the first weights. Raises `InputError`, changing nothing."""
    assert state.setup is not None
    experiments = make_experiments(state.setup, state.experiment)
    _check_losses(state, experiments)
    panes = tuple(Pane(experiment) for experiment in experiments)
    changed = replace(state, experiment=experiments[0], panes=panes, until=FOREVER, hero="", message=Message())
    return restart(changed)


def change_setup(state: AppState, setup: Setup) -> AppState:
    """Take another set-up: live where all weights can stay, else as a new run. Raises `InputError`."""
    experiments = make_experiments(setup, state.experiment)
    _check_losses(state, experiments)
    changed = replace(state, setup=setup, message=Message())
    if not state.panes:
        return changed
    same = len(experiments) == len(state.panes) and state.setup is not None and state.setup.field == setup.field
    if same and all(_stays(state, pane.experiment, e) for pane, e in zip(state.panes, experiments, strict=True)):
        panes = tuple(replace(pane, experiment=e) for pane, e in zip(state.panes, experiments, strict=True))
        return replace(changed, experiment=experiments[0], panes=panes)
    return restart(replace(changed, experiment=experiments[0], panes=tuple(map(Pane, experiments))))


def end_comparison(state: AppState) -> AppState:
    """Close the set-up or the comparison; the main experiment, the first pane, trains on alone."""
    return replace(state, setup=None, panes=(), hero="", message=Message())


def promote(state: AppState, index: int) -> AppState:
    """Make one pane the main run, from its newest moment, and end the comparison. Raises `InputError`."""
    pane = state.panes[index]
    if index == 0 or pane.snapshot is None:
        return end_comparison(state)
    start = pane.snapshot if pane.snapshot.step > 0 else None
    changed = replace(
        end_comparison(state),
        experiment=pane.experiment,
        run=state.run + 1,
        start=start,
        picture=pane.picture,
        curves=pane.curves,
    )
    return begin_run(changed)


def take_snapshots(state: AppState, snapshots: tuple[Snapshot, ...]) -> AppState:
    """Make one moment of all panes the newest; one of another run or of other panes is too late and changes nothing."""
    if not snapshots or (snapshots[0].run != state.run and state.panes):
        return state
    if len(snapshots) != max(1, len(state.panes)):
        # The engine has not followed the newest plan yet; the main run is there in any case.
        return state if state.panes else take_snapshot(state, snapshots[0])
    panes = tuple(map(take_moment, state.panes, snapshots)) if state.panes else ()
    return replace(take_snapshot(state, snapshots[0]), panes=panes)


def rest_panes(state: AppState, frozen: tuple[Divergence, ...]) -> AppState:
    """Say in each pane that left the finite numbers why it rests; the others train on."""
    resting = {one.snapshot.pane: one.sentence for one in frozen if one.snapshot.run == state.run}
    panes = tuple(replace(pane, rest=resting.get(index, "")) for index, pane in enumerate(state.panes))
    return replace(state, panes=panes)


def take_pictures(state: AppState, pictures: "tuple[Picture | Preview, ...]") -> AppState:
    """Make one picture per pane what is seen, all of one moment."""
    if len(pictures) != len(state.panes) or not shows_run(state, pictures[0].snapshot.run):
        return state
    panes = tuple(
        pane if pane.picture is picture else take_pane_picture(pane, picture)
        for pane, picture in zip(state.panes, pictures, strict=True)
    )
    return replace(take_picture(state, pictures[0]), panes=_with_curves(state, panes))


def take_gauges(state: AppState, gauges: dict[int, Gauge]) -> AppState:
    """Add what was gauged, by pane."""

    def newest(index: int, pane: Pane) -> Pane:
        gauge = gauges.get(index)
        return pane if gauge is None or gauge is pane.gauge or gauge.run != state.run else take_gauge(pane, gauge)

    return replace(state, panes=_with_curves(state, tuple(map(newest, range(len(state.panes)), state.panes))))


def _with_curves(state: AppState, panes: tuple[Pane, ...]) -> tuple[Pane, ...]:
    """Return `panes`, where an earlier moment is shown with the curves of before: those know it already."""
    if not state.time.is_looking_back:
        return panes
    return tuple(
        replace(pane, curves=old.curves, tracks=old.tracks, gauges=old.gauges)
        for pane, old in zip(panes, state.panes, strict=True)
    )


def sharing_sentence(state: AppState) -> str:
    """Return in words what the panes, or those that the set-up would make, have in common."""
    if state.setup is None or state.dataset is None:
        return ""
    dataset = state.dataset
    experiments = tuple(pane.experiment for pane in state.panes) or make_experiments(state.setup, state.experiment)
    outputs = tuple(output_count(resolve_loss(e.loss, dataset), dataset) for e in experiments)
    return say_shared(state.setup.field, experiments, outputs)


def _check_losses(state: AppState, experiments: tuple[Experiment, ...]) -> None:
    if state.dataset is not None:
        for experiment in experiments:
            resolve_loss(experiment.loss, state.dataset)


def _stays(state: AppState, old: Experiment, new: Experiment) -> bool:
    """Whether a pane's weights can stay when its experiment changes."""
    if state.dataset is None:
        return old.same_start(new)
    counts = [output_count(resolve_loss(e.loss, state.dataset), state.dataset) for e in (old, new)]
    return old.same_start(new) and counts[0] == counts[1]
