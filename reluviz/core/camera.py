"""Camera: how a height field is looked at, and the affine screen depth that this makes of every plane.

In camera coordinates (u to the right, v up, t towards the eye) a point is seen at (U, V) = (u, v) / (1 - p t), p the
perspective, 0 for none. S = t / (1 - p t) grows towards the eye and is, on every plane, an affine function of (U, V):
n_u u + n_v v + n_t t = k becomes S = (k - n_u U - n_v V) / (n_t - k p). So depth needs no division per pixel.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
MOST_PERSPECTIVE = 0.3
_CORNER = math.sqrt(2.0)  # Half the diagonal of the square: at zoom 1 it fits at every azimuth.


@dataclass(frozen=True)
class Camera:
    """A view from outside: azimuth and elevation in degrees (elevation 90 is from above, azimuth -90 has x to the
    right), zoom 1 fits the box, perspective 0 (parallel) to 0.3, pan (across, up) in half sides of the box.
    """

    azimuth: float = -60.0
    elevation: float = 34.0
    zoom: float = 1.0
    perspective: float = 0.14
    pan: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        values = (self.azimuth, self.elevation, self.zoom, self.perspective, *self.pan)
        if not all(math.isfinite(value) for value in values):
            raise InputError("camera: an angle, zoom or shift is not finite.")
        if not (-90 <= self.elevation <= 90 and 0.01 <= self.zoom <= 1000):
            raise InputError("camera: allowed are elevations from -90 to 90 degrees and zooms from 0.01 to 1000.")
        if not 0 <= self.perspective <= MOST_PERSPECTIVE:
            raise InputError(f"camera: perspective {self.perspective:g}; allowed is 0 to {MOST_PERSPECTIVE}.")

    @property
    def axes(self) -> Float:
        """Rows right, up and towards the eye, in the world (3, 3)."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        ca, sa, ce, se = math.cos(a), math.sin(a), math.cos(e), math.sin(e)
        return np.array([[-sa, ca, 0.0], [-se * ca, -se * sa, ce], [ce * ca, ce * sa, se]])


@dataclass(frozen=True, eq=False)
class Stage:
    """The world, in which the box is [-1, 1] along its longer side, on a screen of width x height pixels.

    World X = (x - center[0]) * scale, Y likewise, Z = value * rise + lift. A screen position is
    column = middle[0] + U * size, row = middle[1] - V * size.
    """

    axes: Float
    perspective: float
    center: tuple[float, float]
    scale: float
    rise: float
    lift: float
    size: float
    middle: tuple[float, float]

    def project(self, points: Float, values: Float) -> Float:
        """Return (column, row, S) (N, 3) of points of the plane (N, 2) at heights `values` (N,)."""
        flat = (np.asarray(points, dtype=np.float64) - np.asarray(self.center)) * self.scale
        world = np.column_stack([flat, np.asarray(values, dtype=np.float64) * self.rise + self.lift])
        u, v, t = self.axes @ world.T
        near = 1.0 / (1.0 - self.perspective * t)
        return np.column_stack([self.middle[0] + u * near * self.size, self.middle[1] - v * near * self.size, t * near])

    def moved(self, left: int, top: int) -> "Stage":
        """Return the stage for the part of the picture that begins at this column and row."""
        return replace(self, middle=(self.middle[0] - left, self.middle[1] - top))

    def as_array(self) -> Float:
        """The numbers in the order in which kernels read them (18,)."""
        rest = (self.perspective, *self.center, self.scale, self.rise, self.lift, self.size, *self.middle)
        return np.array([*self.axes.ravel(), *rest])


def build_stage(
    camera: Camera, bounds: Bounds, low: float, high: float, width: int, height: int, relief: float = 0.42
) -> Stage:
    """Return the stage on which values from `low` to `high` stand `relief` half sides to either side of the middle.

    A flat field (low = high) lies in the middle. At zoom 1 what stands over the box between the two fits the screen at
    every azimuth.
    """
    xmin, xmax, ymin, ymax = bounds
    span = high - low
    rise = 2.0 * relief / span if span > 0 else 0.0
    e = math.radians(camera.elevation)
    across = _CORNER / (1.0 - camera.perspective * _CORNER)
    # Fields reach below what their span names more than above it, because a solid block stands under them.
    below = 0.35 * relief * math.cos(e)
    upright = (_CORNER * abs(math.sin(e)) + 1.5 * relief * math.cos(e)) / (1.0 - 0.6 * camera.perspective * _CORNER)
    size = camera.zoom * min(0.55 * width / across, 0.52 * height / upright)
    return Stage(
        camera.axes,
        camera.perspective,
        (0.5 * xmin + 0.5 * xmax, 0.5 * ymin + 0.5 * ymax),
        2.0 / max(xmax - xmin, ymax - ymin),
        rise,
        -(0.5 * low + 0.5 * high) * rise,
        size,
        (0.5 * width + camera.pan[0] * size, 0.5 * height - (camera.pan[1] + below) * size),
    )
