"""Switchboard panel: the network at one point, where every unit is a switch and the whole is one weighted sum."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabBar, QVBoxLayout

from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.region import number
from reluviz.app.panels.switch_view import Lit, SwitchView
from reluviz.app.selection import clear_pins, read_pin, reading_point, select_unit, selected_in
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.app.workshop import Workshop
from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES
from reluviz.core.switchboard import NearestEdge, Switchboard, nearest_edge, read_switches

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition
    from reluviz.core.picture import Picture

Float = NDArray[np.float64]
HINT = "Point at the canvas, or pin points with Ctrl and a click."
MOST_OUTPUTS = 4
REDRAW_MS = 50


@dataclass(frozen=True, eq=False)
class Request:
    """What is read: a point, in the network of a picture."""

    picture: "Picture"
    point: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Reading:
    """A board, the region's number (-1: outside the view, or no regions) and the nearest edge, if there is one."""

    board: Switchboard
    network: "Network"
    partition: "Partition"
    region: int
    edge: NearestEdge | None


class SwitchboardPanel(LivePanel):
    """Lamps and path above, numbers below; tabs choose the mouse or a pin."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "probe", "pins", "pin", "selected", "dataset")
    pace_ms: ClassVar[int] = REDRAW_MS

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.view, self.tabs = SwitchView(), QTabBar()
        self._clear = ToolButton("leave", "Unpin all", "Lets go of all pins.")
        self.words = QLabel()
        self.words.setAccessibleName("Weighted sums")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tabs.setAccessibleName("Point that is read")
        self.tabs.setToolTip("Reads the point under the mouse, or one that is pinned.")
        self.tabs.setObjectName("pinTabs")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self._clear.clicked.connect(self._let_go)
        self.tabs.addTab("Mouse")
        self.tabs.currentChanged.connect(self._choose)
        self.view.picked.connect(self._pick)
        self._reading: Reading | str = HINT
        self._asked: tuple[object, ...] = ()
        self._shop = Workshop(self, "reluviz-switches", read, self._take, self._fail)
        row = QHBoxLayout()
        row.addWidget(self.tabs, 1)
        row.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.words)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Read the chosen point of `state`."""
        self._show_tabs(state)
        point, picture = reading_point(state), state.picture
        if point is None:
            if state.pins or not isinstance(self._reading, Reading):
                self._reading = HINT
        elif picture is None or picture.partition is None:
            self._reading = "Switches can be read once the exact picture is there."
        elif self.isVisible() and (picture.snapshot, picture.partition, point) != self._asked:
            self._asked = (picture.snapshot, picture.partition, point)
            self._shop.ask(Request(picture, point))
        self._show()

    def _show_tabs(self, state: AppState) -> None:
        while self.tabs.count() > 1 + len(state.pins):
            self.tabs.removeTab(self.tabs.count() - 1)
        while self.tabs.count() < 1 + len(state.pins):
            number = self.tabs.addTab(f"{self.tabs.count()}")
            self.tabs.setTabToolTip(number, f"Reads pin {number}.")
            self.tabs.setAccessibleTabName(number, f"Pin {number}")
        self.tabs.setCurrentIndex(0 if state.pin is None else state.pin + 1)
        self._clear.setVisible(bool(state.pins))

    def _show(self) -> None:
        state, reading = self._store.state, self._reading
        palette = PALETTES[state.theme]
        if isinstance(reading, str):
            self.view.show_lit(Lit(words=reading, palette=palette))
            self.words.setText("")
            return
        selected = selected_in(state, reading.network.hidden)
        output = int(np.argmax(reading.board.value))
        self.view.show_lit(Lit(reading.board, output, selected, palette=palette))
        self.words.setText(say_reading(reading, selected, state.dataset, palette.muted))

    def _take(self, reading: "Reading | str") -> None:
        if reading_point(self._store.state) is not None:
            self._reading = reading
            self._show()

    def _fail(self, error: Exception) -> None:
        self._store.say(f"The switches cannot be read: {error}", "error")

    def _choose(self, tab: int) -> None:
        pin = tab - 1 if tab > 0 else None
        if pin != self._store.state.pin and tab <= len(self._store.state.pins):
            self._store.apply(read_pin, pin=pin)

    def _let_go(self) -> None:
        self._store.apply(clear_pins)

    def _pick(self, unit: tuple[int, int]) -> None:
        self._store.set(select_unit(self._store.state, unit))


def read(request: Request) -> Reading | str:
    """Read every switch at a point and what is around it; in the panel's thread."""
    picture = request.picture
    network, partition = picture.snapshot.network, picture.partition
    if not network.finite:
        return "A weight is not finite: there are no switches to read."
    point = np.array(request.point)
    try:
        board = read_switches(network, point)
    except InputError as error:
        return str(error)
    region = int(partition.locate(point[None])[0]) if partition.count else -1
    edge = nearest_edge(partition, point) if region >= 0 and partition.truncated_at is None else None
    return Reading(board, network, partition, region, edge)


def say_reading(reading: Reading, selected: tuple[int, int] | None, dataset: Dataset | None, muted: str) -> str:
    """Return region, sums by layer, the whole sum, its check and the nearest edge; rich text."""
    parts = [say_place(reading, dataset), say_layers(reading, selected, dataset, muted), say_whole(reading, dataset)]
    return "<br>".join(part for part in (*parts, say_edge(reading)) if part)


def say_place(reading: Reading, dataset: Dataset | None) -> str:
    """Return where the point lies."""
    center, scale = _units(dataset)
    x, y = center + scale * reading.board.x
    at = f"({number(x)}, {number(y)})"
    if reading.network.first_smooth is not None:
        return f"<b>At {at}.</b> A smooth unit is no switch: its lamp is as bright as its slope here."
    if reading.region < 0:
        return f"<b>At {at}</b>, outside what is in view: its region is not known, its switches are."
    return f"<b>Region {reading.region + 1:,}</b> of {reading.partition.count:,}, at {at}"


def say_layers(reading: Reading, selected: tuple[int, int] | None, dataset: Dataset | None, muted: str) -> str:
    """Return, for each hidden layer, how many units are on and one unit's sum: the selected or the weightiest one."""
    rows = []
    for layer, switches in enumerate(reading.board.layers[:-1]):
        if selected is not None and selected[0] == layer:
            unit = selected[1]
        else:
            unit = int(np.argmax(np.abs(switches.reach).max(axis=0) * np.abs(switches.h)))
        lit = int(np.count_nonzero(switches.slope))
        gradient, offset = _in_units(switches.gradient[unit], switches.offset[unit], dataset)
        said = f"z<sub>{unit + 1}</sub> = {_affine(gradient, offset)} = <b>{number(switches.z[unit])}</b>"
        head = f"<span style='color:{muted}'>Layer {layer + 1}, {lit} of {len(switches.slope)} on</span>"
        rows.append(f"{head}<br>&nbsp;&nbsp;{said}")
    return "<br>".join(rows)


def say_whole(reading: Reading, dataset: Dataset | None) -> str:
    """Return the whole network as one weighted sum, and how well that equals the network."""
    board, rows = reading.board, []
    many = len(board.value)
    values = dataset if dataset is not None and not dataset.is_classes else None
    for output in range(min(many, MOST_OUTPUTS)):
        gradient, constant = _in_units(board.gradient[output], float(board.intercept[output]), dataset)
        value = float(board.value[output])
        if values is not None:
            gradient = gradient * values.value_scale
            constant = constant * values.value_scale + values.value_center
            value = value * values.value_scale + values.value_center
        name = "f" if many == 1 else f"f<sub>{output + 1}</sub>"
        sign = "=" if reading.network.first_smooth is None else "\N{ALMOST EQUAL TO}"
        rows.append(f"{name} {sign} {_affine(gradient, constant)} = <b>{number(value)}</b>")
    if many > MOST_OUTPUTS:
        rows.append(f"and {many - MOST_OUTPUTS} more outputs")
    size = np.abs(board.gradient) @ np.abs(board.x) + np.abs(board.intercept) + 1e-300
    share = board.deviation / float(size.max())
    rows.append(
        f"equals the network to {max(share, 1e-16):.0e}"
        if share < 1e-9
        else f"differs from it by {board.deviation:.1e}"
    )
    return "<br>".join(rows)


def say_edge(reading: Reading) -> str:
    """Return the nearest edge, its units and the neighbour across it."""
    edge = reading.edge
    if edge is None:
        return "No edge of this region is in view." if reading.region >= 0 else ""
    here, there = reading.partition.patterns[edge.region], reading.partition.patterns[edge.neighbour]
    starts = np.cumsum([0, *reading.network.hidden])
    said = []
    for layer, unit in edge.units[:3]:
        column = int(starts[layer]) + unit
        turn = "on" if there[column] > here[column] else "off"
        said.append(f"layer {layer + 1}, unit {unit + 1} ({turn})")
    more = f" and {len(edge.units) - 3} more" if len(edge.units) > 3 else ""
    return (
        f"Nearest edge {number(edge.distance)} away: {', '.join(said)}{more}; across it, region {edge.neighbour + 1:,}."
    )


def _units(dataset: Dataset | None) -> tuple[Float, Float]:
    if dataset is None:
        return np.zeros(2), np.ones(2)
    return np.asarray(dataset.center), np.asarray(dataset.scale)


def _in_units(gradient: Float, offset: float, dataset: Dataset | None) -> tuple[Float, float]:
    """Return an affine map of the square in the units of the axes."""
    center, scale = _units(dataset)
    moved = gradient / scale
    return moved, float(offset - moved @ center)


def _affine(gradient: Float, offset: float) -> str:
    (a, b), c = gradient.tolist(), offset
    return f"{number(a)} x {_signed(b)} y {_signed(c)}"


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else chr(0x2212)} {number(abs(value))}"
