"""After `prepare`, nothing that commands and the window do compiles or loads another kernel."""

import json
import subprocess
import sys

SCRIPT = """
import importlib, json, pkgutil, tempfile
from pathlib import Path
from numba.core.dispatcher import Dispatcher
import reluviz.core
from reluviz.studio.preparation import STAGES, prepare

assert len(list(prepare())) == len(STAGES)

def kernels():
    modules = [importlib.import_module(name) for name in USED]
    found = {k for module in modules for k in vars(module).values() if isinstance(k, Dispatcher)}
    return {f"{k.py_func.__module__}.{k.py_func.__name__}": len(k.signatures) for k in found}

USED = [f"reluviz.core.{m.name}" for m in pkgutil.iter_modules(reluviz.core.__path__)]
before = kernels()

from dataclasses import replace
from reluviz.core.coloring import COLORINGS
from reluviz.core.reading import value_scale
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.points import draw_points
from reluviz.core.view import View
from reluviz.engine.trainer import train

for number, (dataset, activation) in enumerate(
    [("spiral", "relu"), ("blobs", "prelu"), ("ripple", "relu6"), ("pinwheel", "step"), ("xor", "identity"),
     ("moons", "tanh"), ("pinwheel", "gelu"), ("bumps", "sin")]
):
    experiment = Experiment(dataset=dataset, activation=activation, hidden=(9, 7, 5)[number % 2 :], device="cpu")
    *_, snapshot = train(experiment, steps=3)
    data = load_dataset(experiment)
    for coloring in COLORINGS:
        for lines in ("bend", "equal", "none"):
            view = View((-1.0, 1.5, -1.0, 1.0), 80, 64, coloring, lines, palette="light", layer=0, unit=1)
            picture = make_picture(snapshot, view, value_scale(data), workers=2)
            draw_points(picture.image, view, data)
    for smooth in ("epsilon", "melt"):
        make_picture(snapshot, replace(view, smooth=smooth), value_scale(data))
    picture.partition.linear_count
    picture.partition.locate([[0.1, 0.2]])
    with tempfile.TemporaryDirectory() as folder:
        picture.partition.to_svg(Path(folder) / "a.svg")

print(json.dumps({"warm": sum(before.values()), "gained": [k for k, v in kernels().items() if v > before.get(k, 0)]}))
"""


def test_nothing_is_left_to_compile():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["warm"] > 10
    assert report["gained"] == []
