"""Which loss fits which data, and how many outputs the network then has."""

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError


def resolve_loss(loss: str, dataset: Dataset) -> str:
    """Return the loss that is meant: `auto` fits the data. Raises `InputError` where a loss cannot serve the data."""
    if loss == "auto":
        if not dataset.is_classes:
            return "squared"
        return "logistic" if dataset.target_width == 2 else "softmax"
    if not dataset.is_classes and loss != "squared":
        raise InputError(f"loss: {loss!r} needs class labels, and this data has values; allowed are auto, squared.")
    return loss


def output_count(loss: str, dataset: Dataset) -> int:
    """Return the readout's width for a resolved loss.

    Two classes need one output (its sign decides), softmax one per class; more classes are trained one against the
    rest by logistic, hinge and squared loss. Values need one output each.
    """
    if dataset.is_classes and dataset.target_width == 2 and loss != "softmax":
        return 1
    return dataset.target_width
