"""`reluviz lesson`: what it prints and what it leaves with."""

import json

import pytest

from reluviz.cli import main
from reluviz.studio.lesson_file import find_lessons
from reluviz.studio.scene import read_scene

OWN = """
format = "reluviz lesson"
version = 1
title = "Own"
question = "Does it?"
[[steps]]
text = "One."
experiment = { dataset = "moons", hidden = [4], points = 50 }
training = { until = 5 }
[[steps.checks]]
measure = "accuracy"
says = "Something is right."
at_least = 0.0
[[steps]]
text = "Two."
[[steps.checks]]
measure = "region_count"
says = "There are regions."
"""


def test_a_lesson_that_holds_leaves_with_0(write, capsys):
    assert main(["lesson", "check", str(write("own.toml", OWN))]) == 0
    out = capsys.readouterr().out
    assert out.startswith("own: Own\n  ok   step 1  accuracy")
    assert "  -    step 2  region_count" in out
    assert "(measured, not judged)" in out


def test_a_broken_promise_leaves_with_1_and_a_bad_file_with_2(write, capsys):
    broken = write("broken.toml", OWN.replace("at_least = 0.0", "at_least = 1.5"))
    bad = write("bad.toml", OWN.replace("until = 5", "untill = 5"))
    assert main(["lesson", "check", str(broken)]) == 1
    assert "  FAIL step 1  accuracy" in capsys.readouterr().out
    # The others are checked all the same.
    assert main(["lesson", "check", str(bad), str(broken)]) == 2
    seen = capsys.readouterr()
    assert seen.err == (
        f"reluviz lesson: {bad}: step 1, training, untill: is no field here (did you mean until?);"
        " allowed: fresh, play, ready, steps_per_second, until.\n"
    )
    assert "FAIL" in seen.out
    assert "0 of 2 lessons pass." in seen.out


def test_json_is_nothing_but_json_and_the_same_twice(write, capsys):
    path = write("own.toml", OWN)
    printed = []
    for _ in range(2):
        assert main(["lesson", "check", "--json", str(path)]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    (report,) = json.loads(printed[0])
    assert report["passed"] is True
    assert [step["trained"] for step in report["steps"]] == [[5], [305]]
    first = report["steps"][0]["checks"][0]
    assert (first["measure"], first["passed"], first["expected"]) == ("accuracy", True, "at least 0 %")
    assert 0 <= first["measured"] <= 1


def test_the_lessons_that_come_along_are_listed(capsys):
    assert main(["lesson", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(find_lessons())
    assert main(["lesson", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [path.stem for path in find_lessons()]
    assert main(["lesson", "list", "1"]) == 2
    assert main(["lesson", "check", "no-such-lesson"]) == 2
    assert "lesson 'no-such-lesson' is unknown; allowed are 01-" in capsys.readouterr().err


def test_picture_keeps_the_moment_of_the_telling_step(write, capsys):
    path = write("own.toml", OWN.replace('question = "Does it?"', 'question = "Does it?"\ntelling = 2'))
    assert main(["lesson", "picture", str(path)]) == 0
    kept = path.with_suffix(".reluviz")
    assert capsys.readouterr().out.strip() == str(kept)
    assert read_scene(kept).snapshot.step == 305


@pytest.mark.parametrize("words", [["lesson"], ["lesson", "chekc"]])
def test_wrong_words_leave_with_2(words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
