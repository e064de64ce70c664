"""No card of the twenty lessons needs scrolling on a projector of 1280 x 720, measured offscreen, step by step."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from reluviz.app.lessons import commands
from reluviz.app.lessons.card import LessonCard
from reluviz.app.lessons.fitting import LEAST_PIXELS, Fit, fits
from reluviz.app.lessons.stage import LEAST
from reluviz.app.lessons.stepping import take_results
from reluviz.app.state import take_theme
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.studio.lesson_checks import CheckResult
from reluviz.studio.lesson_file import find_lessons

PROJECTED = 1.25
ROOM = 581  # What the bars, the tabs and the timeline leave a card of 720 pixels, at a projector's type.


@pytest.fixture
def card(store, qtbot, qapp):
    load_fonts()
    apply_theme(qapp, "projector", PROJECTED)
    store.set(take_theme(store.state, "projector"))
    card = LessonCard(store)
    qtbot.addWidget(card)
    card.resize(round(LEAST * PROJECTED), ROOM)
    card.show()
    yield card
    apply_theme(qapp, "dark", 1.0)


def settle():
    for _ in range(6):
        QApplication.processEvents()


def cut(card):
    """Return the parts of the page that are lower than what they say needs."""
    parts = (part for part in card.page.findChildren(QWidget) if part.isVisible() and part.hasHeightForWidth())
    return [part for part in parts if part.height() < part.heightForWidth(part.width())]


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_no_step_scrolls_on_a_projector(card, store, path):
    assert store.state.font_scale == PROJECTED
    commands.begin(store, path)
    for number in range(len(store.state.lesson.lesson.steps)):
        commands.go_to(store, number)
        settle()
        for told in (False, True):
            if told and store.state.lesson.is_open:
                commands.go_on(store)
                settle()
            where = f"step {number + 1}{', answered' if told else ''}"
            assert card.width() == round(LEAST * PROJECTED), where
            assert card.area.verticalScrollBar().maximum() == 0, where
            assert cut(card) == [], where


def test_long_words_of_what_was_measured_find_room(card, store):
    commands.begin(store, next(path for path in find_lessons() if path.stem.startswith("17")))
    commands.go_to(store, 1)
    commands.go_on(store)
    settle()
    words = "largest |tanh z - z| as a part of |z|\u00b3/3, 8,400 sums of units and training points"
    result = CheckResult(0.000644, "0.000644 %", "at most 1 %", True, words)
    results = (result,) * len(store.state.lesson.current.checks)
    store.apply(take_results, entered=store.state.lesson.entered, results=results)
    for _ in range(4):
        settle()
    assert card.area.verticalScrollBar().maximum() == 0
    assert cut(card) == []


@pytest.mark.parametrize("pixels", [13, 16, 26, 32])
def test_roomier_pages_are_tried_first_and_none_is_unreadable(pixels):
    groups = fits(pixels, True, True)
    assert groups[0][0] == Fit(1.7)
    for group in groups:
        sizes = [fit.text * fit.page for fit in group]
        assert sizes == sorted(sizes, reverse=True)
        assert all(fit.page * pixels >= LEAST_PIXELS for fit in group)
    assert [group[0].has_hint for group in groups] == [True, True, True, False]
    assert not any(fit.is_short for group in fits(pixels, False, True) for fit in group)
