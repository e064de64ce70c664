"""NetworkView: the diagram of a network, painted as one image; what a hand does to it comes out as signals."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from reluviz.core.diagram_layout import Layout
from reluviz.core.palette import PALETTES, Palette

if TYPE_CHECKING:
    from reluviz.core.color import Pixels
    from reluviz.core.network import Network

Unit = tuple[int, int]
Link = tuple[int, int, int]
REACH, START = 6.0, 4  # Pixels: how near a link must be to be meant, and how far a hand moves before it drags.
ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


@dataclass(frozen=True, eq=False)
class Diagram:
    """One drawn part of a network: image of the viewport at `scroll`, in device pixels; layout in logical ones."""

    image: "Pixels"
    layout: Layout
    network: "Network"
    scroll: tuple[int, int] = (0, 0)
    ratio: float = 1.0


@dataclass(frozen=True)
class Marks:
    """What stands out: the selected unit and link, units switched off (layer, unit from 0), the units' names."""

    selected: Unit | None = None
    link: Link | None = None
    ablated: tuple[Unit, ...] = ()
    lit: frozenset[Unit] = field(default_factory=frozenset)
    palette: Palette = PALETTES["dark"]


class NetworkView(QAbstractScrollArea):
    """Shows a Diagram under its Marks.

    Signals carry hidden units as (layer, unit) from 0 and links as (layer, unit, source), the readout being the last
    layer; `switched` carries None for the selected unit. `dragged` carries what is held, a unit's bias as (layer, unit)
    or a link, and how far the hand has gone up since it took hold, in pixels; `taken` comes when it takes hold,
    `released` when it lets go of what it dragged.
    """

    needs_picture = Signal()
    picked = Signal(object)
    link_picked = Signal(object)
    pointed = Signal(object)
    switched = Signal(object)
    taken = Signal(object)
    dragged = Signal(object, float)
    released = Signal()
    stepped = Signal(int, int)

    own_keys = frozenset({*ARROWS, Qt.Key.Key_Space})

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Network diagram")
        self.setAccessibleDescription("Arrow keys go from unit to unit; the chosen one's line lights up on the canvas.")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.diagram: Diagram | None = None
        self._marks = Marks()
        self._words = ""
        self._over: Unit | None = None
        self._held: Unit | Link | None = None
        self._from: QPointF | None = None
        self._drags = False
        self.horizontalScrollBar().valueChanged.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(self._ask)

    @property
    def heading(self) -> int:
        """The height of the layers' names above the diagram, in logical pixels."""
        return round(1.5 * self.fontMetrics().height())

    @property
    def room(self) -> QSize:
        """The room for the diagram below the names, in logical pixels."""
        view = self.viewport().size()
        return QSize(max(1, view.width()), max(1, view.height() - self.heading))

    @property
    def scrolled(self) -> tuple[int, int]:
        """How far one has scrolled, in logical pixels."""
        return self.horizontalScrollBar().value(), self.verticalScrollBar().value()

    def show_diagram(self, diagram: Diagram) -> None:
        """Paint `diagram` from now on."""
        self.diagram = diagram
        room, (width, height) = self.room, diagram.layout.size
        for bar, page, whole in (
            (self.horizontalScrollBar(), room.width(), width),
            (self.verticalScrollBar(), room.height(), height),
        ):
            bar.setRange(0, max(0, whole - page))
            bar.setPageStep(page)
            bar.setSingleStep(diagram.layout.side)
        self.viewport().update()

    def show_marks(self, marks: Marks) -> None:
        """Let these stand out from now on."""
        if marks != self._marks:
            self._marks = marks
            self.viewport().update()

    def show_words(self, words: str) -> None:
        """Show a sentence where there is no diagram."""
        self._words = words
        self.viewport().update()

    def reveal(self, unit: Unit) -> None:
        """Scroll until a hidden unit is seen."""
        if self.diagram is None or unit[0] + 1 >= len(self.diagram.layout.widths):
            return
        layout, room = self.diagram.layout, self.room
        left, top = layout.place(unit[0] + 1, unit[1])
        for bar, place, page in (
            (self.horizontalScrollBar(), left, room.width()),
            (self.verticalScrollBar(), top, room.height()),
        ):
            bar.setValue(round(min(max(bar.value(), place + layout.side - page + 4), place - 4)))

    def sizeHint(self) -> QSize:
        """Little more than what is needed: below what is preferred, a column begins to scroll."""
        line = self.fontMetrics().height()
        return QSize(30 * line, 13 * line)

    def minimumSizeHint(self) -> QSize:
        """Room for some thumbnails."""
        line = self.fontMetrics().height()
        return QSize(12 * line, 8 * line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for an image of the new size."""
        super().resizeEvent(event)
        self._ask()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the image, the layers' names and what stands out."""
        painter = QPainter(self.viewport())
        palette = self._marks.palette
        painter.fillRect(self.viewport().rect(), QColor(palette.surface))
        if self.diagram is None:
            painter.setPen(QColor(palette.muted))
            rect = self.viewport().rect().adjusted(12, 12, -12, -12)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            painter.end()
            return
        diagram = self.diagram
        height, width = diagram.image.shape
        image = QImage(diagram.image.data, width, height, diagram.image.strides[0], QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(diagram.ratio)
        moved = [old - new for old, new in zip(diagram.scroll, self.scrolled, strict=True)]
        painter.setClipRect(QRectF(0, self.heading, self.viewport().width(), self.viewport().height()))
        painter.drawImage(QPointF(moved[0], self.heading + moved[1]), image)
        painter.translate(-self.scrolled[0], self.heading - self.scrolled[1])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_marks(painter, diagram.layout, palette)
        painter.resetTransform()
        painter.setClipping(False)
        self._paint_names(painter, diagram.layout, palette)
        painter.end()

    def _paint_marks(self, painter: QPainter, layout: Layout, palette: Palette) -> None:
        crosses = [
            line for unit in self._marks.ablated if unit[0] + 1 < len(layout.widths) for line in self._cross(unit)
        ]
        if crosses:
            painter.setPen(QPen(QColor(palette.warning), 1.6))
            painter.drawLines(crosses)
        lit = [self._frame(unit, 0.5) for unit in self._marks.lit if unit[0] + 1 < len(layout.widths)]
        if lit:
            painter.setPen(QPen(QColor(palette.muted), 1.2))
            painter.drawRects(lit)
        for unit, color in ((self._over, palette.ink), (self._marks.selected, palette.accent)):
            if unit is not None and unit[0] + 1 < len(layout.widths) and unit[1] < layout.widths[unit[0] + 1]:
                painter.setPen(QPen(QColor(color), 2.4))
                painter.drawRoundedRect(self._frame(unit, 2.5), 3, 3)
        if self._marks.link is not None and self._marks.link[0] + 1 < len(layout.widths):
            painter.setPen(QPen(QColor(palette.accent), 2.4))
            painter.drawPolyline(_link_points(layout, self._marks.link))

    def _paint_names(self, painter: QPainter, layout: Layout, palette: Palette) -> None:
        painter.setPen(QColor(palette.muted))
        last = len(layout.widths) - 1
        for column, width in enumerate(layout.widths):
            lefts = layout.lefts[layout.block(column)]
            middle = (lefts.min() + lefts.max() + layout.side) / 2 - self.scrolled[0]
            name = "Input" if column == 0 else "Readout" if column == last else f"Layer {column}"
            long = f"{name}, {width} units" if 0 < column < last else name
            fixed = 0 < column < last and self.diagram is not None and self.diagram.network.filters[column - 1]
            texts = (f"{long}, Walsh", f"{name}, Walsh", "Walsh") if fixed else (long, name)
            way = layout.size[0] / len(layout.widths)
            metrics = self.fontMetrics()
            said = next((text for text in texts if metrics.horizontalAdvance(text) < way - 4), str(column))
            box = QRectF(middle - way / 2, 0, way, self.heading)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, said)

    def _frame(self, unit: Unit, out: float) -> QRectF:
        assert self.diagram is not None
        layout = self.diagram.layout
        left, top = layout.place(unit[0] + 1, unit[1])
        return QRectF(left - out, top - out, layout.side + 2 * out, layout.side + 2 * out)

    def _cross(self, unit: Unit) -> list[QLineF]:
        frame = self._frame(unit, -0.2 * (self.diagram.layout.side if self.diagram else 0))
        return [QLineF(frame.topLeft(), frame.bottomRight()), QLineF(frame.topRight(), frame.bottomLeft())]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a unit or a link."""
        if event.button() != Qt.MouseButton.LeftButton or self.diagram is None:
            super().mousePressEvent(event)
            return
        held = self.found_at(event.position())
        self._held, self._from, self._drags = held, event.position(), False
        if held is not None and len(held) == 3:
            self.link_picked.emit(held)
        else:
            self.picked.emit(held)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held, else light what is pointed at."""
        if self._held is not None and self._from is not None and event.buttons() & Qt.MouseButton.LeftButton:
            up = self._from.y() - event.position().y()
            if not self._drags and abs(up) > START:
                self._drags = True
                self.taken.emit(self._held)
            if self._drags:
                self.dragged.emit(self._held, up)
            return
        found = self.found_at(event.position())
        over = found if found is not None and len(found) == 2 else None
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor)
        if over != self._over:
            self._over = over
            self.pointed.emit(over)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._drags:
            self.released.emit()
        self._held, self._from, self._drags = None, None, False
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Switch a unit off or on."""
        found = self.found_at(event.position())
        if found is not None and len(found) == 2:
            self.switched.emit(found)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        if self._over is not None:
            self._over = None
            self.pointed.emit(None)
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from unit to unit with the arrows, switch with the space bar."""
        if event.key() in ARROWS:
            self.stepped.emit(*ARROWS[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Space:
            self.switched.emit(None)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what is pointed at."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.diagram is not None:
            found = self.found_at(QPointF(event.pos()))
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), say(self.diagram.network, found), self)
            return True
        return super().viewportEvent(event)

    def found_at(self, position: QPointF) -> Unit | Link | None:
        """Return what lies at a position of the viewport: a unit with a bias (readout included), a link, or None."""
        if self.diagram is None:
            return None
        from reluviz.core.diagram import find_link  # With kernels: loaded by the time there is a diagram.

        x, y = position.x() + self.scrolled[0], position.y() - self.heading + self.scrolled[1]
        unit = self.diagram.layout.hit(x, y)
        if unit is not None:
            return None if unit[0] == 0 else (unit[0] - 1, unit[1])
        return find_link(self.diagram.network, self.diagram.layout, x, y, REACH)

    def _ask(self, *_: object) -> None:
        self.viewport().update()
        self.needs_picture.emit()


def say(network: "Network", found: Unit | Link) -> str:
    """Return in words what a unit or a link is, with its number."""
    if len(found) == 3:
        layer, unit, source = found
        before = f"unit {source + 1}" if layer else "xy"[source] if source < 2 else f"input {source + 1}"
        weight, bank = f"weight {network.weights[layer][unit, source]:.4g} from {before}", network.filters[layer]
        if bank is not None:
            weight += f", its scale {bank.scales[unit]:.4g} times the fixed {bank.matrix[unit, source]:.4g}"
        return f"{name_of(network, (layer, unit))}: {weight}"
    layer, unit = found
    hint = " Double click switches it off or on." if layer < len(network.hidden) else ""
    return f"{name_of(network, found)}: bias {network.biases[layer][unit]:.4g}.{hint}"


def name_of(network: "Network", unit: Unit) -> str:
    """Return a unit's name; layers and units are counted from 1 on screen."""
    if unit[0] == len(network.hidden):
        return "Readout" if network.outputs == 1 else f"Readout {unit[1] + 1}"
    return f"Layer {unit[0] + 1}, unit {unit[1] + 1}"


def _link_points(layout: Layout, link: Link) -> list[QPointF]:
    layer, unit, source = link
    half = layout.side / 2
    (x0, y0), (x1, y1) = layout.place(layer, source), layout.place(layer + 1, unit)
    share = np.linspace(0.0, 1.0, 25)
    x, y = x0 + half + (x1 - x0) * share, y0 + half + (y1 - y0) * share * share * (3 - 2 * share)
    clear = (x > x0 + 2 * half) & (x < x1)
    return [QPointF(a, b) for a, b in zip(x[clear].tolist(), y[clear].tolist(), strict=True)]
