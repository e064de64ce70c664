"""What tests of a lecture share: a window with a drawn picture and everything that floats over it."""

from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.window import Window
from tests.app.inside import drawn_store, redraw


def open_window(qtbot, qapp, width=1280, height=720, scale=1.0, **settings):
    load_fonts()
    store = drawn_store(**settings)
    store.update(font_scale=scale)
    apply_theme(qapp, "dark", scale)
    window = Window(store)
    qtbot.addWidget(window)
    window.resize(width, height)
    window.size_docks(width)
    window.show()
    qtbot.waitExposed(window)
    window.fill()
    qtbot.wait(50)
    redraw(store)
    return store, window


def lecture_of(store):
    return store.state.lecture
