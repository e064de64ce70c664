"""Loss panel: loss and accuracy on training and test points over the steps of this run."""

from dataclasses import replace
from typing import ClassVar

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout

from reluviz.app.panels.line_plot import Chart, Line, LinePlot
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.palette import PALETTES
from reluviz.studio.curves import Curve
from reluviz.studio.line import Line as Moments

GHOSTS = 3


class LearningPanel(LivePanel):
    """Loss above, accuracy below where the data has classes."""

    watches: ClassVar[tuple[str, ...]] = ("curves", "dataset", "log_loss", "time")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._loss, self._accuracy = LinePlot("Loss"), LinePlot("Accuracy")
        self._logarithmic = QCheckBox("Logarithmic loss")
        self._logarithmic.setToolTip("Shows the loss on a logarithmic axis, so that small losses stay visible.")
        self._logarithmic.toggled.connect(self._set_logarithmic)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 6, 4)
        column.setSpacing(2)
        column.addWidget(self._loss, 3)
        column.addWidget(self._accuracy, 2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._logarithmic)
        column.addLayout(row)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show `state`'s learning curve."""
        self._logarithmic.setChecked(state.log_loss)
        loss, accuracy = learning_charts(state)
        self._loss.show_chart(loss)
        self._accuracy.setVisible(accuracy is not None)
        if accuracy is not None:
            self._accuracy.show_chart(accuracy)

    def _set_logarithmic(self, on: bool) -> None:
        if on != self._store.state.log_loss:
            self._store.update(log_loss=on)


def learning_charts(state: AppState) -> tuple[Chart, Chart | None]:
    """Return the charts of loss and of accuracy; no accuracy for data with values."""
    palette = PALETTES[state.theme]
    curve = state.curves.learning
    has_test = state.dataset is None or not bool(state.dataset.is_train.all())
    blank = Chart(palette=palette, empty="Curves begin with the first steps.", cursor=state.time.cursor)
    loss = replace(blank, title="Loss", lines=_lines(curve, "loss", palette.accent, palette.warning, has_test))
    ghosts = tuple(Line("", "", line.steps, line.losses[:, 0]) for line in left_lines(state))
    loss = replace(loss, logarithmic=state.log_loss, low=None if state.log_loss else 0.0, ghosts=ghosts)
    if state.dataset is not None and not state.dataset.is_classes:
        return loss, None
    lines = _lines(curve, "accuracy", palette.accent, palette.warning, has_test)
    return loss, replace(blank, title="Accuracy", lines=lines, high=1.03, percent=True)


def left_lines(state: AppState) -> tuple[Moments, ...]:
    """Return the lines of training that were left last, to compare with."""
    return state.time.timeline.others[-GHOSTS:]


def _lines(curve: Curve, kind: str, train: str, test: str, has_test: bool) -> tuple[Line, ...]:
    both = (
        Line("train", train, curve.steps, curve.column(f"train_{kind}")),
        Line("test", test, curve.steps, curve.column(f"test_{kind}"), dashed=True),
    )
    return both if has_test else both[:1]
