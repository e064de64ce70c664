"""Gains against torch's autograd, and the amounts they colour."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from reluviz.core.gain import INPUT, point_gains, region_gains
from reluviz.core.intensity import INTENSITIES, level, shown_layer
from reluviz.core.partition import decompose
from reluviz.core.variation import partition_variation
from reluviz.core.view import View
from tests.core.networks import random_network

BOX = (-1.25, 1.25, -1.25, 1.25)
TORCH = {"relu": torch.relu, "tanh": torch.tanh, "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01)}


def autograd_gain(network, point, layer):
    """Return ||df/dh_layer|| by torch, summed in squares over outputs and units."""
    h = torch.tensor(point)
    kept = h.requires_grad_()
    for index, row in enumerate(network.activations):
        h = TORCH[row.name](torch.tensor(network.weights[index]) @ h + torch.tensor(network.biases[index]))
        if index == layer:
            kept = h
    f = torch.tensor(network.weights[-1]) @ h + torch.tensor(network.biases[-1])
    rows = [torch.autograd.grad(value, kept, retain_graph=True)[0] for value in f]
    return float(torch.stack(rows).square().sum().sqrt())


@pytest.mark.parametrize("names", [("relu", "leaky_relu", "relu"), ("tanh", "relu", "tanh")])
@pytest.mark.parametrize("outputs", [1, 3])
def test_point_gains_are_autograds(names, outputs):
    network = random_network(*names, outputs=outputs, seed=3)
    points = np.random.default_rng(1).uniform(-1, 1, (20, 2))
    for layer in range(INPUT, len(names)):
        wanted = [autograd_gain(network, point, layer) for point in points]
        assert point_gains(network, points, layer) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("names", [("relu", "leaky_relu"), ("hardtanh", "relu", "abs")])
def test_a_regions_gain_holds_everywhere_in_it(names):
    partition = decompose(random_network(*names, outputs=2, seed=5), BOX)
    random = np.random.default_rng(2)
    for layer in range(INPUT, len(names)):
        gains = region_gains(partition, layer)
        assert gains.shape == (partition.count,)
        rings = pairwise(partition.offsets.tolist())
        inside = [random.dirichlet(np.ones(b - a)) @ partition.vertices[a:b] for a, b in rings]
        assert point_gains(partition.network, np.array(inside), layer) == pytest.approx(gains, rel=1e-9, abs=1e-12)
    assert region_gains(partition, len(names) - 1) == pytest.approx(np.linalg.norm(partition.network.weights[-1]))


def test_gains_without_hidden_layers_and_of_what_is_not_decomposed():
    plane = random_network(seed=1)
    assert point_gains(plane, np.zeros((1, 2)), INPUT) == pytest.approx(np.linalg.norm(plane.weights[0]))
    part = decompose(random_network("relu", "relu", "relu", width=24, seed=4), BOX, budget=400)
    assert part.truncated_at is not None
    assert np.isnan(region_gains(part, 0)).all()
    for row in INTENSITIES.values():
        assert (row.colors_of(part, View()) == 0).all()


def test_levels_run_by_decades():
    amounts = np.array([0.0, 0.01, 1.0, 100.0, np.inf, np.nan])
    assert level(amounts, 0.01, 100.0) == pytest.approx([0, 0, 0.5, 1, 1, 0])


def test_a_scale_holds_most_of_the_square_and_not_what_is_in_view():
    network = random_network("relu", "tanh", seed=6)
    grid = np.linspace(-1, 1, 40)
    points = np.column_stack([np.repeat(grid, 40), np.tile(grid, 40)])
    for name, layer in (("slope", INPUT), ("gain", 0)):
        row = INTENSITIES[name]
        low, high = row.scale(network, View())
        amounts = point_gains(network, points, layer)
        assert ((amounts >= low) & (amounts <= high)).mean() > 0.9
        assert 10 <= high / low < 10**3
        assert (low, high) == row.scale(network, View(bounds=(0.1, 0.2, 0.1, 0.2)))
        assert 2 * np.log10([low, high]) == pytest.approx(np.rint(2 * np.log10([low, high])))
        assert row.symbol(View()) in row.words(View(), row.scale(network, View()))
    flat = random_network("step", seed=1)
    assert INTENSITIES["slope"].scale(flat, View())[0] > 0


@pytest.mark.parametrize("name", INTENSITIES)
def test_nodes_lie_at_pixel_corners_and_agree_with_regions(name):
    network = random_network("relu", "relu", seed=7)
    view = View(width=331, height=200, bounds=(-1.0, 0.5, -0.5, 0.5), layer=1)
    row = INTENSITIES[name]
    levels, step = row.on_grid(network, view)
    assert (levels.shape[1] - 1) * step >= view.width
    assert (levels.shape[0] - 1) * step >= view.height
    if name == "bending":
        return  # A piecewise-linear network bends on its edges only: there is nothing at points.
    partition = decompose(network, view.bounds)
    wanted = row.colors_of(partition, view)
    at = [(-1 + j * step * 1.5 / 331, 0.5 - i * step / 200) for i, j in [(1, 1), (5, 17), (9, 30)]]
    regions = partition.locate(np.array(at))
    assert [levels[i, j] for i, j in [(1, 1), (5, 17), (9, 30)]] == pytest.approx(wanted[regions], abs=1e-6)


def test_the_bending_of_regions_adds_up_to_the_total():
    partition = decompose(random_network("relu", "relu", seed=8), BOX)
    density = INTENSITIES["bending"].regions(partition, View())
    assert (density * partition.areas).sum() == pytest.approx(partition_variation(partition).value)


def test_the_layer_of_the_gain_is_one_that_exists():
    assert shown_layer((4, 4), View()) == 0
    assert shown_layer((4, 4), View(layer=1)) == 1
    assert shown_layer((4, 4), View(layer=6)) == 1
    assert shown_layer((), View(layer=2)) == INPUT
    assert INTENSITIES["gain"].symbol(View(layer=1)) == "‖∂f/∂h₂‖"
