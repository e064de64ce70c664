"""Scenes: what is saved comes back bit for bit, and what is damaged is refused in one sentence."""

import io
import json
import pickle
import tracemalloc
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from reluviz.core.errors import InputError
from reluviz.core.experiment import OPTIMIZERS, Experiment
from reluviz.core.view import View
from reluviz.engine.optimizers import OPTIMIZERS as STEPS
from reluviz.engine.trainer import train
from reluviz.studio import scene as module
from reluviz.studio.scene import Scene, read_scene, write_scene

EXPERIMENT = Experiment(points=70, hidden=(6, 5), batch_size=9, device="cpu")
VIEW = View(bounds=(-0.5, 0.75, 0.1, 2.0), coloring="gradient", lines="equal", boundary=False, layer=1, unit=2)


def last(experiment, steps, start=None):
    *_, snapshot = train(experiment, steps=steps, every=max(1, steps), start=start)
    return snapshot


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a good scene."""
    path = tmp_path_factory.mktemp("scene") / "a.reluviz"
    write_scene(path, Scene(EXPERIMENT, VIEW, last(EXPERIMENT, 7)))
    return path.read_bytes()


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_all_of_a_scene_comes_back(tmp_path):
    snapshot = last(EXPERIMENT, 23)
    write_scene(tmp_path / "a.reluviz", Scene(EXPERIMENT, VIEW, snapshot))
    scene = read_scene(tmp_path / "a.reluviz")
    assert scene.experiment == EXPERIMENT
    assert scene.view == VIEW
    for field in fields(snapshot):
        if field.name not in ("steps_per_second", "flow", "device"):
            np.testing.assert_array_equal(getattr(scene.snapshot, field.name), getattr(snapshot, field.name))
    assert not scene.snapshot.parameters.flags.writeable
    write_scene(tmp_path / "b.reluviz", scene)
    assert (tmp_path / "a.reluviz").read_bytes() == (tmp_path / "b.reluviz").read_bytes()


VARIANTS = [
    *({"optimizer": name} for name in OPTIMIZERS),
    {"activation": ("prelu",), "l1": 0.001, "l2": 0.01},
    {"ablated": ((0, 1), (1, 2)), "optimizer": "momentum"},
    {"dataset": "blobs", "batch_size": 1000},
    {"dataset": "ripple", "activation": ("tanh", "relu"), "batch_seed": 4},
]


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
@pytest.mark.parametrize("steps", [1, 29])
def test_resuming_goes_on_as_if_never_interrupted(tmp_path, changes, steps):
    experiment = EXPERIMENT.edit(**changes)
    straight = last(experiment, steps + 31)
    write_scene(tmp_path / "a.reluviz", Scene(experiment, None, last(experiment, steps)))
    scene = read_scene(tmp_path / "a.reluviz")
    resumed = last(scene.experiment, 31, scene.snapshot)
    assert (resumed.step, resumed.epoch, resumed.optimizer_steps) == (steps + 31, straight.epoch, steps + 31)
    assert resumed.parameters.tobytes() == straight.parameters.tobytes()
    assert resumed.optimizer_state.tobytes() == straight.optimizer_state.tobytes()
    assert resumed.train_loss == straight.train_loss


def test_what_optimisers_remember_is_known_here_too():
    assert {name: step.slots for name, step in STEPS.items()} == module._SLOTS


def test_an_experiment_alone_and_a_json_file_are_scenes_too(tmp_path, write):
    write_scene(tmp_path / "a.reluviz", Scene(EXPERIMENT))
    for path in (tmp_path / "a.reluviz", write("a.json", EXPERIMENT.to_json())):
        scene = read_scene(path)
        assert (scene.experiment, scene.view, scene.snapshot) == (EXPERIMENT, None, None)


def test_data_beside_a_scene_moves_with_it(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "own.csv").write_text("0,0,a\n1,1,b\n")
    experiment = Experiment(dataset=str(tmp_path / "one" / "own.csv"))
    write_scene(tmp_path / "one" / "a.reluviz", Scene(experiment))
    for name in ("own.csv", "a.reluviz"):
        (tmp_path / "one" / name).rename(tmp_path / "two" / name)
    assert read_scene(tmp_path / "two" / "a.reluviz").experiment.dataset == str(tmp_path / "two" / "own.csv")


def refused(tmp_path, data):
    path = tmp_path / "bad.reluviz"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_scene(path)
    return one_sentence(path, str(caught.value))


def one_sentence(path, message):
    assert message.startswith(f"{path}: ")
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < len(str(path)) + 300
    return message.removeprefix(f"{path}: ")


def described(whole, **changes):
    """The good scene with other values in its description; dots go into objects, None takes out."""
    parts = members(whole)
    value = json.loads(parts["scene.json"])
    for name, change in changes.items():
        *outer, name = name.split("__")
        place = value
        for part in outer:
            place = place[part]
        place[name] = change
        if change is None:
            del place[name]
    parts["scene.json"] = json.dumps(value).encode()
    return packed(parts.items())


def weighted(whole, **arrays):
    parts = members(whole)
    state = {**load(parts["weights.safetensors"]), **arrays}
    parts["weights.safetensors"] = save({name: array for name, array in state.items() if array is not None})
    return packed(parts.items())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": 3}, "was written by a newer reluviz (version 3); this one reads 2."),
        ({"version": 0}, "version 0 is not a whole number from 1 to 2."),
        ({"version": "1"}, "version '1' is not a whole number"),
        ({"format": "film"}, "scene.json does not describe a scene"),
        ({"experiment": None}, "experiment is missing or no object"),
        ({"experiment__version": 9}, "version 9 was written by a newer reluviz"),
        (
            {"experiment__hidden": [10**9]},
            "hidden: 1000000000 is out of range; allowed is a whole number from 1 to 256",
        ),
        ({"experiment__hidden": [6, 6]}, "parameters is float32 (59,); its network needs float32 (67,)."),
        ({"snapshot": 3}, "snapshot is missing or no object"),
        ({"snapshot__outputs": 10**12}, "outputs 1000000000000 cannot be used"),
        ({"snapshot__outputs": 2}, "its network needs float32"),
        ({"snapshot__step": -1}, "step -1 cannot be used"),
        ({"snapshot__step": 1.5}, "step 1.5 cannot be used"),
        ({"snapshot__epoch": float("nan")}, "epoch nan cannot be used"),
        ({"snapshot__epoch": float("inf")}, "epoch inf cannot be used"),
        ({"snapshot__epoch": None}, "epoch None cannot be used"),
        ({"snapshot__train_loss": 10**4000}, "train_loss 1000"),
        ({"snapshot__optimizer": "lion"}, "optimizer 'lion' is unknown; allowed are sgd"),
        ({"snapshot__optimizer": ["adam"]}, "optimizer ['adam'] is unknown"),
        ({"snapshot__optimizer": "sgd"}, "optimizer_state is float32 (2, 59); its network needs float32 (0, 59)."),
        ({"view__coloring": "loud"}, "coloring 'loud' is unknown; allowed are"),
        ({"view__bounds": [1, 0, 0, 1]}, "bounds have no inside"),
        ({"view__bounds": [0, 1, 0, float("inf")]}, "bounds inf cannot be used"),
        ({"view__bounds": "all"}, "bounds 'all'; allowed are four finite numbers."),
        ({"view__epsilon": 0}, "epsilon 0 cannot be used"),
        ({"view__layer": 10**9}, "layer 1000000000 cannot be used"),
    ],
    ids=str,
)
def test_a_description_that_cannot_be_is_refused(tmp_path, whole, changes, says):
    assert says in refused(tmp_path, described(whole, **changes))


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"parameters": None}, "weights.safetensors has no parameters"),
        ({"parameters": np.zeros(58, np.float32)}, "parameters is float32 (58,); its network needs float32 (59,)."),
        ({"parameters": np.zeros(59)}, "parameters is float64 (59,); its network needs float32 (59,)."),
        ({"parameters": np.full(59, np.nan, np.float32)}, "parameters holds a number that is not finite"),
        (
            {"optimizer_state": np.full((2, 59), np.inf, np.float32)},
            "optimizer_state holds a number that is not finite",
        ),
        ({"optimizer_state": np.zeros((59, 2), np.float32)}, "its network needs float32 (2, 59)"),
    ],
)
def test_weights_that_cannot_be_are_refused(tmp_path, whole, arrays, says):
    assert says in refused(tmp_path, weighted(whole, **arrays))


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("a scene was run",))


def test_other_files_are_refused(tmp_path, whole):
    parts = members(whole)
    text, weights = parts["scene.json"], parts["weights.safetensors"]
    cases = {
        b"": "is damaged or no scene (its end is missing)",
        b"PK": "is damaged or no scene (its end is missing)",
        pickle.dumps(Trap()): "is damaged or no scene",
        whole[: len(whole) // 2]: "is damaged or no scene",
        packed([]): "has no scene.json",
        packed([("weights.safetensors", weights)]): "has no scene.json",
        packed([("scene.json", text)]): "has no weights.safetensors",
        packed([("scene.json", text), ("weights.safetensors", pickle.dumps(Trap()))]): "is damaged or no scene",
        packed([("scene.json", text), ("../../evil", b"x")]): "holds a path that leads out of it",
        packed([("scene.json", text), ("/etc/evil", b"x")]): "holds a path that leads out of it",
        packed([("scene.json", text), ("c:\\evil", b"x")]): "holds a path that leads out of it",
        packed([("scene.json", b"[" * 100_000)]): "scene.json is not JSON",
        packed([("scene.json", b"[1]")]): "scene.json does not describe a scene",
        packed([("scene.json", b"\xff")]): "byte 0 is not UTF-8 text",
        packed([("scene.json", text)], zipfile.ZIP_LZMA): "is packed or locked in a way no scene is",
        packed([(f"{i}", b"") for i in range(3000)]): "lists more files than a scene has",
        packed(
            [("scene.json", text), ("weights.safetensors", (2**60).to_bytes(8, "little"))]
        ): "is damaged or no scene",
    }
    for data, says in cases.items():
        assert says in refused(tmp_path, data)
    assert not list(tmp_path.parent.parent.rglob("evil"))


def test_a_member_twice_is_refused(tmp_path, whole):
    text = members(whole)["scene.json"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("scene.json", text)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("scene.json", text)
    assert "holds scene.json twice" in refused(tmp_path, buffer.getvalue())


@pytest.mark.parametrize("name", ["scene.json", "weights.safetensors"])
def test_a_zip_bomb_takes_no_more_memory_than_a_scene(tmp_path, whole, name):
    parts = members(whole)
    parts[name] = bytes(200_000_000)
    bomb = packed(parts.items(), zipfile.ZIP_DEFLATED)
    assert len(bomb) < 300_000
    del parts
    tracemalloc.start()
    try:
        assert f"{name} is larger than a scene's can be" in refused(tmp_path, bomb)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_a_file_too_large_is_not_read_whole(tmp_path):
    path = tmp_path / "large.reluviz"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(InputError, match="is larger than the 16 megabytes"):
        read_scene(path)


@settings(max_examples=300)
@given(data=st.data())
def test_damage_is_refused_or_harmless(whole, tmp_path_factory, data):
    """No damage is read as another scene: what is read in spite of it is what was written."""
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        match data.draw(st.sampled_from(("flip", "cut", "insert", "end"))):
            case "flip":
                damaged[place : place + 1] = bytes([data.draw(st.integers(0, 255))])
            case "cut":
                del damaged[place : place + data.draw(st.integers(1, 60))]
            case "insert":
                damaged[place:place] = data.draw(st.binary(min_size=1, max_size=20))
            case "end":
                del damaged[place:]
    path = tmp_path_factory.getbasetemp() / "damaged.reluviz"
    path.write_bytes(damaged)
    try:
        scene = read_scene(path)
    except InputError as error:
        one_sentence(path, str(error))
        return
    assert (scene.experiment, scene.view) == (EXPERIMENT, VIEW)
    expected = load(members(whole)["weights.safetensors"])
    assert scene.snapshot.parameters.tobytes() == expected["parameters"].tobytes()


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    snapshot = last(EXPERIMENT, 0)
    broken = replace(snapshot, parameters=np.full_like(snapshot.parameters, np.nan))
    with pytest.raises(InputError, match="its weights are not finite"):
        write_scene(tmp_path / "a.reluviz", Scene(EXPERIMENT, None, broken))
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_scene(tmp_path, monkeypatch):
    path = tmp_path / "a.reluviz"
    path.write_text("old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match=r"a\.reluviz: cannot be written \(No space left on device\)\.$"):
        write_scene(path, Scene(EXPERIMENT))
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("a.reluviz", "old")]
