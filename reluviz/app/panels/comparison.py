"""Comparison panel: the figures of all panes in one table, and one of them over the steps of the run."""

from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from reluviz.app.compare.pane_header import paint_badge, pane_color
from reluviz.app.figures import has_accuracy
from reluviz.app.pane_words import COLUMNS, Column, pane_title
from reluviz.app.panels.line_plot import Chart, Line, LinePlot
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.palette import PALETTES, Palette
from reluviz.studio.comparison import MOST

HINT = "Nothing is compared. Press C to train several activations, or other settings, side by side."


REDRAW_MS = 180  # Six curves of thousands of points take 8 ms to paint; figures need no more than five a second.


class ComparisonPanel(LivePanel):
    """A row per pane, a column per figure; the chosen column is plotted beside the table."""

    watches: ClassVar[tuple[str, ...]] = ("panes", "compared", "setup", "time")
    pace_ms: ClassVar[int] = REDRAW_MS

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.table = QTableWidget(0, len(COLUMNS))
        self.plot = LinePlot("Compared figure")
        self._badges: tuple[object, ...] = ()
        self._dress_table()
        hint = QLabel(HINT)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(8, 4, 8, 6)
        row.setSpacing(14)
        row.addWidget(self.table, 3)
        row.addWidget(self.plot, 1)
        self._layers = QStackedLayout(self)
        self._layers.addWidget(hint)
        self._layers.addWidget(both)
        self.redraw(store.state)

    def sizeHint(self) -> QSize:
        """Room for every row."""
        line = self.fontMetrics().height()
        return QSize(60 * line, round(1.75 * line * (MOST + 1)) + 14)

    def minimumSizeHint(self) -> QSize:
        """Room for two rows; more scroll."""
        line = self.fontMetrics().height()
        return QSize(20 * line, round(5.2 * line))

    def redraw(self, state: AppState) -> None:
        """Show `state`'s panes."""
        self._layers.setCurrentIndex(1 if state.panes else 0)
        if not state.panes or state.setup is None:
            return
        palette = PALETTES[state.theme]
        place = list(COLUMNS).index("accuracy")
        if self.table.isColumnHidden(place) == has_accuracy(state):
            self.table.setColumnHidden(place, not has_accuracy(state))
            self._badges = ()
        self._fit_rows(state, palette)
        for row, pane in enumerate(state.panes):
            for place, column in enumerate(COLUMNS.values()):
                text = column.text(pane)
                item = self.table.item(row, place)
                if item is not None and item.text() != text:
                    item.setText(text)
        chosen = list(COLUMNS).index(column_of(state).name)
        if not self.table.selectionModel().isColumnSelected(chosen):
            self.table.selectColumn(chosen)
        self.plot.show_chart(comparison_chart(state))

    def changeEvent(self, event: QEvent) -> None:
        """Give columns the widths of a new size of type, which comes after the state's."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_badges"):
            self._timer.start(REDRAW_MS)

    def _dress_table(self) -> None:
        table = self.table
        table.setAccessibleName("Figures of the compared experiments")
        table.setAccessibleDescription("One row per experiment; the chosen column is plotted over the steps.")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setFrameShape(QTableWidget.Shape.NoFrame)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)  # No half column at the left.
        table.setCornerButtonEnabled(False)
        table.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        for place, column in enumerate(COLUMNS.values()):
            item = QTableWidgetItem(column.title)
            item.setToolTip(f"{column.help} Click to plot it over the steps.")
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(place, item)
        for header in (table.horizontalHeader(), table.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
        table.verticalHeader().setSectionsClickable(False)
        table.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.itemSelectionChanged.connect(self._choose)

    def _fit_rows(self, state: AppState, palette: Palette) -> None:
        """Make one row per pane with its badge and label; nothing is done while these stay."""
        assert state.setup is not None
        labels = tuple(pane_title(state.setup.field, pane.experiment) for pane in state.panes)
        badges = (labels, palette.name, self.fontMetrics().height())
        if badges == self._badges:
            return
        self._badges = badges
        table, metrics = self.table, self.fontMetrics()
        table.setRowCount(len(labels))
        high = round(1.55 * metrics.height())
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for row, label in enumerate(labels):
            head = QTableWidgetItem(label)
            head.setFont(bold)
            head.setData(Qt.ItemDataRole.DecorationRole, badge_pixmap(row + 1, palette, high, self.devicePixelRatioF()))
            head.setToolTip(label)
            table.setVerticalHeaderItem(row, head)
            table.setRowHeight(row, high)
            for place in range(len(COLUMNS)):
                if table.item(row, place) is None:
                    item = QTableWidgetItem("")
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    table.setItem(row, place, item)
        widest = max(metrics.horizontalAdvance(label) for label in labels) * 1.08 + high + 18
        table.verticalHeader().setFixedWidth(round(min(widest, 14 * metrics.height())))
        table.horizontalHeader().setFixedHeight(high)
        for place, column in enumerate(COLUMNS.values()):
            wide = max(metrics.horizontalAdvance(text) for text in (column.title, column.widest))
            table.setColumnWidth(place, wide + round(1.3 * metrics.height()))
        wide = table.verticalHeader().width() + sum(table.columnWidth(place) for place in range(len(COLUMNS)))
        table.setMaximumWidth(wide + 2)
        table.setMinimumWidth(min(wide + 2, 10 * metrics.height()))
        self.plot.setMinimumWidth(8 * metrics.height())

    def _choose(self) -> None:
        chosen = self.table.selectionModel().selectedColumns()
        name = list(COLUMNS)[chosen[0].column()] if chosen else self._store.state.compared
        if name != self._store.state.compared:
            self._store.update(compared=name)


def column_of(state: AppState) -> Column:
    """Return the column that is plotted: the chosen one, or the first where this data has no such figure."""
    known = state.compared in COLUMNS and (state.compared != "accuracy" or has_accuracy(state))
    return COLUMNS[state.compared] if known else next(iter(COLUMNS.values()))


def comparison_chart(state: AppState) -> Chart:
    """Return one column's values over the steps, a numbered line per pane."""
    palette = PALETTES[state.theme]
    column = column_of(state)
    lines = tuple(
        Line("", pane_color(palette, index), *column.series(pane), mark=str(index + 1))
        for index, pane in enumerate(state.panes)
    )
    blank = f"{column.title}: nothing is known yet."
    title = column.title[0].upper() + column.title[1:]
    high = 1.03 if column.percent else None
    low = 0.0 if column.percent else None
    until = float(state.time.last_step) if state.time.is_looking_back else None
    return Chart(title, lines, (), column.logarithmic, low, high, column.percent, blank, palette, until=until)


def badge_pixmap(number: int, palette: Palette, side: int, ratio: float) -> QPixmap:
    """Return a pane's badge as a picture."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    paint_badge(painter, number, palette, QRectF(QPointF(1, 1), QPointF(side - 1, side - 1)))
    painter.end()
    return pixmap
