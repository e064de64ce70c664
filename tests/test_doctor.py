"""What the doctor finds."""

import json


def test_doctor_finds_what_it_looks_for(reluviz):
    status, out, _ = reluviz("doctor", "--json")
    report = json.loads(out)
    assert status == (0 if report["ready"] else 1)
    found = {finding["check"] for finding in report["findings"]}
    assert found >= {"Python", "Packages", "PySide6", "Screen", "Training", "Video", "Kernels", "Font", "Disk"}
    for finding in report["findings"]:
        assert finding["status"] in ("ok", "note", "bad")
        assert finding["status"] != "bad" or finding["advice"]


def test_doctor_knows_the_pyside_that_crashes():
    from reluviz.commands.checks import pyside_crashes

    assert pyside_crashes("6.12.0", (3, 11))
    assert pyside_crashes("6.13", (3, 11))
    assert not pyside_crashes("6.11.3", (3, 11))
    assert not pyside_crashes("6.12.0", (3, 12))


def test_doctor_names_the_package_of_a_missing_library():
    from reluviz.commands.checks import missing_packages

    assert missing_packages({"libnothing-of-that-name.so.9": "nothing9"}) == ["nothing9"]
    assert missing_packages({}) == []
