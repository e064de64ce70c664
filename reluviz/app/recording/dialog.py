"""FilmDialog: what is to be filmed and how, with a frame of it, key frames, and the film's progress."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from reluviz.app.recording.filming import Filming
from reluviz.app.recording.form import FilmForm
from reluviz.app.recording.key_list import KeyList
from reluviz.app.recording.order import SUFFIXES, Order, why_not
from reluviz.app.recording.preview import Previewer, PreviewRequest, step_at
from reluviz.app.recording.scenery import look_of_state
from reluviz.app.recording.screen import Screen
from reluviz.app.recording.state import Rendering, elapsed_text, open_dialog
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.workshop import Workshop
from reluviz.studio.journal import Journal

FILTERS = {"mp4": "Films (*.mp4)", "gif": "Moving pictures (*.gif)", "png": "Folders of frames (*)"}
FOLLOWED = ("recording", "time", "view", "snapshot")
PREVIEW_MS = 120  # Between two previews asked for; while training goes on, eight a second are plenty.


class FilmDialog(QDialog):
    """Stands beside the window, which goes on working; `recording.dialog` says whether it is open."""

    def __init__(self, store: Store, window: QWidget, filming: Filming) -> None:
        super().__init__(window)
        self.setWindowTitle("Make a film")
        self._store, self._filming = store, filming
        self._previewer = Previewer()
        self._workshop = Workshop(self, "reluviz-film-preview", self._previewer, self._show_frame, self._show_reason)
        self._measure = Workshop(self, "reluviz-recording-length", seconds_of, self._take_length, self._show_reason)
        self._measured = ""
        self.screen_view = Screen(window)
        self.form = FilmForm(store.state)
        self.keys = KeyList(store, self._place)
        self.note = QLabel()
        self.note.setObjectName("facts")
        self.note.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the film")
        self.bar.setRange(0, 1000)
        self.save = QPushButton("Save the film …")
        self.save.setObjectName("primary")
        self.save.setToolTip("Chooses a file and writes the film; the window goes on working meanwhile.")
        self.save.clicked.connect(self.ask)
        self.cancel = QPushButton("Stop")
        self.cancel.setToolTip("Stops the film; nothing of it is left, and an older file stays as it was.")
        self.cancel.clicked.connect(self._stop)
        self.done_button = QPushButton("Close")
        self.done_button.clicked.connect(self.reject)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREVIEW_MS)
        self._timer.timeout.connect(self._draw)
        self.form.edited.connect(self._refresh)
        self.screen_view.moved.connect(self._refresh)
        self.finished.connect(self._finish)
        filming.told.connect(self._tell)
        store.on(*FOLLOWED).connect(self._follow)
        self._follow(store.state, store.state)
        self._refresh()

    @property
    def order(self) -> Order:
        """What is chosen."""
        return self.form.order

    def ask(self, *_: object) -> None:
        """Let a person choose where the film is written, and write it."""
        order = self.order
        name = f"film{SUFFIXES[order.kind]}" if order.kind != "png" else "frames"
        suggestion = str(Path(self._store.state.folder) / name)
        chosen, _filter = QFileDialog.getSaveFileName(self, "Save the film", suggestion, FILTERS[order.kind])
        if chosen:
            path = Path(chosen)
            suffix = SUFFIXES[order.kind]
            self.begin(path if path.suffix.lower() == suffix else Path(f"{chosen}{suffix}"))

    def begin(self, path: Path) -> bool:
        """Write the film to `path`."""
        self.note.setText("")
        return self._filming.begin(self.order, path)

    def show_recording(self) -> None:
        """Film the last recording."""
        self.form.choose_source("recording")

    def showEvent(self, event: QShowEvent) -> None:
        """Take as much room as the window and the screen leave."""
        super().showEvent(event)
        room = self.screen().availableGeometry()
        hint = self.sizeHint()
        wanted = max(hint.height(), 36 * self.fontMetrics().height())  # With room for some key frames.
        self.resize(min(hint.width(), room.width() - 40), min(wanted, room.height() - 60))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is a change of the state, too."""
        self.reject()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_column"):
            self._column.setMinimumWidth(self._settings.sizeHint().width() + 24)

    def retire(self) -> None:
        """Hear of no more changes."""
        self._timer.stop()
        self._store.on(*FOLLOWED).disconnect(self._follow)
        self._workshop.stop()
        self._measure.stop()
        self._previewer.close()

    def _lay_out(self) -> None:
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 12, 0)
        rows.setSpacing(10)
        rows.addWidget(self.form)
        rows.addWidget(self.keys)
        rows.addStretch(1)
        self._settings = column
        self._column = QScrollArea()
        self._column.setWidgetResizable(True)
        self._column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column.setWidget(column)
        self._column.setMinimumWidth(column.sizeHint().width() + 24)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.screen_view)
        left.addWidget(self.note)
        left.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(left, 3)
        body.addWidget(self._column, 2)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        buttons.addWidget(self.bar, 1)
        self._gap = QWidget()
        self._gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        buttons.addWidget(self._gap, 1)
        for button in (self.cancel, self.save, self.done_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 14, 16, 14)
        page.setSpacing(12)
        page.addLayout(body, 1)
        page.addLayout(buttons)

    def _place(self) -> tuple[str, float]:
        """Return the unit and the place of the frame that is shown."""
        order = self.order
        at = step_at(order, self.screen_view.share)
        if order.source == "recording":
            return "time", round(self.screen_view.share * order.seconds, 3)
        return "step", float(round(at))

    def _follow(self, old: AppState, new: AppState) -> None:
        recording = new.recording
        if new.time.timeline is not old.time.timeline or recording.last != old.recording.last or old is new:
            self.form.show_sources(new)
        if recording.rendering is not old.recording.rendering or old is new:
            self._show_progress(recording.rendering)
        if recording.keys is not old.recording.keys or old is new:
            self.keys.show_keys(recording.keys)
        seen = new.view is not old.view or new.snapshot is not old.snapshot or recording is not old.recording
        if seen and not self._timer.isActive():
            self._timer.start()

    def _refresh(self, *_: object) -> None:
        order = self.order
        last = self._store.state.recording.last
        if order.source == "recording" and last != self._measured:
            self._measured = last
            self._measure.ask(last)
        elif order.source != "recording":
            self._measured = ""
        if not self._filming.busy:
            reason = why_not(order)
            self.note.setText(reason or self.form.sentence())
            self.save.setEnabled(not reason)
        if not self._timer.isActive():
            self._timer.start()

    def _show_progress(self, rendering: Rendering | None) -> None:
        busy = rendering is not None
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)
        self._gap.setVisible(not busy)
        self.save.setVisible(not busy)
        self.form.setEnabled(not busy)
        if rendering is None:
            return
        if not rendering.total:
            self.bar.setRange(0, 0)
            self.note.setText(f"Preparing {rendering.name} …")
            return
        self.bar.setRange(0, rendering.total)
        self.bar.setValue(rendering.frames)
        left = f", {elapsed_text(round(rendering.left))} left" if rendering.left >= 0 else ""
        self.note.setText(f"{rendering.name}: frame {rendering.frames:,} of {rendering.total:,}{left}.")

    def _tell(self, sentence: str, kind: str) -> None:
        self.note.setText(sentence)
        self.save.setEnabled(True)

    def _stop(self, *_: object) -> None:
        self._filming.cancel()

    def _draw(self) -> None:
        if not self.isVisible() or self._workshop.busy:
            if self._workshop.busy:
                self._timer.start()
            return
        state, order = self._store.state, self.order
        self.screen_view.show_place(*self._place_text())
        if order.filmed != "canvas":
            self.screen_view.show_window()
            return
        now = tuple(pane.snapshot for pane in state.panes if pane.snapshot is not None)
        if not now and state.snapshot is not None:
            now = (state.snapshot,)
        if not now:
            return
        keys = state.recording.keys if order.with_keys else ()
        look = replace(look_of_state(state), probe=None)
        request = PreviewRequest(
            order, self.screen_view.share, state.time.timeline, state.recording.last, now, look, keys
        )
        self._workshop.ask(request)

    def _place_text(self) -> tuple[str, str]:
        order, share = self.order, self.screen_view.share
        seconds = share * order.seconds
        at = step_at(order, share)
        where = f"second {at:,.1f}" if order.source == "recording" else f"step {round(at):,}"
        shown = "" if order.filmed == "canvas" else ", in the window as it looks now"  # Only frames replay a window.
        return f"{seconds:.1f} s of the film{shown}", where

    def _show_frame(self, pixels: Any) -> None:
        self.screen_view.show_frame(pixels)

    def _show_reason(self, error: Exception) -> None:
        self.screen_view.show_reason(str(error))

    def _take_length(self, seconds: float) -> None:
        self.form.take_length(seconds)

    def _finish(self, _result: int) -> None:
        self._store.apply(open_dialog, dialog="")


def seconds_of(name: str) -> float:
    """Return how long a recording is. Raises `InputError`."""
    journal = Journal(Path(name))
    journal.close()
    return journal.seconds
