import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, MAX_WIDTH, SETTINGS, VERSION, Experiment
from reluviz.core.setting import MAX_LAYERS

PROMISED = {
    *("dataset", "points", "noise", "train_share", "data_seed"),
    *("hidden", "activation", "activation_parameter", "initialization", "init_scale", "seed"),
    *("batch_seed", "loss", "optimizer", "learning_rate", "batch_size", "l1", "l2", "device"),
}
"""The fields that scenes, options and lessons rely on."""


def test_every_field_says_what_it_is():
    assert set(SETTINGS) >= PROMISED
    for name, setting in SETTINGS.items():
        assert setting.label, name
        assert setting.group in ("Data", "Network", "Training")
        assert setting.help.endswith("."), name


def test_it_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        Experiment().seed = 1


def numbers(setting, kind):
    low, high = setting.minimum, setting.maximum
    return st.integers(int(low), int(high)) if kind == "int" else st.floats(low, high)


@st.composite
def experiments(draw):
    fields = {}
    for name, setting in SETTINGS.items():
        if setting.kind in ("int", "float"):
            fields[name] = draw(numbers(setting, setting.kind))
        elif setting.kind in ("choice", "dataset"):
            fields[name] = draw(st.sampled_from(setting.choices))
    fields["hidden"] = draw(st.lists(st.integers(1, MAX_WIDTH), max_size=MAX_LAYERS))
    fields["activation"] = draw(st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=1, max_size=1))
    coordinates = st.floats(-100, 100)
    fields["point_edits"] = {
        "added": draw(st.lists(st.tuples(coordinates, coordinates, st.integers(0, 3)), max_size=4)),
        "moved": draw(st.lists(st.tuples(st.integers(0, 9), coordinates, coordinates), max_size=4)),
        "erased": draw(st.lists(st.integers(0, 9), max_size=4)),
    }
    return Experiment(**fields)


@given(experiments())
def test_json_reads_back_to_an_equal_experiment(experiment):
    again = Experiment.from_json(experiment.to_json())
    assert again == experiment
    assert hash(again) == hash(experiment)


def test_types_are_settled():
    experiment = Experiment(hidden=[3.0, 4], activation="abs", activation_parameter=None, learning_rate=1, points=20.0)
    assert experiment.hidden == (3, 4)
    assert experiment.activation == ("abs",)
    assert isinstance(experiment.learning_rate, float)
    assert isinstance(experiment.points, int)


BAD = [
    (dict(points=1), "points: 1 is out of range; allowed is a whole number from 2 to 100000."),
    (dict(points=2.5), "points: 2.5 cannot be used; allowed is a whole number"),
    (dict(points=True), "points: True cannot be used"),
    (dict(noise="much"), "noise: 'much' cannot be used; allowed is a number from 0 to 1"),
    (dict(noise=float("nan")), "noise: nan cannot be used"),
    (dict(learning_rate=10**400), "learning_rate: "),
    (dict(seed=-1), "seed: -1 is out of range; allowed is a whole number from 0 to 2147483647."),
    (dict(hidden="16"), "hidden: '16' is not a list"),
    (dict(hidden=[0]), "hidden: 0 is out of range; allowed is a whole number from 1 to 256"),
    (dict(hidden=[1] * 11), "hidden: 11 layers; allowed are 0 to 10"),
    (dict(activation="rellu"), "activation: 'rellu' is unknown; allowed are relu"),
    (dict(activation=["relu", "abs", "step"]), "activation: 3 entries do not fit 2 hidden layers"),
    (dict(activation="leaky_relu", activation_parameter=5), "activation_parameter: 5 is out of range for leaky_relu"),
    (dict(activation_parameter=["x"]), "activation_parameter: 'x' cannot be used"),
    (dict(optimizer=["adam"]), "optimizer: .* is unknown; allowed are sgd"),
    (dict(dataset=""), "dataset: '' is not a name or a path"),
    (dict(dataset=3), "dataset: 3 is not a name or a path"),
]


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_bad_values_are_refused_in_one_sentence(fields, message):
    with pytest.raises(InputError, match=message) as caught:
        Experiment(**fields)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    base = Experiment(seed=5)
    with pytest.raises(InputError, match=message):
        base.edit(**fields)
    assert base == Experiment(seed=5)


SCENES = [
    ("{", "scene.json: line 1, column 2 is not JSON"),
    ("[1]", "scene.json: holds a list; allowed is an object"),
    ("[" * 100_000, "scene.json: text is not JSON"),
    ('{"learning_rat": 1}', "scene.json: 'learning_rat' is no field of an experiment; did you mean learning_rate?"),
    ('{"zzz": 1}', "scene.json: 'zzz' is no field of an experiment; allowed are dataset"),
    ('{"points": "many"}', "scene.json: points: 'many' cannot be used"),
    ('{"hidden": {"a": 1}}', "scene.json: hidden: .* is not a list"),
    (json.dumps({"version": VERSION + 1}), f"version {VERSION + 1} was written by a newer reluviz"),
    ('{"version": "1"}', "version '1' is not a whole number"),
    ('{"version": true}', "version True is not a whole number"),
    ('{"noise": NaN}', "scene.json: noise: nan cannot be used"),
]


@pytest.mark.parametrize(("text", "message"), SCENES)
def test_bad_scenes_name_the_file_and_the_field(text, message):
    with pytest.raises(InputError, match=message):
        Experiment.from_json(text, "scene.json")


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists) | st.binary())
def test_no_value_of_any_field_ever_raises_anything_else(value):
    for name in SETTINGS:
        refusal = None
        try:
            Experiment(**{name: value})
        except InputError as error:
            refusal = str(error)
        assert refusal is None or refusal.startswith((f"{name}: ", "activation"))


def test_activations_for_all_layers_or_one_each():
    rows = Experiment(hidden=(3, 4), activation="leaky_relu", activation_parameter=0.2).layer_activations
    assert [(row.name, value) for row, value in rows] == [("leaky_relu", 0.2)] * 2
    rows = Experiment(hidden=(3, 4), activation=("prelu", "relu"), activation_parameter=(None, 1.0)).layer_activations
    assert [(row.name, value) for row, value in rows] == [("prelu", 0.25), ("relu", 1.0)]
    assert Experiment(hidden=()).layer_activations == ()


def test_what_can_stay_in_its_run():
    base = Experiment()
    assert base.same_start(base.edit(learning_rate=0.5, dataset="moons", activation="abs", l2=1.0))
    assert not base.same_start(base.edit(hidden=(8,)))
    assert not base.same_start(base.edit(seed=1))
    # A learned slope is one number more in the vector of weights.
    assert not base.same_start(base.edit(activation="prelu"))


def test_edit_names_unknown_fields():
    with pytest.raises(InputError, match="'sed' is no field of an experiment; did you mean seed"):
        Experiment().edit(sed=1)


def test_datasets_are_the_choices():
    assert SETTINGS["dataset"].choices == DATASETS
