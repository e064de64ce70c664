"""What lessons may name of the window is what the window has."""

from reluviz.app.canvas.tools import TOOLS
from reluviz.app.pane_words import COLUMNS
from reluviz.app.panel import PANELS
from reluviz.studio import lesson_stage


def test_names_are_those_of_the_windows_tables():
    missing = {panel.name for panel in PANELS} - set(lesson_stage.PANELS)
    assert set(lesson_stage.PANELS) <= {panel.name for panel in PANELS}
    # The lecturer's own panel is no lesson's to raise.
    assert missing <= {"lecturer"}
    assert set(lesson_stage.TOOLS) <= set(TOOLS)
    assert set(lesson_stage.COMPARED) == set(COLUMNS)
