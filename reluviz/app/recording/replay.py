"""draw_window: frames of a film that shows the window, or the canvas with panels, laid out anew at the film's size.

A real window stands on Qt's offscreen platform, is given one state after the other, and is grabbed once all that the
state asks for is drawn: no clock decides what a frame shows.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from reluviz.app.recording.replay_state import advance, bare, is_drawn, is_same, pass_by, with_curves
from reluviz.studio.blend import blend
from reluviz.studio.curves import Curve
from reluviz.studio.film import Beat, count_of
from reluviz.studio.lettering import letter
from reluviz.studio.marks import draw_keys, draw_ripple

if TYPE_CHECKING:
    from reluviz.app.panes import Pane
    from reluviz.app.state import AppState
    from reluviz.core.picture import Picture
    from reluviz.core.view import View

SCALES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
LEAST_HEIGHT = 480  # Below, in device-independent pixels, the window cannot be laid out.
SHORT_MS = 500  # Timers of a view that redraws seldom; longer ones let a sentence stand for a while.
PATIENCE = 60.0  # Seconds for all that one state asks for.


def prepare(size: tuple[int, int], window: tuple[int, int]) -> float:
    """Choose Qt's platform and scale for a film, before Qt is loaded; return the scale."""
    scale = choose_scale(size, window)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    os.environ["QT_SCALE_FACTOR_ROUNDING_POLICY"] = "PassThrough"
    return scale


def choose_scale(size: tuple[int, int], window: tuple[int, int]) -> float:
    """Return how many of the film's pixels are one of the window's, so that things are about as large as they were."""
    whole = [
        scale for scale in SCALES if all(side / scale == round(side / scale) for side in size) and size[1] / scale >= 1
    ]
    roomy = [scale for scale in whole if size[1] / scale >= LEAST_HEIGHT] or whole[:1]
    return min(roomy, key=lambda scale: abs(np.log(size[1] / scale / window[1])))


def draw_window(
    beats: Iterator[Beat],
    size: tuple[int, int],
    scale: float,
    panels: tuple[str, ...] | None,
    curves: Mapping[str, Curve],
) -> Iterator[Any]:
    """Yield an image (H, W) uint32 0xffRRGGBB for each beat; panels None shows the whole window."""
    with tempfile.TemporaryDirectory() as folder:
        from reluviz.app.settings import VARIABLE

        os.environ[VARIABLE] = folder  # No settings, no recordings: the film depends on the journal alone.
        stage: _Stage | None = None
        last: Beat | None = None
        image: Any = None
        try:
            for beat in beats:
                beat = beat if panels is None else bare(beat)
                if stage is None:
                    stage = _Stage(beat, size, scale, panels, curves)
                if image is None or last is None or not is_same(last, beat):
                    image = blend([(stage.draw(part), weight) for part, weight in beat.parts()])
                last = beat
                yield image
        finally:
            if stage is not None:
                stage.close()


class _Stage:
    """The window that is filmed."""

    def __init__(
        self,
        beat: Beat,
        size: tuple[int, int],
        scale: float,
        panels: tuple[str, ...] | None,
        curves: Mapping[str, Curve],
    ) -> None:
        from PySide6.QtCore import qInstallMessageHandler

        from reluviz.app.application import application
        from reluviz.app.recording.shutter import Shutter
        from reluviz.app.state import AppState, take_experiment
        from reluviz.app.store import Store
        from reluviz.app.theme import apply_theme, load_fonts
        from reluviz.app.window import Window

        qInstallMessageHandler(_tell)
        self._app = application()
        self._size, self._scale, self._panels = size, scale, panels
        first = beat.snapshots[0]
        state = take_experiment(AppState(engine="ready"), first.experiment)
        state = with_curves(replace(state, run=first.run), curves, len(first.experiment.hidden) + 1)
        self._docks = ""
        self._store = Store(advance(pass_by(state, beat), beat))
        load_fonts()
        apply_theme(self._app, beat.look.palette, self._store.state.font_scale)
        self._window: Any = Window(self._store)
        self._shutter = Shutter(self._window)
        width, height = round(size[0] / scale), round(size[1] / scale)
        self._window.resize(width, height)
        self._window.size_docks(width)
        self._window.show()
        self._shutter.settle()
        self._window.fill()
        self._shutter.settle()
        if panels is not None:
            self._show_panels(panels)
        self._window.setFixedSize(width, height)
        self._shutter.settle()

    def draw(self, beat: Beat) -> Any:
        """Return the frame of a beat."""
        docks = str(beat.look.window.get("docks", ""))
        if self._panels is None and docks and docks != self._docks:
            from PySide6.QtCore import QByteArray

            self._docks = docks
            self._window.restoreState(QByteArray.fromBase64(docks.encode()))
        self._store.set(advance(pass_by(self._store.state, beat), beat))
        if beat.light.tool == "laser":
            self._window.lecture.glass.show_trail([(glow.age, glow.part, glow.point) for glow in beat.light.trail])
        self._shutter.work()
        self._draw_pictures()
        self._shutter.settle()
        image = self._shutter.read()
        self._letter(image, beat)
        for click, age in beat.clicks:
            place = self._place(click.place, click.x, click.y)
            if place is not None:
                draw_ripple(image, place[0] * self._scale, place[1] * self._scale, age, beat.look.palette)
        if beat.keys:
            draw_keys(image, beat.look.palette, [(key.text, age) for key, age in beat.keys])
        return image

    def close(self) -> None:
        """End threads and take the window away."""
        self._window.close()
        self._store.close()
        self._app.processEvents()
        self._window.deleteLater()
        self._app.sendPostedEvents(None, 52)  # QEvent.DeferredDelete

    def _draw_pictures(self) -> None:
        """Draw what the state asks for, here and now, as the drawing thread would."""
        from reluviz.app.comparing import take_gauges, take_pictures
        from reluviz.app.gauging import gauge_picture
        from reluviz.app.live import PANE_LINES
        from reluviz.app.received import take_gauge, take_picture

        state = self._store.state
        view = replace(state.view, line_width=state.view.line_width * state.pixel_ratio)
        if state.panes:
            view = replace(view, line_width=PANE_LINES * view.line_width)
            if all(is_drawn(pane, view) for pane in state.panes):
                return
            pictures = tuple(self._picture(pane, view) for pane in state.panes)
            state = take_pictures(state, pictures)
            gauges = {index: gauge_picture(picture) for index, picture in enumerate(pictures)}
            self._store.set(take_gauges(state, gauges))
        elif not is_drawn(state, view):
            picture = self._picture(state, view, os.cpu_count() or 1)
            self._store.set(take_gauge(take_picture(state, picture), gauge_picture(picture)))

    def _picture(self, seen: "AppState | Pane", view: "View", workers: int = 1) -> "Picture":
        from reluviz.core.picture import Picture, make_picture
        from reluviz.core.reading import value_scale

        assert seen.snapshot is not None  # Each beat of a film has its moments.
        dataset = self._store.state.dataset
        scale = value_scale(dataset) if dataset is not None else None
        previous = seen.picture if isinstance(seen.picture, Picture) else None
        return make_picture(seen.snapshot, view, scale, previous=previous, workers=workers)

    def _letter(self, image: Any, beat: Beat) -> None:
        """Write title and counters over the canvas, the title below what the canvas says itself."""
        from PySide6.QtCore import QPoint

        from reluviz.core.picture import Picture

        picture = self._store.state.picture
        has_counters = beat.look.counters and self._panels is not None
        canvas = self._window.canvas
        corner = canvas.viewport().mapTo(self._window, QPoint(0, 0))
        box = canvas.box.mapRectToScene(canvas.box.rect()).translated(corner)
        words = 3 * canvas.fontMetrics().height()
        left, right = round(box.left() * self._scale), round(box.right() * self._scale)
        top, bottom = round((box.top() + words) * self._scale), round(box.bottom() * self._scale)
        counters = count_of(picture) if has_counters and isinstance(picture, Picture) else ()
        if (beat.look.title or counters) and canvas.isVisible():
            letter(image[top:bottom, left:right], beat.look.palette, beat.look.title, counters)

    def _place(self, part: str, x: float, y: float) -> tuple[float, float] | None:
        """Return where something was clicked, in the window's pixels; None where that part is not shown."""
        from PySide6.QtCore import QPointF
        from PySide6.QtWidgets import QWidget

        if part.startswith("canvas"):
            canvas = self._window.canvas
            grid = getattr(self._window.stage, "grid", None)
            if self._store.state.panes and grid is not None:
                index = int(part.partition(":")[2] or 0)
                canvas = grid.canvases[index] if index < len(grid.canvases) else canvas
            point = canvas.viewport().mapTo(self._window, canvas.position_of((x, y)))
            return (point.x(), point.y()) if canvas.isVisible() else None
        widget = self._window if part == "window" else self._window.findChild(QWidget, part)
        if widget is None or not widget.isVisible():
            return None
        point = widget.mapTo(self._window, QPointF(x * widget.width(), y * widget.height()))
        return point.x(), point.y()

    def _show_panels(self, panels: tuple[str, ...]) -> None:
        """Leave the canvas, and the chosen panels in one column beside it."""
        from PySide6.QtCore import Qt

        window = self._window
        for part in (window.transport, window.statusBar(), window.column_dock):
            part.setVisible(False)
        shown = []
        for name, dock in window.docks.items():
            dock.setVisible(False)
            if name in panels:
                window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
                shown.append(dock)
        for above, below in pairwise(shown):
            window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for dock in shown:
            dock.setVisible(True)
        self._shutter.settle()
        if shown:
            window.resizeDocks(shown[:1], [round(0.32 * window.width())], Qt.Orientation.Horizontal)
            heights = [dock.widget().widget().sizeHint().height() for dock in shown]
            window.resizeDocks(shown, heights, Qt.Orientation.Vertical)
        window.canvas.tool_bar.setFixedSize(0, 0)


def _tell(_kind: Any, _context: Any, text: str) -> None:
    """Pass Qt's messages on, but for what the offscreen platform cannot do, which no frame needs."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)
