"""Pictures and films from the command line."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

SMALL = ["--points", "60", "--hidden", "6,5", "--device", "cpu"]


def test_render_writes_pictures(reluviz, tmp_path):
    words = ["render", *SMALL, "--steps", "20", "--size", "64x48"]
    assert reluviz(*words, "-o", tmp_path / "a.png")[0] == 0
    assert reluviz(*words, "-o", tmp_path / "b.png")[0] == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (64, 48)
        assert len(image.getcolors(5000)) > 20
    assert reluviz(*words, "-o", tmp_path / "c.svg")[0] == 0
    assert (tmp_path / "c.svg").read_text().startswith("<svg")
    assert reluviz(*words, "-o", tmp_path / "d.gif", "--every", "5")[0] == 0
    with Image.open(tmp_path / "d.gif") as film:
        assert film.n_frames == 5
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "b.png", "c.svg", "d.gif"}


def test_render_films_training(reluviz, tmp_path):
    av = pytest.importorskip("av", reason="PyAV comes with reluviz[video]")
    words = ["render", *SMALL, "--size", "96x64", "--title", "Sixty points", "--counters"]
    assert reluviz(*words, "--steps", "100", "--seconds", "1.5", "--fps", "10", "-o", tmp_path / "a.mp4")[0] == 0
    with av.open(str(tmp_path / "a.mp4")) as film:
        decoded = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]
    assert len(decoded) == 15
    assert reluviz(*words, "--every", "5", "--steps", "21", "-o", tmp_path / "frames")[0] == 0
    stills = [np.asarray(Image.open(path)).astype(int) for path in sorted((tmp_path / "frames").iterdir())]
    assert len(stills) == 5
    # Both begin with the untrained network, and by step 20 it has moved on.
    assert np.abs(decoded[0] - stills[0]).mean() < 6 < np.abs(decoded[-1] - stills[0]).mean()
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "frames"}


def test_a_camera_moves_over_a_training_that_rests(reluviz, tmp_path, write):
    keys = [{"at": 0, "bounds": [-1, 1, -1, 1]}, {"at": 1, "bounds": [0, 0.1, 0, 0.1]}]
    camera = write("camera.json", json.dumps(keys))
    words = ["render", *SMALL, "--size", "64x64", "--steps", "0", "--no-points"]
    status, *_ = reluviz(*words, "--seconds", "0.5", "--fps", "8", "--camera", camera, "-o", tmp_path / "frames")
    assert status == 0
    images = [np.asarray(Image.open(path)) for path in sorted((tmp_path / "frames").iterdir())]
    assert len(images) == 4
    assert reluviz(*words, "--bounds", "0", "0.1", "0", "0.1", "-o", tmp_path / "last.png")[0] == 0
    np.testing.assert_array_equal(images[-1], np.asarray(Image.open(tmp_path / "last.png")))
    assert all((one != other).any() for one, other in pairwise(images))


def test_a_film_of_a_training_that_diverges_ends_there_and_says_so(reluviz, tmp_path):
    words = ["--optimizer", "sgd", "--loss", "squared", "--learning-rate", "100", "--size", "64x64", "--steps", "99"]
    status, _, err = reluviz("render", *SMALL, *words, "-o", tmp_path / "a.gif")
    assert status == 2
    assert re.search(r"Loss is not finite since step \d+\. The .* likely cause\. \S*a\.gif ends there\.\n$", err)
    with Image.open(tmp_path / "a.gif") as film:
        assert 1 <= film.n_frames < 60


def test_ctrl_c_during_a_film_keeps_what_there_is(reluviz, tmp_path, monkeypatch):
    av = pytest.importorskip("av", reason="PyAV comes with reluviz[video]")
    from reluviz.studio import film

    drawn = film.draw_frames

    def interrupted(*arguments):
        for index, image in enumerate(drawn(*arguments)):
            if index == 7:
                raise KeyboardInterrupt
            yield image

    monkeypatch.setattr(film, "draw_frames", interrupted)
    words = ["render", *SMALL, "--size", "96x64", "--steps", "60"]
    status, _, err = reluviz(*words, "-o", tmp_path / "a.mp4")
    assert (status, err) == (130, f"reluviz render: stopped; the frames so far are in {tmp_path / 'a.part.mp4'}.\n")
    with av.open(str(tmp_path / "a.part.mp4")) as container:
        assert len(list(container.decode(video=0))) == 7
    assert reluviz(*words, "-o", tmp_path / "a.gif")[1:] == ("", "reluviz render: stopped; nothing is written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.part.mp4"]
