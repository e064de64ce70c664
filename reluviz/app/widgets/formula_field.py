"""FormulaField: a person's own activation as text, checked while it is typed."""

from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout

from reluviz.app.widgets.field import Field
from reluviz.core.activations import Pieces
from reluviz.core.errors import InputError
from reluviz.core.formula import MAX_LENGTH, PREFIX, formula_curve

HELP = "A Python expression of z; Enter takes it. Numbers, z, pi, e, + - * / **, max, min, exp, tanh and more."
FIRST = "max(z, 0.2*z)"


class FormulaField(Field):
    """An expression of z over the sentence on what it is, or why it cannot be.

    Emits `edited({"activation": "formula:..."})` when a person ends typing something that can be used.
    """

    def __init__(self, where: str) -> None:
        super().__init__()
        self.text = QLineEdit()
        self.text.setAccessibleName(f"Formula of {where}")
        self.text.setToolTip(HELP)
        self.text.setMaxLength(MAX_LENGTH)
        self.text.textEdited.connect(self._check)
        self.text.editingFinished.connect(self._take)
        self.text.returnPressed.connect(self.text.clearFocus)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setAccessibleName(f"What the formula of {where} is")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.text)
        layout.addWidget(self.said)
        self.setFocusProxy(self.text)

    def show_value(self, value: str) -> None:
        """Show a formula; one that is being typed stays."""
        if not self.text.isModified():
            self.text.setText(value)
        self._check(self.text.text())

    def _check(self, text: str) -> None:
        usable, sentence = say_formula(text)
        self.said.setText(sentence)
        self.said.setObjectName("fieldLabel" if usable else "fieldError")
        self.said.style().polish(self.said)

    def _take(self) -> None:
        if self.text.isModified() and say_formula(self.text.text())[0]:
            self.text.setModified(False)
            self.edited.emit({"activation": PREFIX + self.text.text().strip()})


def say_formula(text: str) -> tuple[bool, str]:
    """Return whether a formula can be used, and in a sentence what it is or why not."""
    if not text.strip():
        return False, "Write an expression of z, such as max(0, z)."
    try:
        curve = formula_curve(text.strip())
    except InputError as error:
        sentence = str(error).removeprefix("formula: ")
        return False, sentence[:1].upper() + sentence[1:]
    if isinstance(curve, Pieces):
        count = len(curve.slopes)
        return True, f"Piecewise linear, {count} piece{'s' if count > 1 else ''}: its regions are exact."
    return True, "Smooth: it has no linear regions."
