"""Screen: a frame of the film that is planned, and the slider that says which."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from reluviz.app.widgets.field import Slider

TICKS = 1000


class Screen(QWidget):
    """Shows a frame; `moved` tells that another one is wanted, `share` 0..1 which."""

    moved = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._window = window
        self.frame = _Frame()
        self.slider = Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, TICKS)
        self.slider.setPageStep(TICKS // 20)
        self.slider.setAccessibleName("Frame shown")
        self.slider.setToolTip("Goes through the film that will be made.")
        self.slider.setValue(TICKS)
        self.slider.valueChanged.connect(self._move)
        self._time, self._where = QLabel(), QLabel()
        for label in (self._time, self._where):
            label.setObjectName("fieldLabel")
        row = QHBoxLayout()
        row.addWidget(self._time)
        row.addStretch(1)
        row.addWidget(self._where)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.frame)
        column.addWidget(self.slider)
        column.addLayout(row)

    @property
    def share(self) -> float:
        """Where in the film, 0 to 1."""
        return self.slider.value() / TICKS

    def show_frame(self, pixels: Any) -> None:
        """Show (H, W) uint32 0xffRRGGBB."""
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
        self.frame.show_pixmap(QPixmap.fromImage(image.copy()))  # Else the pixmap reads where the array was.

    def show_window(self) -> None:
        """Show the window as it is now: the film lays it out anew."""
        self.frame.show_pixmap(self._window.grab())

    def show_reason(self, sentence: str) -> None:
        """Show in words why there is no frame."""
        self.frame.show_sentence(sentence)

    def show_place(self, time: str, where: str) -> None:
        """Say which frame is shown."""
        self._time.setText(time)
        self._where.setText(where)

    def _move(self, _value: int) -> None:
        self.moved.emit()


class _Frame(QWidget):
    """A picture as large as there is room, in its own shape."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Preview of the film")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._pixmap = QPixmap()
        self.sentence = ""

    @property
    def pixmap(self) -> QPixmap:
        """What is shown."""
        return self._pixmap

    def sizeHint(self) -> QSize:
        """As wide as forty lines are high, sixteen to nine."""
        wide = 40 * self.fontMetrics().height()
        return QSize(wide, wide * 9 // 16)

    def heightForWidth(self, width: int) -> int:
        """Sixteen to nine, so that slider and words stand right below."""
        return round(width * 9 / 16)

    def minimumSizeHint(self) -> QSize:
        """A third of that."""
        return self.sizeHint() / 3

    def show_pixmap(self, pixmap: QPixmap) -> None:
        """Show a picture."""
        self._pixmap, self.sentence = pixmap, ""
        self.update()

    def show_sentence(self, sentence: str) -> None:
        """Show words."""
        self._pixmap, self.sentence = QPixmap(), sentence
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, or the words."""
        painter = QPainter(self)
        if self._pixmap.isNull():
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), wrapped, self.sentence)
            return
        ratio = self.devicePixelRatioF()
        room = self.size() * ratio
        scaled = self._pixmap.scaled(
            room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        scaled.setDevicePixelRatio(ratio)
        size = scaled.deviceIndependentSize()
        painter.drawPixmap(round((self.width() - size.width()) / 2), round((self.height() - size.height()) / 2), scaled)
