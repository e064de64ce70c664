"""Exact decomposition: against regioncam, against torch at one point per region, and how it grows."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reluviz.bench.timing import Figure, interleave
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import Partition, decompose
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
UNIT_BOX: Bounds = (-1.0, 1.0, -1.0, 1.0)


def he_network(sizes: Sequence[int], seed: int = 0) -> Network:
    """Return a ReLU network with He weights and biases of standard deviation 0.5."""
    random = np.random.default_rng(seed)
    layers = [
        (random.normal(0.0, np.sqrt(2.0 / inputs), (outputs, inputs)), random.normal(0.0, 0.5, outputs))
        for inputs, outputs in pairwise(sizes)
    ]
    hidden = len(sizes) - 2
    return Network.create(layers, [ACTIVATIONS["relu"]] * hidden, [0.0] * hidden)


def box_with(network: Network, regions: int, aspect: float = 1.0) -> Bounds:
    """Return the box around the origin, `aspect` times as wide as high, that has about `regions` regions."""
    low, high = 1e-3, 64.0
    for _ in range(18):
        half = (low * high) ** 0.5
        partition = decompose(network, _box(half, aspect), 4 * regions)
        has_more = partition.count > regions or partition.truncated_at is not None
        low, high = (low, half) if has_more else (half, high)
    return _box(high, aspect)


def _box(half: float, aspect: float) -> Bounds:
    return (-aspect * half, aspect * half, -half, half)


def geometry() -> Iterator[Figure]:
    """Yield the figures of exact decomposition, one thread."""
    yield from _against_peers((2, 64, 64, 64, 1), rounds=15)
    network = he_network((2, 32, 32, 32, 1))
    times = interleave({"ours": lambda: decompose(network, UNIT_BOX)}, 41)
    count = decompose(network, UNIT_BOX).count
    yield Figure(
        "decompose_32",
        f"2-32-32-32-1, {count:,} regions in [-1, 1]^2",
        1e3 * times["ours"],
        "ms",
        "<= 1 ms",
        times["ours"] <= 1e-3,
    )
    yield _growth()


def _against_peers(sizes: Sequence[int], rounds: int) -> Iterator[Figure]:
    network = he_network(sizes)
    partition = decompose(network, UNIT_BOX)
    contenders: dict[str, Callable[[], object]] = {"ours": lambda: decompose(network, UNIT_BOX)}
    contenders["torch"] = torch_evaluation(network, inner_points(partition))
    peer = regioncam_decomposition(network)
    if peer:
        contenders["regioncam"] = peer
    times = interleave(contenders, rounds)
    shape = "-".join(map(str, sizes))
    what = f"{shape}, {partition.count:,} regions in [-1, 1]^2, one thread"
    if peer:
        ratio = times["regioncam"] / times["ours"]
        beside = {"regioncam_seconds": times["regioncam"], "ours_seconds": times["ours"]}
        yield Figure("against_regioncam", what, ratio, "x as fast", ">= 10 x", ratio >= 10, beside)
    else:
        yield Figure("against_regioncam", what, None, "x as fast", ">= 10 x", note="regioncam is not installed")
    ratio = times["ours"] / times["torch"]
    beside = {"torch_seconds": times["torch"], "ours_seconds": times["ours"]}
    what = f"{shape}, time against torch's evaluation in float64 at one point per region"
    yield Figure("against_evaluation", what, ratio, "x the time", "<= 0.8 x", ratio <= 0.8, beside)


def inner_points(partition: Partition) -> Float:
    """Return the mean of each region's corners, (count, 2)."""
    sums = np.add.reduceat(partition.vertices, partition.offsets[:-1], axis=0)
    points: Float = sums / np.diff(partition.offsets)[:, None]
    return points


def torch_evaluation(network: Network, points: Float) -> Callable[[], object]:
    """Return a call that evaluates the network at `points` by torch in float64 on one thread."""
    import torch

    modules: list[torch.nn.Module] = []
    for weights, biases in zip(network.weights, network.biases, strict=True):
        linear = torch.nn.Linear(weights.shape[1], weights.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weights))
            linear.bias.copy_(torch.tensor(biases))
        modules += [linear, torch.nn.ReLU()]
    model, x = torch.nn.Sequential(*modules[:-1]), torch.tensor(points)

    def evaluate() -> object:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                return model(x)
        finally:
            torch.set_num_threads(threads)

    return evaluate


def regioncam_decomposition(network: Network) -> Callable[[], object] | None:
    """Return a call that decomposes [-1, 1]^2 by regioncam (float32, Rust), None where it is not installed."""
    try:
        import regioncam
    except ImportError:
        return None
    layers = [
        (np.ascontiguousarray(weights.T, dtype=np.float32), biases.astype(np.float32))
        for weights, biases in zip(network.weights, network.biases, strict=True)
    ]

    def run() -> object:
        camera = regioncam.Regioncam(size=1)
        for index, (weights, biases) in enumerate(layers):
            camera.linear(weights, biases)
            if index < len(layers) - 1:
                camera.relu()
        return camera.num_faces

    return run


def _growth() -> Figure:
    """Time per region in a large box against a small one, same network."""
    network = he_network((2, *[64] * 6, 1))
    small, large = box_with(network, 5_000), box_with(network, 50_000)
    counts = {"small": decompose(network, small).count, "large": decompose(network, large).count}
    times = interleave({"small": lambda: decompose(network, small), "large": lambda: decompose(network, large)}, 7)
    each = {name: times[name] / counts[name] for name in times}
    ratio = each["large"] / each["small"]
    return Figure(
        "growth",
        f"time per region at {counts['large']:,} regions against {counts['small']:,}, same network (six layers of 64)",
        ratio,
        "x",
        "<= 1.5 x",
        ratio <= 1.5,
        {"small_per_region_seconds": each["small"], "large_per_region_seconds": each["large"]},
    )
