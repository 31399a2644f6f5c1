"""Machine work: how a run is asked for, taken, kept, and ended. Each step is one conditional statement."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any

import redis
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now

from engine import access, dispatch, events, lifecycle, run_kinds
from engine.errors import LostTheRace, MaskloopError, RunInProgress, WrongState
from engine.models import AuditKind, Role, Run, RunKind, RunStatus, VideoStatus
from engine.models.run import MAX_ATTEMPTS
from engine.run_kinds import Params
from engine.services import audit, quotas

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)
HEARTBEAT_EVERY = 1.5  #: seconds; three may be lost
RING_AGAIN_AFTER = timedelta(seconds=4)
LOST = (
    "The work was tried {attempts} times and the worker was lost each time. "
    "What was persisted is safe; start it again, and look at the worker's log if it happens again."
)
HUNG = (
    "The work was tried {attempts} times and stood still in the end. "
    "What was persisted is safe; start it again, and look at the worker's log if it happens again."
)


class RunLost(Exception):
    """The run is no longer this worker's: another took it, or it ended. Stop at once and write nothing."""


def request(
    *, kind: RunKind, actor: User | None, project_id: int, params: Params | None = None, **subject: Any
) -> Run:
    """Store a queued run and ring for it on commit. Raises `RunInProgress` where only one may live, and `TooManyRuns`.

    `subject` names what the kind works on (`masklet=…`); `actor` is None where no person asked.
    """
    record = run_kinds.of(kind)
    try:
        with transaction.atomic():
            if not record.always_admitted:
                quotas.admit_run(project_id)
            run = Run.objects.create(
                kind=kind,
                actor=actor,
                project_id=project_id,
                params=run_kinds.dump(kind, params),
                exclusive_key=_exclusive_key(kind, subject, params, project_id),
                **subject,
            )
    except IntegrityError as error:
        raise RunInProgress(record.busy) from error
    dispatch.ring(run)
    return run


def _exclusive_key(
    kind: RunKind, subject: dict[str, Any], params: Params | None, project_id: int
) -> str | None:
    record = run_kinds.of(kind)
    if record.exclusive_in_project:
        return f"{kind}:project {project_id}"
    if not record.exclusive:
        return None
    told = [str(getattr(params, name)) for name in record.exclusive_by]
    return ":".join([str(kind), str(subject[record.subject].pk), *told])


def take(run_id: int, *, worker: str) -> Run | None:
    """Take the queued run whose turn it is, among those of the kind that `run_id` rings for; None if none waits.

    The message is a doorbell: whose run is taken is decided here, so that a project which asks for a hundred
    waits for itself and not the others for it.
    """
    kind = Run.objects.filter(pk=run_id).values_list("kind", flat=True).first()
    while run := _next_in_turn(kind):
        if _take(run, worker=worker):
            return run
    return None


def _next_in_turn(kind: str | None) -> Run | None:
    """The oldest queued run of the project with the fewest running ones; of several, the least recently served."""
    waiting = Run.objects.queued().filter(kind=kind).order_by()
    of_project = Run.objects.filter(kind=kind, project=OuterRef("project")).order_by()
    running = (
        of_project.filter(status=RunStatus.RUNNING).values("project").annotate(n=Count("pk")).values("n")
    )
    served = of_project.filter(started_at__isnull=False).order_by("-started_at").values("started_at")[:1]
    turn = (
        waiting.values("project")
        .annotate(oldest=Min("pk"))
        .annotate(running=Coalesce(Subquery(running), 0), served=Subquery(served))
        .order_by("running", F("served").asc(nulls_first=True), "oldest")
        .values_list("oldest", flat=True)
        .first()
    )
    return Run.objects.queued().filter(pk=turn).first() if turn else None


def _take(run: Run, *, worker: str) -> bool:
    try:
        lifecycle.change(
            run,
            RunStatus.RUNNING,
            actor=None,
            reason=worker,
            worker=worker,
            attempt=F("attempt") + 1,
            token=F("token") + 1,
            lease_until=Now() + LEASE,
            started_at=Now(),
        )
    except (LostTheRace, WrongState):
        return False
    tell(run)
    return True


def heartbeat(run: Run) -> bool:
    """Keep the lease; return whether somebody asked to cancel. Raises `RunLost`."""
    if _held(run).update(lease_until=Now() + LEASE) != 1:
        raise RunLost
    return bool(Run.objects.values_list("cancel_requested", flat=True).get(pk=run.pk))


def progress(run: Run, done: int, total: int, *, unit: str) -> None:
    """Note how far `run` is, and tell it. Raises `RunLost`."""
    if _held(run).update(progress_done=done, progress_total=total, lease_until=Now() + LEASE) != 1:
        raise RunLost
    run.progress_done, run.progress_total = done, total

    def tell() -> None:
        with suppress(redis.RedisError):  # nothing is lost when nobody could be told: the row has it
            events.publish(run.pk, "progress", {"done": done, "total": total, "unit": unit})

    transaction.on_commit(tell)


def note(run: Run, **facts: Any) -> None:
    """Add to what the run's `result` says while it is under way. Raises `RunLost`."""
    run.result = run.result | facts
    if _held(run).update(result=run.result, lease_until=Now() + LEASE) != 1:
        raise RunLost


def hold(run: Run) -> None:
    """Inside a transaction: lock the run's row and make sure that it is still this worker's. Raises `RunLost`."""
    if not _held(run).select_for_update().exists():
        raise RunLost


def succeed(run: Run, result: dict[str, Any] | None = None) -> None:
    """The run has done its work. Raises `RunLost` where it is another worker's by now."""
    _end(run, RunStatus.SUCCEEDED, result=result or run.result)


@transaction.atomic
def record_cancelled(run: Run, result: dict[str, Any] | None = None) -> None:
    """The worker stopped because it was asked to; what was done stays, but half a video is none."""
    _end(run, RunStatus.CANCELLED, result=result or run.result)
    _fail_cancelled_video(run)


@transaction.atomic
def fail(run: Run, *, code: str, message: str) -> None:
    """End the run with a reason; a video whose ingest failed is FAILED for the same reason."""
    _end(run, RunStatus.FAILED, error_code=code, error_message=message)
    _fail_video(run, code=code, message=message)


@transaction.atomic
def cancel(run: Run, *, actor: User) -> Run:
    """Stop a live run: at once when nobody has taken it, else at its next frame.

    Who asked for it may, or an owner; of some kinds only owners. Raises `NotAllowed` or `WrongState`.
    """
    if run_kinds.of(run.kind).owners_cancel or run.actor_id != actor.pk:
        access.require(actor, run.project_id, Role.OWNER)
    was = run.status
    stop(run, actor=actor)
    audit.record(
        AuditKind.RUN_CANCELLED, actor=actor, subject=run, project_id=run.project_id, before={"status": was}
    )
    return run


def stop(run: Run, *, actor: User) -> Run:
    """Stop a live run on behalf of `actor`, whose right to it the caller has looked at: who holds a masklet stops
    what still works on it, whoever asked for that. Raises `WrongState`."""
    if not run.is_live:
        raise WrongState("This run has ended already.", status=run.status)
    Run.objects.live().filter(pk=run.pk).update(cancel_requested=True)
    if run.status == RunStatus.QUEUED:
        # A worker may take it in between; then that one sees the wish at its next heartbeat.
        with suppress(LostTheRace):
            _cancel_queued(run, actor=actor)
    run.refresh_from_db()
    return run


@transaction.atomic
def _cancel_queued(run: Run, *, actor: User) -> None:
    lifecycle.change(run, RunStatus.CANCELLED, actor=actor, finished_at=Now())
    _fail_cancelled_video(run)
    transaction.on_commit(lambda: tell(run))


def _fail_video(run: Run, *, code: str, message: str) -> None:
    if run_kinds.of(run.kind).fails_video and run.video is not None:
        lifecycle.change(
            run.video, VideoStatus.FAILED, actor=None, reason=code, failure_code=code, failure_message=message
        )


def _fail_cancelled_video(run: Run) -> None:
    _fail_video(
        run, code="cancelled", message="Reading this video was cancelled. Upload it again to have it."
    )


def requeue(run: Run, *, reason: str, code: str = "worker_lost", message: str = LOST) -> None:
    """Give back a run whose worker is gone; after the last attempt it fails with `code` and `message`."""
    try:
        if run.attempt >= MAX_ATTEMPTS:
            fail(run, code=code, message=message.format(attempts=run.attempt))
            return
        lifecycle.change(
            run,
            RunStatus.QUEUED,
            actor=None,
            reason=reason,
            where={"token": run.token},
            lease_until=None,
            queued_at=Now(),
        )
    except (LostTheRace, RunLost, WrongState):
        return
    tell(run)
    dispatch.ring(run)


def requeue_hung(run: Run, *, seconds: float) -> None:
    """Give back a run that its own worker has found hanging."""
    requeue(run, reason=f"no progress for {seconds:.0f} s", code="hung", message=HUNG)


def requeue_abandoned() -> int:
    """The janitor's first duty: runs whose lease has expired go back to the queue."""
    abandoned = list(Run.objects.abandoned())
    # While the database was away nobody could keep a lease: those that live have one lease's time to say so.
    if not abandoned or _database_is_young():
        return 0
    return _requeue_all(abandoned, reason="lease expired")


def requeue_of(slot: str) -> int:
    """A worker begins in `slot`, which only one can fill: what was held in that name has lost its worker."""
    held = Run.objects.filter(status=RunStatus.RUNNING, worker__startswith=f"{slot}:")
    return _requeue_all(list(held), reason="worker restarted")


def _requeue_all(lost: list[Run], *, reason: str) -> int:
    for run in lost:
        logger.warning("Run %s (%s) lost its worker %s", run.pk, run.kind, run.worker)
        requeue(run, reason=reason)
    return len(lost)


def _database_is_young() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select now() - pg_postmaster_start_time() < %s * interval '1 s'", [LEASE.total_seconds()]
        )
        return bool(cursor.fetchone()[0])


def ring_again() -> int:
    """The janitor's second duty: queued runs whose message may be lost are rung for again."""
    late = Run.objects.queued().filter(queued_at__lt=Now() - RING_AGAIN_AFTER)
    # A run may also be late because many wait before it: its message is then still in the broker.
    lost = [kind for kind in RunKind if late.filter(kind=kind).exists() and dispatch.queue_is_empty(kind)]
    waiting = list(late.filter(kind__in=lost))
    for run in waiting:
        Run.objects.queued().filter(pk=run.pk).update(queued_at=Now())
        dispatch.ring(run)
    return len(waiting)


def tell(run: Run) -> None:
    """Tell those who watch how the run stands. A silent Redis does not fail the work: the row has it all."""
    try:
        events.publish(run.pk, "status", summary(run))
    except Exception:
        logger.exception("Run %s: nobody could be told that it is %s", run.pk, run.status)


def summary(run: Run) -> dict[str, Any]:
    """What a `status` event says."""
    error = {"code": run.error_code, "message": run.error_message} if run.error_code else None
    return {
        "id": run.pk,
        "kind": run.kind,
        "status": run.status,
        "error": error,
        "result": run.result,
    }


def _held(run: Run) -> Any:
    return Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING, token=run.token)


def _end(run: Run, status: str, **values: Any) -> None:
    try:
        lifecycle.change(
            run,
            status,
            actor=None,
            where={"token": run.token},
            finished_at=Now(),
            lease_until=None,
            **values,
        )
    except (LostTheRace, WrongState) as error:
        raise RunLost from error
    transaction.on_commit(lambda: tell(run))


def describe(error: Exception) -> tuple[str, str]:
    """(code, sentence) for a run that failed: an expected failure speaks for itself, others name their type."""
    if isinstance(error, MaskloopError):
        return error.code, error.message
    return (
        "unexpected",
        f"Something unexpected happened ({type(error).__name__}). The worker's log has the details.",
    )
