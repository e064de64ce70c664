"""FoldMaker: what the fold panel's thread does: map once per partition, paint once per picture."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.core.fold import Fold
    from reluviz.core.fold_picture import FoldPicture
    from reluviz.core.partition import Partition
    from reluviz.core.picture import Picture

Pixels = NDArray[np.uint32]
REFERENCES = 400  # Points that hold the principal directions still from picture to picture.


@dataclass(frozen=True, eq=False)
class FoldRequest:
    """One picture of the fold: how deep (0 the input, 1.5 half way from layer 1 to 2), and as which axes see it.

    `units` are two units of the layer (from 0), None for the two leading principal directions. `look` is where in the
    fold's own frame one looks, in half sides, and how many times closer.
    """

    picture: "Picture"
    depth: float
    units: tuple[int, int] | None
    width: int
    height: int
    dataset: Dataset | None
    with_test: bool
    line_width: float
    look: tuple[float, float, float] = (0.0, 0.0, 1.0)


@dataclass
class FoldMaker:
    """Keeps the newest regions of the square with their maps, and how the last pictures were turned.

    `picture` is the partition of the picture that `partition` belongs to. Used from one thread.
    """

    folds: dict[tuple[int, tuple[int, int] | None], "Fold"] = field(default_factory=dict)
    places: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    picture: object = None
    partition: "Partition | None" = None

    def make(self, request: FoldRequest) -> Pixels | str:
        """Return the pixels, or a sentence on why there are none."""
        from reluviz.core.coloring import COLORINGS
        from reluviz.core.fold import blend
        from reluviz.core.fold_picture import draw_fold

        partition = self._square(request)
        below = min(int(request.depth), len(partition.network.hidden))
        share = request.depth - below
        try:
            folded = self._fold(request, below)
            if share > 0:
                folded = blend(folded, self._fold(request, below + 1), _eased(share))
        except InputError as error:
            return f"{error}"
        view = request.picture.view
        colors = COLORINGS[view.coloring].colors(partition, view)
        drawn = draw_fold(
            folded,
            colors,
            request.width,
            request.height,
            palette=view.palette,
            frame=_framed(folded.frame, request.look),
            line_width=request.line_width,
        )
        if request.dataset is not None:
            _draw_data(drawn, folded, request, request.dataset)
        return drawn.image

    def _square(self, request: FoldRequest) -> "Partition":
        from reluviz.core.square import on_square

        if self.partition is None or request.picture.partition is not self.picture:
            self.picture, self.partition, self.folds = request.picture.partition, on_square(request.picture), {}
        return self.partition

    def _fold(self, request: FoldRequest, layer: int) -> "Fold":
        from reluviz.core.fold import fold, principal_axes, unit_axes

        partition = self._square(request)
        network = partition.network
        key = layer, request.units
        if key not in self.folds:
            points = reference_points(request)
            if request.units is None or layer == 0:
                axes = principal_axes(network, layer, points, self.places.get(layer, points))
            else:
                width = network.hidden[layer - 1]
                axes = unit_axes(network, layer, *(min(unit, width - 1) for unit in request.units))
            self.folds[key] = fold(partition, layer, axes)
            if request.units is None and layer > 0:
                hidden = network.curves[layer - 1].value(network.preactivations(points)[layer - 1])
                self.places[layer] = hidden @ axes.T
        return self.folds[key]


def reference_points(request: FoldRequest) -> NDArray[np.float64]:
    """Return points (N, 2) whose images decide the principal directions: the data, else a grid."""
    if request.dataset is not None and len(request.dataset.points) > 2:
        count = len(request.dataset.points)
        return request.dataset.points[:: max(1, count // REFERENCES)]
    side = np.linspace(-1.0, 1.0, 20)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def _framed(frame: tuple[float, float, float], look: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, half = frame
    return x + look[0] * half, y + look[1] * half, half / look[2]


def _eased(share: float) -> float:
    """Return a share that starts and ends gently: 3 s^2 - 2 s^3."""
    return share * share * (3.0 - 2.0 * share)


def _draw_data(drawn: "FoldPicture", folded: "Fold", request: FoldRequest, dataset: Dataset) -> None:
    from reluviz.core.markers import marker_radius, shown_points
    from reluviz.core.points import draw_markers

    chosen = shown_points(dataset, request.with_test)
    places = folded.map_points(dataset.points[chosen])
    inside = np.isfinite(places).all(axis=1)
    radius = marker_radius(request.width, request.height)
    view = request.picture.view
    draw_markers(
        drawn.image, drawn.to_pixels(places[inside]), dataset, chosen[inside], view.palette, radius, view.fills
    )
