"""The lessons that come along: every number that they promise, measured headless, and what their files hold."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.commands.rehearsal import rehearse
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from reluviz.studio.lesson_file import find_lessons, read_lesson
from reluviz.studio.lesson_thumbnail import moment_path, telling_moment, thumbnail
from reluviz.studio.scene import read_scene

PATHS = find_lessons()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_promised_number_is_measured(path):
    lesson = read_lesson(path)
    judged = 0
    for done in rehearse(lesson):
        for check, result in done.results:
            assert result.passed is not False, f"step {done.number}: {check.says} {result.measured} {result.words}"
            assert not result.waiting
            assert result.words
            judged += result.passed is True
        if done.number == lesson.telling + 1:
            telling = done.moments[0]
    assert judged >= 2
    # The moment kept for pictures is that of this file as it stands: `reluviz lesson picture` renews it.
    kept = read_scene(moment_path(lesson)).snapshot
    assert (kept.experiment, kept.step, len(kept.parameters)) == (
        telling.experiment,
        telling.step,
        len(telling.parameters),
    )
    assert telling_moment(lesson).step == kept.step


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_lesson_has_what_a_lecturer_needs(path):
    lesson = read_lesson(path)
    assert len(lesson.notes.split()) >= 30
    assert lesson.question.endswith(("?", "."))
    assert any(step.prediction for step in lesson.steps)
    assert all(step.look_at and step.notes for step in lesson.steps)
    assert lesson.sources
    for source in lesson.sources:
        assert any(
            1900 < int(word) < 2030 for word in source.replace(",", " ").replace(".", " ").split() if word.isdigit()
        )
    # The first step moves, or it is laid out by hand.
    first = lesson.steps[0].stage
    assert first.training.until > 0 or first.start is not None


@pytest.mark.parametrize("palette", ["dark", "projector"])
def test_thumbnails_show_something(palette):
    for path in PATHS:
        image = thumbnail(read_lesson(path), 96, 54, palette)
        assert image.shape == (54, 96)
        assert (image >> 24 == 255).all()
        assert len(np.unique(image)) > 50, path.stem


def test_a_lesson_without_a_kept_moment_is_drawn_from_its_first_weights(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(PATHS[0].read_text(encoding="utf-8"), encoding="utf-8")
    lesson = read_lesson(path)
    assert telling_moment(lesson).step == 0
    assert thumbnail(lesson, 40, 30).shape == (30, 40)


def test_going_on_with_the_compensated_network_does_not_change_the_picture():
    before, after = list(rehearse(read_lesson(PATHS[0])))[1:3]
    assert before.moments[0].experiment.activation == ("shifted_relu",)
    assert after.moments[0].experiment.activation == ("relu",)
    assert after.moments[0].step == before.moments[0].step
    view = before.step.stage.look.apply(View(width=320, height=180))
    one, two = (make_picture(done.moments[0], view).image for done in (before, after))
    # Weights are rounded to float32, so that a line may fall into the next pixel's rounding.
    assert (one != two).mean() < 0.02


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_promises_do_not_hang_on_one_order_of_the_points(path):
    lesson = read_lesson(path)
    stages = [replace(step.stage, experiment=step.stage.experiment.edit(batch_seed=1)) for step in lesson.steps]
    steps = tuple(replace(step, stage=stage) for step, stage in zip(lesson.steps, stages, strict=True))
    failed = [
        (done.number, check.measure, result.measured)
        for done in rehearse(replace(lesson, steps=steps))
        for check, result in done.results
        if result.passed is False
    ]
    assert failed == []
