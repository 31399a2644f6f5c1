from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db.models.functions import Now
from django.test import TestCase

from engine.errors import NotAllowed, NotFound, RunInProgress, WrongState
from engine.models import Run, RunKind, RunStatus, Video, VideoStatus
from engine.models.run import MAX_ATTEMPTS
from engine.services import ingest, runs
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(team: factories.Team) -> Run:
    video = factories.ready_video(team.project, team.owner, stored=False)
    masklet = factories.masklet(video, team.annotator)
    factories.click(masklet, team.annotator)
    return factories.propagate_run(masklet, team.annotator)


def lose_its_worker(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))


def taken(run: Run) -> Run:
    mine = runs.take(run.pk, worker="test")
    assert mine is not None
    return mine


def test_only_the_first_of_two_messages_takes_the_run(run: Run) -> None:
    assert runs.take(run.pk, worker="first") is not None
    assert runs.take(run.pk, worker="second") is None


def test_a_message_about_a_run_that_never_was_is_ignored(db: None) -> None:
    assert runs.take(10**12, worker="test") is None


def test_a_run_whose_worker_died_is_taken_by_another_with_a_higher_token(run: Run) -> None:
    dead = taken(run)
    lose_its_worker(dead)
    assert runs.requeue_abandoned() == 1
    alive = taken(run)
    assert (alive.token, alive.attempt) == (dead.token + 1, 2)


def test_a_worker_that_comes_back_from_the_dead_writes_nothing(run: Run) -> None:
    dead = taken(run)
    lose_its_worker(dead)
    runs.requeue_abandoned()
    alive = taken(run)
    for write in (
        lambda: runs.heartbeat(dead),
        lambda: runs.progress(dead, 1, 2, unit="frames"),
        lambda: runs.succeed(dead),
        lambda: runs.fail(dead, code="late", message="Too late."),
        lambda: runs.hold(dead),
    ):
        with pytest.raises(runs.RunLost):
            write()
    alive.refresh_from_db()
    assert alive.status == RunStatus.RUNNING


def test_after_the_last_attempt_the_run_fails_with_a_reason(run: Run) -> None:
    for _ in range(MAX_ATTEMPTS):
        lose_its_worker(taken(run))
        runs.requeue_abandoned()
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")
    assert "What was persisted is safe" in run.error_message


def test_a_run_with_a_kept_lease_is_left_alone(run: Run) -> None:
    runs.heartbeat(taken(run))
    assert runs.requeue_abandoned() == 0


def test_a_queued_run_is_cancelled_at_once_and_cannot_be_taken(run: Run, team: factories.Team) -> None:
    assert runs.cancel(run, actor=team.annotator).status == RunStatus.CANCELLED
    assert runs.take(run.pk, worker="test") is None


def test_a_running_run_hears_of_the_wish_to_cancel_at_its_heartbeat(run: Run, team: factories.Team) -> None:
    mine = taken(run)
    assert runs.heartbeat(mine) is False
    runs.cancel(Run.objects.get(pk=run.pk), actor=team.annotator)
    assert runs.heartbeat(mine) is True


def test_a_run_that_has_ended_cannot_be_cancelled(run: Run, team: factories.Team) -> None:
    runs.succeed(taken(run))
    with pytest.raises(WrongState):
        runs.cancel(Run.objects.get(pk=run.pk), actor=team.annotator)


def test_a_masklet_has_one_live_propagation(run: Run, team: factories.Team) -> None:
    assert run.masklet is not None
    with pytest.raises(RunInProgress):
        factories.propagate_run(run.masklet, team.annotator)
    runs.succeed(taken(run))
    factories.propagate_run(run.masklet, team.annotator)


def grow_late(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(queued_at=Now() - runs.RING_AGAIN_AFTER - timedelta(seconds=1))


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    found = redis.Redis.from_url(settings.REDIS_URL)
    found.delete("gpu")
    yield found
    found.delete("gpu")
    found.close()


def test_queued_runs_whose_message_was_lost_are_rung_for_again(run: Run, broker: redis.Redis) -> None:
    assert runs.ring_again() == 0
    grow_late(run)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert runs.ring_again() == 1
    assert broker.llen("gpu") == 1
    assert runs.ring_again() == 0


def test_runs_that_only_wait_their_turn_are_not_rung_for_again(run: Run, broker: redis.Redis) -> None:
    broker.lpush("gpu", "a message")
    grow_late(run)
    assert runs.ring_again() == 0


def test_a_failed_ingest_fails_its_video_for_the_same_reason(team: factories.Team) -> None:
    video = factories.video(team.project, team.owner)
    mine = taken(ingest.start(video, actor=team.owner))
    assert mine.kind == RunKind.INGEST
    runs.fail(mine, code="no_video", message="This file holds no video.")
    failed = Video.objects.get(pk=video.pk)
    assert (failed.status, failed.failure_code, failed.failure_message) == (
        VideoStatus.FAILED,
        "no_video",
        "This file holds no video.",
    )


def test_a_run_is_stopped_by_who_asked_or_by_an_owner_alone(team: factories.Team, run: Run) -> None:
    for person in (team.reviewer, team.second_annotator):
        with pytest.raises(NotAllowed):
            runs.cancel(run, actor=person)
    with pytest.raises(NotFound):
        runs.cancel(run, actor=team.stranger)
    run.refresh_from_db()
    assert (run.status, run.cancel_requested) == (RunStatus.QUEUED, False)
    assert runs.cancel(run, actor=team.annotator).status == RunStatus.CANCELLED
    video = factories.video(team.project, team.owner)
    ingesting = ingest.start(video, actor=team.owner)
    with pytest.raises(NotAllowed):
        runs.cancel(ingesting, actor=team.reviewer)
    video.refresh_from_db()
    assert video.status == VideoStatus.EXTRACTING


def test_leases_that_ran_out_while_the_database_was_away_are_forgiven(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.take(run.pk, worker="w")
    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    monkeypatch.setattr(runs, "LEASE", timedelta(days=365))  # as if it had come up within one lease
    assert runs.requeue_abandoned() == 0
    monkeypatch.setattr(runs, "LEASE", timedelta(0))
    assert runs.requeue_abandoned() == 1


def _asked_by(team: factories.Team, count: int) -> list[Run]:
    return [
        runs.request(
            kind=RunKind.INGEST,
            actor=team.owner,
            project_id=team.project.pk,
            video=factories.video(team.project, team.owner),
        )
        for _ in range(count)
    ]


def test_a_project_that_asks_for_much_waits_for_itself(team: factories.Team) -> None:
    other = factories.team()
    flood, small = _asked_by(team, 4), _asked_by(other, 2)
    order = [runs.take(message.pk, worker="w") for message in [*flood, *small]]
    assert [run.pk if run else None for run in order] == [
        run.pk for run in (flood[0], small[0], flood[1], small[1], flood[2], flood[3])
    ]


def test_of_two_projects_without_running_work_the_longer_unserved_one_goes_first(
    team: factories.Team,
) -> None:
    other = factories.team()
    flood, small = _asked_by(team, 3), _asked_by(other, 1)
    first = taken(flood[0])
    runs.succeed(first)
    assert first.pk == flood[0].pk
    assert taken(flood[1]).pk == small[0].pk


def test_a_message_rings_for_its_own_kind_alone(run: Run, team: factories.Team) -> None:
    (video,) = _asked_by(team, 1)
    assert taken(video).pk == video.pk
    assert runs.take(video.pk, worker="w") is None
    assert taken(run).pk == run.pk
