"""on_square: the regions of the data's own square, for views that show the square and not the canvas around it.

Outside the data a network runs on in straight lines to values that mean nothing and are far larger than those inside:
a fold or a height field of the whole canvas is mostly that.
"""

from reluviz.core.partition import Partition, decompose
from reluviz.core.picture import Picture, affordable
from reluviz.core.view import Bounds

REACH = 1.1  # Half a side: data lies within 1, and its noise strays a little.


def square_in(bounds: Bounds) -> Bounds:
    """Return the part of the data's square that is in view; what is in view where that is none of it."""
    xmin, xmax, ymin, ymax = bounds
    inside = max(xmin, -REACH), min(xmax, REACH), max(ymin, -REACH), min(ymax, REACH)
    return inside if inside[0] < inside[1] and inside[2] < inside[3] else bounds


def on_square(picture: Picture) -> Partition:
    """Return the exact regions of a picture's network on the square: those of the picture where that is all in view."""
    partition = picture.partition
    bounds = square_in(partition.bounds)
    if bounds == partition.bounds or partition.count == 0:
        return partition
    network = partition.network
    return decompose(network, bounds, affordable(network, picture.view.region_budget))
