"""What the top bar and the status line say about a state, as pure functions."""

import math
from typing import TYPE_CHECKING

from reluviz.app.lecture.state import holds_news
from reluviz.app.panes import Pane
from reluviz.app.state import AppState

if TYPE_CHECKING:
    from reluviz.core.picture import Picture

NONE = "\u2013"
EPSILON = "\N{GREEK SMALL LETTER EPSILON}"
REGIONS_HELP = "Activation regions in view: on each the network is one linear function."
STAND_IN_HELP = (
    f"Regions in view of a stand-in whose activations are piecewise linear and within {EPSILON} of the true ones; a"
    " smooth network has none of its own."
)
DEVICES = {"cpu": "CPU", "cuda": "CUDA GPU", "mps": "Apple GPU"}


def count_text(value: float) -> str:
    """Return a whole number with thousands apart."""
    return f"{value:,.0f}"


def loss_text(value: float) -> str:
    """Return a loss on three digits; a dash where there is none."""
    if math.isnan(value):
        return NONE
    if not math.isfinite(value):
        return "\u221e"
    return f"{value:.2e}" if value >= 1000 or 0 < value < 0.001 else f"{value:#.3g}"


def share_text(value: float) -> str:
    """Return a share as per cent; only a perfect one reads 100 %."""
    if math.isnan(value):
        return NONE
    percent = 100 * value
    return f"{min(percent, 99.9) if value < 1 else percent:.{0 if value == 1 else 1}f} %"


def speed_text(steps_per_second: float) -> str:
    """Return the limit of the speed."""
    if math.isinf(steps_per_second):
        return "fastest"
    return f"{steps_per_second:.2g} /s" if steps_per_second < 10 else f"{count_text(steps_per_second)} /s"


def readouts(state: AppState | Pane) -> dict[str, str]:
    """Return the values of the top bar, or those of one pane of a comparison."""
    snapshot = state.snapshot
    if snapshot is None:
        return dict.fromkeys(("step", "epoch", "train_loss", "test_loss", "accuracy", "regions"), NONE)
    accuracy = snapshot.train_accuracy if math.isnan(snapshot.test_accuracy) else snapshot.test_accuracy
    return {
        "step": count_text(snapshot.step),
        "epoch": f"{snapshot.epoch:,.1f}" if snapshot.epoch < 100 else count_text(snapshot.epoch),
        "train_loss": loss_text(snapshot.train_loss),
        "test_loss": loss_text(snapshot.test_loss),
        "accuracy": share_text(accuracy),
        "regions": regions_text(state),
    }


def regions_text(state: AppState | Pane) -> str:
    """Return how many regions are in view, with an epsilon where they are a stand-in's; a dash where not known."""
    is_smooth, partition = state.experiment.is_smooth, state.picture.partition if state.picture is not None else None
    if partition is not None and partition.count > 0:
        return f"{count_text(partition.count)} {EPSILON}" if is_smooth else count_text(partition.count)
    gauge, snapshot = state.gauge, state.snapshot
    counted = gauge is not None and snapshot is not None and gauge.run == snapshot.run and gauge.regions >= 0
    if is_smooth and partition is not None and gauge is not None and counted:
        return f"{count_text(gauge.regions)} {EPSILON}"
    return NONE


def regions_help(state: AppState) -> str:
    """Return what the count of regions is, and why there is none where that is so."""
    picture, gauge = state.picture, state.gauge
    if regions_text(state) != NONE:
        return STAND_IN_HELP if state.experiment.is_smooth else REGIONS_HELP
    if picture is None or picture.partition is None:
        return f"{REGIONS_HELP} They are counted with the first exact picture."
    if state.experiment.is_smooth:
        too_many = gauge is not None and gauge.run == state.run and gauge.regions < 0
        why = "It has too many to be counted." if too_many else "They are counted as soon as there is time."
        return f"{STAND_IN_HELP} {why}"
    if picture.message or picture.partition.message:
        return f"{REGIONS_HELP} {picture.message or picture.partition.message}"
    return f"{REGIONS_HELP} Melted lines bound none."


def has_accuracy(state: AppState) -> bool:
    """Whether points can be told right or wrong: of values there is a loss only."""
    return state.dataset is None or state.dataset.is_classes


def picture_title(picture: "Picture") -> str:
    """Return in a few words what an exact or an honest picture shows, and what its colours run over."""
    count, is_smooth = picture.partition.count, picture.snapshot.network.first_smooth is not None
    plural = "s" if count != 1 else ""
    if count and is_smooth:
        said = f"{count:,} \N{GREEK SMALL LETTER EPSILON}-linear region{plural} of a stand-in"
    elif count:
        said = f"{count:,} activation region{plural}, exact"
    elif picture.statement.startswith("Melted"):
        said = f"Melted, \N{GREEK SMALL LETTER ETA} = {picture.view.eta:.3g}"
    else:
        said = "Soft boundaries"
    return f"{said}\n{picture.scale}" if picture.scale else said


def picture_sentence(state: AppState) -> str:
    """Return what the picture is: exact, partial or none, and why."""
    picture = state.picture
    if picture is None:
        return "Preparing the first picture."
    if state.panes:
        return panes_sentence(state.panes)
    if picture.message:
        return picture.message
    return str(picture.statement)


def panes_sentence(panes: tuple[Pane, ...]) -> str:
    """Return which pictures the panes of a comparison show, those of one kind together."""
    kinds: dict[str, list[str]] = {}
    for number, pane in enumerate(panes, 1):
        said = (pane.picture.message or pane.picture.statement) if pane.picture is not None else ""
        kind = said.split(":")[0].rstrip(".") or "Preparing"
        kinds.setdefault(kind, []).append(str(number))
    if len(kinds) == 1:
        return f"{next(iter(kinds))} in all panes."
    parts = [
        f"{kind} in {'pane' if len(places) == 1 else 'panes'} {', '.join(places)}" for kind, places in kinds.items()
    ]
    return "; ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])]) + "."


def engine_sentence(state: AppState) -> str:
    """Return where and how fast training goes."""
    if state.engine == "starting":
        return "The training engine is starting"
    if state.engine == "lost":
        return "The training engine has stopped"
    if holds_news(state):
        return "Frozen, while training goes on unseen" if state.playing else "Frozen"
    snapshot = state.snapshot
    device = DEVICES.get(snapshot.device.split(":")[0], snapshot.device) if snapshot else ""
    if not state.playing:
        rests = "Resting" if state.time.is_looking_back else "Paused"
        return f"{rests}, {device}" if device else rests
    rate = snapshot.steps_per_second if snapshot else math.nan
    speed = f", {count_text(rate)} steps/s" if math.isfinite(rate) and rate > 0 else ""
    frames = state.pictures_per_second
    pictures = f", {count_text(frames)} pictures/s" if math.isfinite(frames) and frames > 0 else ""
    return f"Training on the {device}{speed}{pictures}" if device else "Training"
