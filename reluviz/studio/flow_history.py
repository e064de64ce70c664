"""FlowHistory: gradient flow by layer over the steps of a run, for maps of layers x time."""

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reluviz.core.flow import Flow
from reluviz.core.flow_quantities import QUANTITIES
from reluviz.studio.curves import Curve

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FlowHistory:
    """Every quantity of QUANTITIES by layer, over the steps; a network of another depth begins a new one.

    Entries are thinned as in `Curve`, so that it stays small however long training goes on.
    """

    layers: int = 0
    curve: Curve = field(default_factory=partial(Curve, ()))

    def add(self, step: int, flow: Flow) -> "FlowHistory":
        """Return the history with `flow` at `step`; entries at `step` and after it are dropped first."""
        layers = len(flow.grad_norm)
        known = self if layers == self.layers else FlowHistory(layers, Curve(_names(layers)))
        row = np.concatenate([_all_layers(quantity.read(flow), layers) for quantity in QUANTITIES.values()])
        return replace(known, curve=known.curve.add(step, row.tolist()))

    def before(self, step: int) -> "FlowHistory":
        """Return the entries before `step`."""
        return replace(self, curve=self.curve.before(step))

    def after(self, past: "FlowHistory") -> "FlowHistory":
        """Return these entries after those of `past`, where both are of one depth or nothing is here."""
        if not len(self.curve):
            return past
        return replace(self, curve=self.curve.after(past.curve)) if past.layers == self.layers else self

    @property
    def steps(self) -> NDArray[np.int64]:
        """The steps (N,)."""
        return self.curve.steps

    def table(self, quantity: str) -> Float:
        """Return one quantity (N, layers), nan where a layer has none (the readout has no activation)."""
        if not len(self.curve):
            return np.zeros((0, self.layers))
        begin = list(QUANTITIES).index(quantity) * self.layers
        return self.curve.values[:, begin : begin + self.layers]


def _names(layers: int) -> tuple[str, ...]:
    return tuple(f"{name} {layer + 1}" for name in QUANTITIES for layer in range(layers))


def _all_layers(values: Float, layers: int) -> Float:
    return np.concatenate([values, np.full(layers - len(values), np.nan)])
