"""From a layer's affine map on a cell to the next layer's: once for a parent cell, rank-one updates for its parts."""

import numpy as np

from reluviz.core.kernel import inlined_kernel
from reluviz.core.lanes import (
    BLOCK,
    LANES,
    bits,
    choose,
    fill,
    larger,
    load,
    load_bytes,
    lowest,
    magnitude,
    peek,
    poke,
    store,
    total,
)
from reluviz.core.packing import BREAK, GX, GY, KNOWN, LOWEST, SIZE, UNIT, WORD, C, Layers, Path

# Up to so many outputs are cheaper summed one by one than a vector of them at a time.
NARROW = 3
# Of the second layer's maps on the way to a cell's every so many-th is kept; path.chosen has room for so many moves.
STRIDE = 8


@inlined_kernel
def start_of_map(path: Path, layer: int) -> int:
    """Return where in path.rows the layer's map on the present cell begins."""
    start: int = (layer * path.rows.shape[1] + peek(path.slots, layer)) * path.rows.shape[2]
    return start


@inlined_kernel
def _activate(layers: Layers, path: Path, half: tuple[float, float], layer: int, listed: bool) -> int:
    """Compute the layer's map after its activation in path.values; if `listed`, list in path.chosen what is not zero.

    Returns how many are listed.

    path.terms is what the terms of each pre-activation amount to over the box. Where these cancel, what rounding in
    them weighs counts: SIZE / sqrt(width), as errors of either sign do.
    """
    width, first = layers.widths[layer], layers.units[layer]
    rows, source, values, chosen = path.rows, start_of_map(path, layer), path.values, path.chosen
    slopes, intercepts = layers.slopes[layer], layers.intercepts[layer]
    room, zero, share = path.terms.shape[1], fill(0.0), fill(1.0 / np.sqrt(width))
    half_x, half_y = fill(half[0]), fill(half[1])
    number = 0
    for begin in range(0, width, WORD):
        word = 0
        for o in range(begin, min(begin + WORD, width), LANES):
            gx, gy = load(rows, source + GX * room + o), load(rows, source + GY * room + o)
            c, size = load(rows, source + C * room + o), load(rows, source + SIZE * room + o)
            term = larger(magnitude(gx) * half_x + magnitude(gy) * half_y + magnitude(c), size * share)
            store(path.terms, layer * room + o, term)
            piece, slope, intercept = load_bytes(path.current, first + o), fill(slopes[0]), fill(intercepts[0])
            for b in range(layers.breaks[layer]):
                is_above = piece > fill(float(b))
                slope = choose(is_above, fill(slopes[b + 1]), slope)
                intercept = choose(is_above, fill(intercepts[b + 1]), intercept)
            store(values, GX * room + o, slope * gx)
            store(values, GY * room + o, slope * gy)
            store(values, C * room + o, slope * c + intercept)
            store(values, SIZE * room + o, magnitude(slope) * term + magnitude(intercept))
            if listed:
                word |= bits((slope != zero) | (intercept != zero)) << (o - begin)
        while word != 0:
            poke(chosen, number, begin + lowest(word))
            number += 1
            word &= word - 1
    while number > 0 and peek(chosen, number - 1) >= width:
        number -= 1
    return number


@inlined_kernel
def _read_out(layers: Layers, path: Path, layer: int) -> None:
    """Compute the last layer's map from path.values, output by output."""
    values, room, result = path.values, path.terms.shape[1], start_of_map(path, layer + 1)
    for output in range(layers.widths[layer + 1]):
        x, y, c, s = fill(0.0), fill(0.0), fill(0.0), fill(0.0)
        for o in range(0, layers.widths[layer], LANES):
            w = load(layers.readout, output * layers.readout.shape[1] + o)
            x = x + w * load(values, GX * room + o)
            y = y + w * load(values, GY * room + o)
            c = c + w * load(values, C * room + o)
            s = s + magnitude(w) * load(values, SIZE * room + o)
        bias = layers.starts[layer + 1] + layers.widths[layer] * layers.rooms[layer + 1] + output
        poke(path.rows, result + GX * room + output, total(x))
        poke(path.rows, result + GY * room + output, total(y))
        poke(path.rows, result + C * room + output, total(c) + peek(layers.columns, bias))
        poke(path.rows, result + SIZE * room + output, total(s) + abs(peek(layers.columns, bias)))


@inlined_kernel
def push_forward(layers: Layers, path: Path, half: tuple[float, float], layer: int) -> None:
    """Compute the next layer's map, in slot 0, where every unit of this layer is on its present piece."""
    poke(path.slots, layer + 1, 0)
    if layer == 0:
        poke(path.state, KNOWN, 0)
    if layer + 2 == len(layers.widths) and layers.widths[layer + 1] <= NARROW:
        _activate(layers, path, half, layer, False)
        _read_out(layers, path, layer)
        return
    number = _activate(layers, path, half, layer, True)
    columns, values, chosen, rows = layers.columns, path.values, path.chosen, path.rows
    room, following = path.terms.shape[1], layers.rooms[layer + 1]
    start, result = layers.starts[layer + 1], start_of_map(path, layer + 1)
    for o in range(0, following, BLOCK):
        # Two vectors of each row at a time: their sums stay in registers while all columns go by.
        bias = start + layers.widths[layer] * following + o
        x0, y0, c0, x1, y1, c1 = (
            fill(0.0),
            fill(0.0),
            load(columns, bias),
            fill(0.0),
            fill(0.0),
            load(columns, bias + LANES),
        )
        s0, s1 = magnitude(c0), magnitude(c1)
        for k in range(number):
            unit = peek(chosen, k)
            at = start + unit * following + o
            w0, w1 = load(columns, at), load(columns, at + LANES)
            x, y = fill(peek(values, GX * room + unit)), fill(peek(values, GY * room + unit))
            c, s = fill(peek(values, C * room + unit)), fill(peek(values, SIZE * room + unit))
            x0, x1 = x0 + w0 * x, x1 + w1 * x
            y0, y1 = y0 + w0 * y, y1 + w1 * y
            c0, c1 = c0 + w0 * c, c1 + w1 * c
            s0, s1 = s0 + magnitude(w0) * s, s1 + magnitude(w1) * s
        store(rows, result + GX * room + o, x0)
        store(rows, result + GX * room + o + LANES, x1)
        store(rows, result + GY * room + o, y0)
        store(rows, result + GY * room + o + LANES, y1)
        store(rows, result + C * room + o, c0)
        store(rows, result + C * room + o + LANES, c1)
        store(rows, result + SIZE * room + o, s0)
        store(rows, result + SIZE * room + o + LANES, s1)


@inlined_kernel
def move_up(layers: Layers, path: Path, layer: int, entry: int) -> None:
    """Move the unit of this crossing to the piece above the breakpoint, in the next layer's map, in one slot more.

    A unit that crossed a lower breakpoint before keeps to its slot, made again from the one below: adding a piece and
    taking it off would leave its rounding behind. Of the first layer's moves only a note is made, see `catch_up`.
    """
    line = 4 * (layer * path.lines.shape[1] + entry)
    slot = peek(path.slots, layer + 1)
    if peek(path.crossing, line + BREAK) == peek(path.crossing, line + LOWEST):
        slot += 1
    poke(path.slots, layer + 1, slot)
    if layer == 0:
        poke(path.moves, slot, entry)
        poke(path.state, KNOWN, min(peek(path.state, KNOWN), slot - 1))
    else:
        _add_move(layers, path, layer, entry, slot)


@inlined_kernel
def catch_up(layers: Layers, path: Path) -> None:
    """Compute the second layer's map on a cell of the first from the moves noted.

    A thread that walks past cells which are another's never does: these updates were most of what it spent there. Only
    every STRIDE-th slot is kept, and the cell's own: among 160 lines a cell lies above 22 that the one before it did
    not, and writing and reading each of their maps was a fifth of all time at three layers of 70.
    """
    slots = peek(path.slots, 1)
    slot = peek(path.state, KNOWN) // STRIDE * STRIDE
    while slot < slots:
        beyond = min(slot + STRIDE, slots)
        _add_moves(layers, path, slot, beyond)
        slot = beyond
    poke(path.state, KNOWN, slots)


@inlined_kernel
def _change(layers: Layers, path: Path, layer: int, entry: int) -> tuple[int, float, float, float, float]:
    """Return where the weights of this crossing's unit begin, and what a move up multiplies them by: a map's rows."""
    line = 4 * (layer * path.lines.shape[1] + entry)
    unit, piece = peek(path.crossing, line + UNIT), peek(path.crossing, line + BREAK) + 1
    lowest_piece = peek(path.crossing, line + LOWEST)
    slope, intercept = layers.slopes[layer, piece], layers.intercepts[layer, piece]
    room, own = path.terms.shape[1], start_of_map(path, layer) + unit
    size = abs(slope) * peek(path.terms, layer * room + unit) + abs(intercept)
    slope -= layers.slopes[layer, lowest_piece]
    intercept -= layers.intercepts[layer, lowest_piece]
    return (
        layers.starts[layer + 1] + unit * layers.rooms[layer + 1],
        slope * peek(path.rows, own + GX * room),
        slope * peek(path.rows, own + GY * room),
        slope * peek(path.rows, own + C * room) + intercept,
        size,
    )


@inlined_kernel
def _add_moves(layers: Layers, path: Path, slot: int, last: int) -> None:
    """Make the second layer's map in slot `last` from that in `slot` and the moves after it, at most STRIDE."""
    rows, values, room, size = path.rows, path.values, path.terms.shape[1], path.rows.shape[2]
    source, result = (rows.shape[1] + slot) * size, (rows.shape[1] + last) * size
    number = last - slot
    for k in range(number):
        column, gx, gy, constant, terms = _change(layers, path, 0, peek(path.moves, slot + 1 + k))
        poke(path.chosen, k, column)
        poke(values, 4 * k + GX, gx)
        poke(values, 4 * k + GY, gy)
        poke(values, 4 * k + C, constant)
        poke(values, 4 * k + SIZE, terms)
    for o in range(0, layers.widths[1], LANES):
        gx, gy = load(rows, source + GX * room + o), load(rows, source + GY * room + o)
        c, s = load(rows, source + C * room + o), load(rows, source + SIZE * room + o)
        for k in range(number):
            w = load(layers.columns, peek(path.chosen, k) + o)
            gx = gx + w * fill(peek(values, 4 * k + GX))
            gy = gy + w * fill(peek(values, 4 * k + GY))
            c = c + w * fill(peek(values, 4 * k + C))
            s = s + magnitude(w) * fill(peek(values, 4 * k + SIZE))
        store(rows, result + GX * room + o, gx)
        store(rows, result + GY * room + o, gy)
        store(rows, result + C * room + o, c)
        store(rows, result + SIZE * room + o, s)


@inlined_kernel
def _add_move(layers: Layers, path: Path, layer: int, entry: int, slot: int) -> None:
    """Make the next layer's map in `slot` from that in the slot below and the move of this crossing's unit."""
    column, gx, gy, constant, terms = _change(layers, path, layer, entry)
    x, y, c, s = fill(gx), fill(gy), fill(constant), fill(terms)
    rows, room = path.rows, path.terms.shape[1]
    result = ((layer + 1) * rows.shape[1] + slot) * rows.shape[2]
    source = result - rows.shape[2]
    for o in range(0, layers.widths[layer + 1], LANES):
        w = load(layers.columns, column + o)
        store(rows, result + GX * room + o, load(rows, source + GX * room + o) + w * x)
        store(rows, result + GY * room + o, load(rows, source + GY * room + o) + w * y)
        store(rows, result + C * room + o, load(rows, source + C * room + o) + w * c)
        store(rows, result + SIZE * room + o, load(rows, source + SIZE * room + o) + magnitude(w) * s)
