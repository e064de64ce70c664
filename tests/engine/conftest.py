"""Data sets for the engine's tests."""

import pytest
from plain_training import make_dataset

from reluviz.core.dataset import Dataset


@pytest.fixture(scope="session")
def datasets() -> dict[str, Dataset]:
    return {kind: make_dataset(kind) for kind in ("2", "3", "values")}
