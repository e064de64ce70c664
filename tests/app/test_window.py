import math

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from reluviz.app.panel import PANELS
from reluviz.app.settings import Settings
from reluviz.app.start import Options, _first_state
from reluviz.app.state import Message
from reluviz.app.theme import apply_theme
from reluviz.app.widgets.scale import TICKS
from reluviz.app.window import Window
from reluviz.core.experiment import Experiment
from tests.app.shell import filled_window


@pytest.fixture
def make_window(store, qtbot, qapp):
    def make(width, height, scale=1.0):
        store.update(font_scale=scale)
        window = filled_window(qtbot, store, width, height)
        qtbot.wait(50)
        return window

    yield make
    apply_theme(qapp, "dark", 1.0)


class Shows(QObject):
    """Notes which windows are shown."""

    def __init__(self):
        super().__init__()
        self.windows = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(type(watched).__name__)
        return False


def test_no_other_window_flashes_up_at_the_start(make_window, qapp):
    shows = Shows()
    qapp.installEventFilter(shows)
    make_window(1280, 720)
    qapp.removeEventFilter(shows)
    assert shows.windows == ["Window"]


def test_the_canvas_has_most_of_a_small_window(make_window):
    window = make_window(1280, 720)
    assert (window.width(), window.height()) == (1280, 720)
    share = window.canvas.width() * window.canvas.height() / (1280 * 720)
    assert share >= 0.6


def test_the_canvas_has_most_of_a_large_window(make_window):
    window = make_window(1920, 1080)
    assert window.canvas.width() * window.canvas.height() / (1920 * 1080) >= 0.6


@pytest.mark.parametrize(("width", "height", "scale"), [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 2.0)])
def test_nothing_is_wider_than_its_place(make_window, width, height, scale):
    window = make_window(width, height, scale)
    assert (window.width(), window.height()) == (width, height)
    for area in window.findChildren(QScrollArea):
        assert area.widget().width() <= area.viewport().width() or not area.isVisible()
    for label in window.transport.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width() - 1, label.text()
        right = label.mapTo(window.transport, QPoint(label.width(), 0)).x()
        assert right <= window.transport.width(), label.text()


def test_type_grows_live_and_the_bar_takes_another_row(make_window, store, qtbot):
    window = make_window(1280, 720)
    low = window.transport.height()
    store.update(font_scale=2.0)
    qtbot.waitUntil(lambda: window.transport.height() > 2.5 * low)


def test_every_panel_has_a_dock_and_a_switch(make_window):
    window = make_window(1280, 720)
    assert window.panels_menu.menuAction() in window.view_menu.actions()
    titles = {action.text() for action in window.panels_menu.actions()}
    for panel in PANELS:
        assert window.docks[panel.name].windowTitle() == panel.title
        assert panel.title in titles
    window.docks[PANELS[0].name].toggleViewAction().trigger()
    assert window.docks[PANELS[0].name].isHidden()


def test_menus_are_shorter_than_a_small_screen(make_window):
    window = make_window(1280, 720)
    menus = [action.menu() for action in window.transport.menu_button.menu().actions()] + [window.panels_menu]
    assert len(menus) > 10
    for menu in menus:  # Longer ones are broken into columns and cover the window.
        assert menu.sizeHint().height() < 720 / 1.3, menu.title()


def test_chrome_goes_and_comes_back_as_it_was(make_window, store):
    window = make_window(1280, 720)
    hidden = window.docks[PANELS[0].name]
    hidden.hide()
    store.update(chrome=False)
    assert not window.transport.isVisible()
    assert not window.column_dock.isVisible()
    assert window.canvas.isVisible()
    store.update(chrome=True)
    assert window.transport.isVisible()
    assert window.column_dock.isVisible()
    assert hidden.isHidden()
    assert window.docks[PANELS[1].name].isVisible()


def test_fullscreen_follows_the_state(make_window, store):
    window = make_window(1280, 720)
    store.update(fullscreen=True)
    assert window.isFullScreen()
    store.update(fullscreen=False)
    assert not window.isFullScreen()
    window.showFullScreen()
    assert store.state.fullscreen is True
    window.showNormal()
    assert store.state.fullscreen is False


def test_the_layout_comes_back(make_window, store, qtbot):
    window = make_window(780, 560)
    window.docks[PANELS[1].name].hide()
    saved = window.layout_texts()
    window.close()
    other = Window(store)
    qtbot.addWidget(other)
    other.restore(*saved)
    other.show()
    assert (other.width(), other.height()) == (780, 560)  # The offscreen platform's screen has 800 x 600.
    assert other.docks[PANELS[1].name].isHidden()
    assert not other.docks[PANELS[0].name].isHidden()


@pytest.mark.parametrize("text", ["", "nonsense", "////"])
def test_a_layout_that_is_none_is_ignored(make_window, text):
    window = make_window(1280, 720)
    window.restore(text, text)
    assert window.column_dock.isVisible()


def test_a_dropped_file_is_opened(make_window, store, qtbot, write):
    window = make_window(1280, 720)
    path = write("scene.json", Experiment(dataset="xor").to_json())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)
    qtbot.waitUntil(lambda: store.state.experiment.dataset == "xor")


def test_messages_show_with_their_button_and_go(make_window, store, qtbot):
    window = make_window(1280, 720)
    line = window.status_line
    assert not line.button.isVisible()
    store.update(message=Message("The loss is not finite.", "error", "reset"))
    assert line.text.text() == "The loss is not finite."
    assert line.button.isVisible()
    assert line.button.text() == "Reset"
    run = store.state.run
    line.button.click()
    assert store.state.run == run + 1
    assert store.state.message.text == ""
    assert not line.button.isVisible()


def test_a_long_message_takes_the_lines_it_needs(make_window, store, qtbot):
    window = make_window(1280, 720)
    before = window.status_line.height()
    store.update(message=Message("A rather long sentence about something. " * 12, "error"))
    assert window.status_line.height() >= 2 * before * 0.8
    assert window.status_line.text.height() >= window.status_line.text.heightForWidth(window.status_line.text.width())


def test_a_note_goes_by_itself_and_an_error_stays(make_window, store, qtbot):
    window = make_window(1280, 720)
    window.status_line._forget.setInterval(10)
    store.say("Saved.")
    qtbot.waitUntil(lambda: store.state.message.text == "")
    store.say("Bad.", "error")
    qtbot.wait(50)
    assert store.state.message.text == "Bad."


def test_the_speed_goes_from_one_a_second_to_no_limit(make_window, store):
    window = make_window(1280, 720)
    assert window.transport.speed.value() == TICKS
    window.transport.speed.setValue(0)
    assert store.state.steps_per_second == 1.0
    window.transport.speed.setValue(TICKS)
    assert store.state.steps_per_second == math.inf
    store.update(steps_per_second=100.0)
    assert window.transport.speed_label.value.text() == "100 /s"
    assert 0 < window.transport.speed.value() < TICKS


def test_the_step_unit_is_chosen_in_the_bar(make_window, store):
    window = make_window(1280, 720)
    window.transport.unit.activated.emit(1)
    assert store.state.step_unit == "epoch"


INTERNAL = ("QDockWidget", "QMenu", "QAbstractItemView")  # Qt's own parts; lists belong to a named drop-down.


def test_everything_a_person_can_use_has_a_name(make_window):
    window = make_window(1280, 720)
    for widget in window.findChildren(QWidget):
        ours = type(widget) is not QWidget and not any(widget.inherits(name) for name in INTERNAL)
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(window)
        if ours and reached and not widget.objectName().startswith("qt_"):
            text = widget.text() if callable(getattr(widget, "text", None)) else ""
            assert widget.accessibleName() or text, widget


def test_the_first_state_takes_options_over_settings(qapp):
    settings = Settings(theme="light", experiment=Experiment(dataset="xor").to_dict())
    state = _first_state(Options(), settings, Experiment(dataset="moons"), "")
    assert (state.theme, state.experiment.dataset) == ("light", "moons")
    shown = _first_state(Options(projector=True), settings, Experiment(), "Broken.")
    assert (shown.theme, shown.plain_theme, shown.message.text) == ("projector", "light", "Broken.")
    waiting = _first_state(Options(), settings, Experiment(dataset="own.csv"), "")
    assert waiting.experiment.dataset == "spiral"


def test_no_window_is_left(make_window, qapp):
    make_window(1280, 720).close()
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]
