"""LinesMenu: the marks of this line of training, and the lines that were left."""

import math
from functools import partial

from PySide6.QtWidgets import QApplication, QInputDialog, QMenu, QWidget

from reluviz.app.figures import loss_text
from reluviz.app.store import Store
from reluviz.app.timeline.commands import go_to_line
from reluviz.app.timeline.looking import drop_line, look_at_step, remove_mark, toggle_mark
from reluviz.studio.line import Line, Mark, step_of


class LinesMenu(QMenu):
    """Made anew each time it opens."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self._store = store
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List marks and lines as they are now."""
        self.clear()
        time = self._store.state.time
        for mark in time.marks:
            self._add_mark(mark)
        if not time.marks:
            self.addAction("No marks; M marks the moment that is shown").setEnabled(False)
        self.addSeparator()
        for line in reversed(time.timeline.others):
            self._add_line(line)
        if not time.timeline.others:
            self.addAction("No other lines; resuming from the past begins one").setEnabled(False)

    def _add_mark(self, mark: Mark) -> None:
        menu = self.addMenu(f"{mark.name}, step {mark.step:,}")
        menu.addAction("Go there", partial(self._store.apply, look_at_step, step=mark.step))
        menu.addAction("Rename \N{HORIZONTAL ELLIPSIS}", partial(self._rename, mark))
        menu.addAction("Take it away", partial(self._store.apply, remove_mark, step=mark.step))

    def _add_line(self, line: Line) -> None:
        menu = self.addMenu(line_words(line))
        menu.addAction("Go back to it", partial(go_to_line, self._store, line.number))
        menu.addAction("Forget it", partial(self._store.apply, drop_line, number=line.number))

    def _rename(self, mark: Mark) -> None:
        prompt = f"Name of the moment at step {mark.step:,}:"
        name, taken = QInputDialog.getText(QApplication.activeWindow(), "Name this moment", prompt, text=mark.name)
        if taken and name.strip():
            self._store.apply(look_at_step, step=mark.step)
            self._store.apply(toggle_mark, name=name.strip()[:60])


def line_words(line: Line) -> str:
    """Return what a line is, in words."""
    tip = line.tip
    if tip is None:
        return f"Line {line.number}"
    begun = f"left line {line.origin} at step {line.forked_at:,}" if line.origin else "from its own beginning"
    loss = tip[0].train_loss
    said = f", train loss {loss_text(loss)}" if not math.isnan(loss) else ""
    panes = f", {len(tip)} panes" if len(tip) > 1 else ""
    return f"Line {line.number}: {begun}, up to step {step_of(tip):,}{said}{panes}"
