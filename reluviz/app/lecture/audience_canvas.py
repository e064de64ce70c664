"""AudienceCanvas: the picture of the main window's canvas once more, for others to look at."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QSizePolicy

from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.lecture.state import seen_by_audience
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.view import Bounds

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture

FULL_SIZE = 640.0  # The shorter side of a canvas in which markers are as large as in the main window,
LARGEST_POINTS = 1.6  # and what becomes of them at most on a large screen.


class AudienceCanvas(CanvasWidget):
    """Paints the pixels that were made for the main window, at its own size; nothing here can be touched."""

    has_frame: ClassVar[bool] = False
    follows: ClassVar[tuple[str, ...]] = (*CanvasWidget.follows, "panes", "lecture")

    def __init__(self, store: Store, index: int = 0) -> None:
        self.index = index
        self._seen = AppState()
        super().__init__(store)
        self.setAccessibleName(f"The audience's canvas {index + 1}")
        self.setMinimumSize(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def point_share(self) -> float:
        """Return the size of markers as a share of that in the main window."""
        side: int = min(self.width(), self.height())
        return round(min(LARGEST_POINTS, max(0.4, side / FULL_SIZE)), 1)

    def picture_of(self, state: AppState) -> "Picture | Preview | None":
        """Return the one picture, or that of this pane; of a frozen moment, the picture of then."""
        seen = seen_by_audience(state)
        if seen.panes:
            return seen.panes[self.index].picture if self.index < len(seen.panes) else None
        return seen.picture

    def bounds_of(self, state: AppState) -> Bounds:
        """Return what is in view."""
        return seen_by_audience(state).view.bounds

    def resized(self) -> None:
        """Keep markers in step with the size."""
        self._show_points(self._store.state)
        self._fit()

    def retire(self) -> None:
        """Hear of no more changes."""
        self._store.on(*self.follows).disconnect(self._follow)

    def leaveEvent(self, event: QEvent) -> None:
        """Leave the lecturer's probe alone."""

    def _follow(self, old: AppState, new: AppState) -> None:
        if seen_by_audience(new) is not new:
            new = seen_by_audience(new)
            if new is self._seen:
                return
        super()._follow(self._seen, new)
        self._seen = new
        if new.view.bounds != self.box.bounds:
            self._fit()

    def _fit(self, *_: object) -> None:
        if self.isVisible() and self.box.rect().width() >= 1 and self.box.rect().height() >= 1:
            self.box.show_bounds(self.bounds_of(self._store.state))

    def _want(self, bounds: Bounds) -> None:
        """Look nowhere else."""

    def probe(self, position: QPointF) -> None:
        """Leave the lecturer's probe alone."""
