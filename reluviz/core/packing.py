"""The arrays that the decomposition's kernels work on: a packed network, the path walked, the cells found."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reluviz.core.lanes import BLOCK, aligned_zeros, padded
from reluviz.core.memory import reserve
from reluviz.core.network import Network

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Long = NDArray[np.int64]
Bytes = NDArray[np.int8]

# Rows of a map: f = GX x + GY y + C, made of terms whose magnitudes sum to SIZE.
GX, GY, C, SIZE = 0, 1, 2, 3
# A line that cuts: its unit, breakpoint, the lowest breakpoint at which the unit cuts, the unit's place in patterns.
UNIT, BREAK, LOWEST, PLACE = 0, 1, 2, 3
# The same line's height above a point is GX x + GY y + C, and a vertex nearer than TOLERANCE lies on it.
TOLERANCE = 3
# The walk's state between two calls; up to slot KNOWN of the second layer, those kept hold what `moves` says.
COUNT, FILLED, MADE, DROPPED, WAITING, LAYER, ENTRY, START, LENGTH, PASSED, KNOWN = range(11)
# Bits of an integer that names units.
WORD = 64


class Layers(NamedTuple):
    """A network packed for the kernel: hidden layers first, readout last.

    rooms are the widths padded to whole BLOCKs. columns holds each layer's weights column after column (of layers >=
    1), layer l from starts[l], rooms[l] numbers each, and its biases as the last column; readout is the last layer's,
    row after row. The units of patterns begin at units[l]. first is layer 0's map at the centre (2,) of the box, (4,
    width). Rows of breakpoints, slopes and intercepts belong to hidden layers and are padded; breaks counts the
    breakpoints.
    """

    widths: Long
    rooms: Long
    columns: Float
    starts: Long
    readout: Float
    units: Long
    first: Float
    centre: Float
    breaks: Long
    breakpoints: Float
    slopes: Float
    intercepts: Float


class Path(NamedTuple):
    """What the walk holds of the path from the box to the present cell.

    rows[l, slots[l]] is layer l's map on the present cell, of a stack of maps: slot 0 has every unit of the layer
    before that is cut on its lowest piece, each further slot one unit more above a breakpoint; a waiting cell remembers
    its slot. moves[s] is the line over which slot s of layer 1 came from the one below. A map, like values, is GX, GY,
    C, SIZE of `room` numbers each, one behind the other. crossing[l] (UNIT, BREAK, LOWEST, PLACE) and lines[l] (GX, GY,
    C, TOLERANCE) are the lines that cut layer l's parent cell, crossings[l] of them, in the order they are cut. waiting
    holds layer, entry of crossing, start and length of ring, and slot of cells above a line whose part below is being
    walked; areas theirs, and the present cell's last. Rings of waiting cells and of the present one lie one behind the
    other in ring_x, ring_y, ring_edge, where numbers of edges are float64, too.
    """

    state: Long
    rows: Float
    slots: Long
    moves: Long
    current: Bytes
    crossing: Long
    lines: Float
    crossings: Long
    waiting: Long
    areas: Float
    terms: Float
    chosen: Long
    values: Float
    ring_x: Float
    ring_y: Float
    ring_edge: Float
    heights: Float


class Cells(NamedTuple):
    """What the walk found, with room for more.

    Region i is vertices and edge_of [offsets[i]:offsets[i + 1]]. segments (E, 4) and cuts (E, 3) int32, layer, unit and
    breakpoint, describe the cuts in order. The other fields are those of `Partition`.
    """

    vertices: Float
    edge_of: Int
    offsets: Long
    patterns: Bytes
    gradients: Float
    intercepts: Float
    scales: Float
    areas: Float
    segments: Float
    cuts: Int


def pack(network: Network, centre: Float) -> Layers:
    """Pack `network` for a box around `centre` (2,)."""
    widths = np.array([*network.hidden, network.outputs], np.int64)
    rooms = np.array([padded(int(width)) for width in widths])
    lengths = [0, *(int((inputs + 1) * room) for inputs, room in zip(widths[:-1], rooms[1:], strict=True))]
    starts, columns = np.cumsum([0, *lengths])[: len(widths)], aligned_zeros(sum(lengths))
    for layer in range(1, len(widths)):
        block = columns[starts[layer] :][: lengths[layer]].reshape(-1, rooms[layer])
        block[:-1, : widths[layer]], block[-1, : widths[layer]] = network.weights[layer].T, network.biases[layer]
    readout = aligned_zeros(int(widths[-1] * rooms[:-1].max(initial=0))).reshape(int(widths[-1]), -1)
    if len(widths) > 1:
        readout[:, : widths[-2]] = network.weights[-1]
    pieces = network.pieces
    breaks = np.array([len(row.breakpoints) for row in pieces], np.int64)
    most = int(breaks.max(initial=0))
    breakpoints = np.zeros((len(pieces), most))
    slopes, intercepts = np.zeros((len(pieces), most + 1)), np.zeros((len(pieces), most + 1))
    for layer, row in enumerate(pieces):
        breakpoints[layer, : len(row.breakpoints)] = row.breakpoints
        slopes[layer, : len(row.slopes)] = row.slopes
        intercepts[layer, : len(row.intercepts)] = row.intercepts
    weights, biases = network.weights[0], network.biases[0]
    first = np.empty((4, widths[0]))
    first[:2] = weights.T
    first[2] = weights @ centre + biases
    first[3] = np.abs(weights) @ np.abs(centre) + np.abs(biases)
    return Layers(
        widths,
        rooms,
        columns,
        starts,
        readout,
        np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int64),
        first,
        centre,
        breaks,
        breakpoints,
        slopes,
        intercepts,
    )


def new_path(layers: Layers, half: tuple[float, float]) -> Path:
    """Return the path at its beginning: the box, and layer 0's map on it."""
    hidden, widest = len(layers.widths) - 1, int(layers.widths.max())
    lines = widest * max(1, layers.breakpoints.shape[1])
    units = int(layers.units[hidden])
    half_x, half_y = half
    state = np.zeros(11, np.int64)
    state[LAYER], state[LENGTH] = -1, 4
    room = int(layers.rooms.max())
    # Reserved for as many slots as a cell may need, touched only as far as it does.
    rows = aligned_zeros((hidden + 1) * (widest + 1) * 4 * room).reshape(hidden + 1, widest + 1, 4 * room)
    rows[0, 0].reshape(4, room)[:, : layers.widths[0]] = layers.first
    ring_x, ring_y, ring_edge = np.empty(4096), np.empty(4096), np.empty(4096)
    ring_x[:4] = -half_x, half_x, half_x, -half_x
    ring_y[:4] = -half_y, -half_y, half_y, half_y
    ring_edge[:4] = -1, -2, -3, -4
    areas = np.zeros(hidden * lines + 2)
    areas[0] = 4.0 * half_x * half_y
    return Path(
        state=state,
        rows=rows,
        slots=np.zeros(hidden + 1, np.int64),
        moves=np.zeros(widest + 1, np.int64),
        current=np.zeros(units + BLOCK, np.int8),
        crossing=np.zeros((hidden, lines, 4), np.int64),
        lines=np.zeros((hidden, lines, 4)),
        crossings=np.zeros(hidden + 1, np.int64),
        waiting=np.zeros((hidden * lines + 1, 5), np.int64),
        areas=areas,
        terms=aligned_zeros(max(1, hidden) * room).reshape(-1, room),
        chosen=np.zeros(room, np.int64),
        values=aligned_zeros(4 * room),
        ring_x=ring_x,
        ring_y=ring_y,
        ring_edge=ring_edge,
        heights=np.empty(64),
    )


def new_cells(layers: Layers, depth: int, capacity: int) -> Cells:
    """Return room for `capacity` regions; a cut adds one region and at most four ring entries."""
    outputs, units = int(layers.widths[-1]), int(layers.units[depth])
    offsets = reserve((capacity + 1,), np.int64)
    offsets[0] = 0
    return Cells(
        vertices=reserve((4 * capacity, 2), np.float64),
        edge_of=reserve((4 * capacity,), np.int32),
        offsets=offsets,
        patterns=reserve((capacity, units), np.int8),
        gradients=reserve((capacity, outputs, 2), np.float64),
        intercepts=reserve((capacity, outputs), np.float64),
        scales=reserve((capacity, outputs), np.float64),
        areas=reserve((capacity,), np.float64),
        segments=reserve((capacity, 4), np.float64),
        cuts=reserve((capacity, 3), np.int32),
    )


def grown(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy with twice the rows."""
    larger = reserve((2 * len(array), *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
