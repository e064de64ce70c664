"""Scale: where a number sits on a slider, evenly or by decades."""

import math
from dataclasses import dataclass

DECADES = 7
TICKS = 1000
WIDE = 1000.0


@dataclass(frozen=True)
class Scale:
    """A range of numbers on TICKS + 1 positions.

    Logarithmic scales whose range includes zero reach DECADES below their top and have zero at position 0.
    """

    minimum: float
    maximum: float
    logarithmic: bool = False
    whole: bool = False

    @property
    def low(self) -> float:
        """The smallest number above zero that a logarithmic scale shows."""
        return self.minimum if self.minimum > 0 else self.maximum * 10.0**-DECADES

    def position(self, value: float) -> int:
        """Return the position nearest to `value`; beyond the range, the nearer end."""
        value = min(self.maximum, max(self.minimum, value))
        if not self.logarithmic:
            return round(TICKS * (value - self.minimum) / (self.maximum - self.minimum))
        if value < self.low:
            return 0
        first = 1 if self.minimum <= 0 else 0
        share = math.log(value / self.low) / math.log(self.maximum / self.low)
        return first + round((TICKS - first) * share)

    def value(self, position: int) -> float:
        """Return the number at `position`, on two or three digits that a person would type."""
        if not self.logarithmic:
            exact = self.minimum + (self.maximum - self.minimum) * position / TICKS
            return self._tidy(exact, 10.0 ** math.floor(math.log10((self.maximum - self.minimum) / 100)))
        if position == 0:
            return float(self.minimum) if self.minimum > 0 else 0.0
        first = 1 if self.minimum <= 0 else 0
        exact = self.low * (self.maximum / self.low) ** ((position - first) / (TICKS - first))
        return self._tidy(exact, 10.0 ** (math.floor(math.log10(exact)) - 1))

    def _tidy(self, exact: float, grain: float) -> float:
        grain = max(grain, 1.0) if self.whole else grain
        digits = max(0, -math.floor(math.log10(grain)) + 1)
        return min(self.maximum, max(self.minimum, round(round(exact / grain) * grain, digits)))


def make_scale(minimum: float, maximum: float, logarithmic: bool, whole: bool, middle: float = 0.0) -> Scale:
    """Return a scale for a setting: whole ranges over a factor of WIDE go by decades; others span the useful middle.

    A range far wider than a hundred that is not logarithmic is cut to 2 either side of `middle`; a typed number may
    still be anything that the setting allows.
    """
    if whole and minimum > 0 and maximum / minimum >= WIDE:
        return Scale(minimum, maximum, True, whole)
    if not logarithmic and not whole and maximum - minimum > 100:
        return Scale(max(minimum, middle - 2.0), min(maximum, middle + 2.0), False, whole)
    return Scale(minimum, maximum, logarithmic, whole)
