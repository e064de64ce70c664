"""What the commands of ACTIONS do: functions of the store."""

import random
from dataclasses import replace
from typing import Any

from reluviz.app.comparing import change_setup, end_comparison, open_setup, start_comparison
from reluviz.app.received import return_to_finite
from reluviz.app.state import Message, advance, pause, play, restart, take_font_scale, take_theme
from reluviz.app.store import Store
from reluviz.app.timeline.looking import show_now, step_by
from reluviz.core.errors import InputError
from reluviz.core.view import HOME
from reluviz.studio.comparison import Setup

LINE_STYLES = ("bend", "equal", "none")


def toggle_play(store: Store) -> None:
    """Pause where training goes on, else go on."""
    store.apply(pause if store.state.playing else play)


def step(store: Store) -> None:
    """Train one batch or one epoch, as the top bar says, and pause; of an earlier moment, show the next one."""
    state = store.state
    if state.time.is_looking_back:
        store.apply(step_by, moments=1)
        return
    store.apply(advance, steps=1 if state.step_unit == "batch" else state.steps_per_epoch)


def reset(store: Store) -> None:
    """Begin again from the same first weights."""
    store.set(replace(restart(store.state), message=Message()))


def draw_seed() -> int:
    """Return a fresh seed, short enough to read aloud."""
    return random.randrange(10_000)


def new_weights(store: Store) -> None:
    """Begin again from other first weights."""
    store.edit(fresh=True, seed=draw_seed())


def set_activation(store: Store, name: str) -> None:
    """Give every layer one activation with its default parameter."""
    edit_network(store, activation=(name,), activation_parameter=(None,))


def edit_network(store: Store, **changes: Any) -> bool:
    """Change layers or activations; another activation keeps the weights, or starts afresh where that is wanted."""
    state = store.state
    swaps = changes.get("activation", state.experiment.activation) != state.experiment.activation
    return store.edit(fresh=swaps and state.swap_afresh, **changes)


def set_theme(store: Store, name: str) -> None:
    """Show one theme."""
    store.apply(take_theme, name=name)


def toggle_projector(store: Store) -> None:
    """Go to the projector's theme, with larger type, or back to the theme before it."""
    state = store.state
    store.apply(take_theme, name=state.plain_theme if state.theme == "projector" else "projector")


def change_type(store: Store, by: float) -> None:
    """Make type larger or smaller; 0 returns to 100 %."""
    store.apply(take_font_scale, scale=store.state.font_scale + by if by else 1.0)


def fit(store: Store) -> None:
    """Show the whole training square."""
    store.update(view=replace(store.state.view, bounds=HOME))


def toggle_state(store: Store, name: str) -> None:
    """Turn a switch of the state."""
    store.update(**{name: not getattr(store.state, name)})


def show_sheet(store: Store, name: str) -> None:
    """Lay a sheet over the window, or take it away where it lies there."""
    store.update(sheet="" if store.state.sheet == name else name)


def toggle_boundary(store: Store) -> None:
    """Turn the decision boundary on or off."""
    store.update(view=replace(store.state.view, boundary=not store.state.view.boundary))


def next_lines(store: Store) -> None:
    """Go on from lines by bend to equal lines to none."""
    view = store.state.view
    following = LINE_STYLES[(LINE_STYLES.index(view.lines) + 1) % len(LINE_STYLES)]
    store.update(view=replace(view, lines=following))


def back_to_finite(store: Store) -> None:
    """Go on from the last finite moment."""
    store.set(return_to_finite(show_now(store.state)))


def toggle_compare(store: Store) -> None:
    """Offer a comparison, or close the one that is set up or runs."""
    store.apply(open_setup if store.state.setup is None else end_comparison)


def start_comparing(store: Store, *_: object) -> None:
    """Train side by side what the set-up says."""
    try:
        store.apply(start_comparison)
    except InputError as error:
        store.say(str(error), "error")


def end_comparing(store: Store, *_: object) -> None:
    """Close the comparison; the main experiment trains on."""
    store.apply(end_comparison)


def set_up(store: Store, setup: Setup) -> None:
    """Take another set-up; one that cannot be leaves all as it was and says why."""
    try:
        store.apply(change_setup, setup=setup)
    except InputError as error:
        store.say(str(error), "error")
