"""Matrix panel: units x training points (or regions), which piece each is on, sorted so that likes stand together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QLabel, QVBoxLayout

from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.matrix_view import MatrixPicture, MatrixView
from reluviz.app.selection import pin_point, select_unit, selected_in
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.workshop import Workshop
from reluviz.core.dataset import Dataset
from reluviz.core.palette import PALETTES

if TYPE_CHECKING:
    from reluviz.core.pattern_matrix import PatternMatrix
    from reluviz.core.picture import Picture

REDRAW_MS = 400  # Sorted anew, rows change places: more often than this the eye cannot follow.
COLUMNS = {"points": "Training points", "regions": "Regions"}
ORDERS = {"similarity": "Similarity", "class": "Class", "given": "As they come"}
ROWS = {"layer": "Layer", "similarity": "Similarity", "given": "Layer and number"}
SMOOTH = (
    "Smooth units are on no piece, so there is no pattern to show. Choose a piecewise-linear activation, or look at"
    " the slopes in the switchboard."
)
WAITING = "The matrix appears with the first exact picture."


@dataclass(frozen=True, eq=False)
class Request:
    """What a matrix is made from; size in device pixels."""

    picture: "Picture"
    dataset: Dataset
    columns: str
    order: str
    rows: str
    size: tuple[int, int]
    ratio: float
    palette: str


class MatrixPanel(LivePanel):
    """The matrix, above it how it is sorted and what share is zero."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "dataset", "selected")
    pace_ms: ClassVar[int] = REDRAW_MS

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.view, self.words = MatrixView(), QLabel()
        self.words.setAccessibleName("Pattern matrix in words")
        self.words.setWordWrap(True)
        self.columns = _choice("Columns", "What the columns are: training points, or regions in view.", COLUMNS)
        self.order = _choice("Order of columns", "How the columns are sorted.", ORDERS)
        self.rows = _choice("Order of rows", "How the units are sorted.", ROWS)
        row = FlowLayout(QMargins(), 8, spread=False)
        for text, choice in (("Columns", self.columns), ("by", self.order), ("Rows by", self.rows)):
            label = QLabel(text)
            label.setObjectName("fieldLabel")
            label.setBuddy(choice)
            row.addWidget(label)
            row.addWidget(choice)
            choice.currentIndexChanged.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.words)
        self._made: MatrixPicture | None = None
        self._waiting = WAITING
        self._asked: tuple[object, ...] = ()
        self._shop = Workshop(self, "reluviz-matrix", MatrixMaker().make, self._take, self._fail)
        self.view.resized.connect(self._ask)
        self.view.picked.connect(self._pick)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show the patterns of `state`'s picture."""
        self._ask()
        self._show()

    def _ask(self, *_: object) -> None:
        state = self._store.state
        picture, dataset = state.picture, state.dataset
        if not self.isVisible() or picture is None or dataset is None or picture.partition is None:
            return
        if picture.snapshot.network.first_smooth is not None:
            self._made, self._waiting, self._asked = None, SMOOTH, ()
            self._show()
            return
        ratio, room = self.devicePixelRatioF(), self.view.room
        size = (round(room.width() * ratio), round(room.height() * ratio))
        choices = (self.columns.currentData(), self.order.currentData(), self.rows.currentData())
        key = (picture.snapshot, picture.partition, dataset, choices, size, state.theme)
        if key != self._asked:
            self._asked = key
            self._shop.ask(Request(picture, dataset, *choices, size, ratio, state.theme))

    def _show(self) -> None:
        state = self._store.state
        hidden = self._made.hidden if self._made is not None else ()
        words = self._waiting if self._made is None else say_matrix(self._made.matrix, self._made.columns_are)
        self.view.show_picture(self._made, words, selected_in(state, hidden), PALETTES[state.theme])
        self.words.setText(words if self._made is not None else "")

    def _take(self, result: MatrixPicture | str) -> None:
        if isinstance(result, str):
            self._made, self._waiting = None, result
        else:
            self._made = result
        self._show()

    def _fail(self, error: Exception) -> None:
        self._store.say(f"The pattern matrix cannot be made: {error}", "error")

    def _pick(self, layer: int, unit: int, column: int) -> None:
        made, state = self._made, self._store.state
        if made is None:
            return
        point = self._place(column)
        changed = select_unit(state, (layer, unit))
        self._store.set(changed if point is None else pin_point(changed, point))

    def _place(self, column: int) -> tuple[float, float] | None:
        """Return the point of a column: the training point, or the middle of the region."""
        state = self._store.state
        if self.columns.currentData() == "points":
            points = state.dataset.points[state.dataset.is_train] if state.dataset is not None else np.zeros((0, 2))
            return (float(points[column, 0]), float(points[column, 1])) if column < len(points) else None
        partition = state.picture.partition if state.picture is not None else None
        if partition is None or column >= partition.count:
            return None
        begin, end = partition.offsets[column : column + 2]
        x, y = partition.vertices[begin:end].mean(axis=0).tolist()
        return x, y


@dataclass
class MatrixMaker:
    """Builds, sorts and paints matrices in the panel's thread, where kernels may load; holds the newest one's order."""

    _previous: "PatternMatrix | None" = None
    _sorted_as: tuple[object, ...] = ()

    def make(self, request: Request) -> MatrixPicture | str:
        """Return the matrix of a request, or why there is none."""
        from reluviz.core.matrix_picture import paint_matrix
        from reluviz.core.pattern_matrix import build_matrix, point_patterns

        network, partition = request.picture.snapshot.network, request.picture.partition
        if not network.finite:
            return "A weight is not finite: there are no patterns to show."
        labels: NDArray[np.int64] | None = None
        if request.columns == "regions":
            if partition.truncated_at is not None:
                return "There are more regions than the budget, so their patterns are not known to the end: zoom in."
            patterns = partition.patterns
        else:
            train = request.dataset.is_train
            patterns = point_patterns(network, request.dataset.points[train])
            labels = np.asarray(request.dataset.targets[train], np.int64) if request.dataset.is_classes else None
        order = "similarity" if request.order == "class" and labels is None else request.order
        # Regions come and go: only points are the same from one moment to the next.
        sorted_as = request.columns, order, request.rows, request.dataset, request.picture.snapshot.run, network.hidden
        held = self._previous if sorted_as == self._sorted_as and request.columns == "points" else None
        matrix = build_matrix(network, patterns, labels, columns_by=order, rows_by=request.rows, previous=held)
        self._previous, self._sorted_as = matrix, sorted_as
        layers = np.repeat(np.arange(len(network.hidden)), network.hidden)
        image = paint_matrix(matrix, layers, *request.size, request.palette)
        kind = "region" if request.columns == "regions" else "point"
        return MatrixPicture(image, matrix, network.hidden, kind, request.ratio)


def say_matrix(matrix: "PatternMatrix", columns_are: str) -> str:
    """Return the share of zeros and which rows are flat, in words."""
    dead, always = int(matrix.dead.sum()), int(matrix.always_on.sum())
    where = "these points" if columns_are == "point" else "view"
    said = (
        f"{len(matrix.rows):,} units, {len(matrix.columns):,} {columns_are}s: {100 * matrix.zero_share:.1f} % of all"
        f" outputs are exactly 0; {dead} units dead on {where}, {always} always on."
    )
    return f"{said} {matrix.note}".strip()


def _choice(name: str, help: str, entries: dict[str, str]) -> Choice:
    choice = Choice()
    choice.setAccessibleName(name)
    choice.setToolTip(help)
    for key, text in entries.items():
        choice.addItem(text, key)
    return choice
