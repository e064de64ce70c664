"""The colours of each theme, shared by the canvas, the panels and exported pictures.

Class colours are Okabe and Ito's, safe for colour-blind eyes; classes differ in marker shape as well.
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
_OKABE_ITO_ON_WHITE = ("#0072b2", "#d55e00", "#007a59", "#a8447f", "#8a7a00", "#9a3b00", "#3a8fc4", "#5f5f5f")

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
            lines=("#f4f7fb", "#ffd27a", "#8fe3c0", "#8ec9ff", "#d9a8ff", "#ff9d9d", "#c9d26a", "#9fabbb"),
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
            lines=("#1b2430", "#8a4b00", "#00664b", "#00529c", "#6b2fa0", "#a3262b", "#5f6600", "#56637a"),
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
            lines=("#000000", "#7a3e00", "#005a42", "#003f7d", "#55207f", "#861a1f", "#484d00", "#3b4452"),
            boundary="#000000",
            halo="#ffffff",
            classes=("#005a99", "#b34700", "#00664b", "#8a2f66", "#6b5e00", "#7a2e00", "#2b6f9e", "#3f3f3f"),
            is_dark=False,
        ),
    )
}
