"""The experiment as a line, and the state in words."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reluviz.app.describe import describe_state, say_data, say_network
from reluviz.app.received import begin_run
from reluviz.app.state import AppState, take_experiment
from reluviz.app.text_commands import copy_text, paste_text
from reluviz.app.window import Window
from reluviz.core.experiment import Experiment
from reluviz.core.one_line import to_line
from reluviz.core.picture import make_picture
from tests.app.shell import focused_window


def test_a_copied_line_pastes_back(store):
    store.edit(dataset="xor", hidden=(8, 8), learning_rate=0.25)
    wanted = store.state.experiment
    copy_text(store)
    assert QApplication.clipboard().text() == "reluviz --dataset xor --hidden 8,8 --learning-rate 0.25"
    assert store.state.message.text == "Copied: reluviz --dataset xor --hidden 8,8 --learning-rate 0.25"
    store.edit(dataset="moons", hidden=(3,))
    run = store.state.run
    paste_text(store)
    assert store.state.experiment == wanted
    assert store.state.run == run + 1


def test_json_pastes_as_well(store):
    QApplication.clipboard().setText(Experiment(dataset="circle").to_json())
    paste_text(store)
    assert store.state.experiment == Experiment(dataset="circle")


@pytest.mark.parametrize("text", ["", "good morning", "reluviz --hidden x", "{", "reluviz --dataset /no/such.csv"])
def test_bad_text_is_one_sentence_and_changes_nothing(store, qtbot, text):
    before = store.state.experiment
    QApplication.clipboard().setText(text)
    paste_text(store)
    qtbot.waitUntil(lambda: store.state.message.kind == "error")
    assert store.state.experiment is before
    assert store.state.message.text.count("\n") == 0


def test_ctrl_v_in_the_window_pastes_and_in_a_field_does_not(store, qtbot):
    window = focused_window(qtbot, store)
    QApplication.clipboard().setText("reluviz --seed 5")
    qtbot.keyClick(window.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert store.state.experiment.seed == 5
    store.update(sheet="commands")
    line = window.sheets.sheet.line
    QApplication.clipboard().setText("reluviz --seed 6")
    qtbot.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == "reluviz --seed 6"
    assert store.state.experiment.seed == 5


def seen(**fields):
    state = begin_run(take_experiment(AppState(), Experiment(**fields)))
    return replace(state, picture=make_picture(state.snapshot, replace(state.view, width=120, height=120)))


def test_what_is_shown_is_said_in_sentences():
    state = replace(seen(dataset="xor", hidden=(6, 5), points=200), probe=(0.25, -0.5))
    lines = describe_state(state).splitlines()
    assert lines[0] == "Learns the xor data: 140 training points and 60 test points of 2 classes."
    assert lines[1] == "2 hidden layers of 6 and 5 units, activation ReLU."
    assert lines[2].startswith("Step 0")
    assert f"{state.picture.partition.count} regions are in view. Colour: Activation pattern." in lines[3]
    assert lines[4].startswith("At (0.25, -0.5): region ")
    value = state.snapshot.network.forward([[0.25, -0.5]])[0, 0]
    assert f"f = {value:.3g}, gradient (" in lines[4]
    for line in lines:
        assert line.endswith(".")


def test_other_networks_and_data_are_said_as_well():
    assert "no hidden layer" in say_network(Experiment(hidden=()))
    assert say_network(Experiment(hidden=(1,), ablated=((0, 0),))).endswith("1 of them switched off.")
    assert "activation ReLU, Tanh" in say_network(Experiment(hidden=(3, 4), activation=("relu", "tanh")))
    assert say_data(AppState()) == "Learns the spiral data."
    assert "with values" in say_data(take_experiment(AppState(), Experiment(dataset="bumps")))
    assert "Soft" in describe_state(seen(activation="tanh", points=20, hidden=(4,)))


def test_a_state_before_its_first_picture_can_be_described():
    assert "Preparing the first picture." in describe_state(AppState())


def test_the_sheet_shows_the_words_and_copies_them(store, qtbot):
    window = Window(store)
    qtbot.addWidget(window)
    window.show()
    store.update(sheet="description")
    sheet = window.sheets.sheet
    assert sheet.text.toPlainText() == describe_state(store.state)
    sheet._copy()
    assert QApplication.clipboard().text() == sheet.text.toPlainText()
    store.edit(dataset="xor")
    assert "spiral" in sheet.text.toPlainText()
    sheet.describe()
    assert "xor" in sheet.text.toPlainText()
    sheet.reject()
    assert store.state.sheet == ""


def test_a_line_of_a_file_with_spaces_opens_in_a_shell(tmp_path):
    import shlex

    path = str(tmp_path / "my data.csv")
    assert shlex.split(to_line(Experiment(dataset=path))) == ["reluviz", "--dataset", path]
