"""What tests of the window's shell share: a store without an engine, and a window around it."""

from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment


def make_store(**fields):
    return Store(take_experiment(AppState(), Experiment(**fields)))
