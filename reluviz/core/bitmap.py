"""read_bitmap: the pixels of an image file as values to learn."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

# Only decoders whose input people have at hand; Pillow knows more, among them ones that start other programs.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*")
# What Pillow has to say of a damaged file is in the sentence of the error, not on stderr as well.
logging.getLogger("PIL").addHandler(logging.NullHandler())
MAX_PIXELS = 50_000_000
MAX_SIDE = 512


@dataclass(frozen=True, eq=False)
class Bitmap:
    """values (H, W, 1) grey or (H, W, 3) RGB, float64 in [-1, 1], row 0 at the top."""

    values: NDArray[np.float64]


def is_bitmap(path: Path) -> bool:
    """Whether a file is to be read as an image: by its suffix or its first bytes."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except (OSError, ValueError):
        return False
    return head.startswith(tuple(s for s in _SIGNATURES if s != b"BM"))


def read_bitmap(path: Path) -> Bitmap:
    """Decode an image, made smaller to 512 pixels at its longer side. Raises `InputError` for what is no image."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    allowed = f"allowed are {', '.join(FORMATS)} images"
    if not path.exists():
        raise InputError(f"{path}: there is no such file; {allowed}.")
    if not path.is_file():
        raise InputError(f"{path}: is not a file; {allowed}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise InputError(
                        f"{path}: has {width} x {height} pixels; allowed are at most {MAX_PIXELS:,} in all."
                    )
                image.draft(None, (MAX_SIDE, MAX_SIDE))
                upright = ImageOps.exif_transpose(image)
                return Bitmap(_values(upright))
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"{path}: is no image that can be read; {allowed}.") from None
    # Decoders of damaged files raise whatever they stumble over (struct.error, SyntaxError, EOFError, ...).
    except Exception as error:
        raise InputError(f"{path}: the image is damaged or too large ({error}); {allowed}.") from None


def _values(image: "PillowImage") -> NDArray[np.float64]:
    if image.mode.startswith("I") or image.mode == "F":
        grey = np.asarray(image, dtype=np.float64)
        low, high = (0.0, 65535.0) if image.mode != "F" and grey.max() <= 65535 else (grey.min(), grey.max())
        step = max(1, max(grey.shape) // MAX_SIDE)
        grey = grey[::step, ::step]
        if not np.isfinite(grey).all():
            raise ValueError("not every pixel is a finite number")
        return (2.0 * (grey - low) / max(high - low, 1e-300) - 1.0)[:, :, None]
    if image.mode in ("RGBA", "LA", "PA", "P", "La", "RGBa"):
        image = _on_white(image)
    rgb = image.convert("RGB")
    rgb.thumbnail((MAX_SIDE, MAX_SIDE))
    values = np.asarray(rgb, dtype=np.float64) / 127.5 - 1.0
    is_grey = bool((values[..., 0] == values[..., 1]).all() and (values[..., 1] == values[..., 2]).all())
    return values[:, :, :1] if is_grey else values


def _on_white(image: "PillowImage") -> "PillowImage":
    from PIL import Image

    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
