import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.point_edits import (
    NO_EDITS,
    PointEdits,
    add_points,
    apply_edits,
    erase_points,
    kept_numbers,
    move_point,
    read_edits,
)

OWN = 12
BASE = Experiment(dataset="moons", points=OWN, noise=0.0)

places = st.floats(-2, 2)
steps = st.one_of(
    st.tuples(st.just("add"), st.lists(st.tuples(places, places, st.integers(0, 1)), min_size=1, max_size=3)),
    st.tuples(st.just("move"), st.integers(0, 30), places, places),
    st.tuples(st.just("erase"), st.lists(st.integers(0, 30), min_size=1, max_size=3)),
)


@given(st.lists(steps, max_size=12))
def test_edits_do_what_the_same_edits_do_to_a_plain_list(steps):
    data = load_dataset(BASE)
    plain = [[*p, t] for p, t in zip(data.points.tolist(), data.targets.tolist(), strict=True)]
    edits = NO_EDITS
    for step in steps:
        if step[0] == "add":
            edits = add_points(edits, step[1])
            plain += [list(row) for row in step[1]]
        elif step[0] == "move" and plain:
            number = step[1] % len(plain)
            edits = move_point(edits, OWN, number, *step[2:])
            plain[number][:2] = step[2:]
        elif step[0] == "erase" and len(plain) > 5:
            numbers = sorted({number % len(plain) for number in step[1]}, reverse=True)
            edits = erase_points(edits, OWN, numbers)
            for number in numbers:
                del plain[number]
    assert read_edits("point_edits", edits.to_plain()) == edits
    own_left = data.is_train[kept_numbers(edits, OWN)]
    if not edits.added and not own_left.any():
        with pytest.raises(InputError, match="no training point"):
            load_dataset(BASE.edit(point_edits=edits))
        return
    seen = load_dataset(BASE.edit(point_edits=edits))
    assert seen.points.tolist() == [row[:2] for row in plain]
    assert seen.targets.tolist() == [row[2] for row in plain]
    assert seen.is_train[len(kept_numbers(edits, OWN)) :].all()
    assert (seen.base is data) == bool(edits)


def test_no_edits_change_nothing_and_equal_edits_are_one_object():
    data = load_dataset(BASE)
    assert load_dataset(BASE.edit(point_edits={})) is data
    edited = BASE.edit(point_edits={"added": [[0, 0, 1]]})
    assert load_dataset(edited) is load_dataset(edited.edit(learning_rate=0.3))
    assert load_dataset(edited).classes == data.classes


def test_values_take_any_number_in_all_their_channels():
    data = load_dataset(Experiment(dataset="plane", points=6))
    seen = apply_edits(data, PointEdits(added=((0.0, 0.0, 0.25),)))
    assert seen.targets.shape == (7, 1)
    assert seen.targets[-1, 0] == 0.25


def test_what_stays_when_the_data_becomes_other():
    edits = {"added": [[0, 0, 1]], "moved": [[3, 0.5, 0.5]], "erased": [1]}
    experiment = BASE.edit(point_edits=edits)
    assert experiment.edit(noise=0.2, learning_rate=0.1).point_edits == experiment.point_edits
    other = experiment.edit(data_seed=4).point_edits
    assert (len(other.added), other.moved, other.erased) == (1, (), ())
    assert experiment.edit(points=4).point_edits == other
    assert experiment.edit(dataset="xor").point_edits == NO_EDITS
    kept = experiment.edit(dataset="xor", point_edits={"added": [[0.0, 0.0, 0]]})
    assert kept.point_edits.added == ((0.0, 0.0, 0.0),)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ("circle", "it is no set of edits"),
        ({"add": []}, "it is no set of edits"),
        ({"added": "abc"}, "added is not a list"),
        ({"added": [[0, 0]]}, "has 2 entries where 3 are needed"),
        ({"added": [[0, float("nan"), 1]]}, "nan cannot be used"),
        ({"added": [[0, 1e5, 1]]}, "100000 is too far out; allowed is -100 to 100"),
        ({"moved": [[-1, 0, 0]]}, "-1 is no point"),
        ({"moved": [[0.5, 0, 0]]}, "0.5 is no point"),
        ({"erased": [True]}, "True is no point"),
        ({"added": [[0, 0, 1]] * 20_001}, "20,001 points are added; allowed are 20,000"),
    ],
)
def test_what_is_no_edit_is_said(edits, said):
    with pytest.raises(InputError, match="point_edits") as caught:
        Experiment(point_edits=edits)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"erased": [OWN]}, f"there is no point {OWN}; the data set has {OWN}"),
        ({"moved": [[99, 0, 0]]}, "there is no point 99"),
        ({"added": [[0, 0, 2]]}, "2 is no class of this data set; allowed are 0 to 1"),
        ({"added": [[0, 0, 0.5]]}, "0.5 is no class"),
        ({"erased": list(range(OWN))}, "no training point is left"),
    ],
)
def test_what_does_not_fit_the_data_is_said(edits, said):
    with pytest.raises(InputError) as caught:
        load_dataset(BASE.edit(point_edits=edits))
    assert said in str(caught.value)


def test_more_points_than_allowed_are_refused_while_painting():
    full = PointEdits(added=((0.0, 0.0, 0.0),) * 20_000)
    with pytest.raises(InputError, match="no more than 20,000"):
        add_points(full, [(0.0, 0.0, 0.0)])


def test_base_arrays_stay_as_they_were():
    data = load_dataset(BASE)
    before = data.points.copy()
    apply_edits(data, PointEdits(moved=((0, 1.0, 1.0),), erased=(2,)))
    assert np.array_equal(data.points, before)
