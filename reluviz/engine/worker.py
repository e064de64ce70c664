"""Worker: the training process itself. It does what the newest Plan says and sends what is newest back."""

import time
import traceback
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

import torch

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.cost import ActivationCost
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.snapshot import FOREVER, Plan
from reluviz.engine.cost import measure_cost
from reluviz.engine.device import choose_device
from reluviz.engine.divergence import DivergenceError
from reluviz.engine.lock_step import LockStep, begin
from reluviz.engine.process import COST, Divergence
from reluviz.engine.trainer import Rate

OTHER_OUTPUTS = "The data or loss needs another number of outputs: training starts afresh."
OTHER_NETWORKS = "The experiments side by side need other weights: training starts afresh."
STRETCH_SECONDS = 0.004  # How long training goes on before the next look at the mailbox: the latency of a pause.
SEND_SECONDS, FLOW_SECONDS = 1 / 120, 1 / 30
# Of the time, what snapshots may take, and what those with gradient flow may: many panes send them less often.
SEND_SHARE, FLOW_SHARE = 0.15, 0.08
BURST_SECONDS = 0.1  # A limited speed makes up for at most this much lost time.
PACE_SECONDS = 0.01
"""Steps of a limited speed are taken so many seconds' worth at once: woken for each of 1,000 a second, this process
took a fifth of a processor, ten times what the steps take."""


class Interruption(Exception):
    """A newer plan waits."""


class Cost:
    """What something takes: the least of its last few times.

    On a machine that is busy with something else one snapshot may take 50 ms; the window then got three pictures a
    second, as if each were so dear.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=8)

    def add(self, seconds: float) -> float:
        """Take in another time and return the cost."""
        self._recent.append(seconds)
        return min(self._recent)


@dataclass
class Pace:
    """How many steps a limited speed allows now: saves up while time passes, spends as steps are taken."""

    allowed: float = 1.0
    since: float = field(default_factory=time.perf_counter)

    def update(self, steps_per_second: float) -> None:
        """Add what the time since the last call allows."""
        now = time.perf_counter()
        most = max(1.0, steps_per_second * BURST_SECONDS)
        self.allowed, self.since = min(self.allowed + (now - self.since) * steps_per_second, most), now

    def wait(self, steps_per_second: float) -> float:
        """Return the seconds until steps are allowed: the next, or of a high speed as many as PACE_SECONDS bring."""
        if steps_per_second <= 0.0:
            return 3600.0
        return max(0.0, (max(1.0, steps_per_second * PACE_SECONDS) - self.allowed) / steps_per_second)


class Worker:
    """Reconciles what is in training with the newest plan that arrives on `connection`."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        torch.set_num_threads(1)  # Small products gain nothing from more, and the other cores draw.
        self._connection = connection
        self._plan: Plan | None = None
        self._newest: Plan | None = None  # That came and is not followed yet.
        self._stopping = False
        self._panes: LockStep | None = None
        self._datasets: list[tuple[Experiment, Dataset]] = []
        self._device = ""
        self._halted = False  # By an error or by divergence, until a plan that differs.
        self._spent_until = -1
        self._pace, self._rate, self._last_rate = Pace(), Rate(), float("nan")
        self._stretch, self._rate_since = 1, time.perf_counter()
        self._has_credit, self._is_sent = True, True
        self._send_due, self._send_seconds = 0.0, SEND_SECONDS
        self._costs = Cost(), Cost()  # Of snapshots without and with gradient flow.
        self._has_started = False  # Whether anything of the present training was sent.
        self._flow_due = self._edit_due = 0.0
        self._cost: tuple[ActivationCost, ...] = ()
        self._unmeasured: list[str] = []
        self._told = 0  # How many frozen panes the window knows of.

    def run(self) -> None:
        """Serve until told to stop. Raises EOFError or OSError when the window is gone."""
        self._send(ready=True)
        while self._receive(self._patience()):
            self._show()
            self._train()
            self._measure()

    def _send(self, **news: Any) -> None:
        self._connection.send(news)

    # What is wanted.

    def _receive(self, timeout: float | None) -> bool:
        """Take in all messages, waiting at most `timeout` for the first; False means stop."""
        if not self._read(timeout if self._newest is None else 0.0):
            return False
        newest, self._newest = self._newest, None
        if newest:
            self._follow(newest)
        return True

    def _read(self, timeout: float | None) -> bool:
        """Note all messages, waiting at most `timeout` for the first; False means stop."""
        while not self._stopping and self._connection.poll(timeout):
            timeout = 0.0
            message = self._connection.recv()
            if message is None:
                self._stopping = True
            elif message == COST:
                self._cost, self._unmeasured = (), list(ACTIVATIONS)
            else:
                plan, credit = message
                self._newest = plan or self._newest
                self._has_credit = self._has_credit or credit
        return not self._stopping

    def _look(self) -> None:
        """Give up a long step for a plan that waits: of eight layers of 256 at 80,000 points one takes seconds."""
        if not self._read(0.0) or self._newest is not None:
            raise Interruption

    def _patience(self) -> float | None:
        """Return how long there is nothing to do but wait for a message; None is for ever."""
        waits = []
        if self._plan and self._steps_left > 0:
            speed = self._plan.steps_per_second
            waits.append(self._pace.wait(speed) if speed < float("inf") else 0.0)
        if self._unmeasured:
            waits.append(0.0)
        elif not self._is_sent and self._steps_left == 0:
            waits.append(max(0.0, self._edit_due - time.perf_counter()))
        elif not self._is_sent and self._has_credit:
            waits.append(max(0.0, self._send_due - time.perf_counter()))
        return min(waits, default=None)

    @property
    def _steps_left(self) -> int:
        if self._plan is None or self._panes is None or self._halted or self._plan.until == self._spent_until:
            return 0
        return max(0, self._plan.until - self._panes.step)

    def _follow(self, plan: Plan) -> None:
        """Make what is in training what `plan` says."""
        old, self._plan = self._plan, plan
        if old is None or plan.until != old.until:
            self._halted, self._spent_until = False, -1
            self._pace = Pace()
            self._rate_since = time.perf_counter()
        if old is not None and (plan.run, plan.experiment, plan.variants) == (old.run, old.experiment, old.variants):
            return
        self._halted = False
        try:
            self._reconcile(plan)
        except Exception as error:  # Whatever it is, the window hears it in words and this process lives on.
            # A new run that cannot start leaves nothing to train; a change that cannot be made changes nothing.
            if self._panes and self._panes.trainers[0].run != plan.run:
                self._panes = None
            self._send(error=_sentence(error))

    def _reconcile(self, plan: Plan) -> None:
        experiments = (plan.experiment, *plan.variants)
        datasets = self._load(experiments)
        if self._panes and self._has_started and self._panes.begins_again(plan, datasets):
            # At rest, figures follow an edit as often as they are seen; the window draws it without them.
            self._is_sent, self._edit_due = False, self._flow_due
            return
        self._stretch = 1
        self._costs = Cost(), Cost()
        if self._panes and self._panes.trainers[0].run == plan.run:
            if not plan.variants and len(self._panes.trainers) > 1:
                self._panes = self._panes.first_alone()
                self._tell_frozen()
            if not self._panes.fits(experiments, datasets):
                is_alone = len(experiments) == len(self._panes.trainers) == 1
                self._send(note=OTHER_OUTPUTS if is_alone else OTHER_NETWORKS)
                # "Until step N" was meant for the network that is gone.
                self._spent_until = plan.until if plan.until < FOREVER else -1
                plan = replace(plan, start=None, variant_starts=())
            elif plan.experiment.device == self._panes.trainers[0].experiment.device:
                self._panes.change(experiments, datasets)
                self._is_sent = False
                return
            else:
                start, *others = self._panes.snapshots()
                plan = replace(plan, start=start, variant_starts=tuple(others))
        device, why = choose_device(plan.experiment, datasets[0])
        self._panes = begin(plan, datasets, device)
        self._is_sent = self._has_started = False
        self._tell_frozen()
        if why != self._device:
            self._device = why
            self._send(device=why)

    def _load(self, experiments: Sequence[Experiment]) -> list[Dataset]:
        """Return each experiment's data, the same object for the same data, read again only where it changed."""
        fields = [name for name, setting in SETTINGS.items() if setting.group == "Data"]
        kept: list[tuple[Experiment, Dataset]] = []
        for experiment in experiments:
            known = (
                dataset
                for loaded, dataset in (*kept, *self._datasets)
                if all(getattr(loaded, name) == getattr(experiment, name) for name in fields)
            )
            kept.append((experiment, next(known, None) or load_dataset(experiment)))
        self._datasets = kept
        return [dataset for _, dataset in kept]

    # What is done.

    def _train(self) -> None:
        """Train for a moment, as far as plan and pace allow."""
        steps = min(self._stretch, self._steps_left)
        if steps <= 0 or self._panes is None or self._plan is None:
            return
        speed = self._plan.steps_per_second
        if speed < float("inf"):
            self._pace.update(speed)
            steps = min(steps, int(self._pace.allowed))
            self._pace.allowed -= steps
        if steps <= 0:
            return
        begin, first = time.perf_counter(), self._panes.step
        try:
            self._panes.advance(steps, self._look)
        except Interruption:
            steps = self._panes.step - first
        except DivergenceError as error:
            self._go_back(error)
            return
        except Exception as error:  # As above; the weights may be half changed.
            self._halted, self._panes = True, None
            self._send(error=_sentence(error))
            return
        self._tell_frozen()
        now = time.perf_counter()
        if steps == 0:
            return
        fitting = int(steps * STRETCH_SECONDS / max(now - begin, 1e-9))
        self._stretch = max(1, min(fitting, 2 * self._stretch))
        self._last_rate, self._rate_since = self._rate.update(steps, now - self._rate_since), now
        self._is_sent = False

    def _show(self) -> None:
        """Send the present moment where it is due: at the start, when training rests, else as often as it is taken."""
        if self._panes is None or self._is_sent:
            return
        now = time.perf_counter()
        is_due = self._has_credit and now >= self._send_due if self._steps_left > 0 else now >= self._edit_due
        if self._has_started and not is_due:
            return
        try:
            # Where training rests, the last moment is complete.
            begin = time.perf_counter()
            with_flow = not self._steps_left or begin >= self._flow_due
            snapshots = self._panes.snapshots(self._last_rate, with_flow)
        except DivergenceError as error:
            self._go_back(error)
            return
        self._is_sent, self._has_credit = True, False
        now = time.perf_counter()
        cost = self._costs[with_flow].add(now - begin)
        if with_flow:
            self._flow_due = begin + max(FLOW_SECONDS, cost / FLOW_SHARE)
        else:
            self._send_seconds = max(SEND_SECONDS, cost / SEND_SHARE)
        self._send_due = now + self._send_seconds
        self._has_started = True
        self._send(snapshot=snapshots[0], snapshots=snapshots)
        self._tell_frozen()

    def _measure(self) -> None:
        """Measure the next activation whose cost was asked for; one at a time, as training waits meanwhile."""
        if not self._unmeasured:
            return
        name, *self._unmeasured = self._unmeasured
        device = self._panes.trainers[0].device if self._panes else torch.device("cpu")
        self._cost = (*self._cost, measure_cost(name, device))
        self._send(cost=self._cost)

    def _tell_frozen(self) -> None:
        """Send which panes are frozen, where that changed."""
        frozen = self._panes.frozen if self._panes else ()
        if len(frozen) == self._told:
            return
        newest = frozen[-1] if len(frozen) > self._told else None
        self._told = len(frozen)
        told = tuple(Divergence(error.step, str(error), error.snapshot) for error in frozen)
        self._send(frozen=told)
        if newest:
            self._send(note=f"Pane {newest.snapshot.pane + 1} rests at step {newest.snapshot.step:,}: {newest}")

    def _go_back(self, error: DivergenceError) -> None:
        self._halted, self._is_sent = True, False
        self._send(diverged=Divergence(error.step, str(error), error.snapshot))


def _sentence(error: Exception) -> str:
    """Return an error as one sentence; torch's own messages run over many lines."""
    if isinstance(error, InputError):
        return str(error)
    traceback.print_exception(error)  # For whoever looks at the terminal.
    first = next(iter(str(error).strip().splitlines()), "")
    return f"Training stopped: {first or type(error).__name__}"
