"""Plan and Snapshot: the only two things that cross between the window and the engine."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reluviz.core.ablation import silence
from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.network import Network

FOREVER = 2**62


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One moment of one training run; arrays are read-only.

    parameters (P,) float32 in `Layout` order, those of units that are switched off as they rest; optimizer_state
    (slots, P) float32, what the optimiser remembers since `optimizer_steps` steps.
    Losses are means over the points without L1/L2; a share or loss that has no points is nan. `pane` counts the
    experiments that are compared, the plan's own is 0. `flow` comes with some 30 snapshots a second, None between.
    """

    run: int
    experiment: Experiment
    outputs: int
    step: int
    epoch: float
    parameters: NDArray[np.float32]
    optimizer_state: NDArray[np.float32]
    train_loss: float = math.nan
    test_loss: float = math.nan
    train_accuracy: float = math.nan
    test_accuracy: float = math.nan
    steps_per_second: float = math.nan
    device: str = "cpu"
    optimizer_steps: int = 0
    pane: int = 0
    flow: Flow | None = None

    @cached_property
    def network(self) -> Network:
        """The network of this moment, float64, with the units that are switched off silent."""
        rows = self.experiment.layer_activations
        network = Network.from_flat(
            self.parameters,
            self.experiment.layout(self.outputs),
            [row for row, _ in rows],
            [value for _, value in rows],
        )
        return silence(network, self.experiment.ablated)


@dataclass(frozen=True, eq=False)
class Plan:
    """What the window wants of the engine; the engine reconciles itself with the newest one.

    A new `run` starts afresh: from `start` where given, else from the weights that the experiment's seeds draw. The
    same run goes on with whatever changed in the experiment. Training stops at step `until`: FOREVER plays, 0 is
    pause, the current step plus one is a single step. `steps_per_second` limits the speed. `variants` are trained in
    lock step beside the experiment, on the same batches; variants[i] is pane i + 1 and goes on from
    `variant_starts[i]` where given.
    """

    experiment: Experiment
    run: int
    until: int = FOREVER
    steps_per_second: float = math.inf
    start: Snapshot | None = None
    variants: tuple[Experiment, ...] = ()
    variant_starts: tuple[Snapshot | None, ...] = ()
