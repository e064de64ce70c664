"""Pane: one of several experiments that are trained in lock step and shown side by side."""

import math
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.snapshot import Snapshot
from reluviz.studio.curves import Curve, Curves

if TYPE_CHECKING:  # The picture module loads numba, which the first painted window must not wait for.
    from reluviz.app.gauging import Gauge
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture

TRACKED = ("gradient_ratio", "dead", "saturated", "steps_per_second")
GAUGED = ("regions", "bending")


@dataclass(frozen=True, eq=False)
class Pane:
    """One experiment of a comparison with its newest moment, its newest picture and what was measured over time.

    `tracks` by snapshot that brings its gradient flow: the first layer's gradient over the readout's, shares of dead
    and saturated units, steps a second. `gauges` by gauged picture: regions (those of a stand-in where a layer is
    smooth) and how much f bends. `gauge` is the newest of these, None before the first. `rest` says why the pane rests
    while others train on, "" where it does not.
    """

    experiment: Experiment
    snapshot: Snapshot | None = None
    picture: "Picture | Preview | None" = None
    gauge: "Gauge | None" = None
    rest: str = ""
    curves: Curves = field(default_factory=Curves)
    tracks: Curve = field(default_factory=partial(Curve, TRACKED))
    gauges: Curve = field(default_factory=partial(Curve, GAUGED))


def take_moment(pane: Pane, snapshot: Snapshot) -> Pane:
    """Make `snapshot` the pane's newest moment."""
    values = (snapshot.train_loss, snapshot.test_loss, snapshot.train_accuracy, snapshot.test_accuracy)
    curves = replace(pane.curves, learning=pane.curves.learning.add(snapshot.step, values))
    tracks = pane.tracks
    if snapshot.flow is not None:
        tracks = tracks.add(snapshot.step, tracked(snapshot, snapshot.flow))
    return replace(pane, snapshot=snapshot, curves=curves, tracks=tracks)


def take_pane_picture(pane: Pane, picture: "Picture | Preview") -> Pane:
    """Make `picture` what the pane shows."""
    curves = pane.curves
    if picture.partition is not None and picture.partition.count > 0:
        snapshot = picture.snapshot
        curves = curves.count(snapshot.step, picture.partition.count, snapshot.experiment.is_smooth)
    return replace(pane, picture=picture, curves=curves)


def take_gauge(pane: Pane, gauge: "Gauge") -> Pane:
    """Add what was gauged in one of the pane's pictures."""
    gauges = pane.gauges.add(gauge.step, (gauge.regions, gauge.bending))
    curves = pane.curves
    if gauge.linear >= 0:
        curves = replace(curves, linear=curves.linear.add(gauge.step, (gauge.linear,)))
    return replace(pane, gauge=gauge, gauges=gauges, curves=curves)


def tracked(snapshot: Snapshot, flow: Flow) -> tuple[float, ...]:
    """Return the values of TRACKED of a snapshot that brings its flow; nan where no gradient reaches the readout."""
    hidden = snapshot.experiment.hidden
    units = max(1, sum(hidden))
    dead = sum(share * width for share, width in zip(flow.dead_share.tolist(), hidden, strict=True)) / units
    saturated = sum(share * width for share, width in zip(flow.saturated_share.tolist(), hidden, strict=True)) / units
    last = float(flow.grad_norm[-1])
    ratio = float(flow.grad_norm[0]) / last if last > 0 else math.nan
    return ratio, dead, saturated, snapshot.steps_per_second
