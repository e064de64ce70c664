"""Files that only grow: chunks with a length and a checksum, so that what a crash cut off is recognised and left out.

The file begins with MAGIC. A chunk is two letters, its kind (one byte), the payload's length and CRC-32 (of kind,
length and payload, each little-endian uint32), then the payload. Nothing in it can be run.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError

MAGIC = b"reluviz recording 1\n"
MOST_PAYLOAD = 64_000_000  # Six panes of the largest network are 11 MB.
MOST_MEMBERS = 200
MOST_TEXT = 8_000_000
_HEAD = struct.Struct("<2sBII")
_MARK = b"Rv"
Arrays = dict[str, NDArray[Any]]


class Place(NamedTuple):
    """Where a chunk's payload lies in its file."""

    kind: int
    offset: int
    length: int


def chunk(kind: int, payload: bytes) -> bytes:
    """Return a chunk as it stands in the file."""
    if len(payload) > MOST_PAYLOAD:
        raise ValueError(f"a chunk of {len(payload):,} bytes is more than {MOST_PAYLOAD:,}")
    return _HEAD.pack(_MARK, kind, len(payload), _checksum(kind, payload)) + payload


def pack(values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """Return values (JSON; numbers that are not finite become null) and arrays (safetensors) as one payload."""
    from safetensors.numpy import save

    text = json.dumps(_plain(values), separators=(",", ":"), allow_nan=False).encode()
    tail = save({name: np.ascontiguousarray(array) for name, array in arrays.items()}) if arrays else b""
    return struct.pack("<I", len(text)) + text + tail


def unpack(payload: bytes) -> tuple[dict[str, Any], Arrays]:
    """Return what `pack` was given. Raises ValueError where it is none of ours."""
    from safetensors.numpy import load

    (length,) = struct.unpack_from("<I", payload) if len(payload) >= 4 else (MOST_TEXT + 1,)
    if length > MOST_TEXT or 4 + length > len(payload):
        raise ValueError("its description is missing")
    try:
        values = json.loads(payload[4 : 4 + length])
        arrays = load(payload[4 + length :]) if len(payload) > 4 + length else {}
    except RecursionError:
        raise ValueError("its description is nested too deeply") from None
    except Exception as error:  # safetensors has errors of its own, without a common base.
        raise ValueError(str(error)) from None
    if not isinstance(values, dict) or len(arrays) > MOST_MEMBERS:
        raise ValueError("its description is no object")
    for array in arrays.values():
        array.setflags(write=False)
    return values, arrays


def read_places(path: Path) -> list[Place]:
    """Return where the whole chunks of a file lie, up to the first one that is cut or damaged.

    Memory holds one chunk at a time. Raises `InputError` where the file cannot be read or is no recording.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise InputError(f"{path}: is no recording of this version; allowed is one that this window made.")
            return [place for place, _ in _whole_chunks(file)]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None


def read_payload(file: BinaryIO, place: Place) -> bytes:
    """Return a chunk's payload. Raises OSError, also where the file has changed since it was looked through."""
    file.seek(place.offset - _HEAD.size)
    head, payload = file.read(_HEAD.size), file.read(place.length)
    if len(payload) != place.length or head != _HEAD.pack(
        _MARK, place.kind, place.length, _checksum(place.kind, payload)
    ):
        raise OSError(5, "the recording has changed while it was read")
    return payload


def _whole_chunks(file: BinaryIO) -> Iterator[tuple[Place, bytes]]:
    offset = len(MAGIC)
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        mark, kind, length, checksum = _HEAD.unpack(head)
        if mark != _MARK or length > MOST_PAYLOAD:
            return
        payload = file.read(length)
        if len(payload) != length or _checksum(kind, payload) != checksum:
            return
        offset += _HEAD.size
        yield Place(kind, offset, length), payload
        offset += length


def _checksum(kind: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<BI", kind, len(payload))))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
