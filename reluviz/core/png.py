"""PNG files of pictures, by the standard library alone."""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode_png(image: NDArray[np.uint32]) -> bytes:
    """Return an 8-bit RGB PNG of image (H, W) 0xffRRGGBB.

    Each row is stored as the difference to the row above (filter 2), which suits level areas and steep lines alike.
    """
    height, width = image.shape
    rows = np.stack([image >> 16 & 255, image >> 8 & 255, image & 255], axis=-1).astype(np.uint8).reshape(height, -1)
    above = np.concatenate([np.zeros_like(rows[:1]), rows[:-1]])
    filtered = np.concatenate([np.full((height, 1), 2, np.uint8), rows - above], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 6)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(name, body) for name, body in chunks)


def write_png(image: NDArray[np.uint32], path: str | Path) -> None:
    """Write image (H, W) 0xffRRGGBB to `path`. Raises OSError where that cannot be written."""
    Path(path).write_bytes(encode_png(image))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
