"""Kernels that draw a faceted height field: a depth buffer at 2 x 2 samples per pixel, its lines and its pins.

A facet is planar, so its depth is affine on the screen (see `camera`): one multiplication and addition per sample.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import fast_kernel, kernel

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Ids = NDArray[np.int32]
Pixels = NDArray[np.uint32]

SAMPLES = 2
"""Samples per pixel along each side."""
FAR = -3e38


@kernel
def _place(stage: Float, x: float, y: float, value: float) -> tuple[float, float, float]:
    """Return column, row and S of a point of the plane at a height; stage as `Stage.as_array` gives it."""
    X, Y, Z = (x - stage[10]) * stage[12], (y - stage[11]) * stage[12], value * stage[13] + stage[14]
    u = stage[0] * X + stage[1] * Y + stage[2] * Z
    v = stage[3] * X + stage[4] * Y + stage[5] * Z
    t = stage[6] * X + stage[7] * Y + stage[8] * Z
    near = 1.0 / (1.0 - stage[9] * t)
    return stage[16] + u * near * stage[15], stage[17] - v * near * stage[15], t * near


@kernel
def _depth_plane(stage: Float, nx: float, ny: float, nz: float, k: float) -> tuple[float, float, float, float]:
    """Return (A, B, C, facing): S = A column + B row + C on the plane n.(X, Y, Z) = k of the world.

    facing is positive where the side that n points to is seen, and near 0 edge on.
    """
    nu = stage[0] * nx + stage[1] * ny + stage[2] * nz
    nv = stage[3] * nx + stage[4] * ny + stage[5] * nz
    nt = stage[6] * nx + stage[7] * ny + stage[8] * nz
    facing = (nt - k * stage[9]) / math.sqrt(nx * nx + ny * ny + nz * nz)
    if abs(facing) < 1e-9:
        return 0.0, 0.0, 0.0, 0.0
    share = 1.0 / (nt - k * stage[9])
    a, b = -nu * share / stage[15], nv * share / stage[15]
    return a, b, k * share - a * stage[16] - b * stage[17], facing


@kernel
def project_rings(vertices: Float, offsets: NDArray[np.int64], maps: Float, stage: Float) -> Float:
    """Return (column, row, S) (V, 3) of every ring entry; maps (count, 3) give the height g.x + c of each region."""
    result = np.empty((len(vertices), 3))
    for region in range(len(offsets) - 1):
        for i in range(offsets[region], offsets[region + 1]):
            x, y = vertices[i, 0], vertices[i, 1]
            value = maps[region, 0] * x + maps[region, 1] * y + maps[region, 2]
            result[i, 0], result[i, 1], result[i, 2] = _place(stage, x, y, value)
    return result


@kernel
def depth_planes(maps: Float, stage: Float) -> Float:
    """Return (A, B, C, facing) (count, 4) of every facet, see `_depth_plane`."""
    result = np.empty((len(maps), 4))
    for region in range(len(maps)):
        steep = stage[13] / stage[12]
        a, b = maps[region, 0] * steep, maps[region, 1] * steep
        middle = maps[region, 0] * stage[10] + maps[region, 1] * stage[11] + maps[region, 2]
        result[region] = _depth_plane(stage, -a, -b, 1.0, middle * stage[13] + stage[14])
    return result


@kernel
def fill_facets(ids: Ids, depth: Float32, screen: Float, offsets: NDArray[np.int64], planes: Float) -> None:
    """Draw every facet into ids and depth (H * SAMPLES, W * SAMPLES), which hold -1 and FAR where nothing is."""
    left, right = np.empty(ids.shape[0]), np.empty(ids.shape[0])
    for region in range(len(planes)):
        if planes[region, 3] != 0.0:
            begin, end = offsets[region], offsets[region + 1]
            _fill(ids, depth, screen[begin:end], planes[region], region, left, right)


@kernel
def fill_sides(
    ids: Ids,
    depth: Float32,
    vertices: Float,
    offsets: NDArray[np.int64],
    edge_of: NDArray[np.int32],
    maps: Float,
    stage: Float,
    base: float,
) -> None:
    """Draw the cut faces of the block, from the field down to the height `base`; their ids are count + region."""
    left, right = np.empty(ids.shape[0]), np.empty(ids.shape[0])
    quad = np.empty((4, 3))
    count = len(maps)
    plane = np.empty(4)
    for region in range(count):
        begin, end = offsets[region], offsets[region + 1]
        for i in range(begin, end):
            if edge_of[i] >= 0:
                continue
            side = -1 - edge_of[i]
            j = begin if i + 1 == end else i + 1
            nx = 1.0 if side == 1 else (-1.0 if side == 3 else 0.0)
            ny = -1.0 if side == 0 else (1.0 if side == 2 else 0.0)
            k = nx * (vertices[i, 0] - stage[10]) * stage[12] + ny * (vertices[i, 1] - stage[11]) * stage[12]
            plane[0], plane[1], plane[2], plane[3] = _depth_plane(stage, nx, ny, 0.0, k)
            if plane[3] <= 0.0:
                continue
            for corner in range(4):
                v = i if corner == 0 or corner == 3 else j
                x, y = vertices[v, 0], vertices[v, 1]
                value = maps[region, 0] * x + maps[region, 1] * y + maps[region, 2] if corner < 2 else base
                quad[corner, 0], quad[corner, 1], quad[corner, 2] = _place(stage, x, y, value)
            _fill(ids, depth, quad, plane, count + region, left, right)


@kernel
def _fill(ids: Ids, depth: Float32, ring: Float, plane: Float, owner: int, left: Float, right: Float) -> None:
    """Draw one convex ring (n, 3) where it is nearer than what is there; left and right are room for one column."""
    rows, columns = ids.shape
    n = len(ring)
    top, bottom, nearest, farthest = np.inf, -np.inf, -np.inf, np.inf
    for i in range(n):
        y, s = ring[i, 1] * SAMPLES, ring[i, 2]
        top, bottom = min(top, y), max(bottom, y)
        nearest, farthest = max(nearest, s), min(farthest, s)
    row_begin = int(max(0.0, math.ceil(top - 0.5)))
    row_end = int(min(float(rows), math.ceil(bottom - 0.5)))
    if row_begin >= row_end:
        return
    for row in range(row_begin, row_end):
        left[row], right[row] = np.inf, -np.inf
    x0, y0 = ring[n - 1, 0] * SAMPLES, ring[n - 1, 1] * SAMPLES
    for i in range(n):
        x1, y1 = ring[i, 0] * SAMPLES, ring[i, 1] * SAMPLES
        if y0 != y1:
            # From its upper end, so that both owners of an edge compute the same bits.
            xa, ya, xb, yb = (x0, y0, x1, y1) if y0 < y1 else (x1, y1, x0, y0)
            begin = int(max(0.0, math.ceil(ya - 0.5)))
            end = int(min(float(rows), math.ceil(yb - 0.5)))
            slope = (xb - xa) / (yb - ya)
            low, high = min(xa, xb), max(xa, xb)
            for row in range(begin, end):
                x = min(high, max(low, xa + (row + 0.5 - ya) * slope))
                left[row], right[row] = min(left[row], x), max(right[row], x)
        x0, y0 = x1, y1
    a, near, far = np.float32(plane[0] / SAMPLES), np.float32(nearest), np.float32(farthest)
    for row in range(row_begin, row_end):
        begin = int(max(0.0, math.ceil(min(left[row], columns + 1.0) - 0.5)))
        end = int(min(float(columns), math.ceil(max(right[row], -1.0) - 0.5)))
        start = np.float32((plane[0] * 0.5 + plane[1] * (row + 0.5)) / SAMPLES + plane[2])
        for column in range(begin, end):
            # A sliver seen nearly edge on has steep depth; its corners bound what rounding makes of it.
            s = min(near, max(far, start + a * np.float32(column)))
            if s > depth[row, column]:
                depth[row, column] = s
                ids[row, column] = owner


@fast_kernel
def resolve(
    image: Pixels,
    picked: Ids,
    ids: Ids,
    depth: Float32,
    colors: Pixels,
    planes: Float,
    level: Float,
    span: Float,
    sheet: int,
    opacity: float,
    line: int,
    half_width: float,
) -> None:
    """Average the samples into image (H, W), with a translucent level plane and the line in which it cuts the field.

    picked (H, W) receives the region seen at each pixel, -1 for none; image holds the background. level (4,) is the
    plane's depth as in `depth_planes`, all 0 for none, span (H, 2) the columns that it covers. colors (2 * count,) are
    facets, then sides.
    """
    count = len(planes)
    sheet_r, sheet_g, sheet_b = sheet >> 16 & 255, sheet >> 8 & 255, sheet & 255
    shown = level[3] != 0.0
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            back = image[row, column]
            red, green, blue = 0.0, 0.0, 0.0
            inside = shown and span[row, 0] <= column + 0.5 <= span[row, 1]
            first = ids[row * SAMPLES, column * SAMPLES]
            picked[row, column] = first if first < count else first - count
            same = first < count or not inside
            for i in range(SAMPLES):
                for j in range(SAMPLES):
                    same = same and ids[row * SAMPLES + i, column * SAMPLES + j] == first
            if same and not inside:
                if first >= 0:
                    image[row, column] = colors[first]
                continue
            if same:
                # Nearly all pixels: one facet, or nothing, so far from the plane that all samples lie on one side.
                x, y = column + 0.5 / SAMPLES, row + 0.5 / SAMPLES
                ahead = level[0] * x + level[1] * y + level[2] - depth[row * SAMPLES, column * SAMPLES]
                da = planes[first, 0] - level[0] if first >= 0 else 0.0
                db = planes[first, 1] - level[1] if first >= 0 else 0.0
                reach = (half_width + 0.5) * math.sqrt(da * da + db * db) + abs(da) + abs(db)
                if abs(ahead) > reach:
                    pixel = colors[first] if first >= 0 else back
                    image[row, column] = _mixed(pixel, sheet, opacity) if ahead > 0.0 else pixel
                    continue
            for i in range(SAMPLES):
                for j in range(SAMPLES):
                    owner = ids[row * SAMPLES + i, column * SAMPLES + j]
                    pixel = colors[owner] if owner >= 0 else back
                    r, g, b = float(pixel >> 16 & 255), float(pixel >> 8 & 255), float(pixel & 255)
                    if inside:
                        x, y = column + (j + 0.5) / SAMPLES, row + (i + 0.5) / SAMPLES
                        ahead = level[0] * x + level[1] * y + level[2] - depth[row * SAMPLES + i, column * SAMPLES + j]
                        # The plane ends on the block's sides: there both have one depth, and rounding would speckle.
                        if ahead > (0.0 if owner < count else 2e-3):
                            r += (sheet_r - r) * opacity
                            g += (sheet_g - g) * opacity
                            b += (sheet_b - b) * opacity
                        if 0 <= owner < count:
                            da, db = planes[owner, 0] - level[0], planes[owner, 1] - level[1]
                            cover = half_width + 0.5 - abs(ahead) / math.sqrt(da * da + db * db + 1e-30)
                            if cover > 0.0:
                                cover = min(1.0, cover)
                                r += ((line >> 16 & 255) - r) * cover
                                g += ((line >> 8 & 255) - g) * cover
                                b += ((line & 255) - b) * cover
                    red, green, blue = red + r, green + g, blue + b
            share = 1.0 / (SAMPLES * SAMPLES)
            r8, g8, b8 = int(red * share + 0.5), int(green * share + 0.5), int(blue * share + 0.5)
            image[row, column] = 0xFF000000 | r8 << 16 | g8 << 8 | b8


@fast_kernel
def _mixed(pixel: int, color: int, share: float) -> int:
    """Return a pixel with `share` of a colour laid over it."""
    r, g, b = float(pixel >> 16 & 255), float(pixel >> 8 & 255), float(pixel & 255)
    r8 = int(r + ((color >> 16 & 255) - r) * share + 0.5)
    g8 = int(g + ((color >> 8 & 255) - g) * share + 0.5)
    b8 = int(b + ((color & 255) - b) * share + 0.5)
    return 0xFF000000 | r8 << 16 | g8 << 8 | b8


@fast_kernel
def _blend(image: Pixels, row: int, column: int, color: int, share: float) -> None:
    image[row, column] = _mixed(image[row, column], color, share)


@fast_kernel
def stroke_edges(
    image: Pixels,
    depth: Float32,
    lines: Float,
    alphas: Float32,
    color: int,
    width: float,
    level: Float,
    span: Float,
    opacity: float,
) -> None:
    """Blend lines (N, 6), column, row, S of both ends, into image where they are not hidden.

    A line under the level plane fades by its opacity. Coverage is that of a strip of `width` pixels, measured along the
    shorter axis.
    """
    rows, columns = image.shape
    for i in range(len(lines)):
        x0, y0, s0, x1, y1, s1 = lines[i, 0], lines[i, 1], lines[i, 2], lines[i, 3], lines[i, 4], lines[i, 5]
        if alphas[i] < np.float32(0.02):
            continue
        across = abs(x1 - x0) >= abs(y1 - y0)
        if not across:
            x0, y0, x1, y1 = y0, x0, y1, x1
        if x0 > x1:
            x0, y0, s0, x1, y1, s1 = x1, y1, s1, x0, y0, s0
        if x1 - x0 < 1e-9:
            continue
        slope, rate = (y1 - y0) / (x1 - x0), (s1 - s0) / (x1 - x0)
        half = 0.5 * width * math.sqrt(1.0 + slope * slope)
        most, limit = (columns, rows) if across else (rows, columns)
        for a in range(int(max(0.0, math.ceil(x0 - 0.5))), int(min(float(most), math.ceil(x1 - 0.5)))):
            middle, s = y0 + (a + 0.5 - x0) * slope, s0 + (a + 0.5 - x0) * rate
            low, high = middle - half, middle + half
            # The field beside the line may rise over it by its own slope; the nearer of two samples decides.
            centre = min(limit - 1, max(0, int(middle)))
            r, c = (centre, a) if across else (a, centre)
            if not _seen(depth, r, c, s):
                continue
            share = float(alphas[i])
            if level[3] != 0.0 and span[r, 0] <= c + 0.5 <= span[r, 1] and level[0] * c + level[1] * r + level[2] > s:
                share *= 1.0 - opacity
            for b in range(int(max(0.0, math.floor(low))), int(min(float(limit), math.ceil(high)))):
                cover = min(high, b + 1.0) - max(low, float(b))
                if across:
                    _blend(image, b, a, color, share * cover)
                else:
                    _blend(image, a, b, color, share * cover)


@fast_kernel
def _seen(depth: Float32, row: int, column: int, s: float) -> bool:
    """Whether something at depth S is not behind the field at a pixel, by the farthest of its samples."""
    farthest = depth[row * SAMPLES, column * SAMPLES]
    for i in range(SAMPLES):
        for j in range(SAMPLES):
            farthest = min(farthest, depth[row * SAMPLES + i, column * SAMPLES + j])
    return bool(s >= farthest - 4e-3)


@fast_kernel
def draw_pins(
    image: Pixels, depth: Float32, feet: Float, heads: Float, colors: Pixels, rim: int, stem: int, radius: float
) -> None:
    """Draw pins, farthest first: feet and heads (N, 3) are column, row, S; a head is a lit ball with a rim."""
    rows, columns = image.shape
    for i in range(len(heads)):
        x0, y0, s0, x1, y1, s1 = feet[i, 0], feet[i, 1], feet[i, 2], heads[i, 0], heads[i, 1], heads[i, 2]
        steps = int(abs(y0 - y1) * 2) + 1
        for step in range(steps):
            t = (step + 0.5) / steps
            x, y, s = x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, s0 + (s1 - s0) * t
            row, column = math.floor(y), math.floor(x - 0.5)
            if not (0 <= row < rows and 0 <= column < columns - 1) or not _seen(depth, row, column, s):
                continue
            right = x - 0.5 - column
            _blend(image, row, column, stem, 0.45 * (1.0 - right))
            _blend(image, row, column + 1, stem, 0.45 * right)
        row, column = math.floor(y1), math.floor(x1)
        if not (0 <= row < rows and 0 <= column < columns) or not _seen(depth, row, column, s1):
            continue
        color = colors[i]
        reach = radius + 1.5
        for r in range(max(0, int(y1 - reach)), min(rows, int(y1 + reach) + 1)):
            for c in range(max(0, int(x1 - reach)), min(columns, int(x1 + reach) + 1)):
                dx, dy = c + 0.5 - x1, r + 0.5 - y1
                distance = math.sqrt(dx * dx + dy * dy)
                if distance >= reach:
                    continue
                _blend(image, r, c, rim, 0.8 * min(1.0, reach - distance))
                inner = min(1.0, radius + 0.5 - distance)
                if inner <= 0.0:
                    continue
                _blend(image, r, c, color, inner)
                gx, gy = dx + 0.35 * radius, dy + 0.4 * radius
                glow = 1.0 - math.sqrt(gx * gx + gy * gy) / (0.9 * radius)
                if glow > 0.0:
                    _blend(image, r, c, 0xFFFFFF, 0.55 * glow * glow * inner)
