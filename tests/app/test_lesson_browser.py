"""The sheet of lessons: search, keys, pictures, and which were seen to their end."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from reluviz.app.lessons import browser
from reluviz.app.lessons.thumbnails import Request, Thumbnailer
from reluviz.app.settings import Settings, settings_of, take_settings
from reluviz.app.state import AppState
from reluviz.app.theme import apply_theme
from reluviz.studio.lesson_file import find_lessons, parse_lesson, read_lesson
from tests.app.four_steps import CHECKED
from tests.app.shell import filled_window


@pytest.fixture
def settings():
    return dict(hidden=(4, 3))


@pytest.fixture(autouse=True)
def settings_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("RELUVIZ_SETTINGS", str(tmp_path))


@pytest.fixture
def window(store, qtbot, qapp):
    window = filled_window(qtbot, store)
    yield window
    window.close()
    apply_theme(qapp, "dark", 1.0)


class StillThumbnailer:
    """Draws nothing."""

    def __init__(self, done):
        self.asked = []

    def ask(self, requests):
        self.asked = requests

    def stop(self):
        self.asked = []


@pytest.fixture
def open_browser(window, store, qtbot, monkeypatch):
    monkeypatch.setattr(browser, "Thumbnailer", StillThumbnailer)

    def open_it():
        window.canvas.setFocus()
        qtbot.keyClick(window.canvas, Qt.Key.Key_L)
        return window.sheets.sheet

    yield open_it
    store.update(sheet="")


def test_l_lists_the_lessons(open_browser, store, qtbot):

    done = find_lessons()[0].stem
    store.update(lesson=replace(store.state.lesson, done=(done,)))
    sheet = open_browser()
    assert len(sheet.tiles) == len(find_lessons())
    assert len(sheet.thumbnailer.asked) == len(sheet.tiles)
    assert [tile.lesson.name for tile in sheet.tiles if "seen to its end" in tile.accessibleName()] == [done]
    qtbot.keyClick(sheet.line, Qt.Key.Key_Escape)
    assert store.state.sheet == ""


def test_a_lesson_is_searched_and_begun_by_the_keyboard(open_browser, store, qtbot):
    sheet = open_browser()
    wanted = sheet.tiles[0].lesson
    qtbot.keyClicks(sheet.line, wanted.title.lower())
    assert wanted in [tile.lesson for tile in sheet.shown]
    assert len(sheet.shown) < len(sheet.tiles)
    qtbot.keyClick(sheet.line, Qt.Key.Key_Down)
    assert sheet.shown[0].hasFocus()
    qtbot.keyClick(sheet.shown[0], Qt.Key.Key_Return)
    assert (store.state.sheet, store.state.lesson.lesson.name) == ("", sheet.shown[0].lesson.name)


def test_words_that_no_lesson_has(open_browser, qtbot):
    sheet = open_browser()
    qtbot.keyClicks(sheet.line, "xyzzyx")
    assert sheet.shown == []
    assert not sheet.nothing.isHidden()
    sheet.line.clear()
    assert len(sheet.shown) == len(sheet.tiles)


def test_arrows_go_from_tile_to_tile(open_browser, qtbot):
    sheet = open_browser()
    sheet.tiles[0].setFocus()
    qtbot.keyClick(sheet.tiles[0], Qt.Key.Key_Right)
    assert sheet.tiles[1].hasFocus()
    qtbot.keyClick(sheet.tiles[1], Qt.Key.Key_Left)
    qtbot.keyClick(sheet.tiles[0], Qt.Key.Key_Up)
    assert sheet.line.hasFocus()


def test_pictures_are_drawn_in_a_thread(qtbot, no_leftovers, tmp_path):
    lessons = [read_lesson(find_lessons()[0]), parse_lesson(CHECKED, tmp_path / "own.toml")]
    got = {}
    thumbnailer = Thumbnailer(got.__setitem__)
    thumbnailer.ask([Request(lesson, "dark", 160, 92) for lesson in lessons])
    qtbot.waitUntil(lambda: len(got) == 2, timeout=60_000)
    thumbnailer.stop()
    for lesson in lessons:
        image = got[lesson.name]
        assert (image.width(), image.height()) == (160, 92)
        assert len({image.pixel(x, y) for x in range(0, 160, 4) for y in range(0, 92, 4)}) > 20


def test_a_lesson_that_cannot_be_drawn_leaves_the_others_theirs(qtbot, no_leftovers, capsys, tmp_path):
    def make(request):
        if request.lesson.name == "bad":
            raise ValueError("no picture")
        return QImage(4, 4, QImage.Format.Format_RGB32)

    got = {}
    thumbnailer = Thumbnailer(got.__setitem__, make)
    thumbnailer.ask([Request(parse_lesson(CHECKED, tmp_path / f"{n}.toml"), "dark", 4, 4) for n in ("bad", "good")])
    qtbot.waitUntil(lambda: "good" in got, timeout=5000)
    thumbnailer.stop()
    assert "bad" not in got
    assert "no picture" in capsys.readouterr().err


def test_done_marks_are_remembered():

    state = replace(AppState(), lesson=replace(AppState().lesson, done=("a", "b")))
    settings = settings_of(state, "", "", ())
    assert take_settings(AppState(), settings).lesson.done == ("a", "b")
    assert take_settings(AppState(), Settings()).lesson.done == ()


def test_lessons_lie_where_they_are_looked_for():
    assert all(isinstance(path, Path) and path.is_file() for path in find_lessons())
    assert len(find_lessons()) >= 19
