"""CHECKS: what reluviz needs of a machine, one function and one row each."""

import ctypes
import importlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

Status = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """One thing found: ok, a note (something optional is missing) or bad, and what to do about it."""

    check: str
    status: Status
    text: str
    advice: str = ""


PACKAGES = ("numpy", "numba", "torch", "safetensors", "pyqtgraph", "pillow", "platformdirs", "tqdm")

# Shared objects that Qt loads, and the package of Debian and Ubuntu that brings each.
DRAWING_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
SCREEN_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
_QT_PROBE = (
    "import sys; from PySide6.QtWidgets import QApplication; app = QApplication(sys.argv);"
    " screen = app.primaryScreen(); size = screen.size();"
    " print(app.platformName(), size.width(), size.height(), screen.devicePixelRatio())"
)


def check_python() -> Iterator[Finding]:
    """Python's version and the machine."""
    found = f"Python {platform.python_version()} on {platform.platform(terse=True)}, {os.cpu_count()} cores"
    yield Finding("Python", "ok", found)


def check_packages() -> Iterator[Finding]:
    """The versions of what is imported, and the one combination that crashes."""
    missing = []
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("Packages", "bad", f"Missing: {', '.join(missing)}.", f"pip install {' '.join(missing)}")
    yield Finding("Packages", "ok", ", ".join(found))
    yield check_pyside(sys.version_info[:2])


def check_pyside(python: tuple[int, int]) -> Finding:
    """PySide6, which in 6.12 aborts on Python 3.11 within a few hundred repaints."""
    try:
        installed = version("PySide6-Essentials")
    except PackageNotFoundError:
        return Finding("PySide6", "bad", "PySide6 is missing.", "pip install PySide6-Essentials")
    if pyside_crashes(installed, python):
        return Finding(
            "PySide6",
            "bad",
            f"PySide6 {installed} aborts on Python {python[0]}.{python[1]}.",
            'pip install "PySide6-Essentials<6.12", or use Python 3.12 or newer.',
        )
    return Finding("PySide6", "ok", f"PySide6 {installed}")


def pyside_crashes(installed: str, python: tuple[int, int]) -> bool:
    """Whether this PySide6 drops references to None on this Python (6.12 before Python 3.12)."""
    parts = tuple(int(part) for part in installed.split(".")[:2] if part.isdigit())
    return parts >= (6, 12) and python < (3, 12)


def check_libraries() -> Iterator[Finding]:
    """Qt's system libraries, on Linux."""
    if not sys.platform.startswith("linux"):
        return
    drawing = missing_packages(DRAWING_LIBRARIES)
    screen = missing_packages(SCREEN_LIBRARIES)
    if drawing:
        yield Finding("Libraries", "bad", "Qt's drawing libraries are missing.", _apt(drawing + screen))
    elif screen:
        yield Finding("Libraries", "bad", "Qt can draw, but cannot open a window on X11.", _apt(screen))
    else:
        yield Finding("Libraries", "ok", "Qt's system libraries are there.")


def missing_packages(libraries: dict[str, str]) -> list[str]:
    """Return the packages whose shared object cannot be loaded."""
    missing = []
    for name, package in libraries.items():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(package)
    return missing


def _apt(packages: list[str]) -> str:
    return f"sudo apt-get install -y {' '.join(packages)}   (names of Debian and Ubuntu)"


def check_qt() -> Iterator[Finding]:
    """Whether Qt starts without a screen, and with this one."""
    error, _ = _start_qt("offscreen")
    if error:
        yield Finding("Qt", "bad", f"Qt does not start even without a screen: {error}", "See the libraries above.")
        return
    is_x11 = sys.platform.startswith("linux")
    if is_x11 and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        yield Finding(
            "Screen",
            "note",
            "There is no screen here; `run`, `render`, `regions` and `bench` need none.",
            "For the window: a desktop session, or `xvfb-run -a reluviz` on a virtual screen.",
        )
        return
    error, found = _start_qt(None)
    if error:
        yield Finding("Screen", "bad", f"Qt cannot use this screen: {error}", "See the libraries above.")
    else:
        name, width, height, ratio = found.split()
        yield Finding("Screen", "ok", f"{name}, {width} x {height} at {float(ratio):g} pixels a point")


def _start_qt(platform_name: str | None) -> tuple[str, str]:
    """Start Qt in a process of its own (a missing library aborts it) and return (error, output)."""
    environment = dict(os.environ)
    if platform_name:
        environment["QT_QPA_PLATFORM"] = platform_name
    try:
        done = subprocess.run(
            [sys.executable, "-c", _QT_PROBE], env=environment, capture_output=True, text=True, timeout=60
        )
    except subprocess.TimeoutExpired:
        return "it did not answer within a minute", ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode or not done.stdout.strip():
        return (lines[-1] if lines else f"exit status {done.returncode}"), ""
    return "", done.stdout.splitlines()[-1]


def check_training() -> Iterator[Finding]:
    """Torch and its devices."""
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        yield Finding("Training", "bad", f"torch does not load: {error}", "pip install torch")
        return
    yield Finding("Training", "ok", f"torch {torch.__version__}, CPU with {torch.get_num_threads()} threads")
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
        yield Finding("GPU", "ok", f"CUDA {torch.version.cuda}: {', '.join(names)}")
    elif torch.backends.mps.is_available():
        yield Finding("GPU", "ok", "Apple's MPS")
    elif torch.version.cuda:
        yield Finding("GPU", "note", "torch is built for CUDA, but finds no device.", "Check `nvidia-smi`.")
    else:
        yield Finding("GPU", "note", "None used: this torch is built for the CPU, often the faster for nets so small.")


def check_encoder() -> Iterator[Finding]:
    """The encoder of films, which only MP4 needs."""
    try:
        av = importlib.import_module("av")
        av.codec.Codec("libx264", "w")
    except ImportError:
        yield Finding("Video", "note", "PyAV is not installed; MP4 will need it.", 'pip install "reluviz[video]"')
    except ValueError:
        yield Finding("Video", "note", "PyAV is here without H.264.", 'pip install --force-reinstall "av>=13"')
    else:
        yield Finding("Video", "ok", f"PyAV {av.__version__} with H.264")


def kernel_cache() -> Path:
    """Return the folder where numba keeps compiled kernels of reluviz."""
    import reluviz.core

    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else Path(reluviz.core.__path__[0]) / "__pycache__"


def check_cache() -> Iterator[Finding]:
    """Whether kernels are compiled and can be kept."""
    folder = kernel_cache()
    count = sum(1 for _ in folder.rglob("*.nbi")) if folder.is_dir() else 0
    parent = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    if count:
        yield Finding("Kernels", "ok", f"{count} are compiled in {folder}")
    elif os.access(parent, os.W_OK):
        yield Finding(
            "Kernels", "note", "None compiled yet: the first exact picture takes 10-20 s.", "reluviz doctor --prepare"
        )
    else:
        # numba then falls back to the user's own cache folder.
        yield Finding("Kernels", "note", f"{folder} is read-only; numba keeps them in your own cache folder instead.")


def check_files() -> Iterator[Finding]:
    """The bundled font, the folder of settings, and room on the disk."""
    from reluviz.core.resources import resource

    font = resource("fonts/Inter-Regular.otf")
    if font.is_file():
        yield Finding("Font", "ok", f"{font.name} is there")
    else:
        yield Finding("Font", "bad", f"{font} is missing.", "Install reluviz again.")
    from platformdirs import user_config_path

    folder = user_config_path("reluviz", appauthor=False)
    parent = next(p for p in (folder, *folder.parents) if p.exists())
    if os.access(parent, os.W_OK):
        yield Finding("Settings", "ok", f"kept in {folder}")
    else:
        yield Finding("Settings", "note", f"{folder} cannot be written; the window forgets where you were.")
    free = min(shutil.disk_usage(place).free for place in (parent, Path(tempfile.gettempdir()))) / 1e9
    if free < 0.5:
        yield Finding("Disk", "bad", f"{free:.1f} GB are free.", "Free at least 0.5 GB.")
    else:
        yield Finding("Disk", "ok", f"{free:.1f} GB are free")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_packages,
    check_libraries,
    check_qt,
    check_training,
    check_encoder,
    check_cache,
    check_files,
)
