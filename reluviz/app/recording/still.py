"""Stills: what the canvas shows as pixels of any size, or as true polygons, in a file or on the clipboard."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.app.exporting import Export, Put
from reluviz.app.recording.scenery import look_of_state
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.errors import InputError
from reluviz.studio.look import Look

if TYPE_CHECKING:
    from reluviz.core.dataset import Dataset

KINDS = {"png": "PNG", "svg": "SVG, true polygons", "pdf": "PDF, true polygons"}
MOST_PIXELS = 100_000_000
MOST_SIDE = 16_384


@dataclass(frozen=True, eq=False)
class StillOrder:
    """A picture: its kind, its size in pixels, and what stands on it."""

    kind: str = "png"
    width: int = 1920
    height: int = 1080
    title: str = ""
    counters: bool = False
    points: bool = True


def why_not(order: StillOrder) -> str:
    """Return in a sentence why a picture cannot be so large, "" where it can."""
    if order.width * order.height > MOST_PIXELS:
        return (
            f"{order.width:,} × {order.height:,} is {order.width * order.height / 1e6:.0f} megapixels; allowed are 100."
        )
    return ""


def shown(state: AppState) -> tuple[Any, ...]:
    """Return the moment that is shown, a snapshot per pane."""
    panes = tuple(pane.snapshot for pane in state.panes if pane.snapshot is not None)
    return panes or ((state.snapshot,) if state.snapshot is not None else ())


def draw(state: AppState, size: tuple[int, int], **more: Any) -> Any:
    """Return what the canvas shows, (H, W) uint32 0xffRRGGBB, with parts of its look said anew."""
    from reluviz.studio.film import Beat, draw_frames

    look = replace(look_of_state(state), probe=None, **more)
    return next(draw_frames([Beat(shown(state), look)], size))


def export_still(state: AppState, order: StillOrder, path: Path, put: Put) -> Export:
    """Return the writing of a picture, not begun yet."""
    look = replace(look_of_state(state), probe=None, title=order.title, counters=order.counters)
    look = replace(look, points=look.points and order.points)
    return Export(partial(_write, shown(state), state.dataset, look, order), path, put)


def copy_picture(store: Store) -> None:
    """Put what the canvas shows on the clipboard, as large as it is on the screen."""
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    state = store.state
    if not shown(state) or state.picture is None or state.picture.partition is None:
        store.say("There is no picture yet to copy.")
        return
    pixels = draw(state, (state.view.width, state.view.height))
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32).copy()
    QApplication.clipboard().setImage(image)
    store.say(f"The picture is on the clipboard, {width:,} × {height:,} pixels.")


def _write(
    snapshots: tuple[Any, ...], dataset: "Dataset | None", look: Look, order: StillOrder, path: Path, report: Any
) -> bool:
    size = (order.width, order.height)
    if not report(0.0):
        return False
    if order.kind == "png":
        return _write_png(snapshots, look, size, path, report)
    from reluviz.core.export_picture import export_picture
    from reluviz.core.partition import decompose
    from reluviz.core.reading import read_outputs, value_scale

    view = look.view(*size)
    partition = decompose(snapshots[0].network, view.bounds, view.region_budget)
    reading = read_outputs(snapshots[0].experiment, value_scale(dataset) if dataset is not None else None)
    return export_picture(
        partition,
        path,
        view,
        reading=reading,
        dataset=dataset if look.points else None,
        with_test=look.test_points,
        report=report,
    )


def _write_png(snapshots: tuple[Any, ...], look: Look, size: tuple[int, int], path: Path, report: Any) -> bool:
    from reluviz.core.png import encode_png
    from reluviz.core.whole_file import write_whole
    from reluviz.studio.film import Beat, draw_frames

    image = next(draw_frames([Beat(snapshots, look)], size))
    if not report(0.5):
        return False
    data = encode_png(image)
    if not report(0.9):
        return False
    try:
        write_whole(path, data)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None
    return True
