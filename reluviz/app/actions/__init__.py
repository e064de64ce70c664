"""ACTIONS: every command, one row each; menus, the top bar, shortcuts and the sheet of keys follow from this table.

One file of ROWS per topic; the order here is the order within a menu.
"""

from reluviz.app.actions import (
    activation,
    canvas,
    display,
    edit,
    file,
    help,
    lecture,
    lesson,
    recording,
    text,
    timeline,
    training,
    view,
)
from reluviz.app.actions.action import MENUS, Action, perform, title_of

TOPICS = (file, edit, text, training, timeline, activation, view, display, canvas, lesson, recording, lecture, help)

ACTIONS: dict[str, Action] = {row.id: row for topic in TOPICS for row in topic.ROWS}

__all__ = ["ACTIONS", "MENUS", "TOPICS", "Action", "perform", "title_of"]
