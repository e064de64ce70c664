"""What the commands that look inside do: functions of the store."""

from PySide6.QtWidgets import QApplication, QDockWidget

from reluviz.app.comparing import end_comparison
from reluviz.app.lecture.commands import put_down
from reluviz.app.selection import clear_pins, drop_pin, pin_point, select_unit, shade_unit
from reluviz.app.store import Store


def pin_probe(store: Store) -> None:
    """Pin the point under the mouse."""
    if store.state.probe is None:
        store.say("Point at the canvas first: the point under the mouse is pinned.")
    else:
        store.apply(pin_point, point=store.state.probe)


def let_go(store: Store) -> None:
    """Let go of the pin that is read, or of the last one."""
    store.apply(drop_pin)


def let_all_go(store: Store) -> None:
    """Let go of all pins."""
    store.apply(clear_pins)


def toggle_shade(store: Store) -> None:
    """Colour the canvas by where the selected unit is on, or by pattern again."""
    store.apply(shade_unit, on=store.state.view.coloring != "unit")


def leave(store: Store) -> None:
    """Leave what was entered last: a tool of the lecture, a comparison's set-up, a selection, the hidden chrome."""
    state = store.state
    if put_down(store):
        return
    if state.setup is not None and not state.panes:
        store.apply(end_comparison)
    elif state.selected is not None or state.hero:
        store.update(hero="")
        store.apply(select_unit, unit=None)
    elif not state.chrome:
        store.update(chrome=True)
    elif state.fullscreen:
        store.update(fullscreen=False)
    elif state.panes:
        store.say("C ends the comparison; its first pane trains on as the main experiment.")


def toggle_hero(store: Store) -> None:
    """Let the panel that has the keyboard, else the one that was asked for, change places with the canvas, and back."""
    if store.state.hero:
        store.update(hero="")
        return
    widget = QApplication.focusWidget()
    while widget is not None and not (isinstance(widget, QDockWidget) and widget.objectName() != "settings"):
        widget = widget.parentWidget()
    name = widget.objectName() if widget is not None else store.state.asked_panel
    if not name:
        store.say(
            "Click into a panel first; then it can take the canvas's place. A double click on its title does, too."
        )
    else:
        store.update(hero=name)
