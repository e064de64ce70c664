"""open_film: frames written one by one to an MP4, a GIF or a folder of PNGs; bounded memory, no frame dropped.

Encoding runs in a thread of its own while the next frame is drawn. What is being written has a name of its own and is
renamed when all of it is there, so an older film of that name stays whole until then.
"""

import queue
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from reluviz.core.color import Pixels
from reluviz.core.errors import InputError
from reluviz.studio.film_writers import GifWriter, Mp4Writer, PngWriter, Writer

FASTEST = {".mp4": 60, ".gif": 50, "": 60}  # Frames a second; GIF counts hundredths and players stumble over 1.
_WAITING = 2  # Frames between the two threads: what a crash may lose, and 7 MB at 1280x720.


class Film:
    """Frames on their way into a file; `frames` is how many were handed over."""

    def __init__(self, writer: Writer) -> None:
        self.frames = 0
        self._writer = writer
        self._queue: queue.Queue[Pixels | None] = queue.Queue(_WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="film", daemon=True)
        self._thread.start()

    def add(self, image: Pixels) -> None:
        """Hand over a frame (H, W) 0xffRRGGBB, waiting while the encoder is behind. Raises what writing raised."""
        self._queue.put(image)
        self._raise()
        self.frames += 1

    def finish(self) -> None:
        """Encode what waits and close the file. Raises what writing raised."""
        self._stop()
        self._raise()
        self._writer.finish()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._stop()
        self._writer.abandon()

    def _stop(self) -> None:
        if self._thread.is_alive():  # Ctrl-C while it is being stopped stops it again.
            self._queue.put(None)
            self._thread.join()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (image := self._queue.get()) is not None:
            if self._error is None:  # After an error frames are only taken, so that nobody waits for ever.
                try:
                    self._writer.write(image)
                except BaseException as error:
                    self._error = error


@contextmanager
def open_film(path: Path, size: tuple[int, int], fps: int) -> Iterator[Film]:
    """Give a film to add frames to; `path` ends in .mp4 or .gif, or has no suffix for a folder of PNGs.

    Until the end it is written beside, under `part_of(path)`. Ctrl-C closes what there is there, for MP4 and PNGs a
    playable film; any other error removes it. Raises `InputError` in one sentence where it cannot be written.
    """
    check_film(path, size, fps)
    part = part_of(path)
    try:
        film = Film(_WRITERS[path.suffix.lower()](part, size, fps))
    except OSError as error:
        _remove(part)
        raise _unwritable(path, error) from None
    try:
        yield film
        film.finish()
        _put_in_place(part, path)
    except KeyboardInterrupt:
        if path.suffix.lower() == ".gif" or not film.frames:
            _forget(film, part)
        else:
            with suppress(OSError):  # What was written before it is a film in any case.
                film.finish()
        raise
    except OSError as error:
        _forget(film, part)
        raise _unwritable(path, error) from None
    except BaseException:
        _forget(film, part)
        raise


def part_of(path: Path) -> Path:
    """Return the name under which a film is written until it is whole: film.part.mp4, which players open."""
    return path.with_name(f"{path.stem}.part{path.suffix}")


def check_film(path: Path, size: tuple[int, int], fps: int) -> None:
    """Raise `InputError` where such a film cannot be written, before anything is computed for it."""
    kind = path.suffix.lower()
    fastest = FASTEST[kind]
    if not 1 <= fps <= fastest:
        raise InputError(f"--fps: {fps} is out of range; allowed is 1 to {fastest}.")
    if kind == "" and path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{path}: is there already; allowed is the name of a new folder for the frames.")
    if kind != ".mp4":
        return
    if find_spec("av") is None:
        raise InputError(
            f"{path}: MP4 needs PyAV: pip install 'reluviz[video]'; .gif and folders of PNGs need nothing."
        )
    if not _has_h264():
        raise InputError(f"{path}: PyAV is here without H.264: pip install --force-reinstall av; or write a .gif.")
    if size[0] % 2 or size[1] % 2:
        even = "x".join(str(side + side % 2) for side in size)
        raise InputError(f"--size: MP4 needs even sides; {even} is the nearest.")


_WRITERS: dict[str, type[Mp4Writer] | type[GifWriter] | type[PngWriter]] = {
    ".mp4": Mp4Writer,
    ".gif": GifWriter,
    "": PngWriter,
}
KINDS = tuple(_WRITERS)


def _has_h264() -> bool:
    import av

    try:
        av.codec.Codec("libx264", "w")
    except ValueError:
        return False
    return True


def _put_in_place(part: Path, path: Path) -> None:
    if path.is_dir():
        path.rmdir()  # It was empty when the film began; a folder that filled meanwhile is not touched.
    part.replace(path)


def _forget(film: Film, part: Path) -> None:
    """Close and remove what was written, whatever state it is in."""
    with suppress(OSError):  # What stopped the film stops its closing as well; the first reason is the one to tell.
        film.abandon()
    _remove(part)


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: cannot be written ({error.strerror or error}).")
