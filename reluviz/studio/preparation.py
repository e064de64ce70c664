"""prepare: everything that is compiled on first use, compiled now.

numba compiles a kernel for the kinds of arguments it meets, so each stage calls the public functions with the kinds
that windows and commands use; the results are thrown away.
"""

import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from reluviz.core.coloring import COLORINGS, value_scale
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.partition import Partition, decompose
from reluviz.core.picture import make_picture
from reluviz.core.points import draw_points
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View

SIDE = 48


def prepare() -> Iterator[str]:
    """Run every stage, yielding what each is about to do."""
    for label, stage in STAGES:
        yield label
        stage()


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
