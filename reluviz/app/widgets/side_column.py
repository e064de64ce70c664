"""SideColumn: a scrolling column that is never narrower than what it holds."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QScrollArea, QWidget


class SideColumn(QScrollArea):
    """Scrolls upright only. `wanted_width` is its first width, in device-independent pixels."""

    def __init__(self, content: QWidget, wanted_width: int) -> None:
        super().__init__()
        self._wanted = wanted_width
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("sideColumn")
        self.viewport().setObjectName("sideViewport")
        self.take(content)

    def take(self, content: QWidget) -> None:
        """Hold another content."""
        self.content = content
        self.setWidget(content)
        content.setAutoFillBackground(False)  # setWidget turns it on, in the window's colour.
        content.installEventFilter(self)
        self._fit()

    def want_width(self, width: int) -> None:
        """Set the width to begin with."""
        self._wanted = width
        self.updateGeometry()

    def needed_height(self) -> int:
        """Return the least height at which the content is seen whole, at the width it stands at."""
        return max(self.content.minimumSizeHint().height(), self.content.heightForWidth(self.width()))

    def sizeHint(self) -> QSize:
        """Return the wanted width, or what the content needs."""
        return QSize(max(self._wanted, self.minimumWidth()), 200)

    def minimumSizeHint(self) -> QSize:
        """Two lines are enough, so that several columns fit below each other at 250 % type."""
        return QSize(self.minimumWidth(), 2 * self.fontMetrics().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the content's need of width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        need = self.content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        if need != self.minimumWidth():
            self.setMinimumWidth(need)
