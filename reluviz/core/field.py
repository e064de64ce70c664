"""Field: true values of a network on a grid over the view, and the curves traced through them.

What cannot be drawn exactly (everything behind a smooth layer) is evaluated at every `step`-th pixel corner and
interpolated between. Evaluation and tracing go band by band, so that a band's values stay in the cache: 271,000 points
of a 32-32 tanh network take 12 ms on one thread, their curves 6 ms.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve, Pieces
from reluviz.core.contours import Traced, march
from reluviz.core.network import Network
from reluviz.core.products import pad, product
from reluviz.core.view import Bounds

Array = NDArray[np.floating]
Float32 = NDArray[np.float32]
STEPS = (2, 3, 4, 6, 8)
BUDGET_SECONDS = 0.022
_BAND = 8192  # Points per band: 32 units of them are 1 MB.
# The C library's allocator hands freed memory back to the system and faults it in again, band by band, until a larger
# block than the bands' has been freed once: 82 ms for a field that takes 16. This frees one, untouched.
np.empty(16 << 20, np.uint8)


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves as segments in pixels (S, 4) float32: whose they are, which of its levels, and |grad z| per pixel."""

    segments: Float32
    layers: NDArray[np.int32]
    units: NDArray[np.int32]
    levels: NDArray[np.int32]
    steepness: Float32


@dataclass(frozen=True, eq=False)
class Field:
    """Values on a grid: node (i, j) lies at the pixel corner (j * step, i * step), row 0 at ymax.

    outputs (outputs, R, C) and channels (channels, R, C), float32; curves of the layers asked for.
    """

    bounds: Bounds
    width: int
    height: int
    step: int
    outputs: Float32
    channels: Float32
    curves: Curves


@dataclass(frozen=True, eq=False)
class Channels:
    """Affine readouts of what units do, for colours: offset + sum over layers of weights[l] @ gate_l(z, h).

    weights[l] is (channels, units of layer l); gates[l] turns z and h (units, N) into the unit's state.
    """

    offset: Array
    weights: tuple[Array, ...]
    gates: tuple[Callable[[Array, Array], Array], ...]


NO_CHANNELS = Channels(np.zeros(0), (), ())


def choose_step(network: Network, width: int, height: int, workers: int = 1) -> int:
    """Return the finest grid step in pixels that is estimated to take at most 22 ms; 8 for the largest networks."""
    products = sum(weights.size for weights in network.weights[1:])
    # Measured on one thread: 80 GFLOP/s, and 0.5 ns for a unit's bias and tracing besides its function.
    units = sum(width * (0.5 + _cost(curve)) for width, curve in zip(network.hidden, network.curves, strict=True))
    per_point = 2 * products / 80e9 + 1e-9 * units
    for step in STEPS:
        if (width / step) * (height / step) * per_point <= BUDGET_SECONDS * workers:
            return step
    return STEPS[-1]


_NANOSECONDS = {
    "erf": 5.0,
    "softplus": 2.5,
    "sigmoid": 1.0,
    "exp": 0.6,
    "expm1": 0.8,
    "log": 0.6,
    "sin": 0.7,
    "power": 3.0,
}


def _cost(curve: Curve) -> float:
    """Return about how many nanoseconds one value of a function takes in float32."""
    if isinstance(curve, Pieces):
        return 0.3 * (1 + len(curve.breakpoints))
    return sum(_NANOSECONDS.get(operation, 0.3) for operation, places, _ in curve.expression.tape.steps if places)


def trace_field(
    network: Network,
    bounds: Bounds,
    width: int,
    height: int,
    levels: Sequence[Sequence[float]],
    *,
    step: int = 0,
    channels: Channels = NO_CHANNELS,
    workers: int = 1,
) -> Field:
    """Evaluate `network` over the view and trace z = level for levels[l] of each hidden layer l (none: no curves).

    step 0 chooses one. In a view smaller than 1/100 of its distance from the origin, where float32 would show its
    rounding, values are computed in float64.
    """
    step = step or choose_step(network, width, height, workers)
    xmin, xmax, ymin, ymax = bounds
    columns, rows = -(-width // step) + 1, -(-height // step) + 1
    extent = min(xmax - xmin, ymax - ymin)
    dtype = np.float32 if extent > 0.01 * max(map(abs, bounds)) else np.float64
    x = np.arange(columns) * (step * (xmax - xmin) / width)
    y = np.arange(rows) * (step * (ymin - ymax) / height)
    evaluator = _Evaluator(network, (xmin, ymax), x, y, np.dtype(dtype), levels, channels, step)
    height_of_band = max(2, _BAND // columns)
    starts = range(0, max(1, rows - 1), height_of_band)
    # Bands share a row of nodes, so that every cell lies in one.
    bands = [(start, min(rows, start + height_of_band + 1)) for start in starts]
    parts = list((_pool(workers).map if workers > 1 else map)(evaluator.run, bands))
    return Field(bounds, width, height, step, evaluator.outputs, evaluator.channels, _joined(parts))


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, thread_name_prefix="field")


class _Evaluator:
    """One network on one grid, band by band; bands may run at the same time."""

    def __init__(
        self,
        network: Network,
        corner: tuple[float, float],
        x: Array,
        y: Array,
        dtype: np.dtype[np.floating],
        levels: Sequence[Sequence[float]],
        channels: Channels,
        step: int,
    ) -> None:
        first = network.weights[0]
        # Relative to the corner, so that a deep zoom keeps its digits.
        biases = [first @ np.asarray(corner) + network.biases[0], *network.biases[1:]]
        self._across = (first[:, :1] * x).astype(dtype)
        self._down = (first[:, 1:] * y + biases[0][:, None]).astype(dtype)
        self._weights = [weights.astype(dtype) for weights in network.weights]
        self._biases = [bias.astype(dtype)[:, None] for bias in biases]
        self._functions = [fast_value(curve) for curve in network.curves]
        self._levels = [np.asarray(sorted(values), dtype) for values in levels]
        self._gates = channels.gates
        self._readouts = [weights.astype(dtype) for weights in channels.weights]
        self._offset = channels.offset.astype(dtype)[:, None]
        self._step = step
        shape = (len(y), len(x))
        self.outputs = np.empty((network.outputs, *shape), np.float32)
        self.channels = np.empty((len(channels.offset), *shape), np.float32)

    def run(self, band: tuple[int, int]) -> list[tuple[int, Traced]]:
        """Fill rows band[0]..band[1] of outputs and channels; return the curves of each layer traced."""
        top, bottom = band
        rows, columns = bottom - top, self._across.shape[1]
        points = rows * columns
        traced = []
        z = np.zeros((len(self._down), pad(points)), self._down.dtype)
        first = z[:, :points].reshape(-1, rows, columns)
        np.add(self._down[:, top:bottom, None], self._across[:, None, :], out=first)
        channels = self._offset
        with np.errstate(all="ignore"):
            for layer, function in enumerate(self._functions):
                if len(self._levels[layer]):
                    traced += [(layer, found) for found in self._march(z, columns, rows, layer, top)]
                h = function(z)
                if len(channels):
                    channels = channels + product(self._readouts[layer], self._gates[layer](z, h))
                z = product(self._weights[layer + 1], h)
                z += self._biases[layer + 1]
            self.outputs[:, top:bottom] = z[:, :points].reshape(-1, rows, columns)
            if len(channels):
                self.channels[:, top:bottom] = channels[:, :points].reshape(-1, rows, columns)
        return traced

    def _march(self, z: Array, columns: int, rows: int, layer: int, top: int) -> list[Traced]:
        levels = self._levels[layer]
        if z.dtype == np.float32:
            return [march(z, columns, rows, levels.astype(np.float32), top, self._step)]
        # In a deep zoom z hardly changes: only its distance from the level fits into float32.
        result = []
        for k, level in enumerate(levels):
            grid = (z - level).astype(np.float32)
            segments, units, which, steepness = march(grid, columns, rows, np.zeros(1, np.float32), top, self._step)
            result.append((segments, units, which + np.int32(k), steepness))
        return result


def _joined(parts: list[list[tuple[int, Traced]]]) -> Curves:
    pieces = [(layer, traced) for part in parts for layer, traced in part]
    empty = (np.empty((0, 4), np.float32), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))
    found = [traced for _, traced in pieces] or [empty]
    layers = [np.full(len(traced[0]), layer, np.int32) for layer, traced in pieces] or [np.empty(0, np.int32)]
    segments, units, levels, steepness = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return Curves(segments, np.concatenate(layers), units, levels, steepness)


def fast_value(curve: Curve) -> Callable[[Array], Array]:
    """Return phi for pictures: as `curve.value`, a few times faster for pieces without jumps; z may be overwritten."""
    if not isinstance(curve, Pieces):
        return curve.value
    ends, slopes, intercepts = curve.breakpoints, curve.slopes, curve.intercepts
    gaps = [abs((slopes[i] - slopes[i + 1]) * end + intercepts[i] - intercepts[i + 1]) for i, end in enumerate(ends)]
    if any(gap > 1e-9 for gap in gaps) or len(ends) > 4:
        return curve.value
    bends = [(end, after - before) for end, before, after in zip(ends, slopes, slopes[1:], strict=False)]

    def value(z: Array) -> Array:
        h: Array = slopes[0] * z + intercepts[0] if slopes[0] else np.full_like(z, intercepts[0])
        for end, change in bends:
            h += change * np.maximum(z - end, 0) if end else change * np.maximum(z, 0)
        return h

    return value
