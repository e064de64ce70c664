"""Controls that a scene does without: hidden, listed, shown again, kept in files."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from reluviz.app import files
from reluviz.app.lecture import commands
from reluviz.app.lecture.hiding import HIDE, controls_of
from reluviz.app.lecture.names import check_names, hideable, title_of
from reluviz.app.lecture.state import Lecture
from reluviz.app.settings import Settings
from reluviz.app.start import Options, _first_state
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.studio.scene import Scene, read_scene, write_scene
from tests.app.lecturing import lecture_of, open_window


@pytest.fixture
def open_(qtbot, qapp):
    return open_window(qtbot)


def test_every_name_has_its_control_and_every_control_its_name(open_):
    _, window = open_
    assert controls_of(window).keys() == hideable().keys()
    assert not any("menu" in name for name in hideable())


@pytest.mark.parametrize("name", ["panel:learning", "section:data", "bar:speed", "bar:training", "panel:census"])
def test_a_control_goes_and_comes_back_as_it_was(open_, qtbot, name):
    store, window = open_
    widget = controls_of(window)[name]
    was_shown = not widget.isHidden()
    commands.hide(store, name, True)
    assert widget.isHidden()
    for chrome in (False, True):  # Nothing that shows all controls again shows this one.
        store.update(chrome=chrome)
    qtbot.wait(20)
    assert widget.isHidden()
    assert window.transport.menu_button.isVisible()
    commands.hide(store, name, False)
    assert widget.isHidden() != was_shown


def test_a_hidden_panel_stays_hidden_when_something_would_raise_it(open_, qtbot):
    store, window = open_
    commands.hide(store, "panel:switchboard", True)
    store.update(pins=((0.0, 0.0),))
    qtbot.wait(20)
    assert window.docks["switchboard"].isHidden()
    assert not window.docks["switchboard"].toggleViewAction().isVisible()
    commands.show_hidden(store)
    assert window.docks["switchboard"].toggleViewAction().isVisible()


def offered(watched, place):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, watched.mapToGlobal(place))
    QApplication.sendEvent(watched, event)
    return QApplication.activePopupWidget()


def test_a_context_menu_hides_and_lists(open_, qtbot):
    store, window = open_
    section = window.column.sections["Data"]
    menu = offered(section.header, QPoint(5, 5))
    assert [action.text() for action in menu.actions()] == [HIDE]
    menu.actions()[0].trigger()
    menu.close()
    assert lecture_of(store).hidden == ("section:data",)
    assert section.isHidden()
    menu = offered(window.docks["learning"], QPoint(20, 5))
    assert isinstance(menu, QMenu)
    assert [a.text() for a in menu.actions() if not a.isSeparator()] == [HIDE, "Show the settings Data"]
    menu.actions()[-1].trigger()
    menu.close()
    assert lecture_of(store).hidden == ()
    assert not section.isHidden()


def test_the_lecturer_s_panel_lists_what_is_hidden(open_):
    store, window = open_
    panel = window.docks["lecturer"].widget().widget()
    assert panel.hidden_section.isHidden()
    commands.hide(store, "bar:figures", True)
    (button,) = panel.hidden_section.findChildren(QPushButton)
    assert button.text() == f"Show {title_of('bar:figures')}" == "Show the bar's figures"
    button.click()
    assert lecture_of(store).hidden == ()


def test_a_scene_keeps_what_it_does_without(open_, tmp_path):
    store, window = open_
    commands.hide(store, "section:view", True)
    commands.hide(store, "panel:counts", True)
    path = tmp_path / "bare.reluviz"
    snapshot = store.state.snapshot
    memory = np.zeros((2, len(snapshot.parameters)), np.float32)
    store.update(snapshot=replace(snapshot, step=5, optimizer_state=memory, optimizer_steps=5))
    assert files.save_scene(store, path)
    assert read_scene(path).hidden == ("section:view", "panel:counts")
    commands.show_hidden(store)
    assert not window.column.sections["View"].isHidden()
    assert files.open_scene(store, path)
    assert lecture_of(store).hidden == ("section:view", "panel:counts")
    assert window.column.sections["View"].isHidden()
    assert window.docks["counts"].isHidden()


def test_a_scene_that_hides_nothing_shows_all_and_says_nothing_of_it(open_, tmp_path):
    store, window = open_
    path = tmp_path / "plain.reluviz"
    write_scene(path, Scene(Experiment()))
    with zipfile.ZipFile(path) as archive:
        assert "hidden" not in json.loads(archive.read("scene.json"))
    commands.hide(store, "section:data", True)
    assert files.open_scene(store, path)
    assert lecture_of(store).hidden == ()
    assert not window.column.sections["Data"].isHidden()


def with_hidden(path, hidden):
    write_scene(path, Scene(Experiment(dataset="moons")))
    with zipfile.ZipFile(path) as archive:
        value = json.loads(archive.read("scene.json"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("scene.json", json.dumps(value | {"hidden": hidden}))
    return path


@pytest.mark.parametrize(
    "hidden",
    ["panel:census", 3, {"a": 1}, [1], ["census"], ["panel:"], ["panel:../x"], ["panel:a"] * 101, None],
)
def test_what_is_no_list_of_names_is_refused(tmp_path, hidden):
    with pytest.raises(InputError, match=r"hidden .+ cannot be used; allowed is a list of at most 100 names such as"):
        read_scene(with_hidden(tmp_path / "bad.reluviz", hidden))


def test_unknown_names_are_refused_in_a_sentence_and_change_nothing(open_, tmp_path):
    store, _ = open_
    path = with_hidden(tmp_path / "new.reluviz", ["section:data", "panel:oscilloscope"])
    before = store.state.experiment
    assert not files.open_scene(store, path)
    assert store.state.message.kind == "error"
    assert "new.reluviz: hides 'panel:oscilloscope', which is unknown here; allowed are" in store.state.message.text
    assert store.state.experiment is before
    assert lecture_of(store).hidden == ()


def test_a_start_with_a_scene_hides_and_refuses_alike(qapp):
    scene = Scene(Experiment(), hidden=("section:data",))
    state = _first_state(Options(scene=scene), Settings(), scene.experiment, "")
    assert state.lecture.hidden == ("section:data",)
    bad = replace(scene, hidden=("bar:menu",))
    with pytest.raises(InputError, match="The scene: hides 'bar:menu'"):
        _first_state(Options(scene=bad), Settings(), scene.experiment, "")
    assert check_names((), "x") == ()
    assert Lecture().hidden == ()
