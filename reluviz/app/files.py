"""Experiments and data from and to files: the dialogs, and the reading and writing behind them."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog

from reluviz.app.lecture.names import check_names
from reluviz.app.lessons import commands as lessons
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.timeline.opening import scene_of
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS
from reluviz.core.whole_file import write_whole
from reluviz.studio.scene import SUFFIX, Scene, read_scene, write_scene

SCENES = "Scenes with weights (*.reluviz)"
HISTORIES = "Scenes with weights and the moments before (*.reluviz)"
EXPERIMENTS = "Experiments without weights (*.json)"
OPENED = "Scenes and experiments (*.reluviz *.json)"
MOST_RECENT = 8
DATA = "Tables and images (*.csv *.tsv *.txt *.png *.jpg *.jpeg *.bmp *.gif *.webp);;All files (*)"


def ask_open(store: Store) -> None:
    """Let a person choose a scene or an experiment and open it."""
    name, _ = QFileDialog.getOpenFileName(QApplication.activeWindow(), "Open", store.state.folder, OPENED)
    if name:
        open_scene(store, Path(name))


def ask_save(store: Store) -> None:
    """Let a person choose where the scene, or the experiment alone, is written."""
    suggestion = Path(store.state.folder) / f"{Path(store.state.experiment.dataset).stem}{SUFFIX}"
    window, kinds = QApplication.activeWindow(), f"{SCENES};;{HISTORIES};;{EXPERIMENTS}"
    name, kind = QFileDialog.getSaveFileName(window, "Save", str(suggestion), kinds)
    if not name:
        return
    path = Path(name)
    if path.suffix.lower() not in (SUFFIX, ".json"):
        path = Path(f"{name}{'.json' if kind == EXPERIMENTS else SUFFIX}")
    if path.suffix.lower() == ".json":
        save_experiment(store, path)
    else:
        save_scene(store, path, with_history=kind == HISTORIES)


def ask_data(store: Store) -> None:
    """Let a person choose a data file and learn it."""
    name, _ = QFileDialog.getOpenFileName(QApplication.activeWindow(), "Open data", store.state.folder, DATA)
    if name:
        open_data(store, Path(name))


def open_any(store: Store, path: Path) -> None:
    """Open a dropped file: a scene, an experiment as JSON, a lesson; everything else is data."""
    if path.suffix.lower() == ".toml":
        lessons.begin(store, path)
    elif path.suffix.lower() in (SUFFIX, ".json"):
        open_scene(store, path)
    else:
        open_data(store, path)


def open_data(store: Store, path: Path) -> bool:
    """Learn the points of a file."""
    store.update(folder=str(path.parent))
    return store.edit(dataset=str(path))


def open_scene(store: Store, path: Path) -> bool:
    """Begin the experiment of a file, paused at its moment if it holds one, or say why that cannot be."""
    store.update(folder=str(path.parent))
    try:
        scene = read_scene(path)
        check_names(scene.hidden, str(path))
    except InputError as error:
        store.say(str(error), "error")
        return False
    fields = {name: getattr(scene.experiment, name) for name in SETTINGS}
    if not store.edit(fresh=True, start=scene if scene.snapshot is not None else None, **fields):
        return False
    store.apply(take_view, scene=scene)
    store.apply(take_hidden, scene=scene)
    store.apply(remember, path=path)
    return True


def take_view(state: AppState, scene: Scene) -> AppState:
    """Look at the plane as a scene does; colours and sizes of the window stay."""
    if scene.view is None:
        return state
    own = ("width", "height", "palette", "line_width", "pin", "region_budget", "fills")
    kept = {name: getattr(state.view, name) for name in own}
    return replace(state, view=replace(scene.view, **kept))


def take_hidden(state: AppState, scene: Scene) -> AppState:
    """Hide the controls that a scene does without, and show all others."""
    return replace(state, lecture=replace(state.lecture, hidden=scene.hidden))


def remember(state: AppState, path: Path) -> AppState:
    """Put a file first among those opened or saved last."""
    name = str(path.absolute())
    return replace(state, recent=(name, *(other for other in state.recent if other != name))[:MOST_RECENT])


def save_scene(store: Store, path: Path, with_history: bool = False) -> bool:
    """Write the experiment, what is seen of it and its moment, or say why that cannot be.

    `with_history` writes the newest moment and those before it, thinned evenly to what a file may hold.
    """
    store.update(folder=str(path.parent))
    scene = scene_of(store.state, with_history)
    try:
        write_scene(path, scene)
    except InputError as error:
        store.say(str(error), "error")
        return False
    store.apply(remember, path=path)
    past = " and the moments before" if scene.timeline is not None else ""
    weights = f" with its weights at step {scene.snapshot.step:,}{past}" if scene.snapshot is not None else ""
    store.say(f"Saved {path.name}{weights}.")
    return True


def save_experiment(store: Store, path: Path) -> bool:
    """Write the experiment and say so, or say why that cannot be."""
    store.update(folder=str(path.parent))
    try:
        write_text(path, store.state.experiment.to_json() + "\n")
    except OSError as error:
        store.say(f"{path.name}: cannot be written ({error.strerror or error}).", "error")
        return False
    store.apply(remember, path=path)
    store.say(f"Saved {path.name}.")
    return True


def write_text(path: Path, text: str) -> None:
    """Write a file aside and rename it, so that a crash leaves the old or the new one, never half. Raises OSError."""
    write_whole(path, text.encode())


def close_windows(_: Store) -> None:
    """Close every window, which ends the program."""
    QApplication.closeAllWindows()
