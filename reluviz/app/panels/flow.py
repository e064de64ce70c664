"""Gradient flow panel: how much of the loss's signal reaches each layer and unit, now and over the steps."""

from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from reluviz.app.lessons import commands as lessons
from reluviz.app.lessons.helping import SCHEME, lesson_link
from reluviz.app.panels.flow_bars import FlowBars, LayerBars
from reluviz.app.panels.flow_map import FlowMap, LayerMap
from reluviz.app.panels.flow_scale import FlowScale, fit_scale
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.selection import select_unit
from reluviz.app.smooth_choices import change_layer
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.core.experiment import SETTINGS
from reluviz.core.findings import Finding, findings
from reluviz.core.flow_quantities import QUANTITIES
from reluviz.core.palette import PALETTES

EMPTY = "Gradient flow is shown once training has begun."
MOST_FINDINGS = 2
HEALTHY = "Every layer gets its share of the gradient."


class FlowPanel(LivePanel):
    """Bars by layer, a strip of units under each, a map of layers and time, and what is wrong in words."""

    watches: ClassVar[tuple[str, ...]] = ("flow", "flows", "flow_quantity", "selected", "view", "experiment", "time")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        choices = {name: row.label for name, row in QUANTITIES.items()}
        self.quantity = ChoiceField("flow_quantity", "Quantity", "What is shown of each layer.", choices)
        self.quantity.edited.connect(self._choose)
        self._bars, self._map, self._said = FlowBars(), FlowMap(), QLabel()
        self._bars.picked.connect(self._pick)
        self._map.picked.connect(self._pick_layer)
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.RichText)
        self._said.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._said.setAccessibleName("What is found in the gradient flow")
        self._said.linkActivated.connect(self._show_control)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(5)
        column.addWidget(self.quantity)
        column.addWidget(self._bars)
        column.addWidget(self._said)
        column.addWidget(self._map, 1)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show `state`'s newest flow."""
        row = QUANTITIES[state.flow_quantity]
        self.quantity.show_value(row.name)
        self.quantity.list.setToolTip(f"{row.symbol}: {row.help}")
        found = found_in(state)
        text = say_findings(found, state)
        if text != self._said.text():
            self._said.setText(text)
        known = state.flow is not None
        self._bars.setVisible(known)
        self._map.setVisible(known)
        if known:
            scale = scale_of(state)
            self._bars.show_bars(layer_bars(state, scale, found))
            self._map.show_map(layer_map(state, scale))

    def _choose(self, changes: dict[str, str]) -> None:
        self._store.update(**changes)

    def _pick(self, layer: int, unit: int) -> None:
        if unit >= 0:
            self._store.apply(partial(select_unit, unit=(layer, unit)))
        else:
            self._pick_layer(layer)

    def _pick_layer(self, layer: int) -> None:
        state = self._store.state
        if (layer, -1) == (state.view.layer, state.view.unit):
            self._store.apply(partial(change_layer, layer=-1))  # A second click lets it go.
        elif layer < len(state.experiment.hidden):
            self._store.apply(partial(change_layer, layer=layer))

    def _show_control(self, name: str) -> None:
        if name.startswith(SCHEME):
            lessons.begin_named(self._store, name.removeprefix(SCHEME))
        else:
            self._store.update(wanted_control=name)


def layer_titles(layers: int) -> tuple[str, ...]:
    """Return the names of so many layers, the readout last."""
    return (*(str(layer + 1) for layer in range(layers - 1)), "out")


def scale_of(state: AppState) -> FlowScale:
    """Return a scale that holds everything since the beginning of the run, so that it seldom moves."""
    row = QUANTITIES[state.flow_quantity]
    return fit_scale(state.flows.table(row.name), row.is_share)


def layer_bars(state: AppState, scale: FlowScale, found: tuple[Finding, ...]) -> LayerBars:
    """Return the newest figures by layer and by unit."""
    flow = state.flow
    assert flow is not None
    values = QUANTITIES[state.flow_quantity].read(flow)
    layers = len(flow.grad_norm)
    hidden = state.snapshot.experiment.hidden if state.snapshot is not None else ()
    fits = sum(hidden) == len(flow.unit_signal)
    return LayerBars(
        values=np.concatenate([values, np.full(layers - len(values), np.nan)]),
        names=layer_titles(layers),
        scale=scale,
        hidden=hidden if fits else (),
        unit_signal=flow.unit_signal if fits else np.zeros(0),
        unit_dead=flow.unit_dead if fits else np.zeros(0, np.bool_),
        flagged=frozenset(finding.layer for finding in found),
        picked=(state.view.layer, state.view.unit),
        palette=PALETTES[state.theme],
    )


def layer_map(state: AppState, scale: FlowScale) -> LayerMap:
    """Return the figures by layer and step."""
    flows = state.flows
    table = flows.table(state.flow_quantity)
    names = layer_titles(flows.layers) if flows.layers else ()
    return LayerMap(flows.steps, table, names, scale, state.view.layer, PALETTES[state.theme], state.time.cursor)


def found_in(state: AppState) -> tuple[Finding, ...]:
    """Return what is wrong in the newest flow."""
    if (
        state.flow is None
        or state.snapshot is None
        or len(state.flow.dead_share) != len(state.snapshot.experiment.hidden)
    ):
        return ()
    return findings(replace(state.snapshot, flow=state.flow))


def say_findings(found: tuple[Finding, ...], state: AppState) -> str:
    """Return what is wrong and what helps, with links to the controls and to lessons; rich text."""
    palette = PALETTES[state.theme]
    if state.flow is None:
        return EMPTY
    if not found:
        return f"<span style='color:{palette.muted}'>{HEALTHY}</span>"
    said = []
    for finding in found[:MOST_FINDINGS]:
        label = SETTINGS[finding.control].label
        place, words = lesson_link(finding.kind)
        lesson = f"<a style='color:{palette.accent}' href='{place}'>{words}</a>"
        link = f"<a style='color:{palette.accent}' href='{finding.control}'>{label}</a>"
        said.append(
            f"<b style='color:{palette.warning}'>{finding.sentence}</b>"
            f" <span style='color:{palette.muted}'>{finding.advice}</span> {link} \N{MIDDLE DOT} {lesson}"
        )
    if len(found) > MOST_FINDINGS:
        said.append(f"<span style='color:{palette.muted}'>and {len(found) - MOST_FINDINGS} more</span>")
    return "<br>".join(said)
