import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from engine import events, storage
from engine.errors import InvalidInput, ObjectDamaged, StorageUnavailable
from engine.models import Damage, Masklet, Run, RunFrame, RunStatus, Video
from engine.services import runs
from tests import factories
from worker.runs import STORAGE_FAILURES, Work, perform, stopping


@pytest.fixture
def video(team: factories.Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False)


@pytest.fixture
def run(masklet: Masklet, team: factories.Team) -> Run:
    return factories.propagate_run(masklet, team.annotator)


@pytest.fixture
def being_stopped() -> Iterator[None]:
    stopping.set()
    yield
    stopping.clear()


def succeed(work: Work) -> None:
    runs.succeed(work.run, {"done": True})


def breaking(error: Exception) -> Callable[[Work], None]:
    def break_down(work: Work) -> None:
        raise error

    return break_down


def test_a_run_is_taken_done_and_ended(run: Run) -> None:
    perform(run.pk, succeed)
    run.refresh_from_db()
    assert (run.status, run.attempt, run.result) == (RunStatus.SUCCEEDED, 1, {"done": True})
    assert run.worker
    assert run.lease_until is None


def test_a_duplicated_message_does_nothing(run: Run) -> None:
    done = []
    for _ in range(3):
        perform(run.pk, lambda work: (done.append(work.run.pk), succeed(work))[1])
    assert done == [run.pk]


def test_a_message_about_a_cancelled_run_does_nothing(run: Run, team: factories.Team) -> None:
    runs.cancel(run, actor=team.annotator)
    perform(run.pk, succeed)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_an_expected_failure_speaks_for_itself(run: Run) -> None:
    perform(run.pk, breaking(InvalidInput("The frame is too small.")))
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "invalid")
    assert run.error_message == "The frame is too small."


def test_an_unexpected_failure_is_tried_three_times(run: Run) -> None:
    for attempt in (1, 2, 3):
        run.refresh_from_db()
        assert run.status == RunStatus.QUEUED
        perform(run.pk, breaking(ZeroDivisionError("secret")))
        run.refresh_from_db()
        assert run.attempt == attempt
    assert (run.status, run.error_code) == (RunStatus.FAILED, "unexpected")
    assert "ZeroDivisionError" in run.error_message
    assert "secret" not in run.error_message


def test_a_run_waits_for_an_object_store_that_does_not_answer_and_begins_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.runs.ASK_STORAGE_EVERY", 0.01)
    waited, real = [], storage.answers

    def away_for_a_while() -> bool:
        run.refresh_from_db()
        waited.append((run.status, run.result))
        return len(waited) > 3 and real()

    monkeypatch.setattr(storage, "answers", away_for_a_while)
    perform(run.pk, breaking(StorageUnavailable()))
    told = {"waits_for": "object store", "storage_failures": 1}
    assert waited == [(RunStatus.RUNNING, told)] * 4
    run.refresh_from_db()
    assert (run.status, run.attempt, run.result) == (RunStatus.QUEUED, 0, {"storage_failures": 1})
    perform(run.pk, succeed)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 1)


def test_a_store_that_answers_and_fails_again_and_again_fails_the_run_in_the_end(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does for a while whose disk was full: it takes small objects before it takes large ones."""
    monkeypatch.setattr("worker.runs.ASK_STORAGE_EVERY", 0.001)
    attempts = []
    while run.status != RunStatus.FAILED:
        perform(run.pk, breaking(StorageUnavailable()))
        run.refresh_from_db()
        attempts.append(run.attempt)
    assert attempts == [0] * STORAGE_FAILURES + [1, 2, 3]
    assert run.error_code == "storage_unavailable"


def test_a_run_does_not_wait_for_the_object_store_for_ever(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.runs.STORAGE_BACK_WITHIN", 0.05)
    monkeypatch.setattr("worker.runs.ASK_STORAGE_EVERY", 0.01)
    with closed_store(monkeypatch):
        for _ in range(3):
            perform(run.pk, breaking(StorageUnavailable()))
    run.refresh_from_db()
    assert (run.status, run.error_code, run.attempt) == (RunStatus.FAILED, "storage_unavailable", 3)


@contextmanager
def closed_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody listens where the store should be."""
    with monkeypatch.context() as patch:
        client = storage._client("http://127.0.0.1:1")
        patch.setattr(storage, "client", lambda: client)
        assert not storage.answers()
        yield
    assert storage.answers()


def test_damage_that_a_run_meets_is_entered_for_the_owners(run: Run) -> None:
    key = f"projects/{run.project_id}/masks/none.json.gz"
    perform(run.pk, breaking(ObjectDamaged("The masks are gone.", key=key)))
    damage = Damage.objects.get()
    assert (damage.project, damage.key, damage.sentence) == (run.project, key, "The masks are gone.")
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "object_damaged")


@pytest.mark.django_db(transaction=True)
def test_a_run_that_the_database_failed_is_given_back_as_soon_as_it_answers(
    transactional_db: None, run: Run
) -> None:
    def lose_the_database(work: Work) -> None:
        with connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")
        Run.objects.get(pk=run.pk)

    perform(run.pk, lose_the_database)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.QUEUED, 1)


def test_what_a_stale_worker_writes_is_refused(run: Run) -> None:
    def lose_it_meanwhile(work: Work) -> None:
        Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
        assert runs.requeue_abandoned() == 1
        assert runs.take(run.pk, worker="another") is not None
        with pytest.raises(runs.RunLost):
            work.progress(1, 2, unit="frames")
        with pytest.raises(runs.RunLost):
            runs.succeed(work.run)
        time.sleep(0.6)
        assert work.cancelled, "asking raises RunLost, which ends the work"

    perform(run.pk, lose_it_meanwhile)
    run.refresh_from_db()
    assert (run.status, run.worker, run.token) == (RunStatus.RUNNING, "another", 2)
    assert not RunFrame.objects.exists()


def test_a_heartbeat_keeps_the_lease_while_the_function_works(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "HEARTBEAT_EVERY", 0.05)
    leases = []

    def work_long(work: Work) -> None:
        for _ in range(2):
            leases.append(Run.objects.values_list("lease_until", flat=True).get(pk=run.pk))
            time.sleep(0.5)
        succeed(work)

    perform(run.pk, work_long)
    assert leases[0] < leases[1]


def test_a_wish_to_cancel_reaches_the_function(run: Run, team: factories.Team) -> None:
    def wait_for_it(work: Work) -> None:
        assert not work.cancelled
        runs.cancel(Run.objects.get(pk=run.pk), actor=team.annotator)
        until = time.monotonic() + 10
        while not work.cancelled:
            assert time.monotonic() < until
            time.sleep(0.05)
        runs.record_cancelled(work.run)

    perform(run.pk, wait_for_it)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_a_worker_that_is_stopped_gives_its_run_back_and_the_attempt_does_not_count(
    run: Run, being_stopped: None
) -> None:
    perform(run.pk, lambda work: succeed(work) if work.cancelled else None)
    run.refresh_from_db()
    assert (run.status, run.attempt, run.token) == (RunStatus.QUEUED, 0, 1)


def test_what_breaks_while_the_worker_is_stopped_is_given_back_too(run: Run, being_stopped: None) -> None:
    perform(run.pk, breaking(RuntimeError("this pool cannot kill a job")))
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.QUEUED, 0)


def test_a_silent_redis_does_not_fail_the_work(run: Run, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    events.store.cache_clear()

    def tell_a_lot(work: Work) -> None:
        work.progress(1, 2, unit="frames")
        work.tell("mask", {"frame_idx": 0})
        succeed(work)

    try:
        perform(run.pk, tell_a_lot)
    finally:
        events.store.cache_clear()
    run.refresh_from_db()
    assert (run.status, run.progress_done) == (RunStatus.SUCCEEDED, 1)
