"""The states that lessons show are found in networks that have them."""

import pytest

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.findings import findings
from reluviz.engine.training import Trainer

DEEP = Experiment(hidden=(16,) * 8, initialization="xavier")


def kinds(experiment: Experiment, steps: int = 0) -> set[str]:
    trainer = Trainer(experiment, load_dataset(experiment))
    trainer.advance(steps)
    return {one.kind for one in findings(trainer.snapshot(with_flow=True))}


@pytest.mark.parametrize(
    ("changes", "steps", "expected"),
    [
        ({"activation": "sigmoid"}, 0, {"vanishing"}),
        ({"activation": "tanh"}, 0, set()),
        ({"activation": "step"}, 0, {"blocked"}),
        ({"activation": "sin", "init_scale": 10.0}, 0, {"exploding"}),
        ({"activation": "tanh", "init_scale": 100.0, "hidden": (16,)}, 0, {"saturated"}),
        ({"activation": "shifted_relu", "activation_parameter": 25.0}, 0, {"dead"}),
        ({"learning_rate": 0.5, "hidden": (16, 16), "activation": "identity"}, 1, {"leaping"}),
    ],
)
def test_kinds(changes, steps, expected) -> None:
    assert expected <= kinds(DEEP.edit(**changes), steps)
    assert expected or not kinds(DEEP.edit(**changes), steps)
