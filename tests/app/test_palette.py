import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLineEdit

from reluviz.app.actions import ACTIONS
from reluviz.app.palette.ranking import ranked
from reluviz.app.palette.row_view import chosen_color
from reluviz.app.palette.rows import Row, rows_of
from reluviz.app.palette.search import match
from reluviz.app.palette.sheet import panel_rows
from reluviz.app.palette.typed import means, typed_rows
from reluviz.app.panel import PANELS
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.coloring import COLORINGS
from reluviz.core.experiment import DATASETS
from reluviz.core.palette import PALETTES
from reluviz.studio.lesson_file import find_lessons
from tests.core.test_eyes import TEXT, contrast


def open_palette(qtbot, window):
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    sheet = window.sheets.sheet
    qtbot.waitUntil(lambda: QApplication.focusWidget() is sheet.line)
    return sheet


def order(query, *titles):
    rows = [Row(title, title, "", "Command", lambda store: None) for title in titles]
    return [found.row.title for found in ranked(query, rows, [], ())]


def test_a_query_meets_beginnings_before_insides_before_scattered_letters():
    assert order("step", "Overstepping", "Step", "Last step") == ["Step", "Last step", "Overstepping"]
    assert order("pl", "Temple", "Play", "Projector lamp")[0] == "Play"
    assert order("lr", "Leaky ReLU", "Learning rate", "Colour") == ["Leaky ReLU", "Learning rate"]
    assert order("thm", "Light theme", "Path", "Them")[0] in ("Light theme", "Them")


def test_words_may_come_in_any_order_and_case():
    assert match("RATE learn", "Learning rate") is not None
    assert match("learn rate", "Learning rate").places == (0, 1, 2, 3, 4, 9, 10, 11, 12)
    assert match("rate x", "Learning rate") is None
    assert match("", "Anything").places == ()


def test_help_is_searched_but_counts_less():
    inside = match("folds", "Hidden layers", "more units folds the plane")
    assert inside is not None
    assert inside.places == ()
    assert inside.score < match("hid", "Hidden layers").score
    assert match("zebra", "Hidden layers", "more units") is None


@pytest.mark.parametrize(
    "query", ["[", "(", "\\", "*", "ß", "İ", "  ", "a" * 10_000, "\x00", "fi\N{COMBINING ACUTE ACCENT}"]
)
def test_no_query_is_too_odd(query, store):
    ranked(query, rows_of(store.state), typed_rows(query, store.state), ())


def test_what_was_used_last_comes_first(store):
    rows = rows_of(store.state)
    used = ("action:reset", "dataset:xor", "gone")
    assert [found.row.id for found in ranked("", rows, [], used)][:2] == ["action:reset", "dataset:xor"]
    assert len(ranked("", rows, [], used)) == len(rows)
    fits = [found.row.id for found in ranked("re", rows, [], ())]
    assert [found.row.id for found in ranked("re", rows, [], (fits[3],))].index(fits[3]) < 3


def test_everything_has_a_row_and_every_row_its_own_name(window, store):
    store.update(recent=("/a/one.reluviz",), sheet="commands")
    titles, rows = window.sheets.sheet.titles, window.sheets.sheet._rows
    assert len({row.id for row in rows}) == len(rows)
    assert len(titles) == len(rows)
    ids = {row.id for row in rows}
    assert {f"action:{name}" for name, row in ACTIONS.items() if row.menu and name != "commands"} <= ids
    assert {f"dataset:{name}" for name in DATASETS} <= ids
    assert {f"action:activation_{name}" for name in ACTIVATIONS} <= ids
    assert {f"view:coloring={name}" for name in COLORINGS} <= ids
    assert {f"panel:{panel.name}" for panel in PANELS} <= ids
    assert len([name for name in ids if name.startswith("lesson:")]) == len(find_lessons()) == 20
    assert {"setting:learning_rate", "setting:optimizer=sgd", "recent:/a/one.reluviz"} <= ids
    for row in rows:
        assert row.help.endswith((".", "?")), row
        assert row.title[:1].strip(), row


def test_every_row_is_found_by_its_own_title(store):
    rows = rows_of(store.state)
    for row in rows:
        assert row.id in [found.row.id for found in ranked(row.title, rows, [], ())][:6], row.title


@pytest.mark.parametrize(
    ("query", "title", "reason"),
    [
        ("learning rate 0.02", "Learning rate 0.02", ""),
        ("lr=0.5", "Learning rate 0.5", ""),
        ("learn ra 1e-3", "Learning rate 0.001", ""),
        ("learning rate 1000", "Learning rate 1000.0", "out of range; allowed is a number from 0 to 100"),
        ("learning rate 1.2.3", "Learning rate 1.2.3", "cannot be used"),
        ("hidden 12 7", "Hidden layers 12, 7", ""),
        ("hidden layers 8,8,8", "Hidden layers 8, 8, 8", ""),
        ("hidden 999", "Hidden layers [999]", "out of range"),
        ("batch 16", "Batch size 16", ""),
        ("batch seed 3", "Batch seed 3", ""),
        ("points 2.5", "Points 2.5", "cannot be used"),
        ("optimiser sg", "Optimiser SGD", ""),
        ("type size 150", "Type size, % 150", ""),
        ("type size 900", "Type size, % 900", "allowed is a number from 80 to 250"),
    ],
)
def test_a_value_can_be_typed(store, query, title, reason):
    rows = typed_rows(query, store.state)
    assert title in [row.title for row in rows]
    row = next(row for row in rows if row.title == title)
    assert reason in row.why_not
    assert bool(reason) == bool(row.why_not)


@pytest.mark.parametrize("query", ["", "learning rate", "0.01", "rate x", "play 3", "noise", "hello 4", "="])
def test_other_queries_set_nothing(store, query):
    assert [row for row in typed_rows(query, store.state) if row.kind == "Set"] == []


def test_labels_are_met_by_beginnings_in_order_or_initials():
    assert means(["learning"], "Learning rate")
    assert means(["l", "r"], "Learning rate")
    assert means(["lr"], "Learning rate")
    assert not means(["rate", "learning"], "Learning rate")
    assert not means(["earning"], "Learning rate")


def test_the_keyboard_alone_opens_finds_and_sets(window, store, qtbot):
    before = QApplication.focusWidget()
    sheet = open_palette(qtbot, window)
    qtbot.keyClicks(sheet.line, "learning rate 0.25")
    qtbot.keyClick(sheet.line, Qt.Key.Key_Return)
    assert store.state.experiment.learning_rate == 0.25
    assert store.state.sheet == ""
    assert window.sheets.sheet is None
    assert QApplication.focusWidget() is before


def test_arrows_choose_and_escape_leaves_all_as_it_was(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    qtbot.keyClicks(sheet.line, "theme")
    titles = sheet.titles
    assert len(titles) >= 3
    for _ in range(2):
        qtbot.keyClick(sheet.line, Qt.Key.Key_Down)
    assert sheet.list.currentIndex().row() == 2
    for _ in range(3):
        qtbot.keyClick(sheet.line, Qt.Key.Key_Up)
    assert sheet.list.currentIndex().row() == len(titles) - 1
    before = store.state.experiment, store.state.theme
    qtbot.keyClick(sheet.line, Qt.Key.Key_Escape)
    assert (store.state.experiment, store.state.theme) == before
    assert store.state.sheet == ""


def test_letters_in_the_line_are_no_shortcuts(window, store, qtbot):
    run = store.state.run
    sheet = open_palette(qtbot, window)
    qtbot.keyClicks(sheet.line, "r n5")
    assert sheet.line.text() == "r n5"
    assert (store.state.run, store.state.experiment.activation) == (run, ("relu",))


def test_what_cannot_be_done_says_why_and_stays_open(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    qtbot.keyClicks(sheet.line, "learning rate 1000")
    qtbot.keyClick(sheet.line, Qt.Key.Key_Return)
    assert window.sheets.sheet is sheet
    assert "out of range" in sheet.help.text()
    sheet.line.setText("undo")
    row = next(found.row for found in sheet._model.rows if found.row.id == "action:undo")
    assert row.why_not == "There is nothing to undo."


def test_a_setting_leads_to_its_control(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    qtbot.keyClicks(sheet.line, "noise")
    qtbot.keyClick(sheet.line, Qt.Key.Key_Return)
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    assert focus.accessibleName() == "Noise"


def test_panels_can_be_shown_and_hidden(window, store, qtbot):
    assert not window.docks["census"].isVisible()
    sheet = open_palette(qtbot, window)
    qtbot.keyClicks(sheet.line, "census")
    qtbot.keyClick(sheet.line, Qt.Key.Key_Return)
    assert window.docks["census"].isVisible()
    assert store.state.preferences.used[0] == "panel:census"


def test_a_click_beside_the_card_closes_it(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=sheet.rect().bottomLeft() - sheet.rect().topLeft())
    assert store.state.sheet == ""


def test_a_click_takes_a_row(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    sheet.line.setText("xor")
    place = sheet.list.visualRect(sheet._model.index(0)).center()
    qtbot.mouseClick(sheet.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert store.state.experiment.dataset == "xor"


def test_screen_readers_get_rows_in_words(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    sheet.line.setText("reset")
    index = sheet._model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Reset, Command, R"
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == ACTIONS["reset"].help
    assert QAccessible.queryAccessibleInterface(sheet.line).text(QAccessible.Text.Name) == "Search all commands"


@pytest.mark.parametrize("theme", PALETTES.values(), ids=list(PALETTES))
def test_the_chosen_row_can_be_read(theme):
    under = chosen_color(theme).name()
    assert under != theme.surface
    for color in (theme.ink, theme.accent):
        assert contrast(color, under) >= TEXT[theme.name], color
    assert contrast(theme.muted, under) >= 4.5  # What cannot be done now.


def test_it_keeps_within_the_window(window, store, qtbot):
    sheet = open_palette(qtbot, window)
    for size in ((700, 420), (1280, 720)):
        window.resize(*size)
        qtbot.waitUntil(lambda: sheet.size() == window.size())
        assert window.rect().contains(sheet._card.geometry())


def test_one_layers_width_can_be_typed(store):
    store.edit(hidden=(16, 16))
    first = typed_rows("layer 2 8", store.state)[0]
    assert first.title == "Layer 2: 8 units"
    first.run(store)
    assert store.state.experiment.hidden == (16, 8)
    assert typed_rows("layers 2 8", store.state)[0].title == "Hidden layers 2, 8"


def test_panels_are_found_by_what_people_call_them(window):
    assert ranked("network diagram", panel_rows(window), [], ())[0].row.id == "panel:network"


def test_every_colouring_says_what_it_means(store):
    rows = {row.id: row for row in rows_of(store.state)}
    assert all(rows[f"view:coloring={name}"].help == row.help for name, row in COLORINGS.items())
