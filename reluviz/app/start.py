"""The start of the window: engine first, then the window, then everything that takes long."""

import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from reluviz.app.application import application
from reluviz.app.files import take_hidden, take_view
from reluviz.app.lecture.names import check_names
from reluviz.app.lecture.state import Lecture
from reluviz.app.lessons import commands as lessons
from reluviz.app.live import Live
from reluviz.app.preferences.state import from_plain
from reluviz.app.recovery.keeper import Keeper, recovery_folder
from reluviz.app.recovery.last import NAME as LAST
from reluviz.app.recovery.last import LastMoment, go_on, keep_last, read_last
from reluviz.app.recovery.words import starting_afresh
from reluviz.app.settings import (
    Settings,
    read_settings,
    saved_experiment,
    settings_of,
    settings_path,
    take_settings,
    write_settings,
)
from reluviz.app.state import AppState, Message, lend_theme, take_experiment, take_font_scale
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.timeline.looking import show_now
from reluviz.app.timeline.opening import open_saved
from reluviz.app.window import FIRST_SIZE, Window
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, SETTINGS, Experiment
from reluviz.studio.scene import Scene

ROOMY, ROOMY_SCALE = 1000, 1.1  # On a screen this high, in device-independent pixels, the first start has larger type.


@dataclass(frozen=True)
class Options:
    """How the window starts.

    `scene` is what to show, None for the experiment of last time. `fresh` ignores what was saved and saves nothing.
    `screenshot` is a PNG to write `after_seconds` past the first paint; then the window closes. `size` is the window's
    size in device-independent pixels, None for that of last time. `lesson` is a lesson's name, number or path.
    """

    scene: Scene | None = None
    projector: bool = False
    fullscreen: bool = False
    lesson: str | None = None
    fresh: bool = False
    screenshot: Path | None = None
    after_seconds: float = 5.0
    size: tuple[int, int] | None = None


def main(options: Options) -> int:
    """Run the window until it is closed; return the exit status."""
    app = _make_app()
    path = settings_path()
    settings, complaint = (Settings(), "") if options.fresh else read_settings(path)
    experiment, reason = (options.scene.experiment, "") if options.scene else saved_experiment(settings)
    path_of_last, last, gone = recovery_folder() / LAST, None, ""
    if not (options.fresh or options.scene) and from_plain(settings.preferences).goes_on:
        last, gone = read_last(path_of_last, experiment)
    store = Store(_first_state(options, settings, experiment, complaint or reason or gone, last))
    live = Live(store)
    live.start_engine()
    load_fonts()
    apply_theme(app, store.state.theme, store.state.font_scale)
    window = _make_window(store, options, settings)
    window.painted.connect(window.fill)
    window.painted.connect(live.start_drawing)
    keeper = None if options.fresh else Keeper(store, recovery_folder())
    if keeper is not None:
        window.closed.connect(partial(_remember, window, store, path, path_of_last))
        window.painted.connect(keeper.start)
    returning = LastMoment(store, path_of_last, last, settings.playing) if last is not None else None
    if returning is not None:
        window.painted.connect(returning.start)
    window.show()
    if experiment.dataset not in DATASETS:
        fields = {name: getattr(experiment, name) for name in SETTINGS}
        start = options.scene if options.scene and options.scene.snapshot else last
        QTimer.singleShot(0, partial(store.edit, True, start, **fields))
    try:
        status = app.exec()
        if keeper is not None:
            keeper.end()
        return status
    finally:
        window.close()  # Where the system ended the loop, settings are kept as well.
        if returning is not None:
            returning.close()
        live.stop()
        store.close()


def _make_app() -> QApplication:
    app = application()
    app.setApplicationName("reluviz")
    app.setApplicationDisplayName("reluviz")
    app.setDesktopFileName("reluviz")
    return app


def _first_state(
    options: Options, settings: Settings, experiment: Experiment, complaint: str, last: Scene | None = None
) -> AppState:
    """Return the state before the window stands; data in a file is read later, the default set learns meanwhile."""
    is_file = experiment.dataset not in DATASETS
    state = take_settings(AppState(), settings)
    state = take_experiment(state, Experiment() if is_file else experiment)
    if options.scene is not None:
        check_names(options.scene.hidden, "The scene")
        state = take_hidden(take_view(state, options.scene), options.scene)
        if options.scene.snapshot is not None and not is_file:
            state = open_saved(state, options.scene)
    elif last is not None and not is_file:
        try:
            state = go_on(state, last, settings.playing)
        except InputError as error:  # Built-in data of another version may need other outputs.
            complaint = complaint or starting_afresh(str(error))
    if not settings.geometry and QApplication.primaryScreen().availableSize().height() >= ROOMY:
        state = take_font_scale(state, ROOMY_SCALE)
    if options.projector:
        state = lend_theme(state, "projector")
    if complaint:
        state = replace(state, message=Message(complaint, "warning"))
    return state


def _make_window(store: Store, options: Options, settings: Settings) -> Window:
    window = Window(store)
    for title in settings.folded:
        if title in window.column.sections:
            window.column.sections[title].fold(True)
    window.resize(FIRST_SIZE.boundedTo(window.screen().availableSize() * 0.92))
    if settings.geometry:
        window.restore(settings.geometry, settings.docks)
    if options.size:
        window.resize(*options.size)
    if not settings.docks:
        window.size_docks(window.width())
    if options.lesson:
        window.painted.connect(partial(lessons.begin_named, store, options.lesson))
    if options.fullscreen:
        store.update(fullscreen=True)
    elif window.isFullScreen():
        store.set(replace(store.state, fullscreen=True))
    if options.screenshot:
        shoot = partial(_shoot, window, options.screenshot, round(1000 * options.after_seconds))
        window.painted.connect(shoot)
    return window


def _remember(window: Window, store: Store, path: Path, path_of_last: Path) -> None:
    store.update(chrome=True, lecture=Lecture())  # What a scene or a lecture hides is no layout to come back to.
    if store.state.lesson.lesson is not None:
        lessons.leave(store)  # What is remembered is what was there before it.
    folded = tuple(title for title, section in window.column.sections.items() if section.is_folded)
    try:
        write_settings(path, settings_of(show_now(store.state), *window.layout_texts(), folded))
    except OSError as error:
        print(f"reluviz: the settings in {path} cannot be written ({error.strerror}).", file=sys.stderr)
    keep_last(path_of_last, store.state)


def _shoot(window: Window, path: Path, after_ms: int) -> None:
    QTimer.singleShot(after_ms, partial(_save_and_close, window, path))


def _save_and_close(window: Window, path: Path) -> None:
    window.grab().save(str(path))
    window.close()
