"""Checks of training: gradients by layer, what has moved, losses and margins."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import INITIALIZATIONS, Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.network import Network
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.setting import MAX_LAYERS
from reluviz.studio.lesson_checks.check import Evidence, Measure, Measured, Option
from reluviz.studio.lesson_checks.curves import NAMES
from reluviz.studio.lesson_checks.gradients import data_gradients, output_signal

Float = NDArray[np.float64]


def gradient_ratio(evidence: Evidence) -> Measured:
    """Return |dL/dW| of the first layer over that of the readout, now, on the training points."""
    norms = data_gradients(evidence.network, evidence.dataset, evidence.snapshot.experiment.loss).norms
    ratio = float(norms[0] / norms[-1]) if norms[-1] > 0 else np.nan
    return Measured(
        ratio,
        f"\N{DOUBLE VERTICAL LINE}\N{PARTIAL DIFFERENTIAL}L/\N{PARTIAL DIFFERENTIAL}W"
        f"\N{DOUBLE VERTICAL LINE} is {norms[0]:.2g} in layer 1 and {norms[-1]:.2g} in the readout",
    )


def first_gradient_ratio(
    evidence: Evidence, activation: str, layers: int, width: int, initialization: str, seeds: int
) -> Measured:
    """Return the median over seeds of |dL/dW_1| over |dL/dW_layers| at the first weights, on the training points."""
    ratios = [
        _drawn_ratio(evidence.dataset, evidence.snapshot.experiment.loss, activation, layers, width, initialization, s)
        for s in range(seeds)
    ]
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
    words = f"{seeds} networks of {layers} layers of weights, {width} wide; half lie between {low:.2g} and {high:.2g}"
    return Measured(float(middle), words)


def _drawn_ratio(
    dataset: Dataset, loss: str, activation: str, layers: int, width: int, initialization: str, seed: int
) -> float:
    network = _drawn(dataset, loss, activation, layers, width, initialization, seed)
    norms = data_gradients(network, dataset, loss).norms
    return float(norms[0] / norms[-1]) if norms[-1] > 0 else 0.0


def _drawn(
    dataset: Dataset, loss: str, activation: str, layers: int, width: int, initialization: str, seed: int
) -> Network:
    outputs = output_count(resolve_loss(loss, dataset), dataset)
    experiment = Experiment(
        hidden=(width,) * (layers - 1), activation=(activation,), initialization=initialization, seed=seed
    )
    rows = experiment.layer_activations
    flat = initial_parameters(experiment, outputs)
    return Network.from_flat(flat, experiment.layout(outputs), [row for row, _ in rows], [value for _, value in rows])


def layer_gradient(evidence: Evidence, layer: int) -> Measured:
    """Return the largest |dL/dw| among one layer's weights, as training has it, on the training points."""
    found = data_gradients(evidence.network, evidence.dataset, evidence.snapshot.experiment.loss).weights
    place = min(layer, len(found)) - 1
    return Measured(float(np.abs(found[place]).max()), f"largest of {found[place].size} gradients of layer {place + 1}")


def layer_moved(evidence: Evidence, layer: int) -> Measured:
    """Return how far any weight of one layer has moved since the seed drew it."""
    snapshot = evidence.snapshot
    layout = snapshot.experiment.layout(snapshot.outputs)
    now = layout.split(snapshot.parameters)
    then = layout.split(initial_parameters(snapshot.experiment, snapshot.outputs))
    place = 2 * (min(layer, len(snapshot.experiment.hidden) + 1) - 1)
    moved = max(float(np.abs(now[i] - then[i]).max(initial=0.0)) for i in (place, place + 1))
    return Measured(moved, f"largest change of a weight or bias of layer {layer} in {snapshot.step:,} steps")


def accuracy(evidence: Evidence) -> Measured:
    """Return the share of training points that are told right."""
    answers = evidence.network.forward(evidence.points)
    if not evidence.dataset.is_classes:
        return Measured(np.nan, "data of values has no accuracy")
    labels = evidence.dataset.targets[evidence.dataset.is_train]
    told = (answers[:, 0] > 0).astype(np.int64) if answers.shape[1] == 1 else answers.argmax(axis=1)
    return Measured(
        float((told == labels).mean()), f"of {len(labels):,} training points, at step {evidence.snapshot.step:,}"
    )


def accuracy_lead(evidence: Evidence, over: int) -> Measured:
    """Return by how much the measured pane's accuracy exceeds that of pane `over`, counted from 1."""
    other = min(over, len(evidence.moments)) - 1
    mine = accuracy(evidence)
    theirs = accuracy(Evidence(evidence.moments, evidence.dataset, other, evidence.bounds))
    return Measured(mine.value - theirs.value, f"{100 * mine.value:.1f} % against {100 * theirs.value:.1f} %")


def _margins(evidence: Evidence) -> tuple[Float, Float]:
    """Return margins t f(x) (N,) and |dL/dz| (N,) times the number of points. Raises where there is no one sign."""
    scores = evidence.network.forward(evidence.points)
    if not evidence.dataset.is_classes or scores.shape[1] != 1:
        raise InputError("margins are those of two classes.")
    labels = evidence.dataset.targets[evidence.dataset.is_train]
    loss = resolve_loss(evidence.snapshot.experiment.loss, evidence.dataset)
    signal = output_signal(scores, labels, loss)
    return (2.0 * labels - 1.0) * scores[:, 0], np.abs(signal[:, 0]) * len(labels)


def margin_share(evidence: Evidence, margin: float) -> Measured:
    """Return the share of training points whose margin t f(x) exceeds `margin`."""
    try:
        margins, _ = _margins(evidence)
    except InputError as error:
        return Measured(np.nan, str(error))
    return Measured(float((margins > margin).mean()), f"{(margins > margin).sum()} of {len(margins)} training points")


def margin_pull(evidence: Evidence, margin: float) -> Measured:
    """Return the largest pull |dl/dz| of a training point whose margin exceeds `margin`."""
    return _pull(evidence, margin, np.max, "{} points with a margin above {:g}; 1 is a full pull")


def settled_pull(evidence: Evidence, margin: float) -> Measured:
    """Return the least pull |dl/dz| of a training point whose margin exceeds `margin`."""
    return _pull(evidence, margin, np.min, "the least of {} points with a margin above {:g}")


def _pull(evidence: Evidence, margin: float, choose: Callable[[Float], float], words: str) -> Measured:
    try:
        margins, pulls = _margins(evidence)
    except InputError as error:
        return Measured(np.nan, str(error))
    beyond = pulls[margins > margin]
    if not len(beyond):
        return Measured(np.nan, f"no point has a margin above {margin:g} yet")
    return Measured(float(choose(beyond)), words.format(len(beyond), margin))


LAYER = Option(1, 1, 16, whole=True)
MARGIN = {"margin": Option(1.0, -1e6, 1e6)}
ROWS = (
    Measure("gradient_ratio", "The first layer's gradient over the readout's.", gradient_ratio, {}),
    Measure(
        "first_gradient_ratio",
        "The first layer's gradient over the last one's at first weights: the median over seeds.",
        first_gradient_ratio,
        {
            "activation": Option("relu", choices=NAMES),
            "layers": Option(10, 2, MAX_LAYERS + 1, whole=True),
            "width": Option(16, 1, 64, whole=True),
            "initialization": Option("he", choices=INITIALIZATIONS),
            "seeds": Option(25, 1, 200, whole=True),
        },
    ),
    Measure("layer_gradient", "Largest gradient of a layer's weights.", layer_gradient, {"layer": LAYER}),
    Measure("layer_moved", "How far a layer's weights have moved.", layer_moved, {"layer": LAYER}),
    Measure("accuracy", "Share of training points told right.", accuracy, {}, "share"),
    Measure(
        "accuracy_lead",
        "Accuracy ahead of another pane's.",
        accuracy_lead,
        {"over": Option(1, 1, 6, whole=True)},
        "share",
    ),
    Measure("margin_share", "Share of points beyond a margin.", margin_share, MARGIN, "share"),
    Measure("margin_pull", "Largest pull of a point beyond a margin.", margin_pull, MARGIN),
    Measure("settled_pull", "Least pull of a point beyond a margin.", settled_pull, MARGIN),
)
