"""Which regions lie at a place of a folded plane, looked at one ring after the other."""

import numpy as np


def regions_at(folded, place):
    """Return the regions whose images hold a place, whichever way round they run; one without area holds none."""
    return [region for region in range(folded.partition.count) if _holds(_ring(folded, region), place)]


def place_under(picture, column, row):
    """Return the place of the folded plane under a pixel of a FoldPicture."""
    scale, x, y = picture.transform
    return (column - x) / scale, (y - row) / scale


def _ring(folded, region):
    begin, end = folded.partition.offsets[region : region + 2]
    return folded.vertices[begin:end]


def _holds(ring, place):
    before, after = np.roll(ring, 1, axis=0), ring
    along, away = after - before, np.asarray(place) - before
    side = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
    return bool(((side >= 0).all() and (side > 0).any()) or ((side <= 0).all() and (side < 0).any()))
