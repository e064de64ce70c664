"""CompareBar: which field panes differ in and its values, what they share, and the way in and out."""

from functools import partial

from PySide6.QtCore import QEvent, QMargins, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reluviz.app import commands
from reluviz.app.compare.value_editor import ValueEditor
from reluviz.app.comparing import sharing_sentence
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.experiment import SETTINGS
from reluviz.core.palette import PALETTES
from reluviz.studio.comparison import FEWEST, MOST, VARIED, Setup, another, make_setup, with_value, without

NARROW = 50
"""Line heights that the bar needs for all it has in two rows."""
FIELD_HELP = "The one setting that differs from pane to pane; all others stay common."


class CompareBar(QWidget):
    """Stands above the canvas while a comparison is set up or runs. Return starts it, Escape closes it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.setObjectName("compareBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Comparison")
        self._store = store
        self.field = Choice()
        for name in VARIED:
            self.field.addItem(SETTINGS[name].label, name)
        self.field.setAccessibleName("What panes differ in")
        self.field.setToolTip(FIELD_HELP)
        self.field.activated.connect(self._choose_field)
        self.more = ToolButton("plus", "One pane more", f"Adds another pane; up to {MOST}.")
        self.more.clicked.connect(self._add)
        self.start = QPushButton("Start")
        self.start.setObjectName("primary")
        self.start.setToolTip("Trains all panes side by side from the first weights (Return).")
        self.start.clicked.connect(partial(commands.start_comparing, store))
        self.end = QPushButton("Close")
        self.end.setToolTip("Ends the comparison; the first pane trains on as the main experiment (C).")
        self.end.clicked.connect(partial(commands.end_comparing, store))
        self.again = QPushButton("Close")
        self.again.setToolTip(self.end.toolTip())
        self.again.clicked.connect(partial(commands.end_comparing, store))
        self.unfold = ToolButton("down", "Values", "Shows the values of the panes, to change them.", 1.2)
        self.unfold.clicked.connect(self._unfold)
        self._is_unfolded = False
        self.shared = QLabel()
        self.shared.setObjectName("fieldLabel")
        self.shared.setWordWrap(True)
        self.shared.setMinimumWidth(60)  # Of itself it asks for more than large type leaves.
        self.shared.setAccessibleName("What panes share")
        self.editors: list[ValueEditor] = []
        self._shown: tuple[str, int] = ("", 0)
        self._lay_out()
        self._show(store.state)
        self._fold()
        store.on("setup", "panes", "theme", "experiment", "dataset").connect(self._follow)

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the window's shortcuts while it closes this bar."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and not self._store.state.panes
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Start with Return, close with Escape."""
        is_running = bool(self._store.state.panes)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not is_running:
            commands.start_comparing(self._store)
        elif event.key() == Qt.Key.Key_Escape and not is_running:
            commands.end_comparing(self._store)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            width = max(self.fontMetrics().horizontalAdvance(SETTINGS[name].label) for name in VARIED)
            self.field.setMaximumWidth(width + round(2.6 * self.fontMetrics().height()))
            self.field.setMinimumWidth(5 * self.fontMetrics().height())
            self._fold()

    def _lay_out(self) -> None:
        title = QLabel("Compare")
        title.setObjectName("readoutValue")
        head = QHBoxLayout()
        head.setSpacing(10)
        for widget, stretch in ((title, 0), (self.field, 0), (self.shared, 1), (self.unfold, 0), (self.again, 0)):
            head.addWidget(widget, stretch, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(0)
        self._ends = QWidget()
        ends = QHBoxLayout(self._ends)
        ends.setContentsMargins(6, 0, 0, 0)
        ends.setSpacing(8)
        ends.addWidget(self.start)
        ends.addWidget(self.end)
        self._row = QWidget()
        self._values = FlowLayout(QMargins(0, 0, 0, 0), 10, spread=False)
        self._row.setLayout(self._values)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave away what a narrow bar has no room for."""
        super().resizeEvent(event)
        self._fold()

    def _unfold(self, _checked: bool = False) -> None:
        self._is_unfolded = not self._is_unfolded
        self._fold()

    def _fold(self) -> None:
        """Show one line where a comparison runs and type is large: each pane's header says its value."""
        is_narrow = self.width() < NARROW * self.fontMetrics().height()
        is_brief = is_narrow and bool(self._store.state.panes)
        self.shared.setVisible(not is_narrow)
        self.field.setToolTip(f"{FIELD_HELP} {self.shared.text()}" if is_narrow else FIELD_HELP)
        self.unfold.setVisible(is_brief)
        self.unfold.set_icon("minus" if self._is_unfolded else "down")
        self.again.setVisible(is_brief)
        self._ends.setVisible(not is_brief)
        self._row.setVisible(not is_brief or self._is_unfolded)

    def _follow(self, old: AppState, new: AppState) -> None:
        changed = new.setup is not old.setup or bool(new.panes) != bool(old.panes)
        if changed or new.theme != old.theme or new.experiment is not old.experiment or new.dataset is not old.dataset:
            self._show(new)

    def _show(self, state: AppState) -> None:
        setup = state.setup
        if setup is None:
            return
        if (setup.field, len(setup.values)) != self._shown:
            self._make_editors(state)
        self.field.setCurrentIndex(self.field.findData(setup.field))
        for editor, value in zip(self.editors, setup.values, strict=True):
            editor.show_value(value, len(setup.values) > FEWEST)
            editor.badge.style_as(PALETTES[state.theme])
        self.more.setVisible(len(setup.values) < MOST)
        self.start.setVisible(not state.panes)
        shared = sharing_sentence(state)
        self.shared.setText(shared)
        self.shared.setToolTip(shared)
        self._fold()

    def _make_editors(self, state: AppState) -> None:
        assert state.setup is not None
        setup, palette = state.setup, PALETTES[state.theme]
        self._shown = (setup.field, len(setup.values))
        while self._values.count():
            self._values.takeAt(0)
        for editor in self.editors:
            editor.hide()
            editor.deleteLater()
        self.editors = [ValueEditor(setup.field, index, palette) for index in range(len(setup.values))]
        for editor in self.editors:
            editor.edited.connect(self._edit)
            editor.removed.connect(self._remove)
        for widget in (*self.editors, self.more, self._ends):
            self._values.addWidget(widget)
            widget.setVisible(True)

    def _choose_field(self, place: int) -> None:
        self._take(make_setup(self._store.state.experiment, self.field.itemData(place)))

    def _add(self, _checked: bool = False) -> None:
        setup = self._store.state.setup
        if setup is not None:
            self._take(another(setup, self._store.state.experiment))

    def _remove(self, index: int) -> None:
        setup = self._store.state.setup
        if setup is not None:
            self._take(without(setup, index))

    def _edit(self, index: int, value: object) -> None:
        setup = self._store.state.setup
        if setup is not None:
            self._take(with_value(setup, index, value))

    def _take(self, setup: Setup) -> None:
        commands.set_up(self._store, setup)
        self._show(self._store.state)  # Refused: what holds stays in view.
