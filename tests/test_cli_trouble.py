"""What the command line says where something cannot be used."""

import re
import sys

import pytest

from reluviz.commands import window
from reluviz.core.errors import InputError

SMALL = ["--points", "60", "--hidden", "6,5", "--device", "cpu"]
BAD = [
    (["run", "--steps", "-1"], "steps: -1 is out of range"),
    (["run", "--every", "0"], "every: 0 is out of range"),
    (["run", "--hidden", "16,x"], "hidden: 'x' cannot be used; allowed is a whole number from 1 to 256"),
    (["run", "--learning-rate", "fast"], "learning_rate: 'fast' cannot be used; allowed is a number from 0 to 100"),
    (["run", "--activation", "rellu"], "activation: 'rellu' is unknown; allowed are relu"),
    (["run", "--dataset", "spirl"], "dataset: 'spirl' is unknown; did you mean spiral"),
    (["run", "--device", "tpu"], "device: 'tpu' is unknown; allowed are auto, cpu"),
    (["run", "--bounds", "1", "0", "0", "1"], "--bounds: 1 0 0 1 has no inside; allowed are"),
    (["run", "--save", "model.pt"], "model.pt: weights cannot be written there; allowed is"),
    (["run", "--save", "no/such/m.reluviz"], "m.reluviz: weights cannot be written there; allowed is a name ending in"),
    (["run", "nowhere.json"], "nowhere.json: there is no such file; allowed are a scene (.reluviz) and a JSON file"),
    (["run", "--frob"], "unrecognized arguments: --frob"),
    (["render"], "the following arguments are required: -o/--output"),
    (["render", "-o", "x.eps"], "x.eps: no picture of that kind; allowed are names ending in .png, .svg, .pdf, .gif"),
    (["render", "-o", "x.doc"], "x.doc: no picture of that kind; allowed are names ending in .png"),
    (["render", "-o", "no/such/folder/x.png"], "cannot be written; allowed is a file name in a folder that exists"),
    (["render", "-o", "x.png", "--size", "huge"], "--size: 'huge' is no size; allowed is WIDTHxHEIGHT"),
    (["render", "-o", "x.gif", "--fps", "500"], "--fps: 500 is out of range; allowed is 1 to 50"),
    (["render", "-o", "x.gif", "--fps", "0"], "--fps: 0 is out of range; allowed is 1 to 50"),
    (["render", "-o", "x.gif", "--steps", "-1"], "--steps: -1 is out of range"),
    (["render", "-o", "x.gif", "--every", "0"], "--every: 0 is out of range"),
    (["render", "-o", "x.gif", "--seconds", "nan"], "--seconds: nan is out of range; allowed are films of 1 to"),
    (
        ["render", "-o", "x.gif", "--seconds", "2", "--every", "3", "--steps", "9"],
        "--seconds: follows from --steps and --every",
    ),
    (["regions", "nowhere.npz"], "nowhere.npz: there is no such file"),
    (["regions", "model.pt"], "model.pt: is a pickle, and opening one may run any program hidden in it"),
    (["bench", "speed"], "'speed' is no set of figures; allowed are geometry"),
    (["nowhere.json"], "nowhere.json: there is no such file"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_is_one_line_and_status_2(reluviz, words, message):
    status, out, err = reluviz(*words)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("reluviz")
    assert message in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "scene.json: line 1, column 2 is not JSON"),
        ('{"learning_rat": 1}', "scene.json: 'learning_rat' is no field of an experiment; did you mean learning_rate?"),
        ('{"points": "many"}', "scene.json: points: 'many' cannot be used"),
        ('{"seed": -4}', "scene.json: seed: -4 is out of range; allowed is a whole number from 0"),
        ('{"version": 99}', "scene.json: version 99 was written by a newer reluviz"),
        (b"\xff\xfe{", "scene.json: byte 0 is not UTF-8 text"),
        (b" " * 1_000_001, "scene.json: is larger than a megabyte"),
    ],
)
def test_bad_scenes_name_file_and_place(reluviz, write, text, message):
    status, _, err = reluviz("run", write("scene.json", text))
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_learning_rate_that_diverges_is_said_to(reluviz):
    status, out, err = reluviz("run", *SMALL, "--optimizer", "sgd", "--loss", "squared", "--learning-rate", "100")
    assert status == 2
    assert out == ""
    assert re.search(r"Loss is not finite since step \d+\. The learning rate 100 is the likely cause\.", err)
    assert err.count("\n") == 1


def test_a_failed_render_leaves_the_old_file(reluviz, tmp_path):
    (tmp_path / "a.png").write_text("old")
    words = ["--optimizer", "sgd", "--loss", "squared", "--learning-rate", "100", "--size", "64x64"]
    assert reluviz("render", *SMALL, *words, "-o", tmp_path / "a.png")[0] == 2
    assert (tmp_path / "a.png").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_debug_shows_where(reluviz):
    status, _, err = reluviz("run", "--steps", "-1", "--debug")
    assert status == 2
    assert "Traceback" in err


def test_without_a_screen_the_window_says_so(reluviz, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    status, _, err = reluviz()
    assert status == 2
    assert "there is no screen here" in err
    assert err.count("\n") == 1
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr("reluviz.commands.checks.SCREEN_LIBRARIES", {"libnothing-of-that-name.so.9": "nothing9"})
    with pytest.raises(InputError, match="sudo apt-get install -y nothing9"):
        window.check_screen()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    window.check_screen()
