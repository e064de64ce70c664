"""Ablation: hidden units switched off, in training, geometry and export alike.

A unit switched off gives 0 whatever comes in. Its own weights and bias and those of the links that leave it count as
0, so that it has no line and moves nothing; the numbers themselves rest, unchanged, until it is switched on again.
An experiment names such units as (layer, unit) pairs, both counted from 0, as edges do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.filter_bank import Filter

if TYPE_CHECKING:
    from reluviz.core.network import Layout, Network

Units = tuple[tuple[int, int], ...]


def read_units(name: str, value: Any) -> Units:
    """Return pairs in order, each once. Raises `InputError` naming the field for what are no pairs of whole numbers."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InputError(f"{name}: {value!r} is not a list; allowed are [layer, unit] pairs, counted from 0.")
    return tuple(sorted({_pair(name, item) for item in value}))


def _pair(name: str, item: Any) -> tuple[int, int]:
    numbers = list(item) if isinstance(item, list | tuple) else []
    whole = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool) and n >= 0]
    if len(numbers) != 2 or len(whole) != 2:
        raise InputError(f"{name}: {item!r} is no unit; allowed are [layer, unit] pairs, counted from 0.")
    return whole[0], whole[1]


def check_units(name: str, units: Units, hidden: tuple[int, ...]) -> None:
    """Raise `InputError` where a unit is not in a network of these hidden widths."""
    missing = [pair for pair in units if pair not in present(units, hidden)]
    if missing:
        layer, unit = missing[0]
        raise InputError(
            f"{name}: there is no unit {unit} in layer {layer}, counted from 0; widths are {list(hidden)}."
        )


def present(units: Units, hidden: tuple[int, ...]) -> Units:
    """Return those of `units` that a network of these hidden widths has."""
    return tuple((layer, unit) for layer, unit in units if layer < len(hidden) and unit < hidden[layer])


def toggle(units: Units, layer: int, unit: int) -> Units:
    """Return `units` with one switched off that was on, or on that was off."""
    return tuple(sorted(set(units) ^ {(layer, unit)}))


def resting(layout: "Layout", units: Units) -> NDArray[np.bool_]:
    """Return which trainable numbers (P,) in `layout` order rest: those into, of and out of the units.

    A walsh layer has no numbers of its own for the links out of a unit before it; its fixed ones count as 0.
    """
    flags = np.zeros(layout.length)
    parts = layout.split(flags)
    for layer, unit in units:
        parts[2 * layer][unit] = 1.0
        parts[2 * layer + 1][unit] = 1.0
        if layout.kinds[layer + 1] == "dense":
            parts[2 * layer + 2][:, unit] = 1.0
    result: NDArray[np.bool_] = flags != 0
    return result


def silence(network: "Network", units: Units) -> "Network":
    """Return `network` with the resting numbers as 0."""
    if not units:
        return network
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    filters = [bank and Filter(bank.scales.copy(), bank.matrix.copy()) for bank in network.filters]
    for layer, unit in units:
        weights[layer][unit] = 0.0
        biases[layer][unit] = 0.0
        weights[layer + 1][:, unit] = 0.0
        bank, above = filters[layer], filters[layer + 1]
        if bank is not None:
            bank.scales[unit] = 0.0
        if above is not None:
            above.matrix[:, unit] = 0.0
    for array in (*weights, *biases, *(array for bank in filters if bank for array in (bank.scales, bank.matrix))):
        array.setflags(write=False)
    return replace(network, weights=tuple(weights), biases=tuple(biases), filters=tuple(filters))
