"""Rings the doorbell: sends a run's id to the queue of its kind, on commit."""

import logging
from functools import partial

from django.db import transaction

from engine import run_kinds
from engine.celery import app
from engine.models import Run

logger = logging.getLogger(__name__)


def queue_is_empty(kind: str) -> bool:
    """Whether no message at all waits in the queue of `kind`: then its queued runs wait for nothing."""
    with app.connection_for_read() as connection:
        # Under Redis a queue is a list of its name.
        redis = connection.default_channel.client  # type: ignore[attr-defined]
        return bool(redis.llen(run_kinds.of(kind).queue) == 0)


def ring(run: Run) -> None:
    """Tell a worker about `run` once the transaction has committed."""
    transaction.on_commit(partial(_send, run.pk, run.kind))


def _send(run_id: int, kind: str) -> None:
    record = run_kinds.of(kind)
    try:
        app.signature(record.task, args=[run_id], queue=record.queue, retry=False).apply_async()
    except Exception:
        # The row is committed and the janitor rings again; the caller's work is not lost.
        logger.exception("Run %s is stored, but the broker did not take its message", run_id)
