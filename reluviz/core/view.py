"""View: how a snapshot is to be looked at. With a Snapshot it decides every pixel of a Picture."""

from dataclasses import dataclass

from reluviz.core.fills import OWN

Bounds = tuple[float, float, float, float]
HOME: Bounds = (-1.25, 1.25, -1.25, 1.25)


@dataclass(frozen=True)
class View:
    """A rectangle of the input plane and how it is drawn.

    bounds is (xmin, xmax, ymin, ymax) in the units of the training square; width and height are device pixels, row 0
    at ymax. coloring names a row of COLORINGS; lines is bend (as strong as f bends there), equal or none. line_width
    is in device pixels. layer and unit select one hidden unit for colourings that show one (layer -1: none). pin is
    the point whose pattern others are compared with, None where none is pinned.

    smooth says which picture a network with smooth layers gets: soft (soft boundaries), epsilon (the exact regions of
    a stand-in within epsilon) or melt (any network with its hard choices made soft at rate eta). fills names a row of
    FILLS: the colours that amounts and predictions run through.
    """

    bounds: Bounds = HOME
    width: int = 900
    height: int = 900
    coloring: str = "pattern"
    lines: str = "bend"
    boundary: bool = True
    palette: str = "dark"
    line_width: float = 1.3
    layer: int = -1
    unit: int = -1
    pin: tuple[float, float] | None = None
    region_budget: int = 250_000
    smooth: str = "soft"
    epsilon: float = 0.05
    eta: float = 10.0
    fills: str = OWN


SMOOTH_PICTURES = ("soft", "epsilon", "melt")
