"""Films as files: what comes out is what went in, in order, and nothing half is left behind."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from reluviz.core.errors import InputError
from reluviz.studio import video
from reluviz.studio.video import Film, open_film, part_of

SIZE = (96, 64)


def frames(count, size=SIZE):
    """A bright square that moves over a ramp."""
    width, height = size
    for index in range(count):
        image = np.full((height, width), 0xFF203050, np.uint32) + np.arange(width, dtype=np.uint32)
        image[10:30, 3 * index % (width - 20) : 3 * index % (width - 20) + 20] = 0xFFF0C040
        yield image


def rgb(image):
    return np.stack([image >> 16 & 255, image >> 8 & 255, image & 255], axis=-1).astype(int)


def write(path, count, fps=10):
    with open_film(path, SIZE, fps) as film:
        for image in frames(count):
            film.add(image)
    return path


def stop(path, count, reason):
    with open_film(path, SIZE, 10) as film:
        for image in frames(count):
            film.add(image)
        raise reason


def decode(path):
    av = pytest.importorskip("av", reason="PyAV comes with reluviz[video]")
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]


def needs_av():
    pytest.importorskip("av", reason="PyAV comes with reluviz[video]")


def test_an_mp4_has_every_frame_in_order_at_its_size_and_rate(tmp_path):
    needs_av()
    import av

    path = write(tmp_path / "a.mp4", 47)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (*SIZE, 10)
        assert container.duration == pytest.approx(4.7e6, rel=1e-3)
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
    decoded = decode(path)
    assert len(decoded) == 47
    for got, sent in zip(decoded, frames(47), strict=True):
        # Half the colour's resolution smears edges; a frame off by one would differ by 20 at least.
        assert np.abs(got - rgb(sent)).mean() < 4
    assert list(tmp_path.iterdir()) == [path]


def test_colours_of_level_areas_come_back(tmp_path):
    needs_av()
    image = np.full((64, 96), 0xFF2080D0, np.uint32)
    with open_film(tmp_path / "a.mp4", SIZE, 10) as film:
        film.add(image)
    (decoded,) = decode(tmp_path / "a.mp4")
    assert np.abs(decoded - (0x20, 0x80, 0xD0)).max() <= 3


def test_equal_films_are_equal_frame_by_frame(tmp_path):
    needs_av()
    for name in ("a.mp4", "b.mp4", "a.gif", "b.gif"):
        write(tmp_path / name, 25)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    np.testing.assert_array_equal(decode(tmp_path / "a.mp4"), decode(tmp_path / "b.mp4"))


def test_a_gif_has_every_frame_and_its_times(tmp_path):
    still = next(frames(1))
    with open_film(tmp_path / "a.gif", SIZE, 20) as film:
        for image in [*frames(12), still, still]:
            film.add(image)
    with Image.open(tmp_path / "a.gif") as gif:
        assert (gif.size, gif.n_frames, gif.info["loop"]) == (SIZE, 14, 0)
        times = []
        for index, sent in enumerate([*frames(12), still, still]):
            gif.seek(index)
            times.append(gif.info["duration"])
            assert np.abs(np.asarray(gif.convert("RGB"), int) - rgb(sent)).max() <= 3
    assert times == [50] * 13 + [2000]


def test_png_frames_are_exact(tmp_path):
    folder = write(tmp_path / "frames", 5)
    assert sorted(path.name for path in folder.iterdir()) == [f"frame-{index:05}.png" for index in range(5)]
    for path, sent in zip(sorted(folder.iterdir()), frames(5), strict=True):
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.asarray(image), rgb(sent))
    assert list(tmp_path.iterdir()) == [folder]


def test_an_empty_folder_is_filled_and_a_full_one_refused(tmp_path):
    (tmp_path / "frames").mkdir()
    write(tmp_path / "frames", 2)
    with pytest.raises(InputError, match="is there already; allowed is the name of a new folder"):
        write(tmp_path / "frames", 2)
    assert len(list((tmp_path / "frames").iterdir())) == 2


@pytest.mark.parametrize("name", ["a.mp4", "frames"])
def test_ctrl_c_leaves_a_film_of_what_there_is_and_the_old_one(tmp_path, name):
    needs_av()
    old = tmp_path / "a.mp4"
    old.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        stop(tmp_path / name, 8, KeyboardInterrupt)
    part = part_of(tmp_path / name)
    assert len(decode(part) if part.is_file() else list(part.iterdir())) == 8
    assert old.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


def test_ctrl_c_leaves_nothing_of_a_gif(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        stop(tmp_path / "a.gif", 3, KeyboardInterrupt)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames"])
def test_an_error_while_drawing_leaves_nothing(tmp_path, name):
    needs_av()
    with pytest.raises(ZeroDivisionError):
        stop(tmp_path / name, 3, ZeroDivisionError)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames"])
def test_a_folder_gone_is_one_sentence(tmp_path, name):
    needs_av()
    folder = tmp_path / "gone"
    folder.mkdir()

    def go_away():
        with open_film(folder / name, SIZE, 10) as film:
            for index, image in enumerate(frames(30)):
                film.add(image)
                if index == 10:
                    folder.rename(tmp_path / "elsewhere")

    with pytest.raises(InputError, match=rf"{name}: cannot be written \(No such file or directory\)\.$"):
        go_away()


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames"])
def test_a_folder_that_is_not_there_is_one_sentence(tmp_path, name):
    needs_av()
    with pytest.raises(InputError, match=r"cannot be written \(No such file or directory\)\.$"):
        write(tmp_path / "no" / name, 2)


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from reluviz.core.errors import InputError
from reluviz.studio.video import open_film
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = np.random.default_rng(0)
try:
    with open_film(Path(sys.argv[1]), (320, 240), 10) as film:
        for _ in range(60):
            film.add(noise.integers(0xFF000000, 2**32, (240, 320), dtype=np.uint32))
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on file sizes is POSIX's")
@pytest.mark.parametrize("limit", [0, 30, 30_000, 900_000])
@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "frames"])
def test_a_full_disk_is_one_sentence_and_the_old_film_stays(tmp_path, name, limit):
    if name == "frames":
        limit = min(limit, 30_000)
    needs_av()
    if name != "frames":
        (tmp_path / name).write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, tmp_path / name, str(limit)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path / name}: cannot be written (File too large).\n"
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"] * (name != "frames")


_ENDLESS = """
import sys
from pathlib import Path
import numpy as np
from reluviz.studio.video import open_film
fps = int(sys.argv[2])
with open_film(Path(sys.argv[1]), (96, 64), fps) as film:
    while True:
        film.add(np.full((64, 96), 0xFF000000 | film.frames, np.uint32))
        print(film.frames, flush=True)
        if film.frames == 12 * fps + 3:
            sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize("fps", [4, 10, 30, 60])
def test_a_killed_process_loses_less_than_two_seconds(tmp_path, fps):
    needs_av()
    words = [sys.executable, "-c", _ENDLESS, tmp_path / "a.mp4", str(fps)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        handed = 0
        while handed < 12 * fps + 3:
            handed = int(process.stdout.readline())
        time.sleep(1.0)  # The last frames handed over are encoded while the process waits.
        process.send_signal(signal.SIGKILL)
    decoded = decode(part_of(tmp_path / "a.mp4"))
    assert handed - len(decoded) <= 2 * fps
    assert not (tmp_path / "a.mp4").exists()


def test_frames_wait_for_the_encoder_and_none_is_dropped():
    class Slow:
        def __init__(self):
            self.taken = 0

        def write(self, image):
            time.sleep(0.002)
            self.taken += 1

        def finish(self):
            pass

        abandon = finish

    writer = Slow()
    film = Film(writer)
    for image in frames(40):
        film.add(image)
        assert film.frames - writer.taken <= 5
    film.finish()
    assert writer.taken == 40


@pytest.mark.parametrize(
    ("name", "size", "fps", "message"),
    [
        ("a.mp4", (95, 63), 10, "--size: MP4 needs even sides; 96x64 is the nearest."),
        ("a.mp4", SIZE, 61, "--fps: 61 is out of range; allowed is 1 to 60."),
        ("a.gif", SIZE, 51, "--fps: 51 is out of range; allowed is 1 to 50."),
    ],
)
def test_what_cannot_be_filmed_is_said_before(tmp_path, name, size, fps, message):
    needs_av()
    with pytest.raises(InputError) as caught, open_film(tmp_path / name, size, fps):
        pass
    assert str(caught.value) == message
    assert not list(tmp_path.iterdir())


def test_without_pyav_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"MP4 needs PyAV: pip install 'reluviz\[video\]'"):
        video.check_film(tmp_path / "a.mp4", SIZE, 10)
    video.check_film(tmp_path / "a.gif", SIZE, 10)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_for_reading_only_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"cannot be written \(Permission denied\)"):
        write(tmp_path / "a.gif", 2)
