"""The picture behind the timeline's handle: loss over the steps, regions, lines left, and round numbers of steps."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from reluviz.app.panels.line_plot import thin_to_columns
from reluviz.app.panels.strokes import DASHED, curve_of, stroke_curve
from reluviz.app.panels.ticks import step_ticks
from reluviz.app.state import AppState
from reluviz.app.tints import faint
from reluviz.core.palette import PALETTES, Palette

Float = NDArray[np.float64]
GHOSTS = 3
LEAST_STEPS = 10
COARSE = 4.0  # Pixels whose first, lowest, highest and last values are drawn: each point costs a microsecond.
TYPE_SHARE = 0.84  # Of the usual size, for the numbers of steps.


@dataclass(frozen=True)
class Frame:
    """Where steps and curves lie in the strip, in device-independent pixels: `plot` holds the curves, `rail` is their
    base, `low` and `high` are the steps at its ends.
    """

    width: float
    height: float
    plot: QRectF
    low: int
    high: int

    @property
    def rail(self) -> float:
        """The height of the line that the handle runs on."""
        return self.plot.bottom()

    def x(self, steps: NDArray[np.generic] | float) -> Float:
        """Return the places of steps."""
        values = np.asarray(steps, dtype=np.float64)
        return self.plot.left() + (values - self.low) * (self.plot.width() / (self.high - self.low))

    def step_at(self, x: float) -> float:
        """Return the step at a place, kept within the ends."""
        share = (x - self.plot.left()) / max(1.0, self.plot.width())
        return self.low + min(max(share, 0.0), 1.0) * (self.high - self.low)


def make_frame(state: AppState, width: float, height: float, line: float) -> Frame:
    """Return where everything lies in a strip of this size, for type whose lines are `line` high."""
    steps = state.time.timeline.steps
    low, high = (int(steps[0]), int(steps[-1])) if len(steps) else (0, 0)
    side, below = round(0.5 * line), round(0.32 * line)
    plot = QRectF(side, 1, max(1.0, width - 2 * side), max(4.0, height - below - 1))
    return Frame(width, height, plot, low, max(high, low + LEAST_STEPS))


def draw_strip(state: AppState, frame: Frame, font: QFont, ratio: float) -> QPixmap:
    """Return the picture, `ratio` device pixels to one. It takes 1 to 3 ms: eight times a second at most."""
    pixmap = QPixmap(math.ceil(frame.width * ratio), math.ceil(frame.height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _Drawing(painter, state, frame, font).draw()
    painter.end()
    return pixmap


class _Drawing:
    def __init__(self, painter: QPainter, state: AppState, frame: Frame, font: QFont) -> None:
        self.painter, self.state, self.frame = painter, state, frame
        self.colors: Palette = PALETTES[state.theme]
        small = QFont(font)
        small.setPixelSize(max(6, round(font.pixelSize() * TYPE_SHARE)))
        painter.setFont(small)
        self.metrics = QFontMetricsF(small)

    def draw(self) -> None:
        plot, rail = self.frame.plot, self.frame.rail
        self.painter.fillRect(plot, faint(self.colors.ink, 0.035))
        self._regions()
        self._losses()
        self._numbers()
        self.painter.setPen(QPen(QColor(self.colors.border), 1))
        self.painter.drawLine(QLineF(plot.left(), rail, plot.right(), rail))
        self._forks()
        self._marks()

    def _regions(self) -> None:
        """Shade the number of regions, pixel by pixel: filling a polygon of 2,000 corners took 15 ms, this 0.2."""
        curves, plot = self.state.curves, self.frame.plot
        curve = curves.stand_in if self.state.experiment.is_smooth else curves.regions
        if len(curve) < 2:
            return
        ratio = self.painter.device().devicePixelRatioF()
        wide, high = (max(1, round(side * ratio)) for side in (plot.width(), plot.height()))
        counts = curve.column("regions")
        places = self.frame.low + (np.arange(wide) + 0.5) * ((self.frame.high - self.frame.low) / wide)
        share = np.interp(places, curve.steps, counts, left=0.0, right=0.0) / max(1.0, float(counts.max()))
        is_below = np.arange(high)[:, None] >= (1 - 0.9 * share) * high
        shade = faint(self.colors.muted, 0.16)
        pixels = np.where(is_below, np.uint32(shade.rgba()), np.uint32(0))
        image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32)
        self.painter.drawImage(plot, image)

    def _losses(self) -> None:
        curve = self.state.curves.learning
        own = [(curve.steps, curve.column(f"{kind}_loss")) for kind in ("train", "test")]
        left = [(line.steps, line.losses[:, 0]) for line in self.state.time.timeline.others[-GHOSTS:]]
        known = [_shown(values, self.state.log_loss) for _, values in own]
        known = [values for values in known if len(values)]
        if not known:
            return
        ends = min(float(v.min()) for v in known), max(float(v.max()) for v in known)
        low, high = ends[0], max(ends[1], ends[0] + 1e-12)
        self.painter.save()
        self.painter.setClipRect(self.frame.plot.adjusted(0, -1, 0, 1))
        for steps, values in left:
            self._curve(steps, values, low, high, faint(self.colors.muted, 0.75))
        for (steps, values), color, dash in zip(
            own, (self.colors.accent, self.colors.warning), ((), DASHED), strict=True
        ):
            self._curve(steps, values, low, high, QColor(color), dash)
        self.painter.restore()

    def _curve(
        self,
        steps: NDArray[np.number],
        values: Float,
        low: float,
        high: float,
        color: QColor,
        dash: tuple[float, ...] = (),
    ) -> None:
        is_log = self.state.log_loss
        known = np.isfinite(values) & ((values > 0) | (not is_log))
        known &= (steps >= self.frame.low) & (steps <= self.frame.high)
        if known.sum() < 2:
            return
        heights = np.log10(values[known]) if is_log else values[known]
        share = (heights - low) / (high - low)
        plot = self.frame.plot
        y = np.clip(plot.bottom() - (0.06 + 0.86 * share) * plot.height(), plot.top() - 99, plot.bottom() + 99)
        x, y = thin_to_columns(self.frame.x(steps[known]) / COARSE, y)
        hairline = 1.0 / self.painter.device().devicePixelRatioF()  # One pass; 1.3 took five, and 5 ms for two curves.
        stroke_curve(self.painter, curve_of(COARSE * x, y), color, hairline, dash)

    def _numbers(self) -> None:
        """Rule the strip at round steps, and write each beside its line, above where the loss falls to."""
        frame = self.frame
        room = self.metrics.horizontalAdvance("888.8k") * 4
        high = self.metrics.height()
        for tick, said in step_ticks(frame.low, frame.high, max(2, int(frame.plot.width() / room))):
            x = float(frame.x(tick))
            wide = self.metrics.horizontalAdvance(said) + 2
            self.painter.setPen(QPen(faint(self.colors.muted, 0.45), 1))
            self.painter.drawLine(QLineF(x, frame.rail - 3, x, frame.rail))
            if x + 3 + wide < frame.plot.right():
                box = QRectF(x + 2, frame.rail - high, wide, high - 1)
                self.painter.fillRect(box, faint(self.colors.surface, 0.8))
                self.painter.setPen(QColor(self.colors.muted))
                self.painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), said)

    def _forks(self) -> None:
        """Point out where this line left another one."""
        line = self.state.time.timeline.line
        if not line.origin or not self.frame.low < line.forked_at < self.frame.high:
            return
        x = float(self.frame.x(line.forked_at))
        self.painter.setPen(QPen(QColor(self.colors.muted), 1, Qt.PenStyle.DotLine))
        self.painter.drawLine(QLineF(x, self.frame.plot.top(), x, self.frame.rail))

    def _marks(self) -> None:
        top, side = self.frame.plot.top(), 0.42 * self.metrics.height()
        for mark in self.state.time.marks:
            x = float(self.frame.x(mark.step))
            self.painter.setPen(QPen(QColor(self.colors.ink), 1))
            self.painter.drawLine(QLineF(x, top, x, self.frame.rail))
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(QColor(self.colors.ink))
            flag = [QPointF(x, top), QPointF(x + 1.3 * side, top + side / 2), QPointF(x, top + side)]
            self.painter.drawPolygon(QPolygonF(flag))
            self.painter.setBrush(Qt.BrushStyle.NoBrush)


def _shown(values: Float, is_log: bool) -> Float:
    known = values[np.isfinite(values) & ((values > 0) | (not is_log))]
    return np.log10(known) if is_log else known
