"""Hiding: panels, sections of the settings and groups of the top bar that a scene does not show."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QDockWidget, QMenu, QWidget

from reluviz.app.lecture import commands
from reluviz.app.lecture.names import title_of
from reluviz.app.state import AppState
from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.window import Window

HIDE = "Hide in this scene"
MOVING = ("chrome", "panes", "pins", "segment", "hero")
"""Fields whose change may bring panels up."""


class Hiding(QObject):
    """Offers to hide what is under the mouse, and hides what `state.lecture.hidden` names."""

    def __init__(self, store: Store, window: "Window") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.controls = controls_of(window)
        self._was_shown: dict[str, bool] = {}
        for widget in self.controls.values():
            (widget.header if hasattr(widget, "header") else widget).installEventFilter(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._apply)
        self._apply()
        store.on("lecture", *MOVING).connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the menu of a control."""
        if isinstance(event, QContextMenuEvent) and event.type() == QEvent.Type.ContextMenu:
            name = self._name_of(watched)
            if name and not (isinstance(watched, QDockWidget) and event.pos().y() >= watched.widget().y()):
                self.make_menu(name).popup(event.globalPos())
                return True
        return False

    def make_menu(self, name: str) -> QMenu:
        """Return what the context menu of a control offers."""
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        action = menu.addAction(HIDE)
        action.setToolTip("Hides it here and wherever the saved scene is opened.")
        action.triggered.connect(partial(self._hide, name))
        if self._store.state.lecture.hidden:
            menu.addSeparator()
            self._add_hidden(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def fill_list(self, menu: QMenu) -> None:
        """List what is hidden, to be shown again."""
        menu.clear()
        self._add_hidden(menu)
        if menu.isEmpty():
            menu.addAction("Nothing is hidden. Right click a panel's title, a section or the bar.").setEnabled(False)

    def _add_hidden(self, menu: QMenu) -> None:
        for name in self._store.state.lecture.hidden:
            if name in self.controls:
                action = menu.addAction(f"Show {title_of(name)}")
                action.triggered.connect(partial(self._show_again, name))

    def _hide(self, name: str, _checked: bool = False) -> None:
        commands.hide(self._store, name, True)

    def _show_again(self, name: str, _checked: bool = False) -> None:
        commands.hide(self._store, name, False)

    def _name_of(self, watched: QObject) -> str:
        for name, widget in self.controls.items():
            if watched in (widget, getattr(widget, "header", None)):
                return name
        return ""

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.lecture.hidden != new.lecture.hidden:
            self._apply()
        elif new.lecture.hidden and any(getattr(old, name) is not getattr(new, name) for name in MOVING):
            self._apply()
            self._settle.start()  # Whatever brings a panel up may do so after this.

    def _apply(self) -> None:
        state = self._store.state
        for name, widget in self.controls.items():
            hidden = name in state.lecture.hidden
            if hidden:
                if name not in self._was_shown:
                    self._was_shown[name] = not widget.isHidden()
                widget.hide()
            elif name in self._was_shown:
                was_shown = self._was_shown.pop(name)
                if state.chrome or not name.startswith("panel:"):
                    widget.setVisible(was_shown)
            if isinstance(widget, QDockWidget):
                widget.toggleViewAction().setVisible(not hidden)


def controls_of(window: "Window") -> dict[str, QWidget]:
    """Return what can be hidden in a scene, by the names of `names.hideable`."""
    docks = {f"panel:{name}": dock for name, dock in window.docks.items()}
    sections = {f"section:{title.lower()}": part for title, part in window.column.sections.items()}
    groups = {f"bar:{name}": part for name, part in window.transport.groups.items()}
    return {**docks, **sections, **groups}
