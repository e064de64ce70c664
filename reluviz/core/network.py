"""Network: the layers as numpy arrays, and what can be asked of them at a point.

z_l = W_l h_{l-1} + b_l, h_l = phi_l(z_l), h_0 = x; the last layer (the readout) is linear. A walsh layer's W_l is a
fixed matrix with a learned scale per row (`filter_bank`); whoever asks for weights gets their product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Activation, Curve, Pieces
from reluviz.core.filter_bank import Filter, walsh_matrix

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """How the trainable numbers of one network lie in one flat vector.

    Order: W_0 (row-major, out x in), b_0, W_1, b_1, ..., then one number per learned activation
    parameter, first layer first. `sizes` is (inputs, hidden widths..., outputs). `kinds` has one of LAYER_KINDS per
    layer, the readout's last; of none given all are dense. A walsh layer has its scales (out,) in the place of W.
    """

    sizes: tuple[int, ...]
    learned: tuple[bool, ...]
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", self.kinds or ("dense",) * (len(self.sizes) - 1))

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of each piece of the vector, in order."""
        layers: list[tuple[int, ...]] = []
        for (inputs, outputs), kind in zip(pairwise(self.sizes), self.kinds, strict=True):
            layers += [(outputs, inputs) if kind == "dense" else (outputs,), (outputs,)]
        return (*layers, *((1,) for is_learned in self.learned if is_learned))

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where each piece begins; one more entry than `shapes`, the last is the vector's length."""
        return tuple(np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes)]).tolist())

    @property
    def length(self) -> int:
        """The number of trainable numbers."""
        return self.offsets[-1]

    def split(self, flat: NDArray[np.floating]) -> list[NDArray[np.floating]]:
        """Return views of `flat` (length,) with the shapes of `shapes`."""
        return [
            flat[begin:end].reshape(shape)
            for (begin, end), shape in zip(pairwise(self.offsets), self.shapes, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Network:
    """A fully connected network with float64, read-only arrays.

    weights[l] is (outputs_l, inputs_l), biases[l] is (outputs_l,); activations and parameters have one entry per
    hidden layer. filters[l] is what a walsh layer's weights are made of, None for a dense layer; of none given all are
    dense.
    """

    weights: tuple[Float, ...]
    biases: tuple[Float, ...]
    activations: tuple[Activation, ...]
    parameters: tuple[float, ...]
    filters: tuple[Filter | None, ...] = ()

    @classmethod
    def create(
        cls,
        layers: Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]],
        activations: Sequence[Activation],
        parameters: Sequence[float],
        kinds: Sequence[str] = (),
        inputs: int = 2,
    ) -> "Network":
        """Copy `layers` (weights, biases) into a frozen network; of a walsh layer, (scales, biases).

        `kinds` has one of LAYER_KINDS per layer, all are dense without; `inputs` is needed by a walsh layer that is
        the first.
        """
        weights, biases, filters = list[Float](), list[Float](), list[Filter | None]()
        for kind, (first, bias) in zip(kinds or ["dense"] * len(layers), layers, strict=True):
            before = len(biases[-1]) if biases else inputs
            is_walsh = kind == "walsh"
            filters.append(Filter(_frozen(first), walsh_matrix(len(bias), before)) if is_walsh else None)
            weights.append(filters[-1].weights if filters[-1] else _frozen(first))
            biases.append(_frozen(bias))
        values = tuple(float(value) for value in parameters)
        return cls(tuple(weights), tuple(biases), tuple(activations), values, tuple(filters))

    def __post_init__(self) -> None:
        object.__setattr__(self, "filters", self.filters or (None,) * len(self.weights))

    @classmethod
    def from_flat(
        cls,
        flat: NDArray[np.floating],
        layout: Layout,
        activations: Sequence[Activation],
        parameters: Sequence[float],
    ) -> "Network":
        """Build a network from one vector; learned parameters come from the vector."""
        parts = layout.split(flat)
        count = 2 * (len(layout.sizes) - 1)
        learned = iter(float(part[0]) for part in parts[count:])
        values = [
            next(learned) if is_learned else value for value, is_learned in zip(parameters, layout.learned, strict=True)
        ]
        layers = list(zip(parts[0:count:2], parts[1:count:2], strict=True))
        return cls.create(layers, activations, values, layout.kinds, layout.sizes[0])

    def flat(self) -> Float:
        """Return the trainable numbers as one vector in `layout` order."""
        parts = list[Float]()
        for weights, biases, bank in zip(self.weights, self.biases, self.filters, strict=True):
            parts += [weights.ravel() if bank is None else bank.scales, biases]
        parts += [
            np.array([value])
            for value, activation in zip(self.parameters, self.activations, strict=True)
            if activation.learned
        ]
        return np.concatenate(parts)

    @cached_property
    def layout(self) -> Layout:
        """How `flat` lies."""
        sizes = (self.weights[0].shape[1], *(len(biases) for biases in self.biases))
        kinds = tuple("dense" if bank is None else "walsh" for bank in self.filters)
        return Layout(sizes, tuple(activation.learned for activation in self.activations), kinds)

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """Each hidden layer's activation at its parameter."""
        return tuple(
            activation.curve(value) for activation, value in zip(self.activations, self.parameters, strict=True)
        )

    @cached_property
    def first_smooth(self) -> int | None:
        """The first hidden layer that is not piecewise linear, None where all are: then every picture is exact."""
        return next((layer for layer, curve in enumerate(self.curves) if not isinstance(curve, Pieces)), None)

    @cached_property
    def pieces(self) -> tuple[Pieces, ...]:
        """The exact pieces of each hidden layer's activation. Raises `InputError` where a layer is smooth."""
        return tuple(
            activation.pieces(value) for activation, value in zip(self.activations, self.parameters, strict=True)
        )

    @property
    def hidden(self) -> tuple[int, ...]:
        """The hidden widths."""
        return tuple(len(biases) for biases in self.biases[:-1])

    @property
    def outputs(self) -> int:
        """The width of the readout."""
        return len(self.biases[-1])

    @cached_property
    def finite(self) -> bool:
        """Whether every weight, bias and parameter is a finite number."""
        return bool(np.isfinite(self.flat()).all() and np.isfinite(self.parameters).all())

    def preactivations(self, x: Float) -> list[Float]:
        """Return z of every layer, readout last, for points x (N, inputs): arrays (N, width)."""
        result: list[Float] = []
        h = np.asarray(x, dtype=np.float64)
        for layer, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = h @ weights.T + biases
            result.append(z)
            if layer < len(self.activations):
                h = self.curves[layer].value(z)
        return result

    def forward(self, x: Float) -> Float:
        """Return f(x) for points x (N, inputs): (N, outputs)."""
        return self.preactivations(x)[-1]

    def pattern(self, x: Float) -> NDArray[np.int8]:
        """Return the activation pattern of points x (N, inputs): (N, hidden units) int8."""
        z = self.preactivations(x)[:-1]
        if not z:
            return np.zeros((len(x), 0), np.int8)
        return np.concatenate([p.index(v) for p, v in zip(self.pieces, z, strict=True)], axis=1)

    def affine_map(self, x: Float) -> tuple[Float, Float]:
        """Return (gradient (outputs, inputs), intercept (outputs,)) of the affine map that f is around one point x.

        Each activation is replaced by the slope and intercept of the piece that x is on; a smooth one by its tangent.
        """
        gradient, intercept = np.eye(len(x)), np.zeros(len(x))
        h = np.asarray(x, dtype=np.float64)
        for layer, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            gradient, intercept = weights @ gradient, weights @ intercept + biases
            if layer < len(self.activations):
                z = weights @ h + biases
                slope, offset = self.curves[layer].tangent(z)
                gradient, intercept = slope[:, None] * gradient, slope * intercept + offset
                h = self.curves[layer].value(z)
        return gradient, intercept


def _frozen(array: NDArray[np.floating]) -> Float:
    copy = np.array(array, dtype=np.float64, order="C")
    copy.setflags(write=False)
    return copy
