"""Surface panel: f over the square as the faceted height field that it is, turned with the mouse."""

from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from reluviz.app.panels.exact_picture import exact_picture
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.surface_maker import Pixels, SurfaceMaker, SurfaceRequest
from reluviz.app.selection import selected_in
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.widgets.image_view import ImageView
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.app.workshop import Workshop
from reluviz.core.camera import Camera

DEGREES_PER_PIXEL = 0.45
KEY_DEGREES = 6.0
ZOOM_PER_NOTCH = 1.12
ZOOMS = (0.4, 20.0)
HOME = Camera(zoom=0.88)  # Corners that stand out of the usual range of heights are in the picture, too.


class SurfacePanel(LivePanel):
    """Drag turns, Shift and drag moves, the wheel comes closer; the arrow keys turn, too."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "dataset", "show_points", "selected")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.camera = HOME
        self._view = _Turned(self)
        self._view.setToolTip(
            "f as a height over the data's square: drag to turn, Shift and drag to move, wheel to come closer."
        )
        self._view.dragged.connect(self._turn)
        self._view.wheeled.connect(self._zoom)
        self._view.resized.connect(self._ask)
        maker = SurfaceMaker()
        self._workshop = Workshop(self, "reluviz-surface", maker.make, self._take, self._fail)
        self._shown = Choice()
        self._shown.setAccessibleName("Height")
        self._shown.setToolTip("What the height is: an output of the network, or the selected unit's output.")
        self._shown.activated.connect(self._ask)
        self._zero = self._make_switch("Zero plane", "Shows where f is 0 as a translucent plane.")
        self._lines = self._make_switch("Edges", "Draws the edges along which f bends.")
        self._pins = self._make_switch("Data", "Stands the training points on the surface.")
        home = ToolButton("fit", "Look from the front again", "Turns the surface back to where it was first.")
        home.clicked.connect(self._go_home)
        row = FlowLayout(QMargins(0, 0, 0, 0), 8, spread=False)
        for widget in (self._shown, self._zero, self._lines, self._pins, home):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.addWidget(self._view, 1)
        column.addLayout(row)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show the newest picture's surface."""
        self._offer(state)
        self._ask()

    def turn_by(self, azimuth: float, elevation: float) -> None:
        """Turn the camera by degrees."""
        camera = self.camera
        high = min(90.0, max(-20.0, camera.elevation + elevation))
        self.camera = replace(camera, azimuth=(camera.azimuth + azimuth) % 360.0, elevation=high)
        self._ask()

    def _make_switch(self, text: str, help: str) -> QCheckBox:
        switch = QCheckBox(text)
        switch.setChecked(True)
        switch.setToolTip(help)
        switch.toggled.connect(self._ask)
        return switch

    def _offer(self, state: AppState) -> None:
        """List what can be shown: outputs, and the selected unit."""
        outputs = state.snapshot.outputs if state.snapshot is not None else 1
        names = ["f"] if outputs == 1 else [f"output {k + 1}" for k in range(outputs)]
        unit = selected_in(state, state.experiment.hidden)
        if unit is not None:
            names.append(f"unit {unit[1] + 1}, layer {unit[0] + 1}")
        if names == [self._shown.itemText(i) for i in range(self._shown.count())]:
            return
        was_unit = self._shown.currentText().startswith("unit")
        at = max(0, self._shown.currentIndex())
        self._shown.clear()
        self._shown.addItems(names)
        last = len(names) - 1
        self._shown.setCurrentIndex(last if was_unit and unit is not None else min(at, outputs - 1))

    def _ask(self, *_: object) -> None:
        state = self._store.state
        if not self.isVisible():
            return
        picture = exact_picture(state.picture)
        if isinstance(picture, str):
            self._view.show_sentence(picture)
            return
        index = max(0, self._shown.currentIndex())
        network = picture.partition.network
        is_unit = self._shown.currentText().startswith("unit")
        unit = selected_in(state, network.hidden) if is_unit else None
        self._zero.setEnabled(unit is None)
        self._workshop.ask(
            SurfaceRequest(
                picture,
                self.camera,
                min(index, network.outputs - 1) if unit is None else 0,
                unit,
                *self._view.pixel_size,
                state.dataset if self._pins.isChecked() and state.show_points else None,
                self._zero.isChecked(),
                self._lines.isChecked(),
                state.pixel_ratio,
            )
        )

    def _take(self, result: Pixels | str) -> None:
        if isinstance(result, str):
            self._view.show_sentence(result)
        elif not isinstance(exact_picture(self._store.state.picture), str):
            self._view.show_image(result)

    def _fail(self, error: Exception) -> None:
        self._view.show_sentence(f"The surface cannot be drawn: {error}")

    def _turn(self, dx: float, dy: float, shift: bool) -> None:
        if shift:
            side = 2.0 / max(1, min(self._view.width(), self._view.height())) / self.camera.zoom
            pan = self.camera.pan[0] + dx * side, self.camera.pan[1] - dy * side
            self.camera = replace(self.camera, pan=(min(2.0, max(-2.0, pan[0])), min(2.0, max(-2.0, pan[1]))))
            self._ask()
        else:
            self.turn_by(-DEGREES_PER_PIXEL * dx, DEGREES_PER_PIXEL * dy)

    def _zoom(self, notches: float, *_: float) -> None:
        low, high = ZOOMS
        zoom = min(high, max(low, self.camera.zoom * ZOOM_PER_NOTCH**notches))
        self.camera = replace(self.camera, zoom=zoom)
        self._ask()

    def _go_home(self) -> None:
        self.camera = HOME
        self._ask()


class _Turned(ImageView):
    """The view, turned by the keyboard as well."""

    own_keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)

    def __init__(self, panel: SurfacePanel) -> None:
        super().__init__("Surface")
        self._panel = panel

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn by the arrows."""
        turns = {
            Qt.Key.Key_Left: (KEY_DEGREES, 0.0),
            Qt.Key.Key_Right: (-KEY_DEGREES, 0.0),
            Qt.Key.Key_Up: (0.0, KEY_DEGREES),
            Qt.Key.Key_Down: (0.0, -KEY_DEGREES),
        }
        turn = turns.get(Qt.Key(event.key()))
        if turn is None:
            super().keyPressEvent(event)
        else:
            self._panel.turn_by(*turn)
