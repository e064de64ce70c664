"""Network panel: the network as a live diagram whose units and numbers a hand can change."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from reluviz.app.canvas.tools import next_stroke
from reluviz.app.panels.live_panel import HAND_MS, LivePanel
from reluviz.app.panels.network_view import Diagram, Link, Marks, NetworkView, Unit, name_of
from reluviz.app.selection import light_unit, select_unit, selected_in, shade_unit, step_unit
from reluviz.app.state import AppState, edit_weights
from reluviz.app.store import Store
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.workshop import Workshop
from reluviz.core.ablation import toggle
from reluviz.core.edit_weights import set_bias, set_scale, set_weight
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.picture import Picture

REDRAW_MS = 50  # 192 thumbnails with their links take some 20 ms of the panel's thread.
PER_PIXEL = 0.01  # What a hand changes by one pixel, for numbers up to 1; of larger ones, that share.
SMOOTH = "Smooth units: thumbnails show true values, sampled at each of their pixels."
WAITING = "The diagram appears with the first exact picture."
PREPARING = "Preparing the diagram."  # The very first time, kernels are compiled for seconds.


@dataclass(frozen=True, eq=False)
class Request:
    """What a diagram is drawn from; sizes in logical pixels."""

    picture: "Picture"
    room: tuple[int, int]
    scroll: tuple[int, int]
    emphasis: Unit | None
    palette: str
    unit: float
    ratio: float


class NetworkPanel(LivePanel):
    """The diagram, and below it the numbers of what is selected."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "selected", "experiment", "snapshot", "view")
    pace_ms: ClassVar[int] = REDRAW_MS

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.view = NetworkView()
        self._link: Link | None = None
        self._over: Unit | None = None
        self._base: tuple[Unit | Link, float] | None = None
        self._drawn: tuple[object, ...] = ()
        self._shop = Workshop(self, "reluviz-network", draw, self._take, self._fail)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self._make_strip())
        for signal, slot in (
            (self.view.needs_picture, self._ask),
            (self.view.picked, self._pick),
            (self.view.link_picked, self._pick_link),
            (self.view.pointed, self._point),
            (self.view.switched, self._switch),
            (self.view.taken, self._take_hold),
            (self.view.dragged, self._drag),
            (self.view.released, self._let_go),
            (self.view.stepped, self._step),
        ):
            signal.connect(slot)
        self.redraw(store.state)

    def pace(self, state: AppState) -> int:
        """Return the least time until the next redraw: short where the diagram is what the hand moves."""
        return HAND_MS if self._base is not None else super().pace(state)

    def redraw(self, state: AppState) -> None:
        """Show `state`'s network."""
        self._ask()
        network = state.snapshot.network if state.snapshot is not None else None
        hidden = network.hidden if network is not None else ()
        selected = selected_in(state, hidden)
        if network is None or not _has(network, self._link):
            self._link = None
        self.view.show_marks(Marks(selected, self._link, state.experiment.ablated, palette=PALETTES[state.theme]))
        self._show_numbers(state, network, selected)

    def _make_strip(self) -> QWidget:
        strip = QWidget()
        row = FlowLayout(QMargins(8, 4, 8, 6), 8, spread=False)
        strip.setLayout(row)
        self._name = QLabel()
        self._name.setAccessibleName("Selected unit or link")
        self._name.setMinimumWidth(1)
        help = "The number of the selected bias or weight; drag the unit or link up and down, or type."
        self._number = NumberField("number", "Bias or weight", help, None, False)
        self._number.text.setFixedWidth(self.fontMetrics().horizontalAdvance("0" * 12))
        self._number.edited.connect(self._type)
        self._off = QPushButton("Switch off")
        self._off.setToolTip(
            "Takes the selected unit out of the network, in training and geometry alike, or puts it back."
        )
        self._off.clicked.connect(self._switch_selected)
        self._shade = QCheckBox("Shade where it is on")
        self._shade.setToolTip("Colours the canvas by where the selected unit is on.")
        self._shade.toggled.connect(self._set_shade)
        row.addWidget(self._name)
        row.addWidget(self._number)
        row.addWidget(self._off)
        row.addWidget(self._shade)
        return strip

    def _show_numbers(self, state: AppState, network: "Network | None", selected: Unit | None) -> None:
        self._shade.setChecked(state.view.coloring == "unit")
        self._off.setVisible(selected is not None and self._link is None)
        self._shade.setVisible(selected is not None)
        held = self._link if self._link is not None else selected
        self._number.setVisible(held is not None and network is not None)
        if held is None or network is None:
            smooth = network is not None and network.first_smooth is not None
            self._name.setText(SMOOTH if smooth else "Click a unit or a link.")
            return
        self._name.setText(describe(state, network, held))
        is_off = selected in state.experiment.ablated
        self._off.setText("Switch on" if is_off else "Switch off")
        self._number.setEnabled(held not in state.experiment.ablated)
        if not (self._number.text.hasFocus() and self._number.text.isModified()):
            self._number.show_value(_read(network, held))

    def _ask(self) -> None:
        state = self._store.state
        picture = state.picture
        if not self.isVisible():
            return
        if picture is None or picture.partition is None:
            self.view.show_words(WAITING)
            return
        size, ratio = self.view.room, self.devicePixelRatioF()
        emphasis = self._over or selected_in(state, picture.snapshot.network.hidden)
        request = Request(
            picture,
            (size.width(), size.height()),
            self.view.scrolled,
            None if emphasis is None else (emphasis[0] + 1, emphasis[1]),
            state.theme,
            max(0.8, state.font_scale),
            ratio,
        )
        key = (picture.snapshot, picture.partition, *list(vars(request).values())[1:])
        if key != self._drawn:
            if not self._drawn:
                self.view.show_words(PREPARING)
            self._drawn = key
            self._shop.ask(request)

    def _take(self, diagram: Diagram) -> None:
        self.view.show_diagram(diagram)

    def _fail(self, error: Exception) -> None:
        self._store.say(f"The network diagram cannot be drawn: {error}", "error")

    def _pick(self, unit: Unit | None) -> None:
        self._link = None
        state = self._store.state
        hidden = unit is not None and unit[0] < len(state.experiment.hidden)
        if unit is not None and not hidden:
            self._readout(unit)
            return
        self._store.set(select_unit(state, unit))
        self.redraw(self._store.state)

    def _readout(self, unit: Unit) -> None:
        """Show the readout's bias: no hidden unit, so nothing that the canvas could light."""
        self._link = (*unit, -1)
        self.redraw(self._store.state)

    def _pick_link(self, link: Link) -> None:
        self._link = link
        self.redraw(self._store.state)

    def _point(self, unit: Unit | None) -> None:
        """Light the line and the links of the unit that is pointed at; the readout has no line."""
        hidden = self._store.state.experiment.hidden
        self._over = unit
        self._store.apply(light_unit, unit=unit if unit is not None and unit[0] < len(hidden) else None)
        self._ask()

    def _step(self, layers: int, units: int) -> None:
        self._link = None
        self._store.apply(step_unit, layers=layers, units=units)
        if self._store.state.selected is not None:
            self.view.reveal(self._store.state.selected)

    def _switch_selected(self) -> None:
        self._switch()

    def _switch(self, unit: Unit | None = None) -> None:
        experiment = self._store.state.experiment
        unit = unit or selected_in(self._store.state, experiment.hidden)
        if unit is not None and unit[0] < len(experiment.hidden):
            self._store.edit(ablated=toggle(experiment.ablated, *unit))

    def _set_shade(self, on: bool) -> None:
        if on != (self._store.state.view.coloring == "unit"):
            self._store.apply(shade_unit, on=on)

    def _take_hold(self, held: Unit | Link) -> None:
        snapshot = self._store.state.snapshot
        self._base = (held, _read(snapshot.network, held)) if snapshot is not None else None
        self._store.update(stroke=next_stroke())  # One drag is undone as one.

    def _let_go(self) -> None:
        self._base = None
        self._store.update(stroke=0)

    def _drag(self, held: Unit | Link, up: float) -> None:
        if self._base is not None and self._base[0] == held:
            start = self._base[1]
            self._write(held, start + up * PER_PIXEL * max(1.0, abs(start)))

    def _type(self, changes: dict[str, Any]) -> None:
        state, value = self._store.state, changes["number"]
        held = self._link if self._link is not None else state.selected
        if held is None:
            return
        if not isinstance(value, float):
            self._store.say(
                f"{value!r} is not a number; allowed is any finite number, such as \N{MINUS SIGN}0.25.", "error"
            )
        else:
            self._write(held, value)
        self.redraw(self._store.state)

    def _write(self, held: Unit | Link, value: float) -> None:
        state = self._store.state
        if state.snapshot is None:
            return
        try:
            self._store.apply(edit_weights, network=_with(state.snapshot.network, held, value))
        except InputError as error:
            self._store.say(str(error), "error")


def draw(request: Request) -> Diagram:
    """Draw one request; in the panel's thread, where kernels may load."""
    from reluviz.core.diagram import Scene, draw_diagram
    from reluviz.core.diagram_layout import lay_out, scaled

    picture, ratio = request.picture, request.ratio
    network = picture.snapshot.network
    layout = lay_out((network.weights[0].shape[1], *network.hidden, network.outputs), *request.room, request.unit)
    exact = picture.partition.count > 0
    scene = Scene(
        network,
        picture.view.bounds,
        picture.partition if exact else None,
        picture.region_ids if exact else None,
        request.emphasis,
        request.palette,
        ratio,
    )
    size = (round(request.room[0] * ratio), round(request.room[1] * ratio))
    scroll = (round(request.scroll[0] * ratio), round(request.scroll[1] * ratio))
    return Diagram(draw_diagram(scene, scaled(layout, ratio), scroll, size), layout, network, request.scroll, ratio)


def describe(state: AppState, network: "Network", held: Unit | Link) -> str:
    """Return what is selected, in words; what it is on is said of the piecewise-linear ones."""
    unit = (held[0], held[1])
    if len(held) == 3 and held[2] >= 0:
        if network.filters[held[0]] is not None:
            return f"{name_of(network, unit)}, scale of its fixed sum"
        before = f"unit {held[2] + 1}" if held[0] else ("x" if held[2] == 0 else "y")
        return f"{name_of(network, unit)}, weight from {before}"
    name = name_of(network, unit)
    if unit in state.experiment.ablated:
        return f"{name}, switched off"
    return f"{name}{say_line(state, unit)}, bias"


def say_line(state: AppState, unit: Unit) -> str:
    """Return in words where a hidden unit's line does not cross the view, "" where it does or nothing is known."""
    partition = state.picture.partition if state.picture is not None else None
    if partition is None or not partition.count or unit[0] >= len(partition.network.hidden):
        return ""
    if partition.truncated_at is not None and unit[0] >= partition.truncated_at:
        return ""
    if unit[1] >= partition.network.hidden[unit[0]]:
        return ""
    if np.any((partition.edge_layers == unit[0]) & (partition.edge_units == unit[1])):
        return ""
    piece = int(partition.patterns[0, sum(partition.network.hidden[: unit[0]]) + unit[1]])
    flat = partition.network.pieces[unit[0]].slopes[piece] == 0
    return f" (its line lies outside the view: {'off' if flat else 'on'} everywhere in it)"


def _has(network: "Network", link: Link | None) -> bool:
    if link is None:
        return True
    layer, unit, source = link
    return (
        layer < len(network.weights) and unit < len(network.biases[layer]) and source < network.weights[layer].shape[1]
    )


def _read(network: "Network", held: Unit | Link) -> float:
    if len(held) == 3 and held[2] >= 0:
        bank = network.filters[held[0]]
        return float(network.weights[held[0]][held[1], held[2]] if bank is None else bank.scales[held[1]])
    return float(network.biases[held[0]][held[1]])


def _with(network: "Network", held: Unit | Link, value: float) -> "Network":
    if len(held) == 3 and held[2] >= 0:
        if network.filters[held[0]] is not None:  # Its links are fixed: a hand that pulls at one stretches all.
            return set_scale(network, held[0], held[1], value)
        return set_weight(network, held[0], held[1], held[2], value)
    return set_bias(network, held[0], held[1], value)
