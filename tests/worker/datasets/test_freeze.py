"""A release holds what was accepted when its freeze was asked for, whatever happens until it is written."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from engine import lifecycle
from engine.errors import RunInProgress, WrongState
from engine.models import (
    FreezePart,
    Masklet,
    MaskletStatus,
    Release,
    ReleaseItem,
    ReleaseStatus,
    Run,
    RunStatus,
    Video,
)
from engine.services import releases, runs
from tests import factories
from tests.app import App
from tests.factories import Team
from verification.services import queue, verdicts
from worker.datasets.freeze import freeze
from worker.runs import Work, perform


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False, frames=2)


@pytest.fixture
def accepted(video: Video, team: Team) -> list[Masklet]:
    return [factories.accepted_masklet(video, team) for _ in range(5)]


@pytest.fixture
def run(accepted: list[Masklet], team: Team, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Of five masklets, in three parts."""
    monkeypatch.setattr(releases, "PART", 2)
    return asked(team)


def asked(team: Team) -> Run:
    release = releases.create_release(actor=team.owner, project=team.project, name="first")
    return releases.freeze(actor=team.owner, release=release)


def items(run: Run) -> dict[int, int]:
    return dict(ReleaseItem.objects.filter(release=run.release).values_list("masklet_id", "revision_id"))


def pins(masklets: list[Masklet]) -> dict[int, int | None]:
    return {masklet.pk: masklet.revision_id for masklet in masklets}


def release_of(run: Run) -> Release:
    return Release.objects.get(runs=run)


def status_of(run: Run) -> tuple[str, str]:
    run.refresh_from_db()
    return run.status, release_of(run).status


def test_what_was_accepted_is_pinned_at_its_revision(run: Run, accepted: list[Masklet]) -> None:
    assert items(run) == {}
    perform(run.pk, freeze)
    assert status_of(run) == (RunStatus.SUCCEEDED, ReleaseStatus.FROZEN)
    assert (run.progress_done, run.progress_total, run.result) == (5, 5, {"masklets": 5})
    assert items(run) == pins(accepted)
    release = release_of(run)
    assert (release.masklet_count, release.video_count) == (5, 1)
    assert release.frozen_at is not None
    assert not FreezePart.objects.exists()


def test_it_is_one_moment_whatever_is_reviewed_meanwhile(
    run: Run, accepted: list[Masklet], video: Video, team: Team
) -> None:
    before = pins(accepted)
    reopened, rejected = accepted[1], accepted[4]
    for masklet in (reopened, rejected):
        lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=team.owner, reason="Looks wrong.")
    lifecycle.change(rejected, MaskletStatus.REJECTED, actor=team.reviewer)
    factories.revision(reopened, team.annotator)
    lifecycle.change(reopened, MaskletStatus.ACCEPTED, actor=team.reviewer)
    factories.accepted_masklet(video, team)
    perform(run.pk, freeze)
    assert items(run) == before


def test_a_freeze_that_breaks_down_goes_on_after_its_last_part(
    run: Run, accepted: list[Masklet], monkeypatch: pytest.MonkeyPatch
) -> None:
    pin, parts = releases.pin, []

    def break_at_the_second(of: Run, part: int) -> None:
        pin(of, part)
        parts.append(part)
        if len(parts) == 2:
            raise ZeroDivisionError

    monkeypatch.setattr(releases, "pin", break_at_the_second)
    perform(run.pk, freeze)
    assert (status_of(run)[0], len(items(run)), run.progress_done) == (RunStatus.QUEUED, 2, 2)
    perform(run.pk, freeze)
    assert status_of(run) == (RunStatus.SUCCEEDED, ReleaseStatus.FROZEN)
    assert parts == [0, 1, 1, 2]
    assert items(run) == pins(accepted)


def test_a_stopped_freeze_leaves_a_draft_that_may_be_frozen_anew(
    run: Run, accepted: list[Masklet], team: Team, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        cancelled = iter([False, True])
        patch.setattr(Work, "cancelled", property(lambda work: next(cancelled)))
        perform(run.pk, freeze)
    assert status_of(run) == (RunStatus.CANCELLED, ReleaseStatus.DRAFT)
    assert items(run) == {}
    assert not FreezePart.objects.exists()
    later = factories.accepted_masklet(video, team)
    again = releases.freeze(actor=team.owner, release=release_of(run))
    perform(again.pk, freeze)
    assert items(again) == pins([*accepted, later])


def test_what_a_failed_freeze_left_is_not_in_the_next(
    run: Run, accepted: list[Masklet], team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = runs.take(run.pk, worker="here")
    assert taken is not None
    releases.pin(taken, 0)
    runs.fail(taken, code="hung", message="It stood still.")
    lifecycle.change(accepted[0], MaskletStatus.IN_VERIFICATION, actor=team.owner, reason="Looks wrong.")
    again = releases.freeze(actor=team.owner, release=release_of(run))
    perform(again.pk, freeze)
    assert items(again) == pins(accepted[1:])


def test_a_release_is_frozen_once_and_not_empty(run: Run, team: Team) -> None:
    release = release_of(run)
    with pytest.raises(RunInProgress, match="being frozen already"):
        releases.freeze(actor=team.owner, release=release)
    perform(run.pk, freeze)
    with pytest.raises(WrongState, match="never changes"):
        releases.freeze(actor=team.owner, release=release)
    Masklet.objects.update(status=MaskletStatus.REJECTED)
    with pytest.raises(WrongState, match="nothing to freeze"), transaction.atomic():
        releases.freeze(
            actor=team.owner,
            release=releases.create_release(actor=team.owner, project=team.project, name="empty"),
        )


@pytest.mark.parametrize("written", [False, True])
def test_a_verdict_is_not_taken_back_once_a_freeze_has_seen_it(
    team: Team, video: Video, written: bool
) -> None:
    masklet = factories.accepted_masklet(video, team)
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=team.owner, reason="Looks wrong.")
    review = queue.claim(actor=team.reviewer, masklet_id=masklet.pk)
    verdict = verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    run = asked(team)
    if written:
        perform(run.pk, freeze)
    with pytest.raises(WrongState, match="first holds this masklet"):
        verdicts.undo(actor=team.reviewer, verdict_id=verdict.pk)
    if not written:
        runs.cancel(run, actor=team.owner)
        assert verdicts.undo(actor=team.reviewer, verdict_id=verdict.pk).masklet_id == masklet.pk


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_freeze(transactional_db: None) -> None:
    team = factories.team()
    video = factories.ready_video(team.project, team.owner, stored=False, frames=2)
    masklets = [factories.accepted_masklet(video, team) for _ in range(2)]

    def reopen_and_judge() -> str:
        try:
            verdicts.reopen(actor=team.owner, masklet_id=masklets[0].pk, reason="Looks wrong.")
            review = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
            assert review is not None
            verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="reject")
            return Masklet.objects.get(pk=masklets[0].pk).status
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        run = asked(team)
        assert pool.submit(reopen_and_judge).result(20) == MaskletStatus.REJECTED
        releases.pin(run, 0)
    assert items(run) == pins(masklets)


MANY = 60_000


@pytest.mark.django_db(transaction=True)
def test_a_freeze_whose_worker_is_killed_goes_on_and_pins_each_once(
    transactional_db: None, tmp_path: Path
) -> None:
    team = factories.team()
    video = factories.ready_video(team.project, team.owner, stored=False, frames=2)
    one = factories.accepted_masklet(video, team)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO engine_masklet (project_id, video_id, object_id, label, phase, source, trial, priority,"
            " status, doubt, revision_id, created_by_id, created_at, updated_at)"
            " SELECT project_id, video_id, 1 + n, '', phase, source, false, 0,"
            " status, 0, revision_id, created_by_id, created_at, updated_at"
            " FROM engine_masklet, generate_series(1, %s) n WHERE id = %s",
            [MANY - 1, one.pk],
        )
    app = App(tmp_path)
    try:
        app.start("export")
        run = asked(team)
        until(lambda: Run.objects.get(pk=run.pk).progress_done)
        app.kill("export")
        run.refresh_from_db()
        assert (run.status, 0 < run.progress_done < MANY) == (RunStatus.RUNNING, True)
        assert len(items(run)) == run.progress_done
        app.start("export")
        until(lambda: release_of(run).status == ReleaseStatus.FROZEN)
    finally:
        app.stop()
    run.refresh_from_db()
    assert (run.status, run.attempt, run.progress_done) == (RunStatus.SUCCEEDED, 2, MANY)
    assert len(items(run)) == ReleaseItem.objects.count() == MANY


def until(true: Callable[[], Any], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
