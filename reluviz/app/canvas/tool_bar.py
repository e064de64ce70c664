"""ToolBar: the tools of the canvas, floating in its corner, with the classes that the brush paints."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from reluviz.app.action_set import key_text
from reluviz.app.canvas.line_tool import outside_sentence
from reluviz.app.canvas.tools import TOOLS
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.dataset import Dataset
from reluviz.core.palette import PALETTES, Palette

VALUES = (-1.0, -0.5, 0.0, 0.5, 1.0)
HINTS = {
    "line": "Drag a bent line to move it. Shift, or a handle: turn it.",
    "points": "Drag a point, or paint new ones.",
    "erase": "Drag over points to take them away.",
}
FOLLOWED = ("tool", "theme", "font_scale", "dataset", "brush", "chrome", "selected", "experiment")
SMOOTH_HINT = "A smooth layer bends everywhere a little: what is dragged are the curves on which a unit is 0."

ChipLook = tuple[float, str, str, int]
"""The value that a chip paints, its name, its colour and which marker it shows."""


class ToolBar(QWidget):
    """Shows which tool is in the hand and lets another be taken; `moved` is called when its size changes."""

    def __init__(self, store: Store, parent: QWidget, moved: Callable[[], None]) -> None:
        super().__init__(parent)
        self._store, self._moved = store, moved
        self.setObjectName("canvasTools")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName("Tools")
        row = QHBoxLayout()
        row.setSpacing(2)
        self.buttons = {name: self._make_button(name) for name in TOOLS}
        for button in self.buttons.values():
            row.addWidget(button)
        self.chips: list[QToolButton] = []
        self._looks: tuple[ChipLook, ...] = ()
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(2)
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        self._hint.setObjectName("facts")
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(4, 4, 4, 4)
        self._rows.setSpacing(3)
        self._rows.addLayout(row)
        self._rows.addLayout(self._chip_row)
        self._rows.addWidget(self._hint)
        self._show(None, store.state)
        store.on("preferences", *FOLLOWED).connect(self._show)

    def _make_button(self, name: str) -> ToolButton:
        row = TOOLS[name]
        button = ToolButton(row.icon, row.title, row.help)
        button.setCheckable(True)
        button.clicked.connect(partial(self._take, name))
        return button

    def _take(self, name: str, _checked: bool = False) -> None:
        self._store.update(tool=name)
        self.buttons[name].setChecked(True)

    def _show(self, old: AppState | None, new: AppState) -> None:
        if old is None or old.preferences.keys != new.preferences.keys:
            self._say_keys(new)
        if old is not None and all(getattr(old, name) is getattr(new, name) for name in FOLLOWED):
            return
        for name, button in self.buttons.items():
            button.setChecked(name == new.tool)
        looks = _chip_looks(new, new.dataset) if new.tool == "points" and new.dataset is not None else ()
        if looks != self._looks:
            self._looks = looks
            self._make_chips(new.font_scale)
        for chip, (value, *_) in zip(self.chips, looks, strict=True):
            chip.setChecked(value == new.brush)
        self._hint.setText(hint(new))
        self._hint.setVisible(bool(self._hint.text()))
        if old is None or (old.theme, old.font_scale) != (new.theme, new.font_scale):
            self._style(PALETTES[new.theme], new.font_scale)
        self.setVisible(new.chrome)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_hint"):
            self._fit()

    def _fit(self) -> None:
        """Take the room that the rows need; Qt's own sum forgets that a wrapped hint grows as it narrows."""
        rows = self._rows
        rows.invalidate()
        rows.activate()
        width = max(rows.minimumSize().width(), self.sizeHint().width())
        self.resize(width, max(rows.heightForWidth(width), rows.minimumSize().height()))
        self._moved()

    def _say_keys(self, state: AppState) -> None:
        for name, button in self.buttons.items():
            row = TOOLS[name]
            keys = state.preferences.keys_of(f"tool_{name}", row.keys)
            button.setToolTip(f"{row.title}{f' ({key_text(keys[0])})' if keys else ''}: {row.help}")

    def _make_chips(self, font_scale: float) -> None:
        for chip in self.chips:
            self._chip_row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        size = round(16 * max(0.8, font_scale))
        for value, name, color, outline in self._looks:
            chip = QToolButton()
            chip.setIcon(_chip_icon(color, outline, size))
            chip.setIconSize(QSize(size, size))
            chip.setCheckable(True)
            chip.setAutoRaise(True)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.setAccessibleName(name)
            chip.setToolTip(f"Paints points of {name}.")
            chip.clicked.connect(partial(self._choose, value))
            self._chip_row.addWidget(chip)
            chip.show()  # A hidden one, as all are made, takes no room yet.
            self.chips.append(chip)

    def _choose(self, value: float, _checked: bool = False) -> None:
        self._store.update(brush=value)
        for chip, (other, *_) in zip(self.chips, self._looks, strict=True):
            chip.setChecked(other == value)

    def _style(self, palette: Palette, scale: float) -> None:
        fill = QColor(palette.surface)
        self.setFont(make_font(scale))
        self._hint.setFont(make_font(0.92 * scale))
        self._hint.setMaximumWidth(round(190 * scale))
        self.setStyleSheet(
            f"QWidget#canvasTools {{ background: rgba({fill.red()}, {fill.green()}, {fill.blue()}, 225);"
            f"border: 1px solid {palette.border}; border-radius: 6px; }}"
        )


def hint(state: AppState) -> str:
    """Return what the tool does, or why it cannot, in words."""
    if state.tool == "line":
        if state.experiment.is_smooth:
            return SMOOTH_HINT
        return outside_sentence(state) or HINTS["line"]
    return HINTS.get(state.tool, "")


def _chip_looks(state: AppState, dataset: Dataset) -> tuple[ChipLook, ...]:
    """Return what the brush can paint."""
    if dataset.is_classes:
        colors = PALETTES[state.theme].classes
        names = enumerate(dataset.classes[:8])
        return tuple((float(i), f"class {name}", colors[i % len(colors)], i) for i, name in names)
    from reluviz.core.luts import value_lut

    lut = value_lut(state.theme, fills=state.view.fills)
    picked = (lut[round((value + 1) / 2 * (len(lut) - 1))] for value in VALUES)
    return tuple(
        (value, f"value {value:g}", f"#{int(color) & 0xFFFFFF:06x}", 0)
        for value, color in zip(VALUES, picked, strict=True)
    )


def _chip_icon(color: str, kind: int, size: int) -> QIcon:
    """Return a class's marker in its colour."""
    from reluviz.core.markers import MARKERS

    pixmap = QPixmap(2 * size, 2 * size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    painter.setBrush(QColor(color))
    outline = MARKERS[kind % len(MARKERS)].outline * (0.62 * size) + size
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in outline.tolist()]))
    painter.end()
    return QIcon(pixmap)
