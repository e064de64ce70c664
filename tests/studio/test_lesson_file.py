"""Lessons from files: what is read, and the sentence for everything that cannot be."""

import math
import re
from pathlib import Path

import pytest

from reluviz.core.errors import InputError
from reluviz.core.view import View
from reluviz.studio.comparison import Setup
from reluviz.studio.lesson_checks import CHECKS
from reluviz.studio.lesson_file import MAX_BYTES, find_lesson, find_lessons, parse_lesson, read_lesson

TEXT = """
format = "reluviz lesson"
version = 1
title = "A title"
question = "A question?"
minutes = 4
telling = 2
notes = "For the speaker."
sources = ["Somebody: Something. 2001."]

[[steps]]
text = "The first step."
look = "Here."
notes = "Wait."
experiment = { dataset = "moons", hidden = [4, 3], activation = "shifted_relu", activation_parameter = -1.0 }
view = { coloring = "prediction", lines = "equal", bounds = [-2.0, 2.0, -1.0, 1.0] }
window = { panels = ["walk", "flow"], segment = [0, 0, 1, 1], unit = [0, 3], pins = [[0.5, 0.25]], tool = "walk" }
compare = { field = "activation_parameter", values = [-1.0, 0.0, 4.5] }
training = { until = 200, steps_per_second = 50 }
prediction = { question = "Which?", choices = ["a", "b"], answer = 2, reveal = "Because." }
[[steps.checks]]
measure = "dead_units"
says = "One is dead."
with = { layer = 1 }
pane = 3
equals = 2
tolerance = 0.5

[[steps]]
text = "The second step."
experiment = { activation = "tanh" }
training = { ready = 600 }
"""


def parsed(text=TEXT):
    return parse_lesson(text, Path("lesson.toml"))


def test_everything_that_a_file_says_is_read():
    lesson = parsed()
    first = lesson.steps[0]
    assert (lesson.name, lesson.title, lesson.minutes, lesson.telling) == ("lesson", "A title", 4.0, 1)
    assert (lesson.notes, lesson.sources) == ("For the speaker.", ("Somebody: Something. 2001.",))
    assert (first.text, first.look_at, first.notes) == ("The first step.", "Here.", "Wait.")
    assert first.prediction.choices[first.prediction.answer] == "b"
    check = first.checks[0]
    assert (check.measure, check.pane, check.at_least, check.at_most) == ("dead_units", 2, 1.5, 2.5)
    assert check.parameters == {"layer": 1}
    stage = first.stage
    assert stage.panels == ("walk", "flow")
    assert (stage.segment, stage.unit, stage.pins, stage.tool) == ((0, 0, 1, 1), (0, 3), ((0.5, 0.25),), "walk")
    assert stage.compare == Setup("activation_parameter", ((-1.0,), (0.0,), (4.5,)))
    assert [pane.activation_parameter for pane in stage.experiments] == [(-1.0,), (0.0,), (4.5,)]
    training = stage.training
    assert (training.mode, training.until, training.fresh, training.ready) == ("until", 200, True, 200)
    assert training.steps_per_second == 50


def test_experiment_and_view_stay_for_the_steps_after_and_the_rest_does_not():
    first, second = (step.stage for step in parsed().steps)
    assert second.experiment.hidden == (4, 3)
    # Another activation comes with its own parameter.
    assert second.experiment.activation_parameter == (None,)
    assert second.look == first.look
    assert second.panels == ()
    assert second.compare is None
    assert not second.training.fresh
    assert second.training.ready == 600
    assert math.isinf(second.training.steps_per_second)


def test_a_look_leaves_size_palette_and_line_width_alone():
    view = parsed().steps[0].stage.look.apply(View(width=300, palette="projector", line_width=2.2, layer=1, unit=2))
    assert (view.width, view.palette, view.line_width) == (300, "projector", 2.2)
    assert (view.coloring, view.lines, view.bounds) == ("prediction", "equal", (-2.0, 2.0, -1.0, 1.0))
    assert (view.layer, view.unit) == (-1, -1)


@pytest.mark.parametrize("change", ["hidden = [5, 3]", "seed = 1", 'dataset = "pinwheel"', 'loss = "softmax"'])
def test_other_first_weights_or_outputs_make_a_step_fresh(change):
    text = TEXT.replace('experiment = { activation = "tanh" }', f"experiment = {{ {change} }}")
    assert parsed(text).steps[1].stage.training.fresh


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "A title"', "", "lesson.toml, title: is missing; allowed: some text."),
        ('title = "A title"', 'titel = "A title"\ntitle = "B"', "titel: is no field here (did you mean title?)"),
        ('"reluviz lesson"', '"other"', 'does not begin with format = "reluviz lesson"'),
        ("version = 1", "version = 2", "written by a newer reluviz (version 2); this one reads 1."),
        ("telling = 2", "telling = 3", "telling: 3 cannot be used; allowed: a whole number from 1 to 2."),
        ('"The first step."', f'"{"word " * 61}"', "step 1, text: 61 words; allowed: at most 60"),
        ("hidden = [4, 3]", "hiden = [4]", "step 1, experiment: 'hiden' is no field of an experiment"),
        ("hidden = [4, 3]", "hidden = [0]", "step 1, experiment: hidden: 0 is out of range"),
        ('"moons"', '"moon"', "step 1, experiment: dataset: 'moon' is unknown; did you mean moons?"),
        ('"tanh"', '"than"', "step 2, experiment: activation: 'than' is unknown"),
        ('"prediction", lines', '"predict", lines', "coloring: 'predict' is unknown (did you mean prediction?)"),
        ("[-2.0, 2.0, -1.0, 1.0]", "[2.0, -2.0, -1.0, 1.0]", "step 1, view, bounds: [2.0, -2.0"),
        ('"walk", "flow"', '"walks"', "step 1, window, panels: 'walks' is unknown (did you mean walk?)"),
        ('tool = "walk"', 'tool = "hammer"', "step 1, window, tool: 'hammer' is unknown"),
        ("unit = [0, 3]", "unit = [0, 4]", "step 1, window, unit: [0.0, 4.0] is no unit"),
        ("segment = [0, 0, 1, 1]", "segment = [1, 1, 1, 1]", "step 1, window, segment: has no length"),
        ("segment = [0, 0, 1, 1]", "segment = [1, nan, 1, 1]", "window, segment: [1, nan, 1, 1] cannot be used"),
        ("values = [-1.0, 0.0, 4.5]", "values = [0.0, -1.0]", "the first one is another than the experiment's own"),
        ("values = [-1.0, 0.0, 4.5]", "values = [-1.0]", "step 1, compare: Comparing: 1 panes; allowed are 2 to 6."),
        ('field = "activation_parameter"', 'field = "points"', "step 1, compare: Comparing: 'points' cannot differ"),
        ("until = 200", "until = -1", "step 1, training, until: -1 cannot be used"),
        ("until = 200", "untill = 2", "step 1, training, untill: is no field here (did you mean until?)"),
        ("until = 200", "until = 200, ready = 300", "step 1, training, ready: step 300 is never reached"),
        ("answer = 2", "answer = 3", "step 1, prediction, answer: 3 cannot be used; allowed: a whole"),
        ('choices = ["a", "b"]', 'choices = ["a"]', "step 1, prediction, choices: 1 choices; allowed: 2 to 5"),
        ('"dead_units"', '"dead_unit"', "step 1, checks 1, measure: 'dead_unit' is unknown (did you mean dead_units?)"),
        ("layer = 1 }", "layers = 1 }", "step 1, checks 1, with, layers: is no field here (did you mean layer?)"),
        ("layer = 1 }", "layer = 1.5 }", "step 1, checks 1, with, layer: 1.5 cannot be used"),
        ("pane = 3", "pane = 4", "step 1, checks 1, pane: 4 cannot be used; allowed: a whole number from 1 to 3."),
        ("equals = 2", "equals = 2\nat_least = 1", "step 1, checks 1, equals: stands beside other bounds"),
        ("telling = 2", "telling = [", "lesson.toml: is not TOML"),
        ("telling = 2", "telling = " + "[" * 5000, "lesson.toml: is "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence_with_its_place(old, new, sentence):
    assert old in TEXT
    with pytest.raises(InputError) as caught:
        parsed(TEXT.replace(old, new, 1))
    text = str(caught.value)
    assert sentence in text
    assert text.startswith("lesson.toml")
    assert text.endswith((".", "?"))
    assert len(text) < 900


def test_a_lesson_has_two_to_six_steps():
    with pytest.raises(InputError, match="has 1 steps; allowed are 2 to 6"):
        parsed(TEXT[: TEXT.rindex("[[steps]]")].replace("telling = 2", ""))
    with pytest.raises(InputError, match="has 7 steps; allowed are 2 to 6"):
        parsed(TEXT + '[[steps]]\ntext = "More."\n' * 5)


@pytest.mark.parametrize(
    ("weights", "biases", "sentence"),
    [
        ("[[[1, 0], [0, 1]], [[1, 1]]]", "[[0, 0], [0]]", ""),
        ("[[[1, 0], [0, 1]], [[1, 1, 1]]]", "[[0, 0], [0]]", "weights do not fit the network"),
        ("[[[1, 0], [0]], [[1, 1]]]", "[[0, 0], [0]]", "weights do not fit the network"),
        ("[[[1, 0], [0, 1]], [[1, 1]]]", "[[0, 0], [0, 1]]", "weights do not fit the network"),
        ("[[[1, 0], [0, 'a']], [[1, 1]]]", "[[0, 0], [0]]", "weights: [1, 0]"),
        ("[[[1, 0], [0, 1e30]], [[1, 1]]]", "[[0, 0], [0]]", "cannot be used; allowed: finite numbers"),
    ],
)
def test_weights_given_by_hand_have_to_fit(weights, biases, sentence):
    text = TEXT.replace('{ activation = "tanh" }', '{ hidden = [2], activation = "relu" }')
    text += f"[steps.start]\nweights = {weights}\nbiases = {biases}\n"
    if not sentence:
        assert parsed(text).steps[1].stage.start.biases == ((0.0, 0.0), (0.0,))
        return
    with pytest.raises(InputError) as caught:
        parsed(text)
    assert "step 2, start" in str(caught.value)
    assert sentence in str(caught.value) or "cannot be used" in str(caught.value)


def test_files_that_are_no_lessons_are_refused(write, tmp_path):
    for path, sentence in (
        (tmp_path / "absent.toml", "there is no such file"),
        (tmp_path, "is a folder"),
        (write("big.toml", "#" * (MAX_BYTES + 1)), f"is larger than {MAX_BYTES:,} bytes"),
        (write("latin.toml", b'title = "\xe9"'), "is not UTF-8 text"),
    ):
        with pytest.raises(InputError, match=sentence):
            read_lesson(path)


def test_a_data_file_may_lie_beside_the_lesson(write):
    write("points.csv", "x,y,label\n0,0,a\n1,1,b\n0.5,0,a\n0,1,b\n")
    path = write("own.toml", TEXT.replace('"moons"', '"points.csv"'))
    assert Path(read_lesson(path).steps[0].stage.experiment.dataset) == path.parent / "points.csv"


def test_lessons_are_found_by_name_and_number():
    paths = find_lessons()
    assert len(paths) == 20
    first = paths[0]
    assert find_lesson(first.stem) == find_lesson("1") == find_lesson("01") == find_lesson(first.stem[3:]) == first
    assert find_lesson("some/where.toml") == Path("some/where.toml")
    with pytest.raises(InputError, match="lesson 'nothing' is unknown; allowed are 01-"):
        find_lesson("nothing")


def test_every_measure_is_described_and_used_by_a_lesson():
    used = {c.measure for path in find_lessons() for step in read_lesson(path).steps for c in step.checks}
    unused = set(CHECKS) - used
    # For lessons of one's own.
    assert unused <= {"first_dead_share", "gradient_ratio", "saturated_units", "zero_weights"}
    assert all(row.help.endswith(".") for row in CHECKS.values())


def test_the_guide_names_every_measure_and_its_example_is_a_lesson():
    guide = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)) >= set(CHECKS)
    example = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert len(parse_lesson(example[1], Path("example.toml")).steps) == 2
