import pytest

from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.studio.comparison import (
    FEWEST,
    MOST,
    VARIED,
    Setup,
    another,
    carry_over,
    give,
    make_experiments,
    make_setup,
    pane_label,
    propose,
    say_shared,
    with_value,
    without,
)


@pytest.mark.parametrize("field", VARIED)
def test_every_field_has_a_set_up_of_different_panes(field):
    experiment = Experiment(activation="leaky_relu", l1=0.001)
    setup = make_setup(experiment, field)
    panes = make_experiments(setup, experiment)
    assert FEWEST <= len(panes) <= MOST
    assert panes[0] == experiment
    assert len(set(panes)) == len(panes)
    partners = {"activation": {"activation_parameter"}}.get(field, set())
    for pane in panes[1:]:
        differ = {name for name in SETTINGS if getattr(pane, name) != getattr(experiment, name)}
        assert field in differ
        assert differ <= {field} | partners


def test_data_is_common_to_all_panes():
    assert not {name for name in VARIED if SETTINGS[name].group == "Data"}
    with pytest.raises(InputError, match="'noise' cannot differ between panes"):
        make_experiments(Setup("noise", (0.1, 0.2)), Experiment())


def test_defaults_are_telling():
    experiment = Experiment()
    assert make_setup(experiment).values == (("relu",), ("leaky_relu",), ("tanh",), ("sigmoid",))
    assert make_setup(experiment, "learning_rate").values == (0.01, 0.001, 0.1)
    assert make_setup(Experiment(hidden=(8, 8)), "hidden").values == ((8, 8), (8,), (8, 8, 8))
    assert make_setup(experiment, "optimizer").values == ("adam", "sgd", "momentum", "rmsprop")
    assert len(propose(experiment, "activation")) == MOST


def test_panes_come_and_go_within_their_number():
    experiment = Experiment()
    setup = make_setup(experiment, "learning_rate")
    while len(setup.values) < MOST:
        more = another(setup, experiment)
        assert more.values[:-1] == setup.values
        assert more.values[-1] not in setup.values
        setup = more
    assert another(setup, experiment) == setup
    assert without(setup, 1).values == (setup.values[0], *setup.values[2:])
    two = Setup("seed", (0, 1))
    assert without(two, 0) == two
    for values in ((0,), tuple(range(MOST + 1))):
        with pytest.raises(InputError, match=rf"{len(values)} panes; allowed are 2 to 6\.$"):
            make_experiments(Setup("seed", values), experiment)


def test_values_out_of_range_are_refused_in_a_sentence():
    setup = with_value(make_setup(Experiment(), "learning_rate"), 1, -3.0)
    with pytest.raises(
        InputError, match=r"^learning_rate: -3\.0 is out of range; allowed is a number from 0 to 100\.$"
    ):
        make_experiments(setup, Experiment())


def test_another_activation_comes_with_its_own_parameter():
    experiment = Experiment(activation="leaky_relu", activation_parameter=0.3)
    assert give(experiment, "activation", ("leaky_relu",)) is experiment
    assert give(experiment, "activation", ("elu",)).activation_parameter == (None,)


def test_depths_with_an_activation_per_layer():
    experiment = Experiment(hidden=(8, 8), activation=("relu", "tanh"))
    assert give(experiment, "hidden", (8, 8, 8)).activation == ("relu",)
    assert give(experiment, "hidden", (4, 4)).activation == ("relu", "tanh")


def test_all_panes_take_a_change_but_for_what_they_vary():
    old = Experiment(activation="relu", ablated=((0, 1),))
    panes = make_experiments(make_setup(old), old)
    new = old.edit(learning_rate=0.5, activation="gelu", batch_size=8)
    carried = carry_over(panes, "activation", old, new)
    assert carried[0] is new
    assert [pane.activation for pane in carried[1:]] == [pane.activation for pane in panes[1:]]
    assert {(pane.learning_rate, pane.batch_size) for pane in carried} == {(0.5, 8)}


def test_labels_tell_panes_apart():
    assert pane_label("activation", Experiment(activation="leaky_relu")) == "Leaky ReLU"
    assert pane_label("hidden", Experiment(hidden=(16, 16, 16))) == "3 × 16"
    assert pane_label("hidden", Experiment(hidden=(16, 8))) == "16, 8"
    assert pane_label("hidden", Experiment(hidden=())) == "no hidden layer"
    assert pane_label("learning_rate", Experiment(learning_rate=0.001)) == "0.001"
    assert pane_label("optimizer", Experiment(optimizer="sgd")) == "sgd"


def shared(field, values, **settings):
    experiment = Experiment(**settings)
    panes = make_experiments(Setup(field, values), experiment)
    return say_shared(field, panes, (1,) * len(panes))


def test_what_is_shared_is_said():
    assert shared("learning_rate", (0.1, 0.2)) == "Same data, same batches, same first weights (He's rule, seed 0)."
    text = shared("activation", (("relu",), ("tanh",), ("sigmoid",)))
    assert text.endswith("same first weights (He's rule, seed 0). For Tanh and Sigmoid, Xavier's is usual.")
    assert "usual" not in shared("activation", (("relu",), ("tanh",)), initialization="xavier")
    assert shared("seed", (0, 1)).endswith("first weights differ with the weight seed.")
    assert "batches differ with the batch size" in shared("batch_size", (8, 32))


def test_what_shapes_forbid_to_share_is_said():
    text = shared("hidden", ((16,), (16, 16), (16, 16, 16)), initialization="default")
    assert "layer 1 has the same first weights" in text
    assert "each drawn by PyTorch's rule from seed 0" in text
    assert "cannot be shared because shapes differ" in shared("hidden", ((8,), (16,)))


def test_first_weights_are_shared_where_the_sentence_says_so():
    import numpy as np

    from reluviz.core.initialization import initial_parameters

    one, other = (Experiment(hidden=hidden) for hidden in ((16,), (16, 16)))
    first = [e.layout(1).split(initial_parameters(e, 1))[0] for e in (one, other)]
    assert np.array_equal(*first)
    same = make_experiments(make_setup(one), one)
    weights = [initial_parameters(e, 1) for e in same]
    assert all(np.array_equal(weights[0], other) for other in weights[1:])


def test_kinds_of_layers_are_compared():
    setup = make_setup(Experiment(hidden=(4, 3)), "layer_kind")
    assert setup.values == (("dense",), ("walsh",))
    more = another(setup, Experiment(hidden=(4, 3)))
    assert more.values[2] == ("walsh", "dense")
    panes = make_experiments(more, Experiment(hidden=(4, 3)))
    assert [pane.layer_kinds for pane in panes] == [("dense", "dense"), ("walsh", "walsh"), ("walsh", "dense")]
    assert pane_label("layer_kind", panes[2]) == "Walsh sums, Dense"
    assert "first weights differ with the layer kind" in say_shared("layer_kind", panes, (1, 1, 1))
