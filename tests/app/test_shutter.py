"""The shutter of a filmed window: painted once for a frame, however often its views change, and read as it is."""

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reluviz.app.recording.shutter import MOST_PAINTINGS, Shutter


class Seldom(QLabel):
    """Redraws a while after it was asked to, and counts its paintings."""

    def __init__(self):
        super().__init__("0")
        self.painted = 0
        self.asks_again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(300)
        self._timer.timeout.connect(self._show)
        self._wanted = ""

    def show_later(self, text):
        self._wanted = text
        self._timer.start()

    def _show(self):
        self.setText(self._wanted)

    def paintEvent(self, event):
        self.painted += 1
        super().paintEvent(event)
        if self.asks_again:
            self.update()


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.first, window.second = Seldom(), Seldom()
    layout = QVBoxLayout(window)
    layout.addWidget(window.first)
    layout.addWidget(window.second)
    window.resize(200, 100)
    return window


@pytest.fixture
def shutter(window):
    shutter = Shutter(window)
    window.show()
    shutter.settle()
    window.first.painted = window.second.painted = shutter.paintings = 0
    return shutter


def grabbed(window):
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1).copy()


def test_a_frame_is_painted_once_with_all_that_its_timers_brought(window, shutter):
    for text in ("1", "2", "3"):
        window.first.show_later(text)
        window.first.update()
        shutter.work()
    assert (shutter.paintings, window.first.painted) == (0, 0)
    assert window.first.text() == "3"
    shutter.settle()
    assert (shutter.paintings, window.first.painted, window.second.painted) == (1, 1, 0)  # Nothing else was stale.


def test_nothing_new_is_not_painted(shutter):
    shutter.settle()
    assert shutter.paintings == 0


def test_what_is_read_is_what_a_grab_would_paint(window, shutter):
    window.second.setText("changed")
    shutter.settle()
    pixels = shutter.read()
    np.testing.assert_array_equal(pixels, grabbed(window) | np.uint32(0xFF000000))
    kept = pixels.copy()
    window.second.setText("changed again")
    shutter.settle()
    np.testing.assert_array_equal(pixels, kept)  # The array is its own.
    assert (shutter.read() != kept).any()


def test_a_view_that_asks_for_ever_does_not_hold_the_film(window, shutter):
    window.first.asks_again = True
    window.first.update()
    shutter.settle()
    assert shutter.paintings <= MOST_PAINTINGS


def test_clocks_are_stopped_and_new_timers_are_found(window, shutter):
    clock = QTimer(window)
    clock.start(16)
    late = Seldom()
    window.layout().addWidget(late)
    late.show_later("there")
    shutter.settle()
    assert late.text() == "there"
    assert not clock.isActive()
