import numpy as np
import pytest

from reluviz.core.dataset import split
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import DATASETS, DATASETS_OF_CLASSES, DATASETS_OF_VALUES, Experiment
from reluviz.core.shapes import SHAPES


def test_every_name_of_an_experiment_is_a_shape():
    assert tuple(SHAPES) == DATASETS
    assert tuple(name for name, shape in SHAPES.items() if shape.classes) == DATASETS_OF_CLASSES


@pytest.mark.parametrize("name", DATASETS)
def test_sets_are_what_the_experiment_asks_for(name):
    dataset = load_dataset(Experiment(dataset=name, points=301, noise=0.0))
    assert dataset.points.shape == (301, 2)
    assert dataset.points.dtype == np.float64
    assert np.abs(dataset.points).max() <= 1.05
    assert np.abs(dataset.points).max() >= 0.8
    assert not any(a.flags.writeable for a in (dataset.points, dataset.targets, dataset.is_train))
    if name in DATASETS_OF_CLASSES:
        sizes = np.bincount(dataset.targets)
        assert len(sizes) == dataset.target_width == SHAPES[name].classes
        assert sizes.max() - sizes.min() <= 1
    else:
        assert dataset.targets.shape == (301, 1)
        assert 0.5 < np.abs(dataset.targets).max() <= 1.0


@pytest.mark.parametrize("name", DATASETS)
def test_more_points_extend_a_set(name):
    few, many = (load_dataset(Experiment(dataset=name, points=n)) for n in (100, 240))
    np.testing.assert_array_equal(few.points, many.points[:100])
    np.testing.assert_array_equal(few.targets, many.targets[:100])
    np.testing.assert_array_equal(few.is_train, many.is_train[:100])


def test_seeds_draw_other_points_and_equal_inputs_the_same_object():
    one = load_dataset(Experiment(data_seed=1))
    assert one is load_dataset(Experiment(data_seed=1, learning_rate=0.5, seed=9))
    assert not np.array_equal(one.points, load_dataset(Experiment(data_seed=2)).points)


@pytest.mark.parametrize("name", DATASETS_OF_CLASSES)
def test_noise_moves_the_same_points_by_half_its_share_of_the_half_side(name):
    still, moved = (load_dataset(Experiment(dataset=name, points=4000, noise=n)) for n in (0.0, 0.25))
    assert (moved.points - still.points).std() == pytest.approx(0.125, rel=0.03)


@pytest.mark.parametrize("name", DATASETS_OF_VALUES)
def test_noise_moves_values_where_there_are_values(name):
    still, moved = (load_dataset(Experiment(dataset=name, points=4000, noise=n)) for n in (0.0, 0.25))
    np.testing.assert_array_equal(still.points, moved.points)
    assert (moved.targets - still.targets).std() == pytest.approx(0.125, rel=0.05)


def test_xor_and_checkerboard_follow_their_rule():
    xor = load_dataset(Experiment(dataset="xor", noise=0.0, points=400))
    np.testing.assert_array_equal(xor.targets, (xor.points.prod(axis=1) < 0).astype(int))
    board = load_dataset(Experiment(dataset="checkerboard", noise=0.0, points=400))
    cells = np.floor((board.points + 1) * 2).sum(axis=1) % 2
    np.testing.assert_array_equal(board.targets, cells)


@pytest.mark.parametrize("name", ["circle", "gaussians", "moons", "spiral", "pinwheel", "blobs"])
def test_classes_keep_apart_without_noise(name):
    # A point's nearest neighbour is of its own class nearly always, or the set would not be learnable.
    dataset = load_dataset(Experiment(dataset=name, noise=0.0, points=600))
    distances = ((dataset.points[:, None] - dataset.points) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (dataset.targets[distances.argmin(axis=1)] == dataset.targets).mean() > 0.985


def test_functions_have_the_values_they_claim():
    plane = load_dataset(Experiment(dataset="plane", noise=0.0))
    np.testing.assert_allclose(plane.targets[:, 0], plane.points.mean(axis=1))
    ripple = load_dataset(Experiment(dataset="ripple", noise=0.0))
    radius = np.hypot(*ripple.points.T)
    np.testing.assert_allclose(ripple.targets[:, 0], np.cos(2.5 * np.pi * radius) * np.exp(-0.8 * radius))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.7, 1.0])
def test_split_takes_the_share_of_each_label(share):
    labels = np.arange(300) % 3
    train = split(labels, share)
    assert np.bincount(labels[train]).tolist() == [np.ceil(100 * share - 1e-9)] * 3


def test_split_never_leaves_a_label_untrained_and_follows_the_order_given():
    labels = np.array([0, 0, 0, 0, 0, 0, 1])
    assert split(labels, 0.05).tolist() == [True, False, False, False, False, False, True]
    assert split(labels, 0.05, np.array([5, 6, 4, 3, 2, 1, 0])).tolist() == [False] * 5 + [True, True]
