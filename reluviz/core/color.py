"""Perceptual colour: OKLab, packing into pixels, and look-up tables.

OKLab is Bjoern Ottosson's (2020): equal distances look equally different, so equal steps of a quantity look equal.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Pixels = NDArray[np.uint32]

_LINEAR_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LMS_TO_LINEAR = np.linalg.inv(_LINEAR_TO_LMS)
_LAB_TO_LMS = np.linalg.inv(_LMS_TO_LAB)


def parse(text: str) -> Float:
    """Return the sRGB of "#rrggbb" as (3,) in 0..1."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def to_text(pixel: int) -> str:
    """Return "#rrggbb" of a packed pixel."""
    return f"#{int(pixel) & 0xFFFFFF:06x}"


def pack(srgb: ArrayLike) -> Pixels:
    """Return 0xffRRGGBB of sRGB (..., 3) in 0..1; what lies outside is clipped."""
    level = np.rint(np.clip(np.asarray(srgb, dtype=np.float64), 0.0, 1.0) * 255.0).astype(np.uint32)
    return (level[..., 0] << 16 | level[..., 1] << 8 | level[..., 2] | 0xFF000000).astype(np.uint32)


def unpack(pixels: ArrayLike) -> Float:
    """Return sRGB (..., 3) in 0..1 of packed pixels."""
    value = np.asarray(pixels, dtype=np.uint32)
    return np.stack([value >> 16 & 255, value >> 8 & 255, value & 255], axis=-1) / 255.0


def to_oklab(srgb: ArrayLike) -> Float:
    """Return OKLab (..., 3) of sRGB (..., 3) in 0..1."""
    rgb = np.asarray(srgb, dtype=np.float64)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab: Float = np.cbrt(linear @ _LINEAR_TO_LMS.T) @ _LMS_TO_LAB.T
    return lab


def from_oklab(lab: ArrayLike) -> Float:
    """Return sRGB (..., 3) of OKLab (..., 3); colours no screen can show lie outside 0..1."""
    linear = (np.asarray(lab, dtype=np.float64) @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_LINEAR.T
    small = np.abs(linear) <= 0.0031308
    bent = 1.055 * np.abs(linear) ** (1 / 2.4) - 0.055
    srgb: Float = np.where(small, 12.92 * linear, np.sign(linear) * bent)
    return srgb


def into_gamut(lab: ArrayLike) -> Float:
    """Return OKLab (..., 3) with lightness and hue kept and chroma lowered until a screen can show it."""
    result = np.array(lab, dtype=np.float64)
    outside = ~_shown(result)
    wanted = result[outside]
    low, high = np.zeros(len(wanted)), np.ones(len(wanted))
    for _ in range(12):  # Chroma to 1/4096, a sixteenth of a grey level.
        share = (low + high) / 2
        inside = _shown(_with_chroma(wanted, share))
        low, high = np.where(inside, share, low), np.where(inside, high, share)
    result[outside] = _with_chroma(wanted, low)
    return result


def _with_chroma(lab: Float, share: Float) -> Float:
    return np.concatenate([lab[..., :1], lab[..., 1:] * share[..., None]], axis=-1)


def _shown(lab: Float) -> NDArray[np.bool_]:
    rgb = from_oklab(lab)
    inside: NDArray[np.bool_] = np.all((rgb > -1e-4) & (rgb < 1 + 1e-4), axis=-1)
    return inside


def polar(lightness: ArrayLike, chroma: ArrayLike, degrees: ArrayLike) -> Float:
    """Return OKLab (..., 3) of lightness, chroma and hue angle, broadcast together."""
    light, strength, angle = np.broadcast_arrays(lightness, chroma, np.radians(degrees))
    return np.stack([light, strength * np.cos(angle), strength * np.sin(angle)], axis=-1).astype(np.float64)


def hue_of(text: str) -> float:
    """Return the OKLab hue angle of "#rrggbb" in degrees."""
    _, a, b = to_oklab(parse(text))
    return float(np.degrees(np.arctan2(b, a)))


def ramp(anchors: Sequence[ArrayLike], size: int = 1024) -> Pixels:
    """Return (size,) pixels that run through OKLab `anchors` (N, 3) at an even perceptual speed.

    Anchors are joined by straight lines in OKLab; steps are equal in OKLab distance, so no false contour appears.
    """
    points = np.stack([np.asarray(anchor, dtype=np.float64) for anchor in anchors])
    at = np.linspace(0.0, 1.0, 257)
    curve = np.stack([_smooth(points[:, channel], at) for channel in range(3)], axis=-1)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    even = np.linspace(0.0, length[-1], size)
    lab = np.stack([np.interp(even, length, curve[:, channel]) for channel in range(3)], axis=-1)
    return pack(from_oklab(into_gamut(lab)))


def _smooth(values: Float, at: Float) -> Float:
    """Monotone cubic through equally spaced values (Fritsch-Carlson slopes), so that no anchor is overshot."""
    step = np.diff(values)
    product = step[:-1] * step[1:]
    inner = np.where(product > 0, 2 * product / np.where(product > 0, step[:-1] + step[1:], 1.0), 0.0)
    slope = np.concatenate([step[:1], inner, step[-1:]])
    position = at * (len(values) - 1)
    i = np.minimum(position.astype(int), len(values) - 2)
    t = position - i
    result: Float = (
        values[i] * (1 + 2 * t) * (1 - t) ** 2
        + slope[i] * t * (1 - t) ** 2
        + values[i + 1] * t**2 * (3 - 2 * t)
        + slope[i + 1] * t**2 * (t - 1)
    )
    return result


@cache
def pixel(text: str) -> int:
    """Return the packed pixel of "#rrggbb"."""
    return int(pack(parse(text)))


def mix(first: str, second: str, share: float) -> int:
    """Return the pixel `share` of the way from `first` to `second` ("#rrggbb"), straight through OKLab."""
    a, b = to_oklab(parse(first)), to_oklab(parse(second))
    return int(pack(from_oklab(a + (b - a) * share)))
