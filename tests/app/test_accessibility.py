"""The whole window by keyboard and by ear: every part has a name, and Tab leads to each."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from reluviz.app.comparing import open_setup, start_comparison
from reluviz.app.panel import PANELS
from reluviz.app.received import begin_run
from reluviz.app.sheets import SHEETS
from reluviz.app.theme import apply_theme
from tests.app.shell import filled_window

INTERACTIVE = (
    QAbstractButton,
    QLineEdit,
    QAbstractSlider,
    QComboBox,
    QAbstractSpinBox,
    QAbstractItemView,
    QTabBar,
    QTextEdit,
    QPlainTextEdit,
)
SAY_THEMSELVES = (QLabel, QTabBar, QLineEdit, QPlainTextEdit, QTextEdit)  # Their text, or what they hold, says it all.


@pytest.fixture
def settings():
    return dict(points=40, hidden=(5, 4))


@pytest.fixture
def window(store, qtbot):
    window = filled_window(qtbot, store, 1600, 1000)
    store.set(begin_run(store.state))
    return window


def is_part_of_qt(widget):
    """Scroll bars, headers and the arrows of tab bars are told and worked through what they belong to."""
    inner = widget.objectName() in ("ScrollLeftButton", "ScrollRightButton", "qt_tableview_cornerbutton")
    parent = widget.parentWidget()
    is_viewport = isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget
    is_spare = isinstance(widget, QTabBar) and widget.count() == 0  # Qt keeps those of docks that lie apart again.
    is_qts = isinstance(widget, QScrollBar | QHeaderView) or widget.objectName().startswith("qt_")
    return inner or is_viewport or is_spare or is_qts


def interactive(root):
    for widget in root.findChildren(QWidget):
        takes_part = isinstance(widget, INTERACTIVE) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if takes_part and not is_part_of_qt(widget):
            yield widget


def said(widget, what):
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(what).strip() if interface is not None else ""


def path_of(widget):
    names = []
    while widget is not None:
        names.append(f"{type(widget).__name__}:{widget.objectName()} {widget.accessibleName()}".strip(": "))
        widget = widget.parentWidget()
    return " < ".join(names[:5])


def check_names(root):
    nameless, undescribed = [], []
    for widget in interactive(root):
        is_blank = isinstance(widget, QAbstractButton) and not widget.text() and widget.icon().isNull()
        if is_blank and widget.isHidden():
            continue  # A button of the status line while it has nothing to offer.
        if not said(widget, QAccessible.Text.Name):
            nameless.append(path_of(widget))
        described = said(widget, QAccessible.Text.Description) or isinstance(widget, SAY_THEMSELVES)
        if not described and not _is_popup(widget) and widget.isEnabled():
            undescribed.append(path_of(widget))
    assert (sorted(set(nameless)), sorted(set(undescribed))) == ([], [])


def _is_popup(widget):
    """Whether it is the list that a drop-down field opens; the field itself is described."""
    while widget is not None:
        if isinstance(widget, QComboBox):
            return True
        widget = widget.parentWidget()
    return False


def test_every_part_of_the_window_and_of_all_panels_has_a_name_and_says_what_it_does(window, store, qtbot):
    for dock in window.findChildren(QDockWidget):
        dock.setVisible(True)
    QApplication.processEvents()
    assert sum(1 for _ in interactive(window)) > 100
    assert {dock.objectName() for dock in window.findChildren(QDockWidget)} >= {panel.name for panel in PANELS}
    check_names(window)


def test_so_it_is_while_experiments_are_compared(window, store, qtbot):
    store.apply(open_setup)
    check_names(window)
    store.apply(start_comparison)
    assert store.state.panes
    QApplication.processEvents()
    check_names(window)


@pytest.mark.parametrize("name", SHEETS)
def test_so_it_is_in_every_sheet(window, store, qtbot, name):
    store.update(sheet=name)
    sheet = window.sheets.sheet
    assert sheet is not None
    check_names(sheet)
    store.update(sheet="")


def test_so_it_is_in_the_sheet_of_keys_and_with_every_tool(window, store, qtbot):
    store.update(keys_shown=True)
    check_names(window)
    store.update(keys_shown=False)
    for tool in ("line", "points", "erase", "walk"):
        store.update(tool=tool)
        QApplication.processEvents()
        check_names(window.canvas)


def test_tab_reaches_everything_that_can_be_worked_with_and_comes_round(window, store, qtbot):
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    seen = []
    for _ in range(600):
        focus = QApplication.focusWidget()
        if focus in seen:
            break
        seen.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert seen[0] is QApplication.focusWidget(), path_of(QApplication.focusWidget())
    missing = [
        path_of(widget)
        for widget in interactive(window)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not isinstance(widget, QScrollArea)
        and widget not in seen
        and not _shares_focus(widget, seen)
    ]
    assert missing == []
    assert len(seen) > 60


def _shares_focus(widget, seen):
    """Whether it is a group of buttons of which Tab reaches the chosen one, or the inside of what has the focus."""
    parents = []
    while widget is not None:
        parents.append(widget)
        widget = widget.parentWidget()
    return any(parent.focusProxy() in seen or (parent in seen and parent is not parents[0]) for parent in parents)


def test_shift_tab_goes_the_same_way_back(window, store, qtbot):
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    there = []
    for _ in range(12):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        there.append(QApplication.focusWidget())
    for widget in reversed(there[:-1]):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert QApplication.focusWidget() is widget


def test_what_has_the_keyboard_is_seen_to_have_it(window, store, qtbot):
    """A focused control looks otherwise than the same one without the keyboard."""
    apply_theme(QApplication.instance(), "dark", 1.0)
    for kind in (QLineEdit, QComboBox, QAbstractSlider, QAbstractButton):
        widget = next(
            w
            for w in interactive(window.column)
            if isinstance(w, kind)
            and w.isVisible()
            and w.isEnabled()
            and w.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not isinstance(w, QScrollBar)
        )
        window.canvas.setFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.grab().toImage() != before, path_of(widget)
