"""What every test stands on: no screen, no thread but one in torch's and BLAS's pools, examples that repeat."""

import os

import pytest
from hypothesis import settings

# Set before Qt, numpy's BLAS or torch is imported; two test processes on two cores need no more threads each.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Kernels compile within a first example, so no example has a deadline; examples repeat from run to run.
settings.register_profile("reluviz", deadline=None, derandomize=True)
settings.load_profile("reluviz")


@pytest.fixture
def write(tmp_path):
    """Write a file of the given name and content (text or bytes) and return its path."""

    def write_file(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def reluviz(capsys):
    """Run a command line in this process and return (status, stdout, stderr)."""

    from reluviz.cli import main

    def run(*words):
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return status, out, err

    return run
