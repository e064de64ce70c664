"""Fit: how large a lesson's page is written, and what of it gives way, where a card has little room."""

from dataclasses import dataclass

SIZES = (1.7, 1.55, 1.4, 1.3, 1.2, 1.1, 1.0)  # Of the step's text, as shares of the type.
SMALLER = (0.94, 0.88, 0.82, 0.76, 0.7)  # Of all type on the page, as shares of the window's,
LEAST_PIXELS = 12  # and never smaller than this.
LINE_HEIGHT, CLOSE_LINES = 126, 106  # Per cent of the font's own, as long lines of large type need, and short ones.


@dataclass(frozen=True)
class Fit:
    """`text` is the step's text as a share of the type, `page` all type of the page as a share of the window's.

    `is_close` takes the air out between lines and parts. `is_short` lets an answer take the place of the hint and of
    the choices that are not so. `has_hint` is False where what to look at is left to the button below.
    """

    text: float
    page: float = 1.0
    is_close: bool = False
    is_short: bool = False
    has_hint: bool = True

    @property
    def spacing(self) -> int:
        """The room between parts in pixels."""
        return 5 if self.is_close else 9

    def style(self, pixels: int) -> str:
        """Return the style of the step's text, for type of `pixels`."""
        size = round(self.text * self.page * pixels)
        return f"font-size:{size}px; line-height:{CLOSE_LINES if self.is_close else LINE_HEIGHT}%; margin:0"

    def sheet(self, pixels: int) -> str:
        """Return the page's stylesheet: none where its type is the window's."""
        if self.page == 1.0:
            return ""

        def px(share: float) -> str:
            return f"font-size: {round(share * self.page * pixels)}px"

        return f"""
#lessonPage QWidget {{ {px(1.0)}; }}
#lessonPage QLabel#lessonClaim, #lessonPage QLabel#lessonReveal {{ {px(1.02)}; }}
#lessonPage QLabel#lessonValue {{ {px(1.2)}; }}
"""


def fits(pixels: int, is_asked: bool, has_hint: bool) -> tuple[tuple[Fit, ...], ...]:
    """Return what to try for type of `pixels`, in groups, the roomiest first; in each, the largest type first.

    `is_asked`: the step has a question.
    """
    plain = tuple(Fit(size) for size in SIZES)
    short = tuple(Fit(size, is_short=True) for size in SIZES)
    pages = (1.0, *(share for share in SMALLER if share * pixels >= LEAST_PIXELS))
    close = tuple(Fit(1.0, page, True, is_asked) for page in pages)
    bare = tuple(Fit(1.0, page, True, is_asked, False) for page in pages)
    return (plain, *((short,) if is_asked else ()), close, *((bare,) if has_hint else ()))
