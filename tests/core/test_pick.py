import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reluviz.core.network import Network
from reluviz.core.partition import decompose
from reluviz.core.pick import curve_in, first_line_in, nearest_curve, nearest_line, unit_segments
from tests.core.networks import random_network

BOX = (-1.0, 1.0, -0.8, 0.9)


def distance_to_segments(point, segments):
    start, along = segments[:, :2], segments[:, 2:] - segments[:, :2]
    share = np.clip(((point - start) * along).sum(1) / (along**2).sum(1), 0, 1)
    return np.hypot(*(point - start - share[:, None] * along).T)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(-0.99, 0.99), st.floats(-0.79, 0.89), st.sampled_from(["relu", "hardtanh"]))
def test_the_nearest_line_is_the_nearest_of_all_edges(seed, x, y, activation):
    partition = decompose(random_network(activation, activation, width=6, seed=seed), BOX)
    point = np.array([x, y])
    region = int(partition.locate(point[None])[0])
    grip = nearest_line(partition, region, (x, y))
    distances = distance_to_segments(point, partition.edges) if len(partition.edges) else np.array([np.inf])
    if grip is None:
        assert partition.count == 1
        return
    assert grip.distance == pytest.approx(distances.min(), abs=1e-9)
    of_unit = (partition.edge_layers == grip.layer) & (partition.edge_units == grip.unit)
    of_unit &= partition.edge_breakpoints == grip.breakpoint
    assert distances[of_unit].min() == pytest.approx(grip.distance, abs=1e-9)
    assert np.hypot(*(point - grip.place)) == pytest.approx(grip.distance, abs=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 300), st.floats(-0.9, 0.9), st.floats(-0.7, 0.8), st.sampled_from(["tanh", "gelu", "relu6"]))
def test_the_nearest_curve_is_the_nearest_that_can_be_traced(seed, x, y, activation):
    network = random_network(activation, "tanh", width=4, seed=seed)
    grip = nearest_curve(network, (x, y))
    assert grip is not None
    places = {"relu6": (0.0, 6.0)}.get(activation, (0.0,)) if grip.layer == 0 else (0.0,)
    z = network.preactivations(np.array([grip.place]))[grip.layer][0, grip.unit]
    assert z == pytest.approx(places[grip.breakpoint], abs=1e-5)
    assert np.hypot(x - grip.place[0], y - grip.place[1]) == pytest.approx(grip.distance)
    traced = [
        distance_to_segments(np.array([x, y]), segments).min()
        for layer in range(2)
        for unit in range(4)
        if len(segments := curve_in(network, layer, unit, (-1, 1, -1, 1)))
    ]
    nearest = min(traced, default=np.inf)
    if nearest < 0.05:  # Within a hand's reach; farther off a curve may bend away from where its slope points.
        assert grip.distance == pytest.approx(nearest, abs=0.01)


def test_a_unit_without_weights_has_no_line():
    layers = [(np.zeros((2, 2)), np.ones(2)), (np.ones((1, 2)), np.zeros(1))]
    for name in ("relu", "tanh"):
        network = Network.create(layers, [random_network(name).activations[0]], [0.0])
        assert nearest_curve(network, (0.0, 0.0)) is None
        assert len(first_line_in(network, 0, BOX)) == len(curve_in(network, 0, 0, BOX)) == 0
    assert nearest_curve(random_network(width=3), (0.0, 0.0)) is None


def test_a_first_layers_curve_is_its_straight_line():
    network = random_network("tanh", "tanh", width=5, seed=4)
    for unit in range(5):
        line = first_line_in(network, unit, BOX)
        for end in curve_in(network, 0, unit, BOX).reshape(-1, 2):
            assert network.weights[0][unit] @ end + network.biases[0][unit] == pytest.approx(0.0, abs=1e-6)
        assert bool(len(line)) == bool(len(curve_in(network, 0, unit, BOX)))


@given(st.integers(0, 300), st.integers(0, 4))
def test_a_first_line_is_what_the_partition_cuts(seed, unit):
    network = random_network("relu", width=5, seed=seed)
    partition = decompose(network, BOX)
    line, cuts = first_line_in(network, unit, BOX), unit_segments(partition, 0, unit)
    lengths = np.hypot(*(cuts[:, 2:] - cuts[:, :2]).T)
    length = np.hypot(*(line[0, 2:] - line[0, :2])) if len(line) else 0.0
    assert length == pytest.approx(lengths.sum(), abs=1e-9)
    for x, y in line.reshape(-1, 2):
        assert network.weights[0][unit] @ (x, y) + network.biases[0][unit] == pytest.approx(0.0, abs=1e-9)
