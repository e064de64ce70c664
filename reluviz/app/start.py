"""The start of the window: engine first, then the window, then everything that takes long."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from reluviz.app.live import Live
from reluviz.app.state import AppState, take_experiment, take_theme
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.window import Window
from reluviz.core.experiment import DATASETS, SETTINGS, Experiment


@dataclass(frozen=True)
class Options:
    """How the window starts.

    `experiment` is the scene to show, None for that of last time. `fresh` ignores what was saved and saves nothing.
    `screenshot` is a PNG to write `after_seconds` past the first paint; then the window closes. `size` is the window's
    size in device-independent pixels, None for that of last time.
    """

    experiment: Experiment | None = None
    projector: bool = False
    fullscreen: bool = False
    lesson: str | None = None
    fresh: bool = False
    screenshot: Path | None = None
    after_seconds: float = 5.0
    size: tuple[int, int] | None = None


def main(options: Options) -> int:
    """Run the window until it is closed; return the exit status."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("reluviz")
    app.setApplicationDisplayName("reluviz")
    experiment = options.experiment or Experiment()
    is_file = experiment.dataset not in DATASETS
    state = AppState(run=1)
    state = take_experiment(state, Experiment() if is_file else experiment)
    store = Store(take_theme(state, "projector") if options.projector else state)
    live = Live(store)
    live.start()
    load_fonts()
    apply_theme(app, store.state.theme, store.state.font_scale)
    window = Window(store)
    window.painted.connect(window.fill)
    window.resize(*(options.size or (1280, 720)))
    window.show()
    if is_file:
        changes = {name: getattr(experiment, name) for name in SETTINGS}
        QTimer.singleShot(0, partial(store.edit, True, **changes))
    if options.screenshot:
        QTimer.singleShot(round(1000 * options.after_seconds), partial(_shoot, window, options.screenshot))
    try:
        return app.exec()
    finally:
        live.stop()
        store.close()


def _shoot(window: Window, path: Path) -> None:
    window.grab().save(str(path))
    window.close()
