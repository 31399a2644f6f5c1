"""Rings the doorbell: maps a run's kind to a task's name, its queue and its limits, and sends its id on commit."""

import logging
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from engine.celery import app
from engine.models import Run, RunKind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    task: str
    queue: str
    patience: float  #: seconds without any progress after which the work counts as hung


ROUTES = {
    RunKind.INGEST: Route("worker.tasks.ingest", "ingest", patience=300),
    RunKind.FREEZE: Route("worker.tasks.freeze", "export", patience=300),
    RunKind.EXPORT: Route("worker.tasks.export", "export", patience=300),
    # A checkpoint may have to be fetched first.
    RunKind.PREDICT: Route("worker.tasks.predict", "live", patience=180),
    RunKind.PROPAGATE: Route("worker.tasks.propagate", "gpu", patience=300),
    RunKind.FINETUNE: Route("worker.tasks.finetune", "train", patience=1800),
}


def queue_is_empty(kind: RunKind) -> bool:
    """Whether no message at all waits in the queue of `kind`: then its queued runs wait for nothing."""
    with app.connection_for_read() as connection:
        # Under Redis a queue is a list of its name.
        redis = connection.default_channel.client  # type: ignore[attr-defined]
        return bool(redis.llen(ROUTES[kind].queue) == 0)


def ring(run: Run) -> None:
    """Tell a worker about `run` once the transaction has committed."""
    transaction.on_commit(partial(_send, run.pk, RunKind(run.kind)))


def _send(run_id: int, kind: RunKind) -> None:
    route = ROUTES[kind]
    try:
        app.signature(route.task, args=[run_id], queue=route.queue, retry=False).apply_async()
    except Exception:
        # The row is committed and the janitor rings again; the caller's work is not lost.
        logger.exception("Run %s is stored, but the broker did not take its message", run_id)
