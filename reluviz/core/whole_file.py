"""write_whole: a file that is there whole, or as it was before."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside and rename it, so that a crash leaves the old or the new one, never half. Raises OSError."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(aside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException as error:
        aside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from None  # A full disk does not say which file.
        raise
