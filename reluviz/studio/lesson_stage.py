"""read_stage: what one step of a lesson file sets up, made complete with what the steps before it said."""

import math
from dataclasses import dataclass

from reluviz.core.coloring import COLORINGS
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.flow_quantities import QUANTITIES
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import FOREVER
from reluviz.core.view import SMOOTH_PICTURES
from reluviz.studio.comparison import Setup, make_experiments
from reluviz.studio.lesson import LessonLook, Stage, Start, Training
from reluviz.studio.lesson_fields import Fields
from reluviz.studio.lesson_start import TRANSFORMS, check_start

# What the window has; a test holds these to its own tables, which load Qt.
PANELS = (
    "learning",
    "counts",
    "region",
    "activation",
    "flow",
    "cost",
    "comparison",
    "switchboard",
    "network",
    "matrix",
    "walk",
    "fold",
    "surface",
    "census",
)
TOOLS = ("move", "line", "points", "erase", "walk")
COMPARED = (
    "train_loss",
    "test_loss",
    "accuracy",
    "regions",
    "bending",
    "gradient_ratio",
    "dead",
    "saturated",
    "steps_per_second",
)
LINES = ("bend", "equal", "none")
MOST_STEPS, MOST_PINS, MOST_COMPOSITIONS = 1_000_000, 6, 50
READY = 300
_SPAN = 1e6


@dataclass(frozen=True)
class Before:
    """What the step before leaves: its experiment, look and comparison, and how far its checks need training to be."""

    experiment: Experiment
    look: LessonLook
    ready: int = 0
    is_start: bool = False
    compare: Setup | None = None


# Not auto: a lesson shows the same numbers on every machine.
NOTHING_YET = Before(Experiment(device="cpu"), LessonLook(), 0, True)


def read_stage(fields: Fields, before: Before, experiment: Experiment) -> tuple[Stage, Before]:
    """Return the stage of a step and what it leaves to the next one. Raises `InputError`."""
    look = _look(fields.sub("view"), before.look)
    compare = _compare(fields.sub("compare"), experiment) if "compare" in fields else None
    start = _start(fields.sub("start"), experiment) if "start" in fields else None
    # Panes begin together.
    other_panes = compare is not None and compare != before.compare
    renewed = before.is_start or start is not None or other_panes or _needs_renewal(before.experiment, experiment)
    # A transform goes on at the step where the network is that it takes.
    begin = before.ready if start is not None and start.transform else 0
    training = _training(fields.sub("training"), before, renewed, begin)
    window = fields.sub("window")
    segment = window.numbers("segment", 4)
    pins = window.rows("pins", 2)
    if segment is not None and math.dist(segment[:2], segment[2:]) == 0:
        raise window.error("segment", "has no length", "two different points, x0 y0 x1 y1")
    if len(pins) > MOST_PINS:
        raise window.error("pins", f"{len(pins)} points", f"at most {MOST_PINS}")
    stage = Stage(
        experiment=experiment,
        look=look,
        panels=window.names("panels", PANELS),
        hero=window.choice("hero", ("", *PANELS), ""),
        unit=_unit(window, experiment),
        tool=window.choice("tool", TOOLS, "move"),
        segment=None if segment is None else (segment[0], segment[1], segment[2], segment[3]),
        pins=tuple((pin[0], pin[1]) for pin in pins),
        compositions=window.whole("compositions", 0, 0, MOST_COMPOSITIONS),
        flow_quantity=window.choice("flow_quantity", tuple(QUANTITIES), "gradient"),
        compared=window.choice("compared", COMPARED, "test_loss"),
        points=window.flag("points", True),
        test_points=window.flag("test_points", True),
        compare=compare,
        training=training,
        start=start,
    )
    window.finish()
    return stage, Before(experiment, look, training.ready, compare=compare)


def _look(fields: Fields, before: LessonLook) -> LessonLook:
    bounds = fields.numbers("bounds", 4)
    if bounds is not None and not (
        -_SPAN <= bounds[0] < bounds[1] <= _SPAN and -_SPAN <= bounds[2] < bounds[3] <= _SPAN
    ):
        raise fields.error("bounds", f"{list(bounds)} have no inside", "XMIN < XMAX, YMIN < YMAX")
    look = LessonLook(
        bounds=before.bounds if bounds is None else (bounds[0], bounds[1], bounds[2], bounds[3]),
        coloring=fields.choice("coloring", tuple(COLORINGS), before.coloring),
        lines=fields.choice("lines", LINES, before.lines),
        boundary=fields.flag("boundary", before.boundary),
        smooth=fields.choice("smooth", SMOOTH_PICTURES, before.smooth),
        epsilon=fields.number("epsilon", before.epsilon, 1e-6, 10.0),
        eta=fields.number("eta", before.eta, 1e-6, 1e6),
    )
    fields.finish()
    return look


def _compare(fields: Fields, experiment: Experiment) -> Setup:
    name = fields.text("field", allowed="the field that panes differ in")
    values = fields.items("values")

    def make() -> Setup:
        panes = make_experiments(Setup(name, tuple(values)), experiment)
        return Setup(name, tuple(getattr(pane, name) for pane in panes))

    setup: Setup = fields.judge(make, "")
    if setup.values[0] != getattr(experiment, name):
        own = getattr(experiment, name)
        raise fields.error("values", "the first one is another than the experiment's own", f"{own!r} as the first")
    fields.finish()
    return setup


def _training(fields: Fields, before: Before, renewed: bool, first: int) -> Training:
    play, until = fields.flag("play", True), fields.whole("until", FOREVER, 0, FOREVER)
    fresh = fields.flag("fresh", renewed) or renewed
    begin = first if fresh else before.ready
    if until != FOREVER and until > MOST_STEPS:
        raise fields.error("until", f"{until} steps", f"0 to {MOST_STEPS:,}")
    if "until" in fields:
        mode, end, usual = "until", until, max(until, begin)
    elif play:
        mode, end, usual = "play", FOREVER, begin + READY
    else:
        mode, end, usual = "pause", 0, begin
    ready = fields.whole("ready", usual, 0, MOST_STEPS)
    if ready > max(end, begin) and mode != "play":
        raise fields.error("ready", f"step {ready} is never reached", f"at most {max(end, begin)}")
    speed = fields.number("steps_per_second", math.inf, 0.1, 1e6)
    fields.finish()
    return Training(mode, end, fresh, ready, speed)  # type: ignore[arg-type]


def _start(fields: Fields, experiment: Experiment) -> Start:
    transform = fields.choice("transform", ("", *TRANSFORMS), "")
    start = Start(fields.matrices("weights"), fields.rows("biases", 0), transform)
    outputs = output_count(resolve_loss(experiment.loss, load_dataset(experiment)), load_dataset(experiment))
    fields.judge(lambda: check_start(start, experiment, outputs), "")
    fields.finish()
    return start


def _unit(fields: Fields, experiment: Experiment) -> tuple[int, int] | None:
    pair = fields.numbers("unit", 2)
    if pair is None:
        return None
    layer, unit = int(pair[0]), int(pair[1])
    hidden = experiment.hidden
    if (layer, unit) != pair or not 0 <= layer < len(hidden) or not 0 <= unit < hidden[layer]:
        raise fields.error(
            "unit", f"{list(pair)} is no unit", f"[layer, unit], counted from 0, of widths {list(hidden)}"
        )
    return layer, unit


def _needs_renewal(old: Experiment, new: Experiment) -> bool:
    """Whether the weights of one cannot go on in the other."""
    first, second = (load_dataset(e) for e in (old, new))
    outputs = [output_count(resolve_loss(e.loss, d), d) for e, d in ((old, first), (new, second))]
    return not old.same_start(new) or outputs[0] != outputs[1]
