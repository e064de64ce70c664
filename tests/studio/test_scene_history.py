"""Scenes with a past and with panes: what is saved comes back bit for bit, and what is damaged is refused."""

import io
import json
import tracemalloc
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.engine.trainer import train
from reluviz.studio import scene_history
from reluviz.studio.comparison import Setup
from reluviz.studio.scene import Scene, read_scene, write_scene
from reluviz.studio.scene_archive import MAX_HISTORY
from reluviz.studio.timeline import Timeline
from tests.flowing import flowing

EXPERIMENT = Experiment(points=60, hidden=(6, 5), batch_size=9, device="cpu")


def past(experiment=EXPERIMENT, steps=24, every=3, change=24):
    """Return moments of a run, from `change` on with another learning rate, and a mark."""
    timeline = Timeline()
    for snapshot in train(experiment, steps=steps, every=every):
        if snapshot.step >= change:
            snapshot = replace(snapshot, experiment=replace(experiment, learning_rate=0.5))
        timeline = timeline.add((snapshot,))
    timeline = timeline.add((flowing(timeline[-1][0].experiment, steps + 1),))
    return timeline.mark(2, "folds")


def scene_of(timeline, **more):
    newest = timeline[-1][0]
    return Scene(newest.experiment, None, newest, timeline=timeline, **more)


def same_snapshots(one, other):
    for field in fields(one):
        if field.name == "flow" and one.flow is not None:
            for name in (f.name for f in fields(Flow)):
                np.testing.assert_array_equal(getattr(one.flow, name), getattr(other.flow, name))
        elif field.name not in ("run", "steps_per_second", "device"):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("scene") / "a.reluviz"
    write_scene(path, scene_of(past()))
    return path.read_bytes()


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, packing=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refused(tmp_path, data):
    path = tmp_path / "bad.reluviz"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_scene(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_a_past_comes_back_bit_for_bit(tmp_path):
    timeline = past(change=12)
    write_scene(tmp_path / "a.reluviz", scene_of(timeline))
    scene = read_scene(tmp_path / "a.reluviz")
    again = scene.timeline
    assert again.steps.tolist() == timeline.steps.tolist()
    assert again.marks == timeline.marks
    assert again.line.spacing == timeline.line.spacing
    for one, other in zip(timeline, again, strict=True):
        same_snapshots(one[0], other[0])
    assert [moment[0].experiment.learning_rate for moment in again][:4] == [0.01] * 4
    assert again[-1][0].experiment.learning_rate == 0.5
    assert not again[0][0].parameters.flags.writeable
    assert len({id(moment[0].experiment) for moment in again}) == 2
    write_scene(tmp_path / "b.reluviz", scene)
    assert (tmp_path / "a.reluviz").read_bytes() == (tmp_path / "b.reluviz").read_bytes()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_training_goes_on_from_any_saved_moment_as_if_never_interrupted(tmp_path, optimizer):
    experiment = EXPERIMENT.edit(optimizer=optimizer)
    timeline = Timeline()
    for snapshot in train(experiment, steps=30, every=10):
        timeline = timeline.add((snapshot,))
    write_scene(tmp_path / "a.reluviz", scene_of(timeline))
    moment = read_scene(tmp_path / "a.reluviz").timeline[1][0]
    assert moment.step == 10
    *_, resumed = train(moment.experiment, steps=20, every=20, start=moment)
    assert resumed.step == 30
    np.testing.assert_array_equal(resumed.parameters, timeline[-1][0].parameters)
    np.testing.assert_array_equal(resumed.optimizer_state, timeline[-1][0].optimizer_state)


def test_panes_come_back_with_their_past(tmp_path):
    experiments = EXPERIMENT, EXPERIMENT.edit(activation="tanh"), EXPERIMENT.edit(activation="prelu")
    columns = [list(train(one, steps=9, every=3)) for one in experiments]
    timeline = Timeline()
    for moment in zip(*columns, strict=True):
        timeline = timeline.add(tuple(replace(one, pane=pane) for pane, one in enumerate(moment)))
    setup = Setup("activation", (("relu",), ("tanh",), ("prelu",)))
    scene = replace(scene_of(timeline), setup=setup, beside=timeline[-1][1:])
    write_scene(tmp_path / "a.reluviz", scene)
    again = read_scene(tmp_path / "a.reluviz")
    assert again.setup == setup
    for one, other in zip(scene.beside, again.beside, strict=True):
        same_snapshots(one, other)
    for one, other in zip(timeline, again.timeline, strict=True):
        for pane, pair in enumerate(zip(one, other, strict=True)):
            same_snapshots(*pair)
            assert pair[1].pane == pane
    without = replace(scene, timeline=None)
    write_scene(tmp_path / "b.reluviz", without)
    assert read_scene(tmp_path / "b.reluviz").setup == setup


def test_scenes_without_panes_and_past_are_what_they_were(tmp_path):
    write_scene(tmp_path / "a.reluviz", replace(scene_of(past()), timeline=None))
    parts = members((tmp_path / "a.reluviz").read_bytes())
    assert json.loads(parts["scene.json"])["version"] == 1
    assert set(parts) == {"scene.json", "weights.safetensors"}


def test_a_long_past_is_thinned_evenly_to_what_a_file_may_hold(tmp_path, monkeypatch):
    timeline = past(steps=300, every=1)
    monkeypatch.setattr(scene_history, "HISTORY_BYTES", timeline.nbytes // 5)
    write_scene(tmp_path / "a.reluviz", scene_of(timeline))
    again = read_scene(tmp_path / "a.reluviz").timeline
    assert len(again) < 0.3 * len(timeline)
    assert again.steps[[0, -1]].tolist() == timeline.steps[[0, -1]].tolist()
    assert [mark.name for mark in again.marks] == ["folds"]
    assert np.diff(again.steps)[2:-1].max() <= 2 * again.line.spacing


def test_settings_changed_at_every_moment_thin_the_past_further(monkeypatch):
    timeline = Timeline()
    for number, snapshot in enumerate(train(EXPERIMENT, steps=60, every=1)):
        own = replace(EXPERIMENT, learning_rate=0.01 + 0.001 * number)
        timeline = timeline.add((replace(snapshot, experiment=own),))
    text, tables = scene_history.describe_history(timeline, 1500)
    assert len(text) <= 1500
    again = scene_history.read_history("a", text, tables)
    assert 2 <= len(again) < 40
    for moment in again:
        assert moment[0].experiment.learning_rate == pytest.approx(0.01 + 0.001 * moment[0].step)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("steps", lambda a: a[::-1].copy()),
        ("steps", lambda a: -a),
        ("steps", lambda a: a.astype(np.int32)),
        ("steps", lambda a: a[:0]),
        ("epochs", lambda a: a * np.nan),
        ("losses", lambda a: a[:, :, :3]),
        ("experiments", lambda a: a + 9),
        ("experiments", lambda a: a - 1),
        ("slots", lambda a: a + 1),
        ("slots", lambda a: a - 3),
        ("slots", lambda a: a + 2**30),
        ("optimizer_steps", lambda a: a - 1000),
        ("parameters.0", lambda a: a[:, :-1]),
        ("parameters.0", lambda a: a * np.inf),
        ("memory.0", lambda a: a[:-1]),
        ("memory.0", lambda a: a.astype(np.float64)),
        ("flow.0", lambda a: a + 10**6),
        ("flow.0", lambda a: np.concatenate([a, a])),
        ("flow.0.histogram", lambda a: a[:, :, :10]),
        ("flow.0.unit_dead", lambda a: a[:, :3]),
    ],
)
def test_tables_that_cannot_be_are_refused(tmp_path, whole, name, change):
    parts = members(whole)
    arrays = load(parts["history.safetensors"])
    with np.errstate(all="ignore"):
        arrays[name] = np.ascontiguousarray(change(arrays[name]))
    said = refused(tmp_path, packed(parts | {"history.safetensors": save(arrays)}))
    assert "history" in said


@pytest.mark.parametrize("name", ["steps", "experiments", "slots", "parameters.0", "memory.0", "flow.0", "losses"])
def test_missing_tables_are_refused(tmp_path, whole, name):
    parts = members(whole)
    arrays = load(parts["history.safetensors"])
    del arrays[name]
    assert name in refused(tmp_path, packed(parts | {"history.safetensors": save(arrays)}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"panes": 0}, "panes of its history"),
        ({"panes": 7}, "panes of its history"),
        ({"panes": 2}, "outputs of its history"),
        ({"outputs": [0]}, "outputs of its history"),
        ({"outputs": [2]}, "parameters.0 of its history"),
        ({"outputs": "1"}, "outputs of its history"),
        ({"spacing": 0}, "spacing of its history"),
        ({"marks": [{"step": 3}]}, "marks of its history"),
        ({"marks": [{"step": "3", "name": "a"}]}, "marks of its history"),
        ({"marks": [{"step": 3, "name": "a"}] * 1001}, "marks of its history"),
        ({"experiments": []}, "experiments of its history"),
        ({"experiments": [[1]]}, "experiments of its history"),
        ({"experiments": [{"hidden": [900]}]}, "hidden"),
        ({"experiments": [{"hidden": [6, 4]}] * 3}, "parameters.0 of its history"),
        ({"experiments": [{"learning_rate": "fast"}]}, "learning_rate"),
    ],
    ids=str,
)
def test_descriptions_that_cannot_be_are_refused(tmp_path, whole, changes, says):
    parts = members(whole)
    value = json.loads(parts["history.json"]) | changes
    assert says in refused(tmp_path, packed(parts | {"history.json": json.dumps(value).encode()}))


def test_a_history_of_other_networks_is_refused(tmp_path, whole):
    other = past(EXPERIMENT.edit(hidden=(3,)))
    write_scene(tmp_path / "other.reluviz", scene_of(other))
    stolen = members((tmp_path / "other.reluviz").read_bytes())
    parts = members(whole) | {name: stolen[name] for name in ("history.json", "history.safetensors")}
    assert "its history is of other networks" in refused(tmp_path, packed(parts))


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b"[" * 100_000])
def test_a_description_that_is_none_is_refused(tmp_path, whole, text):
    assert "history" in refused(tmp_path, packed(members(whole) | {"history.json": text}))


def test_a_small_file_cannot_become_a_large_history(tmp_path, whole):
    parts = members(whole) | {"history.safetensors": bytes(MAX_HISTORY + 1)}
    bomb = packed(parts, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        assert "history.safetensors is packed or locked" in refused(tmp_path, bomb)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_marks_of_steps_that_are_not_there_are_left_out(tmp_path, whole):
    parts = members(whole)
    value = json.loads(parts["history.json"])
    value["marks"] = [{"step": 1, "name": "gone"}, {"step": 3, "name": "x" * 500}, {"step": 3, "name": "last"}]
    path = tmp_path / "a.reluviz"
    path.write_bytes(packed(parts | {"history.json": json.dumps(value).encode()}))
    assert [(mark.step, mark.name) for mark in read_scene(path).timeline.marks] == [(3, "last")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"field": "points"}, "what it compares cannot be used"),
        ({"field": ["activation"]}, "what it compares cannot be used"),
        ({"panes": []}, "what it compares cannot be used"),
        ({"panes": [3]}, "what it compares cannot be used"),
        ({"panes": [{}] * 6}, "what it compares cannot be used"),
    ],
    ids=str,
)
def test_comparisons_that_cannot_be_are_refused(tmp_path, changes, says):
    first, second = (past(EXPERIMENT.edit(l2=l2))[-1][0] for l2 in (0.0, 0.1))
    scene = Scene(first.experiment, None, first, setup=Setup("l2", (0.0, 0.1)), beside=(replace(second, pane=1),))
    write_scene(tmp_path / "a.reluviz", scene)
    parts = members((tmp_path / "a.reluviz").read_bytes())
    value = json.loads(parts["scene.json"])
    value["comparison"] |= changes
    assert says in refused(tmp_path, packed(parts | {"scene.json": json.dumps(value).encode()}))


@settings(max_examples=150)
@given(data=st.data())
def test_flipped_and_missing_bytes_are_refused_or_harmless(tmp_path_factory, whole, data):
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(damaged), len(damaged) // 2, len(damaged) - 5]))
    path = tmp_path_factory.mktemp("damaged") / "a.reluviz"
    path.write_bytes(bytes(damaged[:cut]))
    try:
        scene = read_scene(path)
    except InputError:
        return
    assert scene.timeline is None or len(scene.timeline) > 0


def test_a_data_file_beside_the_scene_is_found_for_every_moment(tmp_path):
    home, moved = tmp_path / "home", tmp_path / "moved"
    home.mkdir()
    rows = [f"{x},{y},{int(x > y)}" for x in (-1.0, -0.3, 0.2, 0.9) for y in (-0.8, 0.1, 0.5)]
    (home / "points.csv").write_text("x,y,label\n" + "\n".join(rows) + "\n")
    timeline = past(EXPERIMENT.edit(dataset=str(home / "points.csv")))
    write_scene(home / "a.reluviz", scene_of(timeline))
    home.rename(moved)
    scene = read_scene(moved / "a.reluviz")
    names = {moment[0].experiment.dataset for moment in scene.timeline}
    assert names == {scene.experiment.dataset, scene.snapshot.experiment.dataset} == {str(moved / "points.csv")}
    assert scene.timeline.marks == timeline.marks
    assert len({id(moment[0].experiment) for moment in scene.timeline}) <= 2
