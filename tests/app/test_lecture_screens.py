"""Two screens, as the offscreen platform can have them, in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

DESK = {"x": 0, "y": 0, "width": 1280, "height": 720}
WALL = {"x": 1280, "y": 0, "width": 1920, "height": 1080}
PROGRAM = """
import json, sys
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from reluviz.app.lecture import commands, screens
from reluviz.app.theme import load_fonts
from reluviz.app.window import Window
from tests.app.inside import drawn_store

app = QApplication([])
load_fonts()
store = drawn_store()
window = Window(store)
window.show()
QTest.qWait(50)
window.fill()
seen = []

def note():
    QTest.qWait(80)
    audience = window.lecture.audience
    seen.append([audience.screen().name(), audience.isFullScreen(), *audience.geometry().getRect()])

commands.toggle_audience(store)
note()
wall, free = app.screens()[1], screens.free_screen
screens.free_screen = lambda own, known: None
app.screenRemoved.emit(wall)
note()
screens.free_screen = free
app.screenAdded.emit(wall)
note()
commands.toggle_audience(store)
app.screenRemoved.emit(wall)
app.screenAdded.emit(wall)
QTest.qWait(50)
window.close()
store.close()
print(json.dumps(seen))
"""


def run(tmp_path, *screens):
    known = [{"name": name, **place, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1} for name, place in screens]
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"synchronousWindowSystemEvents": False, "screens": known}))
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    command = [sys.executable, "-c", PROGRAM]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_audience_fills_the_second_screen_and_comes_back_when_it_is_unplugged(tmp_path):
    filled, unplugged, plugged = run(tmp_path, ("desk", DESK), ("wall", WALL))
    assert filled == ["wall", True, *WALL.values()]
    _, is_full, x, y, width, height = unplugged
    assert not is_full
    assert 0 <= x <= 1280 - width
    assert 0 <= y <= 720 - height
    assert width < 0.7 * 1280
    assert plugged == filled


def test_with_one_screen_the_audience_has_a_window_of_its_own(tmp_path):
    (_, is_full, x, y, width, height), *_ = run(tmp_path, ("desk", DESK), ("mirror", DESK))
    assert not is_full
    assert x + width <= 1280
    assert y + height <= 720
    assert width / height > 1.7
