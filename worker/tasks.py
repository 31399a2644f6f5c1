"""The doors that Celery knocks at, one for each kind of run: each takes a run's id, and the rest is in the run's row.

What does the work is imported when it is called: that keeps torch out of the processes that decode, and the decoder
out of those that hold a model.
"""

import logging
import os
from importlib import import_module
from typing import Any

from celery import bootsteps
from celery.signals import celeryd_after_setup, worker_shutting_down

from engine import pulse
from engine.celery import app
from engine.run_kinds import KINDS, Kind
from worker.runs import begin_anew, perform, stopping

logger = logging.getLogger(__name__)

PULSE_EVERY = 1.0  #: seconds
GRACE = 60  #: seconds between the limit that raises and the one that kills


def _register(kind: Kind) -> None:
    soft, hard = (kind.time_limit, kind.time_limit + GRACE) if kind.time_limit else (None, None)

    @app.task(name=kind.task, soft_time_limit=soft, time_limit=hard)  # type: ignore[arg-type]
    def do(run_id: int) -> None:
        module, _, name = kind.function.partition(":")
        perform(run_id, getattr(import_module(module), name))


for _kind in KINDS.values():
    _register(_kind)


@celeryd_after_setup.connect
def _make_way(instance: Any, **_: Any) -> None:
    """Retraining takes what is left of the processor: somebody waits for all else."""
    if set(instance.app.amqp.queues.consume_from) == {"train"}:
        os.nice(15)


class Pulse(bootsteps.StartStopStep):
    """Beats in the worker's main loop; while that is busy with a run, the run's heartbeat does."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        pulse.beat()
        parent.timer.call_repeatedly(PULSE_EVERY, pulse.beat)


app.steps["consumer"].add(Pulse)


@celeryd_after_setup.connect
def _take_over(**_: Any) -> None:
    begin_anew()


@celeryd_after_setup.connect
def _load_the_model(instance: Any, **_: Any) -> None:
    """A worker that serves model queues is ready when its model is."""
    queues = set(instance.app.amqp.queues.consume_from)
    if not queues & {"gpu", "live"}:
        return
    from worker.inference import trackers

    try:
        tracker = trackers.warm_up()
    except Exception:
        logger.exception("The default checkpoint is not usable; runs that need it will fail and say why")
        return
    if "live" not in queues and tracker.checkpoint.device.type == "cpu":
        # Where clicks and propagations share the processor, the click goes first: a person waits for it.
        os.nice(5)


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stopping.set()
