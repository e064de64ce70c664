"""The strip of the timeline: what is drawn of the past, and a hand that drags over it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from reluviz.app.state import AppState, take_theme
from reluviz.app.store import Store
from reluviz.app.timeline.looking import drop_line, look_at, resume_here, show_now, toggle_mark
from reluviz.app.timeline.strip_picture import draw_strip, make_frame
from reluviz.app.window import Window
from reluviz.core.palette import PALETTES
from tests.app.timelines import filled_store, hear, place_of


@pytest.fixture
def new_store():
    return filled_store()


class TestStrip:
    def test_a_press_and_a_drag_show_the_moments_under_the_mouse(self, store, window, qtbot):
        strip = window.timeline.strip
        qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50))
        assert store.state.snapshot.step == 50
        qtbot.mouseMove(strip, place_of(strip, 20))
        assert store.state.snapshot.step == 20
        qtbot.mouseMove(strip, QPoint(strip.width() + 500, 5))
        assert store.state.time.moment is None
        qtbot.mouseMove(strip, QPoint(-500, 5))
        assert store.state.snapshot.step == 0
        qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 20))
        qtbot.mouseMove(strip, place_of(strip, 70))
        assert store.state.snapshot.step == 0

    def test_a_mark_takes_a_hand_that_comes_close(self, store, window, qtbot):
        store.apply(look_at, index=10)
        store.apply(toggle_mark)
        store.apply(show_now)
        strip = window.timeline.strip
        qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50) + QPoint(4, 0))
        assert store.state.snapshot.step == 50
        qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50))

    def test_it_is_a_slider_to_keys_and_to_screen_readers(self, store, window, qtbot):
        strip = window.timeline.strip
        assert strip.accessibleName() == "Timeline"
        assert (strip.minimum(), strip.maximum(), strip.value()) == (0, 20, 20)
        strip.setFocus()
        qtbot.keyClick(strip, Qt.Key.Key_Left)
        qtbot.keyClick(strip, Qt.Key.Key_Left)
        assert store.state.snapshot.step == 90
        assert strip.value() == 18
        assert "step 90 of 100" in strip.accessibleDescription()
        strip.triggerAction(strip.SliderAction.SliderPageStepSub)
        assert store.state.snapshot.step == 85
        strip.triggerAction(strip.SliderAction.SliderToMinimum)
        assert store.state.snapshot.step == 0

    def test_the_picture_behind_the_handle_is_drawn_seldom(self, store, window, qtbot, monkeypatch):
        from reluviz.app.timeline import strip as module

        strip = window.timeline.strip
        qtbot.waitUntil(lambda: not strip._timer.isActive())
        drawn = []

        def counted(*arguments):
            drawn.append(1)
            return draw_strip(*arguments)

        monkeypatch.setattr(module, "draw_strip", counted)
        for index in (3, 7, 12, 2, 9):
            store.apply(look_at, index=index)
            strip.grab()
        assert len(drawn) <= 1
        store.apply(show_now)
        drawn.clear()
        for step in range(200, 230):
            hear(store, step)
            strip.grab()
        assert len(drawn) <= 2
        qtbot.waitUntil(lambda: not strip._timer.isActive())
        strip.grab()
        assert strip._frame.high == 229

    @pytest.mark.parametrize("theme", list(PALETTES))
    def test_everything_it_shows_is_there(self, store, window, theme, qtbot):
        """The handle, marks and the line that was left change the picture where they are."""
        store.apply(take_theme, name=theme)
        font, ratio = window.timeline.strip.font(), 1.0

        def drawn():
            frame = make_frame(store.state, 600, 30, 16)
            return draw_strip(store.state, frame, font, ratio).toImage(), frame

        plain, frame = drawn()
        store.apply(look_at, index=10)
        store.apply(toggle_mark)
        store.apply(show_now)
        marked, _ = drawn()
        x = round(float(frame.x(50)))
        assert changed_columns(plain, marked) <= set(range(x - 1, x + 12))
        assert x in changed_columns(plain, marked)
        store.apply(look_at, index=15)
        store.apply(resume_here)
        for step in range(76, 101):
            hear(store, step, loss=1.5)
        branched, _ = drawn()
        store.apply(drop_line, number=1)
        alone, _ = drawn()
        assert any(column > frame.x(80) for column in changed_columns(branched, alone))

    @pytest.mark.parametrize("steps", [[], [5], [10**9, 2 * 10**9]])
    def test_few_moments_and_far_ones(self, qtbot, steps):
        store = filled_store(steps)
        frame = make_frame(store.state, 300, 25, 15)
        assert frame.low < frame.high
        assert not draw_strip(store.state, frame, QApplication.font(), 2.0).isNull()
        for x in (-10.0, 0.0, 150.0, 400.0):
            assert frame.low <= frame.step_at(x) <= frame.high
        store.close()

    def test_an_empty_timeline_can_be_shown_and_clicked(self, qtbot):
        store = Store(AppState())
        window = Window(store)
        qtbot.addWidget(window)
        window.show()
        strip = window.timeline.strip
        qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(40, 5))
        qtbot.mouseMove(strip, QPoint(60, 5))
        qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
        strip.triggerAction(strip.SliderAction.SliderToMinimum)
        assert store.state.time.moment is None
        store.close()


def changed_columns(one, other):
    def pixels(image):
        return np.array(image.constBits()).reshape(image.height(), -1, 4)

    return set(np.flatnonzero((pixels(one) != pixels(other)).any(axis=(0, 2))).tolist())
