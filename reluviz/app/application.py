"""The one QApplication that Qt allows in a process, with its type."""

import sys

from PySide6.QtWidgets import QApplication


def application() -> QApplication:
    """Return the application that runs, made here where none does yet."""
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
