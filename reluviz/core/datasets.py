"""load_dataset: the points an experiment asks for, built in or from a file."""

from functools import lru_cache

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.shapes import SHAPES, draw_shape


def load_dataset(experiment: Experiment) -> Dataset:
    """Return the experiment's points; equal inputs return the same object. Raises `InputError` for a bad file."""
    if experiment.dataset not in SHAPES:
        raise InputError(f"dataset: {experiment.dataset!r} is unknown; allowed are {', '.join(SHAPES)}, a path.")
    return _drawn(experiment.dataset, experiment.points, experiment.noise, experiment.train_share, experiment.data_seed)


@lru_cache(maxsize=16)
def _drawn(name: str, points: int, noise: float, train_share: float, seed: int) -> Dataset:
    return draw_shape(SHAPES[name], points, noise, train_share, seed)
