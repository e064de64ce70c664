"""What must hold of every decomposition, whatever the network."""

from itertools import pairwise

import numpy as np

BOX_SIDES = 4


def assert_invariants(p, points=300, seed=0):
    assert_arrays_fit(p)
    assert_cells_fill_the_box(p)
    assert_rings_are_convex(p)
    assert_maps_and_patterns_hold(p, points, seed)
    assert_euler(p)


def assert_arrays_fit(p):
    units = sum(p.network.hidden)
    assert p.patterns.shape == (p.count, units)
    assert p.gradients.shape == (p.count, p.network.outputs, 2)
    assert p.intercepts.shape == (p.count, p.network.outputs)
    assert len(p.edges) == len(p.edge_layers) == len(p.edge_units) == p.count - 1
    assert p.offsets[0] == 0
    assert p.offsets[-1] == len(p.vertices) == len(p.edge_of) <= 4 * p.count
    assert (np.diff(p.offsets) >= 3).all()
    assert len(np.unique(p.patterns, axis=0)) == p.count or units == 0
    assert p.edge_of.min() >= -BOX_SIDES
    assert p.edge_of.max() < len(p.edges)
    for array in (p.vertices, p.offsets, p.patterns, p.gradients, p.intercepts, p.areas, p.edges, p.edge_of):
        assert not array.flags.writeable


def assert_cells_fill_the_box(p):
    xmin, xmax, ymin, ymax = p.bounds
    whole = (xmax - xmin) * (ymax - ymin)
    assert (p.areas > 0).all()
    assert abs(p.areas.sum() - whole) <= 1e-11 * whole
    slack = 1e-14 * max(map(abs, p.bounds))
    assert (p.vertices >= np.array([xmin, ymin]) - slack).all()
    assert (p.vertices <= np.array([xmax, ymax]) + slack).all()


def assert_rings_are_convex(p):
    """Counter-clockwise, no turn to the right beyond rounding, and every edge on the segment that it names."""
    following = np.arange(1, len(p.vertices) + 1)
    following[p.offsets[1:] - 1] = p.offsets[:-1]
    step = p.vertices[following] - p.vertices
    turn = step[:, 0] * step[following, 1] - step[:, 1] * step[following, 0]
    xmin, xmax, ymin, ymax = p.bounds
    size = max(xmax - xmin, ymax - ymin)
    rounding = 1e-11 * size + 1e-15 * max(map(abs, p.bounds))
    assert (turn >= -rounding * size).all()
    inner = p.edge_of >= 0
    ends = p.edges[p.edge_of[inner]]
    along = ends[:, 2:] - ends[:, :2]
    length = np.hypot(*along.T)
    for vertex in (p.vertices[inner], p.vertices[following[inner]]):
        off = vertex - ends[:, :2]
        assert (np.abs(along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]) <= rounding * length).all()


def assert_maps_and_patterns_hold(p, points, seed):
    """At random points, and at the middle of every region."""
    generator = np.random.default_rng(seed)
    xmin, xmax, ymin, ymax = p.bounds
    scattered = generator.uniform([xmin, ymin], [xmax, ymax], (points, 2))
    middles = np.add.reduceat(p.vertices, p.offsets[:-1]) / np.diff(p.offsets)[:, None]
    for x in (scattered, middles):
        region = p.locate(x)
        assert (region >= 0).all()
        f = np.einsum("nok,nk->no", p.gradients[region], x) + p.intercepts[region]
        expected = p.network.forward(x)
        scale = np.abs(p.gradients[region]).sum(axis=2) * max(map(abs, p.bounds)) + np.abs(p.intercepts[region])
        near = nearest_tie(p.network, x) > 1e-9
        assert near.mean() > 0.5 or p.count > points
        assert (np.abs(f - expected)[near] <= 1e-9 * (1e-300 + scale[near])).all()
        assert (p.patterns[region] == p.network.pattern(x))[near].all()
    far = p.locate(np.array([[xmax + (xmax - xmin), ymin], [xmin, ymin - (ymax - ymin)], [np.nan, ymin]]))
    assert (far == -1).all()


def nearest_tie(network, x):
    """Return how near each point comes to any breakpoint, relative to the terms of the pre-activation."""
    nearest = np.full(len(x), np.inf)
    h, size = x, np.abs(x)
    for weights, biases, pieces in zip(network.weights, network.biases, network.pieces, strict=False):
        z = h @ weights.T + biases
        size = size @ np.abs(weights).T + np.abs(biases)
        for t in pieces.breakpoints:
            terms = size + abs(t)
            with np.errstate(invalid="ignore"):
                nearest = np.fmin(nearest, (np.abs(z - t) / terms).min(axis=1))
        piece = pieces.index(z)
        slopes, intercepts = np.abs(pieces.slopes)[piece], np.abs(pieces.intercepts)[piece]
        h, size = pieces.value(z), slopes * size + intercepts
    return nearest


def assert_euler(p):
    """V - E + F = 1 for the plane graph of all regions, corners on other regions' edges included (outer face left out).

    Corners nearer than 1e-9 of the box are one corner; each segment is divided by all corners that lie on it.
    """
    xmin, xmax, ymin, ymax = p.bounds
    scaled = (p.vertices - [xmin, ymin]) / [xmax - xmin, ymax - ymin]
    names = np.unique(np.round(scaled * 1e9).astype(np.int64), axis=0, return_inverse=True)[1].reshape(-1)
    places = np.zeros((names.max() + 1, 2))
    places[names] = scaled
    lines = {}
    for i, line in enumerate(p.edge_of):
        ring = np.searchsorted(p.offsets, i, side="right") - 1
        j = i + 1 if i + 1 < p.offsets[ring + 1] else p.offsets[ring]
        lines.setdefault(int(line), set()).update((names[i], names[j]))
    pieces = set()
    for corners in lines.values():
        corners = np.array(sorted(corners))
        spread = np.ptp(places[corners], axis=0)
        order = corners[np.argsort(places[corners][:, int(spread.argmax())])]
        pieces.update((min(a, b), max(a, b)) for a, b in pairwise(order.tolist()))
    assert len(places) - len(pieces) + p.count == 1
