"""One walk through a real window: clicks, keys and the wheel, under a window manager on a virtual screen."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit, QScrollArea, QToolButton

from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.widgets.action_button import ActionButton
from reluviz.app.window import Window
from tests.app.shell import make_store

TOOLS = ("Xvfb", "openbox", "xdotool", "import")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.timeout(240),
]


class Screen:
    """A virtual screen with one program on it."""

    def __init__(self, folder):
        reading, writing = os.pipe()
        arguments = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(arguments, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            display = f":{pipe.readline().strip()}"
        self._folder = folder
        own = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "RELUVIZ_SETTINGS": str(folder), "QT_LOGGING_RULES": ""}
        self._environment = {**os.environ, **own, "XDG_CONFIG_HOME": str(folder), "LC_ALL": "C.UTF-8"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._manager = subprocess.Popen(["openbox"], env=self._environment, **quiet)
        self._log = open(folder / "stderr.txt", "w+")  # noqa: SIM115
        self.program = subprocess.Popen(
            [sys.executable, "-m", "reluviz"], env=self._environment, stderr=self._log, start_new_session=True
        )
        self.window = ""

    def do(self, *arguments):
        """Run xdotool and return what it prints."""
        command = ["xdotool", *map(str, arguments)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout.strip()

    def wait_for_window(self):
        deadline = time.monotonic() + 60
        while not self.window:
            assert self.program.poll() is None, self.errors()
            assert time.monotonic() < deadline, "no window came up"
            self.window = self.do("search", "--onlyvisible", "--pid", self.program.pid, "--name", "reluviz")
            time.sleep(0.2)

    def size(self):
        words = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", self.window).splitlines())
        return int(words["WIDTH"]), int(words["HEIGHT"])

    def click(self, point, button=1, times=1):
        self.do("mousemove", "--window", self.window, point.x(), point.y())
        for _ in range(times):
            self.do("click", button)
            time.sleep(0.05)

    def look(self, place):
        """Return what is seen in a rectangle of the window."""
        path = self._folder / "look.png"
        subprocess.run(["import", "-window", self.window, str(path)], env=self._environment, check=True, timeout=30)
        return QImage(str(path)).copy(place)

    def errors(self):
        self._log.seek(0)
        return self._log.read()

    def close(self):
        for process in (self.program, self._manager, self._server):
            if process.poll() is None:
                process.terminate()
                process.wait(20)
        self._log.close()


@pytest.fixture
def screen(tmp_path):
    screen = Screen(tmp_path)
    yield screen
    screen.close()


@pytest.fixture
def plan(qtbot, qapp):
    """Return where things are in a window of a given size: in one like it that nobody sees."""
    load_fonts()
    apply_theme(qapp, "dark", 1.0)
    store = make_store()
    window = Window(store)
    qtbot.addWidget(window)

    def lay_out(width, height):
        window.resize(width, height)
        window.size_docks(width)
        window.show()
        qtbot.waitExposed(window)
        window.fill()
        qtbot.wait(200)
        assert (window.width(), window.height()) == (width, height)
        return window

    yield lay_out
    store.close()


def middle(window, widget):
    return widget.mapTo(window, QPoint(widget.width() // 2, widget.height() // 2))


def place(window, widget):
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def wait_until(true, seconds, what):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.25)


def alive(group):
    """Whether any process of a group lives; the program leads its own."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_person_can_use_the_window(screen, plan, tmp_path):
    screen.wait_for_window()
    window = plan(*screen.size())
    figures = place(window, window.transport.values["step"])
    before = screen.look(figures)
    wait_until(lambda: screen.look(figures) != before, 60, "training never began")

    data = window.column.sections["Data"]
    tile = next(tile for tile in data.findChildren(QToolButton) if tile.accessibleName() == "XOR")
    screen.click(middle(window, tile))

    column = window.column_dock.widget()
    assert isinstance(column, QScrollArea)
    screen.click(middle(window, column), button=5, times=40)
    column.verticalScrollBar().setValue(column.verticalScrollBar().maximum())
    rate = next(line for line in column.findChildren(QLineEdit) if line.accessibleName() == "Learning rate")
    screen.click(middle(window, rate))
    screen.do("key", "ctrl+a")
    screen.do("type", "0.125")
    screen.do("key", "Return")

    play = window.transport.findChild(ActionButton, "playButton")
    screen.click(middle(window, play))
    time.sleep(1.5)  # The figures follow within a tenth of a second; a busy machine may take longer.
    held = screen.look(figures)
    time.sleep(1.0)
    assert screen.look(figures) == held, "training went on after pause"

    canvas = place(window, window.canvas).adjusted(80, 80, -40, -80)
    seen = screen.look(canvas)
    screen.click(canvas.center(), button=4, times=4)
    wait_until(lambda: screen.look(canvas) != seen, 30, "the wheel did not zoom")

    screen.do("key", "alt+F4")
    assert screen.program.wait(30) == 0, screen.errors()
    assert screen.errors() == ""
    saved = json.loads((tmp_path / "settings.json").read_text())
    assert saved["experiment"]["dataset"] == "xor"
    assert saved["experiment"]["learning_rate"] == 0.125
    assert saved["geometry"]
    assert saved["docks"]
    wait_until(lambda: not alive(screen.program.pid), 10, "a process was left behind")
