"""Region panel: what is known of the region under the mouse."""

from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from reluviz.app.panels.lamps import Lamps, LampsView
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.reading import RegionReading, read_region
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.activations import Pieces
from reluviz.core.dataset import Dataset
from reluviz.core.palette import PALETTES

HINT = "Point at the canvas to read a region: its pattern, its affine map, its area."
MOST_OUTPUTS = 4


class RegionPanel(LivePanel):
    """The region's number and area, its lamps, and f there as one affine map."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "probe", "dataset")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._head, self._map = QLabel(), QLabel()
        self._lamps = LampsView()
        for label, name in ((self._head, "Region"), (self._map, "Affine map")):
            label.setAccessibleName(name)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(6)
        column.addWidget(self._head)
        column.addWidget(self._lamps, 1)
        column.addWidget(self._map)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show the region at `state.probe`."""
        reading = read_region(state.picture, state.probe)
        self._head.setText(say_region(reading, state))
        self._map.setText(say_map(reading, state.dataset) if reading else "")
        self._map.setVisible(reading is not None)
        if state.snapshot is not None:
            # The regions of a smooth network are those of its stand-in, whose pieces its patterns count.
            network = reading.partition.network if reading else state.snapshot.network
            pieces = tuple(len(c.slopes) if isinstance(c, Pieces) else 2 for c in network.curves)
            pattern = reading.pattern if reading else None
            self._lamps.show_lamps(Lamps(pattern, network.hidden, pieces, PALETTES[state.theme]))


def say_region(reading: RegionReading | None, state: AppState) -> str:
    """Return number, area and place of a region, in words."""
    if reading is None:
        if state.experiment.is_smooth and state.view.smooth != "epsilon":
            return "A smooth network has no linear regions to read; those of a stand-in can be chosen under View."
        exact = state.picture is None or state.picture.partition is not None
        return HINT if exact else "Regions can be read once the exact picture is there."
    xmin, xmax, ymin, ymax = reading.partition.bounds
    share = reading.area / ((xmax - xmin) * (ymax - ymin))
    x, y = _in_data_units(reading.point, state.dataset)
    count = reading.partition.count
    return (
        f"<b>Region {reading.region + 1:,}</b> of {count:,}<br>{100 * share:.2g} % of the view,"
        f" at ({number(x)}, {number(y)})"
    )


def say_map(reading: RegionReading, dataset: Dataset | None) -> str:
    """Return the affine map in the units of the axes, f at the point, and how well both agree."""
    center, scale = (dataset.center, dataset.scale) if dataset else ((0.0, 0.0), (1.0, 1.0))
    gradient = reading.gradient / np.asarray(scale)
    intercept = reading.intercept - gradient @ np.asarray(center)
    values = reading.value
    if dataset is not None and not dataset.is_classes:
        gradient, values = gradient * dataset.value_scale, values * dataset.value_scale + dataset.value_center
        intercept = intercept * dataset.value_scale + dataset.value_center
    if np.isnan(gradient).any():
        return "The decomposition stopped at its budget: f is not affine on this piece. Zoom in."
    rows = []
    for output in range(min(len(values), MOST_OUTPUTS)):
        name = "f" if len(values) == 1 else f"f<sub>{output + 1}</sub>"
        (a, b), c = gradient[output], intercept[output]
        rows.append(f"{name} = {number(a)} x {_signed(b)} y {_signed(c)} = <b>{number(values[output])}</b>")
    if len(values) > MOST_OUTPUTS:
        rows.append(f"and {len(values) - MOST_OUTPUTS} more outputs")
    exact = reading.agreement < 1e-9
    rows.append(
        f"equals the forward pass to {max(reading.agreement, 1e-16):.0e}"
        if exact
        else f"differs from the forward pass by {reading.agreement:.1e}"
    )
    return "<br>".join(rows)


def number(value: float) -> str:
    """Return four significant digits, with a true minus sign."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else chr(0x2212)} {number(abs(value))}"


def _in_data_units(point: tuple[float, float], dataset: Dataset | None) -> tuple[float, float]:
    if dataset is None:
        return point
    (x, y), (center_x, center_y), (scale_x, scale_y) = point, dataset.center, dataset.scale
    return center_x + scale_x * x, center_y + scale_y * y
