"""Checks of fixed filter banks: the fast transform against its matrix, and what each takes."""

import numpy as np

from reluviz.core.filter_bank import fast_operations, fast_transform, matrix_operations, order_of, walsh_matrix
from reluviz.core.network import Layout
from reluviz.studio.lesson_checks.check import Evidence, Measure, Measured

NONE_HERE = Measured(np.nan, "no layer of this network is a filter bank")


def transform_gap(evidence: Evidence) -> Measured:
    """Return how far the fast transform is from its matrix, on what goes into the network's filter banks."""
    network, kinds = evidence.network, evidence.snapshot.experiment.layer_kinds
    sums = network.preactivations(evidence.points)
    gaps = []
    for layer in range(1, len(kinds)):
        if kinds[layer] == "walsh":
            h = network.curves[layer - 1].value(sums[layer - 1])
            units = network.hidden[layer]
            slow = h @ walsh_matrix(units, h.shape[1]).T
            gaps.append(float(np.abs(fast_transform(h, units) - slow).max()) / max(1.0, float(np.abs(slow).max())))
    if not gaps:
        return NONE_HERE
    return Measured(max(gaps), f"{len(gaps)} layers, {len(evidence.points):,} training points, fast and by the matrix")


def operation_share(evidence: Evidence) -> Measured:
    """Return the operations of the fast transform over those of a product with its matrix, for the largest layer."""
    experiment = evidence.snapshot.experiment
    sizes = (2, *experiment.hidden)
    orders = [order_of(sizes[i + 1], sizes[i]) for i, kind in enumerate(experiment.layer_kinds) if kind == "walsh"]
    if not orders:
        return NONE_HERE
    n = max(orders)
    fast, slow = fast_operations(n).total, matrix_operations(n).total
    return Measured(
        fast / slow, f"{fast:,} operations instead of {slow:,} for n = {n}: n log n instead of n\N{SUPERSCRIPT TWO}"
    )


def parameter_share(evidence: Evidence) -> Measured:
    """Return the network's trainable numbers over those of dense layers of the same widths."""
    snapshot = evidence.snapshot
    layout = snapshot.experiment.layout(snapshot.outputs)
    dense = Layout(layout.sizes, layout.learned).length
    return Measured(layout.length / dense, f"{layout.length:,} learned numbers instead of {dense:,}")


ROWS = (
    Measure("transform_gap", "How far the fast transform is from its matrix.", transform_gap, {}),
    Measure("operation_share", "Operations of the fast transform over the matrix's.", operation_share, {}, "share"),
    Measure("parameter_share", "Learned numbers over those of dense layers.", parameter_share, {}, "share"),
)
