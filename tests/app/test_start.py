import json
import os
import subprocess
import sys

import pytest
from PySide6.QtGui import QImage

# In a process of its own, because the end of a program is part of what is tested.
RUN = "import sys; from reluviz.cli import main; sys.exit(main(sys.argv[1:]))"
LOADED = """
import sys
import reluviz.app.start
heavy = {"torch", "numba", "pyqtgraph", "llvmlite"} & set(sys.modules)
sys.exit(f"loaded before the first paint: {heavy}" if heavy else 0)
"""


def run(tmp_path, *arguments, settings=None):
    folder = tmp_path / "config"
    folder.mkdir(exist_ok=True)
    if settings is not None:
        (folder / "settings.json").write_text(settings)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "RELUVIZ_SETTINGS": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    saved = folder / "settings.json"
    said = [line for line in done.stderr.splitlines() if not line.startswith("This plugin does not support")]
    return done.returncode, said, saved.read_text() if saved.exists() else ""


@pytest.fixture
def shot(tmp_path):
    return tmp_path / "window.png"


def test_a_window_opens_paints_and_ends_cleanly(tmp_path, shot):
    status, said, saved = run(tmp_path, "--screenshot", str(shot), "--after", "1", "--size", "1000x640")
    assert (status, said) == (0, [])
    picture = QImage(str(shot))
    assert (picture.width(), picture.height()) == (1000, 640)
    colors = {picture.pixel(x, y) for x in range(0, 1000, 10) for y in range(0, 640, 10)}
    assert len(colors) > 20
    assert json.loads(saved)["experiment"]["dataset"] == "spiral"
    assert json.loads(saved)["docks"]


def test_fresh_reads_and_writes_nothing(tmp_path, shot):
    status, said, saved = run(tmp_path, "--fresh", "--screenshot", str(shot), "--after", "0", settings="{ broken")
    assert (status, said) == (0, [])
    assert saved == "{ broken"


def test_last_time_comes_back(tmp_path, shot):
    last = json.dumps({"theme": "light", "experiment": {"dataset": "xor", "hidden": [3]}, "folded": ["Data"]})
    status, said, saved = run(tmp_path, "--screenshot", str(shot), "--after", "0.2", settings=last)
    assert (status, said) == (0, [])
    assert json.loads(saved)["theme"] == "light"
    assert json.loads(saved)["folded"] == ["Data"]
    assert json.loads(saved)["experiment"]["dataset"] == "xor"
    assert json.loads(saved)["experiment"]["hidden"] == [3]
    assert QImage(str(shot)).pixelColor(3, 3).lightness() > 200


def test_damaged_settings_stop_nothing(tmp_path, shot):
    status, said, saved = run(tmp_path, "--screenshot", str(shot), "--after", "0.2", settings="\x00\x01")
    assert (status, said) == (0, [])
    assert (tmp_path / "config" / "settings.json.broken").exists()
    assert json.loads(saved)["experiment"]["dataset"] == "spiral"


def test_a_data_file_that_is_gone_stops_nothing(tmp_path, shot):
    last = json.dumps({"experiment": {"dataset": str(tmp_path / "gone.csv")}})
    status, said, saved = run(tmp_path, "--screenshot", str(shot), "--after", "0.5", settings=last)
    assert (status, said) == (0, [])
    assert json.loads(saved)["experiment"]["dataset"] == "spiral"


def test_nothing_heavy_is_loaded_before_the_first_paint():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
