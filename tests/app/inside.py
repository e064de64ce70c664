"""What tests of the views that look inside share: a store with a drawn picture, and a panel shown beside it."""

from reluviz.app.received import begin_run, take_picture
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.view import View


def drawn_store(**settings):
    settings = {"hidden": (6, 5), "initialization": "default"} | settings
    store = Store(begin_run(take_experiment(AppState(run=1, view=View(width=160, height=160)), Experiment(**settings))))
    redraw(store)
    return store


def redraw(store):
    store.set(take_picture(store.state, make_picture(store.state.snapshot, store.state.view)))


def shown(qtbot, panel, width=700, height=420):
    qtbot.addWidget(panel)
    panel.resize(width, height)
    panel.show()
    qtbot.waitExposed(panel)
    return panel
