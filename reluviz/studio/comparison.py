"""Setup: which field of an experiment a comparison varies, and what follows from it; pure functions."""

from dataclasses import dataclass, fields
from typing import Any

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.filter_bank import LAYER_KINDS
from reluviz.core.setting import MAX_LAYERS

FEWEST, MOST = 2, 6

# What moves together: another activation comes with its own parameter, other widths with other units.
PARTNERS = {"activation": ("activation_parameter",), "hidden": ("ablated",)}
# One device trains all panes, and units are switched off where they are seen. Data is what panes have in common.
_COMMON = ("ablated", "device")
VARIED = tuple(name for name, setting in SETTINGS.items() if setting.group != "Data" and name not in _COMMON)

_FIRST_ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "gelu", "sin", "abs", "hardtanh", "elu")
_FACTORS = (1.0, 0.1, 10.0, 0.3, 3.0, 0.03)
_SMALL = (0.0, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # For pulls that are off at first.
_USUAL_COUNT = {"activation": 4, "layer_kind": 2, "optimizer": 4, "loss": 3}
_RULES = {"default": "PyTorch's rule", "he": "He's rule", "xavier": "Xavier's rule"}
# Odd and saturating around zero: Glorot and Bengio's variance argument is theirs, He's that of ReLU and its like.
_XAVIER = ("sigmoid", "tanh", "hardtanh", "hardsigmoid", "sin", "identity")


@dataclass(frozen=True)
class Setup:
    """The field of `Experiment` that panes differ in, and its value in each pane, the first pane's first."""

    field: str = "activation"
    values: tuple[Any, ...] = ()


def make_setup(experiment: Experiment, field: str = "activation") -> Setup:
    """Return a set-up that varies `field` around `experiment`, which is the first pane."""
    usual = _USUAL_COUNT.get(field, 3)
    return Setup(field, propose(experiment, field)[:usual])


def propose(experiment: Experiment, field: str) -> tuple[Any, ...]:
    """Return up to MOST different values for `field`, the experiment's own first, the most telling ones early."""
    own, setting = getattr(experiment, field), SETTINGS[field]
    candidates: list[Any]
    if field == "activation":
        candidates = [(name,) for name in (*_FIRST_ACTIVATIONS, *ACTIVATIONS) if name in ACTIVATIONS]
    elif field == "activation_parameter":
        candidates = _parameters(experiment)
    elif field == "layer_kind":
        candidates = _kinds(len(experiment.hidden))
    elif field == "hidden":
        width = own[0] if own else 16
        candidates = [(width,) * depth for depth in (1, 2, 3, 4, 6, 8) if depth <= MAX_LAYERS]
    elif setting.choices:
        candidates = [choice for choice in setting.choices if choice != "auto" or own == "auto"]
    elif field.endswith("seed"):
        candidates = [own + 1 + i for i in range(MOST)]
    elif own == 0:
        candidates = list(_SMALL)
    else:
        scaled = [float(f"{own * factor:.3g}") for factor in _FACTORS]
        candidates = [max(1, round(value)) for value in scaled] if setting.kind == "int" else list(scaled)
    usable = [value for value in dict.fromkeys([own, *candidates]) if _fits(experiment, field, value)]
    return tuple(usable[:MOST])


def another(setup: Setup, experiment: Experiment) -> Setup:
    """Return the set-up with one more pane, of a value that no pane has yet where there is one."""
    if len(setup.values) >= MOST:
        return setup
    free = [value for value in propose(experiment, setup.field) if value not in setup.values]
    return Setup(setup.field, (*setup.values, free[0] if free else setup.values[-1]))


def without(setup: Setup, index: int) -> Setup:
    """Return the set-up without one pane; two remain in any case."""
    if len(setup.values) <= FEWEST:
        return setup
    return Setup(setup.field, setup.values[:index] + setup.values[index + 1 :])


def with_value(setup: Setup, index: int, value: Any) -> Setup:
    """Return the set-up with another value in one pane."""
    return Setup(setup.field, (*setup.values[:index], value, *setup.values[index + 1 :]))


def make_experiments(setup: Setup, experiment: Experiment) -> tuple[Experiment, ...]:
    """Return one experiment per pane. Raises `InputError` for a value or a number of panes that cannot be."""
    if setup.field not in VARIED:
        raise InputError(f"Comparing: {setup.field!r} cannot differ between panes; allowed are {', '.join(VARIED)}.")
    if not FEWEST <= len(setup.values) <= MOST:
        raise InputError(f"Comparing: {len(setup.values)} panes; allowed are {FEWEST} to {MOST}.")
    return tuple(give(experiment, setup.field, value) for value in setup.values)


def give(experiment: Experiment, field: str, value: Any) -> Experiment:
    """Return `experiment` with another value of `field`; an activation comes with its default parameter.

    Other depths than a list of activations fits take the first activation in all layers.
    """
    if value == getattr(experiment, field):
        return experiment
    changes: dict[str, Any] = {field: value}
    if field == "activation":
        changes["activation_parameter"] = (None,)
    elif field == "hidden":
        count = len(value) if isinstance(value, tuple | list) else 1
        for name in ("layer_kind", "activation", "activation_parameter"):
            if len(getattr(experiment, name)) not in (1, count):
                changes[name] = getattr(experiment, name)[:1]
    return experiment.edit(**changes)


def carry_over(panes: tuple[Experiment, ...], field: str, old: Experiment, new: Experiment) -> tuple[Experiment, ...]:
    """Return the panes after the first one went from `old` to `new`: all take the change, but for what they vary.

    Raises `InputError` where a pane cannot.
    """
    kept = (field, *PARTNERS.get(field, ()))
    changes = {
        f.name: getattr(new, f.name)
        for f in fields(Experiment)
        if f.name not in kept and getattr(new, f.name) != getattr(old, f.name)
    }
    return (new, *(pane.edit(**changes) if changes else pane for pane in panes[1:]))


def value_text(field: str, value: Any) -> str:
    """Return a value as people write it."""
    if field == "activation":
        return ", ".join(ACTIVATIONS[name].label for name in value)
    if field == "layer_kind":
        return ", ".join(LAYER_KINDS[name] for name in value)
    if field == "hidden":
        return "no hidden layer" if not value else ", ".join(map(str, value))
    if field == "activation_parameter":
        return ", ".join("default" if item is None else f"{item:g}" for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def pane_label(field: str, experiment: Experiment) -> str:
    """Return what tells one pane from the others."""
    text = value_text(field, getattr(experiment, field))
    if field == "hidden" and len(set(experiment.hidden)) == 1:
        return f"{len(experiment.hidden)} \N{MULTIPLICATION SIGN} {experiment.hidden[0]}"
    return text


def say_shared(field: str, panes: tuple[Experiment, ...], outputs: tuple[int, ...]) -> str:
    """Return in words what panes have in common, and by which rule their first weights are drawn where they differ."""
    first = panes[0]
    batches = "same batches"
    if field in ("batch_size", "batch_seed"):
        batches = f"batches differ with the {SETTINGS[field].label.lower()}"
    head = f"Same data, {batches}"
    rule = _RULES[first.initialization]
    if field in ("seed", "layer_kind", "initialization", "init_scale"):
        return f"{head}; first weights differ with the {SETTINGS[field].label.lower()}."
    shapes = [(2, *pane.hidden, count) for pane, count in zip(panes, outputs, strict=True)]
    if len(set(shapes)) > 1:
        common = _common_layers(shapes)
        drawn = f"each drawn by {rule} from seed {first.seed}"
        if not common:
            return f"{head}; first weights cannot be shared because shapes differ: {drawn}."
        layers = "layer 1 has" if common == 1 else f"layers 1 to {common} have"
        return f"{head}; {layers} the same first weights, the others differ in shape: {drawn}."
    unusual = [row.label for pane in panes for row, _ in pane.layer_activations[:1] if row.name in _XAVIER]
    text = f"{head}, same first weights ({rule}, seed {first.seed})."
    if field == "activation" and first.initialization == "he" and unusual:
        text += f" For {_listed(unusual)}, Xavier's is usual."
    return text


def _common_layers(shapes: list[tuple[int, ...]]) -> int:
    """Return how many layers of weights have the same shape in all networks, from the first one on."""
    common = 0
    while all(len(shape) > common + 1 for shape in shapes) and len({shape[: common + 2] for shape in shapes}) == 1:
        common += 1
    return common


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _kinds(count: int) -> list[Any]:
    """Return all layers of one kind, then fixed sums in the first layer alone and in all others."""
    mixed = [("walsh", *("dense",) * (count - 1)), ("dense", *("walsh",) * (count - 1))] if count > 1 else []
    return [("dense",), ("walsh",), *mixed]


def _parameters(experiment: Experiment) -> list[Any]:
    bounds = experiment.layer_activations[0][0].parameter if experiment.layer_activations else None
    if bounds is None:
        return []
    default = bounds.default
    near = [default, 0.0, 0.1, 0.3, -0.3, 1.0, -1.0, 2.0]
    return [(value,) for value in dict.fromkeys(near) if bounds.minimum <= value <= bounds.maximum]


def _fits(experiment: Experiment, field: str, value: Any) -> bool:
    try:
        give(experiment, field, value)
    except InputError:
        return False
    return True
