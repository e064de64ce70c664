"""Lesson: a question, answered in a few steps, each with a scene, a text, and numbers measured while one watches."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER
from reluviz.core.view import HOME, Bounds, View
from reluviz.studio.comparison import Setup

Point = tuple[float, float]


@dataclass(frozen=True)
class Prediction:
    """What the audience guesses before it looks; `answer` is the index of the right choice, `reveal` says why."""

    question: str
    choices: tuple[str, ...]
    answer: int
    reveal: str


@dataclass(frozen=True)
class Check:
    """A number measured in the running network, and where it is to lie: `at_least` to `at_most`, ends included.

    `measure` names a row of CHECKS, `parameters` are its settings, all filled in. `says` is the claim in a sentence.
    `pane` is the experiment measured where several are compared. Without bounds the number is shown, not judged.
    """

    measure: str
    says: str
    parameters: Mapping[str, Any]
    at_least: float | None = None
    at_most: float | None = None
    pane: int = 0


@dataclass(frozen=True)
class Training:
    """What training does in a step.

    play: it goes on without an end; until: to that step of the run, then it rests (0: it rests at once, where it is).
    `fresh`: it begins anew, else it goes on with the weights of the step before. `ready` is the step of the run from
    which the checks are promised to pass. `steps_per_second` is infinite for as fast as it goes.
    """

    mode: Literal["play", "pause", "until"] = "play"
    until: int = FOREVER
    fresh: bool = False
    ready: int = 0
    steps_per_second: float = float("inf")


@dataclass(frozen=True)
class Start:
    """Where the weights of a step come from, if not from the seeds or the step before.

    weights[l] (outputs, inputs) and biases[l] are given by hand, layer by layer, the readout last; or `transform`, a
    row of TRANSFORMS, makes them of the network as it is.
    """

    weights: tuple[tuple[tuple[float, ...], ...], ...] = ()
    biases: tuple[tuple[float, ...], ...] = ()
    transform: str = ""


@dataclass(frozen=True)
class LessonLook:
    """The fields of a `View` that a lesson decides; size, palette and line width stay the window's own."""

    bounds: Bounds = HOME
    coloring: str = "pattern"
    lines: str = "bend"
    boundary: bool = True
    smooth: str = "soft"
    epsilon: float = View.epsilon
    eta: float = View.eta

    def apply(self, view: View) -> View:
        """Return `view` looking as the lesson wants it; no unit is lit and nothing is pinned."""
        return replace(view, **vars(self), layer=-1, unit=-1, pin=None)


@dataclass(frozen=True)
class Stage:
    """Everything that a step sets up, complete: it does not depend on what was done before.

    panels are names of the window's PANELS to show and raise, the first one in front; hero, if any, stands in the
    canvas's place. unit (layer, unit) is selected, both from 0. tool is a row of TOOLS. segment (x0, y0, x1, y1) is
    walked along, pins are points held for reading. compositions, flow_quantity and compared are what panels show.
    compare is the comparison, whose first value is the experiment's own. points and test_points are drawn or not.
    """

    experiment: Experiment
    look: LessonLook = LessonLook()
    panels: tuple[str, ...] = ()
    hero: str = ""
    unit: tuple[int, int] | None = None
    tool: str = "move"
    segment: tuple[float, float, float, float] | None = None
    pins: tuple[Point, ...] = ()
    compositions: int = 0
    flow_quantity: str = "gradient"
    compared: str = "test_loss"
    points: bool = True
    test_points: bool = True
    compare: Setup | None = None
    training: Training = Training()
    start: Start | None = None

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """One experiment per pane, the main one first."""
        from reluviz.studio.comparison import make_experiments

        return make_experiments(self.compare, self.experiment) if self.compare else (self.experiment,)


@dataclass(frozen=True)
class Step:
    """One step: at most 60 words of text, what to look at, what stands on the stage, what is guessed and measured."""

    text: str
    stage: Stage
    look_at: str = ""
    prediction: Prediction | None = None
    checks: tuple[Check, ...] = ()
    notes: str = ""

    @property
    def check(self) -> Check | None:
        """The first check, None where nothing is measured."""
        return self.checks[0] if self.checks else None


@dataclass(frozen=True)
class Lesson:
    """A lesson as read from a file. `question` is in a student's words; `notes` are for the speaker, `minutes` long.

    `name` is the file's name without its suffix, `path` the file. `telling` is the step whose picture stands for all.
    """

    name: str
    title: str
    question: str
    steps: tuple[Step, ...]
    notes: str = ""
    sources: tuple[str, ...] = ()
    minutes: float = 5.0
    telling: int = 0
    path: Path | None = None
