"""Lessons in a real window: card, keys, panels, checks; two of them with the real engine to their end."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QLineEdit

from reluviz.app.lessons import commands
from reluviz.app.lessons.helping import HELPING, lesson_link
from reluviz.app.lessons.pointing import CANVAS, panels_of, target_of
from reluviz.app.live import Live
from reluviz.app.theme import apply_theme
from reluviz.core.findings import THRESHOLDS
from reluviz.core.snapshot import FOREVER
from reluviz.studio.lesson_file import find_lesson, find_lessons, read_lesson
from tests.app.four_steps import CHECKED, trained
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


@pytest.fixture
def path(write):
    return write("four-steps.toml", CHECKED)


def shown_panels(window):
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def test_the_card_shows_the_step_and_its_panels(window, store, path, qtbot):
    before = shown_panels(window)
    assert commands.begin(store, path)
    card = window.lessons.card
    assert window.lessons.dock.isVisible()
    assert (card.title.text(), card.number.text()) == ("Four steps", "Lesson · step 1 of 4")
    assert [label.accessibleName() for label in card.findChildren(QLabel, "lessonText")] == ["First."]
    assert shown_panels(window) == {"flow"}
    assert not card.back.isEnabled()
    qtbot.mouseClick(card.next, Qt.MouseButton.LeftButton)
    assert store.state.lesson.step == 1
    assert card.next.text() == "Answer"
    commands.leave(store)
    assert not window.lessons.dock.isVisible()
    assert shown_panels(window) == before


def test_snapshots_that_keep_coming_do_not_put_the_checks_off(window, store, path, monkeypatch):
    commands.begin(store, path)
    timer, started = window.lessons.measuring._timer, []
    assert timer.isActive()
    monkeypatch.setattr(timer, "start", started.append)
    for step in (1, 2, 3):
        store.update(snapshot=replace(store.state.snapshot, step=step))
    assert started == []
    store.update(lesson=replace(store.state.lesson, entered=store.state.lesson.entered + 1))
    assert len(started) == 1  # Another step is measured soon, whatever was waited for.


@pytest.mark.parametrize("number", range(4))
def test_the_canvas_keeps_its_room(window, store, path, qtbot, number):
    commands.begin(store, path)
    commands.go_to(store, number)
    qtbot.wait(60)
    share = window.stage.width() * window.stage.height() / (1280 * 720)
    assert share >= (0.6 if number != 2 else 0.42)  # The table of a comparison takes a strip below.


def test_a_presenters_remote_steps_whatever_has_the_focus(window, store, path, qtbot):
    commands.begin(store, path)
    for widget in (window.canvas, window.transport.speed, window.lessons.card.next, window.transport.unit):
        widget.setFocus()
        at = store.state.lesson.step
        qtbot.keyClick(widget, Qt.Key.Key_PageDown)
        if store.state.lesson.step == at:
            qtbot.keyClick(widget, Qt.Key.Key_PageDown)  # The first one told the answer.
        assert store.state.lesson.step == at + 1
        qtbot.keyClick(widget, Qt.Key.Key_PageUp)
        assert store.state.lesson.step == at
    line = window.column.findChildren(QLineEdit)[0]
    window.column_dock.raise_()
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_PageDown)
    assert store.state.lesson.step == 0


def test_without_a_lesson_the_keys_say_so(window, store, qtbot):
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_PageDown)
    assert "L lists them" in store.state.message.text


def test_guess_first_then_the_answer_and_what_was_measured(window, store, path, qtbot):
    commands.begin(store, path)
    commands.go_to(store, 1)
    card = window.lessons.card
    wrong, right = card.prediction.buttons
    qtbot.mouseClick(wrong, Qt.MouseButton.LeftButton)
    assert store.state.lesson.guess == 0
    assert card.prediction.reveal.text() == "No. That it was."
    assert (wrong.accessibleDescription(), right.accessibleDescription()) == ("guessed, but not so", "this is so")
    assert not right.isEnabled()
    assert card.next.text() == "Next"


def test_on_a_low_card_the_answer_takes_the_place_of_the_other_choices(window, store, path, qtbot, qapp):
    commands.begin(store, path)
    commands.go_to(store, 1)
    card = window.lessons.card
    store.update(font_scale=1.8)
    apply_theme(qapp, "dark", 1.8)
    window.resize(1280, 330)
    qtbot.waitUntil(lambda: card._fit.is_short, timeout=3000)
    wrong, right = card.prediction.buttons
    assert not wrong.isHidden()
    assert not right.isHidden()
    commands.go_on(store)
    assert wrong.isHidden()
    assert not right.isHidden()
    window.resize(1280, 1400)
    qtbot.waitUntil(lambda: not wrong.isHidden(), timeout=3000)
    qtbot.waitUntil(lambda: card._text.height() >= card._text.heightForWidth(card._text.width()), timeout=3000)


def test_checks_follow_the_network(window, store, path, qtbot):
    commands.begin(store, path)
    card = window.lessons.card
    qtbot.waitUntil(lambda: len(store.state.lesson.results) == 2, timeout=30_000)
    first, second = store.state.lesson.results
    assert first.passed
    assert second.waiting  # Ready from step 50 on.
    assert card.checks[0].value.text() == first.measured_text
    assert card.checks[0].expected.text() == "expected: at least 2"
    assert "still training" in card.checks[1].accessibleName()
    store.set(trained(store.state, 60, 3.0))
    qtbot.waitUntil(lambda: store.state.lesson.results[1].passed is False, timeout=30_000)
    assert card.checks[1].mark.accessibleName() == "not as promised"
    commands.go_to(store, 1)
    assert store.state.lesson.results == ()


def test_the_hint_brings_up_and_outlines_what_it_names(window, store, path, qtbot):
    commands.begin(store, path)
    commands.go_to(store, 1)
    commands.point_out(store)
    qtbot.waitUntil(window.lessons.outline.isVisible, timeout=3000)
    lesson = read_lesson(path)
    assert target_of(lesson.steps[0]) == ("panel", "flow")
    assert target_of(parse(lesson, "The learning rate is large.")) == ("control", "learning_rate")
    assert target_of(parse(lesson, "Lines gather.")) == (CANVAS, "")
    assert panels_of(parse(lesson, "See the activation panel.")) == ("activation",)


def parse(lesson, hint):
    from dataclasses import replace

    return replace(lesson.steps[3], look_at=hint)


def test_notes_are_hidden_until_asked_for(window, store, qtbot):
    commands.begin(store, find_lessons()[0])
    card = window.lessons.card
    assert card._notes.isHidden()
    commands.toggle_notes(store)
    assert not card._notes.isHidden()
    said = [label.text() for label in card._notes.findChildren(QLabel)]
    assert read_lesson(find_lessons()[0]).sources[0] in said


def test_the_file_is_read_again_when_it_changes(window, store, path, qtbot):
    commands.begin(store, path)
    commands.go_to(store, 1)
    path.write_text(CHECKED.replace("Second goes on.", "Second was rewritten."))
    qtbot.waitUntil(lambda: store.state.lesson.current.text == "Second was rewritten.", timeout=5000)
    path.write_text("title = 3")
    qtbot.waitUntil(lambda: store.state.message.kind == "error", timeout=5000)
    assert "\n" not in store.state.message.text
    assert store.state.lesson.current.text == "Second was rewritten."


@pytest.mark.parametrize("content", ["", "title = 1", "format = [", "\x00\x01", CHECKED.replace("[5]", "[-5]")])
def test_a_bad_file_is_one_sentence(window, store, write, content):
    before = store.state.experiment
    assert not commands.begin(store, write("bad.toml", content))
    assert store.state.message.kind == "error"
    assert "bad.toml" in store.state.message.text
    assert "\n" not in store.state.message.text
    assert store.state.experiment is before
    assert store.state.lesson.lesson is None


def test_a_dropped_lesson_begins(window, store, path, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    qtbot.waitUntil(lambda: store.state.lesson.lesson is not None, timeout=3000)
    assert store.state.lesson.lesson.title == "Four steps"


def test_every_finding_has_a_lesson_that_helps():
    assert set(HELPING) == {*THRESHOLDS, "blocked"}
    for kind, name in HELPING.items():
        assert find_lesson(name).is_file()
        assert lesson_link(kind)[1] == f"Lesson {int(name[:2])}"


@pytest.mark.parametrize("number", [1, 20])
@pytest.mark.timeout(180)
def test_with_the_engine_to_the_end_and_back(number, window, store, qtbot, no_leftovers):
    live = Live(store)
    live.start_engine()
    live.start_drawing()
    try:
        before = store.state.experiment
        assert commands.begin_named(store, str(number))
        lesson = store.state.lesson.lesson
        for step in range(len(lesson.steps)):
            assert store.state.lesson.step == step
            wanted = lesson.steps[step].stage.training

            def as_promised(step=step):
                results = store.state.lesson.results
                return len(results) == len(lesson.steps[step].checks) and all(r.passed is not False for r in results)

            def is_ready(wanted=wanted):
                return store.state.step >= (wanted.ready if wanted.until == FOREVER else wanted.until)

            store.update(steps_per_second=float("inf"))  # A lesson takes its time; a test does not.
            qtbot.waitUntil(is_ready, timeout=60_000)
            qtbot.waitUntil(as_promised, timeout=60_000)
            commands.guess(store, 0)
            if step + 1 < len(lesson.steps):
                commands.go_on(store)
        for step in reversed(range(len(lesson.steps) - 1)):
            commands.go_back(store)
            assert store.state.lesson.step == step
            assert store.state.snapshot.run == store.state.run
        commands.leave(store)
        assert store.state.experiment == before
        assert lesson.name in store.state.lesson.done
    finally:
        live.stop()
        window.close()


def test_a_low_card_shows_its_title_in_the_first_step(window, store, path, qtbot):
    commands.begin(store, path)
    card = window.lessons.card
    assert not card._head.isHidden()
    commands.go_to(store, 3)
    assert not card._head.isHidden()
    window.resize(900, 420)
    qtbot.waitUntil(card._head.isHidden, timeout=3000)
    commands.go_to(store, 0)
    assert not card._head.isHidden()


def test_text_is_as_large_as_its_page_has_room_for(window, store, path, qtbot):
    def pixels():
        text = window.lessons.card._text.text()
        return int(text.split("font-size:")[1].split("px")[0])

    commands.begin(store, path)
    qtbot.wait(50)
    large = pixels()
    window.resize(1280, 330)
    qtbot.waitUntil(lambda: pixels() < large, timeout=3000)


def test_the_layout_that_is_remembered_is_that_of_before(window, store, path, tmp_path):
    from reluviz.app.settings import read_settings, saved_experiment
    from reluviz.app.start import _remember

    before, panels = store.state.experiment, shown_panels(window)
    commands.begin(store, path)
    commands.go_to(store, 3)
    _remember(window, store, tmp_path / "settings.json", tmp_path / "last.reluviz")
    settings, complaint = read_settings(tmp_path / "settings.json")
    assert complaint == ""
    assert saved_experiment(settings)[0] == before
    assert settings.lessons_done == ("four-steps",)
    assert shown_panels(window) == panels


def test_with_everything_hidden_a_step_brings_up_nothing_until_it_is_shown_again(window, store, path, qtbot):
    commands.begin(store, path)
    commands.go_to(store, 3)
    store.update(chrome=False)
    assert shown_panels(window) == set()
    assert window.lessons.dock.isVisible()
    commands.go_to(store, 0)
    assert shown_panels(window) == set()
    store.update(chrome=True)
    assert shown_panels(window) == {"flow"}


def test_a_finding_opens_the_lesson_that_helps(window, store):
    from reluviz.app.panels.flow import FlowPanel

    panel = window.findChild(FlowPanel)
    place, _ = lesson_link("dead")
    panel._said.linkActivated.emit(place)
    assert store.state.lesson.lesson.name == "06-dead-units"
