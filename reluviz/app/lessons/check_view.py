"""CheckView: one live check: the claim, the number measured now, and where it is to lie."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from reluviz.app.lessons.check_mark import SAID, CheckMark
from reluviz.studio.lesson import Check
from reluviz.studio.lesson_checks import CheckResult

MEASURING = "measuring \N{HORIZONTAL ELLIPSIS}"
LIKELY_VALUE, LIKELY_WORDS = "99.9 %", "of 350 training points, at step 1,000"  # As long as most results are.


class CheckView(QWidget):
    """The claim in a sentence over a mark, the number and what was promised."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self._check = check
        self.mark = CheckMark()
        self.says = QLabel(check.says)
        self.says.setObjectName("lessonClaim")
        self.value = QLabel()
        self.value.setObjectName("lessonValue")
        self.expected = QLabel()
        self.expected.setObjectName("fieldLabel")
        self.words = QLabel()
        self.words.setObjectName("fieldLabel")
        for label in (self.says, self.expected, self.words):
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self.says, 0, 0, 1, 3)
        grid.addWidget(self.mark, 1, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.value, 1, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.expected, 1, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.words, 2, 0, 1, 3)

    def keep_room(self) -> None:
        """Take the room of a result, while there is none."""
        if not self.words.text():
            self.value.setText(LIKELY_VALUE)
            self.words.setText(LIKELY_WORDS)
            self.words.setVisible(True)

    def show_result(self, result: CheckResult | None, theme: str) -> None:
        """Show what was measured last; None while nothing was."""
        if result is None:
            self.mark.show_mark("waiting", theme)
            self.value.setText("")
            self.expected.setText(MEASURING)
            self.words.setText("")
            self.words.setVisible(False)
            return
        state = mark_of(result)
        self.mark.show_mark(state, theme)
        self.value.setText(result.measured_text)
        judged = self._check.at_least is not None or self._check.at_most is not None
        self.expected.setText(f"expected: {result.expected_text}" if judged else "measured, not judged")
        self.words.setText(result.words)
        self.words.setVisible(bool(result.words))
        self.setAccessibleName(f"{self._check.says} {result.measured_text}, {SAID[state]}.")


def mark_of(result: CheckResult) -> str:
    """Return which mark a result gets."""
    if result.waiting:
        return "waiting"
    return {True: "passed", False: "failed", None: "shown"}[result.passed]
