"""HELPING: the lesson that explains what a finding in the gradient flow means."""

HELPING = {
    "vanishing": "08-vanishing",
    "exploding": "17-tanh",
    "leaping": "06-dead-units",
    "dead": "06-dead-units",
    "saturated": "17-tanh",
    "blocked": "14-step",
}
"""Kind of finding, and the lesson's name."""

SCHEME = "lesson:"


def lesson_link(kind: str) -> tuple[str, str]:
    """Return where a link about a kind of finding goes, and its words."""
    name = HELPING[kind]
    return f"{SCHEME}{name}", f"Lesson {int(name.partition('-')[0])}"
