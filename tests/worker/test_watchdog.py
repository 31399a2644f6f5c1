"""Progress, not life, keeps a lease."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.supervisor import Supervisor
from engine import dispatch
from engine.models import Masklet, Run, RunKind, RunStatus, Transition
from engine.models.run import MAX_ATTEMPTS
from engine.run_kinds import KINDS
from engine.services import runs
from tests import factories
from tests.app import App
from tests.worker.hanging.apps import QUEUE
from worker import runs as worker_runs
from worker.runs import SLOT, Work, begin_anew, perform


class Ended(BaseException):
    """The process would have ended here."""


@pytest.fixture
def run(team: factories.Team) -> Run:
    video = factories.ready_video(team.project, team.owner, stored=False)
    masklet: Masklet = factories.masklet(video, team.annotator)
    return factories.propagate_run(masklet, team.annotator)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> list[Work]:
    """Works that were found hanging: beats every moment, patience of a quarter of a second."""
    found: list[Work] = []
    hasty = replace(KINDS[RunKind.PROPAGATE], patience=0.25)
    monkeypatch.setitem(KINDS, RunKind.PROPAGATE, hasty)
    monkeypatch.setattr(runs, "HEARTBEAT_EVERY", 0.02)
    monkeypatch.setattr(worker_runs, "_end_hung_worker", found.append)
    return found


def test_work_that_makes_progress_is_left_alone(run: Run, impatient: list[Work]) -> None:
    def count(work: Work) -> None:
        for done in range(10):
            work.progress(done, 10, unit="frames")
            time.sleep(0.08)
        runs.succeed(run=work.run)

    perform(run.pk, count)
    assert not impatient


def test_a_long_step_that_says_that_it_goes_on_is_left_alone(run: Run, impatient: list[Work]) -> None:
    def say(work: Work) -> None:
        for _ in range(10):
            work.alive()
            time.sleep(0.08)
        runs.succeed(run=work.run)

    perform(run.pk, say)
    assert not impatient


def test_saying_the_same_again_and_asking_for_a_cancel_is_no_progress(
    run: Run, impatient: list[Work]
) -> None:
    def repeat(work: Work) -> None:
        deadline = time.monotonic() + 10
        while not impatient and time.monotonic() < deadline:
            work.progress(3, 10, unit="frames")
            assert not work.cancelled
            time.sleep(0.02)
        runs.succeed(run=work.run)

    perform(run.pk, repeat)
    assert impatient


def test_a_worker_that_starts_gives_back_what_its_predecessor_held(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SLOT, "demo-gpu")
    assert runs.take(run.pk, worker=worker_runs.worker_name())
    monkeypatch.setenv(SLOT, "demo")  # no other place, though its name begins the same
    begin_anew()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    monkeypatch.setenv(SLOT, "demo-gpu")
    begin_anew()
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.QUEUED, 1)


@pytest.fixture
def hanging_app(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    hanging = replace(KINDS[RunKind.PROPAGATE], queue=QUEUE, patience=1.0)
    monkeypatch.setitem(KINDS, RunKind.PROPAGATE, hanging)
    app = App(tmp_path)
    app.environment["DJANGO_SETTINGS_MODULE"] = "tests.worker.hanging.settings"
    yield app
    app.stop()


def test_a_task_that_hangs_in_c_ends_its_worker_and_fails_in_the_end(hanging_app: App, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(attempt=MAX_ATTEMPTS - 2)
    said: list[str] = []
    supervisor = Supervisor(say=said.append)
    supervisor.start([hanging_app.service(QUEUE)])
    dispatch._send(run.pk, RunKind.PROPAGATE)
    deadline = time.monotonic() + 90
    while Run.objects.get(pk=run.pk).is_live:
        assert time.monotonic() < deadline, said
        runs.ring_again()
        supervisor.watch(seconds=0.25)
    supervisor.stop(at_once=True)

    run.refresh_from_db()
    assert (run.status, run.error_code, run.attempt) == (RunStatus.FAILED, "hung", MAX_ATTEMPTS)
    assert "stood still" in run.error_message
    assert any("stopped with status 70" in line for line in said), "the worker was started again"
    reasons = Transition.objects.filter(subject_type="run", subject_id=run.pk).values_list(
        "reason", flat=True
    )
    assert any(reason.startswith("no progress for") for reason in reasons)
