"""Names of what a scene can hide, and what people read of them."""

from reluviz.app.panel import PANELS
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS

SECTIONS = (*dict.fromkeys(setting.group for setting in SETTINGS.values()), "View")
BAR = {
    "training": "play, step and reset",
    "speed": "the speed",
    "figures": "the bar's figures",
    "commands": "the bar's buttons",
}
"""Groups of the top bar; its menu always stays."""


def hideable() -> dict[str, str]:
    """Return what can be hidden, by name, and how it is called within a sentence."""
    panels = {f"panel:{panel.name}": f"the panel {panel.title}" for panel in PANELS}
    sections = {f"section:{title.lower()}": f"the settings {title}" for title in SECTIONS}
    return {**panels, **sections, **{f"bar:{name}": title for name, title in BAR.items()}}


def title_of(name: str) -> str:
    """Return how something that can be hidden is called within a sentence; unknown names stand for themselves."""
    return hideable().get(name, name)


def check_names(names: tuple[str, ...], source: str) -> tuple[str, ...]:
    """Return names of what a scene hides. Raises `InputError` for one that this window does not have."""
    known = hideable()
    for name in names:
        if name not in known:
            allowed = "allowed are controls that this version has"
            raise InputError(f"{source}: hides {name[:60]!r}, which is unknown here; {allowed}.")
    return names
