"""What tests of the timeline share: a store that has heard of some steps, and where they stand in the strip."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint

from reluviz.app.comparing import take_snapshots
from reluviz.app.received import begin_run
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment

EXPERIMENT = Experiment(hidden=(6, 6), points=80, device="cpu")


def filled_store(steps=range(5, 105, 5), experiment=EXPERIMENT):
    """Return a store that has heard of so many steps."""
    store = Store(begin_run(take_experiment(AppState(run=1), experiment)))
    for step in steps:
        hear(store, step)
    return store


def hear(store, step, loss=1.0):
    def take(state):
        panes = tuple(pane.snapshot for pane in state.panes) or (state.snapshot,)
        return take_snapshots(
            state,
            tuple(
                replace(
                    one, step=step, parameters=one.parameters + np.float32(0.02), train_loss=loss / (step + pane + 1)
                )
                for pane, one in enumerate(panes)
            ),
        )

    store.apply(take)


def place_of(strip, step):
    return QPoint(round(float(strip.frame().x(step))), strip.height() // 2)
