import os
import signal
import subprocess
import sys
import time

import pytest

from reluviz.studio import recovery
from reluviz.studio.recovery import MOST_LEFT, adopt, claim, left

HOLD = """
import sys, time
from pathlib import Path
from reluviz.studio.recovery import claim
place = claim(Path(sys.argv[1]))
place.path.write_bytes(b"copy of " + str(sys.argv[2]).encode())
print(place.path.name, flush=True)
time.sleep(60)
"""


def hold(folder, name):
    """Start a process that holds a place and has written its copy."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder), name], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_what_a_killed_process_held_is_found_once(tmp_path):
    process, name = hold(tmp_path, "one")
    try:
        assert adopt(tmp_path) is None
        assert (tmp_path / name).read_bytes() == b"copy of one"
    finally:
        kill(process)
    found = adopt(tmp_path)
    assert found.read_bytes() == b"copy of one"
    assert left(tmp_path) == [found]
    assert adopt(tmp_path) is None
    assert left(tmp_path) == [found]
    assert sorted(path.name for path in tmp_path.iterdir()) == [found.name]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_living_window_keeps_its_copy_while_a_dead_one_is_adopted(tmp_path):
    alive, own = hold(tmp_path, "alive")
    dead, _ = hold(tmp_path, "dead")
    try:
        kill(dead)
        assert adopt(tmp_path).read_bytes() == b"copy of dead"
        assert (tmp_path / own).read_bytes() == b"copy of alive"
    finally:
        kill(alive)


def test_a_window_that_ends_as_it_should_leaves_nothing(tmp_path):
    place = claim(tmp_path / "deep" / "folder")
    place.path.write_bytes(b"copy")
    place.release()
    assert list(place.path.parent.iterdir()) == []
    assert adopt(place.path.parent) is None


def test_two_places_of_one_process_are_two(tmp_path):
    one, other = claim(tmp_path), claim(tmp_path)
    one.path.write_bytes(b"one")
    other.path.write_bytes(b"other")
    assert one.path != other.path
    assert adopt(tmp_path) is None
    for place in (one, other):
        place.release()


def test_copies_left_are_few_and_the_newest(tmp_path):
    for age in range(MOST_LEFT + 4):
        path = tmp_path / f"window-{age}-aa.reluviz"
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 1000 * age,) * 2)
    newest = adopt(tmp_path)
    assert newest.name == "left-0-aa.reluviz"
    assert [path.name for path in left(tmp_path)] == [f"left-{age}-aa.reluviz" for age in range(MOST_LEFT)]


def test_half_written_files_and_locks_without_copies_go(tmp_path):
    (tmp_path / "window-1-aa.lock").write_bytes(b"")
    (tmp_path / ".window-2-bb.reluviz.2.part").write_bytes(b"half")
    place = claim(tmp_path)
    own_part = tmp_path / f".{place.path.name}.{os.getpid()}.part"
    own_part.write_bytes(b"being written")
    assert adopt(tmp_path) is None
    assert {path.name for path in tmp_path.iterdir()} == {place.path.with_suffix(".lock").name, own_part.name}
    own_part.unlink()
    place.release()


def test_no_folder_has_nothing_left_and_one_that_is_a_file_says_so(tmp_path):
    assert adopt(tmp_path / "none") is None
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        claim(tmp_path / "file")


def test_where_files_cannot_be_locked_nothing_is_claimed_or_touched(tmp_path, monkeypatch):
    (tmp_path / "window-1-aa.reluviz").write_bytes(b"x")
    (tmp_path / "window-1-aa.lock").write_bytes(b"")
    monkeypatch.setattr(recovery, "_take", lambda lock: False)
    with pytest.raises(OSError, match="locked"):
        claim(tmp_path)
    assert adopt(tmp_path) is None
    assert (tmp_path / "window-1-aa.reluviz").exists()
