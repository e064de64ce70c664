import multiprocessing
import threading

import numpy as np
import torch

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Plan
from reluviz.engine.training import Trainer
from reluviz.engine.worker import Worker

BASE = Experiment(dataset="gaussians", points=40, hidden=(6,), device="cpu", learning_rate=0.05)
CORNER = {"added": [[0.9, -0.9, 1]] * 20 + [[0.9, 0.9, 0]] * 20}


def test_painted_points_are_trained_on_without_a_new_start():
    plain, painted = (Trainer(BASE, load_dataset(BASE)) for _ in range(2))
    for trainer in (plain, painted):
        trainer.advance(30)
    edited = BASE.edit(point_edits=CORNER)
    assert BASE.same_start(edited)
    before = painted.parameters
    painted.change(edited, load_dataset(edited))
    assert np.array_equal(painted.parameters, before)
    for trainer in (plain, painted):
        trainer.advance(400)
    f = [trainer.snapshot().network.forward(np.array([[0.9, -0.9], [0.9, 0.9]])) for trainer in (plain, painted)]
    right = [(value[0, 0] > 0) and (value[1, 0] < 0) for value in f]
    assert right == [False, True]


def test_the_worker_takes_edits_into_the_same_run():
    threads = torch.get_num_threads()
    ours, theirs = multiprocessing.Pipe()
    thread = threading.Thread(target=Worker(theirs).run)
    thread.start()

    def news(name, wanted=lambda value: True):
        while ours.poll(60):
            received = ours.recv()
            if name in received and wanted(received[name]):
                return received[name]
            ours.send((None, True))
        raise TimeoutError(name)

    edited = BASE.edit(point_edits=CORNER)
    ours.send((Plan(BASE, 1, 20), True))
    first = news("snapshot", lambda snapshot: snapshot.step == 20)
    ours.send((Plan(edited, 1, 20), True))
    second = news("snapshot", lambda snapshot: snapshot.experiment == edited)
    assert second.step == 20
    assert np.array_equal(second.parameters, first.parameters)
    assert second.train_loss > 1.5 * first.train_loss
    ours.send((Plan(BASE.edit(point_edits={"erased": list(range(40))}), 1, 20), True))
    assert "no training point is left" in news("error")
    ours.send(None)
    thread.join(60)
    assert not thread.is_alive()
    ours.close()
    theirs.close()
    torch.set_num_threads(threads)
