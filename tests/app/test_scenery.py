"""A state as a Look that a journal holds, and back."""

from dataclasses import replace

import pytest

from reluviz.app.lecture.state import Spot, Stroke
from reluviz.app.recording.recorder import RENDER_FOUND
from reluviz.app.recording.scenery import changes_of, look_of_state, take_look
from reluviz.app.recovery.state import RESTORE
from reluviz.app.state import Message, take_theme
from reluviz.studio.lesson_file import find_lesson, read_lesson
from tests.app.shell import begun_store


@pytest.fixture
def new_store():
    return begun_store(points=60, hidden=(6, 5), device="cpu")


def test_a_look_goes_into_a_state_and_comes_out_the_same(store):
    state = take_theme(store.state, "projector")
    stroke = Stroke("plane:0", 1, ((0.0, 0.1), (0.5, 0.5)))
    state = replace(
        state,
        view=replace(state.view, bounds=(-1.0, 1.0, -1.0, 1.0), smooth="epsilon", coloring="gradient", layer=1, unit=2),
        selected=(1, 2),
        pins=((0.5, 0.5),),
        pin=0,
        log_loss=False,
        segment=(0.0, 0.0, 1.0, 1.0),
        steps_per_second=200.0,
        message=Message("A sentence.", "warning"),
        lecture=replace(
            state.lecture, strokes=(stroke,), pointer=Spot("plane:0", (0.2, 0.3)), tool="laser", counters=True
        ),
    )
    look = look_of_state(state)
    again = look_of_state(take_look(store.state, look))
    assert again == look
    assert changes_of(look, again) == {}
    assert take_look(store.state, look).view.line_width == pytest.approx(2.2)


@pytest.mark.parametrize("action", [RESTORE, RENDER_FOUND])
def test_no_film_shows_what_is_offered_after_a_crash(store, action):
    look = look_of_state(replace(store.state, message=Message("It ended unexpectedly.", "warning", action)))
    assert take_look(store.state, look).message.text == ""


@pytest.mark.parametrize(
    "window",
    [
        {"selected": [9, 9]},
        {"segment": [1, 2]},
        {"font_scale": "x"},
        {"setup": ["no_field", [1]]},
        {"ink": [["plane:0", 0, [["a", 1]]]]},
        {"pointer": 3},
        {"message": ["text", "loud"]},
        {"unknown": 1},
        {"log_loss": "yes"},
    ],
)
def test_what_does_not_fit_a_window_is_left_out(store, window):
    state = store.state
    look = replace(look_of_state(state), window=window)
    assert look_of_state(take_look(state, look)).window == look_of_state(state).window


def test_a_film_of_another_shape_shows_what_a_canvas_of_that_shape_would(store):
    view = replace(store.state.view, bounds=(-2.0, 2.0, -1.0, 1.0), width=400, height=200)
    look = look_of_state(replace(store.state, view=view))
    assert look.view(400, 200).bounds == view.bounds
    assert look.view(100, 100).bounds == (-1.0, 1.0, -1.0, 1.0)
    assert look.view(100, 200).bounds == (-1.0, 1.0, -2.0, 2.0)


def test_a_lesson_and_its_step_are_part_of_the_look(store):
    lesson = read_lesson(find_lesson("09-switches"))
    state = replace(
        store.state, lesson=replace(store.state.lesson, lesson=lesson, step=1, entered=2, guesses=((0, 1),))
    )
    look = look_of_state(state)
    taken = take_look(store.state, look).lesson
    assert (taken.lesson.title, taken.step, taken.entered, taken.guesses) == (lesson.title, 1, 2, ((0, 1),))
    assert take_look(replace(store.state, lesson=taken), look).lesson is taken
    gone = replace(look, window={"lesson": ["none.toml", 1, 2, []]})
    assert take_look(store.state, gone).lesson.lesson is None


def test_what_is_as_it_was_stays_the_same_object(store):
    strokes = tuple(Stroke("plane:0", 1, ((0.1 * index, 0.2), (0.3, 0.4))) for index in range(3))
    state = replace(store.state, lecture=replace(store.state.lecture, strokes=strokes), pins=((0.1, 0.2),))
    look = look_of_state(state)
    taken = take_look(state, look)
    assert all(getattr(taken, name) is getattr(state, name) for name in ("lecture", "view", "pins", "message"))
    one_more = (*strokes, Stroke("plane:0", 1, ((0.0, 0.0), (1.0, 1.0))))
    longer = look_of_state(replace(state, lecture=replace(state.lecture, strokes=one_more)))
    assert take_look(state, longer).lecture.strokes[:3] == strokes
    assert len(take_look(state, longer).lecture.strokes) == 4


def test_the_size_of_points_is_that_of_the_canvas(store):
    state = replace(store.state, view=replace(store.state.view, width=1200, height=700), pixel_ratio=2.0)
    assert look_of_state(state).point_size == pytest.approx(7.0 / 350)
    assert look_of_state(take_theme(state, "projector")).point_size == pytest.approx(
        1.2 * 7.0 / 350 * max(0.8, take_theme(state, "projector").font_scale) ** 0.5
    )
