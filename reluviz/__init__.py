"""Exact linear regions of small ReLU networks, live while they learn."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from reluviz.core.activations import ACTIVATIONS, Activation
    from reluviz.core.errors import InputError
    from reluviz.core.experiment import Experiment
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition, linear_regions
    from reluviz.core.snapshot import Snapshot
    from reluviz.engine.trainer import train

_HOMES = {
    "ACTIVATIONS": "reluviz.core.activations",
    "Activation": "reluviz.core.activations",
    "Experiment": "reluviz.core.experiment",
    "InputError": "reluviz.core.errors",
    "Network": "reluviz.core.network",
    "Partition": "reluviz.core.partition",
    "Snapshot": "reluviz.core.snapshot",
    "linear_regions": "reluviz.core.partition",
    "train": "reluviz.engine.trainer",
}
__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Experiment",
    "InputError",
    "Network",
    "Partition",
    "Snapshot",
    "linear_regions",
    "train",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `import reluviz` must stay light, and only `train` needs torch.
    if name not in _HOMES:
        raise AttributeError(f"module 'reluviz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
