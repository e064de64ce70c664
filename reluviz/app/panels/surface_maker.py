"""SurfaceMaker: what the surface panel's thread does: heights once per partition, one picture per camera."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.camera import Camera
from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.core.partition import Partition
    from reluviz.core.picture import Picture
    from reluviz.core.surface import Field, Pins

Pixels = NDArray[np.uint32]
SPAN_SHARE = 0.25  # How fast the heights' range follows while training: at once it would jump.
MOST_PINS = 600


@dataclass(frozen=True, eq=False)
class SurfaceRequest:
    """One picture of the surface. `unit` is a hidden unit (layer, unit) from 0, None shows `output`."""

    picture: "Picture"
    camera: Camera
    output: int
    unit: tuple[int, int] | None
    width: int
    height: int
    dataset: Dataset | None
    zero_plane: bool
    lines: bool
    ratio: float


@dataclass
class SurfaceMaker:
    """Keeps the newest regions of the square, their field and the range of heights shown.

    `picture` is the partition of the picture that `partition` belongs to. Used from one thread.
    """

    picture: object = None
    partition: "Partition | None" = None
    field: "Field | None" = None
    key: object = None
    span: tuple[float, float] | None = None
    span_key: object = None

    def make(self, request: SurfaceRequest) -> Pixels | str:
        """Return the pixels, or a sentence on why there are none."""
        from reluviz.core.coloring import COLORINGS
        from reluviz.core.surface import Style, draw_surface

        try:
            shape = self._shape(request)
        except InputError as error:
            return str(error)
        view = request.picture.view
        colors = COLORINGS[view.coloring].colors(shape.partition, view)
        style = Style(
            palette=view.palette,
            level=0.0 if request.zero_plane and request.unit is None else None,
            lines=1.0 if request.lines else 0.0,
            line_width=1.15 * request.ratio,
            pin_radius=max(2.6, min(request.width, request.height) / 150.0),
        )
        drawn = draw_surface(
            shape,
            colors,
            request.camera,
            request.width,
            request.height,
            style=style,
            pins=_pins(request),
            span=self.span,
        )
        return drawn.image

    def _shape(self, request: SurfaceRequest) -> "Field":
        from reluviz.core.square import on_square
        from reluviz.core.surface import natural_span, output_field, unit_field

        if self.partition is None or request.picture.partition is not self.picture:
            self.picture, self.partition = request.picture.partition, on_square(request.picture)
        partition = self.partition
        key = partition, request.output, request.unit
        if self.field is None or key != self.key:
            made = (
                output_field(partition, request.output)
                if request.unit is None
                else unit_field(partition, *request.unit)
            )
            span_key = partition.bounds, request.output, request.unit, request.picture.snapshot.run
            self.span = _toward(self.span if span_key == self.span_key else None, natural_span(made))
            self.field, self.key, self.span_key = made, key, span_key
        return self.field


def _toward(old: tuple[float, float] | None, new: tuple[float, float]) -> tuple[float, float]:
    """Return a range on its way from the old one to the new one."""
    if old is None:
        return new
    low, high = (a + SPAN_SHARE * (b - a) for a, b in zip(old, new, strict=True))
    return low, high


def _pins(request: SurfaceRequest) -> "Pins | None":
    from reluviz.core.markers import point_colors
    from reluviz.core.surface import Pins

    if request.dataset is None:
        return None
    chosen = np.flatnonzero(request.dataset.is_train)[:MOST_PINS]
    colors = point_colors(request.dataset, request.picture.view.palette, request.picture.view.fills)
    return Pins(request.dataset.points[chosen], colors[chosen])
