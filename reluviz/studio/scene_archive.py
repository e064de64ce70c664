"""The zip around a scene: what may be in it, how large each part may be, and how it is written."""

import io
import struct
import zipfile
from collections.abc import Collection

from reluviz.core.errors import InputError
from reluviz.studio.scene_fields import ALLOWED, DESCRIPTION, MAX_BYTES, say_damaged

MAX_FILE = 16_000_000  # The largest network, 10 layers of 256 units, has 590,000 numbers: 7 MB with Adam's memory.
MAX_HISTORY = 96_000_000  # Of the history, which is stored unpacked, so that no small file becomes a large one.
MAX_HISTORY_TEXT = 4_000_000
MAX_DIRECTORY = 100_000
WEIGHTS, HISTORY, HISTORY_TEXT = "weights.safetensors", "history.safetensors", "history.json"
LIMITS = {DESCRIPTION: MAX_BYTES, WEIGHTS: MAX_FILE, HISTORY: MAX_HISTORY, HISTORY_TEXT: MAX_HISTORY_TEXT}


def read_members(source: str, data: bytes, wanted: Collection[str] = tuple(LIMITS)) -> dict[str, bytes]:
    """Return the members of LIMITS that a file holds, only those `wanted`. Raises `InputError`."""
    if len(data) > MAX_FILE + MAX_HISTORY or (len(data) > MAX_FILE and not data.startswith(b"PK")):
        history = f" and {MAX_HISTORY // 1_000_000} of its history"
        raise InputError(f"{source}: is larger than the {MAX_FILE // 1_000_000} megabytes of a scene{history}.")
    _check_directory(source, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _members(source, archive, wanted)
    except InputError:
        raise
    # zipfile and zlib raise whatever a damaged file makes them stumble over.
    except Exception as error:
        raise say_damaged(source, error) from None
    if DESCRIPTION not in parts:
        raise InputError(f"{source}: has no {DESCRIPTION}, so it is no scene; {ALLOWED}.")
    return parts


def pack_members(members: dict[str, bytes]) -> bytes:
    """Return the file that holds `members`; equal members give equal files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            packing = zipfile.ZIP_STORED if name == HISTORY else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    return buffer.getvalue()


def _check_directory(source: str, data: bytes) -> None:
    """Refuse a list of members that is larger than a scene's, before zipfile makes an object of every entry."""
    place = data.rfind(b"PK\x05\x06")
    if place < 0 or len(data) < place + 22:
        raise InputError(f"{source}: is damaged or no scene (its end is missing); {ALLOWED}.")
    (size,) = struct.unpack_from("<I", data, place + 12)
    if size > MAX_DIRECTORY or data[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise InputError(f"{source}: lists more files than a scene has; {ALLOWED}.")


def _members(source: str, archive: zipfile.ZipFile, wanted: Collection[str]) -> dict[str, bytes]:
    """Return what is in the members that a scene has; nothing is unpacked to the disk, others are not looked at."""
    parts: dict[str, bytes] = {}
    for info in archive.infolist():
        if info.filename.startswith(("/", "\\")) or ".." in info.filename or ":" in info.filename:
            raise InputError(f"{source}: holds a path that leads out of it; {ALLOWED}.")
        if info.filename not in LIMITS or info.filename not in wanted:
            continue
        if info.filename in parts:
            raise InputError(f"{source}: holds {info.filename} twice; {ALLOWED}.")
        packed = (zipfile.ZIP_STORED,) if info.filename == HISTORY else (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if info.compress_type not in packed or info.flag_bits & 1:
            raise InputError(f"{source}: {info.filename} is packed or locked in a way no scene is; {ALLOWED}.")
        limit = LIMITS[info.filename]
        with archive.open(info) as file:
            parts[info.filename] = file.read(limit + 1)  # At most that much is unpacked, whatever is declared.
        if len(parts[info.filename]) > limit:
            raise InputError(f"{source}: {info.filename} is larger than a scene's can be; allowed are {limit:,} bytes.")
    return parts
