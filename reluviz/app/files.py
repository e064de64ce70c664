"""Experiments and data from and to files: the dialogs, and the reading and writing behind them."""

import os
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog

from reluviz.app.store import Store
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS
from reluviz.studio.scene import read_scene

EXPERIMENTS = "Experiments (*.json)"
DATA = "Tables and images (*.csv *.tsv *.txt *.png *.jpg *.jpeg *.bmp *.gif *.webp);;All files (*)"


def ask_open(store: Store) -> None:
    """Let a person choose an experiment and open it."""
    name, _ = QFileDialog.getOpenFileName(
        QApplication.activeWindow(), "Open experiment", store.state.folder, EXPERIMENTS
    )
    if name:
        open_experiment(store, Path(name))


def ask_save(store: Store) -> None:
    """Let a person choose where the experiment is written."""
    suggestion = Path(store.state.folder) / f"{Path(store.state.experiment.dataset).stem}.json"
    name, _ = QFileDialog.getSaveFileName(QApplication.activeWindow(), "Save experiment", str(suggestion), EXPERIMENTS)
    if name:
        save_experiment(store, Path(name) if Path(name).suffix else Path(f"{name}.json"))


def ask_data(store: Store) -> None:
    """Let a person choose a data file and learn it."""
    name, _ = QFileDialog.getOpenFileName(QApplication.activeWindow(), "Open data", store.state.folder, DATA)
    if name:
        open_data(store, Path(name))


def open_any(store: Store, path: Path) -> None:
    """Open a dropped file: JSON is an experiment, everything else is data."""
    if path.suffix.lower() == ".json":
        open_experiment(store, path)
    else:
        open_data(store, path)


def open_data(store: Store, path: Path) -> bool:
    """Learn the points of a file."""
    store.update(folder=str(path.parent))
    return store.edit(dataset=str(path))


def open_experiment(store: Store, path: Path) -> bool:
    """Begin the experiment of a file, or say on the status line why that cannot be."""
    store.update(folder=str(path.parent))
    try:
        experiment = read_scene(path)
    except InputError as error:
        store.say(str(error), "error")
        return False
    return store.edit(fresh=True, **{name: getattr(experiment, name) for name in SETTINGS})


def save_experiment(store: Store, path: Path) -> bool:
    """Write the experiment and say so, or say why that cannot be."""
    store.update(folder=str(path.parent))
    try:
        write_text(path, store.state.experiment.to_json() + "\n")
    except OSError as error:
        store.say(f"{path.name}: cannot be written ({error.strerror or error}).", "error")
        return False
    store.say(f"Saved {path.name}.")
    return True


def write_text(path: Path, text: str) -> None:
    """Write a file aside and rename it, so that a crash leaves the old or the new one, never half. Raises OSError."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(aside, "x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def close_windows(_: Store) -> None:
    """Close every window, which ends the program."""
    QApplication.closeAllWindows()
