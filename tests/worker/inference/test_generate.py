"""Generation in one worker: what it leaves, and what it survives. (The real SIGKILL is in test_kill.py.)"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db.models.functions import Now
from rlemasklib import RLEMask

from engine import storage
from engine.errors import RunInProgress
from engine.models import (
    Candidate,
    Fate,
    Masklet,
    MaskletStatus,
    Revision,
    Run,
    RunKind,
    RunStatus,
    Video,
)
from engine.run_kinds import GenerateParams
from engine.services import checkpoints, generation, runs
from tests import factories
from tests.factories import Team
from worker.inference import generate as generating, trackers
from worker.inference.generate import generate
from worker.render import render_clip
from worker.runs import Work, perform
from worker.sam2.automatic import Track

FRAMES = 8


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, frames=FRAMES)


def ask(team: Team, video: Video, **params: Any) -> Run:
    (run,) = generation.start(actor=team.owner, project=team.project, videos=[video.pk], **params)
    return run


def carry(run: Run) -> Run:
    perform(run.pk, generate)
    run.refresh_from_db()
    return run


def lose(run: Run) -> None:
    """Its worker is gone, its lease runs out."""
    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    runs.requeue_abandoned()
    run.refresh_from_db()


def die_at(run: Run, monkeypatch: pytest.MonkeyPatch, kind: str, times: int) -> None:
    """Do the run on a worker that dies at the `times`-th call of a step."""
    steps = {"persisting": (generating.Generation, "persist"), "telling": (Work, "tell"), "result": None}
    owner, name = steps[kind] or (generating.Generation, "result")
    real, left = getattr(owner, name), times

    def step(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            raise Killed
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, step)
        with pytest.raises(Killed):
            perform(run.pk, generate)
    lose(run)


def keys() -> list[tuple[Any, ...]]:
    rows = Candidate.objects.order_by("pk").values_list("source", "first_frame", "point", "fate")
    return [(source, frame, tuple(point), fate) for source, frame, point, fate in rows]


@pytest.mark.usefixtures("bundled")
def test_the_object_of_a_clip_is_found_and_waits_for_a_reviewer(
    team: Team, video: Video, told: Callable[..., Any]
) -> None:
    run = carry(ask(team, video))
    assert run.status == RunStatus.SUCCEEDED, run.error_message
    waiting = Masklet.objects.filter(video=video, status=MaskletStatus.IN_VERIFICATION)
    disc = [RLEMask.from_array(factories.disc_mask(i)) for i in range(FRAMES)]
    best = max(iou(masklet, disc) for masklet in waiting)
    assert best > 0.8
    for candidate in Candidate.objects.all():
        assert candidate.masklet.revision is not None
        assert candidate.masklet.revision.frame_count == FRAMES
        assert (candidate.fate == Fate.PASSED) == (candidate.masklet.status == MaskletStatus.IN_VERIFICATION)
        assert storage.get(candidate.preview_key)[:2] == b"\xff\xd8"
    assert {event["masklet"] for event in told(run, "candidate")} == set(
        Candidate.objects.values_list("masklet", flat=True)
    )
    assert sum(run.result["fates"].values()) == Candidate.objects.count()
    assert run.result["coverage"]["people"] == [0.0] * FRAMES
    assert all(share > 0.01 for share in run.result["coverage"]["all"])
    assert run.progress_done == run.progress_total > 0
    seconds = generation.estimate(team.project, [video.pk]).seconds_per_frame
    assert seconds == pytest.approx(run.result["seconds"] / FRAMES)


def iou(masklet: Masklet, truth: list[RLEMask]) -> float:
    masks = storage.get_masks(masklet.revision.key)  # type: ignore[union-attr]
    found = [RLEMask.from_dict({"size": masks["size"], **masks["frames"][str(i)]}) for i in range(FRAMES)]
    shared = sum((a & b).area() for a, b in zip(found, truth, strict=True))
    return float(shared / sum((a | b).area() for a, b in zip(found, truth, strict=True)))


@pytest.fixture
def bundled(settings: Any) -> None:
    """The weights that come with Maskloop: random ones find nothing that passes."""
    settings.CHECKPOINT, settings.DEVICE = checkpoints.BUNDLED, "cpu"


@pytest.mark.usefixtures("bundled")
def test_what_people_have_made_is_not_proposed_again(team: Team, video: Video) -> None:
    factories.accepted_masklet(video, team)
    run = carry(ask(team, video))
    disc = [RLEMask.from_array(factories.disc_mask(i)) for i in range(FRAMES)]
    waiting = Masklet.objects.filter(video=video, status=MaskletStatus.IN_VERIFICATION)
    assert all(iou(masklet, disc) < 0.5 for masklet in waiting)
    assert all(share > 0.01 for share in run.result["coverage"]["people"])


@pytest.mark.usefixtures("bundled")
def test_what_people_make_meanwhile_has_precedence(
    team: Team, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run had begun before anybody drew the object."""
    persist, made = generating.Generation.persist, []

    def drawn_meanwhile(self: Any, track: Track) -> None:
        if not made:
            made.append(factories.accepted_masklet(video, team))
        persist(self, track)

    monkeypatch.setattr(generating.Generation, "persist", drawn_meanwhile)
    carry(ask(team, video))
    same = Candidate.objects.filter(duplicate_of=made[0])
    assert {candidate.fate for candidate in same} == {Fate.EXISTING}
    assert {candidate.masklet.status for candidate in same} == {MaskletStatus.FILTERED}


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize(
    ("kind", "times"), [("persisting", 1), ("persisting", 2), ("telling", 2), ("result", 1)]
)
def test_a_run_that_is_killed_at_a_stage_goes_on_and_finds_the_same(
    team: Team, monkeypatch: pytest.MonkeyPatch, kind: str, times: int
) -> None:
    crowd = render_clip(3, width=192, height=128, frames=FRAMES, objects=4, split="test").frames
    whole, cut = (factories.ready_video(team.project, team.owner, frames=crowd) for _ in range(2))
    carry(ask(team, whole))
    wanted = keys()
    assert len(wanted) > 2
    Candidate.objects.all().delete()
    run = ask(team, cut)
    die_at(run, monkeypatch, kind, times)
    assert run.status == RunStatus.QUEUED
    kept = list(Candidate.objects.order_by("pk").values_list("pk", flat=True))
    carry(run)
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 2)
    assert sorted(keys()) == sorted(wanted)
    assert list(Candidate.objects.order_by("pk").values_list("pk", flat=True))[: len(kept)] == kept
    assert Revision.objects.filter(run=run).count() == len(wanted)


@pytest.mark.usefixtures("tiny_checkpoint")
def test_a_checkpoint_that_is_promoted_meanwhile_is_left_to_the_next_run(
    team: Team, video: Video, monkeypatch: pytest.MonkeyPatch, tiny_checkpoint: str
) -> None:
    loaded: list[str] = []
    load = trackers.load
    monkeypatch.setattr(trackers, "load", lambda location: loaded.append(location) or load(location))
    run = ask(team, video)
    die_at(run, monkeypatch, "result", 1)
    factories.champion(team, "bundled")
    carry(run)
    assert loaded == [tiny_checkpoint, tiny_checkpoint]
    carry(ask(team, video))
    assert loaded[-1] == "bundled"


@pytest.mark.usefixtures("tiny_checkpoint")
def test_a_video_that_is_deleted_meanwhile_ends_the_run_quietly(
    team: Team, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(team, video)

    def deleted(self: Any) -> Any:
        Video.objects.filter(pk=video.pk).delete()
        return iter([None])

    monkeypatch.setattr(generating.Generation, "tracks", deleted)
    monkeypatch.setattr(generating.Generation, "_found", lambda self, track: None)
    perform(run.pk, generate)
    assert not Run.objects.filter(pk=run.pk).exists()
    assert not Masklet.objects.exists()


@pytest.mark.usefixtures("tiny_checkpoint")
def test_two_runs_on_one_video_at_once_are_refused(team: Team, video: Video) -> None:
    run = ask(team, video)
    with pytest.raises(RunInProgress):
        runs.request(
            kind=RunKind.GENERATE,
            actor=team.owner,
            project_id=team.project.pk,
            video=video,
            params=GenerateParams(["grid"]),
        )
    assert generation.start(actor=team.owner, project=team.project, videos=[video.pk]) == []
    assert carry(run).status == RunStatus.SUCCEEDED


@pytest.mark.usefixtures("tiny_checkpoint")
def test_a_run_that_is_cancelled_stops_and_says_what_it_found(team: Team, video: Video) -> None:
    run = ask(team, video)
    Run.objects.filter(pk=run.pk).update(cancel_requested=True)
    taken = runs.take(run.pk, worker="here")
    assert taken is not None
    work = Work(taken)
    work.look()
    generate(work)
    run.refresh_from_db()
    assert (run.status, run.result["fates"]) == (RunStatus.CANCELLED, {})


@pytest.mark.usefixtures("tiny_checkpoint")
def test_one_frame_and_nothing_to_see_are_no_failure(team: Team) -> None:
    blank = factories.ready_video(team.project, team.owner, frames=np.zeros((1, 64, 96, 3), np.uint8))
    run = carry(ask(team, blank))
    assert run.status == RunStatus.SUCCEEDED
    assert len(run.result["coverage"]["all"]) == 1
