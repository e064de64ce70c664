import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from reluviz.cli import COMMANDS
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.partition import linear_regions

SMALL = ["--points", "60", "--hidden", "6,5", "--device", "cpu"]


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
