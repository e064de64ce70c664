"""Figures that a network or its data do not have are left out, or say why; counts of stand-ins bear their sign."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from reluviz.app.comparing import open_setup, start_comparison
from reluviz.app.figures import has_accuracy, readouts, regions_help
from reluviz.app.gauging import Gauge, gauge_picture
from reluviz.app.lecture.audience_words import large_figures
from reluviz.app.pane_words import COLUMNS
from reluviz.app.panels.comparison import ComparisonPanel, column_of
from reluviz.app.received import begin_run, take_gauge
from reluviz.core.partition import decompose
from reluviz.core.picture import make_picture
from reluviz.core.view import HOME
from tests.app.shell import make_store

CLASSES = "xor"


def values_name():
    from reluviz.core.datasets import load_dataset
    from reluviz.core.experiment import DATASETS, Experiment

    return next(name for name in DATASETS if not load_dataset(Experiment(dataset=name)).is_classes)


@pytest.fixture
def values(qtbot):
    store = make_store(dataset=values_name(), hidden=(4,))
    store.set(begin_run(store.state))
    return store


def test_values_have_no_accuracy_in_the_bar(window, store, qtbot):
    bar = window.transport
    bar._refresh()
    assert not bar.values["accuracy"].isHidden()
    store.edit(dataset=values_name())
    bar._refresh()
    assert bar.values["accuracy"].isHidden()
    assert not bar.values["train_loss"].isHidden()
    store.edit(dataset=CLASSES)
    bar._refresh()
    assert not bar.values["accuracy"].isHidden()


def test_values_have_no_accuracy_among_large_figures(values):
    lecture = replace(values.state.lecture, counters=True, figures=("step", "accuracy", "regions"))
    values.update(lecture=lecture)
    assert [tuple(texts) for texts in large_figures(values.state)] == [("step", "regions")]


def test_values_have_no_accuracy_in_the_table(values, qtbot):
    values.apply(open_setup)
    values.apply(start_comparison)
    values.set(begin_run(values.state))
    values.update(compared="accuracy")
    panel = ComparisonPanel(values)
    qtbot.addWidget(panel)
    panel.redraw(values.state)
    place = list(COLUMNS).index("accuracy")
    assert panel.table.isColumnHidden(place)
    assert column_of(values.state).name == "train_loss"
    assert sum(panel.table.isColumnHidden(other) for other in range(len(COLUMNS))) == 1
    values.edit(dataset=CLASSES)
    assert has_accuracy(values.state)
    panel.redraw(values.state)
    assert not panel.table.isColumnHidden(place)
    assert panel.table.columnWidth(place) > 0
    values.update(compared="accuracy")
    assert column_of(values.state).name == "accuracy"


def smooth(epsilon=0.05):
    store = make_store(activation=("tanh",), activation_parameter=(None,), hidden=(5, 4))
    store.set(begin_run(store.state))
    view = replace(store.state.view, width=60, height=50, epsilon=epsilon)
    return store, make_picture(store.state.snapshot, view)


def independent_count(picture):
    """Count the regions of the stand-in anew, with another budget."""
    from reluviz.core.stand_in import decompose_stand_in

    return decompose_stand_in(picture.snapshot.network, picture.view.bounds, picture.view.epsilon, 250_000)[1].count


def test_a_smooth_network_shows_the_count_of_its_stand_in_with_its_sign(qtbot):
    store, picture = smooth()
    store.update(picture=picture)
    assert picture.partition.count == 0
    assert readouts(store.state)["regions"] == "–"
    assert regions_help(store.state).endswith("They are counted as soon as there is time.")
    store.apply(take_gauge, gauge=gauge_picture(picture))
    count = independent_count(picture)
    assert readouts(store.state)["regions"] == f"{count:,} ε"
    assert "stand-in" in regions_help(store.state)
    late = replace(store.state, snapshot=replace(store.state.snapshot, run=store.state.run + 1))
    assert readouts(late)["regions"] == "–"


def test_too_many_regions_of_a_stand_in_say_so(qtbot):
    store, picture = smooth()
    store.update(picture=picture, gauge=Gauge(store.state.run, 0, -1, -1, 1.0, 0.1, 0.05))
    assert readouts(store.state)["regions"] == "–"
    assert regions_help(store.state).endswith("It has too many to be counted.")


def test_a_picture_of_linear_pieces_counts_without_a_sign(qtbot):
    store = make_store(hidden=(4,))
    store.set(begin_run(store.state))
    assert regions_help(store.state).endswith("They are counted with the first exact picture.")
    picture = make_picture(store.state.snapshot, replace(store.state.view, width=60, height=50))
    store.update(picture=picture)
    assert readouts(store.state)["regions"] == f"{decompose(picture.snapshot.network, HOME).count}"
    broken = SimpleNamespace(partition=SimpleNamespace(count=0, message="A weight is not finite."), message="")
    assert regions_help(replace(store.state, picture=broken)).endswith("A weight is not finite.")
