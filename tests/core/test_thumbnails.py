"""Every pixel of every thumbnail against torch's forward at that pixel."""

import numpy as np
import pytest

from reluviz.core import raster
from reluviz.core.partition import decompose
from reluviz.core.thumbnails import _piece_colors, _value_lut, draw_thumbnails
from tests.core.networks import random_network
from tests.core.test_layer_maps import torch_layers

BOUNDS = (-1.0, 1.5, -0.5, 1.0)


def partition_and_ids(network, height=90, width=150, budget=10_000):
    partition = decompose(network, BOUNDS, budget)
    ids = np.full((height, width), -1, np.int32)
    if partition.count:
        raster.fill_ids(ids, partition.vertices, partition.offsets, BOUNDS, 0, height)
    return partition, ids


def middles(height, width, rows, columns):
    """Return the points (rows * columns, 2) whose ids a thumbnail takes: pixel middles of the large picture."""
    xmin, xmax, ymin, ymax = BOUNDS
    r = (np.arange(rows) * 2 + 1) * height // (2 * rows)
    c = (np.arange(columns) * 2 + 1) * width // (2 * columns)
    x, y = np.meshgrid(xmin + (c + 0.5) / width * (xmax - xmin), ymax - (r + 0.5) / height * (ymax - ymin))
    return np.column_stack([x.ravel(), y.ravel()])


@pytest.mark.parametrize(
    "names", [("relu", "relu"), ("hardtanh", "abs", "relu"), ("leaky_relu", "shifted_relu"), ("step",)]
)
def test_values_are_torchs_at_every_pixel(names):
    network = random_network(*names, width=6, seed=2)
    partition, ids = partition_and_ids(network)
    images = draw_thumbnails(partition, ids, rows=20, columns=30)
    assert images.shape == (6 * len(names), 20, 30)
    points = middles(90, 150, 20, 30)
    for layer, (z, h) in enumerate(torch_layers(network, points)):
        lut = _value_lut("dark", layer).astype(np.int64)
        for unit in range(6):
            image, value = images[6 * layer + unit].ravel(), h[:, unit]
            off = (value == 0) & (network.curves[layer].index(z[:, unit]) == 0)
            exact = np.abs(value) / max(np.abs(value).max(), 1e-300) * 255
            # Single precision may round to the next of 256 levels.
            for level in (np.floor(exact), np.ceil(exact)):
                row = np.where(off, 2, np.where(value >= 0, 1, 0))
                expected = lut[row, np.where(off, 0, level).astype(int)]
                image = np.where(image == expected, 0, image)
            assert np.count_nonzero(image) <= 2


@pytest.mark.parametrize("names", [("relu", "relu"), ("hardtanh", "relu6")])
def test_pieces_are_those_of_the_pattern(names):
    network = random_network(*names, width=5, seed=4)
    partition, ids = partition_and_ids(network)
    images = draw_thumbnails(partition, ids, rows=18, columns=25, values=False, palette="light")
    patterns = network.pattern(middles(90, 150, 18, 25))
    for layer in range(2):
        colors = _piece_colors("light", layer, len(network.pieces[layer].slopes))
        for unit in range(5):
            expected = colors[patterns[:, 5 * layer + unit]].reshape(18, 25)
            assert np.count_nonzero(images[5 * layer + unit] != expected) <= 1


def test_pixels_without_a_region_and_layers_not_decomposed_are_blank():
    network = random_network("relu", "relu", width=8, seed=4)
    partition, ids = partition_and_ids(network, budget=30)
    assert partition.truncated_at == 1
    ids[:45] = -1
    images = draw_thumbnails(partition, ids, rows=10, columns=10)
    blank = images[0, 0, 0]
    assert (images[:, :5] == blank).all()
    assert (images[8:] == blank).all()
    assert (images[:8, 5:] != blank).any()
    broken = decompose(network, BOUNDS)
    empty = draw_thumbnails(broken, np.full((9, 9), -1, np.int32), rows=4, columns=4)
    assert empty.shape == (16, 4, 4)
    assert (empty == blank).all()


def test_a_network_without_hidden_layers_has_none():
    partition, ids = partition_and_ids(random_network())
    assert draw_thumbnails(partition, ids).shape == (0, 48, 48)
