"""The doors that Celery knocks at: each takes a run's id, and the rest is in the run's row.

Imports inside the functions keep torch out of the processes that decode, and the decoder out of those that
hold a model.
"""

import logging
import os
from typing import Any

from celery import bootsteps
from celery.signals import celeryd_after_setup, worker_shutting_down

from engine import pulse
from engine.celery import app
from worker.runs import begin_anew, perform, stopping

logger = logging.getLogger(__name__)

HOUR = 3600
PULSE_EVERY = 1.0  #: seconds


# The pool of `gpu`, `live` and `train` is solo, which knows no time limits; a run that stops beating is given back.
@app.task(name="worker.tasks.ingest", soft_time_limit=2 * HOUR, time_limit=2 * HOUR + 60)
def ingest(run_id: int) -> None:
    from worker.ingest import ingest

    perform(run_id, ingest)


@app.task(name="worker.tasks.freeze", soft_time_limit=HOUR, time_limit=HOUR + 60)
def freeze(run_id: int) -> None:
    from worker.freeze import freeze

    perform(run_id, freeze)


@app.task(name="worker.tasks.export", soft_time_limit=6 * HOUR, time_limit=6 * HOUR + 60)
def export(run_id: int) -> None:
    from worker.export import export

    perform(run_id, export)


@app.task(name="worker.tasks.predict")
def predict(run_id: int) -> None:
    from worker.predict import predict

    perform(run_id, predict)


@app.task(name="worker.tasks.propagate")
def propagate(run_id: int) -> None:
    from worker.propagate import propagate

    perform(run_id, propagate)


@app.task(name="worker.tasks.finetune")
def finetune(run_id: int) -> None:
    from worker.finetune import finetune

    perform(run_id, finetune)


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
    from worker import trackers

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
