"""What tests of the forms share: finding a control by its name, and typing into it."""

from PySide6.QtCore import Qt


def named(column, kind, name):
    found = [child for child in column.findChildren(kind) if child.accessibleName() == name]
    assert len(found) == 1, f"{name}: {len(found)} of {kind.__name__}"
    return found[0]


def retype(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)
