"""Counts panel: activation regions and linear regions in view, over the steps of this run."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from reluviz.app.panels.line_plot import Chart, Level, Line, LinePlot
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.ticks import short
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.palette import PALETTES


class CountsPanel(LivePanel):
    """The two counts over time, and what theory says of networks of this shape."""

    watches: ClassVar[tuple[str, ...]] = ("curves", "experiment")

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
        text = say_bounds(state)
        if text != self._bounds.text():
            self._bounds.setText(text)


HELP = (
    "Hanin and Rolnick (2019): about half the square of the number of units is typical, whatever the depth. Serra et"
    " al. (2018): no network of this shape has more. Montufar et al. (2014): one exists that has at least so many."
)


def counts_chart(state: AppState) -> Chart:
    """Return the chart of both counts, with the typical count as a level."""
    palette, curves = PALETTES[state.theme], state.curves
    lines = (
        Line("activation", palette.accent, curves.regions.steps, curves.regions.column("regions")),
        Line("linear", palette.warning, curves.linear.steps, curves.linear.column("linear"), dashed=True),
    )
    typical = typical_count(state)
    levels = (Level(f"typical {short(typical)}", typical),) if typical else ()
    return Chart(
        "Regions in view", lines, levels, low=0.0, palette=palette, empty="Counts begin with the first picture."
    )


def typical_count(state: AppState) -> float:
    """Return Hanin and Rolnick's typical count N^2 / 2 for N hidden units."""
    return sum(state.experiment.hidden) ** 2 / 2


def say_bounds(state: AppState) -> str:
    """Return the bounds in words."""
    hidden = state.experiment.hidden
    return "" if not hidden else f"{sum(hidden)} units"
