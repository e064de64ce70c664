"""PANELS: the dockable views, one row each; docks, the View menu and the saved layout follow from this table."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, cast

from PySide6.QtWidgets import QWidget

from reluviz.app.store import Store

Factory = Callable[[Store], QWidget]


@dataclass(frozen=True)
class Panel:
    """One dockable view.

    `name` is its key in the saved layout, `title` what people read, `help` one sentence on what it shows, `area` the
    side it starts on, `factory` makes its widget; it is called after the window has been painted for the first time.
    `raised_by` is a field of AppState that brings the panel up once it holds something.
    """

    name: str
    title: str
    help: str
    area: Literal["left", "right", "bottom"]
    factory: Factory
    shown: bool = True
    raised_by: str = ""


def _from(module: str, name: str) -> Factory:
    """Return a factory that imports its module only when the panel is made: plots must not delay the first paint."""

    def make(store: Store) -> QWidget:
        return cast(Factory, getattr(import_module(module), name))(store)

    return make


PANELS: tuple[Panel, ...] = (
    Panel(
        "learning",
        "Loss",
        "Loss and accuracy on training and test points, over the steps of this run.",
        "right",
        _from("reluviz.app.panels.learning", "LearningPanel"),
    ),
    Panel(
        "counts",
        "Region counts",
        "How many activation regions and linear regions are in view, over the steps of this run.",
        "right",
        _from("reluviz.app.panels.counts", "CountsPanel"),
    ),
    Panel(
        "region",
        "Region pointed at",
        "Pattern, affine map and area of the region that the mouse points at.",
        "right",
        _from("reluviz.app.panels.region", "RegionPanel"),
    ),
    Panel(
        "activation",
        "Activation",
        "A layer's activation and its slope over what its units see, and what composing it does.",
        "right",
        _from("reluviz.app.panels.activation", "ActivationPanel"),
        shown=False,
    ),
    Panel(
        "flow",
        "Gradient flow",
        "How much of the loss's signal reaches each layer and unit, now and over the steps of this run.",
        "right",
        _from("reluviz.app.panels.flow", "FlowPanel"),
        shown=False,
    ),
    Panel(
        "cost",
        "Cost",
        "How long each activation takes forward and backward on this machine and device.",
        "right",
        _from("reluviz.app.panels.cost", "CostPanel"),
        shown=False,
    ),
    Panel(
        "comparison",
        "Comparison",
        "Loss, accuracy, regions, bending and gradients of all that is compared, as a table and over the steps.",
        "bottom",
        _from("reluviz.app.panels.comparison", "ComparisonPanel"),
        shown=False,
    ),
    Panel(
        "switchboard",
        "Switchboard",
        "Every unit at one point as a lamp, the path of the signal, and the network there as one weighted sum.",
        "right",
        _from("reluviz.app.panels.switchboard", "SwitchboardPanel"),
        shown=False,
        raised_by="pins",
    ),
    Panel(
        "network",
        "Network",
        "Every unit as a thumbnail of where it is on, every weight as a link; click, double click and drag them.",
        "bottom",
        _from("reluviz.app.panels.network", "NetworkPanel"),
        shown=False,
    ),
    Panel(
        "matrix",
        "Pattern matrix",
        "Which units are on at which training points or regions, sorted so that likes stand together.",
        "bottom",
        _from("reluviz.app.panels.matrix", "MatrixPanel"),
        shown=False,
    ),
    Panel(
        "walk",
        "Line walk",
        "The output and its slope along a segment of the canvas, with every bent line that it crosses.",
        "bottom",
        _from("reluviz.app.panels.walk", "WalkPanel"),
        shown=False,
        raised_by="segment",
    ),
    Panel(
        "fold",
        "Fold",
        "The square as a layer sees it: every region where the layer takes it, from the input to the last layer.",
        "right",
        _from("reluviz.app.panels.fold", "FoldPanel"),
        shown=False,
    ),
    Panel(
        "surface",
        "Surface",
        "The network's output as an exact faceted height over the plane, turned with the mouse.",
        "right",
        _from("reluviz.app.panels.surface", "SurfacePanel"),
        shown=False,
    ),
    Panel(
        "census",
        "Census",
        "Regions by active units, area and neighbours, cuts by layer, theory's bounds, and export as CSV, SVG or PDF.",
        "right",
        _from("reluviz.app.panels.census", "CensusPanel"),
        shown=False,
    ),
    Panel(
        "lecturer",
        "Lecturer",
        "Timer, notes and next step of the lesson, and what the room sees: for the lecturer's own screen.",
        "right",
        _from("reluviz.app.lecture.panel", "LecturerPanel"),
        shown=False,
    ),
)
