"""InkBar: pens, eraser, laser and spotlight, floating over the window while one of them is in the hand."""

from functools import partial

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from reluviz.app.action_set import ActionSet
from reluviz.app.lecture import commands
from reluviz.app.lecture.ink import INK_NAMES, INKS
from reluviz.app.lecture.state import PEN_COLORS
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.app.widgets.action_button import ActionButton
from reluviz.core.palette import PALETTES

SWITCHES = ("erase_ink", "laser", "spotlight")
DEEDS = ("undo_ink", "clear_ink", "put_down")


class InkBar(QWidget):
    """Shows what is in the hand and lets something else be taken."""

    def __init__(self, store: Store, actions: ActionSet, parent: QWidget) -> None:
        super().__init__(parent)
        self._store = store
        self.setObjectName("inkBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Ink")
        row = QHBoxLayout(self)
        row.setContentsMargins(5, 4, 5, 4)
        row.setSpacing(2)
        self.pens = [self._make_pen(index) for index in range(PEN_COLORS)]
        for pen in self.pens:
            row.addWidget(pen)
        for names in (SWITCHES, DEEDS):
            line = QFrame()
            line.setFrameShape(QFrame.Shape.VLine)
            line.setObjectName("inkLine")
            row.addWidget(line)
            for name in names:
                row.addWidget(ActionButton(actions.actions[name], 1.3))
        self._show(None, store.state)
        store.on("theme", "font_scale", "lecture").connect(self._show)

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.adjustSize()

    def _make_pen(self, index: int) -> QToolButton:
        pen = QToolButton()
        pen.setCheckable(True)
        pen.setAutoRaise(True)
        pen.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        pen.clicked.connect(partial(self._take, index))
        return pen

    def _take(self, index: int, _checked: bool = False) -> None:
        commands.take_color(self._store, index)
        self._mark(self._store.state)

    def _show(self, old: AppState | None, new: AppState) -> None:
        if old is None or (old.theme, old.font_scale) != (new.theme, new.font_scale):
            self._style(new)
        if old is None or old.lecture is not new.lecture:
            self._mark(new)

    def _mark(self, state: AppState) -> None:
        for index, pen in enumerate(self.pens):
            pen.setChecked(state.lecture.tool == "pen" and state.lecture.color == index)

    def _style(self, state: AppState) -> None:
        palette, scale = PALETTES[state.theme], state.font_scale
        fill = QColor(palette.surface)
        self.setFont(make_font(scale))
        self.setStyleSheet(
            f"QWidget#inkBar {{ background: rgba({fill.red()}, {fill.green()}, {fill.blue()}, 238);"
            f"border: 1px solid {palette.border}; border-radius: 8px; }}"
            f"QFrame#inkLine {{ color: {palette.border}; }}"
        )
        size = round(17 * max(0.8, scale))
        for index, pen in enumerate(self.pens):
            name = INK_NAMES[state.theme][index]
            pen.setIcon(_disc(INKS[state.theme][index], palette.border, size))
            pen.setIconSize(QSize(size, size))
            pen.setAccessibleName(f"Pen, {name}")
            pen.setToolTip(f"Pen, {name}: drawing leaves {name} ink on whatever lies under it.")
        self.adjustSize()


def _disc(color: str, rim: str, size: int) -> QIcon:
    pixmap = QPixmap(2 * size, 2 * size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(rim), 2))
    painter.setBrush(QColor(color))
    painter.drawEllipse(QPointF(size, size), 0.68 * size, 0.68 * size)
    painter.end()
    return QIcon(pixmap)
