import json
import subprocess

import numpy as np
import pytest

from reluviz.bench import geometry, timing, window
from reluviz.bench.timing import Figure, interleave
from reluviz.cli import main
from reluviz.core.errors import InputError
from reluviz.core.partition import decompose


def test_contenders_take_turns_and_the_first_round_is_thrown_away(monkeypatch):
    clock, calls = [0.0], []

    def contender(name, seconds):
        def run():
            calls.append(name)
            clock[0] += seconds[calls.count(name) - 1]

        return run

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    medians = interleave({"a": contender("a", [99, 1, 5, 3]), "b": contender("b", [0, 2, 2, 4])}, 3)
    assert calls == ["a", "b"] * 4
    assert medians == {"a": 3, "b": 2}


def test_networks_are_drawn_as_stated():
    network = geometry.he_network((2, 200, 200, 1))
    assert network.weights[1].var() == pytest.approx(2 / 200, rel=0.05)
    assert np.concatenate(network.biases).std() == pytest.approx(0.5, rel=0.1)


def test_there_is_one_point_inside_each_region():
    partition = decompose(geometry.he_network((2, 12, 12, 1)), geometry.UNIT_BOX)
    np.testing.assert_array_equal(partition.locate(geometry.inner_points(partition)), np.arange(partition.count))


def test_peers_do_the_same_work():
    network = geometry.he_network((2, 16, 16, 1))
    partition = decompose(network, geometry.UNIT_BOX)
    points = geometry.inner_points(partition)
    np.testing.assert_allclose(geometry.torch_evaluation(network, points)().numpy(), network.forward(points), rtol=1e-9)
    pytest.importorskip("regioncam")
    # An engine in float32: it may lose a sliver, no more.
    assert geometry.regioncam_decomposition(network)() == pytest.approx(partition.count, rel=0.01)


def test_a_box_is_found_that_holds_so_many_regions():
    network = geometry.he_network((2, 32, 32, 1))
    box = geometry.box_with(network, 400, 1.5)
    assert decompose(network, box).count == pytest.approx(400, rel=0.03)
    assert box[1] == pytest.approx(1.5 * box[3])


def test_the_plain_loop_and_the_trainer_start_from_the_same_experiment(monkeypatch):
    import torch

    from reluviz.bench import training
    from reluviz.core.experiment import Experiment

    losses = []
    kept = torch.nn.BCEWithLogitsLoss.forward

    def forward(self, scores, targets):
        loss = kept(self, scores, targets)
        losses.append(loss.item())
        return loss

    monkeypatch.setattr(torch.nn.BCEWithLogitsLoss, "forward", forward)
    training.plain_loop(Experiment(dataset="circle", device="cpu"))()
    assert len(losses) == training.STEPS
    assert np.mean(losses[-20:]) < 0.5 * np.mean(losses[:20])


def test_the_windows_rows_become_figures(monkeypatch):
    row = {"name": "window_start", "what": "first paint", "value": 0.8, "unit": "s", "reach": "<= 1 s", "met": True}
    asked = []

    def answer(command, **_):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, json.dumps({"figures": [row]}), "")

    monkeypatch.setattr(window.subprocess, "run", answer)
    assert list(window.window(2)) == [Figure("window_start", "first paint", 0.8, "s", "<= 1 s", True)]
    assert asked[0][-3:] == ["--json", "--minutes", "2"]
    monkeypatch.setattr(window.subprocess, "run", lambda c, **_: subprocess.CompletedProcess(c, 1, "", "a\nno Qt here"))
    with pytest.raises(InputError, match="could not be measured: no Qt here"):
        list(window.window())


def test_bench_prints_only_json(monkeypatch, capsys):
    figure = Figure("one", "what", 2.0, "x", ">= 1 x", True, {"peer_seconds": 0.5})
    monkeypatch.setattr(geometry, "geometry", lambda: iter([figure]))
    assert main(["bench", "geometry", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["figures"] == [
        {"name": "one", "what": "what", "value": 2.0, "unit": "x", "reach": ">= 1 x", "met": True}
        | {"beside": {"peer_seconds": 0.5}}
    ]
    assert report["machine"]["cores"] >= 1
    assert main(["bench", "geometry"]) == 0
    assert "reached  one: 2 x (to reach: >= 1 x)\n         what\n         peer 500 ms" in capsys.readouterr().out
