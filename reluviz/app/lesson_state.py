"""LessonState: which lesson is open, at which step, what was guessed and what was measured."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reluviz.core.snapshot import Snapshot
from reluviz.studio.lesson import Lesson, Step

if TYPE_CHECKING:  # AppState holds a LessonState.
    from reluviz.app.state import AppState
    from reluviz.studio.lesson_checks import CheckResult

UNGUESSED = -1
"""The guess of who had the answer told without one."""


@dataclass(frozen=True, eq=False)
class LessonState:
    """`step` is counted from 0; `entered` counts how often a step was set up, `pointed` how often to point out what to
    look at was asked for.

    `guesses` are (step, choice) pairs, `results` those of the present step's checks, none before they are measured.
    `left` are (step, moments) pairs: one moment per pane, as it was when the step was left. `before` is what was there
    before the lesson, without its pictures and its timeline. `done` names the lessons that were seen to their end.
    """

    lesson: Lesson | None = None
    step: int = 0
    entered: int = 0
    pointed: int = 0
    guesses: tuple[tuple[int, int], ...] = ()
    results: "tuple[CheckResult, ...]" = ()
    left: tuple[tuple[int, tuple[Snapshot, ...]], ...] = ()
    before: "AppState | None" = None
    notes_shown: bool = False
    done: tuple[str, ...] = ()

    @property
    def current(self) -> Step | None:
        """The present step, None where no lesson is open."""
        return self.lesson.steps[self.step] if self.lesson is not None else None

    @property
    def guess(self) -> int | None:
        """What was guessed in the present step: a choice, UNGUESSED where it was told, None where it is still open."""
        return dict(self.guesses).get(self.step)

    @property
    def is_open(self) -> bool:
        """Whether the audience still has to guess in the present step."""
        step = self.current
        return step is not None and step.prediction is not None and self.guess is None
