"""Random networks of any activations for tests."""

from itertools import pairwise

import numpy as np

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.formula import PREFIX, formula_activation
from reluviz.core.network import Network

ROWS = ACTIVATIONS
SMOOTH_NAMES = [name for name, row in ROWS.items() if row.is_smooth]


def random_network(*names: str, width: int = 8, outputs: int = 1, seed: int = 0, gain: float = 2.0) -> Network:
    """He-like weights and biases of deviation 0.5, one hidden layer per activation name or formula."""
    generator = np.random.default_rng(seed)
    rows = [formula_activation(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else ROWS[name] for name in names]
    sizes = [2, *[width] * len(rows), outputs]
    layers = [
        (generator.normal(size=(m, n)) * np.sqrt(gain / n), generator.normal(size=m) * 0.5) for n, m in pairwise(sizes)
    ]
    return Network.create(layers, rows, [row.default for row in rows])
