"""The floors: who may import whom, read from the sources, and what is not loaded, seen in fresh processes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import reluviz

PACKAGE = Path(reluviz.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

# What each floor may import of reluviz, and what it may never import, not even late.
FLOORS = {
    "core": ({"core"}, {"torch", "PySide6", "pyqtgraph", "av"}),
    "engine": ({"core", "engine"}, {"PySide6", "pyqtgraph"}),
    "studio": ({"core", "engine", "studio"}, {"PySide6", "pyqtgraph", "torch"}),
    "app": ({"core", "engine", "studio", "app"}, {"torch"}),
    "bench": ({"core", "engine", "studio", "bench"}, {"PySide6", "pyqtgraph"}),
    "commands": ({"core", "engine", "studio", "app", "bench", "commands", "cli"}, {"PySide6", "pyqtgraph"}),
}
# (file, module): a torch module handed to `linear_regions` means that its owner has torch loaded already.
EXCEPTIONS = {("core/given.py", "reluviz.engine.model.network_from_module")}


def imports(path):
    """Yield every imported module of a file, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            # `from reluviz.core import lines` may name a module.
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_floors_import_downward_only(path):
    place = path.relative_to(PACKAGE).as_posix()
    floor = place.split("/")[0]
    if floor not in FLOORS:
        assert floor in ("__init__.py", "__main__.py", "cli.py"), f"{floor} is no floor"
        return
    allowed, forbidden = FLOORS[floor]
    for module in imports(path):
        package, _, rest = module.partition(".")
        assert package not in forbidden, f"{place} imports {module}"
        if package == "reluviz" and (place, module) not in EXCEPTIONS:
            assert rest.split(".")[0] in allowed | {"__version__"}, f"{place} imports {module}"


def loaded(code):
    """Return the top-level modules and the modules of reluviz that a fresh process has after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    return set(done.stdout.split())


def test_the_package_itself_loads_nothing_heavy():
    assert not loaded("import reluviz") & {"torch", "PySide6", "numba", "numpy"}


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["bench", "--help"], ["doctor", "--help"]])
def test_help_loads_nothing_heavy(words):
    code = (
        f"from reluviz.cli import main\ntry:\n    main({words!r})\nexcept SystemExit as end:\n    assert end.code == 0"
    )
    assert not loaded(code) & {"torch", "PySide6", "numba"}


def test_the_window_starts_without_torch_and_without_compiling():
    # numba takes 0.4 s to load, torch 1.5 s; the first window stands in less than a second.
    assert not loaded("import reluviz.app.start, reluviz.app.window, reluviz.engine.process") & {"torch", "numba"}


def test_core_loads_neither_qt_nor_torch():
    modules = [f"reluviz.core.{path.stem}" for path in (PACKAGE / "core").glob("*.py") if path.stem != "__init__"]
    found = loaded(f"import {', '.join(sorted(modules))}")
    assert set(modules) <= found
    assert not found & {"torch", "PySide6", "pyqtgraph"}


def test_studio_loads_neither_qt_nor_torch():
    modules = [f"reluviz.studio.{path.stem}" for path in (PACKAGE / "studio").glob("*.py") if path.stem != "__init__"]
    assert not loaded(f"import {', '.join(sorted(modules))}") & {"torch", "PySide6", "pyqtgraph"}


def test_every_public_name_is_there():
    for name in reluviz.__all__:
        assert getattr(reluviz, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = reluviz.nothing
    assert set(reluviz.__all__) <= set(dir(reluviz))
