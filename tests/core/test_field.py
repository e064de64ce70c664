"""Fields of true values and the curves traced through them, against float64 and dense sampling."""

import numpy as np
import pytest

from reluviz.core.field import Channels, choose_step, fast_value, trace_field
from reluviz.core.network import Network
from reluviz.core.products import pad, product
from reluviz.core.response import respond
from tests.core.networks import ROWS, random_network

BOX = (-0.3, 0.35, -0.2, 0.25)
SUB = 3
SIZE = (312, 216)  # A multiple of every step, at the scale of 1200 x 830 pixels for a view of 2.5 x 1.73.


def grid(sub: int) -> tuple[np.ndarray, np.ndarray]:
    x = BOX[0] + np.arange(SIZE[0] * sub + 1) * (BOX[1] - BOX[0]) / (SIZE[0] * sub)
    y = BOX[3] - np.arange(SIZE[1] * sub + 1) * (BOX[3] - BOX[2]) / (SIZE[1] * sub)
    return x, y


def exact_values(network: Network, layer: int, sub: int) -> np.ndarray:
    x, y = np.meshgrid(*grid(sub))
    z = network.preactivations(np.column_stack([x.ravel(), y.ravel()]))[layer]
    return z.T.reshape(-1, *x.shape)


def crossings(z: np.ndarray, level: float, sub: int) -> np.ndarray:
    """Points in pixels, (N, 2), where a densely sampled z passes the level along grid lines."""
    above = z > level
    i, j = np.nonzero(above[:, 1:] != above[:, :-1])
    along = np.column_stack([j + (level - z[i, j]) / (z[i, j + 1] - z[i, j]), i])
    i, j = np.nonzero(above[1:] != above[:-1])
    down = np.column_stack([j, i + (level - z[i, j]) / (z[i + 1, j] - z[i, j])])
    return np.concatenate([along, down]) / sub


def farthest(one: np.ndarray, other: np.ndarray) -> float:
    """The largest distance of a point of one from the nearest of the other."""
    parts = [one[k : k + 500] for k in range(0, len(one), 500)]
    return max(float(np.sqrt(((part[:, None] - other[None]) ** 2).sum(-1).min(1)).max()) for part in parts)


@pytest.mark.parametrize("step", [2, 4])
@pytest.mark.parametrize("gain", [2.0, 8.0, 30.0])
@pytest.mark.parametrize("names", [("tanh", "tanh"), ("silu", "sin"), ("sigmoid", "relu", "mish")])
def test_curves_are_within_a_pixel_and_a_half_of_dense_sampling(names: tuple[str, ...], gain: float, step: int) -> None:
    network = random_network(*names, width=6, gain=gain, seed=3)
    last = len(names) - 1
    nearest = tuple(sorted(sorted(respond(network.curves[last]).levels, key=abs)[:4]))
    levels = [nearest if layer == last else () for layer in range(len(names))]
    curves = trace_field(network, BOX, *SIZE, levels, step=step).curves
    assert set(curves.layers.tolist()) <= {last}
    z, compared = exact_values(network, last, SUB), 0
    for unit in range(len(z)):
        for which, level in enumerate(levels[last]):
            true = crossings(z[unit], level, SUB)
            found = curves.segments[(curves.units == unit) & (curves.levels == which)].astype(np.float64)
            if len(true) < 2 * SUB * step:  # Too short a piece to be seen on the grid: under two cells.
                continue
            share = np.linspace(0, 1, 2 * step + 1)[None, :, None]
            points = (found[:, None, :2] * (1 - share) + found[:, None, 2:] * share).reshape(-1, 2)
            assert farthest(true[::2], points) < 1.5
            assert farthest(points[::3], true) < 1.5
            compared += 1
    assert compared >= 1


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("names", [("tanh", "gelu"), ("step", "hardtanh", "mish"), ("relu6", "elu")])
def test_values_at_nodes_are_the_networks(names: tuple[str, ...], workers: int) -> None:
    network = random_network(*names, width=9, outputs=3)
    field = trace_field(network, BOX, 101, 67, [()] * len(names), step=3, workers=workers)
    assert field.outputs.shape == (3, 24, 35)
    x = BOX[0] + 3 * np.arange(35) * (BOX[1] - BOX[0]) / 101
    y = BOX[3] - 3 * np.arange(24) * (BOX[3] - BOX[2]) / 67
    points = np.column_stack([np.tile(x, 24), np.repeat(y, 35)])
    z = network.preactivations(points)
    clear = np.all([np.abs(v).min(axis=1) > 1e-4 for v in z[:-1]], axis=0)  # float32 may step on the other side.
    expected = z[-1].T.reshape(3, 24, 35)
    np.testing.assert_allclose(field.outputs[:, clear.reshape(24, 35)], expected[:, clear.reshape(24, 35)], atol=2e-5)


def test_a_deep_zoom_keeps_its_digits() -> None:
    network = random_network("tanh", "tanh", width=8, seed=1)
    z = network.preactivations(np.array([[0.5, 0.25]]))[1][0]
    size = 1e-7
    bounds = (0.5 - size, 0.5 + size, 0.25 - size, 0.25 + size)
    levels = [(), tuple(sorted(z.tolist()))[:1]]
    unit = int(np.argmin(z))
    field = trace_field(network, bounds, 200, 200, levels, step=2)
    mine = field.curves.segments[field.curves.units == unit]
    # The curve through the centre, straight at this scale.
    assert np.hypot(*(mine.reshape(-1, 2) - 100.0).T).min() < 1.5
    centre = mine.reshape(-1, 2) - mine.reshape(-1, 2).mean(axis=0)
    assert np.linalg.svd(centre.astype(np.float64))[1][1] < 0.05 * np.linalg.svd(centre.astype(np.float64))[1][0]


def test_channels_are_read_from_gates() -> None:
    network = random_network("tanh", "relu", width=5)
    weights = (np.arange(10.0).reshape(2, 5), np.ones((2, 5)))
    gates = (lambda z, h: h, lambda z, h: (z > 0).astype(z.dtype))
    field = trace_field(
        network, BOX, 40, 30, [(), ()], step=2, channels=Channels(np.array([1.0, -1.0]), weights, gates)
    )
    x = BOX[0] + 2 * np.arange(21) * (BOX[1] - BOX[0]) / 40
    y = BOX[3] - 2 * np.arange(16) * (BOX[3] - BOX[2]) / 30
    z = network.preactivations(np.column_stack([np.tile(x, 16), np.repeat(y, 21)]))
    expected = np.tanh(z[0]) @ weights[0].T + (z[1] > 0) @ weights[1].T + [1.0, -1.0]
    np.testing.assert_allclose(field.channels.reshape(2, -1).T, expected, atol=1e-4)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.is_smooth])
def test_fast_values_are_the_pieces_values(name: str) -> None:
    pieces = ROWS[name].pieces(ROWS[name].default)
    z = np.concatenate([np.linspace(-9, 9, 1801), pieces.breakpoints]).astype(np.float32)
    np.testing.assert_allclose(fast_value(pieces)(z.copy()), pieces.value(z), atol=2e-6)


def test_coarser_grids_for_larger_networks() -> None:
    small, large = random_network("tanh", width=8), random_network(*["tanh"] * 8, width=256)
    assert choose_step(small, 1200, 900) == 2
    assert choose_step(large, 1200, 900) == 8
    assert choose_step(large, 60, 45) == 2


def test_products_are_products() -> None:
    generator = np.random.default_rng(0)
    for m, k, count in ((1, 2, 300), (32, 32, 256), (100, 7, 1000), (256, 256, 512), (300, 1000, 256)):
        weights, h = generator.normal(size=(m, k)), generator.normal(size=(k, pad(count)))
        np.testing.assert_allclose(product(weights, h), weights @ h, rtol=1e-10, atol=1e-10)
