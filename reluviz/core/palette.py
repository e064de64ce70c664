"""The colours of each theme, shared by the canvas, the panels and exported pictures.

Class colours are Okabe and Ito's, safe for colour-blind eyes, darker on white; classes differ in marker shape as well.
Contrast, and how far classes and lines stay apart for eyes that miss a kind of cones, are held by tests/core/test_eyes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """One theme's colours as #rrggbb. `lines` are by layer, first layer strongest."""

    name: str
    background: str
    surface: str
    raised: str
    border: str
    ink: str
    muted: str
    accent: str
    warning: str
    error: str
    canvas: str
    lines: tuple[str, ...]
    boundary: str
    halo: str
    classes: tuple[str, ...]
    is_dark: bool


_OKABE_ITO = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#0072b2", "#999999")
_OKABE_ITO_ON_WHITE = ("#0078ba", "#d55e02", "#187451", "#a94686", "#8b7e0c", "#9a3b00", "#3a8fc4", "#5e5f61")

PALETTES: dict[str, Palette] = {
    palette.name: palette
    for palette in (
        Palette(
            name="dark",
            background="#0e1116",
            surface="#151a21",
            raised="#1f2630",
            border="#2b3441",
            ink="#e9edf3",
            muted="#9fabbb",
            accent="#6cc5ff",
            warning="#f2b84b",
            error="#ff7b72",
            canvas="#0b0e13",
            lines=("#f4f7fb", "#ffd27a", "#81e8c7", "#acc9ee", "#cfa1ff", "#ff9d9d", "#c9d066", "#9fabbb"),
            boundary="#ffffff",
            halo="#0b0e13",
            classes=_OKABE_ITO,
            is_dark=True,
        ),
        Palette(
            name="light",
            background="#eef1f5",
            surface="#ffffff",
            raised="#f4f6f9",
            border="#d3dae3",
            ink="#18202b",
            muted="#56637a",
            accent="#0067b8",
            warning="#8a5a00",
            error="#b3261e",
            canvas="#ffffff",
            lines=("#1b2430", "#8f4600", "#007256", "#1645a4", "#6c2b84", "#ad323a", "#515e01", "#53667e"),
            boundary="#101820",
            halo="#ffffff",
            classes=_OKABE_ITO_ON_WHITE,
            is_dark=False,
        ),
        Palette(
            name="projector",
            background="#ffffff",
            surface="#ffffff",
            raised="#f2f4f7",
            border="#7d8794",
            ink="#000000",
            muted="#3b4452",
            accent="#004a8f",
            warning="#6b3f00",
            error="#8f0f0f",
            canvas="#ffffff",
            lines=("#000000", "#7b4309", "#005f47", "#0c3488", "#571f68", "#8c2233", "#464500", "#334857"),
            boundary="#000000",
            halo="#ffffff",
            classes=("#005e9f", "#b55111", "#185c3b", "#8b326f", "#6a5a00", "#792d01", "#2b6f9e", "#3f3f3f"),
            is_dark=False,
        ),
    )
}
