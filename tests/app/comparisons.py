"""What tests of the comparison share: a store with a run, and a comparison begun in it."""

from reluviz.app import commands
from reluviz.app.received import begin_run
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment


def make_store(**settings):
    return Store(begin_run(take_experiment(AppState(run=1), Experiment(hidden=(6, 6), **settings))))


def begin(store, setup=None):
    """Compare, as the window and its loop do."""
    commands.toggle_compare(store)
    if setup is not None:
        commands.set_up(store, setup)
    commands.start_comparing(store)
    store.set(begin_run(store.state))
