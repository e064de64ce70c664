"""FILLS: which colours amounts and predictions run through, one row each; none tells anything by hue alone.

The first is this project's own. The others are uniform colour maps by Peter Kovesi (Good Colour Maps: How to Design
Them, 2015, CC-BY 4.0; colorcet.com), chosen by him for eyes that miss a kind of cone: CBL1 with the ends of CBD1, and
CBTL2 with the ends of CBTD1, each sampled at equal distances and begun where it leaves black.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fill:
    """`values` are colours of rising lightness, `classes` those whose hues two classes take, #rrggbb; none: the own."""

    name: str
    label: str
    help: str
    values: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


OWN = "own"

FILLS: dict[str, Fill] = {
    fill.name: fill
    for fill in (
        Fill(OWN, "Blue to yellow", "Values run from blue over teal to yellow; classes are blue and orange."),
        Fill(
            "red_green",
            "CET, for red-green blindness",
            "Values run from blue over grey to sand; two classes are blue and yellow.",
            ("#0e284c", "#01417e", "#435b8d", "#7a7776", "#a4935d", "#c6b068", "#e1d0a0", "#f0f1f0"),
            ("#3a90fe", "#a89008"),
        ),
        Fill(
            "blue_yellow",
            "CET, for blue-yellow blindness",
            "Values run from red over grey to cyan; two classes are cyan and salmon.",
            ("#491915", "#732823", "#834d46", "#777779", "#4e9fb1", "#1dc2df", "#8addf1", "#f0f1f0"),
            ("#29cae7", "#fda094"),
        ),
    )
}
