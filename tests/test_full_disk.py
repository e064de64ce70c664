"""No room: every command and every file of the window says so in one line, and what was there before stays whole."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files is POSIX")

ROOM = 2_000  # Bytes that one file may have: less than any picture, film or table here.
OLD = b"what was there before"

COMMAND = f"""
import resource, sys
from reluviz.cli import main
import reluviz.commands.render, reluviz.commands.regions, reluviz.core.partition, reluviz.engine.trainer
from reluviz.core.network import Network
resource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, {ROOM}))
sys.exit(main(sys.argv[1:]))
"""

WINDOW = f"""
import resource, sys
from pathlib import Path
import numpy as np
from reluviz.app import files
from reluviz.app.received import begin_run
from reluviz.app.settings import settings_of, write_settings
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment
from PySide6.QtWidgets import QApplication
app = QApplication(sys.argv[:1])
store = Store(begin_run(take_experiment(AppState(), Experiment(hidden=(40, 40), dataset="xor"))))
store.update(folder="x" * {ROOM})
resource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, {ROOM}))
path = Path(sys.argv[2])
if sys.argv[1] == "scene":
    files.save_scene(store, path)
elif sys.argv[1] == "experiment":
    edits = {{"added": [[0.5, 0.25, 1]] * 200}}
    store.edit(point_edits=edits)
    files.save_experiment(store, path)
else:
    try:
        write_settings(path, settings_of(store.state, "", "", ()))
    except OSError as error:
        store.say(f"{{path}}: {{error.strerror}}", "error")
assert store.state.message.kind == "error", store.state.message
print(store.state.message.text)
store.close()
"""


@pytest.fixture
def model(tmp_path):
    random = np.random.default_rng(0)
    layers = {"W0": random.normal(size=(40, 2)), "b0": random.normal(size=40), "W1": np.ones((1, 40)), "b1": np.ones(1)}
    np.savez(tmp_path / "model.npz", **layers)
    return tmp_path / "model.npz"


def run(code, *words):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def check_rest(folder, path, *others):
    assert path.read_bytes() == OLD
    assert {entry.name for entry in folder.iterdir()} == {path.name, *others}


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf", "a.gif", "a.mp4"])
def test_render(tmp_path, name):
    if name == "a.mp4":
        pytest.importorskip("av")
    path = tmp_path / name
    path.write_bytes(OLD)
    words = ["--device", "cpu", "--points", "100", "--steps", "10"]
    words += ["--seconds", "0.5"] if name.endswith(("gif", "mp4")) else []
    done = run(COMMAND, "render", *words, "-o", path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().splitlines()[-1].endswith(f"{path}: cannot be written (File too large).")
    assert "Traceback" not in done.stderr
    check_rest(tmp_path, path)


@pytest.mark.parametrize("kind", ["csv", "svg"])
def test_regions(tmp_path, model, kind):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(OLD)
    done = run(COMMAND, "regions", model, f"--{kind}", path)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert str(path) in done.stderr
    assert "File too large" in done.stderr
    check_rest(tmp_path, path, model.name)


@pytest.mark.parametrize(("what", "name"), [("scene", "a.reluviz"), ("experiment", "a.json"), ("settings", "s.json")])
def test_files_of_the_window(tmp_path, what, name):
    path = tmp_path / name
    path.write_bytes(OLD)
    done = run(WINDOW, what, path)
    assert done.returncode == 0, done.stderr
    said = done.stdout.strip()
    assert "\n" not in said
    assert name in said
    assert "File too large" in said
    check_rest(tmp_path, path)


def test_there_is_room_elsewhere(tmp_path, model):
    """The same command without the limit writes the file: the tests above fail for want of room only."""
    path = tmp_path / "a.svg"
    done = run(
        "import sys; from reluviz.cli import main; sys.exit(main(sys.argv[1:]))", "regions", model, "--svg", path
    )
    assert done.returncode == 0, done.stderr
    assert path.stat().st_size > ROOM
    assert path.read_text().startswith("<svg")
