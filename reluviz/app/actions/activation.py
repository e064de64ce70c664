"""Commands that choose the activation of every layer."""

from collections.abc import Callable
from functools import partial

from reluviz.app import commands
from reluviz.app.actions.action import Action
from reluviz.app.state import AppState
from reluviz.core.activations import ACTIVATIONS, Activation

BY_DIGIT = ("relu", "leaky_relu", "shifted_relu", "abs", "sigmoid", "tanh", "elu", "gelu", "sin")
"""What the keys 1 to 9 choose: the piecewise-linear ones that are talked about most, then the smooth ones."""


def _digit_first(row: Activation) -> int:
    return BY_DIGIT.index(row.name) if row.name in BY_DIGIT else len(BY_DIGIT)


def _has_activation(name: str) -> Callable[[AppState], bool]:
    return lambda state: set(state.experiment.activation) == {name}


ROWS: tuple[Action, ...] = (
    *(
        Action(
            f"activation_{row.name}",
            row.label,
            f"Gives every layer {row.label}, {row.formula}, while training goes on.",
            partial(commands.set_activation, name=row.name),
            "Activation",
            keys=(str(BY_DIGIT.index(row.name) + 1),) if row.name in BY_DIGIT else (),
            checked=_has_activation(row.name),
            reads=("experiment",),
        )
        for row in sorted(ACTIVATIONS.values(), key=_digit_first)
    ),
)
