"""A lesson of four steps, and an engine's news for it."""

from dataclasses import replace

import numpy as np

from reluviz.app.comparing import take_snapshots

TEXT = """
format = "reluviz lesson"
version = 1
title = "Four steps"
question = "What happens?"
[[steps]]
text = "First."
experiment = { dataset = "moons", hidden = [5], seed = 3 }
view = { coloring = "prediction", bounds = [-2, 2, -1, 1] }
window = { panels = ["flow"], unit = [0, 2], segment = [0, 0, 1, 1], tool = "walk", pins = [[0.1, 0.2]], points=false }
training = { steps_per_second = 100, ready = 50 }
[[steps]]
text = "Second goes on."
experiment = { learning_rate = 0.5 }
training = { until = 80 }
[steps.prediction]
question = "Which?"
choices = ["This", "That"]
answer = 2
reveal = "That it was."
[[steps]]
text = "Third compares."
compare = { field = "activation", values = ["relu", "tanh", "sin"] }
training = { until = 0 }
[[steps]]
text = "Fourth is alone again."
experiment = { activation = "tanh" }
training = { play = false }
"""

CHECKED = TEXT.replace(
    '[[steps]]\ntext = "Second goes on."',
    """[[steps.checks]]
measure = "region_count"
says = "There are some."
at_least = 2
[[steps.checks]]
measure = "region_count"
says = "There are thousands."
at_least = 1000

[[steps]]
text = "Second goes on."
look = "The loss falls."
""",
)


def trained(state, step, shift=0.25):
    """The state after the engine's news of a later step."""
    moments = [pane.snapshot for pane in state.panes] or [state.snapshot]
    news = []
    for pane, moment in enumerate(moments):
        parameters = moment.parameters + np.float32(shift)
        news.append(replace(moment, step=step, parameters=parameters, pane=pane, run=state.run, train_loss=0.5))
    return take_snapshots(state, tuple(news))
