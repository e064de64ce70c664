"""thumbnail: a small picture of a lesson, drawn from a moment of its telling step.

A lesson that comes along has that moment beside it, trained, as a scene of the same name (`reluviz lesson picture`);
any other is drawn with the weights that its telling step begins from. Loads the kernels: for worker threads.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from reluviz.core.color import Pixels
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.initialization import initial_parameters
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.picture import make_picture
from reluviz.core.points import draw_points
from reluviz.core.reading import value_scale
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View
from reluviz.studio.lesson import Lesson, Stage
from reluviz.studio.lesson_start import starting_snapshot
from reluviz.studio.look import PROJECTED, widen
from reluviz.studio.scene import SUFFIX, Scene, read_scene, write_scene

FINER = 2  # Drawn finer than shown, as markers have a least size.
BUDGET = 20_000  # More regions than that are finer than a thumbnail's pixels.


def thumbnail(lesson: Lesson, width: int, height: int, palette: str = "dark") -> Pixels:
    """Return the picture (height, width) uint32 0xffRRGGBB, row 0 at the top; some 20 ms."""
    stage = lesson.steps[lesson.telling].stage
    snapshot = telling_moment(lesson)
    dataset = load_dataset(stage.experiment)
    layer, unit = stage.unit or (-1, -1)
    view = replace(
        stage.look.apply(View()),
        bounds=widen(stage.look.bounds, width, height),
        width=FINER * width,
        height=FINER * height,
        palette=palette,
        line_width=1.5 * (PROJECTED if palette == "projector" else 1.0),
        layer=layer,
        unit=unit,
        pin=stage.pins[0] if stage.pins else None,
        region_budget=BUDGET,
    )
    image = make_picture(snapshot, view, value_scale(dataset)).image
    if stage.points:
        draw_points(image, view, dataset)
    return _shrink(image)


def _shrink(image: Pixels) -> Pixels:
    """Return the mean of each FINER x FINER pixels."""
    channels = image.reshape(image.shape[0] // FINER, FINER, image.shape[1] // FINER, FINER)
    result = np.full(channels.shape[::2], 0xFF000000, np.uint32)
    for shift in (0, 8, 16):
        mean = ((channels >> shift) & 255).mean(axis=(1, 3))
        result |= np.rint(mean).astype(np.uint32) << np.uint32(shift)
    return result


def telling_moment(lesson: Lesson) -> Snapshot:
    """Return the moment that stands for the lesson: the trained one beside its file, else the first one."""
    stage = lesson.steps[lesson.telling].stage
    path = moment_path(lesson)
    if path is not None and path.is_file():
        try:
            snapshot = read_scene(path).snapshot
        except InputError:
            snapshot = None  # A picture is no reason to refuse a lesson.
        if snapshot is not None and snapshot.experiment == stage.experiment:
            return snapshot
    return _first_moment(stage)


def moment_path(lesson: Lesson) -> Path | None:
    """Return where the trained moment of a lesson lies, None for a lesson without a file."""
    return lesson.path.with_suffix(SUFFIX) if lesson.path is not None else None


def write_moment(lesson: Lesson, snapshot: Snapshot) -> Path:
    """Write the moment of the telling step beside the lesson's file. Raises `InputError` where that cannot be."""
    path = moment_path(lesson)
    if path is None:
        raise InputError("This lesson has no file that a picture could lie beside.")
    # Nothing goes on from here: what the optimiser remembers would treble the file.
    forgetful = replace(snapshot, optimizer_state=np.zeros_like(snapshot.optimizer_state), flow=None)
    write_scene(path, Scene(snapshot.experiment, None, forgetful))
    return path


def _first_moment(stage: Stage) -> Snapshot:
    given = starting_snapshot(stage, None)
    if given is not None:
        return given
    experiment, dataset = stage.experiment, load_dataset(stage.experiment)
    outputs = output_count(resolve_loss(experiment.loss, dataset), dataset)
    return Snapshot(
        run=0,
        experiment=experiment,
        outputs=outputs,
        step=0,
        epoch=0.0,
        parameters=initial_parameters(experiment, outputs),
        optimizer_state=np.zeros((0, experiment.layout(outputs).length), np.float32),
    )
