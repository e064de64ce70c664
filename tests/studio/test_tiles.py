"""How the pictures of a comparison share a frame."""

from itertools import combinations

import pytest

from reluviz.studio.tiles import share_out

SHAPES = {"broad": (1280, 720), "square": (1080, 1080), "high": (720, 1280)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", range(1, 7))
def test_cells_are_of_one_size_in_the_frame_and_apart(shape, count):
    width, height = SHAPES[shape]
    cells = share_out(width, height, count, 8)
    assert len(cells) == count
    assert len({(cell.width, cell.height) for cell in cells}) == 1
    for cell in cells:
        assert 0 <= cell.left <= cell.left + cell.width <= width
        assert 0 <= cell.top <= cell.top + cell.height <= height
    for one, other in combinations(cells, 2):
        apart = max(abs(one.left - other.left) - one.width, abs(one.top - other.top) - one.height)
        assert apart >= 8


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", range(1, 7))
def test_no_corner_is_empty_every_row_stands_in_the_middle(shape, count):
    width, height = SHAPES[shape]
    cells = share_out(width, height, count, 8)
    for top in {cell.top for cell in cells}:
        row = [cell for cell in cells if cell.top == top]
        left, right = min(cell.left for cell in row), width - max(cell.left + cell.width for cell in row)
        assert abs(left - right) <= len(row)


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ("broad", {2: [2], 3: [3], 4: [2, 2], 5: [3, 2], 6: [3, 3]}),
        ("square", {2: [1, 1], 3: [2, 1], 4: [2, 2], 5: [2, 2, 1], 6: [2, 2, 2]}),
        ("high", {2: [1, 1], 3: [1, 1, 1], 4: [2, 2], 5: [2, 2, 1], 6: [2, 2, 2]}),
    ],
)
def test_the_layout_with_the_largest_panes_is_chosen(shape, rows):
    for count, wanted in rows.items():
        cells = share_out(*SHAPES[shape], count, 8)
        tops = [cell.top for cell in cells]
        assert [tops.count(top) for top in sorted(set(tops))] == wanted, count
