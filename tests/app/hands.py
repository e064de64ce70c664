"""A hand that trains, looks back and goes on, without a window."""

from dataclasses import replace

import numpy as np

from reluviz.app.comparing import take_snapshots
from reluviz.app.received import begin_run
from reluviz.app.state import (
    AppState,
    take_experiment,
)
from reluviz.app.timeline.keeping import keep_time, look_again
from reluviz.app.timeline.looking import (
    show_now,
)
from reluviz.app.undo import History
from reluviz.app.undoing import note_change
from reluviz.core.experiment import Experiment


class Hand:
    """A state that changes as the store changes it."""

    def __init__(self, **settings):
        self.clock = 0.0
        experiment = Experiment(**{"hidden": (6, 6), **settings})
        self.state = keep_time(AppState(), begin_run(take_experiment(AppState(run=1), experiment)))
        self.state = replace(self.state, history=History())

    def do(self, change, **arguments):
        self.clock += 10
        new = keep_time(self.state, change(self.state, **arguments))
        self.state = note_change(self.state, new, self.clock)
        begun = keep_time(self.state, begin_run(self.state))  # As Live does where the run differs.
        self.state = note_change(self.state, begun, self.clock)
        return self

    def hear(self, change):
        """Take the engine's news as EngineLink does."""
        return self.do(lambda state: look_again(state, change(show_now(state))))

    def train(self, *steps):
        for step in steps:
            self.hear(lambda state, step=step: take_snapshots(state, self.moment(state, step)))
        return self

    @staticmethod
    def moment(state, step):
        seen = tuple(pane.snapshot for pane in state.panes) or (state.snapshot,)
        return tuple(
            replace(
                one,
                run=state.run,
                experiment=experiment,
                step=step,
                epoch=step / 11,
                parameters=one.parameters + np.float32(0.01 * (1 + pane)),
                train_loss=1 / (1 + step + pane),
                pane=pane,
            )
            for pane, (one, experiment) in enumerate(
                zip(seen, [p.experiment for p in state.panes] or [state.experiment], strict=True)
            )
        )

    @property
    def time(self):
        return self.state.time

    @property
    def steps(self):
        return self.time.timeline.steps.tolist()
