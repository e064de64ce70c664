"""Counts panel: activation regions and linear regions in view, over the steps of this run."""

import math
from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from reluviz.app.panels.line_plot import Chart, Level, Line, LinePlot
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.ticks import short
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.census import hanin_rolnick, montufar_lower, raghu, serra_lower, serra_upper
from reluviz.core.experiment import Experiment
from reluviz.core.palette import PALETTES


class CountsPanel(LivePanel):
    """The two counts over time, and what theory says of networks of this shape."""

    watches: ClassVar[tuple[str, ...]] = ("curves", "experiment", "gauge", "view", "time")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._plot, self._bounds = LinePlot("Region counts"), QLabel()
        self._bounds.setWordWrap(True)
        self._bounds.setTextFormat(Qt.TextFormat.RichText)
        self._bounds.setAccessibleName("Bounds on the number of regions")
        self._bounds.setToolTip(HELP)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 6, 6)
        column.setSpacing(4)
        column.addWidget(self._plot, 1)
        column.addWidget(self._bounds)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show `state`'s counts."""
        self._plot.show_chart(counts_chart(state))
        text = "<br>".join(filter(None, (say_bounds(state), say_bending(state))))
        if text != self._bounds.text():
            self._bounds.setText(text)


HELP = (
    "Bending is the Hessian-Schatten total variation of f in view: how much f bends. Between flat pieces it is the sum"
    " over edges of length times jump of the gradient; where layers are smooth, the integral of |\u03bb\u2081| +"
    " |\u03bb\u2082| of f's Hessian, to which edges of piecewise-linear layers are added. It compares all activations"
    " (Aziznejad, Campos and Unser 2021). Bends of several smooth units that overlap may cancel in it; the edges of"
    " \u03b5-linear stand-ins do not, so that their sum tends to what the units bend one by one, which is no less."
    " Activation regions share one on/off pattern; linear regions merge neighbours on which the network is one affine"
    " map. Typical: half the square of the number of breakpoints, at random weights of any depth over the whole plane"
    " (Hanin and Rolnick 2019). Most: no network of these widths has more (Serra et al. 2018 for ReLU, else Raghu et"
    " al. 2017). Best known: a network of these widths with at least so many exists (Mont\u00fafar et al. 2014, Serra"
    " et al. 2018)."
)


def counts_chart(state: AppState) -> Chart:
    """Return the chart of both counts, with the typical count as a level."""
    palette, curves = PALETTES[state.theme], state.curves
    blank = Chart("Regions", low=0.0, palette=palette, empty="Counts begin with the first exact picture.")
    blank = replace(blank, cursor=state.time.cursor)
    if state.experiment.is_smooth:
        line = Line(
            "\N{GREEK SMALL LETTER EPSILON}-linear",
            palette.accent,
            curves.stand_in.steps,
            curves.stand_in.column("regions"),
        )
        return replace(blank, lines=(line,), empty="A smooth network has no regions; those of a stand-in are counted.")
    activation, linear = counted_together(state)
    regions, merged = curves.regions, curves.linear
    lines = (
        Line("activation", palette.accent, regions.steps, regions.column("regions"), said=activation),
        Line("linear", palette.warning, merged.steps, merged.column("linear"), dashed=True, said=linear),
    )
    typical = hanin_rolnick(live_widths(state.experiment), breakpoints=breakpoints(state.experiment))
    levels = (Level(f"typical {short(typical)}", typical),) if typical > 1 else ()
    return replace(blank, lines=lines, levels=levels)


def counted_together(state: AppState) -> tuple[float | None, float | None]:
    """Return both counts of the picture that was gauged last, None where it is not that of the moment looked at.

    Pictures come faster than their linear regions are counted: of two pictures, there could be fewer activation regions
    than linear ones, which is impossible.
    """
    gauge, cursor = state.gauge, state.time.cursor
    if gauge is None or gauge.run != state.run or gauge.linear < 0 or gauge.regions < 0:
        return None, None
    if cursor is not None and cursor != gauge.step:
        return None, None
    return float(gauge.regions), float(gauge.linear)


def breakpoints(experiment: Experiment) -> list[int]:
    """Return how many breakpoints each hidden layer's activation has; raises `InputError` for a smooth one."""
    return [len(row.pieces(value).breakpoints) for row, value in experiment.layer_activations]


def live_widths(experiment: Experiment) -> tuple[int, ...]:
    """Return how many units of each hidden layer are not switched off, one where none is left."""
    off = [sum(layer == index for layer, _ in experiment.ablated) for index in range(len(experiment.hidden))]
    return tuple(max(1, width - gone) for width, gone in zip(experiment.hidden, off, strict=True))


def say_bending(state: AppState) -> str:
    """Return how much f bends in view, with its error where it is a quadrature; rich text."""
    gauge = state.gauge
    muted = PALETTES[state.theme].muted
    if gauge is None or math.isnan(gauge.bending):
        return f"<span style='color:{muted}'>bending</span> <b>\N{EN DASH}</b>"  # Keeps its row, so that nothing moves.
    error = f" \u00b1 {short(gauge.bending_error)}" if gauge.bending_error > 0 else ""
    size = "without limit: f jumps" if math.isinf(gauge.bending) else f"{short(gauge.bending)}{error}"
    return f"<span style='color:{muted}'>bending</span> <b>{size}</b>"


def say_bounds(state: AppState) -> str:
    """Return what theory says of networks of this shape, in words; rich text."""
    experiment = state.experiment
    if experiment.is_smooth:
        return say_stand_in(state)
    hidden, kinks = live_widths(experiment), breakpoints(experiment)
    if not sum(kinks):
        return "Without a bend in any activation there is one region."
    said = [("typical", hanin_rolnick(hidden, breakpoints=kinks))]
    if all(row.name == "relu" for row, _ in experiment.layer_activations):
        said.append(("best known", max(serra_lower(hidden), montufar_lower(hidden))))
        said.append(("most", serra_upper(hidden)))
    else:
        said.append(("most", raghu(hidden, breakpoints=kinks)))
    muted = PALETTES[state.theme].muted
    pairs = ((name.replace(" ", "&nbsp;"), short(value)) for name, value in said)  # No line breaks within a pair.
    return " ".join(f"<span style='color:{muted}'>{name}</span>&nbsp;<b>{value}</b>" for name, value in pairs)


def say_stand_in(state: AppState) -> str:
    """Return what is counted where there are no regions: those of a stand-in, and how near it is."""
    gauge = state.gauge
    epsilon = gauge.epsilon if gauge is not None and gauge.epsilon > 0 else state.view.epsilon
    muted = PALETTES[state.theme].muted
    return (
        f"<span style='color:{muted}'>stand-in within</span> <b>\N{GREEK SMALL LETTER EPSILON} = {short(epsilon)}</b>"
    )
