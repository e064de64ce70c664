import csv
import json
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from reluviz.cli import COMMANDS, main
from reluviz.commands import window
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.partition import linear_regions

SMALL = ["--points", "60", "--hidden", "6,5", "--device", "cpu"]


@pytest.fixture
def reluviz(capsys):
    """Run a command line in this process and return (status, stdout, stderr)."""

    def run(*words):
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def model(tmp_path):
    random = np.random.default_rng(0)
    np.savez(
        tmp_path / "model.npz",
        W0=random.normal(size=(7, 2)),
        b0=random.normal(size=7),
        W1=random.normal(size=(2, 7)),
        b1=random.normal(size=2),
    )
    return tmp_path / "model.npz"


def without_timings(value):
    """Drop what may differ between equal runs: keys that end in _seconds or _per_second."""
    if isinstance(value, dict):
        return {k: without_timings(v) for k, v in value.items() if not k.endswith(("_seconds", "_per_second"))}
    return [without_timings(item) for item in value] if isinstance(value, list) else value


def test_equal_seeds_print_equal_json(reluviz):
    words = ["run", *SMALL, "--steps", "40", "--every", "20", "--json"]
    (status, first, _), (_, second, _) = reluviz(*words), reluviz(*words)
    assert status == 0
    report = json.loads(first)
    assert without_timings(report) == without_timings(json.loads(second))
    assert report["step"] == 40
    assert [row["step"] for row in report["history"]] == [0, 20, 40]
    assert report["history"][-1]["activation_regions"] == report["activation_regions"]
    assert report["activation_regions"] >= report["linear_regions"] > 1
    assert Experiment.from_dict(report["experiment"]) == Experiment(points=60, hidden=(6, 5), device="cpu")
    _, other, _ = reluviz(*words, "--seed", "1")
    assert json.loads(other)["train_loss"] != report["train_loss"]


def test_what_run_counts_is_what_regions_counts(reluviz, tmp_path):
    path = tmp_path / "m.npz"
    _, out, _ = reluviz("run", *SMALL, "--activation", "abs", "--steps", "30", "--save", path, "--json")
    status, again, _ = reluviz("regions", path, "--activation", "abs", "--json")
    assert status == 0
    trained, read = json.loads(out), json.loads(again)
    for key in ("activation_regions", "linear_regions", "bounds"):
        assert trained[key] == read[key]


def test_run_speaks_in_words(reluviz):
    _, out, _ = reluviz("run", *SMALL, "--steps", "10", "--every", "5")
    lines = out.splitlines()
    assert [line.split()[1] for line in lines[:3]] == ["0", "5", "10"]
    assert lines[3].startswith("10 steps in")
    assert re.fullmatch(r"[\d,]+ activation regions, [\d,]+ linear regions in -1.25 1.25 -1.25 1.25", lines[-1])


OPTIONS = {
    "dataset": "moons",
    "points": "50",
    "noise": "0.1",
    "train_share": "0.5",
    "data_seed": "3",
    "point_edits": '{"added": [[0.5, -0.5, 1]], "moved": [[2, 0.1, 0.2]], "erased": [0, 1]}',
    "hidden": "4,3",
    "layer_kind": "dense,walsh",
    "activation": "abs,leaky_relu",
    "activation_parameter": "default,0.2",
    "ablated": "0:2,1:0",
    "initialization": "xavier",
    "init_scale": "1.5",
    "seed": "4",
    "loss": "hinge",
    "optimizer": "momentum",
    "learning_rate": "0.02",
    "batch_size": "7",
    "batch_seed": "5",
    "l1": "0.001",
    "l2": "0.002",
    "device": "cpu",
}


def test_every_field_is_an_option_of_run_and_render(reluviz):
    assert set(OPTIONS) == set(SETTINGS)
    for command in ("run", "render"):
        _, text, _ = reluviz(command, "--help")
        for name in SETTINGS:
            assert f"--{name.replace('_', '-')} " in text
    words = [word for name, value in OPTIONS.items() for word in (f"--{name.replace('_', '-')}", value)]
    _, out, _ = reluviz("run", *words, "--steps", "1", "--json")
    fields = json.loads(out)["experiment"]
    assert fields["hidden"] == [4, 3]
    assert fields["layer_kind"] == ["dense", "walsh"]
    assert fields["activation"] == ["abs", "leaky_relu"]
    assert fields["activation_parameter"] == [None, 0.2]
    assert fields["ablated"] == [[0, 2], [1, 0]]
    assert fields["point_edits"] == {"added": [[0.5, -0.5, 1.0]], "moved": [[2, 0.1, 0.2]], "erased": [0, 1]}
    for name in set(OPTIONS) - {"hidden", "layer_kind", "activation", "activation_parameter", "ablated", "point_edits"}:
        assert str(fields[name]) == OPTIONS[name]


def test_a_scene_and_options_that_change_it(reluviz, write):
    write("points.csv", "".join(f"{i},{i % 3},{'ab'[i % 2]}\n" for i in range(20)))
    scene = write("scene.json", json.dumps({"dataset": "points.csv", "hidden": [3], "seed": 9, "device": "cpu"}))
    status, out, _ = reluviz("run", scene, "--hidden", "none", "--steps", "2", "--json")
    assert status == 0
    report = json.loads(out)
    # A data file named in a scene lies beside it.
    assert report["experiment"]["dataset"] == str(scene.parent / "points.csv")
    assert (report["experiment"]["hidden"], report["experiment"]["seed"]) == ([], 9)
    assert report["activation_regions"] == 1


def test_regions_exports_what_linear_regions_finds(reluviz, model, tmp_path):
    status, out, _ = reluviz(
        "regions",
        model,
        "--bounds",
        "-2",
        "2",
        "-1",
        "1",
        "--json",
        "--csv",
        tmp_path / "r.csv",
        "--svg",
        tmp_path / "r.svg",
    )
    assert status == 0
    with np.load(model) as file:
        expected = linear_regions([(file["W0"], file["b0"]), (file["W1"], file["b1"])], (-2, 2, -1, 1))
    report = json.loads(out)
    assert report["activation_regions"] == expected.count
    assert report["linear_regions"] == expected.linear_count
    assert report["hidden"] == [7]
    with (tmp_path / "r.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == expected.count
    assert sum(float(row["area"]) for row in rows) == pytest.approx(8)
    for i, row in enumerate(rows):
        assert row["pattern"] == "".join(map(str, expected.patterns[i]))
        ring = np.array([corner.split() for corner in row["ring"].split(";")], float)
        np.testing.assert_array_equal(ring, expected.vertices[expected.offsets[i] : expected.offsets[i + 1]])
        assert float(row["gradient_y_1"]) == expected.gradients[i, 1, 1]
        assert float(row["intercept_0"]) == expected.intercepts[i, 0]
    assert (tmp_path / "r.svg").read_text().count("<polygon") + (tmp_path / "r.svg").read_text().count("<path") > 0


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


def test_a_scene_goes_on_where_it_was(reluviz, tmp_path):
    whole, half, rest = (tmp_path / f"{name}.reluviz" for name in ("whole", "half", "rest"))
    _, straight, _ = reluviz("run", *SMALL, "--steps", "90", "--json", "--save", whole)
    assert reluviz("run", *SMALL, "--steps", "40", "--save", half)[0] == 0
    _, resumed, _ = reluviz("run", half, "--steps", "50", "--json", "--save", rest)
    straight, resumed = json.loads(straight), json.loads(resumed)
    assert (straight["steps"], resumed["steps"], resumed["step"]) == (90, 50, 90)
    assert resumed["train_loss"] == straight["train_loss"]
    assert rest.read_bytes() == whole.read_bytes()
    # A still of a scene is its moment; other first weights are a new beginning.
    assert reluviz("render", whole, "--size", "64x64", "-o", tmp_path / "a.png")[0] == 0
    assert reluviz("render", half, "--steps", "50", "--size", "64x64", "-o", tmp_path / "b.png")[0] == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert json.loads(reluviz("run", half, "--seed", "7", "--steps", "3", "--json")[1])["step"] == 3


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


def test_help_lists_the_commands(reluviz):
    status, out, _ = reluviz("--help")
    assert status == 0
    for name, summary in COMMANDS.items():
        assert f"{name:8}  {summary}" in out


def test_it_runs_as_a_module_and_survives_a_reader_that_goes_away(write):
    command = [sys.executable, "-m", "reluviz", "regions", "missing.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    piped = f"'{sys.executable}' -m reluviz run {' '.join(SMALL)} --steps 300 --every 1 | head -n 1"
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_doctor_finds_what_it_looks_for(reluviz):
    status, out, _ = reluviz("doctor", "--json")
    report = json.loads(out)
    assert status == (0 if report["ready"] else 1)
    found = {finding["check"] for finding in report["findings"]}
    assert found >= {"Python", "Packages", "PySide6", "Screen", "Training", "Video", "Kernels", "Font", "Disk"}
    for finding in report["findings"]:
        assert finding["status"] in ("ok", "note", "bad")
        assert finding["status"] != "bad" or finding["advice"]


def test_doctor_knows_the_pyside_that_crashes():
    from reluviz.commands.checks import pyside_crashes

    assert pyside_crashes("6.12.0", (3, 11))
    assert pyside_crashes("6.13", (3, 11))
    assert not pyside_crashes("6.11.3", (3, 11))
    assert not pyside_crashes("6.12.0", (3, 12))


def test_doctor_names_the_package_of_a_missing_library():
    from reluviz.commands.checks import missing_packages

    assert missing_packages({"libnothing-of-that-name.so.9": "nothing9"}) == ["nothing9"]
    assert missing_packages({}) == []


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
