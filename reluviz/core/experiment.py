"""Experiment: everything that decides what is trained, in one frozen value.

It is at once the scene file, the command line's options, the undo entry and the lesson's payload. Each field
carries a `Setting`, from which forms, command-line help and validation are derived.
"""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from reluviz.core.ablation import check_units, present
from reluviz.core.activations import ACTIVATIONS, Activation
from reluviz.core.errors import InputError
from reluviz.core.filter_bank import LAYER_KINDS
from reluviz.core.formula import activation_named
from reluviz.core.network import Layout
from reluviz.core.point_edits import NO_EDITS, PointEdits
from reluviz.core.setting import Setting, check_value

VERSION = 1
DATASETS_OF_CLASSES = ("circle", "xor", "gaussians", "spiral", "moons", "checkerboard", "pinwheel", "blobs")
DATASETS_OF_VALUES = ("plane", "bumps", "ripple")
DATASETS = DATASETS_OF_CLASSES + DATASETS_OF_VALUES
LOSSES = ("auto", "logistic", "softmax", "squared", "hinge")
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
INITIALIZATIONS = ("default", "he", "xavier")
DEVICES = ("auto", "cpu", "cuda", "mps")
MAX_WIDTH, MAX_POINTS = 256, 100_000
SEED = {"minimum": 0, "maximum": 2**31 - 1}


def _field(default: Any, label: str, group: str, help: str, kind: str, **extra: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(label, group, help, kind, **extra)})


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment: data, network and training. Invalid values raise `InputError` on construction."""

    dataset: str = _field(
        "spiral",
        "Data set",
        "Data",
        "What the network learns: a built-in set, a CSV file or an image.",
        "dataset",
        choices=DATASETS,
    )
    points: int = _field(
        500,
        "Points",
        "Data",
        "How many points are drawn, training and test together.",
        "int",
        minimum=2,
        maximum=MAX_POINTS,
    )
    noise: float = _field(
        0.05,
        "Noise",
        "Data",
        "How far points stray, as a share of the square's half side.",
        "float",
        minimum=0.0,
        maximum=1.0,
    )
    train_share: float = _field(
        0.7,
        "Train share",
        "Data",
        "The share of points trained on; the others only test.",
        "float",
        minimum=0.05,
        maximum=1.0,
    )
    data_seed: int = _field(0, "Data seed", "Data", "Draws other points of the same kind.", "int", **SEED)
    point_edits: PointEdits = _field(  # noqa: RUF009 - the same kind of field as all others
        NO_EDITS,
        "Points by hand",
        "Data",
        "Points added, moved and erased by hand, as JSON.",
        "edits",
    )
    hidden: tuple[int, ...] = _field(
        (16, 16),
        "Hidden layers",
        "Network",
        "The width of each hidden layer; more units fold the plane more.",
        "widths",
        minimum=1,
        maximum=MAX_WIDTH,
        live=False,
    )
    layer_kind: tuple[str, ...] = _field(
        ("dense",),
        "Layer kind",
        "Network",
        "Dense learns every weight; walsh learns one scale per unit over fixed Walsh-Hadamard sums.",
        "kinds",
        choices=tuple(LAYER_KINDS),
        live=False,
    )
    activation: tuple[str, ...] = _field(
        ("relu",),
        "Activation",
        "Network",
        "The nonlinearity, one for all layers or one per layer; formula:... is an own one, an expression of z.",
        "activations",
        choices=tuple(ACTIVATIONS),
    )
    activation_parameter: tuple[float | None, ...] = _field(
        (None,),
        "Activation parameter",
        "Network",
        "The activation's own number (slope, floor); empty means its default.",
        "parameters",
    )
    ablated: tuple[tuple[int, int], ...] = _field(
        (),
        "Switched off",
        "Network",
        "Units switched off: they give 0 and draw no line until they are switched on again.",
        "units",
    )
    initialization: str = _field(
        "he",
        "Initialisation",
        "Network",
        "The rule that draws the first weights.",
        "choice",
        choices=INITIALIZATIONS,
        live=False,
    )
    init_scale: float = _field(
        1.0,
        "Initial scale",
        "Network",
        "Multiplies the first weights; large starts fold more.",
        "float",
        minimum=0.0,
        maximum=100.0,
        logarithmic=True,
        live=False,
    )
    seed: int = _field(
        0, "Weight seed", "Network", "Draws other first weights by the same rule.", "int", live=False, **SEED
    )
    loss: str = _field(
        "auto",
        "Loss",
        "Training",
        "What training makes small; auto takes logistic, softmax or squared to fit the data.",
        "choice",
        choices=LOSSES,
    )
    optimizer: str = _field(
        "adam", "Optimiser", "Training", "How a gradient becomes a step.", "choice", choices=OPTIMIZERS
    )
    learning_rate: float = _field(
        0.01,
        "Learning rate",
        "Training",
        "The size of a step; too large and the lines jump, or the loss overflows.",
        "float",
        minimum=0.0,
        maximum=100.0,
        logarithmic=True,
    )
    batch_size: int = _field(
        32,
        "Batch size",
        "Training",
        "Points per step; as many as there are training points is full batch.",
        "int",
        minimum=1,
        maximum=MAX_POINTS,
    )
    batch_seed: int = _field(0, "Batch seed", "Training", "Shuffles the order of points otherwise.", "int", **SEED)
    l1: float = _field(
        0.0,
        "L1",
        "Training",
        "Pulls every weight towards zero by the same amount.",
        "float",
        minimum=0.0,
        maximum=10.0,
        logarithmic=True,
    )
    l2: float = _field(
        0.0,
        "L2",
        "Training",
        "Pulls every weight towards zero in proportion to its size.",
        "float",
        minimum=0.0,
        maximum=10.0,
        logarithmic=True,
    )
    device: str = _field(
        "auto",
        "Device",
        "Training",
        "Where training runs; auto measures for a moment and says what it took.",
        "choice",
        choices=DEVICES,
    )

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            object.__setattr__(self, name, check_value(name, getattr(self, name), setting))
        for name in ("layer_kind", "activation", "activation_parameter"):
            length = len(getattr(self, name))
            if length not in (1, len(self.hidden)):
                raise InputError(
                    f"{name}: {length} entries do not fit {len(self.hidden)} hidden layers;"
                    " allowed is one for all or one per layer."
                )
        check_units("ablated", self.ablated, self.hidden)
        for row, value in self.layer_activations:
            bounds = row.parameter
            if bounds and not bounds.minimum <= value <= bounds.maximum:
                raise InputError(
                    f"activation_parameter: {value:g} is out of range for {row.name};"
                    f" allowed is {bounds.minimum:g} to {bounds.maximum:g}."
                )

    @property
    def layer_activations(self) -> tuple[tuple[Activation, float], ...]:
        """Each hidden layer's activation and its parameter, defaults filled in."""
        count = len(self.hidden)
        names = self.activation * count if len(self.activation) == 1 else self.activation
        values = self.activation_parameter
        values = values * count if len(values) == 1 else values
        rows = [activation_named(name) for name in names[:count]]
        return tuple(
            (row, row.default if value is None else value) for row, value in zip(rows, values[:count], strict=True)
        )

    @property
    def layer_kinds(self) -> tuple[str, ...]:
        """Each hidden layer's kind."""
        kinds = self.layer_kind
        return kinds * len(self.hidden) if len(kinds) == 1 else kinds

    @property
    def is_smooth(self) -> bool:
        """Whether some hidden layer has no linear pieces, so that the network has no linear regions."""
        return any(row.is_smooth for row, _ in self.layer_activations)

    def layout(self, outputs: int) -> Layout:
        """How this network's trainable numbers lie in one vector, given its number of outputs."""
        learned = tuple(row.learned for row, _ in self.layer_activations)
        return Layout((2, *self.hidden, outputs), learned, (*self.layer_kinds, "dense"))

    def same_start(self, other: "Experiment") -> bool:
        """Whether both begin from the same weights, so that a change from one to the other can stay in its run."""
        names = [name for name, setting in SETTINGS.items() if not setting.live]
        learned = [tuple(row.learned for row, _ in e.layer_activations) for e in (self, other)]
        return learned[0] == learned[1] and all(getattr(self, name) == getattr(other, name) for name in names)

    def edit(self, **changes: Any) -> "Experiment":
        """Return a copy with changes; raises `InputError` and leaves this one as it was.

        Units switched off that other hidden widths no longer have are left out, and so is what a hand did to points
        that another data set does not have.
        """
        unknown = [name for name in changes if name not in SETTINGS]
        if unknown:
            raise InputError(_unknown(unknown[0]))
        if self.point_edits and "point_edits" not in changes:
            changes["point_edits"] = self._edits_after(changes)
        if "hidden" in changes and "ablated" not in changes:
            fitted = replace(self, **changes, ablated=())
            return replace(fitted, ablated=present(self.ablated, fitted.hidden))
        return replace(self, **changes)

    def _edits_after(self, changes: Mapping[str, Any]) -> PointEdits:
        """Return what stays of the edits by hand: all of them while the data set's own points are the same ones."""
        differs = {
            name
            for name in ("dataset", "points", "data_seed")
            if changes.get(name, getattr(self, name)) != getattr(self, name)
        }
        if "dataset" in differs:
            return NO_EDITS
        return self.point_edits.for_other_points() if differs else self.point_edits

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, with the version of this format."""
        values = {name: getattr(self, name) for name in SETTINGS}
        return {"version": VERSION, **{name: _plain(value) for name, value in values.items()}}

    def to_json(self) -> str:
        """Return a JSON text that `from_json` reads back to an equal experiment."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "experiment") -> "Experiment":
        """Read what `to_dict` wrote; absent fields take defaults. Raises `InputError` naming `source` and field."""
        version = data.get("version", VERSION)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise InputError(f"{source}: version {version!r} is not a whole number from 1 to {VERSION}.")
        if version > VERSION:
            raise InputError(
                f"{source}: version {version} was written by a newer reluviz; this one reads up to {VERSION}."
            )
        values = {key: value for key, value in data.items() if key != "version"}
        unknown = [key for key in values if key not in SETTINGS]
        if unknown:
            raise InputError(f"{source}: {_unknown(unknown[0])}")
        try:
            return cls(**values)
        except InputError as error:
            raise InputError(f"{source}: {error}") from None

    @classmethod
    def from_json(cls, text: str, source: str = "experiment") -> "Experiment":
        """Read a JSON text. Raises `InputError` naming `source`, line and column or the field."""
        try:
            data = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "text"
            raise InputError(f"{source}: {place} is not JSON; allowed is an object of experiment fields.") from None
        if not isinstance(data, dict):
            raise InputError(f"{source}: holds a {type(data).__name__}; allowed is an object of experiment fields.")
        return cls.from_dict(data, source)


SETTINGS: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Experiment)}


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, SETTINGS, 1)
    hint = f"did you mean {close[0]}?" if close else f"allowed are {', '.join(SETTINGS)}."
    return f"{name!r} is no field of an experiment; {hint}"


def _plain(value: Any) -> Any:
    if isinstance(value, PointEdits):
        return value.to_plain()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
