"""PredictionView: what the audience is asked before it looks, and what came of it."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reluviz.app.lessons.choice_button import ChoiceButton
from reluviz.studio.lesson import Prediction

ASK = "Take one; the answer and what is measured follow."


class PredictionView(QWidget):
    """The question over its choices; once `guessed`, the right one is marked and the reason stands below."""

    guessed = Signal(int)

    def __init__(self, prediction: Prediction) -> None:
        super().__init__()
        self._prediction = prediction
        self.setAccessibleName("Prediction")
        question = QLabel(prediction.question)
        question.setObjectName("lessonClaim")
        self.buttons = [ChoiceButton(text) for text in prediction.choices]
        self.reveal = QLabel()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(question)
        for index, button in enumerate(self.buttons):
            button.clicked.connect(partial(self._guess, index))
            column.addWidget(button)
        column.addWidget(self.reveal)
        column.addStretch(1)  # What is left over while choices go is no choice's.
        for label in (question, self.reveal):
            label.setWordWrap(True)
            label.setMinimumWidth(1)

    def set_close(self, is_close: bool) -> None:
        """Take the air out between the choices, and around them, or give it back."""
        self._column.setSpacing(3 if is_close else 5)
        for button in self.buttons:
            button.set_close(is_close)

    def show_guess(self, guess: int | None, theme: str, is_short: bool = False) -> None:
        """Show the choices, open while `guess` is None; `is_short`: an answer leaves what is right or was guessed."""
        answer = self._prediction.answer
        for index, button in enumerate(self.buttons):
            told = "" if guess is None else "right" if index == answer else "wrong" if index == guess else "other"
            button.show_told(told, theme)
            button.setVisible(not (is_short and told == "other"))
        self.reveal.setObjectName("fieldLabel" if guess is None else "lessonReveal")
        self.reveal.setStyleSheet("")  # Another name takes effect with the next polish.
        self.reveal.style().polish(self.reveal)
        self.reveal.setText(ASK if guess is None else self._verdict(guess) + self._prediction.reveal)

    def _verdict(self, guess: int) -> str:
        if guess < 0:
            return ""
        return "Right. " if guess == self._prediction.answer else "No. "

    def _guess(self, index: int, _checked: bool = False) -> None:
        self.guessed.emit(index)
