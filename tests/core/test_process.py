import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, resource, sys, threading
from reluviz.core.process import prepare_process
if sys.argv[1] == "prepared":
    prepare_process()
import numpy as np
def draw():
    for _ in range(5):
        [np.ones(4_000_000, np.uint8) for _ in range(12)]
def work():
    draw()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    draw()
    print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before))
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc is what is set")
def test_a_prepared_process_draws_into_pages_it_already_has():
    faults = {
        how: json.loads(subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, check=True).stdout)
        for how in ("prepared", "plain")
    }
    assert faults["prepared"] < 20 < faults["plain"]
