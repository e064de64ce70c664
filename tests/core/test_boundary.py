"""The decision boundary, against the network's own answers."""

import itertools

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.boundary import decision_boundary, has_jumps
from reluviz.core.network import Network
from reluviz.core.partition import decompose

BOUNDS = (-1.5, 1.5, -1.2, 1.2)


def random_network(hidden, seed, outputs=1, activation="relu"):
    random = np.random.default_rng(seed)
    sizes = (2, *hidden, outputs)
    layers = [
        (random.normal(0, np.sqrt(2 / a), (b, a)), random.normal(0, 0.5, b)) for a, b in itertools.pairwise(sizes)
    ]
    # The last bias is taken so that classes are balanced and the boundary runs through the box.
    row = ACTIVATIONS[activation]
    network = Network.create(layers, [row] * len(hidden), [row.default] * len(hidden))
    values = network.forward(random.uniform(-1, 1, (500, 2)))
    layers[-1] = (layers[-1][0], layers[-1][1] - np.median(values, axis=0))
    return Network.create(layers, [row] * len(hidden), [row.default] * len(hidden))


def classes(network, points):
    values = network.forward(points)
    if values.shape[1] == 1:
        return (values[:, 0] > 0).astype(int)
    return values.argmax(axis=1)


def crossings(segments, a, b):
    """How many segments cross each of the chords a to b, (N, 2) each; touching within 1e-12 counts."""

    def side(origin, along, point):
        return along[..., 0] * (point[..., 1] - origin[..., 1]) - along[..., 1] * (point[..., 0] - origin[..., 0])

    p, q = segments[None, :, :2], segments[None, :, 2:]
    a, b = a[:, None], b[:, None]
    apart_chord = side(p, q - p, a) * side(p, q - p, b) <= 1e-15
    apart_segment = side(a, b - a, p) * side(a, b - a, q) <= 1e-15
    return (apart_chord & apart_segment).sum(axis=1)


NETWORKS = [
    pytest.param(random_network((8,), 0), id="one hidden layer"),
    pytest.param(random_network((12, 12), 1), id="two hidden layers"),
    pytest.param(random_network((10, 10), 2, outputs=2), id="two outputs"),
    pytest.param(random_network((14, 14), 3, outputs=3), id="three outputs"),
    pytest.param(random_network((12, 12), 4, outputs=6), id="six outputs"),
    pytest.param(random_network((10, 10), 5, activation="hardtanh"), id="hard tanh"),
    pytest.param(random_network((6, 6), 6, outputs=3, activation="abs"), id="absolute value"),
    pytest.param(random_network((10, 8), 7, activation="step"), id="steps"),
    pytest.param(random_network((10, 8), 8, outputs=3, activation="step"), id="steps, three outputs"),
]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_chord_crosses_the_boundary_where_its_ends_differ(network):
    """On a grid of chords: ends in different classes, at least one segment between; in one class, an even number."""
    partition = decompose(network, BOUNDS)
    segments = decision_boundary(partition)
    assert len(segments) > 5
    random = np.random.default_rng(9)
    a = random.uniform((BOUNDS[0], BOUNDS[2]), (BOUNDS[1], BOUNDS[3]), (4000, 2))
    b = np.clip(a + random.normal(0, 0.03, a.shape), (BOUNDS[0], BOUNDS[2]), (BOUNDS[1], BOUNDS[3]))
    count = crossings(segments, a, b)
    differ = classes(network, a) != classes(network, b)
    assert differ.sum() > 20
    assert (count[differ] > 0).all()
    if network.outputs == 1:
        # Crossings change the class each time, so they are even where the ends agree, but for a shared end touched.
        assert (count[~differ] % 2 == 0).mean() > 0.999


@pytest.mark.parametrize("network", NETWORKS[:7])
def test_ends_are_ties_of_the_largest_outputs(network):
    segments = decision_boundary(decompose(network, BOUNDS))
    values = network.forward(segments.reshape(-1, 2))
    if network.outputs == 1:
        assert np.abs(values).max() < 1e-9
    else:
        ranked = np.sort(values, axis=1)
        assert (ranked[:, -1] - ranked[:, -2]).max() < 1e-9


@pytest.mark.parametrize("network", NETWORKS)
def test_both_sides_of_each_segment_are_of_different_classes(network):
    segments = decision_boundary(decompose(network, BOUNDS))
    along = segments[:, 2:] - segments[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    clear = length > 1e-6
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)[clear] / length[clear, None]
    middle = (segments[clear, :2] + segments[clear, 2:]) / 2
    inside = np.abs(middle[:, 0]) < 1.5 - 1e-6
    step = 1e-9
    one, two = classes(network, middle + step * across), classes(network, middle - step * across)
    assert (one != two)[inside].all()


def test_a_known_boundary():
    # f = |x| - 1/2 by two ReLU units: two vertical lines across the box.
    network = Network.create(
        [(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(2)), (np.ones((1, 2)), np.array([-0.5]))],
        [ACTIVATIONS["relu"]],
        [0.0],
    )
    segments = decision_boundary(decompose(network, (-1.0, 1.0, -1.0, 1.0)))
    assert sorted((round(min(s[1], s[3]), 12), round(s[0], 12), round(s[2], 12)) for s in segments) == [
        (-1.0, -0.5, -0.5),
        (-1.0, 0.5, 0.5),
    ]
    assert np.abs(segments[:, 3] - segments[:, 1]).tolist() == [2.0, 2.0]


def test_where_f_is_zero_on_a_whole_region_it_ends_at_the_region():
    # f = max(0, x): zero on the left half, which is class 0; the boundary is x = 0, drawn once.
    network = Network.create(
        [(np.array([[1.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))], [ACTIVATIONS["relu"]], [0.0]
    )
    segments = decision_boundary(decompose(network, (-1.0, 1.0, -1.0, 1.0)))
    assert np.abs(segments).tolist() == [[0.0, 1.0, 0.0, 1.0]]


def test_no_boundary_where_one_class_rules():
    network = Network.create(
        [(np.array([[1.0, 0.5]]), np.zeros(1)), (np.ones((1, 1)), np.array([0.1]))], [ACTIVATIONS["relu"]], [0.0]
    )
    assert decision_boundary(decompose(network, BOUNDS)).shape == (0, 4)


def test_three_classes_meet_in_a_point():
    # Outputs are linear, 120 degrees apart: three rays from the origin.
    angle = np.radians([90.0, 210.0, 330.0])
    network = Network.create([(np.stack([np.cos(angle), np.sin(angle)], 1), np.zeros(3))], [], [])
    segments = decision_boundary(decompose(network, (-1.0, 1.0, -1.0, 1.0)))
    assert len(segments) == 3
    nearest = np.minimum(np.hypot(segments[:, 0], segments[:, 1]), np.hypot(segments[:, 2], segments[:, 3]))
    assert nearest.max() < 1e-12


def test_which_activations_jump():
    exact = [name for name, row in ACTIVATIONS.items() if not row.is_smooth]
    jumping = {name for name in exact if has_jumps(random_network((3,), 0, activation=name))}
    assert jumping == {"step", "step_ste"}
