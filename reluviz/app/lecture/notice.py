"""Notice: one sentence on a plate over the canvas, where the room must be told that what it sees is not what is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

from reluviz.app.action_set import key_text
from reluviz.app.actions import ACTIONS
from reluviz.app.preferences.keys import keys_of
from reluviz.app.state import AppState
from reluviz.app.theme import make_font
from reluviz.core.palette import PALETTES


class Notice(QLabel):
    """Shows `sentence(state)`; hidden where there is none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self._look: tuple[object, ...] = ()

    def show_state(self, state: AppState, width: int) -> None:
        """Say what there is to say, at most `width` logical pixels wide."""
        text = sentence(state)
        self.setVisible(bool(text))
        look = (text, state.theme, state.font_scale, width)
        if not text or look == self._look:
            return
        self._look = look
        palette = PALETTES[state.theme]
        self.setFont(make_font(1.15 * state.font_scale, QFont.Weight.DemiBold))
        self.setStyleSheet(
            f"background: {palette.warning}; color: {palette.background}; border-radius: 6px; padding: 4px 12px;"
        )
        self.setText(text)
        self.setAccessibleName(text)
        wide = min(width, self.fontMetrics().horizontalAdvance(text) + 40)
        self.resize(wide, self.heightForWidth(wide))


def sentence(state: AppState) -> str:
    """Return what holds now for the picture of this window or of the audience's."""
    lecture = state.lecture
    if lecture.audience and lecture.is_dark:
        return f"The audience sees black.{_key(state, 'blackout', 'shows the picture again')}"
    if lecture.held is not None and lecture.audience:
        said = f"The audience sees step {lecture.held.step:,}; this window goes on."
        return said + _key(state, "freeze", "lets theirs go on, too")
    if lecture.held is not None:
        unseen = "training goes on unseen" if state.playing else "training is paused"
        return f"Frozen at step {lecture.held.step:,}: {unseen}.{_key(state, 'freeze', 'lets it move again')}"
    if not state.chrome and state.message.kind != "note":
        return state.message.text  # Without chrome there is no status line.
    return ""


def _key(state: AppState, id: str, effect: str) -> str:
    keys = keys_of(state.preferences, ACTIONS[id])
    return f" {key_text(keys[0])} {effect}." if keys else ""
