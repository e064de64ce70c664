import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, INITIALIZATIONS, LOSSES, OPTIMIZERS, SETTINGS, Experiment
from reluviz.core.field_text import text_of, value_of
from reluviz.core.one_line import from_text, to_line

FLOATS = st.floats(0.0, 1.0, allow_subnormal=False)
SEEDS = st.integers(0, 2**31 - 1)


@st.composite
def experiments(draw):
    hidden = tuple(draw(st.lists(st.integers(1, 40), max_size=3)))
    one_each = draw(st.booleans()) and hidden
    count = len(hidden) if one_each else 1
    names = tuple(draw(st.sampled_from(["relu", "tanh", "leaky_relu", "formula:max(z, z / 10)"])) for _ in range(count))
    units = [(layer, unit) for layer, width in enumerate(hidden) for unit in range(width)]
    return Experiment(
        dataset=draw(st.sampled_from([*DATASETS, '/tmp/a folder/it\'s "own".csv', "--odd.csv"])),
        points=draw(st.integers(2, 9999)),
        noise=draw(FLOATS),
        data_seed=draw(SEEDS),
        hidden=hidden,
        activation=names,
        activation_parameter=tuple(draw(st.sampled_from([None, 0.125])) if n == "leaky_relu" else None for n in names),
        ablated=tuple(draw(st.lists(st.sampled_from(units), max_size=3))) if units else (),
        initialization=draw(st.sampled_from(INITIALIZATIONS)),
        init_scale=draw(FLOATS),
        seed=draw(SEEDS),
        loss=draw(st.sampled_from(LOSSES)),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        learning_rate=draw(FLOATS),
        point_edits=draw(st.sampled_from([{}, {"added": [[0.5, -0.25, 1]], "moved": [[2, 0.1, 0.2]], "erased": [0]}])),
    )


@given(experiments())
def test_a_line_pastes_back(experiment):
    line = to_line(experiment)
    assert "\n" not in line
    assert from_text(line) == experiment
    assert from_text(f"  $ {line}\n") == experiment
    assert from_text(experiment.to_json()) == experiment


@given(experiments())
def test_every_field_is_read_back_from_its_text(experiment):
    for name, setting in SETTINGS.items():
        value = getattr(experiment, name)
        read = value_of(name, text_of(value, setting), setting)
        base = {} if name not in ("activation", "activation_parameter", "ablated") else {"hidden": experiment.hidden}
        if name == "activation_parameter":
            base["activation"] = experiment.activation
        assert getattr(Experiment(**base, **{name: read}), name) == value, name


def test_only_what_differs_is_said():
    assert to_line(Experiment()) == "reluviz"
    assert from_text("reluviz") == Experiment()
    line = to_line(Experiment(dataset="xor", hidden=(8, 8), learning_rate=0.003, activation="tanh"))
    assert line == "reluviz --dataset xor --hidden 8,8 --activation tanh --learning-rate 0.003"
    assert from_text("--hidden none --seed=3") == Experiment(hidden=(), seed=3)


def test_the_command_line_reads_the_same_line():
    from reluviz.cli import Parser
    from reluviz.commands import window
    from reluviz.commands.arguments import names_scene, scene_of

    parser = Parser(prog="reluviz")
    window.add_arguments(parser)
    wanted = Experiment(
        dataset="/tmp/a b.csv", hidden=(5,), activation="formula:-z", ablated=((0, 1),), learning_rate=0.5, seed=7
    )
    arguments = parser.parse_args(shlex.split(to_line(wanted))[1:])
    assert names_scene(arguments)
    assert scene_of(arguments).experiment == wanted
    assert not names_scene(parser.parse_args([]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The clipboard holds no text"),
        ("dear Ann, how are you", "'dear Ann, how are you' is no experiment"),
        ("reluviz --datset xor", "'--datset' is no field"),
        ("reluviz scene.reluviz", "'scene.reluviz' is no field"),
        ("reluviz --hidden", "--hidden has no value"),
        ("reluviz --hidden 'a", "ends within quotation marks"),
        ("reluviz --hidden 8,x", "hidden: 'x' cannot be used"),
        ("--learning-rate 1e9", "learning_rate: 1000000000.0 is out of range"),
        ("{ broken", "line 1, column 3 is not JSON"),
        ('{"hidden": [3], "hiden": 4}', "did you mean hidden?"),
        ('{"version": 99}', "written by a newer reluviz"),
        ("x" * 2_000_000, "more than any experiment"),
        ("--point-edits nonsense", "that is not JSON"),
        ("\x00\x01\x02", "is no experiment"),
    ],
)
def test_bad_text_gives_one_sentence(text, said):
    with pytest.raises(InputError) as caught:
        from_text(text)
    message = str(caught.value)
    assert said in message
    assert "\n" not in message
    assert message.endswith((".", "?"))
    assert len(message) < 400
