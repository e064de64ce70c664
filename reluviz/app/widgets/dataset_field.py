"""DatasetField: the data sets as small pictures, and a tile for a file of one's own."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout

from reluviz.app.widgets.field import Field
from reluviz.app.widgets.thumbnails import dataset_icon
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.experiment import DATASETS
from reluviz.core.palette import PALETTES

COLUMNS = 4
NAMES = {
    "circle": "Circle in a ring",
    "xor": "XOR",
    "gaussians": "Two Gaussians",
    "spiral": "Two-arm spiral",
    "moons": "Two moons",
    "checkerboard": "Checkerboard",
    "pinwheel": "Three-arm pinwheel, three classes",
    "blobs": "Four blobs, four classes",
    "plane": "Tilted plane, values",
    "bumps": "Gaussian bumps, values",
    "ripple": "Ripple, values",
}


class DatasetField(Field):
    """Tiles of the built-in sets. Emits `edited({"dataset": name})`, or `asked` for a file."""

    asked = Signal()

    def __init__(self, name: str, label: str, help: str) -> None:
        super().__init__()
        self._name, self._theme, self._value = name, "", ""
        self.tiles: dict[str, QToolButton] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(3)
        for place, choice in enumerate(DATASETS):
            tile = ToolButton("", NAMES.get(choice, choice), f"{NAMES.get(choice, choice)}: learns this set.")
            tile.clicked.connect(partial(self._choose, choice))
            self._place(grid, tile, place)
            self.tiles[choice] = tile
        grid.setColumnStretch(COLUMNS, 1)
        self.file = ToolButton("file", "Own file", "Learns a CSV file (x, y, label or value) or an image; or drop one.")
        self.file.clicked.connect(self.asked)
        self._place(grid, self.file, len(DATASETS))
        self.path = QLabel()
        self.path.setObjectName("fieldLabel")
        self.path.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(4)
        layout.addLayout(grid)
        layout.addWidget(self.path)
        self.setAccessibleName(label)
        self.setToolTip(help)

    def show_value(self, value: str) -> None:
        """Mark the set that is learned."""
        self._value = value
        for choice, tile in self.tiles.items():
            tile.setChecked(choice == value)
        is_file = value not in self.tiles
        self.file.setChecked(is_file)
        self.path.setText(Path(value).name if is_file else "")
        self.path.setVisible(is_file)

    def show_theme(self, theme: str) -> None:
        """Paint the tiles in the colours of a theme."""
        self._theme = theme
        self._size()
        QTimer.singleShot(0, self, self._paint)  # Eleven small pictures take 30 ms: not before the first paint.

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._theme:
            self._size()  # At once, so that the first paint has the tiles where they stay.
            QTimer.singleShot(0, self, self._paint)

    def _place(self, grid: QGridLayout, tile: ToolButton, place: int) -> None:
        tile.setObjectName("tile")
        tile.setCheckable(True)
        grid.addWidget(tile, place // COLUMNS, place % COLUMNS, Qt.AlignmentFlag.AlignLeft)

    def _side(self) -> int:
        return round(self.fontMetrics().height() * 2.5)

    def _paint(self) -> None:
        self._size()
        for choice, tile in self.tiles.items():
            tile.setIcon(dataset_icon(choice, PALETTES[self._theme], self._side(), self.devicePixelRatioF()))

    def _size(self) -> None:
        side = self._side()
        for tile in (*self.tiles.values(), self.file):
            tile.setIconSize(QSize(side, side) if tile is not self.file else QSize(side // 2, side // 2))
            tile.setFixedSize(side + 8, side + 8)

    def _choose(self, choice: str) -> None:
        self.show_value(self._value)  # The state decides what is marked.
        self.edited.emit({self._name: choice})
