"""Round numbers for axes, and how to say them shortly."""

import math


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` multiples of 1, 2 or 5 times a power of ten within low..high."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or most < 1:
        return []
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    while (high - low) / step > most:
        leading = round(step / 10.0 ** math.floor(math.log10(step) + 1e-9))
        step *= {1: 2.0, 2: 2.5, 5: 2.0}[leading]
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return powers of ten within low..high, every k-th where there are more than `most`; 1, 2, 5 where few."""
    if not 0 < low < high < math.inf or most < 1:
        return []
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    stride = max(1, -(-(last - first + 1) // most))
    powers = [10.0**i for i in range(first, last + 1) if i % stride == 0]
    if len(powers) >= 2:
        return powers
    for marks in ((1, 2, 5), (1, 3), (1,)):
        values = [mark * 10.0**i for i in range(first - 1, last + 1) for mark in marks]
        inside = [value for value in values if low <= value <= high]
        if 2 <= len(inside) <= most:
            return inside
    return linear_ticks(low, high, most) or powers


def step_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return at most `most` whole steps within low..high with their texts: short ones, in full where two were alike."""
    ticks = [float(round(tick)) for tick in linear_ticks(low, high, most) if abs(tick - round(tick)) < 1e-6]
    texts = [short(tick) for tick in ticks]
    if len(set(texts)) < len(texts):
        texts = [f"{tick:,.0f}" for tick in ticks]
    return list(zip(ticks, texts, strict=True))


def short(value: float) -> str:
    """Return a number in at most six characters or so: 0.031, 1,284, 12.4k, 3.1M."""
    size = abs(value)
    if not math.isfinite(value):
        return "–"
    if size == 0:
        return "0"
    if size < 1e-3:
        return f"{value:.0e}".replace("e-0", "e-")
    if size < 1:
        return f"{value:.3g}"
    if size < 10_000:
        return f"{value:,.4g}" if size < 1000 else f"{value:,.0f}"
    for limit, suffix in ((1e6, "k"), (1e9, "M"), (1e12, "G")):
        if size < limit:
            return f"{value / limit * 1000:.3g}{suffix}"
    return f"{value:.2e}"
