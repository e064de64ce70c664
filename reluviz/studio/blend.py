"""blend: several images of one size mixed pixel by pixel, for looks that fade into each other."""

from collections.abc import Sequence

import numpy as np

from reluviz.core.color import Pixels

_ONE = 1 << 16


def blend(images: Sequence[tuple[Pixels, float]]) -> Pixels:
    """Return the mean of images (H, W) 0xffRRGGBB by their weights, which add up to 1, rounded to whole levels.

    Whole numbers throughout, so that a mix is the same on every machine; one image alone comes back as it is, and
    where all are equal so is the mean.
    """
    if len(images) == 1:
        return images[0][0]
    shares = [round(weight * _ONE) for _, weight in images]
    shares[-1] += _ONE - sum(shares)
    mixed = np.full(images[0][0].shape, 0xFF000000, np.uint32)
    for shift in (16, 8, 0):
        total = np.full(mixed.shape, _ONE // 2, np.uint32)
        for (image, _), share in zip(images, shares, strict=True):
            total += (image >> np.uint32(shift) & np.uint32(255)) * np.uint32(share)
        mixed |= total // np.uint32(_ONE) << np.uint32(shift)
    return mixed
