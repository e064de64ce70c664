"""Snapshots with gradient flow for tests, from the trainer itself."""

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.engine.training import Trainer


def flowing(experiment: Experiment, steps: int, run: int = 0) -> Snapshot:
    """Train so many steps and return the moment with its flow."""
    trainer = Trainer(experiment, load_dataset(experiment), run=run)
    trainer.advance(steps)
    snapshot = trainer.snapshot(with_flow=True)
    assert snapshot.flow is not None
    return snapshot
