"""The frames of a film: what each shows, and that it is the same every time."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from reluviz.engine.trainer import train, train_to
from reluviz.studio.cut import Cut, cut_by_steps, cut_by_time, spread
from reluviz.studio.film import Beat, Script, draw_frames
from reluviz.studio.handwriting import Handwriting
from reluviz.studio.journal import Event
from reluviz.studio.keys import Course, Key
from reluviz.studio.lettering import letter
from reluviz.studio.look import Look, look_of, widen

EXPERIMENT = Experiment(points=60, hidden=(6, 5), device="cpu")
SIZE = (160, 90)
LOOK = Look(bounds=(-1, 1, -1, 1), line_width=1.0)


def beats(look=LOOK, moments=(0, 5, 10), repeats=(1, 1, 1), **more):
    snapshots = list(train_to(EXPERIMENT, moments[1:]))
    return [Beat((one,), look, **more) for one, times in zip(snapshots, repeats, strict=True) for _ in range(times)]


def film(*arguments, **more):
    return list(draw_frames(beats(*arguments, **more), SIZE, workers=2))


def digests(images):
    return [hashlib.sha256(image).hexdigest() for image in images]


def test_two_renders_are_equal_frame_by_frame():
    look = replace(LOOK, title="Twice the same", counters=True, probe=(0.2, 0.1), pins=((0.5, 0.5),))
    click, key = Event(0, "press", place="canvas", x=0.1, y=0.2), Event(0, "key", "Ctrl+Z")
    one, other = (digests(film(look, clicks=((click, 0.2),), keys=((key, 0.1),))) for _ in range(2))
    assert one == other
    assert len(set(one)) == 3


def test_a_bare_frame_is_the_picture():
    snapshots = list(train(EXPERIMENT, steps=10, every=5))
    view = View(widen((-1, 1, -1, 1), *SIZE), *SIZE)
    for image, snapshot in zip(film(replace(LOOK, points=False)), snapshots, strict=True):
        np.testing.assert_array_equal(image, make_picture(snapshot, view).image)


def test_frames_repeat_where_there_are_fewer_steps():
    images = film(repeats=(2, 1, 3))
    assert len(images) == 6
    np.testing.assert_array_equal(images[3], images[5])
    assert (images[1] != images[2]).any()


def test_what_stands_over_a_picture_leaves_the_next_frame():
    (snapshot,) = train(EXPERIMENT, steps=0)
    click = Event(0, "press", place="canvas", x=0.0, y=0.0)
    sequence = [Beat((snapshot,), LOOK), Beat((snapshot,), LOOK, clicks=((click, 0.1),)), Beat((snapshot,), LOOK)]
    plain, marked, after = [image.copy() for image in draw_frames(sequence, SIZE)]
    assert (plain != marked).any()
    np.testing.assert_array_equal(plain, after)


def test_a_ripple_stands_where_was_clicked_and_grows():
    (snapshot,) = train(EXPERIMENT, steps=0)
    plain = next(draw_frames([Beat((snapshot,), LOOK)], SIZE))
    reach = []
    for age in (0.05, 0.3, 0.55):
        click = Event(0, "press", place="canvas", x=0.5, y=0.25)
        image = next(draw_frames([Beat((snapshot,), LOOK, clicks=((click, age),))], SIZE))
        rows, columns = np.nonzero(image != plain)
        # Two units are 90 pixels: (0.5, 0.25) lies at column 102.5, row 33.75.
        assert (columns.min() + columns.max()) / 2 == pytest.approx(102, abs=1.0)
        assert (rows.min() + rows.max()) / 2 == pytest.approx(33.25, abs=1.0)
        reach.append(columns.max() - columns.min())
    assert reach[0] < reach[1] < reach[2]


def test_panes_stand_side_by_side_each_with_its_own_picture():
    (one,) = train(EXPERIMENT, steps=0)
    (other,) = train(EXPERIMENT.edit(seed=3), steps=0)
    look = replace(LOOK, labels=("one", "other"), points=False)
    image = next(draw_frames([Beat((one, other), look)], SIZE))
    swapped = next(draw_frames([Beat((other, one), replace(look, labels=("other", "one")))], SIZE))
    np.testing.assert_array_equal(image[:, :78], swapped[:, -78:])
    assert (image[:, :78] != image[:, -78:]).any()


def test_a_moving_camera_is_followed_within_one_moment():
    (start,) = train(EXPERIMENT, steps=0)
    cut = Cut(np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3))
    keys = [Key("share", 0.0, {"bounds": (-1, 1, -1, 1)}, "linear"), Key("share", 1.0, {"bounds": (-2, 2, -2, 2)})]
    course = Course(keys, cut.steps, 30)
    script = Script([(start,)], cut, lambda at: replace(LOOK, points=False), course, SIZE, 30)
    for image, half in zip(draw_frames(script.beats(), SIZE), (1.0, 2**0.5, 2.0), strict=True):
        bounds = (-half, half, -half, half)
        view = replace(look_of(View(bounds)).view(*SIZE))
        np.testing.assert_array_equal(image, make_picture(start, view).image)


def test_keys_and_clicks_are_shown_for_as_long_as_they_last():
    (start,) = train(EXPERIMENT, steps=0)
    cut = cut_by_time(np.zeros(1), np.zeros(1, np.int64), 0.0, 4.0, 10)
    events = (Event(1.0, "key", "R"), Event(1.05, "press", place="canvas"))
    script = Script([(start,)], cut, lambda at: LOOK, Course((), cut.steps, 10), SIZE, 10, events[:1], events[1:])
    rows = list(script.beats())
    assert [index for index, beat in enumerate(rows) if beat.keys] == list(range(10, 26))
    assert [index for index, beat in enumerate(rows) if beat.clicks] == list(range(11, 17))


def test_one_beat_reads_one_moment():
    class Moments:
        def __init__(self):
            self.read = []

        def __getitem__(self, index):
            self.read.append(index)
            return (start,)

    (start,) = train(EXPERIMENT, steps=0)
    moments, cut = Moments(), cut_by_time(np.arange(40.0), np.arange(40), 0.0, 40.0, 10)
    script = Script(moments, cut, lambda at: replace(LOOK, title=f"{at:g}"), Course((), cut.steps, 10), SIZE, 10)
    beat = script.beat(215)
    assert moments.read == [21]
    assert (beat.at, beat.look.title) == (21.5, "21.5")
    assert [round(one.at, 9) for one in script.beats()] == [index / 10 for index in range(400)]


@pytest.mark.parametrize(
    ("steps", "frames", "moments", "repeats"),
    [
        (0, 1, [0], [1]),
        (9, 1, [0], [1]),
        (100, 3, [0, 50, 100], [1, 1, 1]),
        (10, 4, [0, 3, 7, 10], [1, 1, 1, 1]),
        (2, 6, [0, 1, 2], [2, 2, 2]),
    ],
)
def test_spread(steps, frames, moments, repeats):
    assert spread(steps, frames) == (moments, repeats)


def test_a_history_is_shown_evenly_by_its_steps():
    cut = cut_by_steps(np.array([0, 10, 20, 25, 90]), 0, 100, 11)
    assert cut.shown.tolist() == [0, 1, 2, 3, 3, 3, 3, 3, 3, 4, 4]
    assert cut.steps.tolist() == [0, 10, 20, 25, 25, 25, 25, 25, 25, 90, 90]


def test_a_recording_is_shown_by_its_clock_and_as_fast_as_wanted():
    times, steps = np.array([0.0, 0.5, 0.9]), np.array([0, 7, 9])
    cut = cut_by_time(times, steps, 0.0, 1.0, 10)
    assert cut.shown.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert cut_by_time(times, steps, 0.0, 1.0, 10, 2.0).shown.tolist() == [0, 0, 0, 1, 1]


def test_widen_keeps_the_middle_and_all_that_was_in_view():
    assert widen((-1, 1, -1, 1), 200, 100) == (-2, 2, -1, 1)
    assert widen((0, 4, 1, 2), 100, 100) == (0, 4, -0.5, 3.5)
    assert widen((-1, 1, -1, 1), 90, 90) == (-1, 1, -1, 1)


def test_points_by_hand_are_in_the_frame():
    edited = EXPERIMENT.edit(point_edits={"added": [[0.0, 0.9, 1]]})
    (plain,) = train(EXPERIMENT, steps=0)
    images = list(draw_frames([Beat((plain,), LOOK), Beat((replace(plain, experiment=edited),), LOOK)], SIZE))
    assert len(load_dataset(edited).points) == len(load_dataset(EXPERIMENT).points) + 1
    assert (images[0] != images[1]).any()


def blank(width=640, height=360):
    return np.full((height, width), 0xFF405060, np.uint32)


def changed(before, after):
    rows, columns = np.nonzero(before != after)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_lettering_stands_in_its_corners_and_leaves_the_rest():
    image = blank()
    letter(image, "dark", title="Regions")
    top, bottom, left, right = changed(blank(), image)
    assert top == left == 15
    assert bottom < 60
    assert right < 200
    assert (image >> 24 == 0xFF).all()
    image = blank()
    letter(image, "projector", counters=(("step", "12"), ("loss", "0.1")))
    assert changed(blank(), image)[1] == 360 - 16


def test_columns_stay_where_they_are_while_numbers_count():
    images = [blank(), blank()]
    for image, step in zip(images, ("1,111", "8,008"), strict=True):
        letter(image, "dark", counters=(("step", step), ("regions", "77")))
    differing = changed(*images)
    both = changed(blank(), images[0])
    assert differing[3] < both[3] - 60  # Nothing moves from the second column on.


def test_lettering_too_wide_for_the_frame_is_cut_short():
    for width in (16, 40, 100):
        image = blank(width, 60)
        letter(image, "dark", title="A title much too long for any of these", counters=(("step", "1,000,000"),) * 9)
        assert (image >> 24 == 0xFF).all()


def test_ink_lies_on_the_plane_of_its_pane():
    (snapshot,) = train(EXPERIMENT, steps=0)
    drawn = replace(LOOK, points=False, ink=((0, "#ff0000", ((-0.5, 0.0), (0.5, 0.0))), (1, "#00ff00", ((0.0, 0.0),))))
    plain, image = (next(draw_frames([Beat((snapshot,), look)], SIZE)) for look in (replace(LOOK, points=False), drawn))
    assert image[45, 80] == 0xFFFF0000
    rows, columns = np.nonzero(image != plain)
    assert abs(rows - 45).max() <= 5
    assert (columns.min(), columns.max()) == (pytest.approx(57, abs=5), pytest.approx(103, abs=5))
    assert not (image == 0xFF00FF00).any()


def filmed(keys, frames=12, fps=10, look=LOOK, **more):
    """Return the frames of a film that stands still but for its key frames."""
    snapshots = tuple(train(EXPERIMENT, steps=2, every=2))[-1:]
    still = np.zeros(frames, np.int64)
    cut = Cut(still, still, np.arange(frames) / fps)
    script = Script([snapshots], cut, lambda at: look, Course(keys, cut.steps, fps), SIZE, fps, **more)
    return list(draw_frames(script.beats(), SIZE))


def test_a_fade_is_the_old_picture_before_the_new_one_at_its_key_and_their_mean_between():
    keys = (Key("time", 0.8, {"coloring": "gradient", "lines": "none"}, fade=0.4),)
    frames = filmed(keys)
    old, new = filmed(()), filmed((Key("time", 0.0, keys[0].values),))
    assert digests(frames[:5]) == digests(old[:5])
    assert digests(frames[8:]) == digests(new[8:])
    assert len(set(digests(frames))) == 5
    first, last = (image.view(np.uint8).astype(int) for image in (old[0], new[0]))
    for index, share in ((5, 0.25), (6, 0.5), (7, 0.75)):
        exact = first * (1 - share) + last * share
        assert np.abs(frames[index].view(np.uint8) - exact).max() <= 0.5
    assert digests(filmed(keys)) == digests(frames)


def test_a_cut_shows_two_pictures_only():
    assert len(set(digests(filmed((Key("time", 0.8, {"coloring": "gradient"}, fade=0.0),))))) == 2


def test_ink_grows_in_a_film_of_the_canvas_and_the_laser_shows():
    hand = Handwriting()
    hand.take(0.2, {"drawing": ["plane:0", 0, [[-0.9, -0.5]]]})
    for frame in range(3, 7):
        hand.take(0.1 * frame - 0.01, {"drawn": [[-0.9 + 0.2 * frame, -0.5]]})
    hand.take(0.7, {"drawing": None, "hand": ["laser", 0], "pointer": ["plane:0", [0.0, 0.5]]})
    bare, frames = filmed(()), filmed((), hand=hand)
    changed = [int((one != other).sum()) for one, other in zip(frames, bare, strict=True)]
    assert changed[:2] == [0, 0]
    assert 0 < changed[2] < changed[3] < changed[4] < changed[5] < changed[6]
    rows = np.flatnonzero((frames[9] != bare[9]).any(axis=1))
    assert rows.max() < SIZE[1] // 2  # The stroke was taken away, the light is in the upper half.
    assert len(set(digests(frames[7:]))) == 1


def test_points_have_the_size_that_they_had_in_the_window_whatever_the_films():
    small = replace(LOOK, lines="none", boundary=False, coloring="prediction")
    snapshots = tuple(train(EXPERIMENT, steps=2, every=2))[-1:]
    shares = []
    for height in (180, 360):
        size = (2 * height, height)
        bare, pointed = (
            next(draw_frames([Beat(snapshots, replace(small, points=shown, point_size=0.03))], size))
            for shown in (False, True)
        )
        shares.append((bare != pointed).mean())
    usual = next(draw_frames([Beat(snapshots, small)], (720, 360)))
    assert shares[0] == pytest.approx(shares[1], rel=0.25)
    assert (usual != bare).mean() < 0.5 * shares[1]
