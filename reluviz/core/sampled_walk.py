"""sample_walk: a network along a segment where it bends everywhere, at evenly spaced points."""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.network import Network
from reluviz.core.walk import Walk, measure_segment

Float = NDArray[np.float64]
SAMPLES = 240


def sample_walk(network: Network, start: Float, end: Float, count: int = SAMPLES) -> Walk:
    """Follow a smooth `network` from start to end (inputs,) in `count` steps; it has no crossings.

    Values are true at the ends of each step; a step's slope is the true derivative along the segment at its middle.
    Raises `InputError` as `walk` does.
    """
    p, q = (np.array(point, dtype=np.float64).reshape(-1) for point in (start, end))
    length = measure_segment(network, p, q)
    positions = np.linspace(0.0, 1.0, count + 1)
    places = p + positions[:, None] * (q - p)
    values = network.forward(places)
    slopes = _slopes(network, (places[:-1] + places[1:]) / 2, (q - p) / length)
    patterns = np.zeros((count, sum(network.hidden)), np.int8)
    return Walk(p, q, length, positions, values[:-1], values[1:], slopes, patterns, ())


def _slopes(network: Network, places: Float, along: Float) -> Float:
    """Return the derivative of f (N, outputs) along a direction (inputs,) at places (N, inputs), by the chain rule."""
    h, rate = places, np.broadcast_to(along, places.shape)
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        h, rate = h @ weights.T + biases, rate @ weights.T
        if layer < len(network.activations):
            curve = network.curves[layer]
            rate, h = rate * curve.tangent(h)[0], curve.value(h)
    return np.asarray(rate)
