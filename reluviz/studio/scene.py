"""read_scene: an experiment from a file."""

from dataclasses import replace
from pathlib import Path

from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, Experiment

MAX_BYTES = 1_000_000
ALLOWED = "allowed is a JSON file of an experiment"


def read_scene(path: Path) -> Experiment:
    """Read an experiment; a data file that it names may lie beside it. Raises `InputError` naming file and place."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; {ALLOWED}.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {ALLOWED}.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: is larger than a megabyte; {ALLOWED}.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8 text; {ALLOWED}.") from None
    experiment = Experiment.from_json(text, str(path))
    beside = path.parent / experiment.dataset
    if experiment.dataset not in DATASETS and beside.is_file():
        return replace(experiment, dataset=str(beside))
    return experiment
