"""What README tells people to copy: that it is whole, agrees with the code, and runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from reluviz.cli import COMMANDS, Parser, main
from reluviz.commands.checks import DRAWING_LIBRARIES, SCREEN_LIBRARIES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(mark):
    """Return the code block that follows <!-- mark -->."""
    found = re.search(rf"^<!-- {mark} -->\n```\w+\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert found, mark
    return found[1]


def packages(text):
    """Return what a block installs by apt-get."""
    return set(re.search(r"apt-get install -y(.*?)&&", text, re.DOTALL)[1].replace("\\", "").split())


def test_both_commands_install_what_doctor_asks_for():
    libraries = {*DRAWING_LIBRARIES.values(), *SCREEN_LIBRARIES.values()}
    assert packages(block("start")) == libraries | {"python3-venv"}
    assert packages(block("tests")) == libraries | {"python3-venv", "xvfb", "xauth", "xdotool", "openbox"}


@pytest.mark.parametrize("mark", ["start", "tests"])
def test_each_is_one_command(mark):
    text = block(mark)
    assert subprocess.run(["bash", "-n", "-c", text], check=False).returncode == 0
    # Every line but the last goes on: copied whole, it stops where something fails.
    assert all(line.endswith(("&&", "\\")) for line in text.strip().splitlines()[:-1])


def test_ci_runs_readmes_own_command():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "block tests" in script
    assert "pytest -n" not in script
    assert "apt-get install" not in script


def test_every_command_shown_is_understood():
    from importlib import import_module

    lines = [shlex.split(line) for line in block("commands").strip().splitlines()]
    assert {words[1] for words in lines} == set(COMMANDS)
    for program, name, *words in lines:
        assert program == "reluviz"
        parser = Parser(prog=name)
        import_module(f"reluviz.commands.{name}").add_arguments(parser)
        parser.parse_args(words)


def test_the_first_commands_shown_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [shlex.split(line)[1:] for line in block("commands").strip().splitlines()]
    for words in lines:
        if words[0] in ("bench", "doctor"):
            continue
        # Fewer steps than shown: what is tried here is that each command does its work.
        quick = [word if before != "--steps" else "20" for before, word in zip(["", *words], words, strict=False)]
        assert main(quick) == 0, words
    capsys.readouterr()
    assert {path.name for path in tmp_path.iterdir()} == {
        "moons.npz",
        "regions.csv",
        "regions.svg",
        "spiral.png",
        "spiral.mp4",
        "pinwheel.gif",
    }


def test_the_python_shown_runs(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{block('python')}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "activation regions" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[-5:]] == ["0", "250", "500", "750", "1000"]
    assert (tmp_path / "regions.svg").stat().st_size > 1000
