"""The decision boundary, exactly: where the predicted class changes.

One output f decides class 1 where f > 0; several outputs decide the first of the largest. Inside a region outputs are
affine, so the boundary there is straight: f = 0, or two tied outputs that no third exceeds.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import bare_kernel, part_kernel

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]


def decision_boundary(partition: "Partition") -> Float:
    """Return segments (S, 4) x0 y0 x1 y1 on which the predicted class changes, class 1 (or the later) on either side.

    Where f is 0 on a whole region that region belongs to class 0, and the boundary runs along its edge with class 1.
    A network with jumps (step units) also changes class along region edges; those pieces are included.
    """
    if partition.truncated_at is not None or partition.count == 0:
        return np.zeros((0, 4))
    gradients, intercepts = partition.gradients, partition.intercepts
    outputs = intercepts.shape[1]
    if outputs <= 2:
        margin, offset = gradients[:, -1], intercepts[:, -1]
        if outputs == 2:
            margin, offset = margin - gradients[:, 0], offset - intercepts[:, 0]
        # Plain copies, so that one type of array reaches the kernel and it is compiled once.
        inside = zero_line(partition.vertices, partition.offsets, np.array(margin, order="C"), np.array(offset))
    else:
        inside = _collect(_ties, partition.vertices, partition.offsets, gradients, intercepts)
    if has_jumps(partition.network):
        shared = partition.adjacency
        gradients, intercepts = _as_classes(gradients, intercepts)
        gradients.setflags(write=False)  # As a partition's own are: one kind of array, one kernel compiled.
        intercepts.setflags(write=False)
        classes = intercepts.shape[1]
        cuts = np.empty(classes * (classes - 1) + 2)
        along = _collect(_jumps, shared.segments, shared.first, shared.second, gradients, intercepts, cuts)
        inside = np.concatenate([inside, along])
    # Outputs near 1e300 overflow in the arithmetic; such pieces have no place to be drawn.
    return inside[np.isfinite(inside).all(axis=1)]


def has_jumps(network: "Network") -> bool:
    """Whether any hidden activation is discontinuous."""
    for pieces in network.pieces:
        for i, at in enumerate(pieces.breakpoints):
            left = pieces.slopes[i] * at + pieces.intercepts[i]
            right = pieces.slopes[i + 1] * at + pieces.intercepts[i + 1]
            if abs(left - right) > 1e-12 * (1 + abs(left) + abs(right)):
                return True
    return False


def _as_classes(gradients: Float, intercepts: Float) -> tuple[Float, Float]:
    """One output f is two classes with outputs 0 and f."""
    if intercepts.shape[1] > 1:
        return gradients, intercepts
    return np.concatenate([np.zeros_like(gradients), gradients], axis=1), np.concatenate(
        [np.zeros_like(intercepts), intercepts], axis=1
    )


def zero_line(vertices: Float, offsets: NDArray[np.int64], gradients: Float, intercepts: Float) -> Float:
    """Return where a function that is gradients[r] @ x + intercepts[r] on ring r turns positive: segments (S, 4)."""
    return _collect(_zeros, vertices, offsets, gradients, intercepts)


def _collect(fill: Callable[..., int], *arrays: Any) -> Float:
    """Return what `fill` writes into its last argument, (S, 4): it returns S also where there was no room for all.

    Growing the array inside the kernels took 3 s of compilation for one assignment of a slice.
    """
    room = 1024
    while True:
        found = np.empty((room, 4))
        count = fill(*arrays, found)
        if count <= room:
            return found[:count]
        room = count


@bare_kernel
def _zeros(vertices: Float, offsets: NDArray[np.int64], gradients: Float, intercepts: Float, found: Float) -> int:
    """Write the segments of `zero_line` while there is room; return how many there are."""
    count = 0
    for region in range(len(intercepts)):
        gx, gy, c = gradients[region, 0], gradients[region, 1], intercepts[region]
        first, last = offsets[region], offsets[region + 1]
        # Few regions are crossed: counting signs has no branch to mispredict.
        positive = 0
        for v in range(first, last):
            positive += gx * vertices[v, 0] + gy * vertices[v, 1] + c > 0
        if positive == 0 or positive == last - first:
            continue
        px, py = vertices[last - 1, 0], vertices[last - 1, 1]
        before = gx * px + gy * py + c
        crossings = 0
        ax, ay = 0.0, 0.0
        for v in range(first, last):
            qx, qy = vertices[v, 0], vertices[v, 1]
            after = gx * qx + gy * qy + c
            if (before > 0) != (after > 0):
                t = before / (before - after)
                x, y = px + t * (qx - px), py + t * (qy - py)
                crossings += 1
                if crossings == 2:
                    # A line that only touches a corner leaves no piece.
                    if ax != x or ay != y:
                        count = _add(found, count, ax, ay, x, y)
                    break
                ax, ay = x, y
            px, py, before = qx, qy, after
    return count


@part_kernel
def _add(found: Float, count: int, x0: float, y0: float, x1: float, y1: float) -> int:
    if count < len(found):
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = x0, y0, x1, y1
    return count + 1


@bare_kernel
def _ties(vertices: Float, offsets: NDArray[np.int64], gradients: Float, intercepts: Float, found: Float) -> int:
    """Write the pieces of {f_i = f_j, no other larger} inside each region; return how many there are."""
    regions, outputs = intercepts.shape
    count = 0
    for region in range(regions):
        first, last = offsets[region], offsets[region + 1]
        if _one_class(vertices, first, last, gradients[region], intercepts[region]):
            continue
        for i in range(outputs):
            for j in range(i + 1, outputs):
                gx = gradients[region, j, 0] - gradients[region, i, 0]
                gy = gradients[region, j, 1] - gradients[region, i, 1]
                c = intercepts[region, j] - intercepts[region, i]
                crossings = 0
                ax, ay, bx, by = 0.0, 0.0, 0.0, 0.0
                px, py = vertices[last - 1, 0], vertices[last - 1, 1]
                before = gx * px + gy * py + c
                for v in range(first, last):
                    qx, qy = vertices[v, 0], vertices[v, 1]
                    after = gx * qx + gy * qy + c
                    if (before > 0) != (after > 0):
                        t = before / (before - after)
                        x, y = px + t * (qx - px), py + t * (qy - py)
                        if crossings == 0:
                            ax, ay = x, y
                        else:
                            bx, by = x, y
                        crossings += 1
                    px, py, before = qx, qy, after
                if crossings < 2:
                    continue
                t0, t1 = 0.0, 1.0
                for k in range(outputs):
                    if k in (i, j):
                        continue
                    hx = gradients[region, i, 0] - gradients[region, k, 0]
                    hy = gradients[region, i, 1] - gradients[region, k, 1]
                    h = intercepts[region, i] - intercepts[region, k]
                    lead0, lead1 = hx * ax + hy * ay + h, hx * bx + hy * by + h
                    if lead0 < 0 and lead1 < 0:
                        t0, t1 = 1.0, 0.0
                    elif lead0 < 0:
                        t0 = max(t0, lead0 / (lead0 - lead1))
                    elif lead1 < 0:
                        t1 = min(t1, lead0 / (lead0 - lead1))
                if t0 >= t1 or (ax == bx and ay == by):
                    continue
                dx, dy = bx - ax, by - ay
                count = _add(found, count, ax + t0 * dx, ay + t0 * dy, ax + t1 * dx, ay + t1 * dy)
    return count


@part_kernel
def _one_class(vertices: Float, first: int, last: int, gradient: Float, intercept: Float) -> bool:
    """Whether one output is the first of the largest at every corner, hence (convexity) in the whole region."""
    winner = -1
    for v in range(first, last):
        here = _winner(vertices[v, 0], vertices[v, 1], gradient, intercept)
        if winner >= 0 and here != winner:
            return False
        winner = here
    return True


@part_kernel
def _winner(x: float, y: float, gradient: Float, intercept: Float) -> int:
    """The first of the largest outputs at a point."""
    best, winner = -np.inf, 0
    for k in range(len(intercept)):
        value = gradient[k, 0] * x + gradient[k, 1] * y + intercept[k]
        if value > best:
            best, winner = value, k
    return winner


@bare_kernel
def _jumps(
    segments: Float,
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    gradients: Float,
    intercepts: Float,
    cuts: Float,
    found: Float,
) -> int:
    """Write the parts of shared edges whose two sides predict different classes; return how many there are.

    cuts (outputs (outputs - 1) + 2,) is working space: where along an edge two outputs tie.
    """
    outputs = intercepts.shape[1]
    count = 0
    for s in range(len(segments)):
        x0, y0 = segments[s, 0], segments[s, 1]
        dx, dy = segments[s, 2] - x0, segments[s, 3] - y0
        cuts[0], cuts[1] = 0.0, 1.0
        used = 2
        for side in range(2):
            region = first[s] if side == 0 else second[s]
            for i in range(outputs):
                for j in range(i + 1, outputs):
                    gx = gradients[region, j, 0] - gradients[region, i, 0]
                    gy = gradients[region, j, 1] - gradients[region, i, 1]
                    start = gx * x0 + gy * y0 + intercepts[region, j] - intercepts[region, i]
                    change = gx * dx + gy * dy
                    if (start > 0) != (start + change > 0):
                        # Kept in order: np.sort compiles for a second and more.
                        at, place = -start / change, used
                        while cuts[place - 1] > at:
                            cuts[place] = cuts[place - 1]
                            place -= 1
                        cuts[place] = at
                        used += 1
        for part in range(used - 1):
            t0, t1 = cuts[part], cuts[part + 1]
            if t1 <= t0:
                continue
            x, y = x0 + 0.5 * (t0 + t1) * dx, y0 + 0.5 * (t0 + t1) * dy
            one, two = first[s], second[s]
            if _winner(x, y, gradients[one], intercepts[one]) == _winner(x, y, gradients[two], intercepts[two]):
                continue
            count = _add(found, count, x0 + t0 * dx, y0 + t0 * dy, x0 + t1 * dx, y0 + t1 * dy)
    return count
