"""Cost panel: what each activation costs on this machine and device, measured when asked for."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout

from reluviz.app.figures import DEVICES
from reluviz.app.panels.cost_bars import CostBars, CostChart
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.palette import PALETTES

HELP = (
    "Each is timed alone, forward and backward, as training computes it: 32,768 single-precision numbers at once, the"
    " median of 31 tries; whiskers are quartiles. A step of a small network costs far more in calls than this."
)


class CostPanel(LivePanel):
    """Bars of nanoseconds per number, a sentence on what was measured, and a button to measure again."""

    watches: ClassVar[tuple[str, ...]] = ("cost", "costs_asked", "experiment", "engine")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.RichText)
        self._said.setAccessibleName("What was measured")
        self._said.setToolTip(HELP)
        self._bars = CostBars()
        self.button = QPushButton("Measure again")
        self.button.setToolTip("Times every activation anew on the device that trains; takes a fraction of a second.")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._measure)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._said)
        column.addWidget(self._bars)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.redraw(store.state)

    def showEvent(self, event: QShowEvent) -> None:
        """Have the costs measured once they are looked at for the first time."""
        super().showEvent(event)
        if not self._store.state.costs_asked:
            self._measure()

    def redraw(self, state: AppState) -> None:
        """Show what is measured so far."""
        text = say_cost(state)
        if text != self._said.text():
            self._said.setText(text)
        self._bars.show_chart(cost_chart(state))
        self.button.setEnabled(state.engine == "ready" and len(state.cost) in (0, len(ACTIVATIONS)))

    def _measure(self, _checked: bool = False) -> None:
        self._store.update(costs_asked=self._store.state.costs_asked + 1)


def cost_chart(state: AppState) -> CostChart:
    """Return the costs, the cheapest first."""
    ordered = sorted(state.cost, key=lambda cost: cost.forward_ns + cost.backward_ns)
    return CostChart(tuple(ordered), frozenset(state.experiment.activation), PALETTES[state.theme])


def say_cost(state: AppState) -> str:
    """Return what was measured, where and in which unit; rich text."""
    palette = PALETTES[state.theme]
    if not state.cost:
        waits = "once the training engine is ready" if state.engine != "ready" else "now"
        return f"<span style='color:{palette.muted}'>Every activation is timed {waits}.</span>"
    device = state.cost[0].device
    where = "one thread of this CPU" if device == "cpu" else f"this {DEVICES.get(device, device)}"
    measured = f"{len(state.cost)} of {len(ACTIVATIONS)} measured. " if len(state.cost) < len(ACTIVATIONS) else ""
    return (
        f"{measured}Nanoseconds per number on {where}: <b style='color:{palette.accent}'>forward</b>,"
        f" <b style='color:{palette.warning}'>backward</b>, their sum at the end; by decades."
    )
