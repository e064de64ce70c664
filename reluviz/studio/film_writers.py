"""Writers of films: MP4, GIF and numbered PNGs, each taking one frame after the other."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from reluviz.core.color import Pixels
from reluviz.core.png import write_png

_BT709, _LIMITED = 1, 1  # What ITU-T H.273 calls them.


class Writer(Protocol):
    """Takes frames of one size, in order. Any method may raise OSError."""

    def write(self, image: Pixels) -> None:
        """Take a frame (H, W) 0xffRRGGBB."""

    def finish(self) -> None:
        """Write what is still to be written and close."""

    def abandon(self) -> None:
        """Close without caring for what is written."""


class Mp4Writer:
    """H.264 by x264 (veryfast, crf 18, yuv420p, BT.709) in fragments that can be read while they are written.

    With a key frame a second, and the encoder looking ahead half a second at most, a killed process loses less than
    two seconds.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int) -> None:
        import av
        from av.video.reformatter import VideoReformatter

        self._frame_of = av.VideoFrame.from_ndarray
        self._reformat = VideoReformatter().reformat
        flags = {"movflags": "+hybrid_fragmented+frag_keyframe", "flush_packets": "1", "fflags": "+bitexact"}
        self._file = _PatientFile(path)
        with _as_os_error():
            self._container: Any = av.open(self._file, "w", format="mp4", options=flags)
            self._stream = self._add_stream(size, fps)
        self._count = 0

    def _add_stream(self, size: tuple[int, int], fps: int) -> Any:
        # Two threads whatever the machine. On a busy one x264 now and then packs the very same frames otherwise.
        options = {
            "preset": "veryfast",
            "crf": "18",
            "g": str(fps),
            "threads": "2",
            "rc-lookahead": str(min(10, fps // 2)),
            "bf": str(min(3, fps // 8)),
        }
        stream = self._container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        return stream

    def write(self, image: Pixels) -> None:
        """Encode a frame."""
        with _as_os_error():
            rgb = self._frame_of(image.view("uint8").reshape(*image.shape, 4), format="bgra")
            frame = self._reformat(rgb, format="yuv420p", dst_colorspace=_BT709, dst_color_range=_LIMITED)
            frame.pts = self._count
            self._count += 1
            self._container.mux(self._stream.encode(frame))
        self._file.check()

    def finish(self) -> None:
        """Encode what the encoder held back, write the index and close."""
        try:
            with _as_os_error():
                # FFmpeg 8 crashes when a file is closed before a packet reached it.
                if self._count:
                    self._container.mux(self._stream.encode(None))
                self._container.close()
        finally:
            self._file.close()
        self._file.check()

    def abandon(self) -> None:
        """Close the file as if it were whole."""
        self.finish()


class _PatientFile:
    """A file whose errors are kept for `check`: FFmpeg 8 crashes where a disk is full before its first fragment."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._error: OSError | None = None
        self.name = str(path)

    def write(self, data: bytes) -> int:
        """Write all of `data`, or remember why not."""
        view = memoryview(data)
        try:
            while self._error is None and len(view):
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            self._error = error
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def check(self) -> None:
        """Raise what went wrong."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Turn FFmpeg's errors, of which only some are OSErrors, into OSErrors."""
    from av.error import FFmpegError

    try:
        yield
    except OSError:
        raise
    except FFmpegError as error:
        raise OSError(error.errno, error.strerror) from None


class GifWriter:
    """A looping GIF: 256 colours for each frame, undithered so that level regions stay level.

    Of a frame only the rectangle that differs from the one before is written. The last frame stays for two seconds.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int) -> None:
        self._hundredths, self._last_hundredths = round(100 / fps), 200
        self._shown: Pixels | None = None
        self._held: tuple[Pixels, tuple[int, int]] | None = None
        self._file = path.open("wb")
        width, height = (side.to_bytes(2, "little") for side in size)
        self._file.write(b"GIF89a" + width + height + b"\x70\x00\x00")
        self._file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")

    def write(self, image: Pixels) -> None:
        """Encode the frame before this one: only now is it known not to be the last."""
        self._encode(self._hundredths)
        self._held = _difference(self._shown, image)
        self._shown = image.copy()

    def finish(self) -> None:
        """Encode the last frame and close."""
        self._encode(self._last_hundredths)
        self._file.write(b";")
        self._file.close()

    def abandon(self) -> None:
        """Close the file."""
        self._file.close()

    def _encode(self, hundredths: int) -> None:
        if self._held is None:
            return
        from PIL import GifImagePlugin, Image

        image, corner = self._held
        rgb = Image.frombuffer("RGB", image.shape[::-1], image.tobytes(), "raw", "BGRX", 0, 1)
        few = rgb.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        parts = GifImagePlugin.getdata(few, corner, duration=10 * hundredths, include_color_table=True)
        self._file.write(b"".join(parts))


class PngWriter:
    """A folder of frame-00000.png, frame-00001.png, ..."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int) -> None:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        self._folder, self._count = path, 0

    def write(self, image: Pixels) -> None:
        """Write one file."""
        write_png(image, self._folder / f"frame-{self._count:05}.png")
        self._count += 1

    def finish(self) -> None:
        """Nothing is left to write."""

    def abandon(self) -> None:
        """Nothing is open."""


def _difference(before: Pixels | None, after: Pixels) -> tuple[Pixels, tuple[int, int]]:
    """Return the smallest rectangle of `after` that holds all that changed, at least one pixel, and its corner."""
    if before is None:
        return after, (0, 0)
    differs = before != after
    rows, columns = differs.any(axis=1).nonzero()[0], differs.any(axis=0).nonzero()[0]
    if not len(rows):
        return after[:1, :1], (0, 0)
    top, left = int(rows[0]), int(columns[0])
    return after[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1], (left, top)
