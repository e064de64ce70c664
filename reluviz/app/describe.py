"""The state in plain words, for screen readers and for notes: what is learned, by what, how far, and what is seen."""

import math

from reluviz.app.figures import count_text, engine_sentence, loss_text, picture_sentence, share_text
from reluviz.app.pane_words import pane_title, say_pane
from reluviz.app.reading import read_region
from reluviz.app.state import AppState
from reluviz.core.coloring import COLORINGS
from reluviz.core.experiment import DATASETS, Experiment
from reluviz.core.view import HOME


def describe_state(state: AppState) -> str:
    """Return what is shown in a few plain sentences, one per line."""
    parts = [say_data(state), say_network(state.experiment), say_training(state), *_say_panes(state)]
    parts += [say_picture(state), say_probe(state)]
    return "\n".join(part for part in parts if part)


def say_data(state: AppState) -> str:
    """Return what is learned."""
    name = state.experiment.dataset
    said = f"the {name} data" if name in DATASETS else f"the data in {name.rpartition('/')[2]}"
    dataset = state.dataset
    if dataset is None:
        return f"Learns {said}."
    test = len(dataset.points) - dataset.train_count
    points = f"{count_text(dataset.train_count)} training points" + (
        f" and {count_text(test)} test points" if test else ""
    )
    kind = f" of {len(dataset.classes)} classes" if dataset.is_classes else " with values"
    return f"Learns {said}: {points}{kind}."


def say_network(experiment: Experiment) -> str:
    """Return what it is learned by."""
    widths = experiment.hidden
    if not widths:
        return "The network has no hidden layer: it is linear."
    names = [row.label for row, _ in experiment.layer_activations]
    same = names[0] if len(set(names)) == 1 else ", ".join(names)
    layers = "One hidden layer" if len(widths) == 1 else f"{len(widths)} hidden layers"
    units = f"{widths[0]} units" if len(widths) == 1 else f"{_listed([str(width) for width in widths])} units"
    off = f" {len(experiment.ablated)} of them switched off." if experiment.ablated else ""
    return f"{layers} of {units}, activation {same}.{off}"


def say_training(state: AppState) -> str:
    """Return how far training is."""
    snapshot = state.snapshot
    if snapshot is None:
        return f"{engine_sentence(state)}."
    said = [f"Step {count_text(snapshot.step)}"]
    losses = (("training loss", snapshot.train_loss), ("test loss", snapshot.test_loss))
    said += [f"{name} {loss_text(value)}" for name, value in losses if not math.isnan(value)]
    accuracy = snapshot.train_accuracy if math.isnan(snapshot.test_accuracy) else snapshot.test_accuracy
    if not math.isnan(accuracy):
        said.append(f"accuracy {share_text(accuracy)}")
    return f"{', '.join(said)}. {engine_sentence(state)}."


def say_picture(state: AppState) -> str:
    """Return what the canvas shows: the picture, its colours, the part of the plane."""
    said = [picture_sentence(state)]
    partition = state.picture.partition if state.picture is not None else None
    if partition is not None and partition.count > 0 and not state.panes:
        said.append(f"{count_text(partition.count)} regions are in view.")
    said.append(f"Colour: {COLORINGS[state.view.coloring].label}.")
    if state.view.bounds[1] - state.view.bounds[0] < 0.99 * (HOME[1] - HOME[0]):
        xmin, xmax, ymin, ymax = state.view.bounds
        said.append(f"Zoomed to x from {xmin:.4g} to {xmax:.4g}, y from {ymin:.4g} to {ymax:.4g}.")
    if state.message.text:
        said.append(state.message.text)
    return " ".join(said)


def say_probe(state: AppState) -> str:
    """Return what is known at the point that is pointed at, "" where none is."""
    reading = read_region(state.picture, state.probe)
    if reading is None:
        return ""
    x, y = reading.point
    on = int((reading.pattern > 0).sum())
    values = ", ".join(f"{value:.3g}" for value in reading.value[:3])
    slopes = "; ".join(f"({slope[0]:.3g}, {slope[1]:.3g})" for slope in reading.gradient[:3])
    return (
        f"At ({x:.3g}, {y:.3g}): region {count_text(reading.region)} of area {reading.area:.3g}, "
        f"{on} of {len(reading.pattern)} units on, f = {values}, gradient {slopes}."
    )


def _say_panes(state: AppState) -> list[str]:
    """Return one line per pane of a comparison."""
    if state.setup is None:
        return []
    field = state.setup.field
    return [
        f"Pane {number}, {pane_title(field, pane.experiment)}: {say_pane(pane, None)[0] or 'being prepared'}."
        for number, pane in enumerate(state.panes, 1)
    ]


def _listed(items: list[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}"
