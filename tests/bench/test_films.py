"""The figures of films, on a film of a second."""

import sys

import pytest

from reluviz.bench import films


def test_a_film_is_written_and_its_figures_are_those_of_it(monkeypatch):
    pytest.importorskip("av", reason="PyAV comes with reluviz[video]")
    small = {"SIZE": (320, 180), "SECONDS": 2, "WARM": 30, "CODEC_ONLY": 10, "REGIONS": 200, "WINDOW_MOMENTS": 6}
    for name, value in small.items():
        monkeypatch.setattr(films, name, value)
    figures = list(films.films())
    names = ["film_rate", "film_window", "film_memory"]
    assert [figure.name for figure in figures] == names[: 2 + sys.platform.startswith("linux")]
    assert "7 frames" in figures[1].what
    assert figures[1].value > 0
    assert figures[0].value > 0
    assert "2 s of H.264 at 320 x 180" in figures[0].what
    assert figures[0].beside["encoding_alone_frames_per_second"] > 0


def test_every_moment_of_the_film_differs():
    moments = list(films._moments(3))
    assert (moments[0].parameters != moments[1].parameters).mean() > 0.9
