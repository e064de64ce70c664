"""Checks of the exact regions: how many, what happens across a line, and how far exactness goes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.census import zaslavsky
from reluviz.core.network import Network
from reluviz.studio.lesson_checks.check import Evidence, Measure, Measured, Option

if TYPE_CHECKING:
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]


def _partition(evidence: Evidence) -> "Partition":
    from reluviz.core.partition import decompose

    return decompose(evidence.network, evidence.bounds)


def _smooth(evidence: Evidence) -> bool:
    return evidence.network.first_smooth is not None


NO_REGIONS = Measured(np.nan, "a smooth network has no linear regions")


def region_count(evidence: Evidence) -> Measured:
    """Count the activation regions in the view."""
    if _smooth(evidence):
        return NO_REGIONS
    return Measured(_partition(evidence).count, "activation regions in view, counted exactly")


def linear_count(evidence: Evidence) -> Measured:
    """Count the linear regions in the view: neighbours with one affine map merged."""
    if _smooth(evidence):
        return NO_REGIONS
    return Measured(_partition(evidence).linear_count, "linear regions in view, neighbours of one map merged")


def bound_share(evidence: Evidence) -> Measured:
    """Return the regions of the first layer over the most that its lines can cut the plane into."""
    if _smooth(evidence):
        return NO_REGIONS
    network = evidence.network
    live = int(np.count_nonzero(np.abs(network.weights[0]).sum(axis=1)))
    count = _partition(evidence).count if len(network.hidden) == 1 else 0
    if not count:
        return Measured(np.nan, "the bound is that of one hidden layer")
    most = zaslavsky(live)
    return Measured(count / most, f"{count} regions of at most 1 + n + n(n-1)/2 = {most} for n = {live} lines")


def area_gap(evidence: Evidence) -> Measured:
    """Return how far the areas of all regions are from that of the view, relatively."""
    if _smooth(evidence):
        return NO_REGIONS
    xmin, xmax, ymin, ymax = evidence.bounds
    whole = (xmax - xmin) * (ymax - ymin)
    areas = _partition(evidence).areas
    return Measured(abs(float(areas.sum()) - whole) / whole, f"{len(areas):,} areas together against the view's")


def value_jump(evidence: Evidence) -> Measured:
    """Return the largest jump of f across any edge in view, relative to the size of f."""
    if _smooth(evidence):
        return NO_REGIONS
    partition = _partition(evidence)
    first, second, segments = _long_edges(partition)
    if not len(first):
        return Measured(0.0, "there is one region and no edge")
    middles = np.column_stack([segments[:, [0, 2]].mean(axis=1), segments[:, [1, 3]].mean(axis=1)])
    one, two = (_values(partition, regions, middles) for regions in (first, second))
    size = max(1.0, float(np.abs(one).max()))
    return Measured(float(np.abs(one - two).max()) / size, f"across {len(first):,} edges, in their middles")


def _long_edges(partition: "Partition") -> tuple[NDArray[np.int32], NDArray[np.int32], Float]:
    """Return the regions on both sides and the ends of the edges longer than a hundred-thousandth of the view.

    Shorter ones may border on a sliver that the decomposition dropped and counted (below 1e-12 of the view's area).
    """
    near = partition.adjacency
    lengths = np.hypot(*(near.segments[:, 2:] - near.segments[:, :2]).T)
    long = lengths > 1e-5 * (partition.bounds[1] - partition.bounds[0])
    return near.first[long], near.second[long], near.segments[long]


def _values(partition: "Partition", regions: NDArray[np.int32], x: Float) -> Float:
    values: Float = np.einsum("noi,ni->no", partition.gradients[regions], x) + partition.intercepts[regions]
    return values


def slope_slant(evidence: Evidence) -> Measured:
    """Return how far slope jumps point along their edge, not across it: the largest, over the largest jump."""
    if _smooth(evidence):
        return NO_REGIONS
    partition = _partition(evidence)
    first, second, segments = _long_edges(partition)
    along = segments[:, 2:] - segments[:, :2]
    along /= np.hypot(*along.T)[:, None]
    jumps = partition.gradients[first] - partition.gradients[second]
    largest = float(np.linalg.norm(jumps, axis=2).max(initial=0.0))
    if largest == 0:
        return Measured(0.0, "no slope jumps")
    slanted = float(np.abs(np.einsum("noi,ni->no", jumps, along)).max())
    return Measured(slanted / largest, f"{len(first):,} edges; the largest jump of slope is {largest:.3g}")


def exact_layers(evidence: Evidence) -> Measured:
    """Count the hidden layers whose lines are exact polygons: those before the first smooth one."""
    first = evidence.network.first_smooth
    depth = len(evidence.network.hidden)
    exact = depth if first is None else first
    return Measured(exact, f"of {depth} hidden layers; {'all are' if first is None else 'then comes a smooth one'}")


def exact_part_gap(evidence: Evidence) -> Measured:
    """Count the points that lie in a region of another pattern: regions of the layers before the first smooth one."""
    from reluviz.core.partition import decompose

    network = evidence.network
    first = network.first_smooth
    depth = len(network.hidden) if first is None else first
    if depth == 0:
        return Measured(np.nan, "the first layer is smooth: nothing is exact")
    part = Network.create(
        list(zip(network.weights[: depth + 1], network.biases[: depth + 1], strict=True)),
        network.activations[:depth],
        network.parameters[:depth],
    )
    partition = decompose(part, evidence.bounds)
    xmin, xmax, ymin, ymax = evidence.bounds
    x = np.random.default_rng(0).uniform((xmin, ymin), (xmax, ymax), (4000, 2))
    differ = int((partition.patterns[partition.locate(x)] != part.pattern(x)).any(axis=1).sum())
    return Measured(differ, f"of 4,000 random points, in {partition.count:,} regions of the first {depth} layers")


def product_gap(evidence: Evidence) -> Measured:
    """Return how far f is from one matrix: the product of all weights, and the bias that they carry."""
    network = evidence.network
    matrix, offset = np.eye(2), np.zeros(2)
    for weights, biases in zip(network.weights, network.biases, strict=True):
        matrix, offset = weights @ matrix, weights @ offset + biases
    x = np.random.default_rng(0).uniform(-1.25, 1.25, (2000, 2))
    values = network.forward(x)
    size = max(1.0, float(np.abs(values).max()))
    gap = float(np.abs(values - (x @ matrix.T + offset)).max()) / size
    row = ", ".join(f"{value:.3g}" for value in matrix[0])
    return Measured(gap, f"{len(network.weights)} matrices multiplied are one row: ({row})")


def stretch_gap(evidence: Evidence, factor: float, biases: str) -> Measured:
    """Return how far f(factor x) is from factor f(x), relatively; `biases` are kept or set to zero before."""
    network = evidence.network
    if biases == "zero":
        nothing = [np.zeros_like(b) for b in network.biases]
        network = Network.create(
            list(zip(network.weights, nothing, strict=True)), network.activations, network.parameters
        )
    x = evidence.points
    far, near = network.forward(factor * x), factor * network.forward(x)
    size = float(np.abs(near).max())
    words = f"largest |f({factor:g}x) - {factor:g} f(x)| over the largest |{factor:g} f(x)|, {len(x):,} points"
    return Measured(float(np.abs(far - near).max()) / size if size > 0 else np.nan, words)


def far_value(evidence: Evidence, factor: float) -> Measured:
    """Return the largest |f| on the data moved out `factor` times, over the largest on the data."""
    network, x = evidence.network, evidence.points
    near = float(np.abs(network.forward(x)).max())
    far = float(np.abs(network.forward(factor * x)).max())
    return Measured(
        far / near if near > 0 else np.nan, f"|f| reaches {near:.3g} on the data and {far:.3g} {factor:g} times out"
    )


ROWS = (
    Measure("region_count", "Activation regions in view.", region_count, {}, "count"),
    Measure("linear_count", "Linear regions in view.", linear_count, {}, "count"),
    Measure("bound_share", "Regions over the most that n lines can make.", bound_share, {}, "share"),
    Measure("area_gap", "How far the areas are from the view's.", area_gap, {}),
    Measure("value_jump", "Largest jump of f across an edge.", value_jump, {}),
    Measure("slope_slant", "How far jumps of slope point along their edge.", slope_slant, {}),
    Measure("exact_layers", "Hidden layers drawn as exact polygons.", exact_layers, {}, "count"),
    Measure("exact_part_gap", "Points whose pattern is not their region's.", exact_part_gap, {}, "count"),
    Measure("product_gap", "How far f is from one product of matrices.", product_gap, {}),
    Measure(
        "stretch_gap",
        "How far f(factor x) is from factor f(x).",
        stretch_gap,
        {"factor": Option(10.0, 1e-3, 1e6), "biases": Option("zero", choices=("zero", "kept"))},
    ),
    Measure("far_value", "Largest |f| far out over that on the data.", far_value, {"factor": Option(10.0, 1.0, 1e6)}),
)
