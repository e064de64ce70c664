"""compile_inside: the kernels of the views that look inside, compiled for one network and its points."""

import numpy as np

from reluviz.core.dataset import Dataset
from reluviz.core.diagram import Scene, draw_diagram
from reluviz.core.diagram_layout import lay_out
from reluviz.core.matrix_picture import paint_matrix
from reluviz.core.pattern_matrix import build_matrix, point_patterns
from reluviz.core.picture import make_picture
from reluviz.core.snapshot import Snapshot
from reluviz.core.switchboard import nearest_edge
from reluviz.core.view import View


def compile_inside(snapshot: Snapshot, dataset: Dataset, side: int) -> None:
    """Draw a diagram and, of a piecewise-linear network, pattern matrices and a nearest edge; `side` in pixels."""
    picture = make_picture(snapshot, View(width=side, height=side))
    network, partition = snapshot.network, picture.partition
    is_exact = partition.count > 0
    scene = Scene(network, partition.bounds, *((partition, picture.region_ids) if is_exact else ()))
    layout = lay_out((2, *network.hidden, network.outputs), 2 * side, side)
    draw_diagram(scene, layout, (0, 0), (2 * side, side))
    if not is_exact:
        return
    layers = np.repeat(np.arange(len(network.hidden)), network.hidden)
    for patterns in (point_patterns(network, dataset.points), partition.patterns):
        paint_matrix(build_matrix(network, patterns), layers, side, side)
    nearest_edge(partition, np.zeros(2))
