"""A sampled preview for the seconds in which the exact kernels are not there yet. Loads no numba."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reluviz.core.luts import diverging_lut, margin_luts, value_lut
from reluviz.core.network import Network
from reluviz.core.reading import read_outputs
from reluviz.core.snapshot import Snapshot
from reluviz.core.stained_glass import pattern_directions, pattern_table
from reluviz.core.view import View

PREVIEW_MESSAGE = "Sampled preview; exact regions follow."
_COST = 40_000_000  # Multiplications for one preview, some 20 ms in numpy.

Pixels = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Preview:
    """Stands where a Picture will: colours at a coarse grid of points, and no regions.

    image (h, w) uint32 0xffRRGGBB, fewer pixels than the view asks for; `partition` and `region_ids` are None.
    """

    image: Pixels
    snapshot: Snapshot
    view: View
    message: str = PREVIEW_MESSAGE
    statement: str = ""
    partition: None = None
    region_ids: None = None
    seconds: dict[str, float] = field(default_factory=dict)


def make_preview(snapshot: Snapshot, view: View, scale: tuple[float, float] | None = None) -> Preview:
    """Evaluate the network at the centres of a coarse grid and colour by pattern or by what it predicts there."""
    network = snapshot.network
    xmin, xmax, ymin, ymax = view.bounds
    cost = sum(weights.size for weights in network.weights) + 1
    samples = float(np.clip(_COST / cost, 1_000, 40_000))
    width = max(1, min(view.width, round((samples * view.width / view.height) ** 0.5)))
    height = max(1, min(view.height, round(samples / width)))
    x = xmin + (np.arange(width) + 0.5) * (xmax - xmin) / width
    y = ymax - (np.arange(height) + 0.5) * (ymax - ymin) / height
    points = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).reshape(-1, 2)
    with np.errstate(all="ignore"):
        if view.coloring == "pattern" and network.first_smooth is None:
            pixels = _pattern_pixels(network, points, view.palette)
        else:
            pixels = _prediction_pixels(snapshot, points, view.palette, view.fills, scale)
    return Preview(pixels.reshape(height, width), snapshot, view)


def _pattern_pixels(network: Network, points: NDArray[np.float64], palette: str) -> Pixels:
    directions, offset = pattern_directions(network)
    turns = network.pattern(points) @ directions.T + offset
    table = pattern_table(palette)
    sizes = np.array([table.shape[1], table.shape[2], table.shape[0]])
    a, b, light = (np.floor((turns - np.floor(turns)) * sizes).astype(np.int64) % sizes).T
    pixels: Pixels = table[light, a, b]
    return pixels


def _prediction_pixels(
    snapshot: Snapshot, points: NDArray[np.float64], palette: str, fills: str, scale: tuple[float, float] | None
) -> Pixels:
    reading = read_outputs(snapshot.experiment, scale)
    values = np.nan_to_num(snapshot.network.forward(points))
    if not reading.is_classes:
        lut = value_lut(palette, fills=fills)
        return lut[_index((values[:, 0] - reading.low) / (reading.high - reading.low), len(lut))]
    if values.shape[1] == 1:
        lut = diverging_lut(palette, fills=fills)
        return lut[_index((values[:, 0] / reading.reach + 1) / 2, len(lut))]
    luts = margin_luts(palette, values.shape[1], fills=fills)
    ranked = np.sort(values, axis=1)
    pixels: Pixels = luts[values.argmax(axis=1), _index((ranked[:, -1] - ranked[:, -2]) / reading.reach, luts.shape[1])]
    return pixels


def _index(share: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    return (np.clip(share, 0.0, 1.0) * (size - 1)).astype(np.int64)
