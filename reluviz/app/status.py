"""StatusLine: what is exact, how training goes, and what a person should know, in words."""

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from reluviz.app.action_set import ActionSet
from reluviz.app.figures import engine_sentence, picture_sentence
from reluviz.app.state import AppState, Message
from reluviz.app.store import Store
from reluviz.app.timeline.looking import looking_sentence

REFRESH_MS = 250
FOLLOWED = (
    "message",
    "picture",
    "panes",
    "view",
    "engine",
    "snapshot",
    "until",
    "time",
    "lecture",
    "pictures_per_second",
)
NOTE_MS = 8000  # A note is gone after this; warnings and errors stay until something changes.


class StatusLine(QWidget):
    """A sentence, a button where an action mends what it says, and the figures of engine and picture."""

    def __init__(self, store: Store, actions: ActionSet) -> None:
        super().__init__()
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._store, self._actions = store, actions
        self.text = QLabel()
        self.text.setWordWrap(True)  # A sentence is never cut, not even at 250 % type.
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setAccessibleName("Status")
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._mend)
        self.facts = QLabel()
        self.facts.setObjectName("facts")
        self.facts.setAccessibleName("Engine")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 12, 2)
        layout.setSpacing(12)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.facts)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(NOTE_MS)
        self._forget.timeout.connect(self._drop_note)
        self._refresh()
        self._show_message(store.state.message)
        store.on(*FOLLOWED).connect(self._follow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the sentence needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        # A status bar's layout knows no height for a width: it is told.
        layout = self.layout()
        if layout is not None:
            self.setFixedHeight(max(layout.heightForWidth(self.width()), layout.minimumSize().height()))

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.message != new.message:
            self._show_message(new.message)
        if not self._timer.isActive():
            self._timer.start()

    def _show_message(self, message: Message) -> None:
        action = self._actions.actions.get(message.action)
        self.button.setVisible(action is not None)
        if action is not None:
            self.button.setText(action.text())
            self.button.setToolTip(action.toolTip())
        self.text.setProperty("kind", message.kind if message.text else "")
        self.text.style().polish(self.text)
        self._forget.stop()
        if message.text and message.kind == "note":
            self._forget.start()
        self._refresh()

    def _refresh(self) -> None:
        state = self._store.state
        looking = looking_sentence(state)
        said = state.message.text or picture_sentence(state)
        texts = (f"{looking} {said}" if looking else said, engine_sentence(state))
        if texts != (self.text.text(), self.facts.text()):
            self.text.setText(texts[0])
            self.facts.setText(texts[1])
            self._fit()

    def _drop_note(self) -> None:
        if self._store.state.message.kind == "note":
            self._store.update(message=Message())

    def _mend(self) -> None:
        action = self._actions.actions.get(self._store.state.message.action)
        if action is not None:
            self._store.update(message=Message())
            action.trigger()
