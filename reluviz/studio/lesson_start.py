"""Where the weights of a lesson's step come from: given by hand, or made of those there are."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.network import Network
from reluviz.core.snapshot import Snapshot
from reluviz.studio.lesson import Stage, Start

Layers = tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]


def starting_snapshot(stage: Stage, current: Snapshot | None) -> Snapshot | None:
    """Return the moment that a step's run begins from; None where the experiment's seeds draw the first weights.

    `current` is the moment that is shown when the step is entered; a transform without one falls back on the seeds.
    It is meant for a stage whose training is fresh.
    """
    start, experiment = stage.start, stage.experiment
    if start is None:
        return None
    if start.transform:
        if current is None:
            return None
        layers = TRANSFORMS[start.transform](current.network)
        outputs, step, epoch = current.outputs, current.step, current.epoch
    else:
        layers = tuple(
            (np.array(w, dtype=np.float64), np.array(b, dtype=np.float64))
            for w, b in zip(start.weights, start.biases, strict=True)
        )
        outputs, step, epoch = len(start.biases[-1]), 0, 0.0
    layout = experiment.layout(outputs)
    rows = experiment.layer_activations
    network = Network.create(layers, [row for row, _ in rows], [value for _, value in rows])
    if len(network.flat()) != layout.length:
        return None
    parameters = network.flat().astype(np.float32)
    memory = np.zeros((0, layout.length), np.float32)
    for array in (parameters, memory):
        array.setflags(write=False)
    return Snapshot(
        run=0,
        experiment=experiment,
        outputs=outputs,
        step=step,
        epoch=epoch,
        parameters=parameters,
        optimizer_state=memory,
    )


def check_start(start: Start, experiment: Experiment, outputs: int) -> None:
    """Raise `InputError` for weights that do not fit the experiment's network."""
    if start.transform:
        if start.weights or start.biases:
            raise InputError("weights and a transform stand side by side; allowed is one of them.")
        return
    sizes = (2, *experiment.hidden, outputs)
    found = [np.shape(w) for w in start.weights if len({len(row) for row in w}) == 1]
    wanted = [(rows, columns) for columns, rows in pairwise(sizes)]
    if found != wanted or [len(b) for b in start.biases] != [rows for rows, _ in wanted]:
        shapes = ", ".join(f"{rows} x {columns}" for rows, columns in wanted)
        raise InputError(f"weights do not fit the network; allowed are matrices of {shapes}, each with its biases.")


def compensate(network: Network) -> Layers:
    """Return weights with which ReLU computes what `network` computes with shifted ReLUs max(c, z).

    max(c, z) = ReLU(z - c) + c: every layer's biases lose its c, and the next layer's gain c times the row sums of its
    weights. Other activations stay as they are.
    """
    result, carried = [], np.zeros(network.weights[0].shape[1])
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        moved = biases + weights @ carried
        if layer < len(network.activations):
            c = network.parameters[layer] if network.activations[layer].name == "shifted_relu" else 0.0
            moved, carried = moved - c, np.full(len(biases), c)
        result.append((weights, moved))
    return tuple(result)


TRANSFORMS: dict[str, Callable[[Network], Layers]] = {"compensate": compensate}
