"""Census panel: what the regions in view are like, what theory allows, and their export."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout

from reluviz.app.panels.bars import BarPlot, Bars, area_ticks, number_ticks
from reluviz.app.panels.counts import say_bounds
from reluviz.app.panels.exact_picture import exact_picture
from reluviz.app.panels.export_row import ExportRow
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.ticks import short
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.workshop import Workshop
from reluviz.core.census import Census, area_histogram, neighbour_counts, summary
from reluviz.core.palette import PALETTES

if TYPE_CHECKING:
    from reluviz.core.picture import Picture

RECOUNT_MS = 300  # Neighbours and linear regions of 10,000 regions take some 15 ms.
WIDE = 26  # Lines of text: where two charts stand side by side.
CHARTS = {
    "active": ("By active units", "How many regions have so many units above their lowest piece."),
    "areas": ("By area", "How many regions are so large, on a logarithmic scale; all of the view has the area on top."),
    "neighbours": ("By neighbours", "How many regions share an edge with so many others."),
    "layers": ("Lines by layer", "How many cuts each hidden layer makes into the regions of those before it."),
}


@dataclass(frozen=True, eq=False)
class Count:
    """What the panel shows of one picture."""

    picture: "Picture"
    census: Census
    neighbours: NDArray[np.int64]
    areas: NDArray[np.int64]
    area_edges: NDArray[np.float64]


def count_picture(picture: "Picture") -> Count:
    """Count the regions of a picture; made in a thread."""
    partition = picture.partition
    return Count(picture, summary(partition), neighbour_counts(partition), *area_histogram(partition))


class CensusPanel(LivePanel):
    """Four distributions, counts in words, bounds, and export."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "experiment")
    pace_ms: ClassVar[int] = RECOUNT_MS

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._workshop = Workshop(self, "reluviz-census", count_picture, self._take, self._fail)
        self._head, self._bounds = QLabel(), QLabel()
        for label, name in ((self._head, "Counts"), (self._bounds, "Bounds on the number of regions")):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setAccessibleName(name)
        self._bounds.setToolTip(
            "What theory says of the number of regions of networks of these widths, over the plane."
        )
        self.plots = {name: BarPlot(*words) for name, words in CHARTS.items()}
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self._columns = 0
        self._export = ExportRow(store)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addWidget(self._head)
        column.addLayout(self._grid, 1)
        column.addWidget(self._bounds)
        column.addWidget(self._export)
        self._place(1)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Count the newest picture."""
        picture = exact_picture(state.picture)
        is_ready = not isinstance(picture, str)
        self._bounds.setText(say_bounds(state))
        self._export.set_ready(is_ready)
        for plot in self.plots.values():
            plot.setVisible(is_ready)
        if isinstance(picture, str):
            self._head.setText(picture)
        elif self.isVisible():
            self._workshop.ask(picture)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand charts side by side where there is room."""
        super().resizeEvent(event)
        self._place(2 if self.width() > WIDE * self.fontMetrics().height() else 1)

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, plot in enumerate(self.plots.values()):
            self._grid.addWidget(plot, index // columns, index % columns)

    def _take(self, count: Count) -> None:
        state = self._store.state
        if isinstance(exact_picture(state.picture), str):
            return
        self._head.setText(say_census(count))
        for name, bars in census_bars(count, state).items():
            self.plots[name].show_bars(bars)

    def _fail(self, error: Exception) -> None:
        self._head.setText(f"The regions cannot be counted: {error}")


def say_census(count: Count) -> str:
    """Return the counts in words; rich text."""
    census, partition = count.census, count.picture.partition
    text = f"<b>{census.regions:,}</b> activation region{'s' if census.regions != 1 else ''}"
    if census.linear_regions >= 0:
        same = "all different maps" if census.linear_regions == census.regions else "the rest share a neighbour's map"
        text += f", <b>{census.linear_regions:,}</b> linear: {same}"
    dead, always = int(census.dead_in_view.sum()), int(census.always_in_view.sum())
    if dead or always:
        text += f". Of {len(census.dead_in_view)} units {dead} are off and {always} on everywhere in view"
    if partition.truncated_at is not None:
        text += f". Layers beyond {partition.truncated_at} are left out: there are more regions than the budget"
    return f"{text}."


def census_bars(count: Count, state: AppState) -> dict[str, Bars]:
    """Return each chart's bars."""
    palette, census = PALETTES[state.theme], count.census
    used = np.flatnonzero(census.by_active)
    active = census.by_active[: (used[-1] if len(used) else 0) + 1]
    mean = float(np.average(np.arange(len(active)), weights=active)) if active.sum() else 0.0
    degrees = np.arange(len(count.neighbours))
    degree = float(np.average(degrees, weights=count.neighbours)) if count.neighbours.sum() else 0.0
    layers = census.lines_by_layer
    common: dict[str, Any] = {"palette": palette}
    return {
        "active": _bars("active", active, number_ticks(len(active)), (palette.accent,), f"mean {mean:.3g}", common),
        "areas": _bars(
            "areas",
            count.areas,
            area_ticks(count.area_edges),
            (palette.accent,),
            f"median {short(census.median_area)}",
            common,
        ),
        "neighbours": _bars(
            "neighbours",
            count.neighbours,
            number_ticks(len(count.neighbours)),
            (palette.accent,),
            f"mean {degree:.3g}",
            common,
        ),
        "layers": _bars(
            "layers",
            layers,
            tuple((float(i), str(i + 1)) for i in range(len(layers))),
            tuple(palette.lines[i % len(palette.lines)] for i in range(len(layers))) or (palette.accent,),
            f"{int(layers.sum()):,} cuts",
            common,
        ),
    }


def _bars(
    name: str,
    heights: NDArray[Any],
    ticks: tuple[tuple[float, str], ...],
    colors: tuple[str, ...],
    said: str,
    common: dict[str, Any],
) -> Bars:
    return Bars(CHARTS[name][0], np.asarray(heights, dtype=np.float64), ticks, colors, said, **common)
