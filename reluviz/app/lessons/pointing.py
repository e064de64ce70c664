"""What a lesson's hint points at, and the outline drawn around it."""

import re

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from reluviz.app.panel import PANELS
from reluviz.core.experiment import SETTINGS
from reluviz.core.palette import PALETTES
from reluviz.studio.lesson import Step

CANVAS = "canvas"
SHOWN_MS = 2200
WIDTH = 3
_OF_THE_CANVAS = ("canvas", "line", "region", "boundar", "plane", "piece", "pane", "colour", "point")


def panels_of(step: Step) -> tuple[str, ...]:
    """Return the panels that a step shows: those of its stage, else those that its words call so."""
    words = f"{step.text} {step.look_at}".lower()
    named = (panel.name for panel in PANELS if re.search(rf"\b{re.escape(panel.title.lower())} panel\b", words))
    return step.stage.panels or tuple(named)


def target_of(step: Step) -> tuple[str, str]:
    """Return what a step's hint names: ("panel", name), ("control", field) or (CANVAS, "")."""
    text = step.look_at.lower()
    titles = {panel.name: panel.title.lower() for panel in PANELS if panel.name in panels_of(step)}
    named = [name for name, title in titles.items() if re.search(rf"\b{re.escape(title)}\b", text)]
    if named:
        return "panel", named[0]
    if any(word in text for word in _OF_THE_CANVAS):
        return CANVAS, ""
    for name, setting in SETTINGS.items():
        if re.search(rf"\b{re.escape(setting.label.lower())}\b", text):
            return "control", name
    shown = panels_of(step)
    return ("panel", shown[0]) if shown else (CANVAS, "")


class Outline(QWidget):
    """A frame around something in the window, for a moment; the mouse passes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window, self._theme = window, "dark"
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def surround(self, widget: QWidget, theme: str) -> None:
        """Stand around a widget of the same window."""
        self._theme = theme
        corner = widget.mapTo(self._window, QPoint(0, 0))
        self.setGeometry(QRect(corner, widget.size()).adjusted(-2, -2, 2, 2).intersected(self._window.rect()))
        self.show()
        self.raise_()
        self.update()
        self._timer.start(SHOWN_MS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        half = WIDTH / 2
        painter.setPen(QPen(QColor(PALETTES[self._theme].accent), WIDTH))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 6, 6)
        painter.end()
