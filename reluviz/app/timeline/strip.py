"""Strip: the timeline itself, a slider over the moments kept, drawn over the curve of the loss."""

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.timeline.strip_picture import TYPE_SHARE, Frame, draw_strip, make_frame
from reluviz.app.tints import faint
from reluviz.app.turns import wait_ms
from reluviz.core.palette import PALETTES

REDRAW_MS = 120  # The curve grows eight times a second; a look moves the handle at once.
REACH = 5.0  # Pixels within which a mark takes the handle.


class Strip(QAbstractSlider):
    """Shows `looked(index)` where a person points at a moment; the keys of sliders work, and screen readers read it."""

    looked = Signal(int)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._pixmap: QPixmap | None = None
        self._frame: Frame | None = None
        self._drawn: tuple[object, ...] = ()
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("The loss over all moments kept; arrow keys, Home and End go through them.")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setOrientation(Qt.Orientation.Horizontal)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._refresh)
        self.actionTriggered.connect(self._look_by_key)
        store.on("time", "curves", "log_loss", "theme").connect(self._follow)
        self._refresh()

    def sizeHint(self) -> QSize:
        """A line and a half of type."""
        line = self.fontMetrics().height()
        return QSize(20 * line, round(1.5 * line))

    def minimumSizeHint(self) -> QSize:
        """Room for a few moments."""
        line = self.fontMetrics().height()
        return QSize(6 * line, round(1.5 * line))

    def frame(self) -> Frame:
        """Return where steps lie now."""
        return make_frame(self._store.state, self.width(), self.height(), self.fontMetrics().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the moment under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._look(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Look at each moment that the handle is dragged over; say which one lies under the mouse."""
        if self.isSliderDown():
            self._look(event.position().x())
        elif len(self._store.state.time.timeline):
            index, name = self._moment_at(event.position().x())
            step = int(self._store.state.time.timeline.steps[index])
            said = f"{name}, step {step:,}" if name else f"Step {step:,}"
            QToolTip.showText(event.globalPosition().toPoint(), said, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is behind the handle from its picture, then the handle."""
        painter = QPainter(self)
        self._draw_behind()
        assert self._pixmap is not None
        painter.drawPixmap(0, 0, self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_handle(painter)
        painter.end()

    def _draw_behind(self) -> None:
        """Draw the picture behind the handle where it is of other moments, another size or look.

        While training goes on it is redrawn at the timer's pace: passing over it with the mouse is no reason.
        """
        state, ratio = self._store.state, self.devicePixelRatioF()
        timeline = state.time.timeline
        look = (self.size(), ratio, state.theme, self.font().pixelSize(), timeline.marks, state.log_loss)
        content = (timeline.line, timeline.others, state.curves)
        is_known = self._drawn == (look, content) or (self._timer.isActive() and self._drawn[:1] == (look,))
        if self._pixmap is None or not is_known:
            self._drawn = (look, content)
            self._frame = self.frame()
            self._pixmap = draw_strip(state, self._frame, self.font(), ratio)

    def _paint_handle(self, painter: QPainter) -> None:
        state = self._store.state
        if self._frame is None or not len(state.time.timeline):
            return
        colors, frame = PALETTES[state.theme], self._frame
        time = state.time
        x = float(frame.x(min(time.step, frame.high)))
        is_back = time.is_looking_back
        radius = 0.3 * self.fontMetrics().height()
        if is_back:
            rest = faint(colors.surface, 0.55)
            painter.fillRect(QRectF(x, frame.plot.top(), frame.plot.right() - x, frame.plot.height()), rest)
        painter.setPen(QPen(QColor(colors.accent), 2))
        painter.drawLine(QLineF(frame.plot.left(), frame.rail, x, frame.rail))
        painter.setPen(QPen(QColor(colors.ink if is_back else colors.accent), 1))
        painter.drawLine(QLineF(x, frame.plot.top() - 1, x, frame.rail))
        painter.setPen(QPen(QColor(colors.surface), 1.5))
        painter.setBrush(QColor(colors.ink if is_back or self.hasFocus() else colors.accent))
        painter.drawEllipse(QPointF(x, frame.rail), radius, radius)
        if is_back:
            self._paint_step(painter, x)

    def _paint_step(self, painter: QPainter, x: float) -> None:
        """Write the step beside the handle."""
        assert self._frame is not None
        colors, plot = PALETTES[self._store.state.theme], self._frame.plot
        font = QFont(self.font())
        font.setPixelSize(max(6, round(font.pixelSize() * TYPE_SHARE)))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        said = f"{self._store.state.time.step:,}"
        wide = metrics.horizontalAdvance(said) + 8
        left = x + 2 if x + 2 + wide < plot.right() else x - 2 - wide
        box = QRectF(left, plot.top(), wide, metrics.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.raised))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor(colors.ink))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), said)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.time.is_looking_back or old.time.is_looking_back:
            if new.time is not old.time:
                self._refresh()
            return
        moved = new.time is not old.time or new.curves is not old.curves or new.log_loss != old.log_loss
        if (moved or new.theme != old.theme) and not self._timer.isActive():
            self._timer.start(wait_ms(REDRAW_MS))

    def _refresh(self) -> None:
        time = self._store.state.time
        count = len(time.timeline)
        last = max(0, count - 1)
        if last != self.maximum():
            self.setRange(0, last)
            self.setPageStep(max(1, count // 20))
        value = last if time.moment is None else time.moment
        if value != self.value() and not self.isSliderDown():
            self.setValue(value)
        if not self._timer.isActive() and self.isVisible():
            kept = f"step {time.step:,} of {time.last_step:,}, {count:,} moments kept"
            self.setAccessibleDescription(kept)
        self.update()

    def _look(self, x: float) -> None:
        if not len(self._store.state.time.timeline):
            return
        index, _ = self._moment_at(x)
        self.looked.emit(index)

    def _moment_at(self, x: float) -> tuple[int, str]:
        """Return the moment nearest to a place, a mark's where one is close, and the mark's name."""
        frame, time = self.frame(), self._store.state.time
        for mark in time.marks:
            if abs(float(frame.x(mark.step)) - x) <= REACH:
                return time.timeline.index_at(mark.step), mark.name
        step = frame.step_at(x)
        steps = time.timeline.steps
        index = time.timeline.index_at(step)
        if index + 1 < len(steps) and steps[index + 1] - step < step - steps[index]:
            index += 1
        return index, ""

    def _look_by_key(self, _: int) -> None:
        self.looked.emit(self.sliderPosition())
