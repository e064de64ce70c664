"""SHAPES: the built-in data sets, one function and one row each.

A function gets uniform numbers u (N, 2) in [0, 1), normal numbers z (N, 2) and the labels (N,) it has to draw
points for; row i of its result depends on row i alone, so that more points extend a set and reshuffle nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.dataset import Dataset, split

Float = NDArray[np.float64]
Labels = NDArray[np.int64]

# 2.25 turns: 2-16-16-1 with Adam at 0.01 gets 76-90 % right after 500 steps, 97-99 % after 1,000, at each of four
# seeds; 1.75 turns are over at once, 2.5 take 2,000 to 8,000 steps.
SPIRAL_TURNS = 2.25
PINWHEEL_TURNS = 0.5
CHECKERBOARD_CELLS = 4


@dataclass(frozen=True)
class Shape:
    """One row of SHAPES: `classes` point clouds drawn by `draw`, or (classes 0) a function of the plane `value`."""

    name: str
    label: str
    classes: int = 0
    draw: Callable[[Float, Float, Labels], Float] | None = None
    value: Callable[[Float], Float] | None = None


def draw_shape(shape: Shape, points: int, noise: float, train_share: float, seed: int) -> Dataset:
    """Draw a built-in set: `points` points, the same for equal seeds, classes of equal size (one more at most).

    noise, in half sides of the square, is two standard deviations of the points of classes, or of a function's values.
    """
    # One stream for each purpose: the slider for noise then moves points without drawing others.
    u = np.random.default_rng([seed, 2]).random((points, 2))
    z = np.random.default_rng([seed, 3]).standard_normal((points, 2))
    stray = noise / 2 * np.random.default_rng([seed, 4]).standard_normal((points, 2))
    targets: NDArray[Any]
    if shape.draw is not None:
        labels = np.arange(points, dtype=np.int64) % shape.classes
        xy, targets = shape.draw(u, z, labels) + stray, labels
        classes = CLASS_NAMES[: shape.classes]
    else:
        assert shape.value is not None
        xy = 2.0 * u - 1.0
        labels, classes = np.zeros(points, np.int64), ()
        targets = shape.value(xy)[:, None] + stray[:, :1]
    return Dataset.create(xy, targets, split(labels, train_share), classes)


def _circle(u: Float, z: Float, label: Labels) -> Float:
    inner = 0.5 * np.sqrt(u[:, 0])
    outer = np.sqrt(0.7**2 + (1.0 - 0.7**2) * u[:, 0])
    return _polar(np.where(label == 0, inner, outer), u[:, 1])


def _xor(u: Float, z: Float, label: Labels) -> Float:
    gap = 0.06
    x, y = gap + (1.0 - gap) * np.abs(2.0 * u - 1.0).T
    side = np.where(u[:, 0] < 0.5, -1.0, 1.0)
    return np.stack([side * x, side * np.where(label == 0, 1.0, -1.0) * y], axis=1)


def _gaussians(u: Float, z: Float, label: Labels) -> Float:
    center = np.where(label == 0, -0.42, 0.42)
    return 0.17 * z + center[:, None]


def _spiral(u: Float, z: Float, label: Labels) -> Float:
    # The square root spreads points evenly along an arm, whose length grows with the square of the radius.
    radius = 0.1 + 0.86 * np.sqrt(u[:, 0])
    return _polar(radius, SPIRAL_TURNS * radius + 0.5 * label)


def _moons(u: Float, z: Float, label: Labels) -> Float:
    angle = np.pi * u[:, 0]
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    return np.where((label == 0)[:, None], upper, -upper) * 0.62


def _checkerboard(u: Float, z: Float, label: Labels) -> Float:
    cells = CHECKERBOARD_CELLS
    row = np.floor(u[:, 1] * cells)
    # Every second cell of a row is of one class: its two cells are joined for drawing, then drawn apart.
    joined = u[:, 0] * (cells / 2)
    column = 2.0 * np.floor(joined) + (row + label) % 2
    x = (column + joined % 1.0) * (2.0 / cells) - 1.0
    return np.stack([x, 2.0 * u[:, 1] - 1.0], axis=1)


def _pinwheel(u: Float, z: Float, label: Labels) -> Float:
    radius = 0.15 + 0.85 * np.sqrt(u[:, 0])
    width = 0.055 * z[:, 0]
    return _polar(radius, PINWHEEL_TURNS * radius + label / 3.0 + width)


def _blobs(u: Float, z: Float, label: Labels) -> Float:
    return 0.14 * z + _polar(np.full(len(label), 0.7), label / 4.0 + 0.125)


def _plane(xy: Float) -> Float:
    result: Float = 0.5 * (xy[:, 0] + xy[:, 1])
    return result


def _bumps(xy: Float) -> Float:
    centers = np.array([(-0.5, 0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, -0.5)])
    signs = np.array([1.0, 1.0, -1.0, -1.0])
    squares = ((xy[:, None, :] - centers) ** 2).sum(axis=2)
    result: Float = np.exp(-squares / (2.0 * 0.22**2)) @ signs
    return result


def _ripple(xy: Float) -> Float:
    radius = np.hypot(xy[:, 0], xy[:, 1])
    result: Float = np.cos(2.0 * np.pi * 1.25 * radius) * np.exp(-0.8 * radius)
    return result


def _polar(radius: Float, turns: Float) -> Float:
    angle = 2.0 * np.pi * turns
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


CLASS_NAMES = ("A", "B", "C", "D")
SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("circle", "Circle", 2, _circle),
        Shape("xor", "XOR", 2, _xor),
        Shape("gaussians", "Two gaussians", 2, _gaussians),
        Shape("spiral", "Two-arm spiral", 2, _spiral),
        Shape("moons", "Moons", 2, _moons),
        Shape("checkerboard", "Checkerboard", 2, _checkerboard),
        Shape("pinwheel", "Three-arm pinwheel", 3, _pinwheel),
        Shape("blobs", "Four blobs", 4, _blobs),
        Shape("plane", "Plane", value=_plane),
        Shape("bumps", "Gaussian bumps", value=_bumps),
        Shape("ripple", "Ripple", value=_ripple),
    )
}
