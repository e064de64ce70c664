"""Data sets and a plain autograd trainer to compare with."""

import numpy as np
import pytest

from reluviz.core.dataset import Dataset


def make_dataset(kind: str, points: int = 60, train: int = 43) -> Dataset:
    """`kind` is a number of classes, or "values" for three values per point."""
    generator = np.random.default_rng(7)
    x = generator.uniform(-1, 1, (points, 2))
    is_train = np.arange(points) < train
    if kind == "values":
        return Dataset(x, generator.normal(size=(points, 3)), is_train)
    classes = int(kind)
    labels = (np.floor((np.arctan2(x[:, 1], x[:, 0]) / np.pi + 1) / 2 * classes)).astype(np.int64) % classes
    return Dataset(x, labels, is_train, tuple(f"class {i}" for i in range(classes)))


@pytest.fixture(scope="session")
def datasets() -> dict[str, Dataset]:
    return {kind: make_dataset(kind) for kind in ("2", "3", "values")}
