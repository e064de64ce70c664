"""prepare: everything that is compiled on first use, compiled now.

numba compiles a kernel for the kinds of arguments it meets, so each stage calls the public functions with the kinds
that windows and commands use; the results are thrown away.

numba compiles one kernel at a time in a process, but what it compiled is on disk for all: a second process compiles
the drawing, on regions written down by hand, while the first compiles the geometry.
"""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.camera import Camera
from reluviz.core.coloring import COLORINGS
from reluviz.core.contours import march
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.fold import blend, fold, principal_axes
from reluviz.core.fold_picture import draw_fold
from reluviz.core.initialization import initial_parameters
from reluviz.core.network import Network
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.partition import Partition, decompose
from reluviz.core.picture import draw_ids, draw_image, make_picture
from reluviz.core.points import draw_markers, draw_points
from reluviz.core.reading import read_outputs, value_scale
from reluviz.core.snapshot import Snapshot
from reluviz.core.surface import Pins, draw_surface, output_field, unit_field
from reluviz.core.view import View
from reluviz.studio.inside import compile_inside

SIDE = 48


def prepare(with_second: bool = False) -> Iterator[str]:
    """Run every stage, yielding what each is about to do; with_second: a second process compiles half of it."""
    second = start_second() if with_second else None
    try:
        for label, stage in STAGES:
            yield label
            if second is not None and stage is _folds_and_surfaces:
                second.join()
            stage()
            if second is not None and stage is _geometry:
                second.join()
                second = start_second(_folds_and_surfaces)
    finally:
        if second is not None:
            second.kill()


def start_second(work: Callable[[], None] | None = None) -> BaseProcess:
    """Start a process that does `work`, else compiles what draws, and ends; it is killed with this one."""
    target = work or compile_drawing
    process = multiprocessing.get_context("spawn").Process(target=target, name="reluviz-prepare", daemon=True)
    process.start()
    return process


def compile_drawing() -> None:
    """Compile the kernels that draw regions, the first picture's before the others, and not the exact geometry's."""
    for activation, outputs in (("relu", 1), ("relu", 3), ("step", 1), ("step", 3)):
        halves = _halves(activation, outputs)
        assert halves.linear_count == 2
        halves.locate(np.zeros((2, 2)))
        view = View(width=SIDE, height=SIDE)
        draw_image(halves, draw_ids(halves, view), view, read_outputs(Experiment(), None))
    for coloring in COLORINGS:
        view = View(width=SIDE, height=SIDE, coloring=coloring)
        draw_image(halves, draw_ids(halves, view), view, read_outputs(Experiment(), (-1.0, 1.0)))
    _, dataset = _scene("spiral")
    draw_points(np.zeros((SIDE, SIDE), np.uint32), View(width=SIDE, height=SIDE), dataset)
    values = np.arange(9, dtype=np.float32)
    march(np.stack([values, values]), 3, 3, np.array([2.5], np.float32), 0, 1)


def _halves(activation: str, outputs: int) -> Partition:
    """Return the square cut in two by a unit that looks at x alone: written down, not decomposed."""
    slopes = np.arange(1.0, outputs + 1)
    layers = [(np.array([[1.0, 0.0]]), np.zeros(1)), (slopes[:, None], np.zeros(outputs))]
    network = Network.create(layers, [ACTIVATIONS[activation]], [0.0])
    gradients = np.zeros((2, outputs, 2))
    gradients[1, :, 0] = slopes
    left, right = [(-1, -1), (0, -1), (0, 1), (-1, 1)], [(0, -1), (1, -1), (1, 1), (0, 1)]
    none = np.zeros(1, np.int32)
    fields: dict[str, Any] = {
        "vertices": np.array(left + right, np.float64),
        "offsets": np.array([0, 4, 8], np.int64),
        "edge_of": np.array([-1, 0, -3, -4, -1, -2, -3, 0], np.int32),
        "patterns": np.array([[0], [1]], np.int8),
        "gradients": gradients,
        "intercepts": np.zeros((2, outputs)),
        "scales": np.zeros((2, outputs)),
        "areas": np.array([2.0, 2.0]),
        "edges": np.array([[0.0, 1.0, 0.0, -1.0]]),
        "edge_layers": none,
        "edge_units": none,
        "edge_breakpoints": none,
    }
    for array in fields.values():
        array.setflags(write=False)
    return Partition(network, (-1.0, 1.0, -1.0, 1.0), **fields)


def _geometry() -> None:
    partition = _partition("spiral")
    assert partition.linear_count
    partition.locate(np.zeros((2, 2)))


def _geometry_of_breaks() -> None:
    # Two breakpoints a unit, a jump, and more regions than the budget.
    for activation in ("hardtanh", "step"):
        snapshot, _ = _scene("spiral", activation)
        partition = decompose(snapshot.network, View().bounds)
        assert partition.linear_count
    decompose(_scene("spiral")[0].network, View().bounds, 8)


def _fills() -> None:
    for coloring in COLORINGS:
        _draw("spiral", coloring=coloring, layer=0, unit=0)


def _predictions() -> None:
    for dataset in ("blobs", "ripple"):
        _draw(dataset, coloring="prediction")
    snapshot, _ = _scene("blobs")
    make_picture(snapshot, View(width=SIDE, height=SIDE, coloring="prediction"), (-1.0, 1.0))
    rgb = _snapshot(Experiment(), 3)
    make_picture(rgb, View(width=SIDE, height=SIDE, coloring="prediction"), (-1.0, 1.0))


def _lines() -> None:
    for lines in ("bend", "equal", "none"):
        _draw("spiral", lines=lines)
    for dataset in ("spiral", "blobs"):  # A step's boundary runs along edges, too.
        _draw(dataset, activation="step")


def _smooth_networks() -> None:
    for smooth in ("soft", "epsilon", "melt"):
        for dataset in ("spiral", "blobs", "ripple"):
            _draw(dataset, activation="tanh", smooth=smooth, coloring="prediction")
        for coloring in COLORINGS:
            _draw("spiral", activation="tanh", smooth=smooth, coloring=coloring, layer=1, unit=0)
    rgb = _snapshot(Experiment(activation=("tanh",)), 3)
    make_picture(rgb, View(width=SIDE, height=SIDE, coloring="prediction"), (-1.0, 1.0))


def _inside() -> None:
    for activation in ("relu", "tanh"):
        compile_inside(*_scene("spiral", activation), SIDE)


def _folds_and_surfaces() -> None:
    snapshot, dataset = _scene("spiral")
    partition, colors = _partition("spiral"), np.zeros(_partition("spiral").count, np.uint32)
    folded = [fold(partition, layer, principal_axes(snapshot.network, layer, dataset.points)) for layer in range(3)]
    drawn = draw_fold(blend(folded[1], folded[2], 0.5), colors, SIDE, SIDE)
    folded[1].map_points(dataset.points)
    draw_markers(drawn.image, dataset.points, dataset, np.arange(len(dataset.points)), "dark", 3.0)
    pins = Pins(dataset.points, np.zeros(len(dataset.points), np.uint32))
    for shape in (output_field(partition), unit_field(partition, 0, 0)):
        draw_surface(shape, colors, Camera(), SIDE, SIDE, pins=pins)


def _export() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _partition("spiral").to_svg(Path(folder) / "regions.svg")


STAGES: tuple[tuple[str, Callable[[], None]], ...] = (
    ("exact geometry", _geometry),
    ("activations with several pieces", _geometry_of_breaks),
    ("lines and boundaries", _lines),
    ("colours", _fills),
    ("classes, values and images", _predictions),
    ("smooth activations", _smooth_networks),
    ("looking inside", _inside),
    ("folds and surfaces", _folds_and_surfaces),
    ("export", _export),
)


@cache
def _scene(name: str, activation: str = "relu") -> tuple[Snapshot, Dataset]:
    experiment = Experiment(dataset=name, points=64, hidden=(6, 5), activation=(activation,), initialization="default")
    dataset = load_dataset(experiment)
    return _snapshot(experiment, output_count(resolve_loss(experiment.loss, dataset), dataset)), dataset


def _snapshot(experiment: Experiment, outputs: int) -> Snapshot:
    parameters = initial_parameters(experiment, outputs)
    parameters.setflags(write=False)
    state = np.zeros((0, len(parameters)), np.float32)
    return Snapshot(0, experiment, outputs, 0, 0.0, parameters, state)


def _partition(name: str) -> Partition:
    return decompose(_scene(name)[0].network, View().bounds)


def _draw(name: str, activation: str = "relu", **view: object) -> None:
    snapshot, dataset = _scene(name, activation)
    picture = make_picture(snapshot, View(width=SIDE, height=SIDE, **view), value_scale(dataset))  # type: ignore[arg-type]
    draw_points(picture.image.copy(), picture.view, dataset)
