"""Whether what can move smoothly shall jump instead."""

from PySide6.QtWidgets import QApplication, QStyle

from reluviz.app.state import AppState


def jumps(state: AppState) -> bool:
    """Whether animations are left out: as a person chose, else as the system says."""
    motion = state.preferences.motion
    return motion == "reduced" or (motion == "system" and system_jumps())


def system_jumps() -> bool:
    """Whether the system asks for no animations, as far as Qt tells it: then its styles animate for 0 ms."""
    if not isinstance(QApplication.instance(), QApplication):
        return False
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0
