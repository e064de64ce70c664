"""Formulas people type: read without running anything, exact where they are piecewise linear."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS, Pieces
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.formula import activation_named, formula_activation, formula_curve, parse_formula, split_names
from reluviz.core.partition import linear_regions
from reluviz.core.smooth import Smooth

Z = np.linspace(-6, 6, 24_001)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z * sigmoid(1.702 * z)", lambda z: z / (1 + np.exp(-1.702 * z))),
        ("z**2 * exp(-z**2)", lambda z: z**2 * np.exp(-(z**2))),
        ("-2**2 + +z", lambda z: z - 4),
        ("max(z, 0.1*z, z - 1, -3)", lambda z: np.maximum.reduce([z, 0.1 * z, z - 1, -3 + 0 * z])),
        ("relu(z) - relu(-z)", lambda z: z),
        ("sin(pi * z) / pi + e", lambda z: np.sin(np.pi * z) / np.pi + np.e),
        ("log(1 + z*z) * sqrt(z**2 + 1) * cos(z)", lambda z: np.log(1 + z * z) * np.sqrt(z**2 + 1) * np.cos(z)),
        ("tanh(softplus(z)) + erf(z)*0 + abs(sign(z)) - 1e0", lambda z: np.tanh(np.log1p(np.exp(z))) + (z != 0) - 1),
    ],
)
def test_formulas_mean_what_python_means(text: str, expected: object) -> None:
    np.testing.assert_allclose(parse_formula(text)(Z), expected(Z), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "z.__class__",
        "().__class__",
        "lambda z: z",
        "[z for z in (1,)]",
        "z[0]",
        "z if z > 0 else 0",
        "z > 0",
        "z and 1",
        "not z",
        "~z",
        "z // 2",
        "z % 2",
        "z << 2",
        "z @ z",
        "f'{z}'",
        "'z'",
        "True",
        "None",
        "...",
        "1j * z",
        "x",
        "eval('z')",
        "exp(z, z)",
        "exp(x=z)",
        "exp()",
        "max(z)",
        "max(*z)",
        "relu(z, z)",
        "(y := z)",
        "await z",
        "yield z",
    ],
)
def test_whatever_else_python_can_say_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^formula: .*allowed are .*softplus") as error:
        parse_formula(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", " ", "z +", "z z", "(z", "import os", "z = 1", "z\n z", "\x00", "é" * 3 + "z)"])
def test_what_is_no_expression_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^formula: .*; allowed are"):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1 / z", "value .* z = 0;"),
        ("log(z)", "value"),
        ("sqrt(z)", "value"),
        ("z ** 0.5", "value"),
        ("1 / (z - 7)", "z = 7;"),
        ("exp(exp(z))", "value"),
        ("z ** 300", "value"),
        ("9**9**9**9 * z", "value"),
        ("sqrt(abs(z))", "slope .* z = 0;"),
        ("0 * z + 1/0", "value"),
    ],
)
def test_division_by_zero_and_overflow_are_named_with_their_place(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        parse_formula(text)


def test_a_formula_too_long_or_too_deep_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="201 characters"):
        parse_formula("z" + "+z" * 100)
    with pytest.raises(InputError, match="operations"):
        parse_formula("/".join(f"(z*z+{k})" for k in range(1, 22)))
    deep = "(" * 99 + "z" + ")" * 99
    np.testing.assert_array_equal(parse_formula(deep)(Z), Z)
    nested = "sin(" * 39 + "z" + ")" * 39
    assert np.isfinite(parse_formula(nested).second_derivative(Z)).all()


@given(st.text(alphabet="z0123456789.+-*/() ,eaxmintanhsp_[]{}:=<>'\"\\lqr", max_size=40))
def test_any_text_gives_a_function_or_one_sentence(text: str) -> None:
    message, values = "", np.zeros(1)
    try:
        values = parse_formula(text)(Z)
    except InputError as error:
        message = str(error)
    assert message == "" or message.startswith("formula: ")
    assert "\n" not in message
    assert np.isfinite(values).all()


LINES = {
    "max(0, z)": ((0.0,), (0.0, 1.0)),
    "max(0.1*z, z)": ((0.0,), (0.1, 1.0)),
    "abs(z - 1)": ((1.0,), (-1.0, 1.0)),
    "min(1, max(-1, z))": ((-1.0, 1.0), (0.0, 1.0, 0.0)),
    "relu(z) - relu(z - 1)": ((0.0, 1.0), (0.0, 1.0, 0.0)),
    "z + 3": ((), (1.0,)),
    "abs(abs(abs(z) - 2) - 1)": ((-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0), (-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0)),
    "(2*z - 4) / -2": ((), (-1.0,)),
}


@pytest.mark.parametrize("text", LINES)
def test_piecewise_linear_formulas_have_exact_pieces(text: str) -> None:
    pieces = formula_curve(text)
    assert isinstance(pieces, Pieces)
    assert (pieces.breakpoints, pieces.slopes) == LINES[text]
    expression = parse_formula(text)
    np.testing.assert_allclose(pieces.value(Z), expression(Z), rtol=1e-14, atol=1e-14)
    np.testing.assert_array_equal(pieces.derivative(Z), expression.derivative(Z))


@given(
    st.recursive(
        st.sampled_from(["z", "1", "0.5", "-2", "(z-1)", "3*z"]),
        lambda inner: st.tuples(
            st.sampled_from(["max({},{})", "min({},{})", "({}+{})", "({}-{})", "abs({}+{})", "2*max({},{})"]),
            inner,
            inner,
        ).map(lambda parts: parts[0].format(*parts[1:])),
        max_leaves=8,
    )
)
def test_pieces_are_the_formula_everywhere(text: str) -> None:
    if len(text) > 200:
        return
    pieces, expression = formula_curve(text), parse_formula(text)
    assert isinstance(pieces, Pieces)
    z = np.concatenate([np.linspace(-50, 50, 1001), pieces.breakpoints])
    np.testing.assert_allclose(pieces.value(z), expression(z), rtol=1e-12, atol=1e-12)
    assert list(pieces.breakpoints) == sorted(set(pieces.breakpoints))


def test_smooth_formulas_have_none() -> None:
    for text in ("tanh(z)", "z*z", "max(z, sin(z))", "z*abs(z)", "z/abs(z + 40)"):
        assert isinstance(formula_curve(text), Smooth)


def test_a_name_is_a_row_or_a_formula() -> None:
    assert activation_named("relu") is ACTIVATIONS["relu"]
    own = activation_named("formula: z * sigmoid(z)")
    assert own.name == "formula:z * sigmoid(z)"
    assert own.is_smooth
    assert not formula_activation("max(0,z)").is_smooth
    np.testing.assert_allclose(own.curve(0.0).value(Z), Z / (1 + np.exp(-Z)), rtol=1e-12, atol=1e-15)
    assert pickle.loads(pickle.dumps(own)) == own
    with pytest.raises(InputError, match="'rleu' is unknown; allowed are relu,"):
        activation_named("rleu")
    with pytest.raises(InputError, match="formula"):
        activation_named("formula:q")


def test_an_experiment_takes_formulas_among_its_activations() -> None:
    wanted = Experiment(hidden=(5, 4, 3), activation=("relu", "formula: max(z/10, z)", "formula:z*sigmoid(z)"))
    assert wanted.activation == ("relu", "formula:max(z/10, z)", "formula:z*sigmoid(z)")
    rows = [row for row, _ in wanted.layer_activations]
    assert [row.is_smooth for row in rows] == [False, False, True]
    assert Experiment.from_json(wanted.to_json()) == wanted
    assert isinstance(rows[1].pieces(0.0), Pieces)
    with pytest.raises(InputError, match=r"formula: 'import_' at column 1 is not allowed"):
        Experiment(activation="formula:import_")
    with pytest.raises(InputError, match="activation: 'reLU' is unknown"):
        Experiment(activation="reLU")


def test_commas_inside_a_formula_do_not_split_a_list() -> None:
    assert split_names("relu, formula:max(z, min(1, z)),tanh") == ["relu", "formula:max(z, min(1, z))", "tanh"]
    assert split_names("relu") == ["relu"]
    assert split_names("a,,b)") == ["a", "", "b)"]


def test_regions_of_a_formula_are_those_of_the_row_it_writes() -> None:
    generator = np.random.default_rng(0)
    layers = [(generator.normal(size=(m, n)), generator.normal(size=m)) for n, m in ((2, 7), (7, 6), (6, 1))]
    box = (-2.0, 2.0, -2.0, 2.0)
    own, row = (linear_regions(layers, box, name) for name in ("formula:max(0, z)", "relu"))
    assert own.count == row.count
    np.testing.assert_array_equal(own.patterns, row.patterns)
    with pytest.raises(InputError, match="no exact linear pieces"):
        linear_regions(layers, box, "formula:z*z")
